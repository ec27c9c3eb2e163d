// The model image: the compiled form of a model, walked in place from flash.
//
// Little-endian, 16-byte aligned, no pointers. One block of records, one of
// strings, one of packed parameters (weights included). The page is
// docs/spec/model-image.md, changed together with this file.
//
//   +------------------+ 0
//   | ImageHeader      |
//   +------------------+ tensors_offset    TensorRecord[tensor_count]
//   | records          | operands_offset   uint16_t[operand_count]  tensor indices
//   |                  | operators_offset  OperatorRecord[operator_count]
//   |                  | groups_offset     GroupRecord[group_count]
//   |                  | kernels_offset    KernelName[kernel_count]
//   |                  | strings_offset    NUL-terminated names
//   +------------------+ data_offset (16-byte aligned)
//   | constants, packed parameters, each 16-byte aligned
//   +------------------+ image_bytes
//
// Life: ModelImage::open() verifies the structure once (sizes, offsets, counts,
// ranges, checksum); accessors afterwards need no checks. What the operators
// themselves require is verified by their kernels when the executor loads it.
#pragma once

#include "device/base/bytes.h"
#include "device/base/result.h"
#include "device/base/tensor.h"

namespace rune::format {

inline constexpr uint32_t kModelImageMagic = 0x314D4952;  // "RIM1"
inline constexpr uint16_t kModelImageVersion = 1;
// Inputs and outputs of one operator, together.
inline constexpr uint32_t kMaxOperands = 8;

enum class Rounding : uint8_t {
  kDouble = 0,  // TFLite's specification: SaturatingRoundingDoublingHighMul, then RoundingDivideByPOT
  kSingle = 1,  // one rounding of the 64-bit product
};

struct ImageHeader {
  uint32_t magic;
  uint16_t version;
  uint8_t rounding;      // Rounding
  uint8_t reserved0;     // 0
  uint32_t image_bytes;  // whole image
  uint32_t checksum;     // CRC-32 of everything after this field
  char target[16];       // NUL-padded; "portable" or the target it is packed for
  uint32_t arena_bytes;  // activations, in-arena inputs and outputs, scratch
  uint16_t tensor_count;
  uint16_t operand_count;
  uint16_t operator_count;
  uint16_t group_count;
  uint16_t kernel_count;
  uint16_t input_count;   // the first operands are the inputs,
  uint16_t output_count;  // then the outputs
  uint16_t reserved1;     // 0
  uint32_t tensors_offset;
  uint32_t operands_offset;
  uint32_t operators_offset;
  uint32_t groups_offset;
  uint32_t kernels_offset;
  uint32_t strings_offset;
  uint32_t strings_bytes;
  uint32_t data_offset;
};
static_assert(sizeof(ImageHeader) == 84);

enum class Storage : uint8_t {
  kArena = 0,     // offset into the arena; live ranges that do not meet may overlap
  kConstant = 1,  // offset into the image, 16-byte aligned
};

struct TensorRecord {
  uint8_t element;     // ElementType
  uint8_t storage;     // Storage
  uint8_t rank;        // 0..6
  uint8_t reserved;    // 0
  uint32_t offset;     // arena: 4-byte aligned at least
  uint32_t ring_rows;  // 0: the whole tensor; else rows held (kernels/kernel.h says what a row is)
  float scale;         // 0: not quantised
  int32_t zero_point;
  uint32_t dims[6];
  uint32_t name;  // offset into strings
};
static_assert(sizeof(TensorRecord) == 48);

struct OperatorRecord {
  uint16_t kernel;         // index into the kernel names
  uint16_t first_operand;  // inputs, then outputs
  uint8_t input_count;
  uint8_t output_count;
  uint16_t reserved;       // 0
  uint32_t params_offset;  // into the image, 16-byte aligned
  uint32_t params_bytes;
  uint32_t scratch_offset;  // into the arena, 16-byte aligned
  uint32_t scratch_bytes;
};
static_assert(sizeof(OperatorRecord) == 24);

enum class GroupKind : uint8_t {
  kWhole = 0,          // each operator runs once, over all its rows
  kRowsAscending = 1,  // the last operator is produced row by row, the others on demand
  kRowsDescending = 2,
};

// A run of operators executed together. Groups partition the operators in order.
struct GroupRecord {
  uint16_t first_operator;
  uint16_t operator_count;
  uint8_t kind;           // GroupKind
  uint8_t rows_per_step;  // rows of the last operator a step; 1..255
  uint16_t reserved;      // 0
};
static_assert(sizeof(GroupRecord) == 8);

struct KernelName {
  uint32_t name;  // offset into strings
};

class ModelImage {
 public:
  ModelImage() = default;

  // Verifies everything that can be known without the kernels. Requires `bytes`
  // to be 16-byte aligned and to outlive the view. kMalformed, kVersion,
  // kChecksum or kInvalid.
  static Result<ModelImage> open(Bytes bytes);

  const ImageHeader& header() const { return *reinterpret_cast<const ImageHeader*>(bytes_.data()); }
  std::span<const TensorRecord> tensors() const {
    return records<TensorRecord>(header().tensors_offset, header().tensor_count);
  }
  std::span<const uint16_t> operands() const {
    return records<uint16_t>(header().operands_offset, header().operand_count);
  }
  std::span<const OperatorRecord> operators() const {
    return records<OperatorRecord>(header().operators_offset, header().operator_count);
  }
  std::span<const GroupRecord> groups() const {
    return records<GroupRecord>(header().groups_offset, header().group_count);
  }
  std::span<const KernelName> kernel_names() const {
    return records<KernelName>(header().kernels_offset, header().kernel_count);
  }
  std::span<const uint16_t> inputs() const { return operands().first(header().input_count); }
  std::span<const uint16_t> outputs() const {
    return operands().subspan(header().input_count, header().output_count);
  }

  std::string_view string(uint32_t offset) const;
  std::string_view target() const;
  // The type of tensor `index`. Requires index < tensor_count.
  TensorType tensor_type(uint16_t index) const;
  Bytes bytes() const { return bytes_; }

 private:
  template <typename T>
  std::span<const T> records(uint32_t offset, size_t count) const {
    return {reinterpret_cast<const T*>(bytes_.data() + offset), count};
  }

  Bytes bytes_;
};

}  // namespace rune::format
