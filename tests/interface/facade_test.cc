// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// A public server in front of a private one (rows D7 and D8 of docs/interfaces.md).

#include "ringway/facade.h"

#include <gtest/gtest.h>

#include <atomic>

#include "ringway/meta.h"
#include "ringway/server.h"
#include "tests/interface/inbox_node.h"

namespace ringway::testing {
namespace {

constexpr Identity kClient = {1, 100, 1000, 1000, 0};
constexpr Identity kFront = {2, 200, 1000, 1000, 0};

// What is public, and what it is called in private.
constexpr uint32_t kPublic = 5;
constexpr uint32_t kPrivate = 50;
constexpr uint32_t kSecret = 51;
constexpr MethodKey Key(uint32_t id) { return {kMessagesId, id}; }

// A client, a facade on a loop that runs, and a private inbox that the test reads.
class FacadeTest : public ::testing::TestWithParam<Place> {
 protected:
  FacadeTest() {
    facade_.Allow(Key(kPublic), PrivateTarget({.identity = kFront, .may_forward = true}),
                  Key(kPrivate));
    client_ = Connect();
  }
  ~FacadeTest() override { node_.served.Stop(); }

  Target PrivateTarget(const Admission& admission) {
    return node_.Connect(Place::kSameNode, admission).target();
  }
  Messenger Connect() {
    if (GetParam() == Place::kSameNode) {
      return Messenger(*node_.served.loop().Open(facade_, {.identity = kClient}));
    }
    auto [here, there] = node_.served.TakeLink();
    node_.served.loop().Serve(std::move(here), facade_, {.identity = kClient});
    return Messenger(std::move(there));
  }

