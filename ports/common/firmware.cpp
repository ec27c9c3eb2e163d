#include "ports/common/firmware.h"

#include "ports/common/board.h"

extern "C" uint8_t rune_pool_begin[], rune_pool_end[];

namespace rune::ports {
namespace {

constexpr const char* kFirmwareVersion = "0.1.0";

// Kept over a reset: what the last fault was.
__attribute__((section(".noinit"))) saga::CrashRecord crash_record;

// The device's one RunicOs, for the fault handler to know which rune ran.
const os::RunicOs* running_os = nullptr;

class BoardSystem final : public hal::System {
 public:
  void reset() override { reset_machine(); }
  void idle() override { board::idle(); }
};

// What runes print goes to the UART between the frames of the link.
class UartConsole final : public hal::Console {
 public:
  void write(std::string_view text) override { (void)board::uart().write(as_bytes(text)); }
};

}  // namespace

// A fault of the firmware itself: a bug of ours, which the record names after the reset.
extern "C" [[noreturn]] void rune_board_fault(const Fault& fault) {
  crash_record = {};
  crash_record.exception = fault.exception;
  crash_record.status = fault.status;
  crash_record.address = fault.address;
  crash_record.pc = fault.pc;
  crash_record.lr = fault.lr;
  if (running_os != nullptr) {
    const std::string_view name = running_os->running_name();
    memcpy(crash_record.rune, name.data(), std::min(name.size(), sizeof(crash_record.rune) - 1));
  }
  saga::seal_crash(crash_record);
  reset_machine();
}

void run_firmware(const Firmware& firmware) {
  static BoardSystem system;
  static UartConsole console;
  static SemihostedSensors sensors(firmware.arguments);
  static const os::OutputGrant outputs[] = {os::PortAuthority::grant_serial()};
  const auto pool_bytes = static_cast<uint32_t>(rune_pool_end - rune_pool_begin);

  static format::Profile profile;
  profile.board = board::name();
  profile.architecture = firmware.architecture;
  profile.firmware = kFirmwareVersion;
  profile.ram_bytes = pool_bytes;
  profile.max_fuel = firmware.max_fuel;
  sensors.describe(pool_bytes, profile);
  (void)profile.outputs.push_back(OutputKind::kSerial);

  os::Port port;
  port.flash = &firmware.flash;
  port.slot_count = firmware.slot_count;
  port.clock = &board::clock();
  port.system = &system;
  port.console = &console;
  port.link = &board::uart();
  port.sensors = sensors.grants();
  port.outputs = outputs;
  port.kernels = firmware.kernels;
  port.profile = &profile;
  port.pool = {rune_pool_begin, pool_bytes};
  port.log = firmware.log;
  port.message = firmware.message;
  port.answer = firmware.answer;
  port.crash = &crash_record;
  static os::RunicOs os(port);
  profile.slot_bytes = os.store().capacity_bytes();
  running_os = &os;
  (void)os.start();  // what fails is in the log, and the link answers all the same
  while (true) os.step();
}

}  // namespace rune::ports
