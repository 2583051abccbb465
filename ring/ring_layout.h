// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Every byte that two processes share about a lane: the records inside it, and
// the two blocks (one in each side's memory) in which the sides of a route tell
// each other the rest. docs/protocol.md, "Records" and "Route ends", explains
// them; kLayoutVersion there says what bumps the version.

#ifndef RING_RING_LAYOUT_H_
#define RING_RING_LAYOUT_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace ringway {

// --- Records -----------------------------------------------------------------

// Records start at multiples of this and their lengths are multiples of it, so
// that an end mark (16 bytes) fits wherever a record can start.
inline constexpr uint64_t kRecordAlign = 16;

// The header word and the second word.
inline constexpr uint64_t kRecordPrefixBytes = 16;

// Kept free behind the last record: the zeroed header of the next one, whose
// place an end mark takes.
inline constexpr uint64_t kEndMarkBytes = 16;

inline constexpr uint64_t kLaneBytesMin = 256;
inline constexpr uint64_t kLaneBytesMax = uint64_t{1} << 30;

enum class RecordKind : uint8_t {
  kNone = 0,
  kData = 1,    // payload inside the record
  kBlock = 2,   // payload in a block that the record names
  kPad = 3,     // skip to the start of the lane
  kMoved = 4,   // end mark: the route goes on in the next in-lane
  kClosed = 5,  // end mark: the route ends
  kGrow = 6,    // end mark: the lane goes on in the one its second word names
};
inline constexpr uint8_t kRecordKindLast = 6;

inline constexpr bool IsEndMark(RecordKind kind) {
  return kind == RecordKind::kMoved || kind == RecordKind::kClosed || kind == RecordKind::kGrow;
}

// The record carries handles: attachments follow the prefix.
inline constexpr uint8_t kRecordHasHandles = 1;
inline constexpr uint8_t kRecordFlagsKnown = kRecordHasHandles;

// The header word: total length, kind, flags (and bits that must be zero). Zero: nothing here yet.
inline constexpr uint32_t kRecordFlagsShift = 40;
struct RecordHeader {
  uint32_t bytes = 0;  // all of the record, this word included
  RecordKind kind = RecordKind::kNone;
  uint8_t flags = 0;

  constexpr uint64_t Pack() const {
    return bytes | uint64_t{static_cast<uint8_t>(kind)} << 32 |
           uint64_t{flags} << kRecordFlagsShift;
  }
  static constexpr RecordHeader Unpack(uint64_t word) {
    return {static_cast<uint32_t>(word), static_cast<RecordKind>(word >> 32 & 0xff),
            static_cast<uint8_t>(word >> kRecordFlagsShift & 0xff)};
  }

  // Whether `kind` is this one, and no flag is set. In one value: compilers that
  // merge two comparisons of neighbouring bytes load both from memory at once,
  // right after they were stored there one by one, and wait for that.
  constexpr bool IsPlain(RecordKind plain) const {
    return ((static_cast<uint32_t>(kind) ^ static_cast<uint32_t>(plain)) | flags) == 0;
  }
};

inline constexpr uint64_t AlignRecord(uint64_t bytes) {
  return (bytes + kRecordAlign - 1) & ~(kRecordAlign - 1);
}

// --- Where something lies ------------------------------------------------------

// A lane in one side's memory, in one word so that it is published by one
// store. Zero: no lane.
struct LaneRef {
  uint32_t segment = 0;        // 26 bits
  uint64_t offset = 0;         // multiple of 64, below 2^38
  uint32_t log2_capacity = 0;  // 6 bits, never 0 for a lane

  static constexpr uint32_t kSegmentMax = (1u << 26) - 1;
  static constexpr uint64_t kOffsetUnit = 64;

  constexpr uint64_t Pack() const {
    return log2_capacity | uint64_t{segment} << 6 | offset / kOffsetUnit << 32;
  }
  static constexpr LaneRef Unpack(uint64_t word) {
    return {static_cast<uint32_t>(word >> 6) & kSegmentMax, (word >> 32) * kOffsetUnit,
            static_cast<uint32_t>(word & 63)};
  }
};

// --- Route ends ----------------------------------------------------------------

