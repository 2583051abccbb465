// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The bytes of each operation are those of a declaration by hand, whether C or
// C++ made them, and stay what they are (golden_wire.txt); and no others do
// harm, at servers and clients in C and in C++.

#include "tests/interface/wire.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>

#include "tests/interface/idl/declared.h"
#include "tests/interface/idl/parties.h"
#include "tests/support/ipcz_test.h"

namespace ringway::testing {
namespace {

// The variables of a caller.
struct Outputs {
  int result = 77;
  int32_t changed = 5;
  float half = 77;
  char greeting[33] = "untouched";
  std::string text = "untouched";
  std::array<int32_t, 3> doubled = {77, 77, 77};
  std::array<uint16_t, 8> widened = {77};
  Array<int32_t> doubled_array{doubled};
  Array<uint16_t, 8> widened_array{widened};
  Array<uint16_t> widened_unbounded{widened};
  Array<char> greeting_array{greeting, sizeof(greeting)};
  size_t doubled_count = 3;
  size_t widened_count = 8;
  IpczHandle back = IPCZ_INVALID_HANDLE;

  bool untouched() const {
    return result == 77 && changed == 5 && half == 77 && std::string(greeting) == "untouched" &&
           text == "untouched" && doubled[0] == 77 && widened[0] == 77;
  }
};

constexpr std::array<int32_t, 3> kValues = {1, 2, 3};
constexpr std::array<uint8_t, 2> kFew = {7, 8};

// One operation, called by each kind of client.
struct Operation {
  std::function<long(const Cap<idl::Anything>&, Outputs&)> by_hand;
  std::function<long(const Cap<idl::Anything>&, Outputs&)> in_cpp;
  std::function<long(RingwayCap*, Outputs&)> in_c;
  bool one_way = false;
};

template <class Client>
Client Of(const Cap<idl::Anything>& cap) {
  Client client{Cap<typename Client::Declaration>(cap.target())};
  client.capability() =
      Cap<typename Client::Declaration>(cap.target()).Until(cap->options().deadline);
  return client;
}
template <class M, class... Args>
long Hand(const Cap<idl::Anything>& cap, Args&&... args) {
  return M::CallOn(*cap, std::forward<Args>(args)...);
}

using CppKinds = ::test::idl::client_Kinds;

std::map<std::string, Operation> Operations() {
  using Any = const Cap<idl::Anything>&;
  using D = DeclaredKinds;
  return {
      {"Calc.divide",
       {[](Any cap, Outputs& o) { return Hand<DeclaredCalc::Divide>(cap, 42, 6, o.result); },
        [](Any cap, Outputs& o) { return Of<::client_Calc>(cap).divide(42, 6, &o.result); },
        [](RingwayCap* cap, Outputs& o) {
          return client_Calc_divide(client_ref_Calc(cap), 42, 6, &o.result);
        }}},
      {"Counter.increment",
       {[](Any cap, Outputs& o) { return Hand<DeclaredCounter::Increment>(cap, o.result); },
        [](Any cap, Outputs& o) { return Of<::client_Counter>(cap).increment(&o.result); },
        [](RingwayCap* cap, Outputs& o) {
          return client_Counter_increment(client_ref_Counter(cap), &o.result);
        }}},
      {"Kinds.numbers",
       {[](Any cap, Outputs& o) {
          return Hand<D::Numbers>(cap, true, 'a', -1, 2, 3, 4.5, o.changed, o.half);
        },
        [](Any cap, Outputs& o) {
          return Of<CppKinds>(cap).numbers(true, 'a', -1, 2, 3, 4.5, &o.changed, &o.half);
        },
        [](RingwayCap* cap, Outputs& o) {
          return client_Kinds_numbers(client_ref_Kinds(cap), true, 'a', -1, 2, 3, 4.5, &o.changed,
                                      &o.half);
        }}},
      {"Kinds.greet",
       {[](Any cap, Outputs& o) { return Hand<D::Greet>(cap, "Ada", "Lady", o.greeting_array); },
        [](Any cap, Outputs& o) { return Of<CppKinds>(cap).greet("Ada", "Lady", &o.text); },
        [](RingwayCap* cap, Outputs& o) {
          return client_Kinds_greet(client_ref_Kinds(cap), "Ada", "Lady", o.greeting,
                                    sizeof(o.greeting));
        }}},
      {"Kinds.twice",
       {[](Any cap, Outputs& o) {
          return Hand<D::Twice>(cap, kValues, kFew, o.doubled_array, o.widened_unbounded);
        },
        [](Any cap, Outputs& o) {
          return Of<CppKinds>(cap).twice(kValues, kFew, &o.doubled_array, &o.widened_array);
        },
        [](RingwayCap* cap, Outputs& o) {
          return client_Kinds_twice(client_ref_Kinds(cap), kValues.data(), kValues.size(),
                                    kFew.data(), kFew.size(), o.doubled.data(), &o.doubled_count,
                                    o.widened.data(), &o.widened_count);
        }}},
      {"Kinds.tell",
       {[](Any cap, Outputs&) { return Hand<D::Tell>(cap, "told"); },
        [](Any cap, Outputs&) { return Of<CppKinds>(cap).tell("told"); },
        [](RingwayCap* cap, Outputs&) { return client_Kinds_tell(client_ref_Kinds(cap), "told"); },
        true}},
      {"Kinds.guarded",
       {[](Any cap, Outputs& o) { return Hand<D::Guarded>(cap, o.result); },
        [](Any cap, Outputs& o) { return Of<CppKinds>(cap).guarded(&o.result); },
        [](RingwayCap* cap, Outputs& o) {
          return client_Kinds_guarded(client_ref_Kinds(cap), &o.result);
        }}},
  };
}

class IdlWireTest : public ::testing::TestWithParam<Language> {
 protected:
  IdlWireTest() {
    // A fresh counter for each, since its answers differ.
    EXPECT_EQ(MakeCalcCounterInC(&counter_, &calc_in_c_), RW_EOK);
    EXPECT_EQ(MakeKindsInC(told_, &kinds_in_c_), RW_EOK);
    own_.emplace_back(calc_in_c_);
    own_.emplace_back(kinds_in_c_);
  }

