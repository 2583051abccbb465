// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What stands inside data and block records behind their two words, in this
// order: HandlesHeader and one HandleDescriptor a handle, if the record has
// handles (between portals of one node: no descriptors); BlockName, if it is a
// block record; the payload, if it is a data record. docs/protocol.md,
// "Records".

#ifndef ENGINE_ROUTE_RECORD_LAYOUT_H_
#define ENGINE_ROUTE_RECORD_LAYOUT_H_

#include <cstddef>
#include <cstdint>

#include "ring/ring_layout.h"

namespace ringway {

// The second word of a record.
struct RecordSecond {
  uint32_t inline_bytes = 0;  // payload in the record (data records)
  uint16_t portals = 0;       // handles described in the record alone
  uint16_t objects = 0;       // handles that come in a batch

  constexpr uint64_t Pack() const {
    return inline_bytes | uint64_t{portals} << 32 | uint64_t{objects} << 48;
  }
  static constexpr RecordSecond Unpack(uint64_t word) {
    return {static_cast<uint32_t>(word), static_cast<uint16_t>(word >> 32),
            static_cast<uint16_t>(word >> 48)};
  }
};

struct HandlesHeader {
  uint64_t batch;  // of the objects; 0 if there are none
  uint64_t reserved;
};
static_assert(sizeof(HandlesHeader) == 16);

inline constexpr uint32_t kDescribesPortal = 1;
inline constexpr uint32_t kDescribesObject = 2;
inline constexpr uint32_t kDescribesRelayed = 1;  // say Poke once the portal is taken

struct HandleDescriptor {
  uint32_t kind;           // kDescribesPortal, kDescribesObject
  uint32_t sublink;        // of the portal, allocated by the sender
  uint32_t links_crossed;  // before this one, since somebody had the portal
  uint32_t flags;          // of the portal: kDescribesRelayed
  uint64_t pair[2];        // identifies the pair of portals
  // What the portal had done before it was sent.
  uint64_t parcels_put;
  uint64_t bytes_put;
  uint64_t parcels_consumed;
  uint64_t bytes_consumed;
};
static_assert(sizeof(HandleDescriptor) == 64);
static_assert(offsetof(HandleDescriptor, pair) == 16);
static_assert(offsetof(HandleDescriptor, parcels_put) == 32);

// A payload outside the lane.
struct BlockName {
  uint64_t word;  // as LaneRef; between portals of one node an address
  uint64_t bytes;
};
static_assert(sizeof(BlockName) == 16);

inline constexpr uint32_t kHandlesMax = 0xffff;              // a parcel
inline constexpr uint64_t kInlineBytesMax = 16 * 1024;       // larger payloads get a block
inline constexpr uint64_t kPayloadBytesMax = kLaneBytesMax;  // a parcel

}  // namespace ringway

#endif  // ENGINE_ROUTE_RECORD_LAYOUT_H_
