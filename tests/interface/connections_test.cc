// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Connections as numbers (row D2 of docs/interfaces.md).

#include "ringway/connections.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "tests/interface/calc.h"
#include "tests/interface/names_host.h"
#include "tests/support/ipcz_test.h"

namespace ringway::testing {
namespace {

class ConnectionsTest : public ::testing::Test {
 protected:
  // A server by that name that tells itself apart by what it answers.
  struct Numbered {
    Numbered(NamesHost& host, const std::string& name, int number) : joined(host, number) {
      calc.calls = number - 1;
      status = joined.names.Register(joined.loop, calc, {.name = name, .limit = 1}, &registered);
    }
    Joined joined;
    CalcServer calc;
    Registered registered;
    int64_t status;
  };
  int NumberOf(ConnectionId id) {
    Cap<Calc> calc;
    const int64_t found = table_.Find(id, &calc);
    int sum = 0;
    return static_cast<int>(found < 0 ? found : calc.Call<Calc::Add>(1, 1, sum));
  }
  ConnectionId Connect(const char* name) {
    ConnectionId id;
    EXPECT_EQ(table_.Connect(name, &id, Deadline::In(20'000'000'000)), RW_EOK);
    return id;
  }

  NamesHost host_;
  Joined client_{host_, 1};
  ConnectionTable table_{client_.names};
};

TEST_F(ConnectionsTest, AServerHasOneNumberHoweverOftenItIsConnected) {
  Numbered first(host_, "first", 10);
  Numbered second(host_, "second", 20);
  const ConnectionId id = Connect("first");
  // Its limit is one connection.
  EXPECT_EQ(Connect("first"), id);
  EXPECT_NE(Connect("second"), id);
  EXPECT_EQ(NumberOf(id), 10);
  ConnectionId other;
  EXPECT_EQ(table_.TryConnect("third", &other), -RW_ENOENT);
}

TEST_F(ConnectionsTest, SeveralThreadsGetTheSameOne) {
  Numbered first(host_, "first", 10);
  std::vector<ConnectionId> ids(8);
  std::vector<std::thread> threads;
  for (ConnectionId& id : ids) {
    threads.emplace_back([&] {
      // Whoever is late may meet a connection that is being made: there is only one.
      EXPECT_TRUE(Eventually([&] { return table_.TryConnect("first", &id) == RW_EOK; }));
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const ConnectionId& id : ids) EXPECT_EQ(id, ids[0]);
  EXPECT_EQ(NumberOf(ids[0]), 10);
}

// In Xous it may reach the server that has the slot now.
TEST_F(ConnectionsTest, AStaleNumberReachesNobody) {
  Numbered first(host_, "first", 10);
  const ConnectionId stale = Connect("first");
  EXPECT_EQ(table_.Disconnect(stale), RW_EOK);
  Numbered second(host_, "second", 20);
  const ConnectionId fresh = Connect("second");
  EXPECT_EQ(fresh.slot, stale.slot);
  EXPECT_EQ(NumberOf(stale), -RW_ESTALE);
  EXPECT_EQ(table_.Disconnect(stale), -RW_ESTALE);
  EXPECT_EQ(NumberOf(fresh), 20);
  for (const ConnectionId id : {ConnectionId{}, ConnectionId{7, 1}, ConnectionId{fresh.slot, 2},
                                ConnectionId{UINT32_MAX, UINT32_MAX}}) {
    EXPECT_EQ(NumberOf(id), -RW_ESTALE);
  }
}

TEST_F(ConnectionsTest, TheNumberOfADeadServerFailsAndTheNextOneHasAnother) {
  auto first = std::make_unique<Numbered>(host_, "name", 10);
  const ConnectionId dead = Connect("name");
  EXPECT_EQ(NumberOf(dead), 10);
  first.reset();
  EXPECT_TRUE(Eventually([&] { return NumberOf(dead) == -RW_ECONNRESET; }));
  std::optional<Numbered> second;
  EXPECT_TRUE(Eventually([&] { return second.emplace(host_, "name", 20).status == RW_EOK; }));
  const ConnectionId fresh = Connect("name");
  EXPECT_NE(fresh, dead);
  EXPECT_EQ(NumberOf(fresh), 20);
  EXPECT_EQ(NumberOf(dead), -RW_ESTALE);
}

}  // namespace
}  // namespace ringway::testing
