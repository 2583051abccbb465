// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// How parcels are found in lanes and taken out. All of it runs under
// GetSide::lock. Everything read from a lane is a peer's word: it is copied
// once, bounded, and only then used.

#include <algorithm>
#include <cstring>
#include <vector>

#include "engine/link/link.h"
#include "engine/route/record_layout.h"
#include "engine/route/route_end.h"

namespace ringway {

namespace {

// An honest peer lets at most one mark of each kind follow another in a lane.
constexpr size_t kMarksMax = 4;

constexpr uint64_t kCountsAtOnce = 4096;

Found AsFound(Resolved resolved, bool closed) {
  // What a closed peer names but never sent will not arrive any more.
  if (resolved == Resolved::kPending) return closed ? Found::kClosed : Found::kNothing;
  return Found::kPeerBroken;
}

bool PortalsHaveArrived(const Binding& source, const ParcelView& view) {
  for (uint32_t i = 0; i < view.handles(); ++i) {
    HandleDescriptor descriptor;
    std::memcpy(&descriptor, view.descriptors + i * sizeof(descriptor), sizeof(descriptor));
    if (descriptor.kind != kDescribesPortal || descriptor.sublink >= kRouteEndsMax) continue;
    const RouteEndBlock* peer;
    const uint32_t theirs = PeerSublink(descriptor.sublink);
    if (source.link()->peer_memory().RouteEnd(theirs, &peer) == Resolved::kPending) return false;
  }
  return true;
}

}  // namespace

Found RouteEnd::StepIntoLane(Cursor* cursor, uint64_t word, uint64_t base) {
  const Binding& source = *get.sources[cursor->source];
  PeerBlock block;
  const Resolved resolved = source.Resolve(word, 0, &block);
  if (resolved != Resolved::kOk) return AsFound(resolved, source.gone());
  if (block.capacity < kLaneBytesMin) return Found::kPeerBroken;
  cursor->lane = LaneReader(LaneMemory(block.address, block.capacity), base);
  cursor->position = base;
  cursor->segment = std::move(block.segment);
  return Found::kParcel;
}

Cursor RouteEnd::StartOf(size_t source) const {
  for (const Cursor& each : get.resumes) {
    if (each.source == source) return each;
  }
  return Cursor{source, {}, 0, nullptr};
}

Found RouteEnd::Peek(Cursor* cursor, ParcelView* view) {
  const Found found = FindNext(cursor, view);
  Binding& source = *get.sources[cursor->source];
  if (found == Found::kClosed && source.gone()) source.EndAt(cursor->position);
  return found;
}

Found RouteEnd::FindNext(Cursor* cursor, ParcelView* view) {
  const size_t marks_max = kMarksMax + get.sources.size();
  for (size_t marks = 0; marks < marks_max; ++marks) {
    Binding& source = *get.sources[cursor->source];
    const bool gone = source.gone();
    if (gone && source.EndsAt(cursor->position)) return Found::kClosed;
    const bool closed = gone || source.PeerClosed();  // before looking: all it put is there
    const Found nothing = closed ? Found::kClosed : Found::kNothing;
    const Found broken = gone ? Found::kClosed : Found::kPeerBroken;
    if (!cursor->lane.valid()) [[unlikely]] {
      const RouteEndBlock* peer = source.peer();
      // [lane.first] Pairs with RouteEnd::Grow().
      const uint64_t word = peer ? peer->attention.first_lane.load(std::memory_order_acquire) : 0;
      if (word == 0) return nothing;
      const Found stepped = StepIntoLane(cursor, word, 0);
      if (stepped != Found::kParcel) return stepped == Found::kPeerBroken ? broken : stepped;
    }
    LaneRecord record;
    const PeekResult peeked = cursor->lane.Peek(&cursor->position, &record);
    if (peeked == PeekResult::kEmpty) return nothing;
    if (peeked == PeekResult::kPeerBroken) return broken;
    switch (record.header.kind) {
      case RecordKind::kData:
      case RecordKind::kBlock: {
        const Found viewed = ViewRecord(source, *cursor, record, view);
        return viewed == Found::kPeerBroken ? broken : viewed;
      }
      case RecordKind::kGrow: {
        const Found stepped = StepIntoLane(cursor, record.second, record.end());
        if (stepped != Found::kParcel) return stepped == Found::kPeerBroken ? broken : stepped;
        break;
      }
      case RecordKind::kMoved:
        // The next in-lane was appended before the mark was written, or is awaited.
        if (cursor->source + 1 == get.sources.size()) {
          if (get.ends_moved) return get.sink ? Found::kClosed : Found::kMoved;
          if (get.next_lost) return Found::kClosed;
          return get.awaits_lane && !gone ? Found::kNothing : broken;
        }
        *cursor = StartOf(cursor->source + 1);
        break;
      default:
        return record.header.kind == RecordKind::kClosed ? Found::kClosed : broken;
    }
  }
  return get.sources[cursor->source]->gone() ? Found::kClosed : Found::kPeerBroken;
}

Found RouteEnd::ViewRecord(Binding& source, const Cursor& cursor, const LaneRecord& record,
                           ParcelView* view) {
  const RecordSecond second = RecordSecond::Unpack(record.second);
  const std::byte* at = cursor.lane.memory().At(record.offset) + kRecordPrefixBytes;
  uint64_t left = record.header.bytes - kRecordPrefixBytes;
  const auto take = [&](uint64_t bytes) {
    if (bytes > left) return false;
    at += bytes;
    left -= bytes;
    return true;
  };
  view->record = record;
  view->portals = second.portals;
  view->objects = second.objects;
  view->batch = 0;
  if (view->handles() > kHandlesMax) return Found::kPeerBroken;
  if ((record.header.flags & kRecordHasHandles) != 0) {
    HandlesHeader header;
    const std::byte* header_at = at;
    if (!take(sizeof(header))) return Found::kPeerBroken;
    std::memcpy(&header, header_at, sizeof(header));
    view->batch = header.batch;
    view->descriptors = at;
    const uint64_t described = source.is_local() ? 0 : view->handles();
    if (!take(described * sizeof(HandleDescriptor))) return Found::kPeerBroken;
  } else if (view->handles() != 0) {
    return Found::kPeerBroken;
  }
  if (record.header.kind == RecordKind::kData) {
    view->payload = at;
    view->bytes = second.inline_bytes;
    if (!take(second.inline_bytes)) return Found::kPeerBroken;
  } else {
    BlockName name;
    const std::byte* name_at = at;
    if (!take(sizeof(name)) || second.inline_bytes != 0) return Found::kPeerBroken;
    std::memcpy(&name, name_at, sizeof(name));
    if (name.bytes == 0 || name.bytes > kPayloadBytesMax) return Found::kPeerBroken;
    PeerBlock block;
    const Resolved resolved = source.Resolve(name.word, name.bytes, &block);
    if (resolved != Resolved::kOk) return AsFound(resolved, source.gone());
    view->payload = block.address;
    view->segment = std::move(block.segment);
    view->bytes = name.bytes;
  }
  const bool claimed = get.front_claimed && record.position == get.front.position &&
                       cursor.source == get.front.source;
  if (view->objects != 0 && !claimed) {
    const int64_t arrived = source.batches().SizeOf(view->batch);
    // Without its objects a record hides itself and all behind it.
    if (arrived < 0) return AsFound(Resolved::kPending, source.gone());
    if (arrived != static_cast<int64_t>(view->objects)) return Found::kPeerBroken;
  }
  // Nor is it there before the segments in which its portals' ends lie.
  const bool described = view->portals != 0 && !claimed && !source.is_local();
  if (described && !PortalsHaveArrived(source, *view)) {
    return AsFound(Resolved::kPending, source.gone());
  }
  return Found::kParcel;
}

Found RouteEnd::Front(ParcelView* view) {
  Found found = Peek(&get.front, view);
  if (found == Found::kParcel && view->bytes < get.front_bytes_taken) [[unlikely]] {
    // The peer made the parcel smaller than what was taken of it.
    found = get.sources[get.front.source]->gone() ? Found::kClosed : Found::kPeerBroken;
  }
  if (found == Found::kClosed && get.ahead_parcels != 0) [[unlikely]] {
    // It was counted before it turned out to be nothing that can be had.
    get.ahead = get.front;
    get.ahead_parcels = get.ahead_bytes = get.front_bytes_taken = 0;
  }
  if (get.front.source != 0) [[unlikely]] {
    // What lies behind the front has been read to its end.
    const size_t read = get.front.source;
    if (get.ahead.source < read) get.ahead = get.front;
    for (size_t i = 0; i < read; ++i) {
      if (get.sources[i].get() != binding_.get()) get.finished.push_back(get.sources[i]);
    }
    get.sources.erase(get.sources.begin(), get.sources.begin() + static_cast<ptrdiff_t>(read));
    get.front.source -= read;
    std::erase_if(get.resumes, [read](const Cursor& each) { return each.source <= read; });
    for (Cursor& each : get.resumes) each.source -= read;
    get.ahead.source = get.ahead.source < read ? 0 : get.ahead.source - read;
  }
  return found;
}

void RouteEnd::AnswerWriters(const RouteEndBlock& peer, uint64_t seen, bool end_mark,
                             WakeActions* actions) {
  // Thresholds were stored before the generation that Look() acquired.
  const uint64_t parcels = peer.attention.watch_parcels.load(std::memory_order_relaxed);
  const uint64_t bytes = peer.attention.watch_bytes.load(std::memory_order_relaxed);
  if (end_mark || get.parcels >= parcels || get.bytes >= bytes) {
    if (get.writers.Wants(seen, WakeHalf::kParked)) {
      get.writers.Answer(seen, WakeHalf::kParked);
      // [wake.answer] Pairs with the sleeper's futex: the word it sleeps on changes.
      binding_->own().consumer.writers_answered.store(GenerationOf(seen, WakeHalf::kParked),
                                                      std::memory_order_release);
      actions->writers_word = true;
    }
    if (get.writers.Wants(seen, WakeHalf::kTraps)) {
      get.writers.Answer(seen, WakeHalf::kTraps);
      actions->ready = true;
    }
  }
  get.writers.Settle(seen);
  if (!actions->writers_word && !actions->ready) return;
  binding_->OnWriterWoken();
  actions->binding = binding_;
}

// A relay that we have gone around still forwards what was under way, as far as there
// is room for it with us.
void RouteEnd::LookAtRelayLeft(WakeActions* actions) {
  Binding& edge = *get.sources.front();
  if (edge.is_local()) return;
  ConsumerLine& totals = edge.own().consumer;
  totals.parcels.store(get.parcels, std::memory_order_relaxed);  // hints for limits
  totals.bytes.store(get.bytes, std::memory_order_relaxed);
  FullFence();  // [wake.fence] between our counts and its generation
  const RouteEndBlock* const relay = edge.peer();
  if (!relay) return;
  // [wake.armed] Pairs with Arm(): the thresholds are visible. Answered again and again,
  // until it arms anew; there are few such parcels.
  const uint64_t seen = relay->attention.writers.load(std::memory_order_acquire);
  if (!IsArmed(GenerationOf(seen, WakeHalf::kTraps))) return;
  if (get.parcels < relay->attention.watch_parcels.load(std::memory_order_relaxed) &&
      get.bytes < relay->attention.watch_bytes.load(std::memory_order_relaxed)) {
    return;
  }
  actions->left = get.sources.front();
}

Found RouteEnd::CountAhead() {
  if (get.ahead_parcels == 0) {
    if (get.ahead.SameLane(get.front)) {
      get.ahead.position = get.front.position;
    } else {
      get.ahead = get.front;
    }
  }
  // A lane of a peer's may have no end. Then more seems to lie in it than the peer has memory for.
  const auto in_vain = [this] {
    const Binding& source = *get.sources[get.ahead.source];
    const uint64_t from = get.ahead.source == get.front.source ? get.front.position : 0;
    return !source.is_local() && get.ahead.position - from > source.link()->peer_memory().bytes();
  };
  ParcelView view;
  for (uint64_t count = 0; count % kCountsAtOnce != 0 || !in_vain(); ++count) {
    const Found found = Peek(&get.ahead, &view);
    if (found != Found::kParcel) return found;
    get.ahead.position = view.record.end();
    ++get.ahead_parcels;
    get.ahead_bytes += view.bytes;
  }
  return Found::kParcel;
}

IpczPortalStatus RouteEnd::Status() {
  IpczPortalStatus status = {sizeof(status), IPCZ_NO_FLAGS, 0, 0, 0, 0};
  const bool closed = binding_->PeerClosed();  // before counting: all it put is there
  const Found next = CountAhead();
  status.num_local_parcels = get.ahead_parcels;
  status.num_local_bytes = get.ahead_bytes - get.front_bytes_taken;
  // Get() goes by the end of the lane, which may be seen before the state is.
  if (closed || next == Found::kClosed) {
    status.flags |= IPCZ_PORTAL_STATUS_PEER_CLOSED;
    if (get.ahead_parcels == 0 && next == Found::kClosed) status.flags |= IPCZ_PORTAL_STATUS_DEAD;
    return status;
  }
  const ProducerLine& own = binding_->own().producer;
  const uint64_t parcels = own.parcels.load(std::memory_order_relaxed);  // our own counts
  const uint64_t bytes = own.bytes.load(std::memory_order_relaxed);
  // What the peer says it consumed is a hint; it can lie only to its own loss.
  status.num_remote_parcels = parcels - std::min(parcels, ConsumedByPeer());
  status.num_remote_bytes = bytes - std::min(bytes, BytesConsumedByPeer());
  return status;
}

}  // namespace ringway