  // The server of the operation of that name, in the language of this case.
  Served& ServerOf(const std::string& name) {
    const bool kinds = name.starts_with("Kinds");
    if (GetParam() == Language::kC) return (kinds ? kinds_in_c_ : calc_in_c_)->object();
    if (kinds) return kinds_served_;
    return calc_served_;
  }
  Portal Connect(const std::string& name) {
    return node_.RawConnect(ServerOf(name), Place::kSameNode);
  }

  // What a call sends that does not wait.
  template <class Call>
  Bytes RequestOf(const Call& call, bool one_way) {
    auto pair = local_.Pair();
    const Cap<idl::Anything> cap(std::move(pair.first));
    Outputs outputs;
    EXPECT_EQ(call(cap.Until(Deadline::Now()), outputs), one_way ? RW_EOK : -RW_ETIMEDOUT);
    EXPECT_TRUE(outputs.untouched());
    return pair.second.Get()->bytes;
  }
  static auto FromC(const Operation& operation) {
    return [&operation](const Cap<idl::Anything>& cap, Outputs& outputs) {
      RingwayCap in_c{cap.Share()};
      return operation.in_c(&in_c, outputs);
    };
  }
  Bytes RequestOf(const Operation& operation) {
    return RequestOf(operation.by_hand, operation.one_way);
  }

