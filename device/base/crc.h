// The two checksums of Rune's formats. Tested against published check values.
#pragma once

#include "device/base/bytes.h"

namespace rune {

// CRC-32/ISO-HDLC (zip, Ethernet): check("123456789") == 0xCBF43926.
// Chain over pieces by passing the previous result as `seed`.
uint32_t crc32(Bytes bytes, uint32_t seed = 0);

// CRC-16/XMODEM (SMP console framing): check("123456789") == 0x31C3.
uint16_t crc16_xmodem(Bytes bytes, uint16_t seed = 0);

}  // namespace rune
