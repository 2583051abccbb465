// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef RING_LANE_WRITER_H_
#define RING_LANE_WRITER_H_

#include <cstdint>

#include "ring/lane_memory.h"
#include "ring/ring_layout.h"

namespace ringway {

enum class ReserveResult {
  kOk,
  kFull,        // no room until the consumer's head moves
  kPeerBroken,  // the consumer's head is where it cannot be
};

// The producer's half of a lane: a ring of records that one thread at a time
// writes. Positions are 64-bit, count bytes, never wrap and go on from one lane
// to the lane that succeeds it, so one head serves all lanes of a route.
//
// Reserve() finds room, the caller fills it, Commit() publishes it. Nothing of
// a record exists for the reader before the store of its header.
template <class Memory>
class BasicLaneWriter {
 public:
  BasicLaneWriter() = default;

  // Starts a lane in `memory`, whose capacity is a power of two. `base` is the
  // position of its first byte, a multiple of kRecordAlign. The reader must
  // not have been told of the lane yet.
  BasicLaneWriter(Memory memory, uint64_t base)
      : memory_(memory),
        base_(base),
        position_(base),
        limit_(base + UsableBytes()),
        head_(base - kBehindMax) {
    memory_.StoreHeader(0, 0, std::memory_order_relaxed);  // published with the lane itself
  }

  bool valid() const { return memory_.valid(); }
  const Memory& memory() const { return memory_; }
  uint64_t capacity() const { return memory_.capacity(); }
  // Goes on in a copy of the lane, which no reader has been told of.
  void MoveTo(Memory copy) { memory_ = copy; }

  // Where the next record will start, unless it needs a pad.
  uint64_t position() const { return position_; }

  // The largest record a lane of `capacity` bytes is sure to take once empty.
  static constexpr uint64_t RecordBytesMax(uint64_t capacity) { return capacity / 2; }

  // Finds contiguous room for a record of `bytes` (a multiple of kRecordAlign)
  // and gives its offset. `load_head()` loads the consumer's head; it is called
  // only when the head seen last is not far enough.
  template <class LoadHead>
  ReserveResult Reserve(uint64_t bytes, LoadHead&& load_head, uint64_t* offset) {
    uint64_t at = memory_.OffsetOf(position_ - base_);
    const uint64_t to_end = memory_.capacity() - at;
    const uint64_t needed = bytes <= to_end ? bytes : bytes + to_end;
    if (needed > limit_ - position_) [[unlikely]] {
      const ReserveResult result = Refresh(load_head(), needed);
      if (result != ReserveResult::kOk) return result;
    }
    if (bytes > to_end) [[unlikely]] {
      PublishPad(at, to_end);
      at = 0;
    }
    *offset = at;
    return ReserveResult::kOk;
  }

  // As Reserve(), but only if no pad and no look at the consumer's head is
  // needed; changes nothing otherwise.
  bool ReserveHere(uint64_t bytes, uint64_t* offset) const {
    const uint64_t at = memory_.OffsetOf(position_ - base_);
    *offset = at;
    return bytes <= limit_ - position_ && bytes <= memory_.capacity() - at;
  }

  // Publishes the record of `bytes` at `offset`, which Reserve() gave for that
  // many bytes or more.
  void Commit(uint64_t offset, uint64_t bytes, RecordKind kind, uint8_t flags, uint64_t second) {
    PutAside(offset, bytes, kind, flags, second);
    Publish();
  }

