// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef RING_LANE_MEMORY_H_
#define RING_LANE_MEMORY_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "ring/ring_layout.h"

namespace ringway {

// The bytes of a lane, as LaneWriter and LaneReader reach them. This is the
// seam at which a model checker puts its own memory (tests/model).
class LaneMemory {
 public:
  LaneMemory() = default;
  LaneMemory(const void* bytes, uint64_t capacity)
      : bytes_(static_cast<std::byte*>(const_cast<void*>(bytes))), mask_(capacity - 1) {}

  bool valid() const { return bytes_ != nullptr; }
  uint64_t capacity() const { return mask_ + 1; }
  uint64_t OffsetOf(uint64_t distance) const { return distance & mask_; }

  // Words at multiples of kRecordAlign: headers.
  uint64_t LoadHeader(uint64_t offset, std::memory_order order) const {
    return Word(offset)->load(order);
  }
  void StoreHeader(uint64_t offset, uint64_t value, std::memory_order order) const {
    Word(offset)->store(value, order);
  }

  // The word after a header. Only read once the header is there.
  uint64_t LoadSecond(uint64_t offset) const {
    return Word(offset + 8)->load(std::memory_order_relaxed);  // after the header's acquire
  }
  void StoreSecond(uint64_t offset, uint64_t value) const {
    Word(offset + 8)->store(value, std::memory_order_relaxed);  // before the header's release
  }

  std::byte* At(uint64_t offset) const { return bytes_ + offset; }

 private:
  std::atomic<uint64_t>* Word(uint64_t offset) const {
    return reinterpret_cast<std::atomic<uint64_t>*>(bytes_ + offset);
  }

  std::byte* bytes_ = nullptr;
  uint64_t mask_ = ~uint64_t{0};
};

}  // namespace ringway

#endif  // RING_LANE_MEMORY_H_
