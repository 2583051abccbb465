// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Waiting for portals: look, look for a while, then sleep on the lanes
// themselves (docs/protocol.md, "Waking"). A portal whose peer cannot wake a
// parked thread, because it is local, or not there yet, or the driver has no
// waiting on words, tells the waiter the way it tells traps.

#include <algorithm>
#include <chrono>

#include "engine/link/link.h"
#include "engine/node/node.h"
#include "engine/portal/portal.h"
#include "engine/route/fast_path.h"
#include "engine/route/waiter.h"
#include "ring/base/fence.h"
#include "ring/base/spin_budget.h"

namespace ringway {

namespace {

using Clock = std::chrono::steady_clock;

uint64_t NowNs() {
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch())
          .count());
}

// One item of a wait while its thread is about to sleep.
struct Armed {
  Ref<RouteEnd> end;
  Ref<Binding> binding;
  bool parked_reader = false;
  bool parked_writer = false;
  bool ready_reader = false;
  bool ready_writer = false;
};

class Wait {
 public:
  Wait(RingwayWaitItem* items, size_t num_items) : items_(items), num_items_(num_items) {}

  IpczResult Run(RingwayWaitMode mode, uint64_t deadline_ns);

 private:
  // OK if some item is satisfied, UNAVAILABLE if none is.
  IpczResult Look();
  IpczResult LookAt(RingwayWaitItem* item);
  IpczResult LookAtOnce();
  IpczResult Spin(uint64_t until_ns);
  IpczResult Park(uint64_t deadline_ns);
  IpczResult Arm();
  void ArmOne(const RingwayWaitItem& item, Armed* armed);
  void Disarm();

  RingwayWaitItem* const items_;
  const size_t num_items_;
  bool started_ = false;  // the items were all good once
  Ref<Waiter> waiter_;
  std::vector<Armed> armed_;
  std::vector<RingwayWord> words_;
  bool needs_barrier_ = false;  // of the driver, before looking again
};

IpczResult Wait::LookAt(RingwayWaitItem* item) {
  item->satisfied = 0;
  const IpczResult bad = started_ ? IPCZ_RESULT_CANCELLED : IPCZ_RESULT_INVALID_ARGUMENT;
  RouteEnd* end = RouteEnd::Find(item->portal);
  if (!end) return bad;
  Ref<Binding> broken;
  {
    std::lock_guard lock(end->get.lock);
    if (end->handle() != item->portal) return bad;
    if (end->binding().PeerClosed()) item->satisfied |= RINGWAY_WAIT_PEER_CLOSED;
    if ((item->wanted & RINGWAY_WAIT_READABLE) != 0) {
      ParcelView view;
      Found found = Found::kNothing;
      if (!end->get.two_phase) found = PlainParcelWaits(*end) ? Found::kParcel : end->Front(&view);
      if (found == Found::kParcel) item->satisfied |= RINGWAY_WAIT_READABLE;
      if (found == Found::kPeerBroken) broken = end->get.sources[end->get.front.source];
    }
    if ((item->wanted & RINGWAY_WAIT_WRITABLE) != 0) {
      const IpczPortalStatus status = end->Status();
      const bool room = status.num_remote_parcels < item->max_remote_parcels &&
                        status.num_remote_bytes < item->max_remote_bytes;
      const bool closed = (status.flags & IPCZ_PORTAL_STATUS_PEER_CLOSED) != 0;
      if (room && !closed) item->satisfied |= RINGWAY_WAIT_WRITABLE;
    }
  }
  if (broken) {
    broken->Break("a record that cannot be");
    item->satisfied |= RINGWAY_WAIT_PEER_CLOSED;
  }
  return item->satisfied != 0 ? IPCZ_RESULT_OK : IPCZ_RESULT_UNAVAILABLE;
}

IpczResult Wait::Look() {
  IpczResult result = IPCZ_RESULT_UNAVAILABLE;
  Node* node = nullptr;
  for (size_t i = 0; i < num_items_; ++i) {
    const IpczResult looked = LookAt(&items_[i]);
    if (looked == IPCZ_RESULT_OK) result = looked;
    if (looked != IPCZ_RESULT_OK && looked != IPCZ_RESULT_UNAVAILABLE) return looked;
    if (started_ || num_items_ == 1) continue;
    const Ref<RouteEnd> end = HandleTable::Get().Lookup<RouteEnd>(items_[i].portal);
    if (!end || (node && end->node() != node)) return IPCZ_RESULT_INVALID_ARGUMENT;
    node = end->node();
  }
  started_ = true;
  return result;
}

