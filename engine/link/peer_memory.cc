// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/link/peer_memory.h"

namespace ringway {

bool PeerMemory::Add(uint32_t id, uint64_t bytes, IpczDriverHandle memory) {
  DriverPort::PeerMapping mapping;
  if (driver_->MapPeer(memory, &mapping) != IPCZ_RESULT_OK) return false;
  const auto segment = MakeRef<PeerSegment>(driver_, mapping);
  const auto* header = reinterpret_cast<const SegmentHeader*>(mapping.address);
  const bool plausible = bytes >= sizeof(SegmentHeader) && mapping.num_bytes >= bytes &&
                         id <= LaneRef::kSegmentMax && header->magic == kSegmentMagic &&
                         header->layout_version == kLayoutVersion && header->segment == id;
  std::lock_guard lock(mutex_);
  if (!plausible || !segments_.try_emplace(id, Segment{segment, id == 0}).second) return false;
  bytes_.fetch_add(mapping.num_bytes, std::memory_order_relaxed);  // a limit
  // [segment.header] Pairs with RouteEnd(): the segment is mapped and checked.
  if (id == 0) header_.store(header, std::memory_order_release);
  return true;
}

bool PeerMemory::Remove(uint32_t id) {
  Ref<PeerSegment> dropped;  // unmapped after the lock
  std::lock_guard lock(mutex_);
  const auto found = segments_.find(id);
  if (found == segments_.end() || found->second.has_route_ends) return false;
  dropped = std::move(found->second.mapped);
  segments_.erase(found);
  return true;
}

Resolved PeerMemory::Resolve(uint64_t word, uint64_t bytes, PeerBlock* block) const {
  const LaneRef place = LaneRef::Unpack(word);
  const uint64_t size = uint64_t{1} << place.log2_capacity;
  if (bytes == 0) bytes = size;
  if (word == 0 || size > kLaneBytesMax) return Resolved::kPeerBroken;
  std::lock_guard lock(mutex_);
  const auto found = segments_.find(place.segment);
  if (found == segments_.end()) return Resolved::kPending;
  const Ref<PeerSegment>& segment = found->second.mapped;
  const uint64_t all = segment->num_bytes();
  if (place.offset < sizeof(SegmentHeader) || place.offset > all || bytes > all - place.offset) {
    return Resolved::kPeerBroken;
  }
  *block = {segment->address() + place.offset, size, segment};
  return Resolved::kOk;
}

Resolved PeerMemory::RouteEnd(uint32_t index, const RouteEndBlock** block) {
  // [segment.header] Pairs with Add().
  const SegmentHeader* header = header_.load(std::memory_order_acquire);
  if (!header) return Resolved::kPending;
  const RouteEndPlace place = PlaceOfRouteEnd(index);
  // [segment.page] Pairs with LinkMemory::RouteEnd().
  const uint64_t word = header->route_pages[place.page].load(std::memory_order_acquire);
  if (word == 0) return Resolved::kPending;
  PeerBlock page;
  const uint64_t bytes = uint64_t{RouteEndsInPage(place.page)} * sizeof(RouteEndBlock);
  const Resolved resolved = Resolve(word, bytes, &page);
  if (resolved != Resolved::kOk) return resolved;
  std::lock_guard lock(mutex_);
  const auto found = segments_.find(LaneRef::Unpack(word).segment);
  // Dropped in between, and perhaps another one by now.
  if (found == segments_.end() || found->second.mapped.get() != page.segment.get()) {
    return Resolved::kPending;
  }
  found->second.has_route_ends = true;
  *block = reinterpret_cast<const RouteEndBlock*>(page.address) + place.slot;
  return Resolved::kOk;
}

uint64_t PeerMemory::link_number() const {
  // [segment.header] Pairs with Add().
  const SegmentHeader* header = header_.load(std::memory_order_acquire);
  return header ? header->link : 0;
}

uint64_t PeerMemory::segments() const {
  std::lock_guard lock(mutex_);
  return segments_.size();
}

}  // namespace ringway
