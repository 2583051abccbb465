// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What the rows B3 to B10 of docs/interfaces.md say beside what matrix_test
// shows. B1 is //engine/interface/idl:parser_test, B2 outputs_test.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>

#include "ringway/meta.h"
#include "tests/interface/idl/compound_client.h"
#include "tests/interface/idl/compound_server.h"
#include "tests/interface/idl/parties.h"
#include "tests/interface/names_host.h"
#include "tests/support/ipcz_test.h"

namespace ringway::testing {
namespace {

constexpr uint64_t kLongNs = 20'000'000'000;

class RowsTest : public ::testing::Test {
 protected:
  ServedNode node_;

  std::unique_ptr<RingwayCap> CapTo(RingwayServed* served) {
    RingwayCap* cap = nullptr;
    Portal portal = node_.RawConnect(served->object(), Place::kOtherNode);
    EXPECT_EQ(RingwayCapCreate(portal.Release(), &cap), RW_EOK);
    return std::unique_ptr<RingwayCap>(cap);
  }
};

// B3, B5
TEST_F(RowsTest, TheSameCodeUsesALocalAndARemoteObjectAndEachHasItsState) {
  int states[3] = {0, 100, 200};
  RingwayServed* made = nullptr;
  ASSERT_EQ(MakeCounterInC(&states[2], &made), RW_EOK);
  const std::unique_ptr<RingwayServed> served(made);
  const auto cap = CapTo(made);
  const object_Counter objects[] = {CounterInC(&states[0]), CounterInC(&states[1]),
                                    client_object_Counter(cap.get())};
  for (int i = 0; i < 3; ++i) {
    CounterReport report = {};
    UseCounterInC(&objects[i], &report);
    EXPECT_EQ(report.result[2], 100 * i + 3);
  }
}

// B3
TEST_F(RowsTest, TheSameCodeUsesALocalAndARemoteObjectInCpp) {
  server_Counter local;
  server_Counter elsewhere;
  ::Counter::Served served(elsewhere);
  ::client_Counter remote(node_.Connect<::Counter::Declaration>(served, Place::kOtherNode));
  for (::Counter* counter : {static_cast<::Counter*>(&local), static_cast<::Counter*>(&remote)}) {
    CounterReport report = {};
    UseCounter(*counter, &report);
    EXPECT_EQ(report.result[2], 3);
  }
}

// B4
TEST_F(RowsTest, AnOperationThatIsNotSetIsNotThere) {
  RingwayServed* made = nullptr;
  ASSERT_EQ(MakeNothingInC(&made), RW_EOK);
  const std::unique_ptr<RingwayServed> nothing(made);
  ASSERT_EQ(MakeNoPartsInC(&made), RW_EOK);
  const std::unique_ptr<RingwayServed> no_parts(made);
  int result = 77;
  for (RingwayServed* served : {nothing.get(), no_parts.get()}) {
    const auto cap = CapTo(served);
    EXPECT_EQ(client_Counter_increment(client_ref_Counter(cap.get()), &result), -RW_ENOSYS);
  }
  const object_Counter local = NothingInC();
  EXPECT_EQ(call_Counter_increment(&local, &result), -RW_ENOSYS);
  EXPECT_EQ(result, 77);
}

TEST_F(RowsTest, ArgumentsThatCannotBeAreErrors) {
  RingwayServed* served = nullptr;
  RingwayCap* cap = nullptr;
  RingwayLoop* loop = nullptr;
  int result = 0;
  EXPECT_EQ(server_create_Calc(nullptr, &served), -RW_EINVAL);
  EXPECT_EQ(server_loop_for_Calc(nullptr, "x"), -RW_EINVAL);
  EXPECT_EQ(client_Counter_increment(client_ref_Counter(nullptr), &result), -RW_EINVAL);
  EXPECT_EQ(RingwayCapCreate(IPCZ_INVALID_HANDLE, &cap), -RW_EINVAL);
  EXPECT_EQ(RingwayCapTo(nullptr, &cap), -RW_EINVAL);
  EXPECT_EQ(RingwayCapConnect(nullptr, 0, &cap), -RW_EINVAL);
  EXPECT_EQ(RingwayCapSetTimeout(nullptr, 0), -RW_EINVAL);
  EXPECT_EQ(RingwayServeNamed(nullptr, "x"), -RW_EINVAL);
  EXPECT_EQ(RingwayLoopCreate(IPCZ_INVALID_HANDLE, RingwayLinuxDriver(), &loop), -RW_EINVAL);
  EXPECT_EQ(RingwayLoopRun(nullptr), -RW_EINVAL);
  EXPECT_EQ(RingwayLoopStop(nullptr), -RW_EINVAL);
  EXPECT_LT(RingwayJoinNames(IPCZ_INVALID_HANDLE, RingwayLinuxDriver(), IPCZ_INVALID_DRIVER_HANDLE),
            0);
  RingwayCapDestroy(nullptr);
  RingwayServedDestroy(nullptr);
  RingwayLoopDestroy(nullptr);

  int counter = 0;
  ASSERT_EQ(MakeCounterInC(&counter, &served), RW_EOK);
  ASSERT_EQ(RingwayCapTo(served, &cap), RW_EOK);
  EXPECT_EQ(client_Counter_increment(client_ref_Counter(cap), nullptr), -RW_EINVAL);
  EXPECT_EQ(client_Counter_increment(client_ref_Counter(cap), &result), RW_EOK);
  EXPECT_EQ(RingwayLoopServe(nullptr, IPCZ_INVALID_HANDLE, served), -RW_EINVAL);
  RingwayServedDestroy(served);
  EXPECT_EQ(client_Counter_increment(client_ref_Counter(cap), &result), -RW_ENOENT);
  RingwayCapDestroy(cap);
}

// A handle that goes in is gone, whatever comes of the call.
TEST_F(RowsTest, AHandleThatGoesInIsTaken) {
  auto pair = node_.node().OpenPortals();
  ASSERT_TRUE(pair);
  IpczHandle back = IPCZ_INVALID_HANDLE;
  EXPECT_EQ(client_Kinds_exchange(client_ref_Kinds(nullptr), pair->first.Release(), &back),
            -RW_EINVAL);
  EXPECT_TRUE(Eventually([&] { return PeerClosed(pair->second.get()); }));
  // At a server in C, too, that has no such operation.
  const object_Kinds nothing = {};
  RingwayServed* made = nullptr;
  ASSERT_EQ(server_create_Kinds(&nothing, &made), RW_EOK);
  const std::unique_ptr<RingwayServed> served(made);
  const auto cap = CapTo(made);
  pair = node_.neighbour().OpenPortals();
  ASSERT_TRUE(pair);
  EXPECT_EQ(client_Kinds_exchange(client_ref_Kinds(cap.get()), pair->first.Release(), &back),
            -RW_ENOSYS);
  EXPECT_TRUE(Eventually([&] { return PeerClosed(pair->second.get()); }));
}

TEST_F(RowsTest, AttributesHold) {
  server_Kinds kinds;
  ::test::idl::Kinds::Served served(kinds);
  // rights = 2
  ::test::idl::client_Kinds without(
      Cap<::test::idl::Kinds::Declaration>(node_.RawConnect(served, Place::kSameNode, Rights{1})));
  int answer = 0;
  EXPECT_EQ(without.guarded(&answer), -RW_EPERM);
  // timeout_ms = 50, to a portal that nobody serves; then a capability's own.
  auto pair = node_.node().OpenPortals();
  ASSERT_TRUE(pair);
  RingwayCap* cap = nullptr;
  ASSERT_EQ(RingwayCapCreate(pair->first.Release(), &cap), RW_EOK);
  EXPECT_EQ(client_Kinds_slow(client_ref_Kinds(cap)), -RW_ETIMEDOUT);
  ASSERT_EQ(RingwayCapSetTimeout(cap, 1'000'000), RW_EOK);
  EXPECT_EQ(client_Kinds_guarded(client_ref_Kinds(cap), &answer), -RW_ETIMEDOUT);
  RingwayCapDestroy(cap);
}

class server_All : public ::All {
 public:
  long Clock_increment(int by, int* result) override { return *result = clock_ += by, RW_EOK; }
  long Counter_increment(int* result) override { return counter_.increment(result); }
  long Clock_slow() override { return 1; }
  long Kinds_slow() override { return 2; }
  long numbers(bool flag, char letter, int8_t tiny, uint16_t small, int64_t large, double real,
               int32_t* changed, float* half) override {
    return kinds_.numbers(flag, letter, tiny, small, large, real, changed, half);
  }
  long greet(const char* name, const char* title, std::string* greeting) override {
    return kinds_.greet(name, title, greeting);
  }
  long twice(std::span<const int32_t> values, std::span<const uint8_t> few, Array<int32_t>* doubled,
             Array<uint16_t, 8>* widened) override {
    return kinds_.twice(values, few, doubled, widened);
  }
  long exchange(Handle given, Handle* back) override {
    return kinds_.exchange(std::move(given), back);
  }
  long tell(const char* what) override { return kinds_.tell(what); }
  long guarded(int* answer) override { return kinds_.guarded(answer); }