// What comes within a few cache lines' time is seen with neither a clock nor a
// pause in between, which each cost as much as such a look.
IpczResult Wait::LookAtOnce() {
  constexpr int kLooks = 32;
  IpczResult looked = Look();
  for (int i = 1; i < kLooks && looked == IPCZ_RESULT_UNAVAILABLE; ++i) looked = Look();
  return looked;
}

IpczResult Wait::Spin(uint64_t until_ns) {
  constexpr int kLooksPerClock = 16;
  for (;;) {
    for (int i = 0; i < kLooksPerClock; ++i) {
      const IpczResult looked = Look();
      if (looked != IPCZ_RESULT_UNAVAILABLE) return looked;
      CpuRelax();
    }
    if (NowNs() >= until_ns) return IPCZ_RESULT_UNAVAILABLE;
  }
}

// Lowers the thresholds, which parked threads and traps share, to where `item`
// may be satisfied. Of two limits that are exceeded, the first to be kept wakes
// the thread, which then waits for the other.
void WatchForRoom(const RingwayWaitItem& item, RouteEnd* end) {
  GetSide& get = end->get;
  AttentionLine& line = end->binding().own().attention;
  const IpczPortalStatus status = end->Status();
  const ProducerLine& own = end->binding().own().producer;
  const auto until = [](uint64_t put, uint64_t queued, uint64_t below) {
    return queued < below ? kNever : put - below + 1;
  };
  if (get.parked_writers == 1) get.room_parcels = get.room_bytes = kNever;
  get.room_parcels = std::min(get.room_parcels, until(own.parcels.load(std::memory_order_relaxed),
                                                      status.num_remote_parcels,
                                                      item.max_remote_parcels));  // our own count
  get.room_bytes = std::min(get.room_bytes,
                            until(own.bytes.load(std::memory_order_relaxed),  // our own count
                                  status.num_remote_bytes, item.max_remote_bytes));
  uint64_t parcels = get.room_parcels;
  uint64_t bytes = get.room_bytes;
  // Written only under our lock; Arm() releases them.
  if (IsArmed(GenerationOf(line.writers.load(std::memory_order_relaxed), WakeHalf::kTraps))) {
    parcels = std::min(parcels, line.watch_parcels.load(std::memory_order_relaxed));
    bytes = std::min(bytes, line.watch_bytes.load(std::memory_order_relaxed));
  }
  line.watch_parcels.store(parcels, std::memory_order_relaxed);
  line.watch_bytes.store(bytes, std::memory_order_relaxed);
}

void Wait::ArmOne(const RingwayWaitItem& item, Armed* armed) {
  GetSide& get = armed->end->get;
  Binding& binding = *armed->binding;
  // While the route moves, there is more than one lane to wait for.
  const bool settled = get.sources.size() == 1 && get.sources.front() == armed->binding;
  const RouteEndBlock* peer = binding.is_local() || !settled ? nullptr : binding.peer();
  const bool parks =
      peer && binding.driver().can_wait_on_words() && words_.size() + 3 <= RINGWAY_WAIT_WORDS_MAX;
  AttentionLine& line = binding.own().attention;
  // Also a wait for writing alone wants to know of the end.
  if (parks) {
    armed->parked_reader = true;
    ++get.parked_readers;
    // [wake.answer] Pairs with LookAtReaders(): read before arming, so that an
    // answer after it changes the word.
    const uint32_t answered = peer->producer.readers_answered.load(std::memory_order_acquire);
    words_.push_back({&peer->producer.readers_answered, answered});
    ringway::Arm(line.readers, WakeHalf::kParked);
  } else {
    armed->ready_reader = true;
    ++get.ready_readers;
  }
  if ((item.wanted & RINGWAY_WAIT_WRITABLE) != 0) {
    if (parks) {
      armed->parked_writer = true;
      ++get.parked_writers;
      // [wake.answer] Pairs with LookAtWriters(), as above.
      const uint32_t answered = peer->consumer.writers_answered.load(std::memory_order_acquire);
      words_.push_back({&peer->consumer.writers_answered, answered});
      WatchForRoom(item, armed->end.get());
      ringway::Arm(line.writers, WakeHalf::kParked);
    } else {
      armed->ready_writer = true;
      ++get.ready_writers;
    }
  }
  if (!parks) armed->end->Rearm(false);
}

