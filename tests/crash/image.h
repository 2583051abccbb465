// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef TESTS_CRASH_IMAGE_H_
#define TESTS_CRASH_IMAGE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "ring/lane_memory.h"
#include "ring/ring_layout.h"

namespace ringway::crash {

// All that the two sides of a route share: what a peer finds when the other one is killed.
struct Image {
  static constexpr int kLanes = 3;
  static constexpr uint64_t kLaneBytes[kLanes] = {256, 256, 512};

  LaneMemory memory(int lane) const { return LaneMemory(bytes + OffsetOf(lane), kLaneBytes[lane]); }
  static constexpr uint64_t OffsetOf(int lane) { return 256 * static_cast<uint64_t>(lane); }
  static constexpr LaneRef RefOf(int lane) { return {7, OffsetOf(lane), lane == 2 ? 9u : 8u}; }

  RouteEndBlock producer;
  RouteEndBlock consumer;
  alignas(64) std::byte bytes[1024];
};

// A lane of the route, from the position where it begins.
struct LaneUse {
  uint64_t base;
  int lane;
};

// What the script is doing, told to the checker as it goes: which images are good. Not part of the
// image. Told() keeps these stores where they stand in the program.
struct Plan {
  std::atomic<uint32_t> stepping;  // else the script is between two operations
  std::atomic<const char*> operation;

  // Parcels are numbered. In the lanes are [oldest, next), of which the first may go once
  // `releasing`; the `aside` next ones may come, all at once, once `publishing`, and the end once
  // `closing`.
  std::atomic<uint64_t> oldest;
  std::atomic<uint64_t> next;
  std::atomic<uint64_t> aside;
  std::atomic<uint32_t> publishing;
  std::atomic<uint32_t> releasing;
  std::atomic<uint32_t> closing;
  std::atomic<uint32_t> closed;
  std::atomic<uint64_t> head_before;

  // The consumer's wake word, before and after the operation, and what its traps then want.
  std::atomic<uint64_t> readers_before;
  std::atomic<uint64_t> readers_after;
  std::atomic<uint64_t> trap_parcels;
  std::atomic<uint32_t> answered_before;

  // What the operations came to, so that nobody believes in images of nothing.
  std::atomic<uint64_t> padded;
  std::atomic<uint64_t> grown;
  std::atomic<uint64_t> answered;
  std::atomic<uint64_t> ended;

  static constexpr int kUsesMax = 4096;
  std::atomic<int> uses;  // lanes the route ever had, the one of the head among the last
  LaneUse use[kUsesMax];
};

struct World {
  Image image;
  Plan plan;
};

template <class T, class V>
void Tell(std::atomic<T>& what, V value) {
  std::atomic_signal_fence(std::memory_order_seq_cst);
  what.store(static_cast<T>(value), std::memory_order_relaxed);  // the checker looks when we stand
  std::atomic_signal_fence(std::memory_order_seq_cst);
}
template <class T>
T Told(const std::atomic<T>& what) {
  return what.load(std::memory_order_relaxed);  // as above
}

// What parcel `number` is made of.
inline uint64_t Mix(uint64_t x) {
  x = (x ^ x >> 31) * 0x7fb5d329728ea185;
  x = (x ^ x >> 27) * 0x81dadef4bc2dd44d;
  return x ^ x >> 33;
}
inline constexpr uint64_t kPayloadWordsMax = 13;
inline uint64_t PayloadWords(uint64_t number) { return Mix(number) % (kPayloadWordsMax + 1); }
// Every third word looks like a record, for readers that go astray.
inline uint64_t PayloadWord(uint64_t number, uint64_t i) {
  return (number + i) % 3 == 0 ? RecordHeader{16, RecordKind::kData, 0}.Pack() : Mix(~number - i);
}
inline uint64_t RecordBytes(uint64_t number) {
  return AlignRecord(kRecordPrefixBytes + PayloadWords(number) * 8);
}

}  // namespace ringway::crash

#endif  // TESTS_CRASH_IMAGE_H_
