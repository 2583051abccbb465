// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// One of two processes is killed at a random moment. What it committed arrives,
// in order, once and whole; the survivor learns of it soon and keeps nothing.

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <random>

#include "tests/multinode/kill_parcels.h"
#include "tests/multinode/kill_victim.h"
#include "tests/support/process.h"

namespace ringway::testing {
namespace {

using Clock = std::chrono::steady_clock;

enum class Notice { kParked, kTrap, kPolling };

uint64_t DeadlineIn(std::chrono::nanoseconds time) {
  return static_cast<uint64_t>((Clock::now().time_since_epoch() + time).count());
}

// How the survivor waits for its portal.
class Watcher {
 public:
  Watcher(Notice notice, IpczHandle portal) : notice_(notice), portal_(portal) {}

  // Until there is a parcel or the end, or some milliseconds have passed.
  void WaitReadable() {
    if (notice_ == Notice::kPolling) return std::this_thread::yield();
    if (notice_ == Notice::kParked) return Park(RINGWAY_WAIT_READABLE);
    WaitForTrap(IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS | IPCZ_TRAP_PEER_CLOSED);
  }

  // Until the peer has closed; false after ten seconds.
  bool WaitPeerClosed() {
    const auto end = Clock::now() + std::chrono::seconds(10);
    while (!PeerClosed(portal_)) {
      if (Clock::now() > end) return false;
      if (notice_ == Notice::kPolling) std::this_thread::yield();
      if (notice_ == Notice::kParked) Park(RINGWAY_WAIT_PEER_CLOSED);
      if (notice_ == Notice::kTrap) WaitForTrap(IPCZ_TRAP_PEER_CLOSED);
    }
    return true;
  }

 private:
  static constexpr auto kPatience = std::chrono::seconds(5);

  struct Fired {
    std::mutex mutex;
    std::condition_variable changed;
    bool fired = false;
  };

  void Park(RingwayWaitFlags wanted) {
    RingwayWaitItem item = {portal_, wanted, 0, SIZE_MAX, SIZE_MAX};
    Extensions().Wait(&item, 1, RINGWAY_WAIT_MODE_PARK, DeadlineIn(kPatience));
  }

  void WaitForTrap(IpczTrapConditionFlags flags) {
    const IpczTrapConditions conditions = {sizeof(conditions), flags, 0, 0, 0, 0};
    auto* fired = new std::shared_ptr<Fired>(std::make_shared<Fired>());
    const std::shared_ptr<Fired> ours = *fired;
    const auto handler = [](const IpczTrapEvent* event) {
      auto* theirs = reinterpret_cast<std::shared_ptr<Fired>*>(event->context);
      {
        std::lock_guard lock((*theirs)->mutex);
        (*theirs)->fired = true;
        (*theirs)->changed.notify_all();
      }
      delete theirs;
    };
    if (Api().Trap(portal_, &conditions, handler, reinterpret_cast<uintptr_t>(fired), 0, nullptr,
                   nullptr, nullptr) != IPCZ_RESULT_OK) {
      delete fired;
      return;
    }
    std::unique_lock lock(ours->mutex);
    ours->changed.wait_for(lock, kPatience, [&] { return ours->fired; });
  }

  const Notice notice_;
  const IpczHandle portal_;
};

struct Totals {
  int runs = 0;
  int in_flight_runs = 0;
  uint64_t committed = 0;
  uint64_t delivered = 0;
  uint64_t lost = 0;
  uint64_t wrong = 0;  // doubled, half, or out of order
  std::vector<double> notice_ms;