  // The server answers with an error, or ends the portal.
  void Attack(const std::string& name, Portal* portal, const Bytes& request) {
    if (!*portal || PeerClosed(portal->get())) *portal = Connect(name);
    const Bytes reply = Exchange(*portal, request);
    if (reply.empty()) {
      portal->Close();
      return;
    }
    EXPECT_LT(StatusIn(reply), 0) << name << ' ' << Hex(request);
    EXPECT_EQ(reply.size(), sizeof(ReplyHeader));
  }
  void ExpectWorks() {
    int result = 0;
    const Cap<DeclaredCalc> calc(Connect("Calc"));
    EXPECT_EQ(calc.Call<DeclaredCalc::Add>(2, 3, result), RW_EOK);
    EXPECT_EQ(result, 5);
  }

  // What the client of this case's language makes of that reply.
  long AnsweredWith(const Operation& operation, const Bytes& reply) {
    return Answered(
        local_,
        [&](Portal portal) {
          const Cap<idl::Anything> cap(std::move(portal));
          Outputs outputs;
          const long status = GetParam() == Language::kC ? FromC(operation)(cap, outputs)
                                                         : operation.in_cpp(cap, outputs);
          EXPECT_EQ(status < 0, outputs.untouched()) << status << ' ' << Hex(reply);
          return status;
        },
        reply);
  }

