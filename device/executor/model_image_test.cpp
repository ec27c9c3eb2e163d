// The door of trust of model images: a good image opens, and each broken field is refused by name. Beside the
// executor because the image builder of the tests is here.
#include <gtest/gtest.h>

#include "device/executor/test_image.h"

namespace rune::format {
namespace {

using test::AlignedBytes;
using test::TestImage;

AlignedBytes good_image() {
  TestImage image;
  const uint16_t input = image.tensor(ElementType::kI8, {1, 4, 4, 2});
  const uint16_t middle = image.tensor(ElementType::kI8, {1, 4, 4, 2}, 3);
  const uint16_t output = image.tensor(ElementType::kI8, {1, 4, 4, 2});
  image.op("relu_s8", {input}, {middle}, std::vector<uint8_t>(32), 16);
  image.op("relu_s8", {middle}, {output}, std::vector<uint8_t>(32));
  image.group(GroupKind::kRowsAscending, 2);
  return image.build({input}, {output});
}

// Stores `value` of `bytes` bytes at `offset`, seals, opens.
Status open_with(size_t offset, uint32_t value, size_t bytes) {
  AlignedBytes image = good_image();
  for (size_t i = 0; i < bytes; ++i) image.data()[offset + i] = static_cast<uint8_t>(value >> (8 * i));
  TestImage::seal(image.span());
  return ModelImage::open(image.view()).status();
}

template <typename Record>
size_t place(uint32_t ImageHeader::*table, size_t index, size_t field) {
  AlignedBytes image = good_image();
  return reinterpret_cast<const ImageHeader*>(image.data())->*table + index * sizeof(Record) + field;
}
size_t tensor(size_t index, size_t field) {
  return place<TensorRecord>(&ImageHeader::tensors_offset, index, field);
}
size_t op(size_t index, size_t field) {
  return place<OperatorRecord>(&ImageHeader::operators_offset, index, field);
}
size_t group(size_t field) { return place<GroupRecord>(&ImageHeader::groups_offset, 0, field); }

TEST(ModelImage, OpensAGoodImage) {
  const AlignedBytes bytes = good_image();
  const Result<ModelImage> image = ModelImage::open(bytes.view());
  ASSERT_TRUE(image.ok());
  EXPECT_EQ(image.value().target(), "portable");
  EXPECT_EQ(image.value().tensors().size(), 3u);
  EXPECT_EQ(image.value().operators().size(), 2u);
  EXPECT_EQ(image.value().kernel_names().size(), 1u);
  EXPECT_EQ(image.value().string(image.value().kernel_names()[0].name), "relu_s8");
  EXPECT_EQ(image.value().tensor_type(0).size_bytes(), 32u);
}

TEST(ModelImage, RefusesEveryTruncationAndFlippedBit) {
  const AlignedBytes good = good_image();
  for (size_t size = 0; size < good.view().size(); ++size) {
    EXPECT_FALSE(ModelImage::open(good.view().first(size)).ok()) << size;
  }
  for (size_t at = 0; at < good.view().size(); ++at) {
    AlignedBytes image = good_image();
    image.data()[at] ^= 0x10;
    EXPECT_FALSE(ModelImage::open(image.view()).ok()) << at;
  }
}

TEST(ModelImage, NamesWhatIsWrongInTheHeader) {
  EXPECT_EQ(open_with(0, 0, 4), Status::kMalformed);
  EXPECT_EQ(open_with(offsetof(ImageHeader, version), 2, 2), Status::kVersion);
  EXPECT_EQ(open_with(offsetof(ImageHeader, rounding), 2, 1), Status::kInvalid);
  EXPECT_EQ(open_with(offsetof(ImageHeader, reserved0), 1, 1), Status::kInvalid);
  EXPECT_EQ(open_with(offsetof(ImageHeader, target) + 15, 'x', 1), Status::kInvalid);
  EXPECT_EQ(open_with(offsetof(ImageHeader, arena_bytes), 32, 4), Status::kMalformed);
  EXPECT_EQ(open_with(offsetof(ImageHeader, tensors_offset), 0, 4), Status::kMalformed);
  EXPECT_EQ(open_with(offsetof(ImageHeader, operators_offset), 0xFFFFFFF0, 4), Status::kMalformed);
  EXPECT_EQ(open_with(offsetof(ImageHeader, tensor_count), 0xFFFF, 2), Status::kMalformed);
  EXPECT_EQ(open_with(offsetof(ImageHeader, strings_bytes), 1U << 31, 4), Status::kMalformed);
  EXPECT_EQ(open_with(offsetof(ImageHeader, data_offset), 8, 4), Status::kMalformed);
  AlignedBytes image = good_image();
  image.data()[image.view().size() - 1] ^= 1;
  EXPECT_EQ(ModelImage::open(image.view()).status(), Status::kChecksum);
  EXPECT_EQ(ModelImage::open(image.view().subspan(4)).status(), Status::kInvalidArgument);
}

TEST(ModelImage, RefusesTensorsOutOfBounds) {
  EXPECT_EQ(open_with(tensor(0, offsetof(TensorRecord, element)), 99, 1), Status::kInvalid);
  EXPECT_EQ(open_with(tensor(0, offsetof(TensorRecord, storage)), 2, 1), Status::kInvalid);
  EXPECT_EQ(open_with(tensor(0, offsetof(TensorRecord, rank)), 7, 1), Status::kInvalid);
  EXPECT_EQ(open_with(tensor(0, offsetof(TensorRecord, offset)), 2, 4), Status::kInvalid);
  EXPECT_EQ(open_with(tensor(0, offsetof(TensorRecord, offset)), 0xFFFFFFFC, 4), Status::kMalformed);
  EXPECT_EQ(open_with(tensor(0, offsetof(TensorRecord, dims) + 4), 0, 4), Status::kInvalid);
  EXPECT_EQ(open_with(tensor(0, offsetof(TensorRecord, dims) + 4), 0x40000000, 4), Status::kInvalid);
  EXPECT_EQ(open_with(tensor(0, offsetof(TensorRecord, dims) + 16), 1, 4), Status::kInvalid);
  EXPECT_EQ(open_with(tensor(0, offsetof(TensorRecord, scale)), 0x7FC00000, 4), Status::kInvalid);
  EXPECT_EQ(open_with(tensor(0, offsetof(TensorRecord, name)), 4096, 4), Status::kMalformed);
  EXPECT_EQ(open_with(tensor(1, offsetof(TensorRecord, ring_rows)), 5, 4), Status::kInvalid);
  // Inputs and outputs are whole.
  EXPECT_EQ(open_with(tensor(0, offsetof(TensorRecord, ring_rows)), 2, 4), Status::kInvalid);
}

TEST(ModelImage, RefusesOperatorsAndGroupsOutOfBounds) {
  EXPECT_EQ(open_with(op(0, offsetof(OperatorRecord, kernel)), 1, 2), Status::kMalformed);
  EXPECT_EQ(open_with(op(0, offsetof(OperatorRecord, first_operand)), 5, 2), Status::kMalformed);
  EXPECT_EQ(open_with(op(0, offsetof(OperatorRecord, input_count)), 8, 1), Status::kTooLarge);
  EXPECT_EQ(open_with(op(0, offsetof(OperatorRecord, output_count)), 0, 1), Status::kInvalid);
  EXPECT_EQ(open_with(op(0, offsetof(OperatorRecord, params_offset)), 0, 4), Status::kMalformed);
  EXPECT_EQ(open_with(op(0, offsetof(OperatorRecord, params_bytes)), 0xFFFFFFFF, 4), Status::kMalformed);
  EXPECT_EQ(open_with(op(0, offsetof(OperatorRecord, scratch_bytes)), 4096, 4), Status::kMalformed);
  EXPECT_EQ(open_with(op(0, offsetof(OperatorRecord, scratch_offset)), 8, 4), Status::kInvalid);
  EXPECT_EQ(open_with(group(offsetof(GroupRecord, first_operator)), 1, 2), Status::kInvalid);
  EXPECT_EQ(open_with(group(offsetof(GroupRecord, operator_count)), 1, 2), Status::kInvalid);
  EXPECT_EQ(open_with(group(offsetof(GroupRecord, kind)), 3, 1), Status::kInvalid);
  EXPECT_EQ(open_with(group(offsetof(GroupRecord, rows_per_step)), 0, 1), Status::kInvalid);
}

}  // namespace
}  // namespace rune::format
