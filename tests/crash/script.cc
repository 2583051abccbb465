// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "tests/crash/script.h"

#include <cstring>
#include <new>

#include "ring/lane_reader.h"
#include "ring/lane_writer.h"
#include "ring/wake.h"
#include "tests/crash/stepper.h"

namespace ringway::crash {
namespace {

class Script {
 public:
  Script(World* world, uint64_t seed)
      : image_(world->image), plan_(world->plan), world_(world), random_(seed) {
    for (std::byte& byte : image_.bytes) byte = static_cast<std::byte>(Random(256));
  }

  void Run() {
    for (;;) {
      Begin();
      FirstPut();
      for (uint64_t turns = 20 + Random(60); turns != 0; --turns) Turn();
      Close();
      while (Told(plan_.oldest) != Told(plan_.next)) Get();
    }
  }

 private:
  static constexpr uint64_t kBatchMax = 4;

  uint64_t Random(uint64_t below) { return Mix(++random_) % below; }

  // A route in its first state, on lanes full of what the last one left there.
  void Begin() {
    constexpr uint64_t kBegin[] = {0, (uint64_t{1} << 32) - 1024, (uint64_t{1} << 63) - 512,
                                   0 - uint64_t{1024}};
    base_ = kBegin[Random(4)];
    new (&image_.producer) RouteEndBlock();
    new (&image_.consumer) RouteEndBlock();
    image_.consumer.consumer.head.store(base_, std::memory_order_relaxed);  // nobody steps yet
    Tell(plan_.oldest, 0);
    Tell(plan_.next, 0);
    Tell(plan_.closed, 0);
    Tell(plan_.uses, 0);
    writer_ = LaneWriter();
    reader_ = LaneReader();
    position_ = base_;
    wakes_ = WakeMemory();
  }

  void Turn() {
    const uint64_t dice = Random(100);
    if (dice < 30) {
      Put(1);
    } else if (dice < 42) {
      Put(2 + Random(kBatchMax - 1));
    } else if (dice < 80) {
      Get();
    } else if (dice < 86) {
      ArmHalf(WakeHalf::kParked);
    } else if (dice < 92) {
      ArmHalf(WakeHalf::kTraps);
    } else if (dice < 96) {
      DisarmHalf(WakeHalf::kParked);
    } else {
      DisarmHalf(WakeHalf::kTraps);
    }
  }

  // --- Around each operation

  uint64_t Readers() const {
    return image_.consumer.attention.readers.load(std::memory_order_relaxed);  // our own
  }

  void Enter(const char* name) {
    const uint64_t readers = Readers();
    Tell(plan_.readers_before, readers);
    Tell(plan_.readers_after, readers);
    EnterWith(name);
  }
  void EnterWith(const char* name) {
    Tell(plan_.answered_before,
         image_.producer.producer.readers_answered.load(std::memory_order_relaxed));
    Tell(plan_.head_before, image_.consumer.consumer.head.load(std::memory_order_relaxed));
    EnterOperation(world_, name);
  }

  // What was put aside is in the lane.
  void Committed() {
    Tell(plan_.next, Told(plan_.next) + Told(plan_.aside));
    Tell(plan_.aside, 0);
    Tell(plan_.publishing, 0u);
  }

  // --- The producer

  // What the operation will put, so that none of its steps makes it up.
  void Prepare(uint64_t count) {
    for (uint64_t n = 0; n != count; ++n) {
      const uint64_t number = Told(plan_.next) + n;
      for (uint64_t i = 0; i != kPayloadWordsMax; ++i) payload_[n][i] = PayloadWord(number, i);
      payload_bytes_[n] = PayloadWords(number) * 8;
    }
  }

  void FirstPut() {
    Prepare(1);
    const int lane = static_cast<int>(Random(Image::kLanes));
    plan_.use[0] = {base_, lane};
    Enter("first put");
    Tell(plan_.uses, 1);
    std::atomic<uint64_t>& first_lane = image_.producer.attention.first_lane;
    const uint64_t ref = Image::RefOf(lane).Pack();
    if (caller_bug == CallerBug::kFirstLaneEarly) {
      first_lane.store(ref, std::memory_order_release);
    }
    writer_ = LaneWriter(image_.memory(lane), base_);
    // [lane.first] Pairs with Recover(): the lane's first header is zero.
    if (caller_bug != CallerBug::kFirstLaneEarly) {
      first_lane.store(ref, std::memory_order_release);
    }
    PutOne(0);
    PublishAll();
    LeaveOperation(world_);
    reader_ = LaneReader(image_.memory(lane), base_);
    read_use_ = 0;
  }

