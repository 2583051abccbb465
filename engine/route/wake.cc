// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// How a route end learns of changes that nobody polls for: traps, threads that
// sleep, and sinks. docs/protocol.md, "Waking".

#include <algorithm>
#include <utility>

#include "engine/link/link.h"
#include "engine/route/route_end.h"
#include "engine/route/waiter.h"

namespace ringway {

namespace {

// What a trap still waits for, as totals that the peer will reach.
struct Thresholds {
  uint64_t put_parcels = kNever;
  uint64_t put_bytes = kNever;
  uint64_t consumed_parcels = kNever;
  uint64_t consumed_bytes = kNever;
  bool reading = false;  // someone wants to know of parcels, or of the end
  bool writing = false;  // someone wants to know of consumption
};

void Lower(uint64_t* threshold, uint64_t value) { *threshold = std::min(*threshold, value); }

// The total that exceeds `base` by more than `by`.
uint64_t Beyond(uint64_t base, uint64_t by) { return by >= kNever - base ? kNever : base + by + 1; }

// The consumed total at which less than `below` of `put` is left.
uint64_t UntilBelow(uint64_t put, uint64_t below) { return below > put ? 0 : put - below + 1; }

bool SameOrLower(uint64_t armed, uint64_t wanted) { return armed <= wanted; }

// Makes sure that `half` of `word` is armed with thresholds at least as low as
// the wanted ones. True if it was armed anew.
bool ArmTraps(std::atomic<uint64_t>& word, std::atomic<uint64_t>& parcels,
              std::atomic<uint64_t>& bytes, uint64_t wanted_parcels, uint64_t wanted_bytes,
              bool spent) {
  // All three are only written here, under the route end's lock.
  const bool armed = IsArmed(GenerationOf(word.load(std::memory_order_relaxed), WakeHalf::kTraps));
  if (armed && !spent && SameOrLower(parcels.load(std::memory_order_relaxed), wanted_parcels) &&
      SameOrLower(bytes.load(std::memory_order_relaxed), wanted_bytes)) {
    return false;
  }
  parcels.store(wanted_parcels, std::memory_order_relaxed);  // Arm() releases them
  bytes.store(wanted_bytes, std::memory_order_relaxed);
  Arm(word, WakeHalf::kTraps);
  return true;
}

}  // namespace

IpczTrapConditionFlags SatisfiedConditions(const RouteEnd& end, const Trap& trap,
                                           const IpczPortalStatus& status, bool edges) {
  const IpczTrapConditions& wanted = trap.conditions;
  IpczTrapConditionFlags flags = IPCZ_NO_FLAGS;
  const auto check = [&](IpczTrapConditionFlags flag, bool holds) {
    if ((wanted.flags & flag) != 0 && holds) flags |= flag;
  };
  const bool closed = (status.flags & IPCZ_PORTAL_STATUS_PEER_CLOSED) != 0;
  check(IPCZ_TRAP_PEER_CLOSED, closed);
  check(IPCZ_TRAP_DEAD, (status.flags & IPCZ_PORTAL_STATUS_DEAD) != 0);
  check(IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS, status.num_local_parcels > wanted.min_local_parcels);
  check(IPCZ_TRAP_ABOVE_MIN_LOCAL_BYTES, status.num_local_bytes > wanted.min_local_bytes);
  check(IPCZ_TRAP_BELOW_MAX_REMOTE_PARCELS, status.num_remote_parcels < wanted.max_remote_parcels);
  check(IPCZ_TRAP_BELOW_MAX_REMOTE_BYTES, status.num_remote_bytes < wanted.max_remote_bytes);
  if (edges) {
    check(IPCZ_TRAP_NEW_LOCAL_PARCEL, end.get.parcels + end.get.ahead_parcels > trap.seen_arrived);
    // The peer's line is read for those only who ask.
    const bool asks = (wanted.flags & IPCZ_TRAP_CONSUMED_REMOTE_PARCEL) != 0;
    check(IPCZ_TRAP_CONSUMED_REMOTE_PARCEL, asks && end.ConsumedByPeer() > trap.seen_consumed);
  }
  return flags;
}

uint64_t RouteEnd::ConsumedByPeer() const {
  const RouteEndBlock* peer = binding_->peer();
  const uint64_t now = peer ? peer->consumer.parcels.load(std::memory_order_relaxed) : 0;  // a hint
  return std::max(now, get.consumed_before);
}

uint64_t RouteEnd::BytesConsumedByPeer() const {
  const RouteEndBlock* peer = binding_->peer();
  const uint64_t now = peer ? peer->consumer.bytes.load(std::memory_order_relaxed) : 0;  // a hint
  return std::max(now, get.consumed_bytes_before);
}

// Under both locks, before the binding changes.
void RouteEnd::RememberConsumed() {
  get.consumed_before = ConsumedByPeer();
  get.consumed_bytes_before = BytesConsumedByPeer();
}

// A sink whose peer will say Freed need not hear of what comes before; the peer
// tells it of late handles (HandlesPut::Commit). Under get.lock.
bool RouteEnd::Rests() const {
  return get.sources.size() == 1 && get.sources.front() == binding_ && !binding_->is_local() &&
         binding_->sublink() >= kInitialPortalsMax && !get.awaits_lane && !put.next;
}

bool RouteEnd::Rearm(bool spent) {
  Thresholds want;
  const uint64_t arrived = get.parcels + get.ahead_parcels;
  const ProducerLine& own = binding_->own().producer;
  const uint64_t put_parcels = own.parcels.load(std::memory_order_relaxed);  // our own counts
  const uint64_t put_bytes = own.bytes.load(std::memory_order_relaxed);
  for (const Trap& trap : get.traps) {
    const IpczTrapConditions& c = trap.conditions;
    want.reading = true;  // the end of the route concerns every trap
    if (c.flags & IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS) {
      Lower(&want.put_parcels, Beyond(get.parcels, c.min_local_parcels));
    }
    if (c.flags & IPCZ_TRAP_ABOVE_MIN_LOCAL_BYTES) {
      Lower(&want.put_bytes, Beyond(get.bytes, c.min_local_bytes));
    }
    if (c.flags & IPCZ_TRAP_NEW_LOCAL_PARCEL) Lower(&want.put_parcels, trap.seen_arrived + 1);
    if (c.flags & IPCZ_TRAP_BELOW_MAX_REMOTE_PARCELS) {
      want.writing = true;
      Lower(&want.consumed_parcels, UntilBelow(put_parcels, c.max_remote_parcels));
    }
    if (c.flags & IPCZ_TRAP_BELOW_MAX_REMOTE_BYTES) {
      want.writing = true;
      Lower(&want.consumed_bytes, UntilBelow(put_bytes, c.max_remote_bytes));
    }
    if (c.flags & IPCZ_TRAP_CONSUMED_REMOTE_PARCEL) {
      want.writing = true;
      Lower(&want.consumed_parcels, trap.seen_consumed + 1);
    }
  }
  if (get.relay) {
    want.reading = want.writing = true;
    Lower(&want.put_parcels, get.relayed + 1);
    Lower(&want.consumed_parcels, ConsumedByPeer() + 1);
  }
  if ((get.sink && !Rests()) || get.ready_readers != 0) {
    want.reading = true;
    Lower(&want.put_parcels, arrived + 1);
  }
  if (get.ready_writers != 0) {
    want.writing = true;
    Lower(&want.consumed_parcels, ConsumedByPeer() + 1);
  }
  if (get.parked_writers != 0) {
    // They are armed in their own half, and share the thresholds.
    Lower(&want.consumed_parcels, get.room_parcels);
    Lower(&want.consumed_bytes, get.room_bytes);
  }
  AttentionLine& line = binding_->own().attention;
  bool armed = false;
  const auto arm_readers = [&](AttentionLine& readers) {
    if (want.reading) {
      armed |= ArmTraps(readers.readers, readers.trap_parcels, readers.trap_bytes, want.put_parcels,
                        want.put_bytes, spent);
    } else {
      Disarm(readers.readers, WakeHalf::kTraps);
    }
  };
  for (const Ref<Binding>& source : get.sources) arm_readers(source->own().attention);
  if (want.writing) {
    armed |= ArmTraps(line.writers, line.watch_parcels, line.watch_bytes, want.consumed_parcels,
                      want.consumed_bytes, spent);
  } else {
    Disarm(line.writers, WakeHalf::kTraps);
  }
  return armed;
}

bool RouteEnd::FenceArmed() const {
  FullFence();  // [wake.fence] between our generation and their header, or counts
  const auto omits = [](const Ref<Binding>& each) { return each->PeerOmitsFences(); };
  return omits(binding_) || std::any_of(get.sources.begin(), get.sources.end(), omits);
}

void RouteEnd::Evaluate(bool spent, bool changed) {
  for (;;) {
    FiredTraps fired;
    std::vector<Ref<Binding>> finished;
    std::vector<Ref<Waiter>> waiters;
    Ref<Binding> binding;
    Ref<Forwarder> relay;
    bool armed = false;
    bool needs_barrier = false;
    bool sink;
    {
      std::unique_lock lock(get.lock);
      // Gone since the caller looked, or ended: its block may be another's soon.
      if (!binding_ || get.done) return;
      sink = get.sink;
      if (std::exchange(changed, false) && (sink || get.lost)) {
        const bool lost = get.lost;
        lock.unlock();
        if (lost) CutOff();
        if (sink) Drain();
        continue;
      }
      waiters = get.waiters;
      if (!get.traps.empty()) {
        const IpczPortalStatus status = Status();
        std::erase_if(get.traps, [&](const Trap& trap) {  // each once, in order
          const IpczTrapConditionFlags flags = SatisfiedConditions(*this, trap, status, true);
          if (flags != 0) fired.push_back({trap, flags, status});
          return flags != 0;
        });
      }
      relay = get.relay;
      if (!relay) armed = Rearm(spent);
      if (armed) needs_barrier = FenceArmed();
      binding = binding_;
      finished.swap(get.finished);
    }
    for (const Ref<Binding>& edge : finished) FinishEdge(*edge);
    if (relay) return relay->Run();
    for (const Ref<Waiter>& waiter : waiters) waiter->Kick();
    Fire(fired);
    if (!armed) return;
    // Armed anew: what came before the peer could see that must be found now.
    if (needs_barrier) binding->driver().SleeperBarrier();
    if (sink) Drain();
    spent = false;
  }
}

void RouteEnd::Fire(const FiredTraps& fired) {
  for (const FiredTrap& each : fired) {
    const IpczTrapEvent event = {sizeof(event), each.trap.context, each.flags, &each.status};
    each.trap.handler(&event);
  }
}

void RouteEnd::Perform(const WakeActions& actions) {
  for (const Ref<RouteEnd>& end : actions.taken) end->PokeNeighbour(false);
  if (actions.left) actions.left->link()->SendReady(actions.left->sublink());
  if (!actions.binding) [[likely]]
    return;
  Binding& binding = *actions.binding;
  if (binding.is_local()) {
    if (Ref<RouteEnd> peer = binding.pair()->End(1 - binding.side())) peer->PeerChanged();
    return;
  }
  if (actions.readers_word) binding.driver().WakeWord(&binding.own().producer.readers_answered);
  if (actions.writers_word) binding.driver().WakeWord(&binding.own().consumer.writers_answered);
  if (actions.ready) binding.link()->SendReady(binding.sublink());
}

void RouteEnd::PeerChanged() { Evaluate(true, true); }

void RouteEnd::LookAgain() {
  WakeActions readers;
  WakeActions writers;
  Ref<Binding> edge;
  {
    std::scoped_lock lock(put.lock, get.lock);
    if (!binding_ || get.done) return;  // the edge may be another end's by now
    edge = binding_;
    LookAtReaders(edge->own().attention.state.load(std::memory_order_relaxed) == kRouteClosed,
                  &readers);
    LookAtWriters(get.sink, &writers);
  }
  Perform(readers);
  Perform(writers);
  // [route.rests] As HandlesPut::Commit(), which could not see its state.
  if (!edge->is_local() && edge->PeerClosed()) edge->link()->SendReady(edge->sublink());
}

}  // namespace ringway
