// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/link/link_memory.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace ringway {

LinkMemory::LinkMemory(Ref<DriverPort> driver, uint64_t bytes_max, bool borrows)
    : driver_(std::move(driver)), bytes_max_(bytes_max), borrows_(borrows) {}

LinkMemory::~LinkMemory() {
  for (auto& [id, segment] : segments_) driver_->Close(segment.own.mapping);
}

IpczResult LinkMemory::Start(IpczDriverHandle* memory) {
  uint32_t id;
  if (driver_->shows_memory()) static_cast<void>(driver_->Random(&number_, sizeof(number_)));
  const IpczResult result = AddSegment(kFirstSegmentBytes, &id, memory);
  if (result != IPCZ_RESULT_OK) return result;
  std::lock_guard lock(mutex_);
  link_line_ = &Header(segments_.at(id))->link_line;
  placer_.AddRange(id, kHeaderBytes, kFirstSegmentBytes);
  return IPCZ_RESULT_OK;
}

void LinkMemory::SetAnnouncer(Announcer* announcer) {
  std::lock_guard lock(mutex_);
  announcer_ = announcer;
}

IpczResult LinkMemory::AddSegment(uint64_t bytes, uint32_t* id, IpczDriverHandle* memory) {
  {
    std::lock_guard lock(mutex_);
    if (bytes > bytes_max_ - std::min(bytes_, bytes_max_)) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
    if (next_segment_ == LaneRef::kSegmentMax) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
    bytes_ += bytes;
    *id = next_segment_++;
  }
  Segment segment{.bytes = bytes};
  IpczResult result = IPCZ_RESULT_RESOURCE_EXHAUSTED;
  if (!borrows()) {
    result = driver_->Allocate(bytes, &segment.own);
  } else {
    segment.is_private = MakePrivate(bytes, &segment.own.address);
    segment.announced = false;
    if (segment.is_private) result = IPCZ_RESULT_OK;
  }
  std::lock_guard lock(mutex_);
  if (result != IPCZ_RESULT_OK) {
    bytes_ -= bytes;
    return result;
  }
  SegmentHeader* header = Header(segment);
  header->magic = kSegmentMagic;
  header->layout_version = kLayoutVersion;
  header->segment = *id;
  header->bytes = bytes;
  header->link = number_;
  *memory = segment.own.memory;
  segments_.emplace(*id, std::move(segment));
  return IPCZ_RESULT_OK;
}

bool LinkMemory::Allocate(uint64_t bytes, OutBlock* block) {
  std::lock_guard lock(mutex_);
  return AllocateLocked(bytes, block);
}

bool LinkMemory::AllocateLocked(uint64_t bytes, OutBlock* block) {
  if (bytes >= kOwnSegmentFrom + 1) return AllocateIdle(bytes, block);
  const uint32_t log2 = std::max(Log2AtLeast(bytes), BlockPlacer::kLog2Min);
  const auto place = placer_.Allocate(log2);
  if (!place) return false;
  block->address = segments_.at(place->segment).own.address + place->offset;
  block->word = LaneRef{place->segment, place->offset, log2}.Pack();
  block->bytes = uint64_t{1} << log2;
  return true;
}

bool LinkMemory::AllocateIdle(uint64_t bytes, OutBlock* block) {
  auto found = idle_.lower_bound(bytes);
  const bool takes_turns = take_turns_ && bytes <= kTakeTurnsBytesMax;
  if (takes_turns && std::distance(found, idle_.end()) < kTakeTurns) {
    while (found != idle_.end() && segments_.at(found->second).used) ++found;
  }
  if (found == idle_.end()) return false;
  // Of the same size, not the last ones that came back, nor those that have long been idle.
  const auto same = idle_.equal_range(found->first);
  const auto older = std::max<ptrdiff_t>(std::distance(same.first, same.second) - kTakeTurns, 0);
  if (takes_turns) std::advance(found, older);
  const uint32_t id = found->second;
  Segment& segment = segments_.at(id);
  segment.used = true;
  block->address = segment.own.address + kHeaderBytes;
  // A lane is a power of two; a payload may use all there is.
  const auto log2 = static_cast<uint32_t>(std::bit_width(found->first)) - 1;
  block->word = LaneRef{id, kHeaderBytes, log2}.Pack();
  block->bytes = uint64_t{1} << log2;
  idle_bytes_ -= found->first;
  idle_.erase(found);
  return true;
}

void LinkMemory::Free(const OutBlock& block) {
  std::lock_guard lock(mutex_);
  FreeLocked(block);
}

void LinkMemory::FreeLocked(const OutBlock& block) {
  const LaneRef place = LaneRef::Unpack(block.word);
  const Segment& segment = segments_.at(place.segment);
  if (segment.for_one_block) {
    idle_.emplace(segment.usable(), place.segment);
    idle_bytes_ += segment.usable();
  } else {
    placer_.Free({place.segment, place.offset}, place.log2_capacity);
  }
}