  void Put(uint64_t count) {
    Prepare(count);
    spare_ = Random(4) == 0 ? FreeLane() : -1;  // else a full lane stays full
    Enter(count == 1 ? "put" : "batch");
    for (uint64_t n = 0; n != count && PutOne(n); ++n) continue;
    PublishAll();
    LeaveOperation(world_);
  }

  void Close() {
    const uint64_t count = Random(3);
    Prepare(count);
    spare_ = FreeLane();
    Enter("close");
    for (uint64_t n = 0; n != count && PutOne(n); ++n) continue;
    Tell(plan_.publishing, 1u);
    Tell(plan_.closing, 1u);
    writer_.End(RecordKind::kClosed, 0);
    LookAtReaders();
    Committed();
    Tell(plan_.closed, 1u);
    Tell(plan_.closing, 0u);
    Tell(plan_.ended, Told(plan_.ended) + 1);
    LeaveOperation(world_);
  }

  // Puts parcel `n` of the operation aside. False if there is no room.
  bool PutOne(uint64_t n) {
    const uint64_t bytes = payload_bytes_[n];
    const uint64_t record_bytes = AlignRecord(kRecordPrefixBytes + bytes);
    // [lane.head] Pairs with Get(): the consumer is done with what lies below.
    const auto head = [this] {
      return image_.consumer.consumer.head.load(std::memory_order_acquire);
    };
    uint64_t offset = 0;
    uint64_t before = writer_.position();
    while (writer_.Reserve(record_bytes, head, &offset) != ReserveResult::kOk) {
      if (!Grow()) return false;
      before = writer_.position();
    }
    if (offset == 0 && writer_.position() != before) Tell(plan_.padded, Told(plan_.padded) + 1);
    std::memcpy(writer_.memory().At(offset) + kRecordPrefixBytes, payload_[n], bytes);
    const uint64_t number = Told(plan_.next) + Told(plan_.aside);
    Tell(plan_.aside, Told(plan_.aside) + 1);
    std::atomic<uint64_t>& parcels = image_.producer.producer.parcels;
    if (caller_bug != CallerBug::kCountAfterCommit) {
      parcels.store(number + 1, std::memory_order_relaxed);  // before the record
    }
    writer_.PutAside(offset, record_bytes, RecordKind::kData, number & 1, number);
    return true;
  }

  void PublishAll() {
    if (caller_bug == CallerBug::kAnswerBeforeCommit) LookAtReaders();
    Tell(plan_.publishing, 1u);
    writer_.Publish();
    if (caller_bug == CallerBug::kCountAfterCommit) {
      image_.producer.producer.parcels.store(Told(plan_.next) + Told(plan_.aside),
                                             std::memory_order_relaxed);
    }
    LookAtReaders();
    Committed();
  }

  // A lane that neither side is in; -1 if there is none.
  int FreeLane() const {
    const int uses = Told(plan_.uses);
    for (int lane = 0; lane != Image::kLanes; ++lane) {
      bool used = false;
      for (int use = read_use_; use != uses; ++use) used |= plan_.use[use].lane == lane;
      if (!used) return lane;
    }
    return -1;
  }

  bool Grow() {
    const int uses = Told(plan_.uses);
    if (spare_ < 0 || uses == Plan::kUsesMax) return false;
    const int lane = spare_;
    spare_ = -1;
    const uint64_t base = writer_.position() + kEndMarkBytes;
    plan_.use[uses] = {base, lane};
    Tell(plan_.uses, uses + 1);
    Tell(plan_.publishing, 1u);  // the mark brings along what is held
    const bool early = caller_bug == CallerBug::kGrowBeforeReady;
    const uint64_t ref = Image::RefOf(lane).Pack();
    if (early) writer_.End(RecordKind::kGrow, ref);
    const LaneWriter successor(image_.memory(lane), base);
    if (!early) writer_.End(RecordKind::kGrow, ref);
    writer_ = successor;
    Committed();
    Tell(plan_.grown, Told(plan_.grown) + 1);
    return true;
  }

