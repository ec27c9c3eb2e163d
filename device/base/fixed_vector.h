// FixedVector<T, N>: at most N elements in place, no heap.
//
// push_back reports a full vector instead of growing. Elements are value
// initialised, so T must be default constructible.
#pragma once

#include <array>
#include <cstddef>

#include "device/base/status.h"

namespace rune {

template <typename T, size_t N>
class FixedVector {
 public:
  static constexpr size_t capacity() { return N; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  bool full() const { return size_ == N; }
  void clear() { size_ = 0; }

  // Requires index < size().
  T& operator[](size_t index) { return items_[index]; }
  const T& operator[](size_t index) const { return items_[index]; }
  T& back() { return items_[size_ - 1]; }
  const T& back() const { return items_[size_ - 1]; }

  T* begin() { return items_.data(); }
  T* end() { return items_.data() + size_; }
  const T* begin() const { return items_.data(); }
  const T* end() const { return items_.data() + size_; }

  // kTooLarge when full; the vector is then unchanged.
  Status push_back(const T& item) {
    if (full()) return Status::kTooLarge;
    items_[size_++] = item;
    return Status::kOk;
  }

 private:
  std::array<T, N> items_{};
  size_t size_ = 0;
};

}  // namespace rune
