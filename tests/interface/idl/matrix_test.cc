// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Every client against every server: C and C++, in one object, within a node
// and across a link.

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <tuple>

#include "tests/interface/idl/parties.h"

namespace ringway::testing {
namespace {

using Case = std::tuple<Language, Language, Place>;

class MatrixTest : public ::testing::TestWithParam<Case> {
 protected:
  static Language client() { return std::get<0>(GetParam()); }
  static Language server() { return std::get<1>(GetParam()); }
  static Place place() { return std::get<2>(GetParam()); }

  // A capability to `object`, which is served from now on.
  template <class I>
  Cap<typename I::Declaration> Connect(Served& object) {
    if (place() == Place::kSameObject) return Cap<typename I::Declaration>(object.target());
    return Cap<typename I::Declaration>(node_.RawConnect(object, place()));
  }
  // The same for the object of the server's language.
  template <class I>
  Cap<typename I::Declaration> Connect(I& in_cpp, long made, RingwayServed* in_c) {
    EXPECT_EQ(made, RW_EOK);
    in_c_.reset(in_c);
    if (server() == Language::kC) return Connect<I>(in_c->object());
    auto served = std::make_shared<typename I::Served>(in_cpp);
    in_cpp_ = served;
    return Connect<I>(*served);
  }

  CalcReport RunCalc(Cap<::Calc::Declaration> cap) {
    CalcReport report;
    if (client() == Language::kC) {
      const auto in_c = InC(cap);
      const object_Calc calc = client_object_Calc(in_c.get());
      UseCalcInC(&calc, &report);
    } else {
      ::client_Calc calc(std::move(cap));
      UseCalc(calc, &report);
    }
    return report;
  }
  CounterReport RunCounter(Cap<::Counter::Declaration> cap) {
    CounterReport report;
    if (client() == Language::kC) {
      const auto in_c = InC(cap);
      const object_Counter counter = client_object_Counter(in_c.get());
      UseCounterInC(&counter, &report);
    } else {
      ::client_Counter counter(std::move(cap));
      UseCounter(counter, &report);
    }
    return report;
  }

  static void ExpectSums(const CalcReport& report) {
    const int results[] = {5, -1, 42, 3};
    for (int i = 0; i < 4; ++i) {
      EXPECT_EQ(report.status[i], RW_EOK) << i;
      EXPECT_EQ(report.result[i], results[i]) << i;
    }
    // An error leaves the caller's variable as it was.
    EXPECT_EQ(report.status[4], -RW_EINVAL);
    EXPECT_EQ(report.result[4], 77);
  }
  static void ExpectCounts(const CounterReport& report, int from) {
    for (int i = 0; i < RW_COUNTER_CALLS; ++i) {
      EXPECT_EQ(report.status[i], RW_EOK);
      EXPECT_EQ(report.result[i], from + i + 1);
    }
  }