  InboxNode node_;
  Facade facade_;
  Messenger client_;
};
INSTANTIATE_TEST_SUITE_P(, FacadeTest, RW_BY_MESSAGE, PlaceName);

// D7
TEST_P(FacadeTest, WhatIsNotListedNeverArrives) {
  EXPECT_EQ(client_.Ask(kPrivate, {}).status, -RW_ENOSYS);
  EXPECT_EQ(client_.Ask(kSecret, {}).status, -RW_ENOSYS);
  EXPECT_EQ(client_.SendScalar(kSecret, {}), RW_EOK);
  const Messenger stranger(client_.target(), IdOf("ringway.test.Other"));
  EXPECT_EQ(stranger.Ask(kPublic, {}).status, -RW_EBADPROTO);
  Envelope message;
  EXPECT_EQ(node_.inbox.Receive(&message, Deadline::In(50'000'000)), -RW_ETIMEDOUT);
}

// D8
TEST_P(FacadeTest, EachKindArrivesAsItIsAndIsAnsweredStraight) {
  ASSERT_EQ(client_.SendScalar(kPublic, {1, 2, 3, 4}), RW_EOK);
  Envelope message = node_.Next();
  EXPECT_EQ(message.kind(), kKindOneWay);
  EXPECT_EQ(message.id(), kPrivate);
  Words words = {};
  EXPECT_EQ(message.ReadWords(&words), RW_EOK);
  EXPECT_EQ(words, (Words{1, 2, 3, 4}));

  Meanwhile asks([&] { EXPECT_EQ(client_.Ask(kPublic, {}).words[4], 9u); });
  message = node_.Next();
  EXPECT_EQ(message.kind(), kKindCall);
  EXPECT_EQ(message.ReturnWords({{5, 6, 7, 8, 9}}), RW_EOK);
  asks.Join();

  Memory memory = *Memory::Create(node_.ClientNode(GetParam()), kSharedMemoryMin);
  memory.bytes()[7] = std::byte{7};
  Meanwhile lends([&] { EXPECT_EQ(client_.LendMemory(kPublic, memory), 3); });
  message = node_.Next();
  EXPECT_EQ(message.kind(), kKindLend);
  Envelope::View view;
  ASSERT_EQ(message.Look(&view), RW_EOK);
  EXPECT_EQ(view.view()[7], std::byte{7});
  view.Reset();
  EXPECT_EQ(message.Return(3), RW_EOK);
  lends.Join();

  ASSERT_EQ(client_.MoveMemory(kPublic, memory), RW_EOK);
  message = node_.Next();
  EXPECT_EQ(message.kind(), kKindMove);
  ASSERT_EQ(message.TakeMemory(&memory), RW_EOK);
  EXPECT_TRUE(memory.is_shared());
  EXPECT_EQ(memory.view()[7], std::byte{7});
}

// D8: in Xous, bytes that come back in another size by way of a forwarder are misread.
TEST_P(FacadeTest, MemoryLentForChangesComesBackInAnotherSize) {
  std::vector<std::byte> bytes = SomeBytes(3000);
  std::span<std::byte> span = bytes;
  Meanwhile lends([&] { EXPECT_EQ(client_.LendMutable(kPublic, span), RW_EOK); });
  Envelope message = node_.Next();
  EXPECT_EQ(message.kind(), kKindLendMut);
  Envelope::View view;
  ASSERT_EQ(message.Look(&view), RW_EOK);
  view.bytes()[1] = std::byte{99};
  EXPECT_EQ(view.Resize(2), RW_EOK);
  view.Reset();
  EXPECT_EQ(message.Return(), RW_EOK);
  lends.Join();
  ASSERT_EQ(span.size(), 2u);
  EXPECT_EQ(span[1], std::byte{99});
}

// D8
TEST_P(FacadeTest, OthersAreServedWhileAnAnswerIsWaitedFor) {
  Messenger other = Connect();
  Messenger::Answer first;
  Messenger::Answer second;
  Meanwhile asks([&] { first = client_.Ask(kPublic, {1}); });
  Envelope held = node_.Next();
  Meanwhile also_asks([&] { second = other.Ask(kPublic, {2}); });
  Envelope message = node_.Next();
  EXPECT_EQ(message.ReturnWords({{2}}), RW_EOK);
  also_asks.Join();
  EXPECT_EQ(second.words[0], 2u);
  EXPECT_EQ(other.Ask(kSecret, {}).status, -RW_ENOSYS);
  EXPECT_EQ(held.ReturnWords({{1}}), RW_EOK);
  asks.Join();
  EXPECT_EQ(first.words[0], 1u);
}

// D8
TEST_P(FacadeTest, ThePrivateServerSeesWhoCalledAndWhoForwarded) {
  ASSERT_EQ(client_.SendScalar(kPublic, {}), RW_EOK);
  const Envelope message = node_.Next();
  EXPECT_EQ(message.caller().origin(), kClient);
  ASSERT_EQ(message.caller().forwarders().size(), 1u);
  EXPECT_EQ(message.caller().forwarders()[0], kFront);
  EXPECT_EQ(message.caller().sender(), kFront);
}

TEST_P(FacadeTest, WhoMayNotForwardIsTheCallerItself) {
  facade_.Allow(Key(6), PrivateTarget({.identity = kFront}), Key(kPrivate));
  ASSERT_EQ(Connect().SendScalar(6, {}), RW_EOK);
  const Envelope message = node_.Next();
  EXPECT_EQ(message.caller().origin(), kFront);
  EXPECT_TRUE(message.caller().forwarders().empty());
}

TEST_P(FacadeTest, TheEndOfThePrivateServerIsAnErrorForItsCallers) {
  Messenger::Answer answer;
  Meanwhile asks([&] { answer = client_.Ask(kPublic, {}); });
  node_.Next();
  asks.Join();
  EXPECT_EQ(answer.status, -RW_ECANCELED);
  EXPECT_EQ(node_.inbox.Destroy(), RW_EOK);
  EXPECT_EQ(client_.Ask(kPublic, {}).status, -RW_ECONNRESET);
  EXPECT_EQ(client_.SendScalar(kPublic, {}), RW_EOK);  // nobody is told
  EXPECT_EQ(client_.Ask(kSecret, {}).status, -RW_ENOSYS);
}

TEST_P(FacadeTest, AChainOfFacadesIsSeenAsAWholeAndARingOfThemEnds) {
  Facade second;
  Facade third;
  const Identity second_id = {3, 300, 0, 0, 0};
  facade_.Allow(
      Key(7), Target(*node_.served.loop().Open(second, {.identity = kFront, .may_forward = true})),
      Key(8));
  second.Allow(Key(8), PrivateTarget({.identity = second_id, .may_forward = true}), Key(kPrivate));
  facade_.Allow(Key(9), Target(*node_.served.loop().Open(third)), Key(9));
  third.Allow(Key(9), Target(*node_.served.loop().Open(facade_)), Key(9));
  const Messenger client = Connect();
  ASSERT_EQ(client.SendScalar(7, {}), RW_EOK);
  const Envelope message = node_.Next();
  EXPECT_EQ(message.caller().origin(), kClient);
  ASSERT_EQ(message.caller().forwarders().size(), 2u);
  EXPECT_EQ(message.caller().forwarders()[0], kFront);
  EXPECT_EQ(message.caller().forwarders()[1], second_id);
  EXPECT_EQ(client.Ask(9, {}).status, -RW_ELOOP);
  node_.served.Stop();
}

// A typed facade, in front of an object of the same process.
struct Public : Interface<Public> {
  static constexpr InterfaceId kId = IdOf("ringway.test.Public");
  using Sum = Method<Public, "sum", long(Lend, uint64_t&)>;
  using Flip = Method<Public, "flip", long(LendMut)>;
  using Keep = Method<Public, "keep", long(Move), SendOnly>;
  using Rpcs = ringway::Rpcs<Sum, Flip, Keep>;
};
struct Inner : Interface<Inner> {
  static constexpr InterfaceId kId = IdOf("ringway.test.Inner");
  using Erase = Method<Inner, "erase", long()>;
  using Sum = Method<Inner, "sum", long(Lend, uint64_t&)>;
  using Flip = Method<Inner, "flip", long(LendMut)>;
  using Keep = Method<Inner, "keep", long(Move), SendOnly>;
  using Rpcs = ringway::Rpcs<Erase, Sum, Flip, Keep>;
};

class InnerServer : public Server<InnerServer, Inner> {
 public:
  long Handle(Inner::Erase, CallContext&) { return erased = true, 0; }
  long Handle(Inner::Sum, CallContext& context, std::span<const std::byte> bytes, uint64_t& sum) {
    kind = context.kind();
    origin = context.caller().origin();
    sum = SumOf(bytes);
    return RW_EOK;
  }
  long Handle(Inner::Flip, CallContext& context, LentBytes& bytes) {
    kind = context.kind();
    for (std::byte& byte : bytes.bytes()) byte ^= std::byte{255};
    if (bytes.Resize(bytes.capacity + 1)) return -RW_EIO;
    bytes.Resize(bytes.length / 2);
    return RW_EOK;
  }
  long Handle(Inner::Keep, CallContext& context, Memory memory) {
    kind = context.kind();
    kept = std::move(memory);
    return ++num_kept, 0;
  }

