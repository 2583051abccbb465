// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Servers are found by name or by a secret id, and admit as many as they said
// (rows D1 to D3 of docs/interfaces.md).

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <string>
#include <thread>

#include "ringway/meta.h"
#include "tests/interface/calc.h"
#include "tests/interface/names_host.h"
#include "tests/support/ipcz_test.h"

namespace ringway::testing {
namespace {

constexpr uint64_t kShortNs = 50'000'000;
constexpr uint64_t kLongNs = 20'000'000'000;

class NamesTest : public ::testing::Test {
 protected:
  NamesHost host_;
  Joined server_{host_, 11};
  Joined client_{host_, 22};
  CalcServer calc_;
  Registered registered_;

  int64_t Register(const Offer& offer) {
    return server_.names.Register(server_.loop, calc_, offer, &registered_);
  }
  int64_t TryConnect(const ServerKey& key, Cap<Calc>* calc) {
    return client_.names.TryConnect(key, calc);
  }
  // Until the end of an earlier connection is known.
  bool Connects(const ServerKey& key, Cap<Calc>* calc) {
    return Eventually([&] { return TryConnect(key, calc) == RW_EOK; });
  }
  static bool Answers(const Cap<Calc>& calc) {
    int sum = 0;
    return calc.Call<Calc::Add>(2, 3, sum) > 0 && sum == 5;
  }
};

// D1
TEST_F(NamesTest, AnIdProtectsAServerThatHasNoName) {
  const ServerId id = *CreateServerId(server_.node);
  ASSERT_EQ(Register({.id = id}), RW_EOK);
  Cap<Calc> calc;
  ASSERT_EQ(TryConnect(id, &calc), RW_EOK);
  EXPECT_TRUE(Answers(calc));
  EXPECT_EQ(TryConnect(ServerId{id.high, id.low + 1}, &calc), -RW_ENOENT);
  EXPECT_EQ(TryConnect(*CreateServerId(server_.node), &calc), -RW_ENOENT);
}

// D1
TEST_F(NamesTest, ASecondServerWithOneIdOrNameIsRefused) {
  ASSERT_EQ(Register({.name = "calc", .id = {1, 2}}), RW_EOK);
  Registered second;
  CalcServer other;
  EXPECT_EQ(client_.names.Register(client_.loop, other, {.id = {1, 2}}, &second), -RW_EEXIST);
  EXPECT_EQ(client_.names.Register(client_.loop, other, {.name = "calc"}, &second), -RW_EEXIST);
  EXPECT_EQ(client_.names.Register(client_.loop, other, {.name = "calc", .id = {1, 3}}, &second),
            -RW_EEXIST);
  EXPECT_FALSE(second);
  EXPECT_EQ(client_.names.Register(client_.loop, other, {.name = "other", .id = {1, 3}}, &second),
            RW_EOK);
  client_.Stop();
}

TEST_F(NamesTest, IdsDiffer) {
  const ServerId first = *CreateServerId(server_.node);
  const ServerId second = *CreateServerId(server_.node);
  EXPECT_NE(first, second);
  EXPECT_NE(first.high, first.low);
  EXPECT_EQ(CreateServerId(Node()).result(), IPCZ_RESULT_INVALID_ARGUMENT);
}

// D2
TEST_F(NamesTest, ConnectingWaitsForTheServerAndTryingDoesNot) {
  Cap<Calc> calc;
  EXPECT_EQ(TryConnect("calc", &calc), -RW_ENOENT);
  EXPECT_EQ(client_.names.Connect("calc", &calc, Deadline::In(kShortNs)), -RW_ETIMEDOUT);
  std::thread late([&] {
    std::this_thread::sleep_for(std::chrono::nanoseconds(kShortNs));
    ASSERT_EQ(Register({.name = "calc"}), RW_EOK);
  });
  EXPECT_EQ(client_.names.Connect("calc", &calc, Deadline::In(kLongNs)), RW_EOK);
  late.join();
  EXPECT_TRUE(Answers(calc));
}

// However far ahead that is, and whatever ends before; the client itself sets no deadline here.
TEST_F(NamesTest, TheHostEndsEachWaitInTime) {
  const auto wait = [&](uint64_t wait_ns) {
    Handle portal;
    Identity server = {};
    const uint64_t start = Deadline::In(0).ns();
    EXPECT_EQ(client_.names.directory().Call<NameDirectory::Connect>("nobody", ServerId(), wait_ns,
                                                                     portal, server),
              -RW_ETIMEDOUT);
    EXPECT_GE(Deadline::In(0).ns() - start, wait_ns);
  };
  std::thread longest([&] { wait(1'300'000'000); });
  std::thread shorter([&] { wait(1'100'000'000); });
  for (const uint64_t wait_ns : {kShortNs, kShortNs / 2, kShortNs / 4}) wait(wait_ns);
  longest.join();
  shorter.join();
}

// D3
TEST_F(NamesTest, WithoutALimitAnyNumberMayConnect) {
  ASSERT_EQ(Register({.name = "calc"}), RW_EOK);
  std::vector<Cap<Calc>> all(100);
  for (Cap<Calc>& calc : all) ASSERT_EQ(TryConnect("calc", &calc), RW_EOK);
  for (Cap<Calc>& calc : all) EXPECT_TRUE(Answers(calc));
}

// D3
TEST_F(NamesTest, BeyondItsLimitConnectionsAreRefusedUntilOneEnds) {
  ASSERT_EQ(Register({.name = "calc", .limit = 2}), RW_EOK);
  Cap<Calc> first;
  Cap<Calc> second;
  Cap<Calc> third;
  ASSERT_EQ(TryConnect("calc", &first), RW_EOK);
  ASSERT_EQ(TryConnect("calc", &second), RW_EOK);
  EXPECT_EQ(TryConnect("calc", &third), -RW_EUSERS);
  // Nor does it help to wait: the server is there.
  EXPECT_EQ(client_.names.Connect("calc", &third, Deadline::In(kLongNs)), -RW_EUSERS);
  EXPECT_EQ(server_.names.TryConnect("calc", &third), -RW_EUSERS);
  first = Cap<Calc>();
  EXPECT_TRUE(Connects("calc", &third));
  // One end frees one slot, not all of them.
  EXPECT_EQ(TryConnect("calc", &first), -RW_EUSERS);
  EXPECT_TRUE(Answers(second));
}

TEST_F(NamesTest, ACloneKeepsTheSlotOfItsConnection) {
  ASSERT_EQ(Register({.name = "calc", .limit = 1}), RW_EOK);
  Cap<Calc> first;
  ASSERT_EQ(TryConnect("calc", &first), RW_EOK);
  Handle clone;
  ASSERT_EQ(Cap<Meta>(first.target()).Call<Meta::Clone>(kAllRights, clone), RW_EOK);
  first = Cap<Calc>();
  Cap<Calc> copy(Portal(clone.Release()));
  ASSERT_TRUE(Answers(copy));
  EXPECT_EQ(TryConnect("calc", &first), -RW_EUSERS);
  copy = Cap<Calc>();
  EXPECT_TRUE(Connects("calc", &first));
}

TEST_F(NamesTest, AWithdrawnNameIsFreeAndItsConnectionsStay) {
  ASSERT_EQ(Register({.name = "calc"}), RW_EOK);
  Cap<Calc> calc;
  ASSERT_EQ(TryConnect("calc", &calc), RW_EOK);
  registered_.Withdraw();
  Cap<Calc> other;
  EXPECT_TRUE(Eventually([&] { return TryConnect("calc", &other) == -RW_ENOENT; }));
  EXPECT_EQ(Register({.name = "calc"}), RW_EOK);
  EXPECT_TRUE(Answers(calc));
}

// Xous's name server crashes at a name of 64 bytes.
TEST_F(NamesTest, RefusesNamesThatCannotBe) {
  Cap<Calc> calc;
  for (const std::string& name :
       {std::string(), std::string(65, 'n'), std::string(4096, 'n'), std::string(1 << 20, 'n'),
        std::string("a\0b", 3), std::string("line\n"), std::string("\x7f")}) {
    EXPECT_EQ(Register({.name = name, .id = {}}), -RW_EINVAL) << name.size();
    EXPECT_EQ(client_.names.Connect(name, &calc), -RW_EINVAL) << name.size();
  }
  for (const std::string& name : {std::string("n"), std::string(63, 'n'), std::string(64, 'n')}) {
    EXPECT_EQ(Register({.name = name}), RW_EOK) << name.size();
    EXPECT_EQ(TryConnect(name, &calc), RW_EOK) << name.size();
  }
  EXPECT_TRUE(Answers(calc));
}

TEST_F(NamesTest, TellsWhetherAllThatIsLimitedIsTaken) {
  EXPECT_EQ(client_.names.AllTaken(), 1);
  ASSERT_EQ(Register({.name = "calc", .limit = 1}), RW_EOK);
  EXPECT_EQ(client_.names.AllTaken(), 0);
  Cap<Calc> calc;
  ASSERT_EQ(TryConnect("calc", &calc), RW_EOK);
  EXPECT_EQ(client_.names.AllTaken(), 1);
}

TEST_F(NamesTest, AProcessHasAtMostSoManyServersAndWaitingCalls) {
  std::vector<Registered> servers(NameService::kServersMax + 1);
  for (size_t i = 0; i < NameService::kServersMax; ++i) {
    ASSERT_EQ(server_.names.Register(server_.loop, calc_, {.name = std::to_string(i)}, &servers[i]),
              RW_EOK);
  }
  EXPECT_EQ(server_.names.Register(server_.loop, calc_, {.name = "more"}, &servers.back()),
            -RW_ENOMEM);
  EXPECT_EQ(client_.names.Register(client_.loop, calc_, {.name = "more"}, &servers.back()), RW_EOK);
  servers.front().Withdraw();
  EXPECT_TRUE(Eventually([&] {
    return server_.names.Register(server_.loop, calc_, {.name = "again"}, &servers.front()) ==
           RW_EOK;
  }));
  client_.Stop();
}

// Who a client is, and what it may do, is up to the server and the host.
TEST_F(NamesTest, TheServerLearnsWhoConnectsAndMayRefuse) {
  Identity seen = {};
  std::atomic<int> asked = 0;  // the last write of whoever sets `seen`
  ASSERT_EQ(Register({.name = "calc",
                      .admit =
                          [&](Admission& admission) {
                            if (asked == 0) seen = admission.identity;
                            ++asked;
                            return admission.identity.pid != 22;
                          }}),
            RW_EOK);
  Cap<Calc> calc;
  Identity server = {};
  ASSERT_EQ(client_.names.TryConnect("calc", &calc, &server), RW_EOK);
  int sum = 0;
  EXPECT_EQ(calc.Call<Calc::Add>(2, 3, sum), -RW_ECONNRESET);
  EXPECT_EQ(server.pid, 11);
  ASSERT_TRUE(Eventually([&] { return asked == 1; }));
  EXPECT_EQ(seen.pid, 22);
  EXPECT_EQ(seen.uid, 1000u);
  EXPECT_NE(seen.client, server.client);
  ASSERT_EQ(server_.names.TryConnect("calc", &calc), RW_EOK);
  EXPECT_TRUE(Answers(calc));
}

}  // namespace
}  // namespace ringway::testing
