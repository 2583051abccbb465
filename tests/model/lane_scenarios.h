// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What a producer and a consumer do to a lane, small enough for all their schedules. The callers'
// part of the protocol (docs/protocol.md, "Records and lanes") is written here as the engine writes
// it.

#ifndef TESTS_MODEL_LANE_SCENARIOS_H_
#define TESTS_MODEL_LANE_SCENARIOS_H_

#include <cstdint>

#include "tests/model/lane_memory.h"
#include "tests/model/relacy.h"

namespace ringway::model {

// Mistakes that callers could make; those inside the ring are -D RW_MUTANT_*.
enum class LaneBug {
  kNone,
  kHeadBeforeCopy,     // the consumer gives space back before it has read it
  kHeadRelaxed,        // ... or without release
  kHeadLoadedRelaxed,  // the producer takes space without acquire
  kGrowBeforeReady,    // the mark goes out before the successor's first header is zero
  kFirstLaneEarly,     // the lane is published before its first header is zero
  kFirstLaneRelaxed,   // ... or without release
};
inline LaneBug lane_bug = LaneBug::kNone;

// Payload looks like headers, so that whoever reads it as one goes astray.
inline uint64_t PayloadOf(uint64_t number) {
  return RecordHeader{static_cast<uint32_t>(16 * (1 + number % 4)), RecordKind::kData, 0}.Pack();
}

template <class Derived, uint64_t kCapacity = 64>
class LaneScenario : public rl::test_suite<Derived, 2> {
 public:
  using Memory = ModelMemory<kCapacity>;
  using Writer = BasicLaneWriter<Memory>;
  using Reader = BasicLaneReader<Memory>;

  LaneScenario() : head_(0), writer_(Memory(&words_), 0), reader_(Memory(&words_), 0) {}

  void thread(unsigned index) {
    Derived& self = static_cast<Derived&>(*this);
    index == 0 ? self.Produce() : self.Consume();
  }

  // What is left comes once the threads are done: all of it, once.
  void after() {
    while (Get()) continue;
    MODEL_CHECK(got_ == put_);
  }

 protected:
  ReserveResult Reserve(uint64_t bytes, uint64_t* offset) {
    const auto load_head = [this] {
      // [lane.head] Pairs with Release(): the consumer has read what we overwrite.
      return head_.load(lane_bug == LaneBug::kHeadLoadedRelaxed ? std::memory_order_relaxed
                                                                : std::memory_order_acquire);
    };
    const ReserveResult result = writer_.Reserve(bytes, load_head, offset);
    MODEL_CHECK(result != ReserveResult::kPeerBroken);
    return result;
  }

  void PutAside(uint64_t offset, uint64_t bytes) {
    for (uint64_t at = kRecordPrefixBytes; at != bytes; at += 8) {
      writer_.memory().StorePayload(offset + at, PayloadOf(put_ + at));
    }
    writer_.PutAside(offset, bytes, RecordKind::kData, 0, put_);
    ++put_;
  }

  bool Put(uint64_t bytes) {
    uint64_t offset = 0;
    if (Reserve(bytes, &offset) != ReserveResult::kOk) return false;
    PutAside(offset, bytes);
    writer_.Publish();
    return true;
  }

  // [lane.head] Pairs with Reserve().
  void Release(uint64_t position) {
    head_.store(position, lane_bug == LaneBug::kHeadRelaxed ? std::memory_order_relaxed
                                                            : std::memory_order_release);
  }

  bool Get() {
    LaneRecord record;
    const PeekResult result = reader_.Peek(&position_, &record);
    MODEL_CHECK(result != PeekResult::kPeerBroken);
    if (result != PeekResult::kRecord) return false;
    if (lane_bug == LaneBug::kHeadBeforeCopy) Release(record.end());
    if (record.header.kind == RecordKind::kData) {
      MODEL_CHECK(record.second == got_);
      for (uint64_t at = kRecordPrefixBytes; at != record.header.bytes; at += 8) {
        MODEL_CHECK(reader_.memory().LoadPayload(record.offset + at) == PayloadOf(got_ + at));
      }
      ++got_;
    } else {
      static_cast<Derived*>(this)->Ended(record);
    }
    position_ = record.end();
    Release(position_);
    return true;
  }

  // In one thread, before the schedules begin: so far into the first lap.
  void Advance(uint64_t bytes) {
    MODEL_CHECK(Put(bytes));
    MODEL_CHECK(Get());
  }

  void Ended(const LaneRecord&) { MODEL_CHECK(!"an end mark"); }

