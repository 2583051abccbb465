// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Calls that were started: threads that share them, loops that read for them, and peers that die.

#include <gtest/gtest.h>
#include <signal.h>

#include <array>
#include <atomic>
#include <deque>
#include <thread>
#include <utility>
#include <vector>

#include "ringway/pending.h"
#include "tests/interface/held.h"
#include "tests/interface/served_node.h"
#include "tests/support/process.h"

namespace ringway::testing {
namespace {

class SharedPendingTest : public ::testing::TestWithParam<Place> {
 protected:
  // Calls that nobody waited for may be with the server yet.
  ~SharedPendingTest() override { node_.Stop(); }

  ServedNode node_;
  HeldServer server_;
  Cap<Held> held_ = node_.Connect<Held>(server_, GetParam());
};
INSTANTIATE_TEST_SUITE_P(, SharedPendingTest, RW_ALL_PLACES, PlaceName);

TEST_P(SharedPendingTest, AnotherThreadMayWait) {
  int twice = 0;
  auto call = held_.Start<Held::Later>(5, twice);
  std::thread waiting([&, mine = std::move(call)]() mutable { EXPECT_EQ(mine.Wait(), 5); });
  server_.Answer(5);
  waiting.join();
  EXPECT_EQ(twice, 10);
}

// Whoever reads does so for all.
TEST_P(SharedPendingTest, AThreadThatWaitsReadsForTheOthers) {
  int slow = 0;
  int quick = 0;
  std::thread waiting([&] { EXPECT_EQ(held_.Call<Held::Later>(1, slow), 1); });
  Reply reply = server_.TakeKept(1);
  EXPECT_EQ(held_.Start<Held::Now>(2, quick).Wait(), 2);
  EXPECT_EQ(quick, 4);
  EXPECT_EQ(ReplyWith<Held::Later>(std::move(reply), 1, 2), 0);
  waiting.join();
}

TEST_P(SharedPendingTest, ThreadsStartWaitCallAndDrop) {
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      struct Call {
        int number;
        std::unique_ptr<int> twice;
        Pending<Held::Now> pending;
      };
      std::deque<Call> calls;
      ArrayRef<int, kViewMax> view;
      for (int i = 0; i < 400; ++i) {
        const int number = thread * 1000 + i;
        calls.push_back({number, std::make_unique<int>(), {}});
        calls.back().pending = held_.Start<Held::Now>(number, *calls.back().twice);
        if (i % 16 == 5) {
          // A reply of its own size in between; who has a view keeps the others waiting.
          auto large = held_.Start<Held::View>(5'000, view);
          long status = -RW_EBUSY;
          while (status == -RW_EBUSY) status = large.Wait();
          ASSERT_EQ(status, 0);
          ASSERT_EQ(view[4'999], 4'999);
          view.Release();
        }
        if (calls.size() < 8) continue;
        if (i % 5 == 0) calls.pop_back();
        Call& call = calls[static_cast<size_t>(i) % calls.size()];
        long status = -RW_EBUSY;
        while (status == -RW_EBUSY) status = call.pending.Wait();
        ASSERT_EQ(status, call.number);
        ASSERT_EQ(*call.twice, 2 * call.number);
        calls.erase(calls.begin() + i % static_cast<int>(calls.size()));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  int twice = 0;
  EXPECT_EQ(held_.Call<Held::Now>(1, twice), 1);
}

class ByMessageTest : public SharedPendingTest {
 protected:
  Node& client_node() { return GetParam() == Place::kOtherNode ? node_.neighbour() : node_.node(); }
};
INSTANTIATE_TEST_SUITE_P(, ByMessageTest, RW_BY_MESSAGE, PlaceName);

TEST_P(ByMessageTest, ALoopReadsTheReplies) {
  Loop loop(client_node());
  loop.ReadReplies(held_.target().remote_ref());
  std::array<int, 3> twice = {};
  // Nobody runs it, so who waits does.
  auto first = held_.Start<Held::Now>(1, twice[0]);
  auto second = held_.Start<Held::Now>(2, twice[1]);
  EXPECT_EQ(second.Wait(), 2);
  EXPECT_EQ(first.Wait(), 1);
  auto moved = held_.Start<Held::Moved>(3, twice[2]);
  auto cancelled = held_.Start<Held::Later>(4, twice[1]);
  auto dropped = held_.Start<Held::Now>(5, twice[1]);
  std::thread thread([&] { loop.Run(); });
  server_.Answer(3);
  EXPECT_EQ(moved.Wait(), 3);
  ArrayRef<int, kViewMax> view;
  auto large = held_.Start<Held::View>(50'000, view);
  EXPECT_EQ(large.Wait(), 0);
  EXPECT_EQ(view[49'999], 49'999);
  dropped = {};
  loop.Stop();
  thread.join();
  auto late = held_.Until(Deadline::In(1'000'000)).Start<Held::Later>(6, twice[1]);
  loop.StopReading(*held_.target().remote());
  EXPECT_EQ(cancelled.Wait(), -RW_ECANCELED);
  EXPECT_EQ(late.Wait(), -RW_ECANCELED);
  EXPECT_EQ(twice, (std::array<int, 3>{2, 4, 6}));
}

TEST_P(ByMessageTest, WhatWasAnsweredBeforeTheEndIsAnswer) {
  HeldServer server;
  std::array<int, 4> twice = {};
  std::deque<Pending<Held::Now>> calls;
  Cap<Held> held;
  {
    Loop loop(node_.node());
    if (GetParam() == Place::kSameNode) {
      held = Cap<Held>(*loop.Open(server));
    } else {
      auto [here, there] = node_.TakeLink();
      loop.Serve(std::move(here), server);
      held = Cap<Held>(std::move(there));
    }
    for (int i = 0; i < 3; ++i) {
      calls.push_back(held.Start<Held::Now>(i, twice[static_cast<size_t>(i)]));
    }
    EXPECT_EQ(loop.RunSome(Deadline::Never(), 1), 1);
  }
  EXPECT_EQ(calls[2].Wait(), -RW_ECONNRESET);
  EXPECT_EQ(calls[0].Wait(), 0);
  EXPECT_EQ(calls[1].Wait(), -RW_ECONNRESET);
  // It cannot even be sent.
  EXPECT_EQ(held.Start<Held::Now>(3, twice[3]).Wait(), -RW_ECONNRESET);
}

RW_CHILD(Serving) {
  Result<Node> node = Node::Create(RingwayLinuxDriver());
  Result<std::vector<Portal>> portals =
      node->Connect(child.transport, 1, IPCZ_CONNECT_NODE_TO_BROKER);
  HeldServer server;
  Loop loop(*node);
  loop.Serve(std::move(portals->front()), server);
  loop.Run();
  return 0;
}

TEST(KilledPeerTest, EndsEachCallThatWasStarted) {
  Result<Node> node = Node::Create(RingwayLinuxDriver(), IPCZ_CREATE_NODE_AS_BROKER);
  Process process{"Serving", {}};
  Result<std::vector<Portal>> portals = node->Connect(process.TakeTransport(), 1);
  const Cap<Held> held(std::move(portals->front()));
  std::array<int, 4> twice = {};
  ASSERT_EQ(held.Call<Held::Now>(1, twice[0]), 1);
  process.Signal(SIGSTOP);
  std::deque<Pending<Held::Now>> calls;
  for (int& each : twice) calls.push_back(held.Start<Held::Now>(2, each));
  calls.pop_front();
  std::vector<std::thread> threads;
  for (Pending<Held::Now>& call : calls) {
    threads.emplace_back([&] { EXPECT_EQ(call.Wait(), -RW_ECONNRESET); });
  }
  process.Signal(SIGKILL);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(held.Start<Held::Now>(2, twice[0]).Wait(), -RW_ECONNRESET);
}

}  // namespace
}  // namespace ringway::testing
