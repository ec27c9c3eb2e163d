#include "device/runicos/log_ring.h"

#include <algorithm>
#include <cstring>

namespace rune::os {
namespace {

bool continues_character(uint8_t byte) { return (byte & 0xC0) == 0x80; }

}  // namespace

void LogRing::append(std::string_view text) {
  const size_t size = buffer_.size();
  if (size == 0) return;
  end_ += text.size();
  if (text.size() > size) text.remove_prefix(text.size() - size);
  while (!text.empty()) {
    const size_t piece = std::min(text.size(), size - next_);
    memcpy(buffer_.data() + next_, text.data(), piece);
    text.remove_prefix(piece);
    next_ = next_ + piece == size ? 0 : next_ + piece;
  }
}

uint64_t LogRing::read(uint64_t from, MutableBytes into, size_t& copied) const {
  copied = 0;
  const uint64_t oldest = end_ > buffer_.size() ? end_ - buffer_.size() : 0;
  uint64_t begin = std::min(std::max(from, oldest), end_);
  while (begin < end_ && continues_character(at(begin))) ++begin;
  uint64_t stop = std::min<uint64_t>(end_, begin + into.size());
  while (stop > begin && stop < end_ && continues_character(at(stop))) --stop;
  for (uint64_t i = begin; i < stop; ++i) into[copied++] = at(i);
  return stop;
}

}  // namespace rune::os
