// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The usual case of Put and Get, inlined: bytes without handles, a peer that is
// known and open, room (or a record) in the lane at hand. Whatever else it is,
// these change nothing and say so, and put.cc and deliver.cc do it.

#ifndef ENGINE_ROUTE_FAST_PATH_H_
#define ENGINE_ROUTE_FAST_PATH_H_

#include <cstddef>

#include "engine/base/copy.h"
#include "engine/route/record_layout.h"
#include "engine/route/route_end.h"
#include "ringway/ringway.h"

namespace ringway {

// Whether the peer is known and open, so that parcels may go into the lane at hand.
inline bool PeerIsOpen(const RouteEnd& end) {
  const Binding& binding = end.binding();
  const RouteEndBlock* peer = binding.known_peer();
  // [route.closed] Pairs with RouteEnd::Close().
  return peer && !binding.gone() &&
         peer->attention.state.load(std::memory_order_acquire) != kRouteClosed;
}

// Under PutSide::lock: how many of the parcels, from the first on, were put
// aside. They are published by PutSide::writer.Publish(), and what the peer's
// readers want is looked at then.
[[gnu::always_inline]] inline size_t TryPut(RouteEnd& end, const RingwayParcel* parcels,
                                            size_t num_parcels, const PutLimits& limits) {
  PutSide& put = end.put;
  if (!PeerIsOpen(end) || put.two_phase) [[unlikely]]
    return 0;
  size_t done = 0;
  for (; done < num_parcels; ++done) {
    const size_t num_bytes = parcels[done].num_bytes;
    const uint64_t record_bytes = AlignRecord(kRecordPrefixBytes + num_bytes);
    uint64_t offset;
    if (num_bytes > kInlineBytesMax || !put.Fits(num_bytes, limits) ||
        !put.writer.ReserveHere(record_bytes, &offset)) [[unlikely]]
      break;
    CopyIn(put.writer.memory().At(offset) + kRecordPrefixBytes, parcels[done].data, num_bytes);
    put.PutAside(offset, record_bytes, RecordKind::kData, 0,
                 RecordSecond{static_cast<uint32_t>(num_bytes), 0, 0}.Pack(), num_bytes);
  }
  end.ShowPutTotals();
  return done;
}

enum class Tried { kDone, kNothing, kOther };

// Under GetSide::lock: whether TakeParcel() may be tried.
inline bool TakesParcels(const RouteEnd& end) {
  const GetSide& get = end.get;
  return end.binding().known_peer() && get.front.lane.valid() && get.sources.size() == 1 &&
         get.sources.front().get() == &end.binding() && !get.front_claimed &&
         get.front_bytes_taken == 0 && !end.binding().gone();
}

// Whether a record is of the usual kind: bytes, all of them in the record.
inline bool IsPlainParcel(const LaneRecord& record) {
  const RecordSecond second = RecordSecond::Unpack(record.second);
  return record.header.IsPlain(RecordKind::kData) && (second.portals | second.objects) == 0 &&
         second.inline_bytes <= record.header.bytes - kRecordPrefixBytes;
}

// Under GetSide::lock. False: there is none, or one has to look closer.
inline bool PlainParcelWaits(RouteEnd& end) {
  if (!TakesParcels(end)) return false;
  LaneRecord record;
  const Cursor& front = end.get.front;
  uint64_t position = front.position;
  return front.lane.Peek(&position, &record) == PeekResult::kRecord && IsPlainParcel(record);
}

// kDone: a whole parcel was copied and taken, its size is in `*num_bytes` (which
// held the capacity); RouteEnd::ShowGetTotals() is to follow, and the look at
// what the peer's writers want. kNothing: there is none, and its peer is open.
[[gnu::always_inline]] inline Tried TakeParcel(RouteEnd& end, void* data, size_t* num_bytes) {
  GetSide& get = end.get;
  const RouteEndBlock* peer = end.binding().known_peer();
  // [route.closed] Pairs with RouteEnd::Close(). Before looking at the lane.
  const uint32_t state = peer->attention.state.load(std::memory_order_acquire);
  LaneRecord record;
  const PeekResult peeked = get.front.lane.Peek(&get.front.position, &record);
  if (peeked == PeekResult::kEmpty && state != kRouteClosed) return Tried::kNothing;
  const RecordSecond second = RecordSecond::Unpack(record.second);
  if (peeked != PeekResult::kRecord || !IsPlainParcel(record) || second.inline_bytes > *num_bytes)
      [[unlikely]]
    return Tried::kOther;
  const std::byte* payload = get.front.lane.memory().At(record.offset) + kRecordPrefixBytes;
  CopyOut(data, payload, second.inline_bytes);
  *num_bytes = second.inline_bytes;
  get.Take(record, second.inline_bytes);
  return Tried::kDone;
}

}  // namespace ringway

#endif  // ENGINE_ROUTE_FAST_PATH_H_
