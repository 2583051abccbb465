// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/channel.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace ringway::driver {
namespace {

constexpr uint32_t kGrowthLog2 = 2;

OsResult<Mapping> MapOffer(UniqueFd memory, size_t offset, const ChannelOffer& offer) {
  if (offer.lane_log2 < kChannelLaneLog2Min || offer.lane_log2 > kChannelLaneLog2Max) {
    return OsError{"offer", EINVAL};
  }
  OsResult<Memfd> memfd = Memfd::Adopt(std::move(memory), offset + (size_t{1} << offer.lane_log2));
  if (!memfd.ok()) return memfd.error();
  return memfd->MapPeers();
}

}  // namespace

OsError Channel::CreateOwn(UniqueFd* memory) {
  OsResult<OwnedMemory> owned =
      Memfd::CreateOwned(kChannelLaneOffset + (size_t{1} << kChannelLaneLog2First));
  if (!owned.ok()) return owned.error();
  own_ = std::move(owned->mapping);
  own().magic = kChannelMagic;
  *memory = owned->memfd.TakeFd();
  return {};
}

OsError Channel::MapPeers(UniqueFd memory, const ChannelOffer& offer) {
  OsResult<Mapping> mapping = MapOffer(std::move(memory), kChannelLaneOffset, offer);
  if (!mapping.ok()) return mapping.error();
  if (static_cast<const ChannelHeader*>(mapping->address())->magic != kChannelMagic) {
    return {"offer", EINVAL};
  }
  peer_ = std::move(*mapping);
  peer_lane_log2 = offer.lane_log2;
  peer_has_barrier = (offer.flags & kOfferHasBarrier) != 0;
  reader.Begin(static_cast<std::byte*>(peer_.address()) + kChannelLaneOffset, offer.lane_log2,
               &own());
  return {};
}

OsError Channel::CreateLane(UniqueFd* memory) {
  next_lane_log2_ = std::min(writer.lane_log2() + kGrowthLog2, kChannelLaneLog2Max);
  OsResult<OwnedMemory> owned = Memfd::CreateOwned(size_t{1} << next_lane_log2_);
  if (!owned.ok()) return owned.error();
  next_lane_ = std::move(owned->mapping);
  *memory = owned->memfd.TakeFd();
  return {};
}

// The peer keeps its mapping of the lane that is left for as long as it needs it.
void Channel::Grow() {
  writer.Grow(next_lane_.address(), next_lane_log2_);
  lane_ = std::move(next_lane_);
  next_lane_ = Mapping();
}

OsResult<Mapping> Channel::MapLane(UniqueFd memory, const ChannelOffer& offer) {
  return MapOffer(std::move(memory), 0, offer);
}

}  // namespace ringway::driver
