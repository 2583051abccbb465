// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#ifndef DRIVER_LINUX_CHANNEL_LAYOUT_H_
#define DRIVER_LINUX_CHANNEL_LAYOUT_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace ringway::driver {

// What two transports share once they have exchanged memory (docs/protocol.md, "Channels"). Each
// side writes one memory, which the other maps read-only: this header, and behind it the first lane
// of what the side sends (ring/lane_writer.h). Later, larger lanes are memories of their own.
// kWireVersion (transport_layout.h) counts changes.

inline constexpr uint64_t kChannelMagic = 0x314e414843575252;  // "RRWCHAN1"
inline constexpr size_t kChannelLaneOffset = 4096;
inline constexpr uint32_t kChannelLaneLog2First = 14;
inline constexpr uint32_t kChannelLaneLog2Min = 12;
inline constexpr uint32_t kChannelLaneLog2Max = 20;

// ChannelHeader::wake_by.
inline constexpr uint32_t kWakeBySocket = 0;  // a frame of type kFrameWake; anything unknown
inline constexpr uint32_t kWakeByFutex = 1;   // the waker's own answered word

struct ChannelHeader {
  // Never changes.
  alignas(64) uint64_t magic;
  // The side as a consumer.
  alignas(64) std::atomic<uint64_t> head;  // positions below this may be used again
  // What wakes the side: written when it falls asleep and wakes up, read with every message.
  alignas(64) std::atomic<uint64_t> wants_records;  // wake word (ring/wake.h), parked half
  std::atomic<uint64_t> wants_room;                 // likewise: of room in the lane that it writes
  std::atomic<uint32_t> wake_by;
  // The side as a waker: changes with each wake. The futex word of the other side's reactor.
  alignas(64) std::atomic<uint32_t> answered;
};
static_assert(offsetof(ChannelHeader, magic) == 0);
static_assert(offsetof(ChannelHeader, head) == 64);
static_assert(offsetof(ChannelHeader, wants_records) == 128);
static_assert(offsetof(ChannelHeader, wants_room) == 136);
static_assert(offsetof(ChannelHeader, wake_by) == 144);
static_assert(offsetof(ChannelHeader, answered) == 192);
static_assert(sizeof(ChannelHeader) == 256 && sizeof(ChannelHeader) <= kChannelLaneOffset);

// The second word of a data record: a message, or a part of one.
struct ChannelSecond {
  uint32_t payload_bytes = 0;     // in this record
  uint32_t descriptor_count = 0;  // of the message; only in its first record. 24 bits
  bool has_more = false;          // the message goes on in the next record

  constexpr uint64_t Pack() const {
    return payload_bytes | uint64_t{descriptor_count} << 32 | uint64_t{has_more} << 63;
  }
  static constexpr ChannelSecond Unpack(uint64_t word) {
    return {static_cast<uint32_t>(word), static_cast<uint32_t>(word >> 32 & 0xffffff),
            word >> 63 != 0};
  }
};

}  // namespace ringway::driver

#endif  // DRIVER_LINUX_CHANNEL_LAYOUT_H_