  ServedNode node_;
  int counter_ = 0;
  std::unique_ptr<RingwayServed> in_c_;
  std::shared_ptr<Served> in_cpp_;
};

TEST_P(MatrixTest, Calc) {
  RingwayServed* in_c = nullptr;
  const long made = MakeCalcInC(&in_c);
  server_Calc in_cpp;
  ExpectSums(RunCalc(Connect<::Calc>(in_cpp, made, in_c)));
}

// B6: the third call returns 3.
TEST_P(MatrixTest, Counter) {
  RingwayServed* in_c = nullptr;
  const long made = MakeCounterInC(&counter_, &in_c);
  server_Counter in_cpp;
  ExpectCounts(RunCounter(Connect<::Counter>(in_cpp, made, in_c)), 0);
}

// B7, B8: Calc and Counter through one object; B9: clients of one part work unchanged.
TEST_P(MatrixTest, CalcCounter) {
  RingwayServed* in_c = nullptr;
  const long made = MakeCalcCounterInC(&counter_, &in_c);
  server_CalcCounter in_cpp;
  auto cap = Connect<::CalcCounter>(in_cpp, made, in_c);
  ExpectSums(RunCalc(Cap<::Calc::Declaration>(cap.target())));
  ExpectCounts(RunCounter(Cap<::Counter::Declaration>(cap.target())), 0);

  CalcReport sums;
  CounterReport counts;
  if (client() == Language::kC) {
    const auto cap_in_c = InC(cap);
    const object_CalcCounter both = client_object_CalcCounter(cap_in_c.get());
    const object_Calc calc = CalcCounter_as_Calc(both);
    const object_Counter counter = CalcCounter_as_Counter(both);
    UseCalcInC(&calc, &sums);
    UseCounterInC(&counter, &counts);
  } else {
    ::client_CalcCounter both(std::move(cap));
    UseCalc(both, &sums);
    UseCounter(both, &counts);
  }
  ExpectSums(sums);
  ExpectCounts(counts, RW_COUNTER_CALLS);
}

TEST_P(MatrixTest, Kinds) {
  RingwayServed* in_c = nullptr;
  char told_in_c[32] = {};
  const long made = MakeKindsInC(told_in_c, &in_c);
  server_Kinds in_cpp;
  auto cap = Connect<::test::idl::Kinds>(in_cpp, made, in_c);
  KindsReport report;
  Node& node = place() == Place::kOtherNode ? node_.neighbour() : node_.node();
  if (client() == Language::kC) {
    const auto cap_in_c = InC(cap);
    const object_Kinds kinds = client_object_Kinds(cap_in_c.get());
    UseKindsInC(&kinds, node.get(), &report);
  } else {
    ::test::idl::client_Kinds kinds(std::move(cap));
    UseKinds(kinds, node, &report);
  }

  EXPECT_EQ(report.numbers, RW_EOK);
  EXPECT_EQ(report.changed, 5 + 1 + 'a' - 1 + 2 + 3);
  EXPECT_EQ(report.half, 2.25F);

  EXPECT_EQ(report.greet, RW_EOK);
  EXPECT_STREQ(report.greeting, "Dear Lady Ada");
  EXPECT_EQ(report.long_name, -RW_EMSGTOOLONG);
  EXPECT_EQ(report.no_name, -RW_EINVAL);
  EXPECT_EQ(report.small_room, -RW_EMSGTOOLONG);
  EXPECT_EQ(std::string(report.untouched, sizeof(report.untouched)), std::string(4, '\0'));

  EXPECT_EQ(report.twice, RW_EOK);
  ASSERT_EQ(report.doubled_count, 3U);
  EXPECT_EQ(report.doubled[0], 2);
  EXPECT_EQ(report.doubled[2], 6);
  ASSERT_EQ(report.widened_count, 2U);
  EXPECT_EQ(report.widened[1], 8);
  EXPECT_EQ(report.too_many, -RW_EMSGTOOLONG);
  EXPECT_EQ(report.little_room, -RW_EMSGTOOLONG);
  EXPECT_EQ(report.kept, 77);

  EXPECT_EQ(report.exchange, RW_EOK);
  EXPECT_EQ(report.through_handle, 'x');
  EXPECT_EQ(report.no_handle, -RW_EMSGMISSARG);

  EXPECT_EQ(report.guarded, RW_EOK);
  EXPECT_EQ(report.answer, 42);
  // The call after the oneway operation was answered, so that was done before.
  EXPECT_EQ(report.tell, RW_EOK);
  EXPECT_EQ(server() == Language::kC ? std::string(told_in_c) : in_cpp.told, "told");
}

std::string CaseName(const ::testing::TestParamInfo<Case>& of) {
  const auto name = [](Language language) { return language == Language::kC ? "C" : "Cpp"; };
  const auto& [client, server, place] = of.param;
  const char* const places[] = {"SameObject", "SameNode", "OtherNode"};
  return std::string(name(client)) + "At" + name(server) + places[static_cast<int>(place)];
}

INSTANTIATE_TEST_SUITE_P(All, MatrixTest,
                         ::testing::Combine(::testing::Values(Language::kC, Language::kCpp),
                                            ::testing::Values(Language::kC, Language::kCpp),
                                            RW_ALL_PLACES),
                         &CaseName);

}  // namespace
}  // namespace ringway::testing
