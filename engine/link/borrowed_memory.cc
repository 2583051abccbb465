// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Segments whose memory another node allocates. docs/protocol.md, "Borrowed memory".

#include <cstring>

#include "engine/link/link_memory.h"

namespace ringway {

// Zeroed; `*start` is where its first line begins. Null: there is none.
LinkMemory::PrivateMemory LinkMemory::MakePrivate(uint64_t bytes, std::byte** start) {
  constexpr size_t kLine = 64;
  PrivateMemory memory(static_cast<std::byte*>(std::calloc(bytes + kLine, 1)));
  const auto address = reinterpret_cast<uintptr_t>(memory.get());
  *start = reinterpret_cast<std::byte*>((address + kLine - 1) & ~(kLine - 1));
  return memory;
}

bool LinkMemory::MakePrivateRouteEnd(uint32_t index) {
  const uint32_t page = PlaceOfRouteEnd(index).page;
  std::lock_guard lock(mutex_);
  if (pages_[page]) return true;
  std::byte* start;
  PrivateMemory memory = MakePrivate(uint64_t{1} << Log2RoutePageBytes(page), &start);
  if (!memory) return false;
  pages_[page] = reinterpret_cast<RouteEndBlock*>(start);
  left_.push_back(std::move(memory));
  return true;
}

bool LinkMemory::AllocateCopy(const void* data, uint64_t bytes, OutBlock* block) {
  if (stays()) return OutMemory::AllocateCopy(data, bytes, block);
  // Under the lock, as the block could move before it is written to.
  std::lock_guard lock(mutex_);
  if (!AllocateLocked(bytes, block)) return false;
  std::memcpy(block->address, data, bytes);
  return true;
}

uint64_t LinkMemory::PrivateBytes(uint32_t segment) const {
  std::lock_guard lock(mutex_);
  const auto found = segments_.find(segment);
  return found == segments_.end() || !found->second.is_private ? 0 : found->second.bytes;
}

void LinkMemory::SetAnnounced(uint32_t segment) {
  std::lock_guard lock(mutex_);
  segments_.at(segment).announced = true;
}

bool LinkMemory::MoveSegment(uint32_t segment, const DriverPort::OwnMemory& own,
                             MovedMemory* moved) {
  std::lock_guard lock(mutex_);
  const auto found = segments_.find(segment);
  if (found == segments_.end() || !found->second.is_private) return false;
  Segment& to = found->second;
  *moved = {to.own.address, own.address, to.bytes};
  std::memcpy(own.address, to.own.address, to.bytes);
  link_line_ = moved->Of(link_line_);
  bool has_pages = false;
  for (RouteEndBlock*& page : pages_) {
    RouteEndBlock* const before = page;
    page = moved->Of(page);
    has_pages |= page != before;
  }
  to.own = own;
  // Of initial portals that the peer does not have, the ends go on as they are.
  if (has_pages) left_.push_back(std::move(to.is_private));
  to.is_private.reset();
  return true;
}

}  // namespace ringway
