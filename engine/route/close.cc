// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// How a route ends: closing a portal, and destroying what still arrives for it.

#include <algorithm>

#include "engine/link/link.h"
#include "engine/route/route_end.h"
#include "engine/route/transfer.h"
#include "engine/route/waiter.h"

namespace ringway {

void Destroy(Attachments attachments) {
  for (Ref<HandleObject>& attachment : attachments) {
    if (attachment && attachment->kind() == HandleKind::kPortal) {
      static_cast<RouteEnd*>(attachment.get())->Close();
    }
  }
}

void RouteEnd::Detach(FiredTraps* removed, std::vector<Ref<Waiter>>* waiters) {
  SetHandle(IPCZ_INVALID_HANDLE);
  const IpczPortalStatus status = Status();
  for (const Trap& trap : get.traps) removed->push_back({trap, IPCZ_TRAP_REMOVED, status});
  get.traps.clear();
  waiters->insert(waiters->end(), get.waiters.begin(), get.waiters.end());
}

void RouteEnd::Close() {
  FiredTraps removed;
  std::vector<Ref<Waiter>> waiters;
  WakeActions actions;
  Ref<Binding> binding;
  bool arrives;  // something still, from another node
  {
    std::scoped_lock lock(put.lock, get.lock);
    Detach(&removed, &waiters);
    get.sink = true;
    get.two_phase = false;
    AbortTwoPhasePut();
    EndOutLane(&actions);
    LookAtWriters(true, &actions);
    binding = binding_;
    arrives = std::any_of(get.sources.begin(), get.sources.end(),
                          [](const Ref<Binding>& each) { return !each->is_local(); });
  }
  // What is left to do is mostly done by another thread.
  put.lock.Disown();
  get.lock.Disown();
  // [route.rests] Pairs with HandlesPut::Commit(): it sees us closed, or Drain() the record.
  FullFence();
  Perform(actions);
  for (const Ref<Waiter>& waiter : waiters) waiter->Kick();
  Fire(removed);
  if (binding->is_local()) binding->pair()->SetEnd(binding->side(), nullptr);
  Drain();
  // Arms the sink anew: what was armed for a trap or a relay may be answered already.
  arrives ? Evaluate(true) : FinishEdges();
}

// Under put.lock: what was put is all that comes.
void RouteEnd::EndOutLane(WakeActions* actions) {
  if (put.writer.valid() && !put.ended) put.writer.End(RecordKind::kClosed, 0);
  put.ended = true;
  // [route.closed] Pairs with Binding::PeerClosed(): all we put is visible.
  binding_->own().attention.state.store(kRouteClosed, std::memory_order_release);
  LookAtReaders(true, actions);
}

void RouteEnd::EndPuts() {
  WakeActions actions;
  {
    std::lock_guard lock(put.lock);
    EndOutLane(&actions);
  }
  Perform(actions);
}

// Whether more was destroyed than can have been queued when the portal closed:
// then the peer goes on writing to it, and whoever drains would never be done.
bool RouteEnd::DrainsInVain() const {
  constexpr uint64_t kLateParcels = 1 << 16;  // put by threads that had not seen the end yet
  const Binding& source = *get.sources[get.front.source];
  if (source.is_local()) return false;
  return get.drained > source.link()->peer_memory().bytes() / kRecordAlign + kLateParcels;
}

// A route that ends while it moves ends before the edges behind for whoever gets
// from it; what lies there is destroyed, too.
bool RouteEnd::DrainsNext() {
  const size_t next = get.front.source + 1;
  if (next >= get.sources.size()) return false;
  get.front = StartOf(next);
  return true;
}

void RouteEnd::Drain() {
  Ref<Binding> source;
  Found found;
  for (;;) {
    Attachments attachments;
    WakeActions actions;
    ClaimResult claimed;
    uint64_t memory_needed = 0;
    {
      std::lock_guard lock(get.lock);
      if (get.done) return;  // its lanes may be another's by now
      ParcelView view;
      found = Front(&view);
      source = get.sources[get.front.source];
      if (found == Found::kParcel && DrainsInVain()) found = Found::kPeerBroken;
      if (found == Found::kClosed && DrainsNext()) continue;
      if (found != Found::kParcel) break;
      claimed = ClaimAttachments(view, &memory_needed);
      if (claimed == ClaimResult::kOk) {
        attachments = std::move(get.front_attachments);
        get.front_attachments.clear();
        Consume(view, &actions);
        ++get.drained;
      }
    }
    if (claimed == ClaimResult::kNeedsMemory) {
      // Without memory nothing can be taken in or told to the peers of what came.
      if (source->link()->ProvideToAccept(memory_needed) == IPCZ_RESULT_OK) continue;
      claimed = ClaimResult::kPeerBroken;
    }
    if (claimed == ClaimResult::kPeerBroken) {
      found = Found::kPeerBroken;
      break;
    }
    Perform(actions);
    Destroy(std::move(attachments));
  }
  if (found == Found::kPeerBroken) {
    source->Break("a record that cannot be");
    found = Found::kClosed;
  }
  if (found != Found::kClosed) return;
  std::vector<Ref<Binding>> edges;
  {
    // A route that was moving ends in all of its edges.
    std::scoped_lock lock(put.lock, get.lock);
    if (get.awaits_lane || get.front.source + 1 < get.sources.size()) return;  // there is one more
    get.done = true;
    edges.swap(get.finished);
    edges.push_back(get.sources[get.front.source]);
    const bool listed = std::find(edges.begin(), edges.end(), binding_) != edges.end();
    if (!listed) edges.push_back(binding_);
  }
  for (const Ref<Binding>& edge : edges) FinishEdge(*edge);
}

bool RouteEnd::HasGotMuch() {
  constexpr uint64_t kMuch = 64 << 10;
  std::lock_guard lock(get.lock);
  return get.bytes >= kMuch;
}

bool RouteEnd::IsOpenIn(const Binding& edge) {
  std::scoped_lock lock(put.lock, get.lock);
  return binding_.get() == &edge && !put.ended && !get.sink && !get.done && !edge.gone();
}

void RouteEnd::FinishEdge(Binding& edge) {
  if (!edge.is_local()) edge.link()->RouteDone(*this, edge);
}

void RouteEnd::FinishEdges() {
  std::vector<Ref<Binding>> finished;
  {
    std::lock_guard lock(get.lock);
    finished.swap(get.finished);
  }
  for (const Ref<Binding>& edge : finished) FinishEdge(*edge);
}

void RouteEnd::ReleaseLanes(const Binding& edge) {
  std::lock_guard lock(put.lock);
  if (binding_.get() != &edge) return;
  for (const PutSide::Retired& retired : put.retired) binding_->memory().Free(retired.block);
  put.retired.clear();
  if (put.spare.address) binding_->memory().Free(std::exchange(put.spare, OutBlock()));
  if (put.writer.valid()) binding_->memory().Free(put.lane);
  put.writer = LaneWriter();
}

void RouteEnd::AbortTwoPhasePut() {
  if (!put.two_phase) return;
  if (put.two_phase_block.address) {
    Binding& owner = put.two_phase_moved ? *put.two_phase_moved : *binding_;
    owner.memory().Free(put.two_phase_block);
  }
  put.two_phase_moved = nullptr;
  put.two_phase = false;
  put.two_phase_block = OutBlock();
}

}  // namespace ringway
