// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// A relay of which one end has its peer on this node: the peer takes the place
// of the other end, without asking anyone. docs/protocol.md, "Moving".

#include <utility>

#include "engine/link/link.h"
#include "engine/node/node.h"
#include "engine/route/relay.h"
#include "engine/route/waiter.h"

namespace ringway {

// By the running thread, when it has forwarded what there was. True: the relay
// has ended.
bool Relay::TrySplice() {
  {
    // With an end that has its peer here, it stays idle.
    std::lock_guard lock(mutex_);
    if (step_ != Step::kIdle) return false;
  }
  for (int side = 0; side < 2; ++side) {
    RouteEnd& near = *ends_[side];
    Ref<RouteEnd> peer;
    {
      std::lock_guard lock(near.get.lock);
      if (!near.binding().is_local()) continue;
      peer = near.binding().pair()->End(1 - near.binding().side());
    }
    if (peer.get() == ends_[1 - side].get()) {
      // A ring: nobody puts into it, and nobody gets.
      ended_ = true;
      Uncouple();
      return true;
    }
    if (peer && Splice(near, *peer, *ends_[1 - side])) return true;
  }
  return false;
}

bool Relay::Splice(RouteEnd& near, RouteEnd& peer, RouteEnd& other) {
  std::vector<Ref<Waiter>> waiters;
  Ref<Forwarder> next_relay;
  {
    std::lock_guard one_at_a_time(near.node()->transfer_mutex());
    std::scoped_lock locks(near.put.lock, near.get.lock, peer.put.lock, peer.get.lock,
                           other.put.lock, other.get.lock);
    // All three settled, and nothing of the peer's is left to be forwarded.
    ParcelView view;
    const bool joined = near.binding_->is_local() && peer.binding_->is_local() &&
                        near.binding_->pair() == peer.binding_->pair();
    if (!joined || !near.MayMove() || !peer.MayMove() || !other.MayMove() ||
        (near.put.in_progress | peer.put.in_progress | other.put.in_progress) != 0 ||
        near.Front(&view) != Found::kNothing || near.get.sources.size() != 1 ||
        other.get.sources.size() != 1 || other.get.front_claimed) {
      return false;
    }
    waiters = peer.get.waiters;
    next_relay = peer.get.relay;
    peer.TakePlaceOf(other, near);
    near.get.relay = other.get.relay = nullptr;
    near.get.done = other.get.done = true;
  }
  ended_ = true;
  near.FinishEdges();
  other.FinishEdges();
  for (const Ref<Waiter>& waiter : waiters) waiter->Kick();
  peer.LookAtLinks();
  peer.LookAgain();
  peer.PeerChanged();
  if (next_relay) next_relay->EndMoved();
  peer.PokeNeighbour(true);
  return true;
}

// Under the locks of all three: `near` is our peer of this node, coupled to
// `other`. Its lane comes first, then what comes to `other` from now on.
void RouteEnd::TakePlaceOf(RouteEnd& other, RouteEnd& near) {
  const Ref<Binding> old = binding_;
  const Ref<LocalPair> pair(old->pair());
  if (put.two_phase && !put.two_phase_moved) put.two_phase_moved = old;
  if (near.put.writer.valid()) {
    near.put.writer.End(RecordKind::kMoved, 0);
    near.put.ended = true;
    get.sources.push_back(other.binding_);
  } else {
    get.sources.back() = other.binding_;
  }
  Cursor start = other.get.front;
  start.source = get.sources.size() - 1;
  std::erase_if(get.resumes, [&](const Cursor& each) { return each.source == start.source; });
  if (get.front.source == start.source) {
    get.front = start;
    get.ahead_parcels = get.ahead_bytes = 0;
    get.ahead = Cursor();
  } else {
    get.resumes.push_back(start);
    if (get.ahead.source == start.source) get.ahead = start;  // nothing of it was counted yet
  }
  put.writer = other.put.writer;
  put.lane = std::exchange(other.put.lane, OutBlock());
  put.retired = std::move(other.put.retired);
  put.spare = std::exchange(other.put.spare, OutBlock());
  put.ended = other.put.ended;
  put.readers = other.put.readers;
  get.writers = other.get.writers;
  other.put.writer = LaneWriter();
  other.put.retired.clear();
  pair->SetEnd(0, nullptr);
  pair->SetEnd(1, nullptr);
  RememberConsumed();
  binding_ = other.binding_;
  binding_->own().attention.hops.store(0, std::memory_order_relaxed);  // a hint
  if (binding_->is_local()) {
    binding_->pair()->SetEnd(binding_->side(), Ref<RouteEnd>(this));
  } else {
    binding_->link()->Reassign(*binding_, Ref<RouteEnd>(this));
  }
  PublishTotals();
}

}  // namespace ringway
