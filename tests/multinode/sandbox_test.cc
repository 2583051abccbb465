// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// A kernel that refuses io_uring, membarrier or futex_waitv, from the start or
// from some moment on: everything works on what is left, and says on what.

#include <gtest/gtest.h>
#include <linux/membarrier.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <thread>

#include "tests/multinode/kill_parcels.h"
#include "tests/multinode/kill_victim.h"
#include "tests/support/modes.h"
#include "tests/support/process.h"
#include "tests/support/shim_driver.h"

namespace ringway::testing {
namespace {

using Clock = std::chrono::steady_clock;

enum class Refused : uint64_t { kNothing, kIoUring, kMembarrier, kFutexWaitv, kAll };

// What this process may not call any more; the kernel answers `error`.
bool Refuse(Refused what, int error) {
  if (what == Refused::kNothing) return true;
  std::vector<int> calls;
  const bool all = what == Refused::kAll;
  if (all || what == Refused::kIoUring) {
    for (const int call : {425, 426, 427})
      calls.push_back(call);  // io_uring_setup, enter, register
  }
  if (all || what == Refused::kMembarrier) calls.push_back(SYS_membarrier);
  if (all || what == Refused::kFutexWaitv) calls.push_back(449);
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  if (!filter) return false;
  bool ok = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) == 0;  // on all threads
  for (const int call : calls) {
    ok = ok && seccomp_rule_add(filter, SCMP_ACT_ERRNO(static_cast<uint32_t>(error)), call, 0) == 0;
  }
  ok = ok && seccomp_load(filter) == 0;
  seccomp_release(filter);
  return ok;
}

// In a child, which alone may be restricted: its two nodes, or one of its own and
// the parent's.
struct Setting {
  const char* name;
  Refused what;
  int error;
  bool midway;
};

bool Restrict(const ChildContext& child) {
  return Refuse(static_cast<Refused>(child.number(0)), static_cast<int>(child.number(1)));
}

bool IsMidway(const ChildContext& child) { return child.number(2) != 0; }

uint64_t ExpectedBackEnd(Refused what) {
  const bool refused = what == Refused::kIoUring || what == Refused::kAll;
  return refused ? RINGWAY_REACTOR_EPOLL : RINGWAY_REACTOR_IO_URING;
}

// Bytes, boxes and portals both ways between two nodes of this process.
int TalkOverALink(NodePair& nodes) {
  for (uint64_t i = 1; i <= 500; ++i) {
    const bool forth = i % 2 != 0;
    const IpczHandle from = forth ? nodes.a[0] : nodes.b[0];
    const IpczHandle to = forth ? nodes.b[0] : nodes.a[0];
    const IpczHandle node = forth ? nodes.broker : nodes.other;
    IpczHandle kept;
    IpczHandle sent;
    Api().OpenPortals(node, 0, nullptr, &kept, &sent);
    if (Put(from, MakeParcel(i), {BoxWithNumber(node, i), sent}) != IPCZ_RESULT_OK) return 10;
    const Parcel parcel = WaitGet(to);
    if (NumberOfParcel(parcel.data.data(), parcel.data.size()) != i) return 11;
    if (parcel.handles.size() != 2 || NumberInBox(parcel.handles[0]) != i) return 12;
    if (Put(kept, "over the new pair") != IPCZ_RESULT_OK) return 13;
    if (WaitGet(parcel.handles[1]).data != "over the new pair") return 14;
    Close(kept);
    Close(parcel.handles[1]);
  }
  return 0;
}

// Parked threads that answer each other over a link of this process.
int PingPongParked(NodePair& nodes, int rounds) {
  const auto wait = [](IpczHandle portal) {
    RingwayWaitItem item = {portal, RINGWAY_WAIT_READABLE, 0, SIZE_MAX, SIZE_MAX};
    return Extensions().Wait(&item, 1, RINGWAY_WAIT_MODE_PARK, RINGWAY_NO_DEADLINE);
  };
  std::atomic<int> wrong = 0;
  std::thread other([&] {
    for (int i = 0; i < rounds; ++i) {
      if (wait(nodes.b[0]) != IPCZ_RESULT_OK || Get(nodes.b[0]).data != "ping") ++wrong;
      if (Put(nodes.b[0], "pong") != IPCZ_RESULT_OK) ++wrong;
    }
  });
  for (int i = 0; i < rounds; ++i) {
    if (Put(nodes.a[0], "ping") != IPCZ_RESULT_OK) ++wrong;
    if (wait(nodes.a[0]) != IPCZ_RESULT_OK || Get(nodes.a[0]).data != "pong") ++wrong;
  }
  other.join();
  return wrong == 0 ? 0 : 20;
}

// Several threads on one portal: what locks must keep apart.
int ContendForAPortal(NodePair& nodes) {
  constexpr uint64_t kParcels = 20'000;
  std::atomic<uint64_t> sum = 0;
  std::atomic<uint64_t> got = 0;
  std::vector<std::thread> threads;
  for (uint64_t thread = 0; thread < 2; ++thread) {
    threads.emplace_back([&, thread] {
      for (uint64_t i = 0; i < kParcels; ++i) {
        const uint64_t number = 2 * i + thread;
        Api().Put(nodes.a[1], &number, 8, nullptr, 0, 0, nullptr);
      }
    });
    threads.emplace_back([&] {
      while (got < 2 * kParcels) {
        uint64_t number = 0;
        size_t bytes = 8;
        if (Api().Get(nodes.b[1], 0, nullptr, &number, &bytes, nullptr, nullptr, nullptr) != 0) {
          std::this_thread::yield();
          continue;
        }
        sum += number;
        ++got;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return sum == 2 * kParcels * (2 * kParcels - 1) / 2 ? 0 : 30;
}

RW_CHILD(TalksWithinItself) {
  const auto what = static_cast<Refused>(child.number(0));
  if (!IsMidway(child) && !Restrict(child)) return 1;
  IpczDriverHandle transports[2];
  RingwayLinuxCreateTransportPair(&transports[0], &transports[1]);
  NodePair nodes(LongSleepDriver(), transports[0], transports[1]);
  if (IsMidway(child)) {
    int result = TalkOverALink(nodes);
    if (result == 0) result = PingPongParked(nodes, 200);
    if (result == 0) result = ContendForAPortal(nodes);
    if (result != 0) return 100 + result;
    if (DriverStatistics().reactor_back_end != RINGWAY_REACTOR_IO_URING) return 2;
    if (!Restrict(child)) return 3;
  }
  int result = TalkOverALink(nodes);
  const bool waits = what == Refused::kMembarrier || what == Refused::kNothing;
  if (result == 0) result = PingPongParked(nodes, waits ? 10'000 : 2'000);
  if (result == 0) result = ContendForAPortal(nodes);
  if (result != 0) return result;
  if (DriverStatistics().reactor_back_end != ExpectedBackEnd(what)) return 4;
  const bool no_barrier = what == Refused::kMembarrier || what == Refused::kAll;
  if (no_barrier && !IsMidway(child) && LinuxTable().extension.BarrierAvailable() != 0) return 5;
  return SleepsWithoutAWake() == 0 ? 0 : 6;
}

class SandboxTest : public ::testing::TestWithParam<Setting> {
 protected:
  Process::Options Options() const {
    Process::Options options;
    options.arguments = {std::to_string(static_cast<uint64_t>(GetParam().what)),
                         std::to_string(GetParam().error), GetParam().midway ? "1" : "0"};
    return options;
  }
};

TEST_P(SandboxTest, ANodeTalksAndWaits) {
  Process::Options options = Options();
  options.with_transport = false;
  Process child("TalksWithinItself", options);
  EXPECT_EQ(child.Wait(100), 0);
}

// A restricted victim that commits parcels until it is killed.
RW_CHILD(RestrictedVictim) {
  IpczHandle node;
  IpczHandle portal;
  if (!IsMidway(child) && !Restrict(child)) return 1;
  Api().CreateNode(RingwayLinuxDriver(), 0, IPCZ_NO_FLAGS, nullptr, &node);
  Api().ConnectNode(node, child.transport, 1, IPCZ_CONNECT_NODE_TO_BROKER, nullptr, &portal);
  for (uint64_t number = 1;;) {
    if (number == 40 && IsMidway(child) && !Restrict(child)) return 1;
    const int put = PutInSomeWay(node, portal, number);
    if (put < 0) return 2;
    if (put == 0) std::this_thread::yield();
    number += static_cast<uint64_t>(put);
    child.page->committed = number - 1;
    child.page->phase = number > 60 ? 1 : 0;
  }
}

TEST_P(SandboxTest, WhatAVictimCommittedArrives) {
  for (int run = 0; run < 5; ++run) {
    Process child("RestrictedVictim", Options());
    IpczHandle node;
    IpczHandle portal;
    Api().CreateNode(RingwayLinuxDriver(), 0, IPCZ_CREATE_NODE_AS_BROKER, nullptr, &node);
    ASSERT_EQ(Api().ConnectNode(node, child.TakeTransport(), 1, 0, nullptr, &portal), 0);
    uint64_t got = 0;
    bool killed = false;
    for (;;) {
      const Parcel parcel = WaitGet(portal);
      if (parcel.result != IPCZ_RESULT_OK) {
        ASSERT_EQ(parcel.result, IPCZ_RESULT_NOT_FOUND);
        break;
      }
      ASSERT_EQ(NumberOfParcel(parcel.data.data(), parcel.data.size()), ++got);
      for (const IpczHandle handle : parcel.handles) ASSERT_EQ(NumberInBox(handle), got);
      if (!killed && child.page().phase != 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds(run));
        child.Signal(SIGKILL);
        killed = true;
      }
    }
    EXPECT_GE(got, child.page().committed.load());
    EXPECT_EQ(child.Wait(), 128 + SIGKILL);
    Close(portal);
    Close(node);
  }
}

// Two processes, one restricted and one not, or both.
RW_CHILD(AnswersRestricted) {
  if (!Restrict(child)) return 1;
  IpczHandle node;
  IpczHandle portal;
  Api().CreateNode(LongSleepDriver(), 0, IPCZ_NO_FLAGS, nullptr, &node);
  Api().ConnectNode(node, child.transport, 1, IPCZ_CONNECT_NODE_TO_BROKER, nullptr, &portal);
  for (;;) {
    RingwayWaitItem item = {portal, RINGWAY_WAIT_READABLE, 0, SIZE_MAX, SIZE_MAX};
    if (Extensions().Wait(&item, 1, RINGWAY_WAIT_MODE_PARK, RINGWAY_NO_DEADLINE) != 0) return 2;
    const Parcel parcel = Get(portal);
    if (parcel.result == IPCZ_RESULT_NOT_FOUND) break;
    if (Put(portal, parcel.data) != IPCZ_RESULT_OK) return 3;
  }
  Close(portal);
  Close(node);
  return SleepsWithoutAWake() == 0 ? 0 : 4;
}

class SandboxFromTheStartTest : public SandboxTest {};

TEST_P(SandboxFromTheStartTest, LosesNoWakeOfAnUnrestrictedProcess) {
  Process child("AnswersRestricted", Options());
  IpczHandle node;
  IpczHandle portal;
  Api().CreateNode(LongSleepDriver(), 0, IPCZ_CREATE_NODE_AS_BROKER, nullptr, &node);
  ASSERT_EQ(Api().ConnectNode(node, child.TakeTransport(), 1, 0, nullptr, &portal), 0);
  for (int i = 0; i < 5000; ++i) {
    ASSERT_EQ(Put(portal, "ball"), IPCZ_RESULT_OK);
    RingwayWaitItem item = {portal, RINGWAY_WAIT_READABLE, 0, SIZE_MAX, SIZE_MAX};
    ASSERT_EQ(Extensions().Wait(&item, 1, RINGWAY_WAIT_MODE_PARK, RINGWAY_NO_DEADLINE), 0) << i;
    ASSERT_EQ(Get(portal).data, "ball");
  }
  Close(portal);
  EXPECT_EQ(child.Wait(), 0);
  Close(node);
  EXPECT_EQ(SleepsWithoutAWake(), 0u);
}

constexpr Setting kFromTheStart[] = {
    {"NothingRefused", Refused::kNothing, 0, false},
    {"IoUringEperm", Refused::kIoUring, EPERM, false},
    {"IoUringEnosys", Refused::kIoUring, ENOSYS, false},
    {"MembarrierEperm", Refused::kMembarrier, EPERM, false},
    {"MembarrierEnosys", Refused::kMembarrier, ENOSYS, false},
    {"FutexWaitvEperm", Refused::kFutexWaitv, EPERM, false},
    {"FutexWaitvEnosys", Refused::kFutexWaitv, ENOSYS, false},
    {"AllEnosys", Refused::kAll, ENOSYS, false},
};
constexpr Setting kMidway[] = {
    {"IoUringEpermMidway", Refused::kIoUring, EPERM, true},
    {"MembarrierEpermMidway", Refused::kMembarrier, EPERM, true},
    {"FutexWaitvEpermMidway", Refused::kFutexWaitv, EPERM, true},
    {"AllEpermMidway", Refused::kAll, EPERM, true},
};

std::string NameOf(const ::testing::TestParamInfo<Setting>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Kernel, SandboxTest, ::testing::ValuesIn(kFromTheStart), NameOf);
INSTANTIATE_TEST_SUITE_P(Midway, SandboxTest, ::testing::ValuesIn(kMidway), NameOf);
INSTANTIATE_TEST_SUITE_P(Kernel, SandboxFromTheStartTest, ::testing::ValuesIn(kFromTheStart),
                         NameOf);

}  // namespace
}  // namespace ringway::testing
