// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// How a route end goes on in another edge, so that a relay between it and its
// far peer is not needed any more. docs/protocol.md, "Moving".

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/link/link.h"
#include "engine/node/node.h"
#include "engine/route/route_end.h"
#include "engine/route/waiter.h"

namespace ringway {

void RouteEnd::OnRouteMessage(const Ref<Binding>& edge, MessageType type, const Key& key,
                              const Key& node) {
  Ref<Forwarder> relay;
  bool accepts = false;
  {
    std::scoped_lock lock(put.lock, get.lock);
    relay = get.relay;
    if (type == MessageType::kExpect && binding_ == edge && MayMove()) {
      accepts = get.awaits_lane = true;
    }
  }
  switch (type) {
    case MessageType::kWant:
      if (edge->token().OnWant()) edge->Say(MessageType::kTok);
      break;
    case MessageType::kTok:
      edge->token().OnToken();
      if (relay) relay->OnToken();
      if (edge->token().AfterToken()) edge->Say(MessageType::kTok);
      break;
    case MessageType::kExpect:
      if (accepts) BeAwaited(key, node);
      edge->Say(accepts ? MessageType::kExpectOk : MessageType::kExpectNo, key);
      break;
    case MessageType::kBypass:
      // A link may have come while we were about to ask for it.
      if (!Bypass(edge, key, node) && !AsksForLink(edge, key, node) && !Bypass(edge, key, node)) {
        edge->Say(MessageType::kBypassNo, key);
      }
      break;
    case MessageType::kCancel: {
      if (!node_->Unawait(*this, &key)) break;
      {
        std::lock_guard lock(get.lock);
        get.awaits_lane = false;
      }
      PeerChanged();
      PokeNeighbour(false);
      break;
    }
    case MessageType::kBroken:
      // All that comes through the relay is in its lane already.
      if (node_->Unawait(*this, &key)) {
        LoseNextLane();
      } else if (relay) {
        relay->EndLost(*this);
      } else {
        OnGap();
      }
      break;
    case MessageType::kPoke:
      OnPoke(key[0] != 0);
      break;
    default:
      if (relay) relay->OnAnswer(type, key);
      break;
  }
}

void RouteEnd::BeAwaited(const Key& key, const Key& node) {
  node_->Await(key, node, Ref<RouteEnd>(this));
  // The link may have ended in between, and with it what is awaited.
  std::unique_lock lock(get.lock);
  const bool awaits = get.awaits_lane;
  lock.unlock();
  if (!awaits) static_cast<void>(node_->Unawait(*this, &key));
}

bool RouteEnd::MayMove() const {
  constexpr size_t kInLanesMax = 64;  // of a portal that moves again and again, and nobody reads
  const bool open = binding_ && binding_->own().attention.state.load(std::memory_order_relaxed) ==
                                    kRouteOpen;  // written under our lock
  return open && !get.sink && !get.done && !get.awaits_lane && !get.ends_moved && !put.next &&
         get.sources.size() < kInLanesMax && get.sources.back() == binding_ && !binding_->gone();
}

bool RouteEnd::HasPeerHere(Ref<RouteEnd>* peer) {
  if (!binding_->is_local() || get.sources.size() != 1 || get.sources[0] != binding_) return false;
  *peer = binding_->pair()->End(1 - binding_->side());
  return true;
}

bool RouteEnd::StaysHere() { return binding_ && binding_->is_local() && !put.next; }

// A relay at `edge` asks us to go on directly to the node that expects `key`.
bool RouteEnd::Bypass(const Ref<Binding>& edge, const Key& key, const Key& node) {
  {
    std::scoped_lock lock(put.lock, get.lock);
    if (binding_ != edge || !MayMove()) return false;
  }
  if (node == node_->key()) return JoinWithin(edge, key);
  const Ref<Link> link = node_->LinkTo(node);
  if (!link) return false;
  Ref<Binding> next;
  uint64_t memory_needed = 0;
  while (!(next = link->Enter(Ref<RouteEnd>(this), &memory_needed))) {
    if (link->memory()->Provide(memory_needed) != IPCZ_RESULT_OK) return false;
  }
  if (!MoveTo(edge, next)) {
    link->Withdraw(*next);
    return false;
  }
  next->Say(MessageType::kAttach, key);
  LookAtLinks();
  return true;
}

// What Bypass() could not for want of a link it may be able to later.
bool RouteEnd::AsksForLink(const Ref<Binding>& edge, const Key& key, const Key& node) {
  {
    std::scoped_lock lock(put.lock, get.lock);
    if (binding_ != edge || !MayMove()) return false;
  }
  if (node == node_->key()) return false;
  return node_->AskForLinkTo(node, Ref<RouteEnd>(this), edge, key);
}

// Whoever expects `key` is on this node, too.
bool RouteEnd::JoinWithin(const Ref<Binding>& edge, const Key& key) {
  const Ref<RouteEnd> other = node_->TakeAwaited(key, node_->key());
  if (!other) return false;
  const Ref<LocalPair> pair = MakeRef<LocalPair>(node_->driver());
  const Ref<RouteEnd> ends[2] = {Ref<RouteEnd>(this), other};
  Ref<Binding> bindings[2];
  for (int side = 0; side < 2; ++side) {
    bindings[side] = MakeRef<Binding>(pair, side);
    pair->SetEnd(side, ends[side]);
  }
  if (!MoveTo(edge, bindings[0])) {
    // The relay cancels what the other end awaits.
    pair->SetEnd(0, nullptr);
    pair->SetEnd(1, nullptr);
    other->BeAwaited(key, node_->key());
    return false;
  }
  if (other->MoveTo(nullptr, bindings[1])) return true;
  // It finds a closed portal here, which destroys what is put into it.
  const Ref<RouteEnd> nobody = RouteEnd::Create(node_);
  nobody->Bind(bindings[1]);
  nobody->Close();
  other->LoseNextLane();
  return true;
}

// `edge` is what the end must be in now; null: it awaits `next`.
bool RouteEnd::MoveTo(Ref<Binding> edge, const Ref<Binding>& next) {
  const bool awaited = !edge;
  WakeActions actions;
  std::vector<Ref<Waiter>> waiters;
  Ref<Forwarder> relay;
  for (;;) {
    uint64_t memory_needed = 0;
    bool done = false;
    {
      std::scoped_lock lock(put.lock, get.lock);
      if (awaited) edge = binding_;
      const bool may = awaited ? get.awaits_lane : binding_ == edge && MayMove();
      if (!may) return false;
      put.next = next;
      done = put.in_progress != 0 || SwitchOut(&memory_needed, &actions);
      if (done) {
        get.sources.push_back(next);
        get.awaits_lane = false;
        waiters = get.waiters;
        relay = get.relay;
      } else {
        put.next = nullptr;
      }
    }
    if (done) break;
    if (edge->memory().Provide(memory_needed) != IPCZ_RESULT_OK) return false;
  }
  Perform(actions);
  for (const Ref<Waiter>& waiter : waiters) waiter->Kick();
  AfterMove(relay);
  return true;
}

void RouteEnd::AfterMove(const Ref<Forwarder>& relay) {
  Ref<Binding> edge;
  bool sink;
  {
    std::lock_guard lock(get.lock);
    edge = binding_;
    sink = get.sink;
  }
  // It closed when it was elsewhere; nobody is to find it here.
  if (sink && edge->is_local()) edge->pair()->SetEnd(edge->side(), nullptr);
  LookAgain();  // who has been in `edge` for longer may wait for what we show there
  PeerChanged();
  if (relay) relay->EndMoved();
  PokeNeighbour(true);
}

// Whoever gets from us beyond the relay hears of it by the end of our out-lane. What
// the relay still forwards to us arrives, and the route ends behind it.
void RouteEnd::LoseNextLane() {
  WakeActions actions;
  {
    std::scoped_lock lock(put.lock, get.lock);
    if (!std::exchange(get.awaits_lane, false)) return;
    get.next_lost = true;
    EndOutLane(&actions);
    // Nor is more put into it.
    if (put.writer.valid()) Retire(std::exchange(put.lane, OutBlock()));
    put.writer = LaneWriter();
  }
  Perform(actions);
  PeerChanged();
}

// A neighbour that is a relay may be able to remove itself now.
void RouteEnd::PokeNeighbour(bool moved) {
  Ref<Binding> edge;
  {
    std::lock_guard lock(get.lock);
    edge = binding_;
  }
  if (!edge) return;
  // The key of a Poke says whether.
  if (!edge->is_local()) return edge->Say(MessageType::kPoke, {moved ? 1u : 0u, 0});
  if (const Ref<RouteEnd> peer = edge->pair()->End(1 - edge->side())) peer->OnPoke(moved);
}

void RouteEnd::OnPoke(bool moved) {
  Ref<Forwarder> relay;
  {
    std::lock_guard lock(get.lock);
    relay = get.relay;
  }
  if (relay) relay->OnPoke(moved);
}

// The last thread that held up the switch of the out-lane is done.
void RouteEnd::FinishMove() {
  WakeActions actions;
  Ref<Forwarder> relay;
  for (;;) {
    Ref<Binding> binding;
    uint64_t memory_needed = 0;
    {
      std::scoped_lock lock(put.lock, get.lock);
      if (get.done) {  // closed meanwhile, in both edges; they may be another's by now
        put.next = nullptr;
        return;
      }
      relay = get.relay;
      if (!put.next || put.in_progress != 0 || SwitchOut(&memory_needed, &actions)) break;
      binding = binding_;
    }
    if (binding->memory().Provide(memory_needed) != IPCZ_RESULT_OK) {
      binding->Break("no memory for the end of a lane");
      break;
    }
  }
  Perform(actions);
  AfterMove(relay);
}

// Under both locks: ends the out-lane and goes on in put.next. False: memory is
// needed for the mark.
bool RouteEnd::SwitchOut(uint64_t* memory_needed, WakeActions* actions) {
  const Ref<Binding> edge = binding_;
  if (!put.ended) {
    if (!put.writer.valid() && Grow(kEndMarkBytes, memory_needed) == PutResult::kNeedsMemory) {
      return false;
    }
    put.writer.End(RecordKind::kMoved, 0);
    LookAtReaders(true, actions);
  }
  std::vector<OutBlock> left;
  for (const PutSide::Retired& retired : put.retired) left.push_back(retired.block);
  if (put.spare.address) left.push_back(put.spare);
  if (put.writer.valid()) left.push_back(put.lane);
  if (!edge->is_local()) edge->link()->Leave(*edge, std::move(left));
  // The block of a two-phase put stays where it is; EndPut() copies it.
  if (put.two_phase && !put.two_phase_moved) put.two_phase_moved = edge;
  put.retired.clear();
  put.spare = put.lane = OutBlock();
  put.writer = LaneWriter();
  put.ended = get.sink;
  put.readers = WakeMemory();
  get.writers = WakeMemory();
  RememberConsumed();
  binding_ = std::move(put.next);
  PublishTotals();
  // [route.closed] Pairs with Binding::PeerClosed(); a sink puts nothing there.
  if (get.sink) binding_->own().attention.state.store(kRouteClosed, std::memory_order_release);
  const bool read = std::find(get.sources.begin(), get.sources.end(), edge) == get.sources.end();
  if (read) get.finished.push_back(edge);
  return true;
}

}  // namespace ringway