  std::map<std::string, Operation> operations_ = Operations();
  LocalNode local_;
  ServedNode node_;
  int counter_ = 0;
  char told_[32] = {};
  server_CalcCounter calc_;
  server_Kinds kinds_;
  ::CalcCounter::Served calc_served_{calc_};
  ::test::idl::Kinds::Served kinds_served_{kinds_};
  RingwayServed* calc_in_c_ = nullptr;
  RingwayServed* kinds_in_c_ = nullptr;
  std::vector<std::unique_ptr<RingwayServed>> own_;
};

TEST_P(IdlWireTest, BytesAreThoseOfADeclarationByHandAndStayWhatTheyAre) {
  auto golden = ReadGolden("tests/interface/idl/golden_wire.txt");
  size_t num_messages = 0;
  for (const auto& [name, operation] : operations_) {
    const Bytes request = RequestOf(operation);
    EXPECT_EQ(Hex(request), golden[name + ".request"]) << name << ".request " << Hex(request);
    EXPECT_EQ(Hex(RequestOf(operation.in_cpp, operation.one_way)), Hex(request)) << name;
    EXPECT_EQ(Hex(RequestOf(FromC(operation), operation.one_way)), Hex(request)) << name;
    num_messages += operation.one_way ? 1 : 2;
    if (operation.one_way) continue;
    Portal portal = Connect(name);
    const Bytes reply = Exchange(portal, request);
    EXPECT_EQ(Hex(reply), golden[name + ".reply"]) << name << ".reply " << Hex(reply);
  }
  EXPECT_EQ(golden.size(), num_messages);
}

TEST_P(IdlWireTest, ServersRefuseRequestsThatEndEarlyOrLate) {
  for (const auto& [name, operation] : operations_) {
    if (operation.one_way) continue;
    Portal portal;
    const Bytes request = RequestOf(operation);
    for (size_t size = 0; size < request.size(); ++size) {
      Attack(name, &portal, Prefix(request, size));
    }
    Bytes longer = request;
    longer.resize(request.size() + 8);
    Attack(name, &portal, longer);
  }
  ExpectWorks();
}

TEST_P(IdlWireTest, ServersRefuseIdsOpcodesAndLengthsThatCannotBe) {
  for (const auto& [name, operation] : operations_) {
    if (operation.one_way) continue;
    Portal portal;
    const Bytes request = RequestOf(operation);
    const auto with = [&](size_t offset, uint32_t value) {
      Bytes changed = request;
      std::memcpy(changed.data() + offset, &value, sizeof(value));
      Attack(name, &portal, changed);
    };
    with(offsetof(RequestHeader, opcode), 200);
    with(offsetof(RequestHeader, opcode), UINT32_MAX);
    with(offsetof(RequestHeader, interface_high), 1);
    with(offsetof(RequestHeader, interface_low), 1);
    if (name != "Kinds.twice" && name != "Kinds.greet") continue;
    // The first parameter of both is an array.
    for (const uint32_t count : {uint32_t{100}, uint32_t{60'000}, uint32_t{1} << 30, UINT32_MAX}) {
      with(sizeof(RequestHeader), count);
    }
    // Room for more than the bound of the last parameter, and than a reply may have.
    with(request.size() - 4, name == "Kinds.twice" ? 9 : 34);
    with(request.size() - 4, UINT32_MAX);
  }
  ExpectWorks();
}

TEST_P(IdlWireTest, ServersRefuseTextsAndArraysBeyondTheirBounds) {
  Portal portal;
  const Cap<DeclaredKinds> kinds(Connect("Kinds"));
  Outputs o;
  // A client of another version, which has other bounds.
  EXPECT_EQ(kinds.Call<DeclaredKinds::Greet>("seventeen letters", "", o.greeting_array),
            -RW_EMSGTOOLONG);
  EXPECT_EQ(kinds.Call<DeclaredKinds::Twice>(kValues, std::array<uint8_t, 5>(), o.doubled_array,
                                             o.widened_unbounded),
            -RW_EMSGTOOLONG);
  EXPECT_TRUE(o.untouched());
  ExpectWorks();
}

// Whatever the bytes are: an answer, or the end of the portal.
TEST_P(IdlWireTest, RandomBytesDoNoHarm) {
  std::minstd_rand random(1);
  for (const auto& [name, operation] : operations_) {
    Portal portal = Connect(name);
    const Bytes request = RequestOf(operation);
    for (int round = 0; round < 300; ++round) {
      Bytes changed = request;
      for (uint32_t i = 0; i <= random() % 4; ++i) {
        changed[random() % changed.size()] = std::byte(random() & 255);
      }
      // One that wants no reply gets none.
      changed[offsetof(RequestHeader, kind)] = std::byte{kKindCall};
      if (Exchange(portal, changed).empty()) portal = Connect(name);
    }
  }
  ExpectWorks();
}

TEST_P(IdlWireTest, ClientsRefuseRepliesThatEndEarlyOrLate) {
  for (const auto& [name, operation] : operations_) {
    if (operation.one_way) continue;
    Portal portal = Connect(name);
    const Bytes reply = Exchange(portal, RequestOf(operation));
    for (size_t size = 0; size < reply.size(); ++size) {
      EXPECT_LT(AnsweredWith(operation, Prefix(reply, size)), 0) << name;
    }
    Bytes longer = reply;
    longer.resize(reply.size() + 8);
    EXPECT_LT(AnsweredWith(operation, longer), 0) << name;
    EXPECT_GE(AnsweredWith(operation, reply), 0) << name;
  }
}

TEST_P(IdlWireTest, ClientsRefuseTextsThatAreLongerThanTheirRoomOrNotThere) {
  const Operation& greet = operations_["Kinds.greet"];
  Portal portal = Connect("Kinds");
  Bytes reply = Exchange(portal, RequestOf(greet));
  const auto with_text = [&](uint32_t count) {
    Bytes changed = Prefix(reply, sizeof(ReplyHeader) + sizeof(count));
    std::memcpy(changed.data() + sizeof(ReplyHeader), &count, sizeof(count));
    changed.resize(changed.size() + count, std::byte{'x'});
    return AnsweredWith(greet, changed);
  };
  EXPECT_EQ(with_text(0), -RW_EMSGTOOSHORT);
  EXPECT_EQ(with_text(34), -RW_EMSGTOOLONG);
  // Without an end it is cut; AnsweredWith() reads it.
  EXPECT_EQ(with_text(33), RW_EOK);
}

INSTANTIATE_TEST_SUITE_P(All, IdlWireTest, ::testing::Values(Language::kC, Language::kCpp),
                         [](const auto& of) { return of.param == Language::kC ? "C" : "Cpp"; });

}  // namespace
}  // namespace ringway::testing
