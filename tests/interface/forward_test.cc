// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// A server that forwards what it has looked at, and what others claim to have
// forwarded (rows D8 and D9 of docs/interfaces.md).

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "tests/interface/calc.h"
#include "tests/interface/inbox_node.h"

namespace ringway::testing {
namespace {

constexpr uint64_t kLongNs = 20'000'000'000;
constexpr Identity kClient = {1, 100, 1000, 1000, 0};
constexpr Identity kFront = {2, 200, 1000, 1000, 0};

// What is public, and what it is called in private.
constexpr uint32_t kPublic = 5;
constexpr uint32_t kPrivate = 50;

// An inbox that forwards what it has looked at.
class ForwardTest : public ::testing::TestWithParam<Place> {
 protected:
  InboxNode front_;
  Inbox private_{front_.served.node()};
  Target manager_{*private_.Open({.identity = kFront, .may_forward = true})};
  Messenger client_ = front_.Connect(GetParam(), {.identity = kClient});

  // The next message at the front, whose first byte is another one then.
  Envelope NextChanged(size_t num_bytes) {
    Envelope message = front_.Next();
    Envelope::View view;
    EXPECT_EQ(message.Look(&view), RW_EOK);
    view.bytes()[0] = std::byte{77};
    EXPECT_EQ(view.Resize(num_bytes), RW_EOK);
    return message;
  }