IpczResult Wait::Arm() {
  words_.clear();
  needs_barrier_ = false;
  for (size_t i = 0; i < num_items_; ++i) {
    Armed armed;
    armed.end = HandleTable::Get().Lookup<RouteEnd>(items_[i].portal);
    if (!armed.end) return IPCZ_RESULT_CANCELLED;
    std::lock_guard lock(armed.end->get.lock);
    if (armed.end->handle() != items_[i].portal) return IPCZ_RESULT_CANCELLED;
    armed.binding = armed.end->binding_ref();
    armed.end->get.waiters.push_back(waiter_);
    ArmOne(items_[i], &armed);
    needs_barrier_ |= armed.end->FenceArmed();
    armed_.push_back(std::move(armed));
  }
  return IPCZ_RESULT_OK;
}

void Wait::Disarm() {
  for (Armed& armed : armed_) {
    std::lock_guard lock(armed.end->get.lock);
    GetSide& get = armed.end->get;
    AttentionLine& line = armed.binding->own().attention;
    const auto ours = std::find(get.waiters.begin(), get.waiters.end(), waiter_);
    if (ours != get.waiters.end()) get.waiters.erase(ours);
    // Only the last to leave disarms for all.
    const bool there = std::find(get.sources.begin(), get.sources.end(), armed.binding) !=
                       get.sources.end();  // otherwise its block may be another's
    if (armed.parked_reader && --get.parked_readers == 0 && there) {
      ringway::Disarm(line.readers, WakeHalf::kParked);
    }
    if (armed.parked_writer && --get.parked_writers == 0 && there) {
      ringway::Disarm(line.writers, WakeHalf::kParked);
    }
    if (armed.ready_reader) --get.ready_readers;
    if (armed.ready_writer) --get.ready_writers;
    if (armed.ready_reader || armed.ready_writer) armed.end->Rearm(false);
  }
  armed_.clear();
}

IpczResult Wait::Park(uint64_t deadline_ns) {
  for (;;) {
    const uint32_t kicks = waiter_->kicks();
    IpczResult result = Arm();
    if (result == IPCZ_RESULT_OK) {
      if (needs_barrier_) armed_.front().binding->driver().SleeperBarrier();
      result = Look();
      const uint64_t now = NowNs();
      if (result == IPCZ_RESULT_UNAVAILABLE && now < deadline_ns) {
        waiter_->Sleep(kicks, &words_, deadline_ns - now);
      }
    }
    Disarm();
    if (result == IPCZ_RESULT_UNAVAILABLE) result = Look();
    if (result != IPCZ_RESULT_UNAVAILABLE) return result;
    if (NowNs() >= deadline_ns) return IPCZ_RESULT_DEADLINE_EXCEEDED;
  }
}

IpczResult Wait::Run(RingwayWaitMode mode, uint64_t deadline_ns) {
  IpczResult result = Look();
  if (result != IPCZ_RESULT_UNAVAILABLE) return result;
  if (deadline_ns == 0) return IPCZ_RESULT_DEADLINE_EXCEEDED;
  if ((mode & RINGWAY_WAIT_MODE_POLL) != 0) {
    result = Spin(deadline_ns);
    return result == IPCZ_RESULT_UNAVAILABLE ? IPCZ_RESULT_DEADLINE_EXCEEDED : result;
  }
  if ((mode & RINGWAY_WAIT_MODE_PARK) == 0) {
    thread_local SpinBudget budget;
    const uint64_t spin_ns = budget.ns();
    if (spin_ns != 0) {
      result = LookAtOnce();
      if (result == IPCZ_RESULT_UNAVAILABLE) {
        result = Spin(std::min(NowNs() + spin_ns, deadline_ns));
      }
      budget.Report(result != IPCZ_RESULT_UNAVAILABLE);
    }
    if (result != IPCZ_RESULT_UNAVAILABLE) return result;
  }
  const Ref<RouteEnd> end = HandleTable::Get().Lookup<RouteEnd>(items_[0].portal);
  if (!end) return IPCZ_RESULT_CANCELLED;
  waiter_ = MakeRef<Waiter>(end->node()->driver());
  return Park(deadline_ns);
}

}  // namespace

IpczResult PortalWait(RingwayWaitItem* items, size_t num_items, RingwayWaitMode mode,
                      uint64_t deadline_ns) {
  return Wait(items, num_items).Run(mode, deadline_ns);
}

}  // namespace ringway
