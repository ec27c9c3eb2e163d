#include "device/link/os_group.h"

namespace rune::link {
namespace {

const OsGroup& group_of(void* context) { return *static_cast<const OsGroup*>(context); }

constexpr std::string_view kInformationFormats = "snrbmpi";

std::string_view information(const OsGroup& os, char format) {
  switch (format) {
    case 's': return os.system_name;
    case 'n': return os.node;
    case 'r': return os.release;
    case 'b': return os.build;
    case 'i': return os.board;
    default: return os.architecture;
  }
}

// Writes the wanted fields, in the fixed order, with a space between; the text is counted
// first because CBOR leads it with its length. 128 bytes: all fields of a device are short.
class Line {
 public:
  void add(std::string_view field) {
    if (size_ > 0) put(' ');
    for (const char each : field) put(each);
  }
  std::string_view text() const { return {text_, size_}; }

 private:
  void put(char character) {
    if (size_ < sizeof text_) text_[size_++] = character;
  }
  char text_[128];
  size_t size_ = 0;
};

}  // namespace

Status handle_echo(void*, const CborReader& request, CborWriter& answer) {
  Result<CborReader> value = request.find("d");
  if (!value.ok()) return Status::kInvalidArgument;
  const Result<std::string_view> text = value.value().text();
  if (!text.ok()) return Status::kInvalidArgument;
  answer.pair("r", text.value());
  return Status::kOk;
}

Status handle_reset(void* os_group, const CborReader&, CborWriter&) {
  const OsGroup& os = group_of(os_group);
  if (os.reset == nullptr) return Status::kUnsupported;
  os.reset(os.context);
  return Status::kOk;
}

Status handle_parameters(void* os_group, const CborReader&, CborWriter& answer) {
  answer.pair("buf_size", int64_t{group_of(os_group).buffer_bytes});
  answer.pair("buf_count", int64_t{group_of(os_group).buffer_count});
  return Status::kOk;
}

Status handle_information(void* os_group, const CborReader& request, CborWriter& answer) {
  std::string_view wanted = "s";
  if (Result<CborReader> value = request.find("format"); value.ok()) {
    const Result<std::string_view> text = value.value().text();
    if (!text.ok()) return Status::kInvalidArgument;
    wanted = text.value();
  }
  const bool all = wanted == "a";
  for (const char each : wanted) {
    if (!all && kInformationFormats.find(each) == std::string_view::npos) return Status::kInvalidArgument;
  }
  Line line;
  for (const char each : kInformationFormats) {
    if (all || wanted.find(each) != std::string_view::npos) line.add(information(group_of(os_group), each));
  }
  answer.pair("output", line.text());
  return Status::kOk;
}

Status handle_groups(void* os_group, const CborReader&, CborWriter& answer) {
  const std::span<const Handler> handlers = group_of(os_group).handlers;
  answer.text("groups");
  answer.begin_array();
  for (size_t i = 0; i < handlers.size(); ++i) {
    bool listed = false;
    for (size_t before = 0; before < i; ++before)
      listed = listed || handlers[before].group == handlers[i].group;
    if (!listed) answer.unsigned_integer(handlers[i].group);
  }
  answer.end();
  return Status::kOk;
}

}  // namespace rune::link
