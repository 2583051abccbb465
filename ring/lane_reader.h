// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef RING_LANE_READER_H_
#define RING_LANE_READER_H_

#include <cstdint>

#include "ring/lane_memory.h"
#include "ring/ring_layout.h"

namespace ringway {

enum class PeekResult {
  kRecord,
  kEmpty,
  kPeerBroken,  // what stands there is no record
};

// A record that was found, copied out of shared memory and bounded: its bytes
// lie inside the lane. Its payload is still the producer's to change.
struct LaneRecord {
  RecordHeader header;
  uint64_t second = 0;
  uint64_t offset = 0;    // of the record in the lane
  uint64_t position = 0;  // of its first byte
  uint64_t end() const { return position + header.bytes; }
};

// The consumer's half of a lane. It keeps no state but the lane's place:
// callers keep the positions they have reached, so that one thread can look
// ahead while another's position stays.
template <class Memory>
class BasicLaneReader {
 public:
  BasicLaneReader() = default;
  BasicLaneReader(Memory memory, uint64_t base) : memory_(memory), base_(base) {}

  bool valid() const { return memory_.valid(); }
  const Memory& memory() const { return memory_; }
  uint64_t base() const { return base_; }

  // Looks at the record at `*position`, stepping over a pad if one is there.
  PeekResult Peek(uint64_t* position, LaneRecord* record) const {
    for (int pads = 0;; ++pads) {
      const uint64_t offset = memory_.OffsetOf(*position - base_);
#if defined(RW_MUTANT_NO_ACQUIRE)
      const uint64_t word = memory_.LoadHeader(offset, std::memory_order_relaxed);
#else
      // [lane.publish] Pairs with BasicLaneWriter::Publish(). Loaded once, then
      // only the copy is looked at.
      const uint64_t word = memory_.LoadHeader(offset, std::memory_order_acquire);
#endif
      if (word == 0) return PeekResult::kEmpty;
      const RecordHeader header = RecordHeader::Unpack(word);
      if (!Plausible(word, header, offset)) [[unlikely]]
        return PeekResult::kPeerBroken;
      if (header.kind != RecordKind::kPad) [[likely]] {
        *record = {header, memory_.LoadSecond(offset), offset, *position};
        return PeekResult::kRecord;
      }
      // A pad ends where the lane ends, and two in a row make no progress.
      if (pads != 0 || header.bytes != memory_.capacity() - offset) return PeekResult::kPeerBroken;
      *position += header.bytes;
    }
  }

 private:
  bool Plausible(uint64_t word, RecordHeader header, uint64_t offset) const {
    return header.bytes >= kRecordPrefixBytes && header.bytes % kRecordAlign == 0 &&
           header.bytes <= memory_.capacity() - offset &&
           static_cast<uint8_t>(header.kind) - 1u < kRecordKindLast &&
           (word >> kRecordFlagsShift & ~uint64_t{kRecordFlagsKnown}) == 0;
  }

  Memory memory_;
  uint64_t base_ = 0;
};

using LaneReader = BasicLaneReader<LaneMemory>;

}  // namespace ringway

#endif  // RING_LANE_READER_H_
