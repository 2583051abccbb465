// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The usual case of Put and Get, inlined: bytes without handles, a peer that is
// known and open, room (or a record) in the lane at hand. Whatever else it is,
// these change nothing and say so, and put.cc and deliver.cc do it.

#ifndef ENGINE_ROUTE_FAST_PATH_H_
#define ENGINE_ROUTE_FAST_PATH_H_

#include <cstring>

#include "engine/route/record_layout.h"
#include "engine/route/route_end.h"

namespace ringway {

// A copy of a size that is not known before, without a call for small ones.
inline void CopyPayload(void* to, const void* from, size_t num_bytes) {
  auto* out = static_cast<std::byte*>(to);
  const auto* in = static_cast<const std::byte*>(from);
  if (num_bytes == sizeof(uint64_t)) [[likely]] {
    std::memcpy(out, in, sizeof(uint64_t));
  } else if (num_bytes != 0) {
    std::memcpy(out, in, num_bytes);
  }
}

// Under PutSide::lock. True if the parcel was put aside: it is published by
// PutSide::writer.Publish(), and what the peer's readers want is looked at then.
inline bool TryPut(RouteEnd& end, const void* data, size_t num_bytes, const PutLimits& limits) {
  PutSide& put = end.put;
  const Binding& binding = end.binding();
  const RouteEndBlock* peer = binding.known_peer();
  if (!peer || num_bytes > kInlineBytesMax || binding.gone()) [[unlikely]]
    return false;
  // [route.closed] Pairs with RouteEnd::Close().
  if (peer->attention.state.load(std::memory_order_acquire) == kRouteClosed) return false;
  if (!put.Fits(num_bytes, limits)) [[unlikely]]
    return false;
  const uint64_t record_bytes = AlignRecord(kRecordPrefixBytes + num_bytes);
  uint64_t offset;
  if (!put.writer.ReserveHere(record_bytes, &offset)) [[unlikely]]
    return false;
  CopyPayload(put.writer.memory().At(offset) + kRecordPrefixBytes, data, num_bytes);
  end.CommitRecord(offset, record_bytes, RecordKind::kData, 0,
                   RecordSecond{static_cast<uint32_t>(num_bytes), 0, 0}.Pack(), num_bytes);
  return true;
}

enum class Tried { kDone, kNothing, kOther };

// Under GetSide::lock. kDone: a whole parcel was copied and consumed, its size
// is in `*num_bytes` (which held the capacity); what the peer's writers want is
// still to be looked at. kNothing: there is none, and its peer is open.
inline Tried TryGet(RouteEnd& end, void* data, size_t* num_bytes) {
  GetSide& get = end.get;
  const Binding& binding = end.binding();
  const RouteEndBlock* peer = binding.known_peer();
  const bool usual = peer && get.front.lane.valid() && get.sources.size() == 1 &&
                     !get.front_claimed && get.front_bytes_taken == 0 && !binding.gone();
  if (!usual) [[unlikely]]
    return Tried::kOther;
  // [route.closed] Pairs with RouteEnd::Close(). Before looking at the lane.
  const uint32_t state = peer->attention.state.load(std::memory_order_acquire);
  LaneRecord record;
  const PeekResult peeked = get.front.lane.Peek(&get.front.position, &record);
  if (peeked == PeekResult::kEmpty && state != kRouteClosed) return Tried::kNothing;
  const RecordSecond second = RecordSecond::Unpack(record.second);
  const bool plain = peeked == PeekResult::kRecord && record.header.kind == RecordKind::kData &&
                     record.header.flags == 0 && (second.portals | second.objects) == 0 &&
                     second.inline_bytes <= record.header.bytes - kRecordPrefixBytes &&
                     second.inline_bytes <= *num_bytes;
  if (!plain) [[unlikely]]
    return Tried::kOther;
  const std::byte* payload = get.front.lane.memory().At(record.offset) + kRecordPrefixBytes;
  CopyPayload(data, payload, second.inline_bytes);
  *num_bytes = second.inline_bytes;
  end.ConsumeRecord(record, second.inline_bytes);
  return Tried::kDone;
}

}  // namespace ringway

#endif  // ENGINE_ROUTE_FAST_PATH_H_
