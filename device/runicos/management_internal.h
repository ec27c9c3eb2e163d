// RunicOS's commands on the link: files, and the rune group (docs/spec/smp.md).
#pragma once

#include "device/runicos/runicos.h"

namespace rune::os {

struct Management {
  // Fills os.handlers_ with every group that the device serves.
  static void add_handlers(RunicOs& os);
  static void ask_reset(void* os);

  static Status upload(RunicOs& os, const CborReader& request, CborWriter& answer);
  static Status download(RunicOs& os, const CborReader& request, CborWriter& answer);
  static Status file_status(RunicOs& os, const CborReader& request, CborWriter& answer);
  static Status checksum(RunicOs& os, const CborReader& request, CborWriter& answer);
  static Status information(RunicOs& os, const CborReader& request, CborWriter& answer);
  static Status list(RunicOs& os, const CborReader& request, CborWriter& answer);
  static Status control(RunicOs& os, const CborReader& request, CborWriter& answer);
  static Status metrics(RunicOs& os, const CborReader& request, CborWriter& answer);
  static Status log(RunicOs& os, const CborReader& request, CborWriter& answer);
  static Status call(RunicOs& os, const CborReader& request, CborWriter& answer);
};

}  // namespace rune::os
