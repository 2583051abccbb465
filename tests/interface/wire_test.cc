// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The bytes of messages: that they stay what they are, and that no others do
// harm. golden_wire.txt has the bytes of each request and reply.

#include "tests/interface/wire.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "tests/interface/kinds.h"
#include "tests/interface/local_node.h"
#include "tests/interface/served_node.h"

namespace ringway::testing {
namespace {

// Calls each method once, with outputs that live as long as this.
class AllCalls {
 public:
  using Function = std::function<long(const Cap<Kinds>&)>;

  // Those without handles, whose bytes say all.
  std::map<std::string, Function> functions = {
      {"values",
       [this](const Cap<Kinds>& kinds) {
         return kinds.Call<Kinds::Values>(true, 'a', 2.5, Point{1, 10}, point_);
       }},
      {"const_ref",
       [this](const Cap<Kinds>& kinds) {
         return kinds.Call<Kinds::ConstRef>(Point{3, 4}, point_);
       }},
      {"const_pointer",
       [this](const Cap<Kinds>& kinds) { return kinds.Call<Kinds::ConstPointer>("abc", letter_); }},
      {"out_ref",
       [this](const Cap<Kinds>& kinds) { return kinds.Call<Kinds::OutRef>(5, number_); }},
      {"in_out_ref",
       [this](const Cap<Kinds>& kinds) {
         number_ = 9;
         return kinds.Call<Kinds::InOutRef>(number_);
       }},
      {"array_in",
       [this](const Cap<Kinds>& kinds) {
         return kinds.Call<Kinds::ArrayIn>(kNumbers, std::string("text"), number_);
       }},
      {"array_buf",
       [this](const Cap<Kinds>& kinds) { return kinds.Call<Kinds::ArrayBuf>(kNumbers, number_); }},
      {"array_out",
       [this](const Cap<Kinds>& kinds) {
         out_ = Array<int>(numbers_);
         text_ = Array<char>(letters_);
         return kinds.Call<Kinds::ArrayOut>(3, out_, text_, number_);
       }},
      {"ref_in",
       [this](const Cap<Kinds>& kinds) { return kinds.Call<Kinds::RefIn>(2, kNumbers, number_); }},
      {"opt_in",
       [this](const Cap<Kinds>& kinds) {
         out_ = Array<int>(numbers_);
         return kinds.Call<Kinds::OptIn>(1, Opt<int>(), &kNumbers[1], 4, out_);
       }},
      {"opt_out",
       [this](const Cap<Kinds>& kinds) {
         return kinds.Call<Kinds::OptOut>(2, number_, &other_, third_);
       }},
      {"opt_ref",
       [this](const Cap<Kinds>& kinds) {
         view_.Release();
         return kinds.Call<Kinds::OptRef>(2, view_);
       }},
      {"text",
       [this](const Cap<Kinds>& kinds) {
         text_ = Array<char>(letters_);
         return kinds.Call<Kinds::Text>("hello", text_);
       }},
  };

 private:
  static constexpr std::array<int, 3> kNumbers = {7, 8, 9};
  Point point_ = {};
  char letter_ = 0;
  int number_ = 0;
  int other_ = 0;
  int third_ = 0;
  std::array<int, 10> numbers_ = {};
  std::array<char, 20> letters_ = {};
  Array<int> out_;
  Array<char> text_;
  ArrayRef<int> view_;
};

class WireTest : public ::testing::Test {
 protected:
  // What the call would send.
  Bytes RequestOf(const AllCalls::Function& call) {
    auto pair = local_.Pair();
    const Cap<Kinds> kinds(std::move(pair.first));
    EXPECT_EQ(call(kinds.Until(Deadline::Now())), -RW_ETIMEDOUT);
    return pair.second.Get()->bytes;
  }
  // The server answers with an error, or ends the portal, and goes on serving others.
  void Attack(Portal* portal, const Bytes& request) {
    if (!*portal || PeerClosed(portal->get()))
      *portal = node_.RawConnect(server_, Place::kSameNode);
    const Bytes reply = Exchange(*portal, request);
    if (reply.empty()) {
      portal->Close();
    } else {
      EXPECT_LT(StatusIn(reply), 0) << Hex(request);
      EXPECT_EQ(reply.size(), sizeof(ReplyHeader));
    }
  }
  // What the client makes of that reply.
  long Answered(const AllCalls::Function& call, const Bytes& reply) {
    return testing::Answered(
        local_, [&](Portal portal) { return call(Cap<Kinds>(std::move(portal))); }, reply);
  }

