#include "device/runicos/serial_json.h"

#include "device/base/format_number.h"

namespace rune::os {
namespace {

uint64_t load_unsigned(const uint8_t* at, uint32_t size) {
  uint64_t value = 0;
  for (uint32_t i = size; i-- > 0;) value = value << 8 | at[i];
  return value;
}

int64_t load_signed(const uint8_t* at, uint32_t size) {
  const uint32_t unused = 64 - size * 8;
  return static_cast<int64_t>(load_unsigned(at, size) << unused) >> unused;
}

// Text of a finite number; null otherwise, for JSON has no other.
template <typename Float, typename Format>
size_t format_finite(const uint8_t* at, Format format, std::span<char> text) {
  Float value;
  memcpy(&value, at, sizeof(value));
  if (value - value == 0) return format(value, text);
  memcpy(text.data(), "null", 4);
  return 4;
}

void write_number(ElementType element, const uint8_t* at, hal::Console& console) {
  char text[kMaxNumberText];
  const uint32_t size = element_bytes(element);
  size_t length = 0;
  switch (element) {
    case ElementType::kF32: length = format_finite<float>(at, format_float, text); break;
    case ElementType::kF64: length = format_finite<double>(at, format_double, text); break;
    case ElementType::kI8:
    case ElementType::kI16:
    case ElementType::kI32:
    case ElementType::kI64: length = format_integer(load_signed(at, size), text); break;
    default: length = format_unsigned(load_unsigned(at, size), text); break;
  }
  console.write({text, length});
}

void write_string(std::string_view text, hal::Console& console) {
  console.write("\"");
  size_t plain = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const unsigned char letter = static_cast<unsigned char>(text[i]);
    if (letter >= 0x20 && letter != '"' && letter != '\\') continue;
    console.write(text.substr(plain, i - plain));
    plain = i + 1;
    if (letter == '"' || letter == '\\') {
      const char escaped[2] = {'\\', text[i]};
      console.write({escaped, 2});
    } else {
      const char* const hex = "0123456789abcdef";
      const char escaped[6] = {'\\', 'u', '0', '0', hex[letter >> 4], hex[letter & 15]};
      console.write({escaped, 6});
    }
  }
  console.write(text.substr(plain));
  console.write("\"");
}

void write_unsigned(uint64_t value, hal::Console& console) {
  char text[kMaxNumberText];
  console.write({text, format_unsigned(value, text)});
}

void write_element(const GuestTensor& tensor, uint32_t index, GuestMemory memory, hal::Console& console) {
  const uint8_t* const at = tensor.data.data() + index * element_bytes(tensor.type.element);
  if (tensor.type.element == ElementType::kUtf8) {
    write_string(memory.string(tensor, index).value(), console);
  } else if (tensor.type.element == ElementType::kBool) {
    console.write(*at != 0 ? "true" : "false");
  } else {
    write_number(tensor.type.element, at, console);
  }
}

void write_tensor(const GuestTensor& tensor, GuestMemory memory, hal::Console& console) {
  console.write("{\"type_name\":\"");
  console.write(element_name(tensor.type.element));
  console.write("\",\"channel\":");
  write_unsigned(tensor.channel, console);
  console.write(",\"elements\":[");
  const uint32_t count = tensor.type.shape.elements();
  for (uint32_t i = 0; i < count; ++i) {
    if (i > 0) console.write(",");
    write_element(tensor, i, memory, console);
  }
  console.write("],\"dimensions\":[");
  for (uint32_t i = 0; i < tensor.type.shape.rank; ++i) {
    if (i > 0) console.write(",");
    write_unsigned(tensor.type.shape.dims[i], console);
  }
  console.write("]}");
}

Status check_tensor(const GuestTensor& tensor, GuestMemory memory) {
  if (tensor.type.element == ElementType::kF16) return Status::kUnsupported;
  if (tensor.type.element != ElementType::kUtf8) return Status::kOk;
  for (uint32_t i = 0; i < tensor.type.shape.elements(); ++i) RUNE_TRY(memory.string(tensor, i).status());
  return Status::kOk;
}

}  // namespace

Status write_serial_json(std::span<const GuestTensor> tensors, GuestMemory memory, hal::Console& console) {
  for (const GuestTensor& tensor : tensors) RUNE_TRY(check_tensor(tensor, memory));
  if (tensors.size() != 1) console.write("[");
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (i > 0) console.write(",");
    write_tensor(tensors[i], memory, console);
  }
  if (tensors.size() != 1) console.write("]");
  console.write("\n");
  return Status::kOk;
}

}  // namespace rune::os