  // As Commit(), but the reader sees none of the records put aside before
  // Publish() is called. Pads that Reserve() needs in between stay unseen too.
  void PutAside(uint64_t offset, uint64_t bytes, RecordKind kind, uint8_t flags, uint64_t second) {
    const uint64_t header = RecordHeader{static_cast<uint32_t>(bytes), kind, flags}.Pack();
#if defined(RW_MUTANT_EARLY_PUBLISH)
    memory_.StoreHeader(offset, header, std::memory_order_release);  // [lane.publish] too early
#endif
    memory_.StoreSecond(offset, second);
    position_ += bytes;
#if !defined(RW_MUTANT_NO_ZERO_NEXT)
    // [lane.next] The header behind this record is zero before this record can
    // be seen; otherwise bytes of an earlier lap there would look like one.
    memory_.StoreHeader(memory_.OffsetOf(offset + bytes), 0, std::memory_order_relaxed);
#endif
    Hold(offset, header);
  }

  void Publish() {
    if (held_header_ == 0) return;
    const uint64_t header = held_header_;
    held_header_ = 0;
#if defined(RW_MUTANT_NO_RELEASE)
    memory_.StoreHeader(held_offset_, header, std::memory_order_relaxed);
#else
    // [lane.publish] Pairs with BasicLaneReader::Peek(): payload, second word
    // and the zeroed next header become visible before this header, or the
    // reader parses a half-written record.
    memory_.StoreHeader(held_offset_, header, std::memory_order_release);
#endif
  }

  // Ends the lane. Always fits: Reserve() keeps the room.
  void End(RecordKind mark, uint64_t second) {
    const uint64_t at = memory_.OffsetOf(position_ - base_);
    memory_.StoreSecond(at, second);
    position_ += kEndMarkBytes;
    Hold(at, RecordHeader{kEndMarkBytes, mark, 0}.Pack());
    Publish();
  }

 private:
  // A lane may begin while the consumer's head is still in an earlier one, but
  // not this far behind. Positions are compared by their distances, so that they
  // may wrap.
  static constexpr uint64_t kBehindMax = uint64_t{1} << 63;

#if defined(RW_MUTANT_NO_RESERVE)
  uint64_t UsableBytes() const { return memory_.capacity(); }
#else
  uint64_t UsableBytes() const { return memory_.capacity() - kEndMarkBytes; }
#endif

  // The first record put aside is the one whose header lets the reader at all
  // of them; the others' headers can be stored at once.
  void Hold(uint64_t offset, uint64_t header) {
    if (held_header_ == 0) {
      held_offset_ = offset;
      held_header_ = header;
    } else {
      memory_.StoreHeader(offset, header, std::memory_order_relaxed);  // behind the held header
    }
  }

  void PublishPad(uint64_t at, uint64_t to_end) {
    position_ += to_end;
#if !defined(RW_MUTANT_STALE_HEADER)
    // [lane.next] As in PutAside(), for the record at the start of the lane.
    memory_.StoreHeader(0, 0, std::memory_order_relaxed);
#endif
    const bool alone = held_header_ == 0;
    Hold(at, RecordHeader{static_cast<uint32_t>(to_end), RecordKind::kPad, 0}.Pack());
    if (alone) Publish();
  }

  template <class Head>
  [[gnu::noinline]] ReserveResult Refresh(Head loaded, uint64_t needed) {
    const uint64_t head = loaded;
    if (head - head_ > position_ - head_) return ReserveResult::kPeerBroken;
    head_ = head;
#if defined(RW_MUTANT_EARLY_RECLAIM)
    const uint64_t in_use_from = position_;
#else
    const uint64_t in_use_from = position_ - head < position_ - base_ ? head : base_;
#endif
    limit_ = in_use_from + UsableBytes();
    return needed > limit_ - position_ ? ReserveResult::kFull : ReserveResult::kOk;
  }

  Memory memory_;
  uint64_t base_ = 0;
  uint64_t position_ = 0;
  uint64_t limit_ = 0;  // the end of a record may not pass this position
  uint64_t head_ = 0;   // of the consumer, as last seen
  uint64_t held_offset_ = 0;
  uint64_t held_header_ = 0;  // 0: nothing is put aside
};

using LaneWriter = BasicLaneWriter<LaneMemory>;

}  // namespace ringway

#endif  // RING_LANE_WRITER_H_
