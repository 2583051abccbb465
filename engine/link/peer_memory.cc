// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/link/peer_memory.h"

namespace ringway {

PeerMemory::~PeerMemory() {
  for (auto& [id, segment] : segments_) driver_->Close(segment.peer.mapping);
}

bool PeerMemory::Add(uint32_t id, uint64_t bytes, IpczDriverHandle memory) {
  Segment segment;
  if (driver_->MapPeer(memory, &segment.peer) != IPCZ_RESULT_OK) return false;
  const auto* header = reinterpret_cast<const SegmentHeader*>(segment.peer.address);
  const bool plausible = bytes >= sizeof(SegmentHeader) && segment.peer.num_bytes >= bytes &&
                         id <= LaneRef::kSegmentMax && header->magic == kSegmentMagic &&
                         header->layout_version == kLayoutVersion && header->segment == id;
  std::unique_lock lock(mutex_);
  if (!plausible || !segments_.try_emplace(id, segment).second) {
    lock.unlock();
    driver_->Close(segment.peer.mapping);
    return false;
  }
  // [segment.header] Pairs with RouteEnd(): the segment is mapped and checked.
  if (id == 0) header_.store(header, std::memory_order_release);
  return true;
}

bool PeerMemory::Remove(uint32_t id) {
  std::unique_lock lock(mutex_);
  const auto found = segments_.find(id);
  if (id == 0 || found == segments_.end()) return false;
  const IpczDriverHandle mapping = found->second.peer.mapping;
  segments_.erase(found);
  lock.unlock();
  driver_->Close(mapping);
  return true;
}

Resolved PeerMemory::Resolve(uint64_t word, uint64_t bytes, const std::byte** address,
                             uint64_t* capacity) const {
  const LaneRef place = LaneRef::Unpack(word);
  const uint64_t size = uint64_t{1} << place.log2_capacity;
  if (bytes == 0) bytes = size;
  if (word == 0 || size > kLaneBytesMax) return Resolved::kPeerBroken;
  std::lock_guard lock(mutex_);
  const auto found = segments_.find(place.segment);
  if (found == segments_.end()) return Resolved::kPending;
  const uint64_t all = found->second.peer.num_bytes;
  if (place.offset < sizeof(SegmentHeader) || place.offset > all || bytes > all - place.offset) {
    return Resolved::kPeerBroken;
  }
  *address = found->second.peer.address + place.offset;
  *capacity = size;
  return Resolved::kOk;
}

Resolved PeerMemory::RouteEnd(uint32_t index, const RouteEndBlock** block) const {
  // [segment.header] Pairs with Add().
  const SegmentHeader* header = header_.load(std::memory_order_acquire);
  if (!header) return Resolved::kPending;
  const RouteEndPlace place = PlaceOfRouteEnd(index);
  // [segment.page] Pairs with LinkMemory::RouteEnd().
  const uint64_t word = header->route_pages[place.page].load(std::memory_order_acquire);
  if (word == 0) return Resolved::kPending;
  const std::byte* address;
  uint64_t capacity;
  const uint64_t bytes = uint64_t{RouteEndsInPage(place.page)} * sizeof(RouteEndBlock);
  const Resolved resolved = Resolve(word, bytes, &address, &capacity);
  if (resolved == Resolved::kOk) {
    *block = reinterpret_cast<const RouteEndBlock*>(address) + place.slot;
  }
  return resolved;
}

uint64_t PeerMemory::segments() const {
  std::lock_guard lock(mutex_);
  return segments_.size();
}

}  // namespace ringway