  Envelope NextPrivate() {
    Envelope message;
    EXPECT_EQ(private_.Receive(&message, Deadline::In(kLongNs)), RW_EOK);
    return message;
  }
};
INSTANTIATE_TEST_SUITE_P(, ForwardTest, RW_BY_MESSAGE, PlaceName);

// D9
TEST_P(ForwardTest, AMessageIsForwardedOnceItsViewHasEnded) {
  for (const size_t num_bytes : {size_t{100}, kSharedMemoryMin}) {
    const Memory memory = *Memory::Create(front_.ClientNode(GetParam()), num_bytes);
    Meanwhile lends([&] { EXPECT_EQ(client_.LendMemory(kPublic, memory), 6); });
    Envelope message = front_.Next();
    {
      Envelope::View view;
      ASSERT_EQ(message.Look(&view), RW_EOK);
      EXPECT_EQ(view.view().size(), num_bytes);
      EXPECT_EQ(message.Forward(manager_, kPrivate), -RW_EBUSY);
      EXPECT_EQ(message.Return(1), -RW_EBUSY);
      Envelope::View other = std::move(view);
      EXPECT_EQ(message.Forward(manager_, kPrivate), -RW_EBUSY);
    }
    EXPECT_EQ(message.Forward(manager_, kPrivate), RW_EOK);
    EXPECT_FALSE(message);
    Envelope forwarded = NextPrivate();
    EXPECT_EQ(forwarded.id(), kPrivate);
    EXPECT_EQ(forwarded.caller().origin(), kClient);
    Envelope::View view;
    ASSERT_EQ(forwarded.Look(&view), RW_EOK);
    EXPECT_EQ(view.view().size(), num_bytes);
    view.Reset();
    EXPECT_EQ(forwarded.Return(6), RW_EOK);
  }
}

TEST_P(ForwardTest, WhatTheForwarderChangedIsSeenByAll) {
  std::vector<std::byte> bytes = SomeBytes(2000);
  std::span<std::byte> span = bytes;
  Meanwhile lends([&] { EXPECT_EQ(client_.LendMutable(kPublic, span), RW_EOK); });
  Envelope message = NextChanged(span.size());
  ASSERT_EQ(message.Forward(manager_, kPrivate), RW_EOK);
  message = NextPrivate();
  Envelope::View view;
  ASSERT_EQ(message.Look(&view), RW_EOK);
  EXPECT_EQ(view.view()[0], std::byte{77});
  view.Reset();
  EXPECT_EQ(message.Return(), RW_EOK);
  lends.Join();
  EXPECT_EQ(span[0], std::byte{77});
}

// D8: in Xous the message keeps the id that it was to have there.
TEST_P(ForwardTest, AMessageThatCannotBeForwardedIsAsItWas) {
  const Memory memory = *Memory::Create(front_.ClientNode(GetParam()), kSharedMemoryMin);
  int64_t status = 0;
  Meanwhile lends([&] { status = client_.LendMemory(kPublic, memory); });
  Envelope message = front_.Next();
  Target dead = Target(*private_.Open());
  private_.Destroy();
  CalcServer local;
  EXPECT_EQ(message.Forward(dead, kPrivate), -RW_ECONNRESET);
  EXPECT_EQ(message.Forward(local.target(), kPrivate), -RW_EINVAL);
  EXPECT_EQ(message.Forward(Target(), kPrivate), -RW_EINVAL);
  EXPECT_EQ(message.id(), kPublic);
  EXPECT_EQ(message.kind(), kKindLend);
  // Its memory and its answer are still there, and others may have them.
  Inbox other(front_.served.node());
  ASSERT_EQ(message.Forward(Target(*other.Open()), kPrivate), RW_EOK);
  ASSERT_EQ(other.Receive(&message, Deadline::In(kLongNs)), RW_EOK);
  Envelope::View view;
  ASSERT_EQ(message.Look(&view), RW_EOK);
  EXPECT_EQ(view.view().size(), kSharedMemoryMin);
  view.Reset();
  EXPECT_EQ(message.Return(8), RW_EOK);
  lends.Join();
  EXPECT_EQ(status, 8);
}

TEST_P(ForwardTest, WhatWasChangedStaysSoIfItCannotBeForwarded) {
  std::vector<std::byte> bytes = SomeBytes(2000);
  std::span<std::byte> span = bytes;
  Meanwhile lends([&] { EXPECT_EQ(client_.LendMutable(kPublic, span), RW_EOK); });
  Envelope message = NextChanged(10);
  EXPECT_EQ(message.Forward(Target(), kPrivate), -RW_EINVAL);
  EXPECT_EQ(message.Return(), RW_EOK);
  lends.Join();
  ASSERT_EQ(span.size(), 10u);
  EXPECT_EQ(span[0], std::byte{77});
  // It has ended.
  EXPECT_EQ(message.Forward(manager_, kPrivate), -RW_EINVAL);
  EXPECT_EQ(message.Forward(manager_, {kMessagesId, kPrivate}), -RW_EINVAL);
}

TEST_P(ForwardTest, AForwardedMessageThatIsDroppedIsAnErrorForItsCaller) {
  Messenger::Answer answer;
  Meanwhile asks([&] { answer = client_.Ask(kPublic, {}); });
  ASSERT_EQ(front_.Next().Forward(manager_, kPrivate), RW_EOK);
  NextPrivate();
  asks.Join();
  EXPECT_EQ(answer.status, -RW_ECANCELED);
}

// What stands behind the parameters of a forwarded scalar, as a stranger may write it.
class ChainTest : public ::testing::Test {
 protected:
  using Bytes = std::vector<std::byte>;

  static void Append(Bytes* bytes, const void* from, size_t num_bytes) {
    const auto* begin = static_cast<const std::byte*>(from);
    bytes->insert(bytes->end(), begin, begin + num_bytes);
  }
  static Bytes Message(uint8_t kind, const std::vector<Identity>& chain, uint32_t length) {
    RequestHeader header = {};
    header.version = kMessageVersion;
    header.kind = kind | kKindForwarded;
    SetKey(&header, {kMessagesId, kPrivate});
    Bytes bytes;
    Append(&bytes, &header, sizeof(header));
    const Words words = {1, 2, 3, 4};
    Append(&bytes, &words, sizeof(words));
    Append(&bytes, chain.data(), chain.size() * sizeof(Identity));
    Append(&bytes, &length, sizeof(length));
    return bytes;
  }
  Portal Open(bool may_forward) {
    return *inbox_.Open({.identity = kFront, .may_forward = may_forward});
  }
  // Nothing that is none has arrived.
  bool Arrives(Envelope* message) { return inbox_.Receive(message, Deadline::Now()) == RW_EOK; }

