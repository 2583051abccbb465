// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// How parcels get into a lane. All of it runs under PutSide::lock.

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "engine/base/check.h"
#include "engine/route/fast_path.h"
#include "engine/route/record_layout.h"
#include "engine/route/route_end.h"

namespace ringway {

namespace {

constexpr uint64_t kFirstLaneBytes = 2048;
constexpr uint64_t kLieFrom = uint64_t{1} << 63;  // a head beyond what was put
constexpr uint64_t kLaneGrowth = 4;
constexpr int kPausesBeforeRefusal = 8;
constexpr uint64_t kLaneBytesUsual = 1 << 20;  // beyond this, only for a record that needs it

}  // namespace

RouteEnd::PutResult RouteEnd::Admit(uint64_t num_bytes, PutLimits limits) {
  if (put.two_phase) [[unlikely]] {
    // What has begun takes its part of them.
    limits.parcels -= std::min<uint64_t>(limits.parcels, 1);
    limits.bytes -= std::min<uint64_t>(limits.bytes, put.two_phase_capacity);
  }
  if (put.ended || binding_->PeerClosed()) return PutResult::kClosed;
  if (num_bytes > kPayloadBytesMax) return PutResult::kTooLarge;
  if (put.Fits(num_bytes, limits)) [[likely]]
    return PutResult::kOk;
  // Only now is it worth to look at what the other side has consumed. What it
  // says may lie ahead of what it can have consumed; that is its own loss.
  const RouteEndBlock* peer = binding_->peer();
  if (!peer) return PutResult::kLimit;
  for (int looks = 0; looks < 2 && !put.Fits(num_bytes, limits); ++looks) {
    // A caller who tries again at once would tear at the line that every Get of
    // the peer writes; so it pays for a refusal.
    if (looks != 0) {
      for (int i = 0; i < kPausesBeforeRefusal; ++i) CpuRelax();
    }
    const uint64_t parcels = peer->consumer.parcels.load(std::memory_order_relaxed);  // a hint
    const uint64_t bytes = peer->consumer.bytes.load(std::memory_order_relaxed);      // a hint
    put.seen_consumed_parcels = std::clamp(parcels, put.seen_consumed_parcels, put.parcels);
    put.seen_consumed_bytes = std::clamp(bytes, put.seen_consumed_bytes, put.bytes);
  }
  return put.Fits(num_bytes, limits) ? PutResult::kOk : PutResult::kLimit;
}

RouteEnd::PutResult RouteEnd::Reserve(uint64_t bytes, uint64_t* offset, uint64_t* memory_needed) {
  const auto load_head = [this]() -> uint64_t {
    const RouteEndBlock* peer = binding_->peer();
    // [lane.head] Pairs with Consume(): the peer is done with what lies below.
    return peer ? peer->consumer.head.load(std::memory_order_acquire) : 0;
  };
  if (put.ended) [[unlikely]]
    return PutResult::kClosed;
  if (put.writer.valid()) [[likely]] {
    const ReserveResult reserved = put.writer.Reserve(bytes, load_head, offset);
    if (reserved == ReserveResult::kOk) [[likely]]
      return PutResult::kOk;
    if (reserved == ReserveResult::kPeerBroken) return PutResult::kPeerBroken;
  }
  const PutResult grown = Grow(bytes, memory_needed);
  if (grown != PutResult::kOk) return grown;
  Check(put.writer.Reserve(bytes, load_head, offset) == ReserveResult::kOk,
        "a new lane takes the record it was made for");
  return PutResult::kOk;
}

// Goes on in a larger lane, or in another one of the usual size.
RouteEnd::PutResult RouteEnd::Grow(uint64_t record_bytes, uint64_t* memory_needed) {
  Reclaim();
  uint64_t bytes = kFirstLaneBytes;
  if (put.writer.valid()) bytes = std::min(put.writer.capacity() * kLaneGrowth, kLaneBytesUsual);
  while (LaneWriter::RecordBytesMax(bytes) < record_bytes) bytes *= 2;
  OutBlock lane;
  if (!binding_->memory().Allocate(bytes, &lane)) {
    if (LaneWriter::RecordBytesMax(put.spare.bytes) < record_bytes) {
      *memory_needed = bytes;
      return PutResult::kNeedsMemory;
    }
    lane = std::exchange(put.spare, OutBlock());
  }
  const bool first = !put.writer.valid();
  const uint64_t base = first ? 0 : put.writer.position() + kEndMarkBytes;
  LaneWriter next(LaneMemory(lane.address, uint64_t{1} << (std::bit_width(lane.bytes) - 1)), base);
  if (first) {
    // [lane.first] Pairs with RouteEnd::Peek(): the lane's first header is zero.
    binding_->own().attention.first_lane.store(lane.word, std::memory_order_release);
  } else {
    put.writer.End(RecordKind::kGrow, lane.word);
    put.retired.push_back({base, put.lane});
    ++put.lanes_grown;
  }
  binding_->own().producer.lane.store(lane.word, std::memory_order_relaxed);  // a hint
  put.writer = next;
  put.lane = lane;
  return PutResult::kOk;
}

RouteEnd::PutResult RouteEnd::AllocateBlock(uint64_t bytes, OutBlock* block,
                                            uint64_t* memory_needed) {
  Reclaim();
  if (binding_->memory().Allocate(bytes, block)) return PutResult::kOk;
  *memory_needed = bytes;
  return PutResult::kNeedsMemory;
}

// Keeps the block until the record just committed has been consumed.
void RouteEnd::Retire(OutBlock block) { put.retired.push_back({put.writer.position(), block}); }

void RouteEnd::Reclaim() {
  const RouteEndBlock* peer = binding_->peer();
  if (put.retired.empty() || !peer) return;
  // [lane.head] Pairs with Consume(): the peer is done with what lies below.
  const uint64_t head = peer->consumer.head.load(std::memory_order_acquire);
  const uint64_t unread = put.writer.position() - head;  // positions may wrap
  if (unread > kLieFrom) return;                         // Reserve() will say so
  auto kept = put.retired.begin();
  for (; kept != put.retired.end() && put.writer.position() - kept->position >= unread; ++kept) {
    binding_->memory().Free(kept->block);
  }
  put.retired.erase(put.retired.begin(), kept);
}

RouteEnd::PutResult RouteEnd::PutBytes(const void* data, size_t num_bytes, const PutLimits& limits,
                                       uint64_t* memory_needed) {
  const PutResult admitted = Admit(num_bytes, limits);
  if (admitted != PutResult::kOk) [[unlikely]]
    return admitted;
  uint64_t offset;
  if (num_bytes <= kInlineBytesMax) [[likely]] {
    const uint64_t record_bytes = AlignRecord(kRecordPrefixBytes + num_bytes);
    const PutResult reserved = Reserve(record_bytes, &offset, memory_needed);
    if (reserved != PutResult::kOk) [[unlikely]]
      return reserved;
    std::byte* payload = put.writer.memory().At(offset) + kRecordPrefixBytes;
    CopyIn(payload, data, num_bytes);
    put.PutAside(offset, record_bytes, RecordKind::kData, 0,
                 RecordSecond{static_cast<uint32_t>(num_bytes), 0, 0}.Pack(), num_bytes);
    ShowPutTotals();
    return PutResult::kOk;
  }
  PutContents contents;
  contents.data = data;
  contents.num_bytes = num_bytes;
  return PutParcel(contents, memory_needed);
}

RouteEnd::PutResult RouteEnd::PutParcel(const PutContents& contents, uint64_t* memory_needed) {
  const bool in_block = contents.block != nullptr || contents.num_bytes > kInlineBytesMax;
  const uint64_t described = contents.descriptors.size_bytes();
  const uint64_t handles_bytes = contents.handles != 0 ? sizeof(HandlesHeader) + described : 0;
  const uint64_t body_bytes = in_block ? sizeof(BlockName) : contents.num_bytes;
  const uint64_t record_bytes = AlignRecord(kRecordPrefixBytes + handles_bytes + body_bytes);
  OutBlock block;
  if (contents.block) {
    block = *contents.block;
  } else if (in_block) {
    const PutResult allocated = AllocateBlock(contents.num_bytes, &block, memory_needed);
    if (allocated != PutResult::kOk) return allocated;
  }
  uint64_t offset;
  const PutResult reserved = Reserve(record_bytes, &offset, memory_needed);
  if (reserved != PutResult::kOk) {
    if (in_block && !contents.block) binding_->memory().Free(block);
    return reserved;
  }
  std::byte* at = put.writer.memory().At(offset) + kRecordPrefixBytes;
  RecordSecond second;
  if (contents.handles != 0) {
    const HandlesHeader header{contents.batch, 0};
    std::memcpy(at, &header, sizeof(header));
    if (described != 0) std::memcpy(at + sizeof(header), contents.descriptors.data(), described);
    at += handles_bytes;
    second.objects = static_cast<uint16_t>(contents.objects);
    second.portals = static_cast<uint16_t>(contents.handles - contents.objects);
  }
  if (in_block) {
    if (!contents.block) std::memcpy(block.address, contents.data, contents.num_bytes);
    const BlockName name{block.word, contents.num_bytes};
    std::memcpy(at, &name, sizeof(name));
  } else {
    second.inline_bytes = static_cast<uint32_t>(contents.num_bytes);
    if (contents.num_bytes != 0) std::memcpy(at, contents.data, contents.num_bytes);
  }
  put.PutAside(offset, record_bytes, in_block ? RecordKind::kBlock : RecordKind::kData,
               contents.handles != 0 ? kRecordHasHandles : 0, second.Pack(), contents.num_bytes);
  ShowPutTotals();
  if (in_block) Retire(block);
  return PutResult::kOk;
}

void RouteEnd::AnswerReaders(const RouteEndBlock& peer, uint64_t seen, bool end_mark,
                             WakeActions* actions) {
  if (put.readers.Wants(seen, WakeHalf::kParked)) {
    put.readers.Answer(seen, WakeHalf::kParked);
    // [wake.answer] Pairs with the sleeper's futex: the word it sleeps on changes.
    binding_->own().producer.readers_answered.store(GenerationOf(seen, WakeHalf::kParked),
                                                    std::memory_order_release);
    actions->readers_word = true;
    ++put.wakes_sent;
  }
  if (put.readers.Wants(seen, WakeHalf::kTraps)) {
    // Thresholds were stored before the generation that Look() acquired.
    const uint64_t parcels = peer.attention.trap_parcels.load(std::memory_order_relaxed);
    const uint64_t bytes = peer.attention.trap_bytes.load(std::memory_order_relaxed);
    if (end_mark || put.parcels >= parcels || put.bytes >= bytes) {
      put.readers.Answer(seen, WakeHalf::kTraps);
      actions->ready = true;
      ++put.readies_sent;
    }
  }
  put.readers.Settle(seen);
  if (!actions->readers_word && !actions->ready) return;
  binding_->OnReaderWoken();
  actions->binding = binding_;
}

}  // namespace ringway
