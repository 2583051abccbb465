// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The two reactors of a channel (docs/protocol.md, "Channels"): one writes into a lane that holds
// one message, and sleeps while it is full, the other reads and sleeps while it is empty. Each
// wakes the other through the word that changes with each wake. The order of steps is that of
// driver_linux/transport_channel.cc; the lane and the wake words are the production headers.

#include <gtest/gtest.h>

#include "ring/wake.h"
#include "tests/model/lane_memory.h"
#include "tests/model/relacy.h"

namespace ringway::model {
namespace {

// Mistakes that transports could make.
enum class ChannelBug {
  kNone,
  kNoPublisherFence,
  kNoSleeperFence,
  kNoSecondLook,
  kReadAfterArming,  // the word that changes
  kRoomIsNotTold,    // who reads does not look for a writer that sleeps
};
ChannelBug channel_bug = ChannelBug::kNone;

// What one side shares: driver_linux/channel_layout.h.
struct Side {
  Side() : head(0), wants_records(0), wants_room(0), answered(0) {}
  Atomic<uint64_t> head;
  Atomic<uint64_t> wants_records;
  Atomic<uint64_t> wants_room;
  Atomic<int> answered;
  int wakes = 0;  // what `answered` is, and private
};

template <int kMessages, bool kBarrier>
struct Talk : rl::test_suite<Talk<kMessages, kBarrier>, 2> {
  static constexpr uint64_t kCapacity = 32;
  using Memory = ModelMemory<kCapacity>;

  Talk() : writer_(Memory(&words_), 0), reader_(Memory(&words_), 0) {}

  void thread(unsigned index) {
    for (int i = 0; i != kMessages; ++i) index == 0 ? Write() : Read();
  }

  void Write() {
    uint64_t offset = 0;
    while (writer_.Reserve(
               16, [this] { return LoadHead(); }, &offset) != ReserveResult::kOk) {
      Sleep(reads_, writes_.wants_room,
            [this] { return reads_.head.load(std::memory_order_acquire) != head_seen_; });
    }
    writer_.Commit(offset, 16, RecordKind::kData, 0, written_++);
    LookForSleepers(writes_, reads_.wants_records, record_wakes_);
  }

  void Read() {
    while (!Take()) {
      Sleep(writes_, reads_.wants_records, [this] { return IsThere(); });
    }
    reads_.head.store(position_, std::memory_order_release);
    if (channel_bug != ChannelBug::kRoomIsNotTold) {
      LookForSleepers(reads_, writes_.wants_room, room_wakes_);
    }
  }

  uint64_t LoadHead() { return head_seen_ = reads_.head.load(std::memory_order_acquire); }

  bool IsThere() {
    LaneRecord record;
    uint64_t position = position_;
    return reader_.Peek(&position, &record) == PeekResult::kRecord;
  }

  bool Take() {
    LaneRecord record;
    if (reader_.Peek(&position_, &record) != PeekResult::kRecord) return false;
    MODEL_CHECK(record.second == read_);
    ++read_;
    position_ = record.end();
    return true;
  }

  // OnArm(), the barrier, OnLook(), the kernel.
  template <class Look>
  void Sleep(Side& peer, Atomic<uint64_t>& word, Look look) {
    int answered = peer.answered.load(std::memory_order_acquire);
    Arm(word, WakeHalf::kParked);
    if (channel_bug == ChannelBug::kReadAfterArming) {
      answered = peer.answered.load(std::memory_order_acquire);
    }
    if (channel_bug != ChannelBug::kNoSleeperFence) kBarrier ? ProcessWideFence() : FullFence();
    const bool has_work = channel_bug != ChannelBug::kNoSecondLook && look();
    if (!has_work) peer.answered.FutexWait(answered);
    Disarm(word, WakeHalf::kParked);
  }

  void LookForSleepers(Side& own, const Atomic<uint64_t>& word, WakeMemory& memory) {
    if (!kBarrier && channel_bug != ChannelBug::kNoPublisherFence) FullFence();
    uint64_t seen = 0;
    if (!memory.Look(word, &seen)) return;
    if (memory.Wants(seen, WakeHalf::kParked)) {
      memory.Answer(seen, WakeHalf::kParked);
      own.answered.store(++own.wakes, std::memory_order_release);
      own.answered.FutexWake(1);
    }
    memory.Settle(seen);
  }

  LaneWords<kCapacity> words_;
  Side writes_;
  Side reads_;
  BasicLaneWriter<Memory> writer_;
  BasicLaneReader<Memory> reader_;
  WakeMemory record_wakes_;
  WakeMemory room_wakes_;
  uint64_t head_seen_ = 0;  // by the writer
  uint64_t position_ = 0;
  uint64_t written_ = 0;
  uint64_t read_ = 0;
};

template <class Scenario>
void ExpectSound(const char* name, Bound bound) {
  channel_bug = ChannelBug::kNone;
  const Explored explored = Explore<Scenario>(name, bound);
  EXPECT_EQ(explored.result, "SUCCESS");
  EXPECT_GT(explored.schedules, 1000u);
}

template <class Scenario>
void ExpectCaught(ChannelBug bug, const char* name) {
  channel_bug = bug;
  EXPECT_TRUE(Explore<Scenario>(name, Preemptions(4), true).found_bug());
}

TEST(ChannelModelTest, WritesAndReadsWithFences) {
  ExpectSound<Talk<2, false>>("Channel, fences", Preemptions(4));
  ExpectSound<Talk<3, false>>("Channel of 3, fences", Preemptions(3));
}
TEST(ChannelModelTest, WritesAndReadsWithTheSleepersBarrier) {
  ExpectSound<Talk<2, true>>("Channel, barrier", Preemptions(4));
  ExpectSound<Talk<3, true>>("Channel of 3, barrier", Preemptions(3));
}

TEST(ChannelMutantTest, NoPublisherFenceIsCaught) {
  ExpectCaught<Talk<2, false>>(ChannelBug::kNoPublisherFence, "no publisher fence");
}
TEST(ChannelMutantTest, NoSleeperFenceIsCaught) {
  ExpectCaught<Talk<2, false>>(ChannelBug::kNoSleeperFence, "no sleeper fence");
}
TEST(ChannelMutantTest, NoSleeperBarrierIsCaught) {
  ExpectCaught<Talk<2, true>>(ChannelBug::kNoSleeperFence, "no sleeper barrier");
}
TEST(ChannelMutantTest, NoSecondLookIsCaught) {
  ExpectCaught<Talk<2, false>>(ChannelBug::kNoSecondLook, "no second look");
}
TEST(ChannelMutantTest, ReadOfTheWordAfterArmingIsCaught) {
  ExpectCaught<Talk<3, false>>(ChannelBug::kReadAfterArming, "read after arming");
}
TEST(ChannelMutantTest, RoomThatIsNotToldIsCaught) {
  ExpectCaught<Talk<2, false>>(ChannelBug::kRoomIsNotTold, "room is not told");
}

}  // namespace
}  // namespace ringway::model
