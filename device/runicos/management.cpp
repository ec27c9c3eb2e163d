#include <algorithm>

#include "device/base/crc.h"
#include "device/runicos/management_internal.h"

namespace rune::os {
namespace {

// Bytes of a message around the data of a file or of the log: header, keys, numbers.
constexpr size_t kEnvelopeBytes = 64;
constexpr size_t kMaxMetricsBytes = 640;
constexpr size_t kMaxProfileBytes = 384;

template <auto kHandle>
Status enter(void* context, const CborReader& request, CborWriter& answer) {
  return kHandle(*static_cast<RunicOs*>(context), request, answer);
}

Result<std::string_view> text_of(const CborReader& request, std::string_view key) {
  Result<CborReader> value = request.find(key);
  if (!value.ok()) return value.status() == Status::kNotFound ? Status::kInvalidArgument : value.status();
  return value.value().text();
}

// A missing number is `otherwise`.
Result<uint64_t> number_of(const CborReader& request, std::string_view key, uint64_t otherwise) {
  Result<CborReader> value = request.find(key);
  if (value.status() == Status::kNotFound) return otherwise;
  if (!value.ok()) return value.status();
  return value.value().unsigned_integer();
}

// The rune of a path "/runes/<name>.rune".
Result<std::string_view> rune_of_path(const CborReader& request) {
  static constexpr std::string_view kFolder = "/runes/", kSuffix = ".rune";
  const Result<std::string_view> path = text_of(request, "name");
  if (!path.ok()) return path.status();
  const std::string_view text = path.value();
  if (text.size() <= kFolder.size() + kSuffix.size() || text.substr(0, kFolder.size()) != kFolder ||
      text.substr(text.size() - kSuffix.size()) != kSuffix) {
    return Status::kNotFound;
  }
  const std::string_view name = text.substr(kFolder.size(), text.size() - kFolder.size() - kSuffix.size());
  if (!valid_rune_name(name)) return Status::kInvalidArgument;
  return name;
}

// The file of a name: the one received last, else the installed one.
Result<uint32_t> slot_of_path(Store& store, const CborReader& request) {
  const Result<std::string_view> name = rune_of_path(request);
  if (!name.ok()) return name.status();
  const Result<uint32_t> inactive = store.find_inactive(name.value());
  if (inactive.ok() && store.slot(inactive.value()).state != SlotState::kReceiving) return inactive;
  return store.find_installed(name.value());
}

// Room for data in the answer under way.
size_t room_for_data(const CborWriter& answer, size_t buffer_bytes) {
  const size_t used = answer.needed() + kEnvelopeBytes;
  return buffer_bytes > used ? buffer_bytes - used : 0;
}

}  // namespace

void Management::add_handlers(RunicOs& os) {
  const Port& port = os.port_;
  os.os_group_.buffer_bytes = static_cast<uint32_t>(port.message.size());
  os.os_group_.system_name = "RunicOS";
  os.os_group_.release = port.profile->firmware;
  os.os_group_.architecture = port.profile->architecture;
  os.os_group_.board = port.profile->board;
  os.os_group_.reset = &ask_reset;
  os.os_group_.context = &os;
  auto& table = os.handlers_;
  (void)link::add_os_group(os.os_group_, table);
  using link::Operation;
  const link::Handler handlers[] = {
      {link::kGroupFs, 0, Operation::kWrite, &enter<&upload>, &os},
      {link::kGroupFs, 0, Operation::kRead, &enter<&download>, &os},
      {link::kGroupFs, 1, Operation::kRead, &enter<&file_status>, &os},
      {link::kGroupFs, 2, Operation::kRead, &enter<&checksum>, &os},
      {link::kGroupRune, 0, Operation::kRead, &enter<&information>, &os},
      {link::kGroupRune, 1, Operation::kRead, &enter<&list>, &os},
      {link::kGroupRune, 2, Operation::kWrite, &enter<&control>, &os},
      {link::kGroupRune, 3, Operation::kRead, &enter<&metrics>, &os},
      {link::kGroupRune, 4, Operation::kRead, &enter<&log>, &os},
      {link::kGroupRune, 6, Operation::kWrite, &enter<&call>, &os},
  };
  for (const link::Handler& handler : handlers) (void)table.push_back(handler);
  os.os_group_.handlers = {table.begin(), table.size()};
}

void Management::ask_reset(void* os) { static_cast<RunicOs*>(os)->reset_wanted_ = true; }

Status Management::upload(RunicOs& os, const CborReader& request, CborWriter& answer) {
  const Result<uint64_t> offset = number_of(request, "off", 0);
  if (!offset.ok()) return offset.status();
  Result<CborReader> data = request.find("data");
  if (!data.ok()) return Status::kInvalidArgument;
  const Result<Bytes> chunk = data.value().bytes();
  if (!chunk.ok()) return chunk.status();
  if (offset.value() == 0) {
    const Result<std::string_view> name = rune_of_path(request);
    if (!name.ok()) return name.status();
    const Result<uint64_t> size = number_of(request, "len", 0);
    if (!size.ok()) return size.status();
    if (size.value() > UINT32_MAX) return Status::kTooLarge;
    RUNE_TRY(os.store_.begin(name.value(), static_cast<uint32_t>(size.value())));
  }
  const uint32_t at = static_cast<uint32_t>(std::min<uint64_t>(offset.value(), UINT32_MAX));
  const Result<uint32_t> next = os.store_.append(at, chunk.value());
  if (!next.ok()) return next.status();
  answer.pair("off", next.value());
  return Status::kOk;
}

Status Management::download(RunicOs& os, const CborReader& request, CborWriter& answer) {
  const Result<uint32_t> index = slot_of_path(os.store_, request);
  if (!index.ok()) return index.status();
  const Result<uint64_t> offset = number_of(request, "off", 0);
  if (!offset.ok()) return offset.status();
  if (offset.value() > os.store_.slot(index.value()).file_bytes) return Status::kInvalidArgument;
  uint8_t chunk[256];
  const size_t room = std::min(room_for_data(answer, os.port_.answer.size()), sizeof(chunk));
  const Result<uint32_t> size = os.store_.read(index.value(), static_cast<uint32_t>(offset.value()),
                                               MutableBytes(chunk, room & ~size_t{3}));
  if (!size.ok()) return size.status();
  answer.pair("off", static_cast<int64_t>(offset.value()));
  answer.text("data");
  answer.bytes(Bytes(chunk, size.value()));
  if (offset.value() == 0) answer.pair("len", os.store_.slot(index.value()).file_bytes);
  return Status::kOk;
}

Status Management::file_status(RunicOs& os, const CborReader& request, CborWriter& answer) {
  const Result<uint32_t> index = slot_of_path(os.store_, request);
  if (!index.ok()) return index.status();
  answer.pair("len", os.store_.slot(index.value()).file_bytes);
  return Status::kOk;
}

Status Management::checksum(RunicOs& os, const CborReader& request, CborWriter& answer) {
  const Result<uint32_t> index = slot_of_path(os.store_, request);
  if (!index.ok()) return index.status();
  const Result<std::string_view> type = text_of(request, "type");
  if (type.ok() && type.value() != "crc32") return Status::kUnsupported;
  uint8_t chunk[256];
  uint32_t sum = 0;
  for (uint32_t at = 0;;) {
    const Result<uint32_t> size = os.store_.read(index.value(), at, chunk);
    if (!size.ok()) return size.status();
    if (size.value() == 0) break;
    sum = crc32(Bytes(chunk, size.value()), sum);
    at += size.value();
  }
  answer.pair("type", "crc32");
  answer.pair("off", 0);
  answer.pair("len", os.store_.slot(index.value()).file_bytes);
  answer.pair("output", sum);
  return Status::kOk;
}

Status Management::information(RunicOs& os, const CborReader&, CborWriter& answer) {
  uint8_t profile[kMaxProfileBytes];
  CborWriter out(profile);
  RUNE_TRY(format::write_profile(*os.port_.profile, out));
  answer.text("profile");
  answer.bytes(out.written());
  return Status::kOk;
}

Status Management::list(RunicOs& os, const CborReader&, CborWriter& answer) {
  answer.text("runes");
  answer.begin_array();
  for (uint32_t i = 0;; ++i) {
    const Result<RuneInfo> rune = os.rune(i);
    if (!rune.ok()) break;
    const RuneInfo& info = rune.value();
    answer.begin_map(info.error.empty() ? 3 : 4);
    answer.pair("name", info.name);
    answer.pair("state", rune_state_name(info.state));
    answer.pair("bytes", info.size_bytes);
    if (!info.error.empty()) answer.pair("error", info.error);
  }
  answer.end();
  return Status::kOk;
}

Status Management::control(RunicOs& os, const CborReader& request, CborWriter& answer) {
  const Result<std::string_view> name = text_of(request, "name");
  if (!name.ok()) return name.status();
  const Result<std::string_view> operation = text_of(request, "op");
  if (!operation.ok()) return operation.status();
  Status status = Status::kUnsupported;
  if (operation.value() == "install") status = os.install(name.value());
  if (operation.value() == "start") status = os.start_rune(name.value());
  if (operation.value() == "stop") status = os.stop_rune(name.value());
  if (operation.value() == "remove") status = os.remove(name.value());
  if (status != Status::kOk && status != Status::kNeedsReset) return status;
  const Result<RuneInfo> rune = os.find(name.value());
  answer.pair("state", rune.ok() ? rune_state_name(rune.value().state) : "removed");
  answer.text("reset");
  answer.boolean(status == Status::kNeedsReset);
  if (status == Status::kNeedsReset) os.reset_wanted_ = true;
  return Status::kOk;
}

Status Management::metrics(RunicOs& os, const CborReader& request, CborWriter& answer) {
  const Result<uint64_t> offset = number_of(request, "off", 0);
  if (!offset.ok()) return offset.status();
  uint8_t text[kMaxMetricsBytes];
  CborWriter out(text);
  os.saga_.write_metrics(os.port_.clock->now_us(), out);
  RUNE_TRY(out.status());
  const Bytes all = out.written();
  const size_t begin = static_cast<size_t>(std::min<uint64_t>(offset.value(), all.size()));
  const size_t size = std::min(room_for_data(answer, os.port_.answer.size()), all.size() - begin);
  answer.pair("off", static_cast<int64_t>(begin));
  answer.pair("len", static_cast<int64_t>(all.size()));
  answer.text("data");
  answer.bytes(all.subspan(begin, size));
  return Status::kOk;
}

Status Management::log(RunicOs& os, const CborReader& request, CborWriter& answer) {
  const Result<uint64_t> offset = number_of(request, "off", 0);
  if (!offset.ok()) return offset.status();
  uint8_t text[256];
  const size_t room = std::min(room_for_data(answer, os.port_.answer.size()), sizeof(text));
  size_t size = 0;
  const uint64_t next = os.log_.ring().read(offset.value(), MutableBytes(text, room), size);
  answer.pair("off", static_cast<int64_t>(next));
  answer.pair("data", as_text(Bytes(text, size)));
  return Status::kOk;
}

Status Management::call(RunicOs& os, const CborReader& request, CborWriter& answer) {
  const Result<std::string_view> name = text_of(request, "name");
  if (!name.ok()) return name.status();
  RUNE_TRY(os.call(name.value()));
  answer.pair("us", static_cast<int64_t>(os.process_.last_call_us()));
  return Status::kOk;
}

}  // namespace rune::os