// Three lines that one side of a route writes and the other reads. A wake word
// holds two generations: of parked threads (low half) and of traps (high half);
// odd means armed.

// Written when this side arms, closes or puts its first parcel; read by every Put
// and Get of the peer.
struct alignas(64) AttentionLine {
  std::atomic<uint64_t> readers;        // wake word: wants to know of parcels
  std::atomic<uint64_t> trap_parcels;   // traps want to know once the peer put this many
  std::atomic<uint64_t> trap_bytes;     // ... or this many bytes; all ones: never
  std::atomic<uint64_t> writers;        // wake word: wants to know of consumption
  std::atomic<uint64_t> watch_parcels;  // ... once the peer consumed this many
  std::atomic<uint64_t> watch_bytes;    // ... or this many bytes; all ones: never
  std::atomic<uint32_t> state;          // RouteState
  std::atomic<uint32_t> hops;           // of a relay: relays from here to the far end
  std::atomic<uint64_t> first_lane;     // LaneRef; 0: nothing was put yet
};
static_assert(sizeof(AttentionLine) == 64);
static_assert(offsetof(AttentionLine, trap_parcels) == 8);
static_assert(offsetof(AttentionLine, trap_bytes) == 16);
static_assert(offsetof(AttentionLine, writers) == 24);
static_assert(offsetof(AttentionLine, watch_parcels) == 32);
static_assert(offsetof(AttentionLine, watch_bytes) == 40);
static_assert(offsetof(AttentionLine, state) == 48);
static_assert(offsetof(AttentionLine, hops) == 52);
static_assert(offsetof(AttentionLine, first_lane) == 56);

// Written by every Get of this side; read by the peer when its lane looks full,
// or a limit or a query asks.
struct alignas(64) ConsumerLine {
  std::atomic<uint64_t> head;     // positions below this may be used again
  std::atomic<uint64_t> parcels;  // consumed by the application, ever
  std::atomic<uint64_t> bytes;
  std::atomic<uint32_t> writers_answered;  // generation of parked writers last woken
  std::atomic<uint32_t> omits_fence;       // 1: whoever sleeps for room issues a barrier
  uint32_t reserved[8];
};
static_assert(sizeof(ConsumerLine) == 64);
static_assert(offsetof(ConsumerLine, parcels) == 8);
static_assert(offsetof(ConsumerLine, bytes) == 16);
static_assert(offsetof(ConsumerLine, writers_answered) == 24);
static_assert(offsetof(ConsumerLine, omits_fence) == 28);

// Written by every Put of this side; read by the peer when a query asks.
struct alignas(64) ProducerLine {
  std::atomic<uint64_t> parcels;  // put by the application, ever
  std::atomic<uint64_t> bytes;
  std::atomic<uint32_t> readers_answered;  // generation of parked readers last woken
  std::atomic<uint32_t> omits_fence;       // 1: whoever sleeps for parcels issues a barrier
  std::atomic<uint64_t> lane;  // LaneRef of the one that is written now; for `ringway inspect`
  uint64_t reserved[4];
};
static_assert(sizeof(ProducerLine) == 64);
static_assert(offsetof(ProducerLine, lane) == 24);
static_assert(offsetof(ProducerLine, parcels) == 0);
static_assert(offsetof(ProducerLine, bytes) == 8);
static_assert(offsetof(ProducerLine, readers_answered) == 16);
static_assert(offsetof(ProducerLine, omits_fence) == 20);

struct RouteEndBlock {
  AttentionLine attention;
  ConsumerLine consumer;
  ProducerLine producer;
};
static_assert(sizeof(RouteEndBlock) == 192 && alignof(RouteEndBlock) == 64);

// AttentionLine::state.
inline constexpr uint32_t kRouteUnused = 0;  // this side has no such route (yet)
inline constexpr uint32_t kRouteOpen = 1;
inline constexpr uint32_t kRouteClosed = 2;  // this side puts no more
inline constexpr uint32_t kRouteFreed = 3;   // and both had ended: unused again

inline constexpr uint64_t kNever = ~uint64_t{0};

static_assert(std::atomic<uint64_t>::is_always_lock_free);
static_assert(std::atomic<uint32_t>::is_always_lock_free);

}  // namespace ringway

#endif  // RING_RING_LAYOUT_H_