 private:
  int clock_ = 0;
  server_Counter counter_;
  server_Kinds kinds_;
};

// B8: names that clash, in a compound of compounds.
TEST_F(RowsTest, OperationsOfOneNameAreToldApartIfTheInterfaceIsQualified) {
  server_All object;
  ::All::Served served(object);
  const Cap<::All::Declaration> cap(node_.RawConnect(served, Place::kOtherNode));
  ::client_All all{Cap<::All::Declaration>(cap.target())};
  int result = 0;
  EXPECT_EQ(all.Clock_increment(5, &result), RW_EOK);
  EXPECT_EQ(result, 5);
  EXPECT_EQ(all.Counter_increment(&result), RW_EOK);
  EXPECT_EQ(result, 1);
  EXPECT_EQ(all.Clock_slow(), 1);
  EXPECT_EQ(all.Kinds_slow(), 2);
  // As one of its parts, it has the names of that.
  ::Clock& clock = all;
  EXPECT_EQ(clock.increment(5, &result), RW_EOK);
  EXPECT_EQ(result, 10);
  ::client_Counter counter{Cap<::Counter::Declaration>(cap.target())};
  EXPECT_EQ(counter.increment(&result), RW_EOK);
  EXPECT_EQ(result, 2);
  // In C, the parts are told apart anyway.
  const auto in_c = InC(cap);
  const object_All remote = client_object_All(in_c.get());
  const object_Counter part = CountingClock_as_Counter(All_as_CountingClock(remote));
  EXPECT_EQ(call_Counter_increment(&part, &result), RW_EOK);
  EXPECT_EQ(result, 3);
}

// B9
TEST_F(RowsTest, PartsKeepTheirIdsAndOpcodes) {
  server_CalcCounter object;
  ::CalcCounter::Served served(object);
  const auto cap = node_.Connect<::CalcCounter::Declaration>(served, Place::kOtherNode);
  EXPECT_EQ(Supports<::Calc::Declaration>(cap), 1);
  EXPECT_EQ(Supports<::Counter::Declaration>(cap), 1);
  EXPECT_EQ(Supports<::CalcCounter::Declaration>(cap), 1);
  EXPECT_EQ(Supports<::Clock::Declaration>(cap), 0);
  ::client_Calc calc(CapDynamicCast<::Calc::Declaration>(cap));
  int result = 0;
  EXPECT_EQ(calc.multiply(6, 7, &result), RW_EOK);
  EXPECT_EQ(result, 42);
  EXPECT_EQ(kOpcodeOf<::Calc::Declaration::multiply_t>, 2U);
  EXPECT_EQ(kOpcodeOf<::test::idl::Kinds::Declaration::exchange_t>, 6U);
}

class Unrelated {
 public:
  virtual ~Unrelated() = default;
  virtual int Virtual() { return data_; }

