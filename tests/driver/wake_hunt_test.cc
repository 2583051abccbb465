// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The hunt for lost wakes: two processes whose driver threads fall asleep soon
// after each message (RINGWAY_DRIVER_SPIN_US=10) and sleep until they are woken,
// however long that takes. One message is under way at a time, so no other can make
// up for a wake that was lost. It comes at a random moment around falling asleep,
// from an application's thread or a handler, and now and then behind more than a
// lane holds, so that the writer sleeps until there is room.

#include <gtest/gtest.h>
#include <semaphore.h>
#include <time.h>

#include <atomic>
#include <cstring>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "ringway/driver_linux.h"
#include "tests/support/back_end.h"
#include "tests/support/foreign_core.h"
#include "tests/support/process.h"
#include "tests/support/shim_driver.h"

namespace ringway::testing {
namespace {

enum class What : uint32_t { kPing, kPong, kBulk };
struct Message {
  What what;
  uint32_t number;
};

constexpr size_t kBulkBytes = 400'000;
constexpr int kBulkCount = 3;  // more than the largest lane holds
constexpr uint32_t kBulkEvery = 128;
constexpr uint32_t kLongestPauseNs = 25'000;

// A process's side.
class Hunter {
 public:
  explicit Hunter(IpczDriverHandle transport, std::atomic<uint64_t>* wakes = nullptr)
      : wakes_(wakes), bulk_(kBulkBytes), core_(RingwayLinuxDriver(), transport) {
    sem_init(&answered_, 0, 0);
  }
  ~Hunter() { sem_destroy(&answered_); }

  bool Begin() {
    return core_.Activate([this](const std::byte* data, size_t size) { OnParcel(data, size); },
                          [this] {
                            has_ended_ = true;
                            sem_post(&answered_);
                          }) == IPCZ_RESULT_OK;
  }

  // A ping and its pong. False when the pong does not come.
  bool Exchange() {
    Pause();
    ++number_;
    if (number_ % kBulkEvery == 0) PutBulk();
    Put({What::kPing, number_});
    return Await() && !has_ended_;
  }

  void AwaitEnd() {
    while (!has_ended_) sem_wait(&answered_);
  }

  uint64_t wrong() const { return wrong_; }

 private:
  // Busy, as whoever sleeps is late.
  void Pause() {
    const std::chrono::nanoseconds time(random_() % kLongestPauseNs);
    const auto end = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < end) {
    }
  }

  void Put(const Message& message) { core_.Put(&message, sizeof(message)); }

  void PutBulk() {
    const Message message = {What::kBulk, number_};
    std::memcpy(bulk_.data(), &message, sizeof(message));
    for (int i = 0; i < kBulkCount; ++i) core_.Put(bulk_.data(), bulk_.size());
  }

  void OnParcel(const std::byte* data, size_t size) {
    Message message;
    std::memcpy(&message, data, sizeof(message));
    if (message.what == What::kBulk) {
      wrong_ += size != kBulkBytes;
      return;
    }
    wrong_ += size != sizeof(message);
    if (message.what == What::kPing) {
      Pause();
      // The other process wants to know how often.
      if (wakes_) *wakes_ = DriverStatistics().wakes_sent;
      return Put({What::kPong, message.number});
    }
    wrong_ += message.number != number_;
    sem_post(&answered_);
  }

  // In many short waits: a process that was stopped for long has not waited for long.
  bool Await() {
    for (int i = 0; i < 300; ++i) {
      timespec deadline;
      clock_gettime(CLOCK_REALTIME, &deadline);
      deadline.tv_nsec += 100'000'000;
      deadline.tv_sec += deadline.tv_nsec / 1'000'000'000;
      deadline.tv_nsec %= 1'000'000'000;
      if (sem_timedwait(&answered_, &deadline) == 0) return true;
    }
    return false;
  }

  std::atomic<uint64_t>* const wakes_;
  std::minstd_rand random_;
  std::vector<std::byte> bulk_;
  uint32_t number_ = 0;
  std::atomic<bool> has_ended_{false};
  std::atomic<uint64_t> wrong_{0};
  sem_t answered_;
  ForeignCore core_;  // ends first
};

RW_CHILD(Answers) {
  Hunter hunter(child.transport, &child.page->value[0]);
  if (!hunter.Begin()) return 1;
  hunter.AwaitEnd();
  return hunter.wrong() == 0 ? 0 : 2;
}

TEST(WakeHuntTest, NoWakeIsLost) {
  Process other("Answers", {});
  const uint64_t before = DriverStatistics().wakes_sent;
  const auto wakes_wanted = static_cast<uint64_t>(CountOf("RW_WAKES", 20'000));
  uint64_t rounds = 0;
  uint64_t wakes = 0;
  {
    Hunter hunter(other.TakeTransport());
    ASSERT_TRUE(hunter.Begin());
    const bool has_channels = BackEndInUse() != "socket";
    for (; (has_channels ? wakes : rounds) < wakes_wanted; ++rounds) {
      ASSERT_TRUE(hunter.Exchange()) << "after " << rounds << " rounds, " << wakes << " wakes";
      if (rounds % 64 == 0) wakes = DriverStatistics().wakes_sent - before + other.page().value[0];
    }
    EXPECT_EQ(hunter.wrong(), 0u);
  }
  EXPECT_EQ(other.Wait(), 0);
  std::cout << "wakes: " << wakes << " in " << rounds << " rounds" << std::endl;
}

}  // namespace
}  // namespace ringway::testing
