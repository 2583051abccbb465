// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef TESTS_MODEL_LANE_MEMORY_H_
#define TESTS_MODEL_LANE_MEMORY_H_

#include <atomic>
#include <cstdint>

#include "ring/lane_reader.h"
#include "ring/lane_writer.h"
#include "ring/ring_layout.h"
#include "tests/model/relacy.h"

namespace ringway::model {

// The words of a lane. Each is an atomic, for a header may stand there in one lap and payload in
// the next, and two plain variables, in which Relacy sees the races: payload that is written while
// anyone reads the word, and a header that is stored while payload is read there.
template <uint64_t kCapacity>
struct LaneWords {
  // Full of what an earlier use left: at every place a header of a record that looks good.
  LaneWords() {
    for (uint64_t i = 0; i != kCapacity / 8; ++i) {
      word[i].store(RecordHeader{16, RecordKind::kData, 0}.Pack(), rl::mo_relaxed, RL_INFO);
      payload[i](RL_INFO) = 0;
      header[i](RL_INFO) = 0;
    }
  }

  rl::atomic<uint64_t> word[kCapacity / 8];
  rl::var<uint64_t> payload[kCapacity / 8];
  rl::var<uint64_t> header[kCapacity / 8];
};

// LaneMemory (ring/lane_memory.h) for Relacy.
template <uint64_t kCapacity>
class ModelMemory {
 public:
  ModelMemory() = default;
  explicit ModelMemory(LaneWords<kCapacity>* words) : words_(words) {}

  bool valid() const { return words_ != nullptr; }
  static uint64_t capacity() { return kCapacity; }
  static uint64_t OffsetOf(uint64_t distance) { return distance & (kCapacity - 1); }

  uint64_t LoadHeader(uint64_t offset, std::memory_order order) const {
    Read(words_->payload[offset / 8]);
    return words_->word[offset / 8].load(RelacyOrder(order), RL_INFO);
  }
  void StoreHeader(uint64_t offset, uint64_t value, std::memory_order order) const {
    words_->header[offset / 8](RL_INFO) = value;
    words_->word[offset / 8].store(value, RelacyOrder(order), RL_INFO);
  }
  uint64_t LoadSecond(uint64_t offset) const {
    return LoadHeader(offset + 8, std::memory_order_relaxed);
  }
  void StoreSecond(uint64_t offset, uint64_t value) const {
    StoreHeader(offset + 8, value, std::memory_order_relaxed);
  }

  uint64_t LoadPayload(uint64_t offset) const {
    Read(words_->header[offset / 8]);
    return words_->payload[offset / 8](RL_INFO);
  }
  void StorePayload(uint64_t offset, uint64_t value) const {
    words_->payload[offset / 8](RL_INFO) = value;
    // What a load of a header finds there in a later lap.
    rl::preemption_disabler uninterrupted(rl::ctx());
    words_->word[offset / 8].store(value, rl::mo_relaxed, RL_INFO);
  }

 private:
  static void Read(const rl::var<uint64_t>& variable) {
    (void)static_cast<uint64_t>(variable(RL_INFO));
  }

  LaneWords<kCapacity>* words_ = nullptr;
};

}  // namespace ringway::model

#endif  // TESTS_MODEL_LANE_MEMORY_H_