  static Totals& Get() {
    static Totals totals;
    return totals;
  }
};

class KillTest : public ::testing::TestWithParam<std::tuple<Notice, VictimRole>> {
 protected:
  static void TearDownTestSuite() {
    Totals& totals = Totals::Get();
    std::vector<double>& ms = totals.notice_ms;
    std::sort(ms.begin(), ms.end());
    const auto at = [&](double part) {
      return ms.empty() ? 0 : ms[static_cast<size_t>(part * static_cast<double>(ms.size() - 1))];
    };
    const auto late = std::count_if(ms.begin(), ms.end(), [](double each) { return each > 100; });
    std::cout << "kills: " << totals.runs << " runs, " << totals.in_flight_runs
              << " with parcels in flight; " << totals.committed << " parcels committed, "
              << totals.delivered << " delivered, " << totals.lost << " lost, " << totals.wrong
              << " wrong; peer closed after p50 " << at(0.5) << " ms, p95 " << at(0.95)
              << " ms, max " << at(1) << " ms, " << late << " later than 100 ms" << std::endl;
    // Not of the slowest, which a busy machine makes slow.
    EXPECT_LE(at(0.5), 100);
    EXPECT_LE(at(0.95), 100);
    EXPECT_GE(2 * totals.in_flight_runs, totals.runs);
  }

  // One survivor and one victim, from the start to the end of both.
  class Run;
};

class KillTest::Run {
 public:
  Run(Notice notice, VictimRole role, uint32_t seed, bool hold, bool early)
      : notice_(notice), role_(role), random_(seed), hold_(hold), early_(early) {}

  void Go() {
    const Footprint before = MeasureFootprint();
    {
      const bool victim_is_broker = random_() % 2 != 0;
      Process::Options options;
      options.arguments = {std::to_string(static_cast<uint64_t>(role_)),
                           victim_is_broker ? "1" : "0"};
      Process victim("Victim", options);
      victim_ = &victim;
      Connect(victim_is_broker);
      ASSERT_TRUE(early_ || victim.ReachesPhase(1));
      KillAndWatch();
      Drain();
      Check();
      Close(portal_);
      Close(node_);
    }
    EXPECT_TRUE(ReturnsTo(before))
        << Describe(before) << " became " << Describe(MeasureFootprint());
    ++Totals::Get().runs;
  }

 private:
  void Connect(bool victim_is_broker) {
    Api().CreateNode(RingwayLinuxDriver(), 0,
                     victim_is_broker ? IPCZ_NO_FLAGS : IPCZ_CREATE_NODE_AS_BROKER, nullptr,
                     &node_);
    ASSERT_EQ(Api().ConnectNode(node_, victim_->TakeTransport(), 1,
                                victim_is_broker ? IPCZ_CONNECT_NODE_TO_BROKER : IPCZ_NO_FLAGS,
                                nullptr, &portal_),
              IPCZ_RESULT_OK);
  }

  // A second thread kills, while this one works or waits until it learns of it.
  void KillAndWatch() {
    Clock::time_point killed;
    std::atomic<bool> is_killed = false;
    std::thread killer([&] {
      std::this_thread::sleep_for(std::chrono::microseconds(random_() % (early_ ? 6000 : 12000)));
      if (hold_) Eventually([&] { return InFlight() > 0; }, 1);
      in_flight_ = InFlight();
      killed = Clock::now();
      victim_->Signal(SIGKILL);
      is_killed = true;
    });
    Watcher watcher(notice_, portal_);
    bool closed = false;
    while (!closed && !(hold_ && role_ == VictimRole::kProduces)) {
      closed = PeerClosed(portal_);
      const bool worked = Work();
      if (!worked && !closed) watcher.WaitReadable();
    }
    closed = closed || watcher.WaitPeerClosed();
    const Clock::time_point noticed = Clock::now();
    killer.join();
    EXPECT_TRUE(closed);
    EXPECT_TRUE(is_killed);
    Totals::Get().notice_ms.push_back(
        std::chrono::duration<double, std::milli>(noticed - killed).count());
    if (in_flight_ > 0) ++Totals::Get().in_flight_runs;
    EXPECT_EQ(victim_->Wait(), 128 + SIGKILL);
  }

  // Parcels that were committed and not taken out.
  int64_t InFlight() {
    const SharedPage& page = victim_->page();
    const uint64_t taken = role_ == VictimRole::kConsumes ? page.got.load() : got_.load();
    const uint64_t put = role_ == VictimRole::kConsumes ? put_.load() : page.committed.load();
    return static_cast<int64_t>(put - taken);
  }