  LocalNode local_;
  ServedNode node_;
  KindsServer server_;
  AllCalls calls_;
};

TEST_F(WireTest, RequestsAndRepliesStayWhatTheyAre) {
  auto golden = ReadGolden("tests/interface/golden_wire.txt");
  Portal portal = node_.RawConnect(server_, Place::kSameNode);
  for (const auto& [name, call] : calls_.functions) {
    const Bytes request = RequestOf(call);
    EXPECT_EQ(Hex(request), golden[name + ".request"]) << name << ".request " << Hex(request);
    const Bytes reply = Exchange(portal, request);
    EXPECT_EQ(Hex(reply), golden[name + ".reply"]) << name << ".reply " << Hex(reply);
  }
  EXPECT_EQ(golden.size(), 2 * calls_.functions.size());
}

TEST_F(WireTest, RefusesRequestsThatEndEarlyOrLate) {
  Portal portal;
  for (const auto& [name, call] : calls_.functions) {
    const Bytes request = RequestOf(call);
    for (size_t size = 0; size < request.size(); ++size) {
      Attack(&portal, Prefix(request, size));
    }
    Bytes longer = request;
    longer.resize(request.size() + 8);
    Attack(&portal, longer);
  }
}

TEST_F(WireTest, RefusesHeadersThatCannotBe) {
  const Bytes request = RequestOf(calls_.functions["values"]);
  Portal portal;
  const auto with = [&](size_t offset, std::byte value) {
    Bytes changed = request;
    changed[offset] = value;
    Attack(&portal, changed);
  };
  with(offsetof(RequestHeader, version), std::byte{9});
  with(offsetof(RequestHeader, kind), std::byte{0});
  with(offsetof(RequestHeader, kind), std::byte{kKindReply});
  with(offsetof(RequestHeader, kind), std::byte{kKindCall | kKindWithReplyPortal});
  with(offsetof(RequestHeader, attachments), std::byte{1});
  with(offsetof(RequestHeader, hops), std::byte{kHopsMax + 1});
  with(offsetof(RequestHeader, opcode), std::byte{200});
  with(offsetof(RequestHeader, interface_high), std::byte{1});
  with(offsetof(RequestHeader, interface_low), std::byte{1});
  with(sizeof(RequestHeader), std::byte{2});  // no bool
}

TEST_F(WireTest, RefusesLengthsBeyondTheMessage) {
  Portal portal;
  for (const char* name : {"array_in", "array_buf", "text"}) {
    Bytes request = RequestOf(calls_.functions[name]);
    for (const uint32_t length : {uint32_t{100}, uint32_t{60'000}, UINT32_MAX, uint32_t{1} << 30}) {
      std::memcpy(request.data() + sizeof(RequestHeader), &length, sizeof(length));
      Attack(&portal, request);
    }
  }
  // A reply of more than the server would make.
  Bytes request = RequestOf(calls_.functions["array_out"]);
  std::memset(request.data() + sizeof(RequestHeader) + 4, 0xff, 4);
  Attack(&portal, request);
}

TEST_F(WireTest, RefusesMoreHandlesThanAMessageMayCarry) {
  for (const size_t count : {kAttachmentsMax, kAttachmentsMax + 1, 3 * kAttachmentsMax}) {
    Portal portal = node_.RawConnect(server_, Place::kSameNode);
    const Bytes request = RequestOf(calls_.functions["values"]);
    std::vector<Handle> handles;
    std::vector<Portal> kept;
    for (size_t i = 0; i < count; ++i) {
      auto pair = node_.node().OpenPortals();
      ASSERT_TRUE(pair);
      handles.emplace_back(pair->first.Release());
      kept.push_back(std::move(pair->second));
    }
    ASSERT_EQ(portal.Put(request, handles), IPCZ_RESULT_OK);
    ASSERT_EQ(portal.Wait(Deadline::In(20'000'000'000)), IPCZ_RESULT_OK);
    EXPECT_EQ(StatusIn(portal.Get()->bytes), count > kAttachmentsMax ? -RW_ENOBUFS : -RW_EPROTO);
    // None of them is kept.
    for (const Portal& end : kept) {
      EXPECT_TRUE(Eventually([&] { return PeerClosed(end.get()); }));
    }
  }
}

// Whatever the bytes are: an answer, or the end of the portal.
TEST_F(WireTest, RandomBytesDoNoHarm) {
  std::minstd_rand random(1);
  Portal portal = node_.RawConnect(server_, Place::kSameNode);
  for (const auto& [name, call] : calls_.functions) {
    const Bytes request = RequestOf(call);
    for (int round = 0; round < 300; ++round) {
      Bytes changed = request;
      for (uint32_t i = 0; i <= random() % 4; ++i) {
        changed[random() % changed.size()] = std::byte(random() & 255);
      }
      // One that wants no reply gets none.
      changed[offsetof(RequestHeader, kind)] = std::byte{kKindCall};
      if (Exchange(portal, changed).empty()) {
        portal = node_.RawConnect(server_, Place::kSameNode);
      }
    }
  }
  const auto kinds = node_.Connect<Kinds>(server_, Place::kSameNode);
  int out = 0;
  EXPECT_EQ(kinds.Call<Kinds::OutRef>(0, out), 0);
}

TEST_F(WireTest, ClientsRefuseRepliesThatEndEarlyOrLate) {
  Portal portal = node_.RawConnect(server_, Place::kSameNode);
  for (const auto& [name, call] : calls_.functions) {
    const Bytes reply = Exchange(portal, RequestOf(call));
    for (size_t size = 0; size < reply.size(); ++size) {
      EXPECT_LT(Answered(call, Prefix(reply, size)), 0);
    }
    Bytes longer = reply;
    longer.resize(reply.size() + 8);
    EXPECT_LT(Answered(call, longer), 0);
    EXPECT_GE(Answered(call, reply), 0);
  }
}

TEST_F(WireTest, ClientsRefuseRepliesThatCannotBe) {
  Portal portal = node_.RawConnect(server_, Place::kSameNode);
  const auto& call = calls_.functions["array_out"];
  const Bytes reply = Exchange(portal, RequestOf(call));
  const auto with = [&](size_t offset, std::byte value) {
    Bytes changed = reply;
    changed[offset] = value;
    return Answered(call, changed);
  };
  EXPECT_EQ(with(offsetof(ReplyHeader, version), std::byte{9}), -RW_EPROTO);
  EXPECT_EQ(with(offsetof(ReplyHeader, kind), std::byte{kKindCall}), -RW_EPROTO);
  EXPECT_EQ(with(offsetof(ReplyHeader, kind), std::byte{kKindReplyMoved}), -RW_EPROTO);
  EXPECT_EQ(with(offsetof(ReplyHeader, attachments), std::byte{1}), -RW_EPROTO);
  // The answer to another call, and then the end.
  EXPECT_EQ(with(offsetof(ReplyHeader, transaction), std::byte{77}), -RW_ECONNRESET);
  // An error that has outputs.
  EXPECT_EQ(with(offsetof(ReplyHeader, status) + 7, std::byte{0x80}), -RW_EPROTO);
  // More elements than there are, and than there is room for.
  EXPECT_EQ(with(sizeof(ReplyHeader), std::byte{11}), -RW_EMSGTOOSHORT);
}

// T const&: what the sender writes later is not seen.
TEST_F(WireTest, InputsAreCopiedOutOfTheParcelBeforeTheHandlerRuns) {
  using P = ParamAt<Kinds::ConstRef, 0>;
  Bytes request = RequestOf(calls_.functions["const_ref"]);
  IncomingMessage message;
  message.Borrow(request);
  Reader reader(&message, sizeof(RequestHeader), 0);
  P::State state;
  P::GetIn<0>(reader, state);
  EXPECT_EQ(reader.Finish(), 0);
  std::fill(request.begin(), request.end(), std::byte{0xff});
  EXPECT_EQ(P::Arg(state), (Point{3, 4}));
}

}  // namespace
}  // namespace ringway::testing
