// SMP's OS and enumeration groups: what every stock client asks first.
//
//   echo 0/0, reset 0/5, buffer parameters 0/6, information 0/7, list of groups 10/1
//
//   OsGroup os{.buffer_bytes = 1024, .system_name = "RunicOS", .reset = &request_reset};
//   FixedVector<Handler, 16> handlers;
//   (void)add_os_group(os, handlers);
//   ...                                        // the other groups
//   os.handlers = {handlers.begin(), handlers.size()};
//   Server server(os.handlers);
//
// Bytes: docs/spec/smp.md. Tested by os_group_test.cpp, also with a stock client in tests/hmr.
#pragma once

#include "device/base/fixed_vector.h"
#include "device/link/smp.h"

namespace rune::link {

struct OsGroup {
  // The largest message that the device takes, CRC and length field included: stock clients
  // send messages of up to buffer_bytes - 4 over a serial line.
  uint32_t buffer_bytes = 0;
  uint32_t buffer_count = 1;
  std::string_view system_name;   // 's'
  std::string_view node;          // 'n', the name of this device
  std::string_view release;       // 'r'
  std::string_view build;         // 'b'
  std::string_view architecture;  // 'm' and 'p'
  std::string_view board;         // 'i'
  // Asks for a restart once the answer has been sent; must return. Null: not supported.
  void (*reset)(void* context) = nullptr;
  void* context = nullptr;
  std::span<const Handler> handlers;  // all that the server has; for the list of groups
};

Status handle_echo(void* os_group, const CborReader& request, CborWriter& answer);
Status handle_reset(void* os_group, const CborReader& request, CborWriter& answer);
Status handle_parameters(void* os_group, const CborReader& request, CborWriter& answer);
Status handle_information(void* os_group, const CborReader& request, CborWriter& answer);
Status handle_groups(void* os_group, const CborReader& request, CborWriter& answer);

// Adds the handlers; `os` must outlive the table. kTooLarge when the table is full.
template <size_t N>
Status add_os_group(OsGroup& os, FixedVector<Handler, N>& table) {
  RUNE_TRY(table.push_back({kGroupOs, 0, Operation::kRead, &handle_echo, &os}));
  RUNE_TRY(table.push_back({kGroupOs, 0, Operation::kWrite, &handle_echo, &os}));
  RUNE_TRY(table.push_back({kGroupOs, 5, Operation::kWrite, &handle_reset, &os}));
  RUNE_TRY(table.push_back({kGroupOs, 6, Operation::kRead, &handle_parameters, &os}));
  RUNE_TRY(table.push_back({kGroupOs, 7, Operation::kRead, &handle_information, &os}));
  return table.push_back({kGroupEnumeration, 1, Operation::kRead, &handle_groups, &os});
}

}  // namespace rune::link