// Gives idle segments back, the largest first, until they fit the budget.
void LinkMemory::DropExcess() {
  for (;;) {
    uint32_t id;
    IpczDriverHandle mapping;
    Announcer* announcer;
    {
      std::lock_guard lock(mutex_);
      if (idle_bytes_ <= kIdleBytesMax) return;
      // One that is still private has been counted as announced.
      const auto largest = std::find_if(idle_.rbegin(), idle_.rend(), [this](const auto& each) {
        return segments_.at(each.second).announced;
      });
      if (largest == idle_.rend()) return;
      id = largest->second;
      idle_bytes_ -= largest->first;
      idle_.erase(std::next(largest).base());
      const auto segment = segments_.find(id);
      mapping = segment->second.own.mapping;
      bytes_ -= segment->second.bytes;
      announcer = announcer_;
      segments_.erase(segment);
    }
    driver_->Close(mapping);
    if (announcer) announcer->WithdrawSegment(id);
  }
}

// Not without the link, nor once the delegate is gone.
bool LinkMemory::may_provide() {
  Announcer* announcer;
  {
    std::lock_guard lock(mutex_);
    announcer = announcer_;
  }
  return announcer && (!borrows() || announcer->CanBorrow());
}

// Where there is no more, one that is idle has to do, and they do not take turns any more.
bool LinkMemory::SettleForIdle(uint64_t bytes) {
  std::lock_guard lock(mutex_);
  if (idle_.lower_bound(bytes) == idle_.end()) return false;
  take_turns_ = false;
  return true;
}

IpczResult LinkMemory::Provide(uint64_t bytes) {
  DropExcess();
  const bool own = bytes > kOwnSegmentFrom;
  const IpczResult result = ProvideSegment(bytes, own);
  const bool settles = own && result == IPCZ_RESULT_RESOURCE_EXHAUSTED && SettleForIdle(bytes);
  return settles ? IPCZ_RESULT_OK : result;
}

IpczResult LinkMemory::ProvideSegment(uint64_t bytes, bool own) {
  Announcer* announcer;
  uint64_t segment_bytes;
  {
    std::lock_guard lock(mutex_);
    announcer = announcer_;
    if (own) {
      segment_bytes = kHeaderBytes + ((bytes + 4095) & ~uint64_t{4095});
    } else {
      next_shared_bytes_ = std::min(2 * next_shared_bytes_, kSharedSegmentBytesMax);
      const uint64_t needed = kHeaderBytes + (uint64_t{1} << Log2AtLeast(bytes));
      segment_bytes = std::max(next_shared_bytes_, (needed + 4095) & ~uint64_t{4095});
    }
  }
  if (!announcer) return IPCZ_RESULT_NOT_FOUND;
  if (borrows() && !announcer->CanBorrow()) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  uint32_t id;
  IpczDriverHandle memory = IPCZ_INVALID_DRIVER_HANDLE;
  IpczResult result = AddSegment(segment_bytes, &id, &memory);
  if (result != IPCZ_RESULT_OK) return result;
  const bool borrowed = memory == IPCZ_INVALID_DRIVER_HANDLE;
  if (borrowed) announcer->CountBorrowed();
  if (!borrowed) result = announcer->AnnounceSegment(id, segment_bytes, memory);
  // If it is not for want of something, the link is down; it frees the segment.
  if (result == IPCZ_RESULT_RESOURCE_EXHAUSTED) return result;
  if (result != IPCZ_RESULT_OK) return IPCZ_RESULT_NOT_FOUND;
  {
    std::lock_guard lock(mutex_);
    if (own) {
      segments_.at(id).for_one_block = true;
      idle_.emplace(segment_bytes - kHeaderBytes, id);
      idle_bytes_ += segment_bytes - kHeaderBytes;
    } else {
      placer_.AddRange(id, kHeaderBytes, segment_bytes);
    }
  }
  if (borrowed) announcer->Borrow(id, segment_bytes);
  return IPCZ_RESULT_OK;
}

RouteEndBlock* LinkMemory::RouteEnd(uint32_t index, uint64_t* bytes_needed) {
  const RouteEndPlace place = PlaceOfRouteEnd(index);
  RouteEndBlock*& page = pages_[place.page];
  std::lock_guard lock(mutex_);
  if (page) return page + place.slot;
  *bytes_needed = uint64_t{1} << Log2RoutePageBytes(place.page);
  OutBlock block;
  if (!AllocateLocked(*bytes_needed, &block)) return nullptr;
  std::memset(block.address, 0, block.bytes);
  page = reinterpret_cast<RouteEndBlock*>(block.address);
  // [segment.page] Pairs with PeerMemory::RouteEnd(): the page is zeroed
  // before the peer can find it.
  Header(segments_.at(0))->route_pages[place.page].store(block.word, std::memory_order_release);
  return page + place.slot;
}

uint64_t LinkMemory::segments() const {
  std::lock_guard lock(mutex_);
  return segments_.size();
}

uint64_t LinkMemory::segment_bytes() const {
  std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace ringway
