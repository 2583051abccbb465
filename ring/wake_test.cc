// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Covers the handshake's states in one thread, and hunts lost wakes with two threads and a real
// futex. All interleavings: tests/model. What a killed side leaves: tests/crash.

#include "ring/wake.h"

#include <gtest/gtest.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <thread>

#include "ring/base/fence.h"

namespace ringway {
namespace {

using Word = std::atomic<uint64_t>;
constexpr WakeHalf kParked = WakeHalf::kParked;
constexpr WakeHalf kTraps = WakeHalf::kTraps;

// What a publisher does after each publication: true if `half` got a wake.
bool Notice(WakeMemory& memory, const Word& word, WakeHalf half, bool threshold_met = true) {
  uint64_t seen = 0;
  if (!memory.Look(word, &seen)) return false;
  const bool wake = memory.Wants(seen, half) && threshold_met;
  if (wake) memory.Answer(seen, half);
  memory.Settle(seen);
  return wake;
}

TEST(WakeTest, KeepsTheHalvesOfAWordApart) {
  const uint64_t word = 0x1111'2222'3333'4444;
  EXPECT_EQ(GenerationOf(word, kParked), 0x3333'4444u);
  EXPECT_EQ(GenerationOf(word, kTraps), 0x1111'2222u);
  EXPECT_EQ(WithGeneration(word, kParked, 5), 0x1111'2222'0000'0005u);
  EXPECT_EQ(WithGeneration(word, kTraps, 5), 0x0000'0005'3333'4444u);
}

TEST(WakeTest, EveryArmIsNewAndOddAndEveryDisarmEven) {
  for (const WakeHalf half : {kParked, kTraps}) {
    Word word{0};
    EXPECT_EQ(Arm(word, half), 1u);
    EXPECT_EQ(Arm(word, half), 3u) << "armed twice: a wake for 1 does not answer it";
    Disarm(word, half);
    EXPECT_EQ(GenerationOf(word, half), 4u);
    Disarm(word, half);
    EXPECT_EQ(GenerationOf(word, half), 4u) << "not armed: nothing to disarm";
    EXPECT_EQ(Arm(word, half), 5u);
    EXPECT_EQ(GenerationOf(word, half == kParked ? kTraps : kParked), 0u);
  }
}

TEST(WakeTest, GenerationsWrapInsideTheirHalf) {
  for (const WakeHalf half : {kParked, kTraps}) {
    Word word{WithGeneration(0x0000'0007'0000'0007, half, 0xffff'fffd)};
    EXPECT_EQ(Arm(word, half), 0xffff'ffffu);
    Disarm(word, half);
    EXPECT_EQ(GenerationOf(word, half), 0u);
    EXPECT_EQ(Arm(word, half), 1u);
    EXPECT_EQ(GenerationOf(word, half == kParked ? kTraps : kParked), 7u);
  }
}

TEST(WakeTest, LooksNoFurtherWhenNothingIsArmed) {
  Word word{0};
  WakeMemory memory;
  uint64_t seen = 0;
  EXPECT_FALSE(memory.Look(word, &seen));
  EXPECT_TRUE(memory.IsQuiet(word));
  Arm(word, kParked);
  Disarm(word, kParked);
  EXPECT_FALSE(memory.IsQuiet(word));
  EXPECT_TRUE(memory.Look(word, &seen)) << "a new word is looked at once";
  EXPECT_FALSE(memory.Wants(seen, kParked));
  memory.Settle(seen);
  EXPECT_FALSE(memory.Look(word, &seen));
}

TEST(WakeTest, AnswersEachGenerationOnce) {
  Word word{0};
  WakeMemory memory;
  for (int turn = 0; turn != 3; ++turn) {
    Arm(word, kParked);
    EXPECT_TRUE(Notice(memory, word, kParked));
    EXPECT_FALSE(Notice(memory, word, kParked));
    uint64_t seen = 0;
    EXPECT_FALSE(memory.Look(word, &seen)) << "answered, though still odd";
  }
}

TEST(WakeTest, ASecondArmIsAnsweredAgain) {
  Word word{0};
  WakeMemory memory;
  Arm(word, kParked);
  EXPECT_TRUE(Notice(memory, word, kParked));
  Arm(word, kParked);  // another thread parks before the first has disarmed
  EXPECT_TRUE(Notice(memory, word, kParked));
}

TEST(WakeTest, GoesOnLookingWhileAThresholdIsNotMet) {
  Word word{0};
  WakeMemory memory;
  Arm(word, kTraps);
  EXPECT_FALSE(Notice(memory, word, kTraps, false));
  EXPECT_FALSE(Notice(memory, word, kTraps, false));
  EXPECT_TRUE(Notice(memory, word, kTraps, true));
  EXPECT_FALSE(Notice(memory, word, kTraps, true));
}

TEST(WakeTest, AnAnswerToOneHalfLeavesTheOther) {
  Word word{0};
  WakeMemory memory;
  Arm(word, kTraps);
  Arm(word, kParked);
  EXPECT_TRUE(Notice(memory, word, kParked));
  EXPECT_TRUE(Notice(memory, word, kTraps));
  uint64_t seen = 0;
  EXPECT_FALSE(memory.Look(word, &seen));
  Disarm(word, kParked);
  EXPECT_FALSE(Notice(memory, word, kTraps)) << "a new word, but no new generation of traps";
}

// --- Two threads ---------------------------------------------------------------

constexpr int kSleeps = 10'000;
constexpr time_t kLostAfterSeconds = 60;

// A count that is published instead of parcels, and what the sides tell each other about it.
struct Shared {
  alignas(64) std::atomic<int> published{0};
  std::atomic<uint32_t> answered{0};  // the producer's: the futex word
  alignas(64) Word readers{0};
  std::atomic<int> consumed{0};
};

long Futex(std::atomic<uint32_t>* word, int operation, uint32_t value, const timespec* timeout) {
  return syscall(SYS_futex, word, operation | FUTEX_PRIVATE_FLAG, value, timeout, nullptr, 0);
}

template <class Fence>
void Publish(Shared* shared, Fence fence) {
  WakeMemory memory;
  for (int number = 1; number <= kSleeps; ++number) {
    while (shared->consumed.load(std::memory_order_acquire) != number - 1) CpuRelax();
    for (int i = number % 61; i != 0; --i) CpuRelax();
    shared->published.store(number, std::memory_order_release);
    fence();
    uint64_t seen = 0;
    if (!memory.Look(shared->readers, &seen)) continue;
    if (memory.Wants(seen, kParked)) {
      shared->answered.store(GenerationOf(seen, kParked), std::memory_order_release);
      Futex(&shared->answered, FUTEX_WAKE, INT_MAX, nullptr);
      memory.Answer(seen, kParked);
    }
    memory.Settle(seen);
  }
}

// Returns how often it slept; -1 for a lost wake.
template <class Barrier>
int Consume(Shared* shared, Barrier barrier) {
  int sleeps = 0;
  const auto arrived = [&](int number) {
    return shared->published.load(std::memory_order_acquire) >= number;
  };
  for (int number = 1; number <= kSleeps; ++number) {
    for (int i = number % 67; i != 0; --i) CpuRelax();
    while (!arrived(number)) {
      const uint32_t answered = shared->answered.load(std::memory_order_acquire);
      Arm(shared->readers, kParked);
      barrier();
      if (arrived(number)) break;
      const timespec timeout{kLostAfterSeconds, 0};
      if (Futex(&shared->answered, FUTEX_WAIT, answered, &timeout) != 0 && errno == ETIMEDOUT) {
        return -1;
      }
      ++sleeps;
    }
    Disarm(shared->readers, kParked);
    shared->consumed.store(number, std::memory_order_release);
  }
  return sleeps;
}

template <class Fence, class Barrier>
void HuntLostWakes(Fence fence, Barrier barrier) {
  Shared shared;
  std::thread producer([&] { Publish(&shared, fence); });
  const int sleeps = Consume(&shared, barrier);
  shared.consumed.store(kSleeps, std::memory_order_release);
  if (sleeps < 0) {
    producer.detach();
    FAIL() << "a wake was lost";
  }
  producer.join();
  EXPECT_GT(sleeps, 0);
  std::printf("published: %d, slept: %d\n", kSleeps, sleeps);
}

TEST(WakeStressTest, LosesNoWakeWithFencesOnBothSides) { HuntLostWakes(FullFence, FullFence); }

TEST(WakeStressTest, LosesNoWakeWithTheSleepersBarrierAlone) {
  ASSERT_EQ(syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0), 0);
  HuntLostWakes(CompilerFence,
                [] { syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0); });
}

}  // namespace
}  // namespace ringway