 private:
  int data_ = 13;
};

// Its part Calc is not where the object is.
class server_ShiftedCalc : public Unrelated, public server_Calc {};

class ServerLoopTest : public ::testing::Test {
 protected:
  void SetUp() override { UseNames(node_.ref(), host_.Join(node_, 1)); }
  void TearDown() override { UseNames({}, Names()); }

  void ExpectAnswers(const char* name) {
    ::client_Calc calc;
    ASSERT_EQ(NamesInUse()->Connect(name, &calc.capability(), Deadline::In(kLongNs)), RW_EOK);
    int result = 0;
    EXPECT_EQ(calc.add(2, 3, &result), RW_EOK);
    EXPECT_EQ(result, 5);
  }

  NamesHost host_;
  Node node_ = MakeNode();
};

// B10
TEST_F(ServerLoopTest, AnObjectWhoseFirstBaseIsUnrelatedAnswers) {
  server_ShiftedCalc obj;
  ASSERT_NE(static_cast<void*>(static_cast<::Calc*>(&obj)), static_cast<void*>(&obj));
  std::thread server([&] { EXPECT_EQ(RW_SERVER_LOOP_FOR(::Calc, &obj, "server"), RW_EOK); });
  std::thread other([&] { EXPECT_EQ(serve<::Calc>(obj, "other"), RW_EOK); });
  ExpectAnswers("server");
  ExpectAnswers("server");
  ExpectAnswers("other");
  server_Calc second;
  EXPECT_EQ(RW_SERVER_LOOP_FOR(::Calc, &second, "server"), -RW_EEXIST);
  StopServing();
  server.join();
  other.join();
}

// B10
TEST_F(ServerLoopTest, AnObjectOfCAnswers) {
  std::thread server([&] { EXPECT_EQ(ServeCalcInC("server"), RW_EOK); });
  RingwayCap* cap = nullptr;
  ASSERT_EQ(RingwayCapConnect("server", kLongNs, &cap), RW_EOK);
  const object_Calc calc = client_object_Calc(cap);
  CalcReport report = {};
  UseCalcInC(&calc, &report);
  EXPECT_EQ(report.result[2], 42);
  RingwayCapDestroy(cap);
  EXPECT_EQ(RingwayCapConnect("nobody", 0, &cap), -RW_ENOENT);
  EXPECT_EQ(RingwayCapConnect("nobody", 1'000'000, &cap), -RW_ETIMEDOUT);
  RingwayStopServing();
  server.join();
}

TEST_F(ServerLoopTest, ALoopOfOnesOwnServesInC) {
  RingwayLoop* loop = nullptr;
  RingwayServed* served = nullptr;
  RingwayCap* cap = nullptr;
  int counter = 0;
  auto pair = node_.OpenPortals();
  ASSERT_TRUE(pair);
  ASSERT_EQ(RingwayLoopCreate(node_.get(), RingwayLinuxDriver(), &loop), RW_EOK);
  ASSERT_EQ(MakeCounterInC(&counter, &served), RW_EOK);
  ASSERT_EQ(RingwayLoopServe(loop, pair->first.Release(), served), RW_EOK);
  ASSERT_EQ(RingwayCapCreate(pair->second.Release(), &cap), RW_EOK);
  std::thread running([&] { EXPECT_EQ(RingwayLoopRun(loop), RW_EOK); });
  int result = 0;
  EXPECT_EQ(client_Counter_increment(client_ref_Counter(cap), &result), RW_EOK);
  EXPECT_EQ(result, 1);
  EXPECT_EQ(RingwayLoopStop(loop), RW_EOK);
  running.join();
  RingwayCapDestroy(cap);
  RingwayServedDestroy(served);
  RingwayLoopDestroy(loop);
}

TEST(ServerLoopWithoutNamesTest, IsAnError) {
  RingwayCap* cap = nullptr;
  server_Calc obj;
  UseNames({}, Names());
  EXPECT_LT(RW_SERVER_LOOP_FOR(::Calc, &obj, "server"), 0);
  EXPECT_LT(RingwayCapConnect("server", 0, &cap), 0);
}

}  // namespace
}  // namespace ringway::testing
