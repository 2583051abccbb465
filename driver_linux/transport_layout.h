// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#ifndef DRIVER_LINUX_TRANSPORT_LAYOUT_H_
#define DRIVER_LINUX_TRANSPORT_LAYOUT_H_

#include <cstddef>
#include <cstdint>

namespace ringway::driver {

// What two of our transports say to each other over a Unix stream socket: frames, one after the
// other.
//
//   FrameHeader | carrier bytes | payload | padding up to a multiple of 8
//
// The kernel takes at most 253 descriptors with one sendmsg(). The first 253 of a frame travel with
// the first byte of its header, each further batch with a carrier byte of its own; a frame with no
// more than 253 has no carriers. The carriers too are padded to a multiple of 8, so every header
// and every payload starts at a multiple of 8. Descriptors therefore never arrive after the last
// byte of their frame, and those of two frames never change places.
//
// Each process that has had an end of the connection in its hands sends a hello ahead of its own
// first frame, and one with kHelloActive when it activates the transport, with SCM_CREDENTIALS
// attached: the process whose death then is the death of the peer.

// Goes up with every change to this file or to object_layout.h. Sides of different versions refuse
// each other at the hello; therefore the first eight bytes of a frame have this meaning in every
// version.
inline constexpr uint16_t kWireVersion = 2;
inline constexpr uint32_t kFrameMagic = 0x50545752;  // "RWTP"

inline constexpr uint16_t kFrameHello = 1;
inline constexpr uint16_t kFrameMessage = 2;
// The others are about the channel (channel_layout.h).
inline constexpr uint16_t kFrameOffer = 3;    // a memory of mine: ChannelOffer, one descriptor
inline constexpr uint16_t kFrameAnswer = 4;   // whether I have mapped what you offered
inline constexpr uint16_t kFrameSwitch = 5;   // my messages are in my lane from here on
inline constexpr uint16_t kFrameHandles = 6;  // descriptors of a message that follows in the lane
inline constexpr uint16_t kFrameWake = 7;     // look at the channel
inline constexpr uint16_t kFrameTypeLast = kFrameWake;

inline constexpr uint32_t kHelloActive = 1;  // a flag of a hello
inline constexpr uint32_t kAnswerYes = 1;    // a flag of an answer

struct FrameHeader {
  uint32_t magic;
  uint16_t version;
  uint16_t type;
  uint32_t descriptor_count;
  uint32_t flags;
  uint64_t payload_bytes;
};
static_assert(offsetof(FrameHeader, magic) == 0);
static_assert(offsetof(FrameHeader, version) == 4);
static_assert(offsetof(FrameHeader, type) == 6);
static_assert(offsetof(FrameHeader, descriptor_count) == 8);
static_assert(offsetof(FrameHeader, flags) == 12);
static_assert(offsetof(FrameHeader, payload_bytes) == 16);
static_assert(sizeof(FrameHeader) == 24);

struct ChannelOffer {
  uint32_t lane_log2;  // binary logarithm of the lane's bytes
  uint32_t flags;      // kOffer...
};
static_assert(offsetof(ChannelOffer, lane_log2) == 0);
static_assert(offsetof(ChannelOffer, flags) == 4);
static_assert(sizeof(ChannelOffer) == 8);

// Of the first offer: process-wide barriers reach the side that offers, and it issues them before
// it sleeps, so publishers need no fence once both sides say so.
inline constexpr uint32_t kOfferHasBarrier = 1;

inline constexpr size_t kDescriptorsPerBatch = 253;  // SCM_MAX_FD of the kernel
inline constexpr size_t kDescriptorsPerFrameMax = 65536;
inline constexpr uint64_t kPayloadBytesMax = uint64_t{1}
                                             << 40;  // a sane bound for arithmetic, no quota

constexpr uint64_t PadTo8(uint64_t bytes) { return (bytes + 7) & ~uint64_t{7}; }

constexpr size_t CarrierCount(size_t descriptor_count) {
  return descriptor_count == 0 ? 0 : (descriptor_count - 1) / kDescriptorsPerBatch;
}
static_assert(CarrierCount(253) == 0 && CarrierCount(254) == 1 && CarrierCount(506) == 1);

// Where the payload starts, and where the frame ends. The counts are within the bounds above.
constexpr size_t PayloadOffset(size_t descriptor_count) {
  return sizeof(FrameHeader) + PadTo8(CarrierCount(descriptor_count));
}
constexpr uint64_t FrameBytes(size_t descriptor_count, uint64_t payload_bytes) {
  return PayloadOffset(descriptor_count) + PadTo8(payload_bytes);
}

}  // namespace ringway::driver

#endif  // DRIVER_LINUX_TRANSPORT_LAYOUT_H_