  std::atomic<bool> erased = false;
  std::atomic<int> num_kept = 0;
  uint8_t kind = 0;
  Identity origin = {};
  Memory kept;
};

class TypedFacadeTest : public ::testing::TestWithParam<Place> {
 protected:
  TypedFacadeTest() {
    facade_.Allow<Public::Sum, Inner::Sum>(inner_.target());
    facade_.Allow<Public::Flip, Inner::Flip>(inner_.target());
    facade_.Allow<Public::Keep, Inner::Keep>(inner_.target());
    client_ = node_.Connect<Public>(facade_, GetParam());
  }
  ~TypedFacadeTest() override { node_.Stop(); }
  Node& ClientNode() { return GetParam() == Place::kOtherNode ? node_.neighbour() : node_.node(); }

  ServedNode node_;
  InnerServer inner_;
  Facade facade_;
  Cap<Public> client_;
};
INSTANTIATE_TEST_SUITE_P(, TypedFacadeTest, RW_ALL_PLACES, PlaceName);

TEST_P(TypedFacadeTest, MemoryIsLentAndMoved) {
  const std::vector<std::byte> bytes = SomeBytes(5000);
  uint64_t sum = 0;
  EXPECT_EQ(client_.Call<Public::Sum>(bytes, sum), RW_EOK);
  EXPECT_EQ(sum, SumOf(bytes));
  EXPECT_EQ(inner_.kind, kKindLend);

  std::vector<std::byte> flipped = bytes;
  std::span<std::byte> span = flipped;
  EXPECT_EQ(client_.Call<Public::Flip>(span), RW_EOK);
  EXPECT_EQ(inner_.kind, kKindLendMut);
  ASSERT_EQ(span.size(), 2500u);
  EXPECT_EQ(span[1], bytes[1] ^ std::byte{255});

  for (const size_t num_bytes : {size_t{10}, kSharedMemoryMin}) {
    Memory memory = *Memory::Create(ClientNode(), num_bytes);
    memory.bytes()[9] = std::byte{9};
    EXPECT_EQ(client_.Call<Public::Sum>(memory, sum), RW_EOK);
    EXPECT_EQ(sum, 9u);
    const int before = inner_.num_kept;
    EXPECT_EQ(client_.Call<Public::Keep>(std::move(memory)), RW_EOK);
    ASSERT_TRUE(Eventually([&] { return inner_.num_kept == before + 1; }));
    EXPECT_EQ(inner_.kind, kKindMove);
    EXPECT_EQ(inner_.kept.size(), num_bytes);
    EXPECT_EQ(inner_.kept.view()[9], std::byte{9});
  }
}

TEST_P(TypedFacadeTest, OnlyWhatIsListedIsThere) {
  EXPECT_EQ(CapReinterpretCast<Inner>(client_).Call<Inner::Erase>(), -RW_EBADPROTO);
  EXPECT_FALSE(inner_.erased);
  EXPECT_EQ(Supports<Public>(client_), 1);
  EXPECT_EQ(Supports<Inner>(client_), 0);
}

}  // namespace
}  // namespace ringway::testing