  ServedNode node_;
  Inbox inbox_{node_.node()};
};

TEST_F(ChainTest, IsBelievedFromThoseOnlyWhoMayForward) {
  const Identity other = {9, 900, 0, 0, 0};
  for (const bool may_forward : {true, false}) {
    Portal portal = Open(may_forward);
    ASSERT_EQ(portal.Put(Message(kKindOneWay, {kClient, other}, 2)), IPCZ_RESULT_OK);
    Envelope message;
    ASSERT_EQ(inbox_.Receive(&message, Deadline::In(kLongNs)), RW_EOK);
    EXPECT_EQ(message.caller().origin(), may_forward ? kClient : kFront);
    EXPECT_EQ(message.caller().forwarders().size(), may_forward ? 2u : 0u);
    EXPECT_EQ(message.caller().sender(), kFront);
    Words words = {};
    EXPECT_EQ(message.ReadWords(&words), RW_EOK);
    EXPECT_EQ(words, (Words{1, 2, 3, 4}));
  }
}

TEST_F(ChainTest, TakesAsManyAsThereCanBe) {
  const std::vector<Identity> chain(kForwardersMax, kClient);
  Portal portal = Open(true);
  ASSERT_EQ(portal.Put(Message(kKindOneWay, chain, kForwardersMax)), IPCZ_RESULT_OK);
  Envelope message;
  ASSERT_EQ(inbox_.Receive(&message, Deadline::In(kLongNs)), RW_EOK);
  EXPECT_EQ(message.caller().forwarders().size(), kForwardersMax);
  // One more cannot be appended.
  EXPECT_EQ(message.Forward(Target(*inbox_.Open()), 1), -RW_ELOOP);
}

TEST_F(ChainTest, RefusesLengthsThatCannotBe) {
  Portal portal = Open(true);
  const std::vector<Identity> chain(kForwardersMax + 1, kClient);
  for (const uint32_t length : {0u, 18u, 17u, 3u, 255u, 0x20000000u, 0xaaaaaaabu, UINT32_MAX}) {
    Bytes bytes = Message(kKindCall, length == 17 ? chain : std::vector<Identity>{}, length);
    ASSERT_EQ(portal.Put(bytes), IPCZ_RESULT_OK);
    Envelope message;
    EXPECT_FALSE(Arrives(&message)) << length;
    EXPECT_EQ(portal.Wait(Deadline::In(kLongNs)), IPCZ_RESULT_OK);
    auto parcel = portal.Get();
    ReplyHeader reply = {};
    ASSERT_TRUE(parcel && parcel->bytes.size() == sizeof(reply)) << length;
    std::memcpy(&reply, parcel->bytes.data(), sizeof(reply));
    EXPECT_EQ(reply.status, -RW_EPROTO) << length;
  }
}

TEST_F(ChainTest, RefusesEachTruncation) {
  const Bytes whole = Message(kKindOneWay, {kClient, kFront}, 2);
  Portal portal = Open(true);
  for (size_t num_bytes = 0; num_bytes < whole.size(); ++num_bytes) {
    if (PeerClosed(portal.get())) portal = Open(true);
    ASSERT_EQ(portal.Put(std::span(whole).first(num_bytes)), IPCZ_RESULT_OK);
    Envelope message;
    while (Arrives(&message)) {
      // What is left of it happened to end in a number that could be; but it is no scalar.
      Words words = {};
      EXPECT_EQ(message.ReadWords(&words), -RW_EPROTO) << num_bytes;
    }
  }
  ASSERT_EQ(Open(true).Put(whole), IPCZ_RESULT_OK);
}

}  // namespace
}  // namespace ringway::testing
