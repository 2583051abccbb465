// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Sleeping and waking over a production lane. The order of steps around Arm() and Look() is the
// callers'; it is written here as docs/protocol.md, "Waking", demands it of them. A lost wake
// leaves a thread in FutexWait() for ever, which Relacy reports as a deadlock.

#ifndef TESTS_MODEL_WAKE_SCENARIOS_H_
#define TESTS_MODEL_WAKE_SCENARIOS_H_

#include <cstdint>

#include "ring/publisher_fence.h"
#include "ring/wake.h"
#include "tests/model/lane_memory.h"
#include "tests/model/relacy.h"

namespace ringway::model {

// Mistakes that callers could make; those inside wake.h are -D RW_MUTANT_*.
enum class WakeBug {
  kNone,
  kNoPublisherFence,
  kNoSleeperFence,
  kNoProcessWideFence,  // the sleeper's barrier does not reach a publisher without fence
  kLooksBeforeFence,    // at whether the publisher omits its fence, and only then fences
  kNoSecondLook,
  kReadAfterArming,       // the futex word
  kReadAfterSecondLook,   // likewise
  kWakeOneThread,         // of several that are parked
  kFirstDisarmsForAll,    // of several that are parked
  kThresholdAfterArming,  // thresholds are stored after the generation that stands for them
};
inline WakeBug wake_bug = WakeBug::kNone;

// How the store and the load of each side are kept in order.
enum class Fences { kBothSides, kSleeperForBoth, kAsPublisherSays };

// Those of a PublisherFence.
struct ModelFences {
  static void Full() { FullFence(); }
  static void Compiler() {}
};

template <class Derived, rl::thread_id_t kThreads, Fences kFences>
class WakeScenario : public rl::test_suite<Derived, kThreads> {
 public:
  static constexpr uint64_t kCapacity = 128;
  using Memory = ModelMemory<kCapacity>;

  WakeScenario()
      : readers_(0),
        trap_parcels_(0),
        answered_(0),
        ready_(0),
        omits_(0),
        writer_(Memory(&words_), 0),
        reader_(Memory(&words_), 0) {}

 protected:
  // --- The producer

  void Put() {
    uint64_t offset = 0;
    const auto no_head = [] { return uint64_t{0}; };
    MODEL_CHECK(writer_.Reserve(16, no_head, &offset) == ReserveResult::kOk);
    writer_.Commit(offset, 16, RecordKind::kData, 0, put_++);
    if (kFences == Fences::kBothSides && wake_bug != WakeBug::kNoPublisherFence) FullFence();
    if (kFences == Fences::kAsPublisherSays) fence_.Pass(omits_, true);
    uint64_t seen = 0;
    if (!memory_.Look(readers_, &seen)) return;
    if (memory_.Wants(seen, WakeHalf::kParked)) {
      fence_.OnAnswer(omits_);
      answered_.store(static_cast<int>(GenerationOf(seen, WakeHalf::kParked)),
                      std::memory_order_release);  // [wake.answered] Pairs with FutexWait().
      answered_.FutexWake(wake_bug == WakeBug::kWakeOneThread ? 1 : static_cast<int>(kThreads));
      memory_.Answer(seen, WakeHalf::kParked);
    }
    if (memory_.Wants(seen, WakeHalf::kTraps) &&
        trap_parcels_.load(std::memory_order_relaxed) <= put_) {  // after Look()'s acquire
      fence_.OnAnswer(omits_);
      // The Ready message, which the transport brings.
      ready_.store(static_cast<int>(GenerationOf(seen, WakeHalf::kTraps)),
                   std::memory_order_release);
      ready_.FutexWake(1);
      memory_.Answer(seen, WakeHalf::kTraps);
    }
    memory_.Settle(seen);
  }

  // --- The consumer

  bool Take() {
    LaneRecord record;
    const PeekResult result = reader_.Peek(&position_, &record);
    MODEL_CHECK(result != PeekResult::kPeerBroken);
    if (result != PeekResult::kRecord) return false;
    MODEL_CHECK(record.second == got_);
    ++got_;
    position_ = record.end();
    return true;
  }

  void SleeperFence() {
    if (wake_bug == WakeBug::kNoSleeperFence) return;
    if (kFences == Fences::kAsPublisherSays) {
      const bool early = wake_bug == WakeBug::kLooksBeforeFence && OmitsFence(omits_);
      FullFence();
      const bool omits = wake_bug == WakeBug::kLooksBeforeFence ? early : OmitsFence(omits_);
      if (omits && wake_bug != WakeBug::kNoProcessWideFence) ProcessWideFence();
      return;
    }
    const bool process_wide =
        kFences == Fences::kSleeperForBoth && wake_bug != WakeBug::kNoProcessWideFence;
    process_wide ? ProcessWideFence() : FullFence();
  }

  // The consumer's lock serializes calls for one wake word, once there is more than one caller.
  uint32_t ArmAlone(WakeHalf half) {
    if (kThreads > 2) lock_.lock(RL_INFO);
    const uint32_t generation = Arm(readers_, half);
    if (kThreads > 2) lock_.unlock(RL_INFO);
    return generation;
  }
  void DisarmAlone(WakeHalf half) {
    if (kThreads > 2) lock_.lock(RL_INFO);
    Disarm(readers_, half);
    if (kThreads > 2) lock_.unlock(RL_INFO);
  }