  void LookAtReaders() {
    FullFence();  // [wake.fence]
    uint64_t seen = 0;
    const AttentionLine& line = image_.consumer.attention;
    if (!wakes_.Look(line.readers, &seen)) return;
    if (wakes_.Wants(seen, WakeHalf::kParked)) {
      wakes_.Answer(seen, WakeHalf::kParked);
      // [wake.answer] The word that a sleeper sleeps on changes.
      image_.producer.producer.readers_answered.store(GenerationOf(seen, WakeHalf::kParked),
                                                      std::memory_order_release);
      Tell(plan_.answered, Told(plan_.answered) + 1);
    }
    if (wakes_.Wants(seen, WakeHalf::kTraps) &&
        line.trap_parcels.load(std::memory_order_relaxed) <= Told(plan_.next)) {
      wakes_.Answer(seen, WakeHalf::kTraps);
    }
    wakes_.Settle(seen);
  }

  // --- The consumer

  void Get() {
    if (Told(plan_.oldest) == Told(plan_.next)) return;
    Enter("get");
    LaneRecord record;
    for (;;) {
      if (reader_.Peek(&position_, &record) != PeekResult::kRecord) __builtin_trap();
      if (record.header.kind != RecordKind::kGrow) break;
      position_ = record.end();
      const LaneRef ref = LaneRef::Unpack(record.second);
      reader_ =
          LaneReader(LaneMemory(image_.bytes + ref.offset, 1u << ref.log2_capacity), position_);
      ++read_use_;
    }
    std::memcpy(taken_, reader_.memory().At(record.offset), sizeof(taken_[0]) * 2);
    position_ = record.end();
    Tell(plan_.releasing, 1u);
    ConsumerLine& line = image_.consumer.consumer;
    const uint64_t count = Told(plan_.oldest) + 1;
    const bool early = caller_bug == CallerBug::kReleaseBeforeCount;
    if (!early) line.parcels.store(count, std::memory_order_relaxed);  // before the head
    // [lane.head] Pairs with PutOne(): we have read what it will write over.
    line.head.store(position_, std::memory_order_release);
    if (early) line.parcels.store(count, std::memory_order_relaxed);
    Tell(plan_.head_before, position_);
    Tell(plan_.oldest, count);
    Tell(plan_.releasing, 0u);
    LeaveOperation(world_);
  }

  void ArmHalf(WakeHalf half) {
    AttentionLine& line = image_.consumer.attention;
    const uint64_t before = Readers();
    const bool traps = half == WakeHalf::kTraps;
    const uint64_t wanted = traps ? Told(plan_.next) + Random(4) : Told(plan_.trap_parcels);
    Tell(plan_.readers_before, before);
    Tell(plan_.readers_after, WithGeneration(before, half, (GenerationOf(before, half) + 1) | 1));
    Tell(plan_.trap_parcels, wanted);
    EnterWith(traps ? "arm a trap" : "arm a thread");
    const bool late = caller_bug == CallerBug::kThresholdAfterArming;
    if (!late) line.trap_parcels.store(wanted, std::memory_order_relaxed);  // Arm() releases it
    Arm(line.readers, half);
    if (late) line.trap_parcels.store(wanted, std::memory_order_relaxed);
    FullFence();  // [wake.fence]
    LeaveOperation(world_);
  }

  void DisarmHalf(WakeHalf half) {
    const uint64_t before = Readers();
    const uint32_t generation = GenerationOf(before, half);
    Tell(plan_.readers_before, before);
    Tell(plan_.readers_after,
         WithGeneration(before, half, generation + (IsArmed(generation) ? 1 : 0)));
    EnterWith("disarm");
    Disarm(image_.consumer.attention.readers, half);
    LeaveOperation(world_);
  }

  Image& image_;
  Plan& plan_;
  World* const world_;
  uint64_t random_;
  uint64_t base_ = 0;
  LaneWriter writer_;  // the producer's
  WakeMemory wakes_;
  int spare_ = -1;  // a lane to grow into
  uint64_t payload_[kBatchMax][kPayloadWordsMax];
  uint64_t payload_bytes_[kBatchMax];
  LaneReader reader_;  // the consumer's
  uint64_t position_ = 0;
  int read_use_ = 0;  // the lane it reads
  uint64_t taken_[2];
};

}  // namespace

void RunScript(World* world, uint64_t seed) { Script(world, seed).Run(); }

}  // namespace ringway::crash