  // Puts and gets what can be put and got now.
  bool Work() {
    bool worked = false;
    if (role_ != VictimRole::kProduces) {
      const int put = PutInSomeWay(node_, portal_, put_ + 1);
      worked = put > 0;
      if (put > 0) put_ += static_cast<uint64_t>(put);
    }
    if (role_ != VictimRole::kConsumes) worked = GetOne() || worked;
    return worked;
  }

  bool GetOne() {
    const Parcel parcel = Get(portal_);
    last_ = parcel.result;
    if (parcel.result != IPCZ_RESULT_OK) return false;
    const uint64_t number = NumberOfParcel(parcel.data.data(), parcel.data.size());
    bool good = number == got_ + 1 && parcel.handles.size() == (CarriesBox(number) ? 1u : 0u);
    for (const IpczHandle handle : parcel.handles) good = NumberInBox(handle) == number && good;
    if (!good) ++Totals::Get().wrong;
    EXPECT_TRUE(good || wrong_) << "parcel " << number << " after " << got_ << ", "
                                << parcel.handles.size() << " handles, " << parcel.data.size()
                                << " bytes; committed " << victim_->page().committed.load();
    wrong_ = wrong_ || !good;  // what follows follows from it
    ++got_;
    return true;
  }

  void Drain() {
    while (GetOne()) continue;
    EXPECT_EQ(last_, IPCZ_RESULT_NOT_FOUND);
    EXPECT_EQ(Put(portal_, "too late"), IPCZ_RESULT_NOT_FOUND);
    EXPECT_NE(Status(portal_).flags & IPCZ_PORTAL_STATUS_DEAD, 0u);
  }

  void Check() {
    Totals& totals = Totals::Get();
    const uint64_t committed = victim_->page().committed.load();
    totals.committed += committed;
    totals.delivered += got_;
    if (role_ == VictimRole::kConsumes) {
      EXPECT_LE(victim_->page().got.load(), put_);
      return;
    }
    EXPECT_GE(got_, committed) << "lost";
    EXPECT_LE(got_, committed + kPutAtOnceMax) << "never put";
    if (got_ < committed) totals.lost += committed - got_;
  }

  const Notice notice_;
  const VictimRole role_;
  std::mt19937 random_;
  const bool hold_;   // something is in flight when it is killed
  const bool early_;  // the kill may come before the connection
  Process* victim_ = nullptr;
  IpczHandle node_ = 0;
  IpczHandle portal_ = 0;
  std::atomic<uint64_t> put_ = 0;
  std::atomic<uint64_t> got_ = 0;
  int64_t in_flight_ = 0;
  IpczResult last_ = IPCZ_RESULT_OK;
  bool wrong_ = false;
};

TEST_P(KillTest, WhatWasCommittedArrivesAndNothingIsKept) {
  const auto run_count = static_cast<uint32_t>(CountOf("RW_KILLS", 24));
  for (uint32_t i = 0; i < run_count && !HasFailure(); ++i) {
    const uint32_t seed = i * 7919 + static_cast<uint32_t>(std::get<0>(GetParam())) * 101 +
                          static_cast<uint32_t>(std::get<1>(GetParam())) * 1009;
    SCOPED_TRACE("run " + std::to_string(i));
    Run(std::get<0>(GetParam()), std::get<1>(GetParam()), seed, i % 2 == 0, i % 8 == 7).Go();
  }
}

std::string NameOf(const ::testing::TestParamInfo<KillTest::ParamType>& info) {
  constexpr const char* kNotices[] = {"Parked", "Trap", "Polling"};
  constexpr const char* kRoles[] = {"Producer", "Consumer", "Echo"};
  return std::string(kRoles[static_cast<size_t>(std::get<1>(info.param))]) + "KilledSurvivor" +
         kNotices[static_cast<size_t>(std::get<0>(info.param))];
}

INSTANTIATE_TEST_SUITE_P(
    Notices, KillTest,
    ::testing::Combine(::testing::Values(Notice::kParked, Notice::kTrap, Notice::kPolling),
                       ::testing::Values(VictimRole::kProduces, VictimRole::kConsumes,
                                         VictimRole::kEchoes)),
    NameOf);

}  // namespace
}  // namespace ringway::testing
