// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// How a relay removes itself: it asks its neighbours to go around it, forwards
// what is still under way, and ends. docs/protocol.md, "Moving".

#include <algorithm>

#include "engine/link/link.h"
#include "engine/node/node.h"
#include "engine/route/relay.h"

namespace ringway {

namespace {

// The same on both sides of an edge.
std::array<uint64_t, 3> IdOf(const Binding& edge) {
  const Key& ours = edge.link()->node()->key();
  const Key& theirs = edge.link()->peer_name();
  const uint32_t sublink = std::min(edge.sublink(), PeerSublink(edge.sublink()));
  const bool even_is_ours = edge.sublink() % 2 == 0;
  return {ours[0] ^ theirs[0], ours[1] ^ theirs[1],
          uint64_t{sublink} << 1 | ((ours < theirs) == even_is_ours ? 1 : 0)};
}

}  // namespace

// The edges, if both neighbours could go around us. The far ends are there: a
// portal that nobody has taken out of its parcel yet could not answer.
bool Relay::FindEdges(Ref<Binding> edges[2]) const {
  for (int side = 0; side < 2; ++side) {
    RouteEnd& end = *ends_[side];
    std::scoped_lock lock(end.put.lock, end.get.lock);
    if (!end.MayMove() || end.binding().is_local()) return false;
    const RouteEndBlock* peer = end.binding().peer();
    // [route.open] Pairs with Binding::ShowOpen(): who is asked can be found.
    if (!peer || peer->attention.state.load(std::memory_order_acquire) != kRouteOpen) return false;
    edges[side] = end.binding_ref();
    if (!edges[side]->link()->up()) return false;
  }
  if (IdOf(*edges[1]) < IdOf(*edges[0])) std::swap(edges[0], edges[1]);
  return true;
}

void Relay::TryRemove() {
  const auto may = [this] { return step_ == Step::kIdle && !refused_ && FindEdges(edges_); };
  {
    std::lock_guard lock(mutex_);
    if (!may()) return;
  }
  // Nobody could go on if there was no memory for our marks once they have moved.
  if (!MakeLane(*ends_[0]) || !MakeLane(*ends_[1])) return;
  {
    std::lock_guard lock(mutex_);
    if (!may()) return;
    step_ = Step::kLocking;
    locked_ = 0;
    poked_ = heard_ = false;
  }
  OnToken();
}

// Takes the next token, or goes on once it has both.
void Relay::OnToken() {
  Key key;
  if (!ends_[0]->node()->driver()->Random(key.data(), sizeof(key))) key = {};
  for (;;) {
    Ref<Binding> near;
    Ref<Binding> far;
    {
      // Locked and counted in one step: who gives up meanwhile gives it back.
      std::lock_guard lock(mutex_);
      if (step_ != Step::kLocking) return;
      const Ref<Binding>& edge = edges_[locked_];
      switch (edge->token().Lock()) {
        case EdgeToken::Answer::kLocked:
          break;
        case EdgeToken::Answer::kAsk:
          far = edge;
          break;
        case EdgeToken::Answer::kWait:
          return;
      }
      if (!far) {
        if (++locked_ < 2) continue;
        step_ = Step::kExpecting;
        key_ = key;
        near = edges_[0];
        far = edges_[1];
      }
    }
    if (!near) return far->Say(MessageType::kWant);
    far->Say(MessageType::kExpect, key, near->link()->peer_name());
    // If the route has ended meanwhile, that was said too early for this.
    std::unique_lock lock(mutex_);
    const bool ended = broken_key_ == key;
    lock.unlock();
    if (ended) far->Say(MessageType::kBroken, key);
    return;
  }
}

// What a neighbour could not do it may be able to now.
void Relay::OnPoke(bool moved) {
  {
    std::lock_guard lock(mutex_);
    heard_ = true;
    refused_ = refused_ && !moved;
    poked_ = poked_ || moved;
  }
  Run();
}

void Relay::OnAnswer(MessageType answer, const Key& key) {
  Ref<Binding> near;
  Ref<Binding> far;
  bool heard;
  {
    std::lock_guard lock(mutex_);
    heard = heard_;
    const bool to_expect = answer == MessageType::kExpectOk || answer == MessageType::kExpectNo;
    const bool expected = key == key_ &&
                          step_ == (to_expect ? Step::kExpecting : Step::kBypassing) &&
                          (to_expect || answer == MessageType::kBypassNo);
    if (!expected) return;
    near = edges_[0];
    far = edges_[1];
    if (answer == MessageType::kExpectOk) {
      step_ = Step::kBypassing;
    } else {
      refused_ = answer == MessageType::kBypassNo && !poked_;
    }
  }
  if (answer == MessageType::kExpectOk) {
    LetEndsMove(true);
    near->Say(MessageType::kBypass, key, far->link()->peer_name());
    return;
  }
  if (answer == MessageType::kBypassNo) {
    LetEndsMove(false);
    far->Say(MessageType::kCancel, key);
  }
  GiveUp(Step::kBypassing, false);
  if (answer == MessageType::kExpectNo) {
    // Whoever refused may have said before that it can move now: two threads of it.
    if (heard) Run();
    return;
  }
  // While we tried, our ends refused to move for others.
  for (const Ref<RouteEnd>& end : ends_) end->PokeNeighbour(false);
  Run();  // somebody else may be there by now
}

void Relay::LetEndsMove(bool let) {
  for (const Ref<RouteEnd>& end : ends_) {
    std::lock_guard lock(end->get.lock);
    end->get.ends_moved = let;
  }
}

// If the removal has come no further than `last`: gives the tokens back. `broken`:
// the route ends, so what the far neighbour still awaits never comes.
void Relay::GiveUp(Step last, bool broken) {
  Ref<Binding> edges[2];
  int locked;
  Key key;
  {
    std::lock_guard lock(mutex_);
    if (step_ == Step::kIdle || step_ > last) return;
    locked = locked_;
    broken = broken && step_ != Step::kLocking;
    key = key_;
    if (broken) broken_key_ = key;
    step_ = Step::kIdle;
    std::swap(edges, edges_);
  }
  // It may have read a `moved` of ours.
  if (broken) edges[1]->Say(MessageType::kBroken, key);
  for (int i = 0; i < locked; ++i) {
    if (edges[i]->token().Unlock()) edges[i]->Say(MessageType::kTok);
  }
}

// One of our ends goes on in another edge: so there is somebody new to ask.
void Relay::EndMoved() {
  {
    std::lock_guard lock(mutex_);
    if (step_ == Step::kExpecting || step_ == Step::kBypassing) return;
    refused_ = false;
  }
  GiveUp(Step::kLocking, false);
  TryRemove();
}

void Relay::EndLost(const RouteEnd& end) {
  {
    std::lock_guard lock(mutex_);
    lost_[&end == ends_[1].get()] = true;
  }
  Run();
}

// Both neighbours have gone around us, and all that was under way is forwarded.
void Relay::Finish() {
  for (const Ref<RouteEnd>& end : ends_) {
    Ref<Binding> edge;
    {
      std::scoped_lock lock(end->put.lock, end->get.lock);
      end->get.relay = nullptr;
      end->get.done = true;
      edge = end->binding_ref();
    }
    end->FinishEdges();
    end->FinishEdge(*edge);
  }
}

}  // namespace ringway
