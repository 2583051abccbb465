// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What route ends find, are asked for and keep.

#ifndef ENGINE_ROUTE_ROUTE_TYPES_H_
#define ENGINE_ROUTE_ROUTE_TYPES_H_

#include <cstddef>
#include <cstdint>

#include "engine/base/ref.h"
#include "engine/base/small_vector.h"
#include "engine/link/peer_memory.h"
#include "engine/route/record_layout.h"
#include "ipcz/ipcz.h"
#include "ring/lane_reader.h"

namespace ringway {

// A parcel found in a lane, resolved and bounded.
struct ParcelView {
  LaneRecord record;
  const std::byte* payload = nullptr;
  Ref<PeerSegment> segment;  // holds a payload outside the lane
  uint64_t bytes = 0;
  uint32_t portals = 0;  // handles that the record describes
  uint32_t objects = 0;  // handles that come in a batch
  uint64_t batch = 0;
  const std::byte* descriptors = nullptr;
  uint32_t handles() const { return portals + objects; }
};

// A place in the in-lanes of a route end.
struct Cursor {
  size_t source = 0;  // which binding
  LaneReader lane;    // invalid: the first lane was not there yet
  uint64_t position = 0;
  Ref<PeerSegment> segment;  // holds the lane

  bool SameLane(const Cursor& other) const {
    return source == other.source && lane.base() == other.lane.base() &&
           lane.valid() == other.lane.valid();
  }
};

enum class Found {
  kParcel,
  kNothing,     // empty, or hidden until something arrives
  kClosed,      // nothing, and nothing will come
  kMoved,       // at a relay: nothing more will come through it
  kPeerBroken,  // what is there cannot be
};

struct Trap {
  uint64_t id;
  IpczTrapConditions conditions;
  IpczTrapEventHandler handler;
  uint64_t context;
  uint64_t seen_arrived;   // parcels that had arrived at installation
  uint64_t seen_consumed;  // parcels that the peer had consumed
};

// A trap that has left its portal and whose handler is to be called.
struct FiredTrap {
  Trap trap;
  IpczTrapConditionFlags flags;
  IpczPortalStatus status;
};

using HandleDescriptors = SmallVector<HandleDescriptor, 1>;
using FiredTraps = SmallVector<FiredTrap, 1>;

// Limits of a Put, already taken out of the caller's structures.
struct PutLimits {
  uint64_t parcels = ~uint64_t{0};
  uint64_t bytes = ~uint64_t{0};
};

}  // namespace ringway

#endif  // ENGINE_ROUTE_ROUTE_TYPES_H_
