// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/route/transfer.h"

#include <algorithm>
#include <cstring>

#include "engine/base/check.h"
#include "engine/node/node.h"
#include "engine/route/relay.h"

namespace ringway {

namespace {

bool IsPortal(const Ref<HandleObject>& object) { return object->kind() == HandleKind::kPortal; }

Ref<RouteEnd> PortalOf(const Ref<HandleObject>& object) {
  return Ref<RouteEnd>(static_cast<RouteEnd*>(object.get()));
}

uint64_t RecordBytes(size_t handles, uint64_t payload_bytes) {
  const uint64_t described =
      handles == 0 ? 0 : sizeof(HandlesHeader) + handles * sizeof(HandleDescriptor);
  const uint64_t body = payload_bytes <= kInlineBytesMax ? payload_bytes : sizeof(BlockName);
  return AlignRecord(kRecordPrefixBytes + described + body);
}

}  // namespace

IpczResult Transfer::Run(const Attachments& attachments, HandleDescriptors* descriptors) {
  std::unique_lock one_at_a_time(link_.node()->transfer_mutex());
  for (;;) {
    for (const Ref<HandleObject>& each : attachments) {
      if (IsPortal(each)) Gather(PortalOf(each));
    }
    named_ = moves_.size();
    for (size_t i = 0; i < moves_.size(); ++i) {
      // Portals in queued parcels; moves_ grows as they are found.
      Attachments inner;
      for (const Pending& pending : moves_[i].pending) {
        for (const Ref<HandleObject>& object : pending.attachments) {
          if (IsPortal(object)) inner.push_back(object);
        }
      }
      for (const Ref<HandleObject>& portal : inner) Gather(PortalOf(portal));
    }
    uint64_t memory_needed = 0;
    if (Allocate(&memory_needed)) break;
    FreeAllocated();
    UnlockAll();
    moves_.clear();
    one_at_a_time.unlock();  // a driver call follows
    const IpczResult provided = link_.memory()->Provide(memory_needed);
    if (provided != IPCZ_RESULT_OK) return provided;
    one_at_a_time.lock();
  }
  for (Move& move : moves_) move.relayed ? CommitRelayed(move) : Commit(move);
  for (const Ref<HandleObject>& each : attachments) {
    if (IsPortal(each)) descriptors->push_back(Describe(MoveOf(*PortalOf(each))));
  }
  UnlockAll();
  bool down = false;
  for (Move& move : moves_) down = !link_.Assign(move.binding, move.staying) || down;
  one_at_a_time.unlock();
  if (down) Abandon();
  return IPCZ_RESULT_OK;
}

// Locks a portal and its peer, and lists what is queued for the portal. No
// other thread holds more than one portal's locks (transfer_mutex), so the
// order in which they are taken does not matter.
void Transfer::Gather(Ref<RouteEnd> portal) {
  // Of a pair that leaves whole, the second portal's peer is away by then, or
  // will be; its locks are ours. And what is still under way to a portal can only
  // be forwarded.
  Ref<RouteEnd> peer;
  if (portal->stays_) return GatherRelayed(std::move(portal));
  portal->put.lock.lock();
  portal->get.lock.lock();
  bool direct = portal->HasPeerHere(&peer) && (!peer || peer->move_ == RouteEnd::kNoMove);
  // A peer that has closed is stood in for: its last parcels still count.
  const bool closed = !peer;
  if (direct && closed) peer = RouteEnd::Create(Ref<Node>(portal->node()));
  if (direct) {
    peer->put.lock.lock();
    peer->get.lock.lock();
    direct = closed || peer->StaysHere();
    if (!direct) {
      peer->get.lock.unlock();
      peer->put.lock.unlock();
    }
  }
  if (!direct) return GatherRelayed(std::move(portal));
  Move move;
  move.pair = Ref<LocalPair>(portal->binding().pair());
  move.staying = std::move(peer);
  move.stand_in = closed;
  if (closed) {
    move.staying->Bind(MakeRef<Binding>(move.pair, 1 - portal->binding().side()));
    move.staying->get.sink = true;
    const RouteEndBlock& own = move.staying->binding().own();
    move.staying->put.parcels = own.producer.parcels.load(std::memory_order_relaxed);  // ended
    move.staying->put.bytes = own.producer.bytes.load(std::memory_order_relaxed);
    move.staying->binding().own().attention.state.store(kRouteClosed, std::memory_order_relaxed);
  }
  Cursor cursor = portal->get.front;
  ParcelView view;
  while (portal->Peek(&cursor, &view) == Found::kParcel) {
    const bool first = move.pending.empty();
    Pending pending{view, {}, {}};
    if (first && portal->get.front_claimed) {
      pending.attachments = portal->get.front_attachments;
    } else if (view.objects != 0) {
      pending.attachments = portal->get.sources[cursor.source]->batches().Copy(view.batch);
    }
    if (first) {
      pending.view.payload += portal->get.front_bytes_taken;
      pending.view.bytes -= portal->get.front_bytes_taken;
    }
    move.pending.push_back(std::move(pending));
    cursor.position = view.record.end();
  }
  portal->move_ = static_cast<uint32_t>(moves_.size());
  move.staying->stays_ = true;
  move.leaving = std::move(portal);
  moves_.push_back(std::move(move));
}

// With the portal locked.
void Transfer::GatherRelayed(Ref<RouteEnd> portal) {
  Move move;
  move.relayed = true;
  move.locked_twice = portal->stays_;
  move.staying = RouteEnd::Create(Ref<Node>(portal->node()));
  move.staying->put.lock.lock();
  move.staying->get.lock.lock();
  portal->move_ = static_cast<uint32_t>(moves_.size());
  move.leaving = std::move(portal);
  moves_.push_back(std::move(move));
}

bool Transfer::Allocate(uint64_t* memory_needed) {
  LinkMemory& memory = *link_.memory();
  for (Move& move : moves_) {
    if (!link_.Reserve(&move.sublink, &move.own, memory_needed)) {
      move.own = nullptr;
      return false;
    }
    uint64_t lane_bytes = kEndMarkBytes;
    for (Pending& pending : move.pending) {
      const uint64_t bytes = pending.view.bytes;
      lane_bytes += RecordBytes(pending.attachments.size(), bytes);
      if (bytes <= kInlineBytesMax) continue;
      *memory_needed = bytes;
      if (!memory.Allocate(bytes, &pending.block)) return false;
    }
    if (move.pending.empty()) continue;
    *memory_needed = std::max<uint64_t>(uint64_t{1} << Log2AtLeast(2 * lane_bytes), kLaneBytesMin);
    if (!memory.Allocate(*memory_needed, &move.lane)) return false;
  }
  return true;
}

void Transfer::FreeAllocated() {
  for (Move& move : moves_) {
    if (move.own) link_.Unreserve(move.sublink);
    if (move.lane.address) link_.memory()->Free(move.lane);
    for (Pending& pending : move.pending) {
      if (pending.block.address) link_.memory()->Free(pending.block);
    }
  }
}

HandleDescriptor Transfer::Describe(const Move& move) const {
  HandleDescriptor descriptor = {};
  descriptor.kind = kDescribesPortal;
  descriptor.sublink = PeerSublink(move.sublink);
  descriptor.flags = move.relayed ? kDescribesRelayed : 0;
  descriptor.links_crossed = move.leaving->get.links_crossed;
  descriptor.pair[0] = link_.node()->name()[0];
  descriptor.pair[1] = link_.node()->name()[1] ^ move.sublink;
  descriptor.parcels_put = move.leaving->put.parcels;
  descriptor.bytes_put = move.leaving->put.bytes;
  descriptor.parcels_consumed = move.leaving->get.parcels;
  descriptor.bytes_consumed = move.leaving->get.bytes;
  return descriptor;
}

void Transfer::Commit(Move& move) {
  RouteEnd& leaving = *move.leaving;
  RouteEnd& staying = *move.staying;
  move.binding = MakeRef<Binding>(Ref<Link>(&link_), move.sublink, move.own);
  const bool closed =
      staying.binding().own().attention.state.load(std::memory_order_relaxed) == kRouteClosed;
  // What the leaving portal put before comes first; then the new lane is read.
  if (leaving.put.writer.valid() && !move.stand_in) {
    leaving.put.writer.End(RecordKind::kMoved, 0);
    staying.get.sources.push_back(move.binding);
  } else {
    // Nothing was put: the new lane takes the place of the old one.
    const size_t last = staying.get.sources.size() - 1;
    staying.get.sources[last] = move.binding;
    std::erase_if(staying.get.resumes, [last](const Cursor& each) { return each.source == last; });
    if (staying.get.front.source == last) staying.get.front = Cursor{last, {}, 0, nullptr};
    staying.get.ahead_parcels = staying.get.ahead_bytes = 0;
    staying.get.ahead = Cursor();
  }
  move.pair->SetEnd(0, nullptr);
  move.pair->SetEnd(1, nullptr);
  // Lanes and blocks within the node are freed with the pair.
  staying.put.retired.clear();
  staying.put.writer = LaneWriter();
  staying.put.readers = WakeMemory();
  staying.get.writers = WakeMemory();
  if (staying.put.two_phase && !staying.put.two_phase_moved) {
    // The block of a two-phase put stays where it is; EndPut() copies it.
    staying.put.two_phase_moved = staying.binding_ref();
  }
  staying.RememberConsumed();
  staying.binding_ = move.binding;
  if (!move.pending.empty()) WritePending(move);
  staying.PublishTotals();
  move.finished.swap(leaving.get.finished);
  const GetSide& get = staying.get;
  move.wants_look = !get.traps.empty() || !get.waiters.empty() || !get.finished.empty() ||
                    get.sink || get.lost || get.relay;
  if (closed) {
    if (staying.put.writer.valid()) staying.put.writer.End(RecordKind::kClosed, 0);
    // [route.closed] Pairs with Binding::PeerClosed().
    move.own->attention.state.store(kRouteClosed, std::memory_order_release);
  }
}

// The new end stands for the far peer: it has put what the portal got, and it
// has consumed of the portal's parcels what the far peer had.
void Transfer::CommitRelayed(Move& move) {
  const RouteEnd& leaving = *move.leaving;
  RouteEnd& staying = *move.staying;
  move.binding = MakeRef<Binding>(Ref<Link>(&link_), move.sublink, move.own);
  staying.Bind(move.binding);
  staying.put.parcels = leaving.get.parcels;
  staying.put.bytes = leaving.get.bytes;
  staying.get.parcels = leaving.ConsumedByPeer();
  staying.get.bytes = leaving.BytesConsumedByPeer();
  staying.PublishTotals();
}

void Transfer::WritePending(Move& move) {
  PutSide& put = move.staying->put;
  put.lane = move.lane;
  put.writer = LaneWriter(LaneMemory(move.lane.address, move.lane.bytes), 0);
  const auto no_head = [] { return uint64_t{0}; };
  for (Pending& pending : move.pending) {
    const uint64_t bytes = pending.view.bytes;
    const bool in_block = bytes > kInlineBytesMax;
    const size_t handles = pending.attachments.size();
    const uint64_t record_bytes = RecordBytes(handles, bytes);
    uint64_t offset = 0;
    Check(put.writer.Reserve(record_bytes, no_head, &offset) == ReserveResult::kOk,
          "a lane made for what is queued takes it");
    std::byte* at = put.writer.memory().At(offset) + kRecordPrefixBytes;
    RecordSecond second{in_block ? 0 : static_cast<uint32_t>(bytes), 0, 0};
    if (handles != 0) {
      LateObjects late{PeerSublink(move.sublink), link_.NextBatch(), {}};
      std::byte* header_at = at;
      at += sizeof(HandlesHeader);
      for (const Ref<HandleObject>& object : pending.attachments) {
        HandleDescriptor descriptor = {};
        if (IsPortal(object)) {
          descriptor = Describe(MoveOf(*PortalOf(object)));
          ++second.portals;
        } else {
          descriptor.kind = kDescribesObject;
          late.boxes.push_back(object);
          ++second.objects;
        }
        std::memcpy(at, &descriptor, sizeof(descriptor));
        at += sizeof(descriptor);
      }
      const HandlesHeader header{second.objects == 0 ? 0 : late.batch, 0};
      std::memcpy(header_at, &header, sizeof(header));
      if (second.objects != 0) late_.push_back(std::move(late));
    }
    if (in_block) {
      std::memcpy(pending.block.address, pending.view.payload, bytes);
      const BlockName name{pending.block.word, bytes};
      std::memcpy(at, &name, sizeof(name));
    } else if (bytes != 0) {
      std::memcpy(at, pending.view.payload, bytes);
    }
    put.writer.Commit(offset, record_bytes, in_block ? RecordKind::kBlock : RecordKind::kData,
                      handles != 0 ? kRecordHasHandles : 0, second.Pack());
    if (in_block) put.retired.push_back({put.writer.position(), pending.block});
    // The portals travel in their records now; the batch must not close them.
    if (pending.view.objects != 0) {
      static_cast<void>(
          move.pair->batches[move.leaving->binding().side()].Take(pending.view.batch));
    }
  }
  move.leaving->get.front_attachments.clear();
  // [lane.first] Pairs with RouteEnd::Peek().
  move.own->attention.first_lane.store(move.lane.word, std::memory_order_release);
  move.own->producer.lane.store(move.lane.word, std::memory_order_relaxed);  // a hint
}

void Transfer::UnlockAll() {
  for (Move& move : moves_) {
    move.leaving->move_ = RouteEnd::kNoMove;
    move.staying->stays_ = false;
    if (!move.locked_twice) {
      move.leaving->put.lock.unlock();
      move.leaving->get.lock.unlock();
    }
    move.staying->put.lock.unlock();
    move.staying->get.lock.unlock();
  }
}

void Transfer::Announce() {
  for (LateObjects& late : late_) {
    MessageBuilder message(MessageType::kObjects, ObjectsBody{late.sublink, 0, late.batch});
    if (link_.SerializeBoxes(late.boxes, &message) != IPCZ_RESULT_OK) {
      link_.Down();  // a record that waits for ever would hide all behind it
      return;
    }
    static_cast<void>(link_.Send(std::move(message)));
  }
  for (Move& move : moves_) {
    if (move.relayed) Relay::Couple(move.leaving, move.staying);
    for (const Ref<Binding>& edge : move.finished) move.leaving->FinishEdge(*edge);
    if (move.relayed || move.wants_look) move.staying->PeerChanged();
  }
}

void Transfer::Abandon() {
  if (link_.cannot_send()) {
    for (Move& move : moves_) move.staying->PeerGone(link_);
    return;
  }
  // An Attach that nobody awaits names the sublinks in place of the record: the peer closes them.
  // To those of portals in queued parcels it comes by the lanes of these.
  for (size_t i = 0; i < named_; ++i) moves_[i].binding->Say(MessageType::kAttach);
}

}  // namespace ringway