  LaneWords<kCapacity> words_;
  Atomic<uint64_t> head_;
  Writer writer_;          // the producer's
  uint64_t put_ = 0;       //
  Reader reader_;          // the consumer's
  uint64_t position_ = 0;  //
  uint64_t got_ = 0;       //
};

// Records of two sizes over several laps, each tried until there is room for it.
template <int kRecords, int kTurns>
struct Laps : LaneScenario<Laps<kRecords, kTurns>> {
  void Produce() {
    int put = 0;
    for (int turn = 0; turn != kTurns && put != kRecords; ++turn) {
      if (this->Put(put % 2 == 0 ? 32 : 16)) ++put;
    }
  }
  void Consume() {
    for (int look = 0; look != kTurns; ++look) this->Get();
  }
};

// Two records meet three looks.
struct PushPop : LaneScenario<PushPop> {
  void Produce() {
    MODEL_CHECK(Put(32));
    MODEL_CHECK(Put(16));
  }
  void Consume() {
    for (int look = 0; look != 3; ++look) Get();
  }
};

// A record that ends where the lane ends, and one behind it at the start.
struct WrapExactly : LaneScenario<WrapExactly> {
  void before() { Advance(32); }
  void Produce() {
    MODEL_CHECK(Put(32));
    Put(16);  // if the first one was taken
  }
  void Consume() {
    for (int look = 0; look != 3; ++look) Get();
  }
};

// A pad, then a record at the start of the lane, over dirty bytes of the lap before.
struct WrapWithPad : LaneScenario<WrapWithPad> {
  void before() {
    Advance(32);
    Advance(16);
  }
  void Produce() {
    MODEL_CHECK(Put(32));
    Put(16);
  }
  void Consume() {
    for (int look = 0; look != 2; ++look) Get();
  }
};

// The producer needs the bytes of two records that the consumer is reading: payload over payload
// ...
template <class Derived, uint64_t kFirst, uint64_t kSecond>
struct ReclaimOf : LaneScenario<Derived> {
  void before() {
    MODEL_CHECK(this->Put(kFirst));
    MODEL_CHECK(this->Put(kSecond));
  }
  void Produce() {
    for (int turn = 0; turn != 3 && !this->Put(32); ++turn) continue;  // a pad, then over the first
  }
  void Consume() {
    for (int look = 0; look != 3; ++look) this->Get();
  }
};
struct Reclaim : ReclaimOf<Reclaim, 32, 16> {};
// ... and headers over payload.
struct ReclaimShifted : ReclaimOf<ReclaimShifted, 16, 32> {};

// Three records, with a pad between them, which are seen together or not at all.
struct Batch : LaneScenario<Batch, 128> {
  void before() {
    Advance(64);
    Advance(16);
  }
  void Produce() {
    for (const uint64_t bytes : {16, 48, 16}) {
      uint64_t offset = 0;
      MODEL_CHECK(Reserve(bytes, &offset) == ReserveResult::kOk);
      PutAside(offset, bytes);
    }
    writer_.Publish();
  }
  void Consume() {
    for (int look = 0; look != 2; ++look) {
      if (!Get()) continue;
      MODEL_CHECK(Get());
      MODEL_CHECK(Get());
      MODEL_CHECK(!Get());
      return;
    }
  }
};

// A batch that the end mark of the lane belongs to.
struct BatchWithEnd : LaneScenario<BatchWithEnd> {
  void Produce() {
    uint64_t offset = 0;
    MODEL_CHECK(Reserve(32, &offset) == ReserveResult::kOk);
    PutAside(offset, 32);
    writer_.End(RecordKind::kClosed, put_);
  }
  void Consume() {
    for (int look = 0; look != 3 && !ended_; ++look) {
      if (!Get()) continue;
      MODEL_CHECK(Get());
      MODEL_CHECK(ended_);
    }
  }
  void after() {
    while (!ended_) MODEL_CHECK(Get());
    MODEL_CHECK(got_ == put_);
  }
  void Ended(const LaneRecord& record) {
    MODEL_CHECK(record.header.kind == RecordKind::kClosed && record.second == got_);
    ended_ = true;
  }
  bool ended_ = false;
};

// A full lane goes on in a second one, which was used before.
struct Grow : LaneScenario<Grow> {
  void before() {
    Advance(16);
    MODEL_CHECK(Put(32));
  }
  void Produce() {
    const bool early = lane_bug == LaneBug::kGrowBeforeReady;
    const uint64_t base = writer_.position() + kEndMarkBytes;
    if (early) writer_.End(RecordKind::kGrow, 1);
    const Writer successor(Memory(&successor_), base);
    if (!early) writer_.End(RecordKind::kGrow, 1);
    MODEL_CHECK(writer_.position() == base);
    writer_ = successor;
    MODEL_CHECK(Put(32));
  }
  void Consume() {
    for (int look = 0; look != 4; ++look) Get();
  }
  void Ended(const LaneRecord& record) {
    MODEL_CHECK(record.header.kind == RecordKind::kGrow && record.second == 1);
    reader_ = Reader(Memory(&successor_), record.end());
  }
  LaneWords<64> successor_;
};

// The first Put: the lane comes to be, and the peer hears of it by one store.
struct FirstPut : LaneScenario<FirstPut> {
  FirstPut() : first_lane_(0) {
    for (int i = 0; i != 8; ++i) {  // dirty again, after the base class
      words_.word[i].store(PayloadOf(0), rl::mo_relaxed, RL_INFO);
    }
  }
  void Produce() {
    const LaneRef lane{1, 64, 8};
    const std::memory_order order = lane_bug == LaneBug::kFirstLaneRelaxed
                                        ? std::memory_order_relaxed
                                        : std::memory_order_release;
    if (lane_bug == LaneBug::kFirstLaneEarly) first_lane_.store(lane.Pack(), order);
    writer_ = Writer(Memory(&words_), 0);
    // [route.first_lane] Pairs with Consume(): the zeroed header is visible before the lane.
    if (lane_bug != LaneBug::kFirstLaneEarly) first_lane_.store(lane.Pack(), order);
    MODEL_CHECK(Put(32));
    MODEL_CHECK(Put(16));
  }
  void Consume() {
    for (int look = 0; look != 4; ++look) {
      // [route.first_lane] Pairs with Produce().
      if (first_lane_.load(std::memory_order_acquire) != 0) Get();
    }
  }
  Atomic<uint64_t> first_lane_;
};

}  // namespace ringway::model

#endif  // TESTS_MODEL_LANE_SCENARIOS_H_
