// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#ifndef DRIVER_LINUX_CHANNEL_H_
#define DRIVER_LINUX_CHANNEL_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "driver_linux/channel_layout.h"
#include "driver_linux/channel_reader.h"
#include "driver_linux/channel_writer.h"
#include "driver_linux/transport_layout.h"
#include "ring/wake.h"
#include "shm/mapping.h"
#include "shm/memfd.h"
#include "shm/os_result.h"
#include "shm/unique_fd.h"

namespace ringway::driver {

// The memory that two transports have exchanged, and what one of them knows about it.
class Channel {
 public:
  // A message, or what is left of one, for which the lane had no room.
  struct Pending {
    std::vector<std::byte> bytes;
    size_t written = 0;
    size_t descriptor_count = 0;
    std::vector<UniqueFd> descriptors;  // none once they are sent
  };

  // Makes the memory of this side; `*memory` is for the peer. Nothing has changed when it fails.
  OsError CreateOwn(UniqueFd* memory);

  // Maps what the peer offers first. The peer's claims are checked.
  OsError MapPeers(UniqueFd memory, const ChannelOffer& offer);

  // Starts to write; both memories are there.
  void BeginWriting() { writer.Begin(own_lane(), kChannelLaneLog2First, &peers()); }

  // Makes a larger lane to write into, for the peer to map, and goes on there once it has.
  OsError CreateLane(UniqueFd* memory);
  void Grow();
  void ForgetLane() { next_lane_ = Mapping(); }
  uint32_t next_lane_log2() const { return next_lane_log2_; }

  static OsResult<Mapping> MapLane(UniqueFd memory, const ChannelOffer& offer);

  bool has_own() const { return own_.address() != nullptr; }
  bool has_peers() const { return peer_.address() != nullptr; }
  ChannelHeader& own() const { return *static_cast<ChannelHeader*>(own_.address()); }
  const ChannelHeader& peers() const { return *static_cast<const ChannelHeader*>(peer_.address()); }

  // Under the transport's lock.
  ChannelWriter writer;
  std::deque<Pending> pending;
  WakeMemory record_wakes;
  bool needs_fence = true;
  bool is_open = false;  // messages go through the lane from here on
  bool is_growing = false;
  bool may_grow = true;

  // Of the reactor's thread.
  ChannelReader reader;
  WakeMemory room_wakes;
  uint32_t peer_lane_log2 = 0;
  bool peer_has_ours = false;
  bool peer_has_barrier = false;
  bool is_reading = false;  // the peer has switched
  bool is_armed = false;
  bool lacks_descriptors = false;

 private:
  void* own_lane() const { return static_cast<std::byte*>(own_.address()) + kChannelLaneOffset; }

  Mapping own_;
  Mapping peer_;
  Mapping lane_;  // where we write, unless it is the first
  Mapping next_lane_;
  uint32_t next_lane_log2_ = 0;
};

}  // namespace ringway::driver

#endif  // DRIVER_LINUX_CHANNEL_H_