  int ReadAnswered() { return answered_.load(std::memory_order_acquire); }  // [wake.answered]

  // Takes one record, asleep until there is one. The only thread that parks.
  void TakeParked() {
    while (!Take()) {
      int answered = ReadAnswered();
      ArmAlone(WakeHalf::kParked);
      if (wake_bug == WakeBug::kReadAfterArming) answered = ReadAnswered();
      SleeperFence();
      if (wake_bug != WakeBug::kNoSecondLook && Take()) break;
      if (wake_bug == WakeBug::kReadAfterSecondLook) answered = ReadAnswered();
      answered_.FutexWait(answered);
    }
    DisarmAlone(WakeHalf::kParked);
  }

  // Parcels that ever came.
  uint64_t CountParcels() {
    uint64_t at = 0;
    LaneRecord record;
    uint64_t count = 0;
    for (; reader_.Peek(&at, &record) == PeekResult::kRecord; ++count) at = record.end();
    return count;
  }

  // Returns once `parcels` came, of which a trap was told unless they were there before.
  void AwaitTrap(uint64_t parcels) {
    for (;;) {
      const int ready = ready_.load(std::memory_order_acquire);
      const bool late = wake_bug == WakeBug::kThresholdAfterArming;
      if (!late) trap_parcels_.store(parcels, std::memory_order_relaxed);  // before Arm()'s release
      const int armed = static_cast<int>(ArmAlone(WakeHalf::kTraps));
      if (late) trap_parcels_.store(parcels, std::memory_order_relaxed);
      SleeperFence();
      if (CountParcels() >= parcels) break;
      ready_.FutexWait(ready);
      const int told = ready_.load(std::memory_order_acquire);
      if (CountParcels() >= parcels) break;
      MODEL_CHECK(told != armed);  // or it was woken for nothing
    }
    DisarmAlone(WakeHalf::kTraps);
  }

  LaneWords<kCapacity> words_;
  rl::mutex lock_;                 // of the consumer
  Atomic<uint64_t> readers_;       // AttentionLine of the consumer
  Atomic<uint64_t> trap_parcels_;  // likewise
  Atomic<int> answered_;           // ProducerLine::readers_answered: the futex word
  Atomic<int> ready_;
  Atomic<uint32_t> omits_;  // ProducerLine::omits_fence
  BasicLaneWriter<Memory> writer_;
  WakeMemory memory_;
  BasicPublisherFence<ModelFences, 1> fence_;
  uint64_t put_ = 0;
  BasicLaneReader<Memory> reader_;
  uint64_t position_ = 0;
  uint64_t got_ = 0;
};

// One thread parks until `kPuts` records have come, one by one.
template <int kPuts, Fences kFences>
struct Park : WakeScenario<Park<kPuts, kFences>, 2, kFences> {
  void thread(unsigned index) {
    for (int i = 0; i != kPuts; ++i) index == 0 ? this->Put() : this->TakeParked();
  }
};

// A trap that waits for `kParcels` of `kPuts`, then one that waits for all.
template <int kParcels, int kPuts, Fences kFences>
struct Trap : WakeScenario<Trap<kParcels, kPuts, kFences>, 2, kFences> {
  void thread(unsigned index) {
    if (index == 0) {
      for (int i = 0; i != kPuts; ++i) this->Put();
    } else {
      this->AwaitTrap(kParcels);
      if (kParcels != kPuts) this->AwaitTrap(kPuts);
    }
  }
};

// Two threads park on one half and take one record each, under the lock that a route's consumers
// have.
template <Fences kFences>
struct ParkTwoThreads : WakeScenario<ParkTwoThreads<kFences>, 3, kFences> {
  void thread(unsigned index) {
    if (index == 0) {
      this->Put();
      this->Put();
    } else {
      while (!TakeOrSleep()) continue;
    }
  }

  bool TakeOrSleep() {
    this->lock_.lock(RL_INFO);
    const bool at_once = this->Take();
    int answered = 0;
    if (!at_once) {
      answered = this->ReadAnswered();
      ++parked_;
      Arm(this->readers_, WakeHalf::kParked);
    }
    this->lock_.unlock(RL_INFO);
    if (at_once) return true;
    this->SleeperFence();

    this->lock_.lock(RL_INFO);
    const bool taken = this->Take();
    this->lock_.unlock(RL_INFO);
    if (!taken) this->answered_.FutexWait(answered);

    this->lock_.lock(RL_INFO);
    if (--parked_ == 0 || wake_bug == WakeBug::kFirstDisarmsForAll) {
      Disarm(this->readers_, WakeHalf::kParked);
    }
    this->lock_.unlock(RL_INFO);
    return taken;
  }

  int parked_ = 0;
};

// A thread parks on one half of the wake word, until it has taken `kTakes` records, while a trap
// has the other.
template <int kTakes, Fences kFences>
struct ParkBesideTrap : WakeScenario<ParkBesideTrap<kTakes, kFences>, 3, kFences> {
  void thread(unsigned index) {
    if (index == 0) {
      this->Put();
      this->Put();
    } else if (index == 1) {
      for (int i = 0; i != kTakes; ++i) this->TakeParked();
    } else {
      this->AwaitTrap(2);
    }
  }
};

}  // namespace ringway::model

#endif  // TESTS_MODEL_WAKE_SCENARIOS_H_
