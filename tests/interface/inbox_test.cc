// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Messages by number: their kinds, their queue, and what becomes of those who
// wait for an answer (rows D4 to D6 and D10 of docs/interfaces.md).

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>

#include "tests/interface/inbox_node.h"

namespace ringway::testing {
namespace {

constexpr uint64_t kShortNs = 50'000'000;
constexpr uint64_t kLongNs = 20'000'000'000;

class InboxTest : public ::testing::TestWithParam<Place> {
 protected:
  InboxNode node_;
  Inbox& inbox_ = node_.inbox;
  Messenger client_ = node_.Connect(GetParam());
};
INSTANTIATE_TEST_SUITE_P(, InboxTest, RW_BY_MESSAGE, PlaceName);

// D5
TEST_P(InboxTest, AScalarHasFourWordsAndNoAnswer) {
  ASSERT_EQ(client_.SendScalar(7, {1, 2, 3, 4}), RW_EOK);
  Envelope message = node_.Next();
  EXPECT_EQ(message.kind(), kKindOneWay);
  EXPECT_EQ(message.id(), 7u);
  EXPECT_EQ(message.interface(), kMessagesId);
  Words words = {};
  ASSERT_EQ(message.ReadWords(&words), RW_EOK);
  EXPECT_EQ(words, (Words{1, 2, 3, 4}));
  EXPECT_EQ(message.Return(), -RW_EINVAL);
  EXPECT_EQ(message.ReturnWords({{1}}), -RW_EINVAL);
}

// D5
TEST_P(InboxTest, ABlockingScalarIsAnsweredWithOneTwoOrFiveWords) {
  for (const size_t count : {1, 2, 5}) {
    Messenger::Answer answer;
    Meanwhile asks([&] { answer = client_.Ask(8, {5, 6, 7, 8}); });
    Envelope message = node_.Next();
    EXPECT_EQ(message.kind(), kKindCall);
    const std::vector<uint64_t> words = {10, 20, 30, 40, 50};
    EXPECT_EQ(message.ReturnWords(std::span(words).first(count)), RW_EOK);
    EXPECT_FALSE(message);
    asks.Join();
    EXPECT_EQ(answer.status, RW_EOK);
    EXPECT_EQ(answer.num_words, count);
    for (size_t i = 0; i < kReplyWordsMax; ++i)
      EXPECT_EQ(answer.words[i], i < count ? words[i] : 0);
  }
}

class MemoryTest : public ::testing::TestWithParam<std::tuple<Place, size_t>> {
 protected:
  size_t num_bytes() const { return std::get<1>(GetParam()); }
  Memory Make(std::span<const std::byte> bytes) {
    Result<Memory> memory = Memory::Create(node_.ClientNode(std::get<0>(GetParam())), bytes.size());
    std::copy(bytes.begin(), bytes.end(), memory->bytes().begin());
    return *std::move(memory);
  }
  InboxNode node_;
  Messenger client_ = node_.Connect(std::get<0>(GetParam()));
};
std::string MemoryName(const ::testing::TestParamInfo<std::tuple<Place, size_t>>& of) {
  return PlaceName({std::get<0>(of.param), 0}) + std::to_string(std::get<1>(of.param));
}
// Copied within a message, copied beside it, sealed.
INSTANTIATE_TEST_SUITE_P(, MemoryTest,
                         ::testing::Combine(RW_BY_MESSAGE,
                                            ::testing::Values(0, 1, 900, 50'000, 1'000'000)),
                         MemoryName);

// D5
TEST_P(MemoryTest, LentMemoryIsReadWhileItsOwnerWaits) {
  const std::vector<std::byte> bytes = SomeBytes(num_bytes());
  std::atomic<bool> is_back = false;
  int64_t status = 0;
  Meanwhile lends([&] {
    status = client_.LendMemory(9, bytes);
    is_back = true;
  });
  Envelope message = node_.Next();
  EXPECT_EQ(message.kind(), kKindLend);
  {
    Envelope::View view;
    ASSERT_EQ(message.Look(&view), RW_EOK);
    EXPECT_TRUE(Equal(view.view(), bytes));
    EXPECT_TRUE(view.bytes().empty());
    EXPECT_EQ(view.Resize(0), -RW_EINVAL);
  }
  EXPECT_FALSE(is_back);
  EXPECT_EQ(message.Return(4), RW_EOK);
  lends.Join();
  EXPECT_EQ(status, 4);
}

// D5
TEST_P(MemoryTest, SealedMemoryIsLentWithoutACopyAndStaysItsOwners) {
  Memory memory = Make(SomeBytes(num_bytes()));
  EXPECT_EQ(memory.is_shared(), num_bytes() >= kSharedMemoryMin);
  for (int i = 0; i < 2; ++i) {
    Meanwhile lends([&] { EXPECT_EQ(client_.LendMemory(9, memory), RW_EOK); });
    Envelope message = node_.Next();
    Envelope::View view;
    ASSERT_EQ(message.Look(&view), RW_EOK);
    EXPECT_TRUE(Equal(view.view(), memory.view()));
    if (memory.is_shared()) {
      // The same memory: what its owner writes is seen.
      memory.bytes()[0] = std::byte{200};
      EXPECT_EQ(view.view()[0], std::byte{200});
    }
    view.Reset();
    EXPECT_EQ(message.Return(), RW_EOK);
  }
}

// D5
TEST_P(MemoryTest, MemoryLentForChangesComesBackChangedOnSuccessOnly) {
  const std::vector<std::byte> before = SomeBytes(num_bytes());
  for (const int64_t answer : {int64_t{0}, int64_t{-RW_EPERM}}) {
    std::vector<std::byte> bytes = before;
    std::span<std::byte> span = bytes;
    int64_t status = 0;
    Meanwhile lends([&] { status = client_.LendMutable(10, span); });
    Envelope message = node_.Next();
    EXPECT_EQ(message.kind(), kKindLendMut);
    Envelope::View view;
    ASSERT_EQ(message.Look(&view), RW_EOK);
    EXPECT_TRUE(Equal(view.view(), before));
    for (std::byte& byte : view.bytes()) byte ^= std::byte{255};
    const size_t half = view.view().size() / 2;
    EXPECT_EQ(view.Resize(half), RW_EOK);
    EXPECT_EQ(view.Resize(view.view().size() + 1), -RW_EMSGTOOLONG);
    view.Reset();
    EXPECT_EQ(message.Return(answer), RW_EOK);
    lends.Join();
    EXPECT_EQ(status, answer);
    if (answer < 0) {
      EXPECT_TRUE(Equal(span, before));
      continue;
    }
    ASSERT_EQ(span.size(), half);
    for (size_t i = 0; i < half; ++i) ASSERT_EQ(span[i], before[i] ^ std::byte{255});
  }
}

// D5
TEST_P(MemoryTest, MovedMemoryIsTheReceiversAndNobodyWaits) {
  Memory memory = Make(SomeBytes(num_bytes()));
  ASSERT_EQ(client_.MoveMemory(11, memory), RW_EOK);
  EXPECT_FALSE(memory);
  EXPECT_TRUE(memory.bytes().empty());
  Envelope message = node_.Next();
  EXPECT_EQ(message.kind(), kKindMove);
  EXPECT_EQ(message.Return(), -RW_EINVAL);
  Memory taken;
  ASSERT_EQ(message.TakeMemory(&taken), RW_EOK);
  EXPECT_FALSE(message);
  EXPECT_TRUE(Equal(taken.view(), SomeBytes(num_bytes())));
  EXPECT_EQ(taken.is_shared(), num_bytes() >= kSharedMemoryMin);
  EXPECT_EQ(taken.bytes().empty(), taken.is_shared() || num_bytes() == 0);
  // And it can be lent and moved on, from the node that it came to.
  Messenger next = node_.Connect(Place::kSameNode);
  Meanwhile lends([&] { EXPECT_EQ(next.LendMemory(12, taken), RW_EOK); });
  EXPECT_EQ(node_.Next().Return(), RW_EOK);
  lends.Join();
  ASSERT_EQ(next.MoveMemory(13, taken), RW_EOK);
  message = node_.Next();
  ASSERT_EQ(message.TakeMemory(&taken), RW_EOK);
  EXPECT_TRUE(Equal(taken.view(), SomeBytes(num_bytes())));
}

// D4
TEST_P(InboxTest, AFullQueueTurnsThoseAwayWhoDoNotWait) {
  size_t sent = 0;
  while (client_.TrySendScalar(1, {sent}) == RW_EOK) ++sent;
  EXPECT_EQ(sent, kQueueMax);
  EXPECT_EQ(client_.TrySendScalar(1, {sent}), -RW_EAGAIN);
  EXPECT_EQ(client_.SendScalar(1, {sent}, Deadline::In(kShortNs)), -RW_ETIMEDOUT);
  Memory memory = *Memory::CopyOf(SomeBytes(10));
  EXPECT_EQ(client_.TryMoveMemory(1, memory), -RW_EAGAIN);
  EXPECT_EQ(memory.size(), 10u);
  Memory shared = *Memory::Create(node_.ClientNode(GetParam()), kSharedMemoryMin);
  EXPECT_EQ(client_.TryMoveMemory(1, shared), -RW_EAGAIN);
  EXPECT_TRUE(shared.is_shared());
  // One is received, and the one that waits has room.
  Meanwhile waits([&] { EXPECT_EQ(client_.SendScalar(1, {sent}, Deadline::In(kLongNs)), RW_EOK); });
  node_.Next();
  waits.Join();
  EXPECT_EQ(client_.TrySendScalar(1, {sent}), -RW_EAGAIN);
  for (uint64_t i = 1; i <= sent; ++i) {
    Words words = {};
    ASSERT_EQ(node_.Next().ReadWords(&words), RW_EOK);
    EXPECT_EQ(words[0], i);  // in order
  }
}

// D4
TEST_P(InboxTest, SeveralThreadsReceiveEachMessageOnce) {
  constexpr uint64_t kMessages = 2000;
  std::mutex mutex;
  std::set<uint64_t> seen;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      Envelope message;
      while (inbox_.Receive(&message) == RW_EOK) {
        Words words = {};
        ASSERT_EQ(message.ReadWords(&words), RW_EOK);
        {
          std::lock_guard lock(mutex);
          EXPECT_TRUE(seen.insert(words[0]).second);
        }
        if (message.kind() == kKindCall) {
          EXPECT_EQ(message.ReturnWords({{words[0]}}), RW_EOK);
        }
      }
    });
  }
  for (uint64_t i = 0; i < kMessages; i += 2) {
    ASSERT_EQ(client_.SendScalar(1, {i}), RW_EOK);
    const Messenger::Answer answer = client_.Ask(2, {i + 1});
    ASSERT_EQ(answer.words[0], i + 1);
  }
  inbox_.Stop();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(seen.size(), kMessages);
}

TEST_P(InboxTest, ReceivingEndsAtItsDeadline) {
  Envelope message;
  EXPECT_EQ(inbox_.Receive(&message, Deadline::In(kShortNs)), -RW_ETIMEDOUT);
  EXPECT_EQ(inbox_.Receive(&message, Deadline::Now()), -RW_ETIMEDOUT);
  EXPECT_FALSE(message);
}

// D6
TEST_P(InboxTest, ADroppedMessageIsAnErrorForWhoWaits) {
  Meanwhile drops([&] {
    for (int i = 0; i < 3; ++i) node_.Next();
  });
  std::vector<std::byte> bytes = SomeBytes(100);
  std::span<std::byte> span = bytes;
  EXPECT_EQ(client_.Ask(1, {}).status, -RW_ECANCELED);
  EXPECT_EQ(client_.LendMemory(1, bytes), -RW_ECANCELED);
  EXPECT_EQ(client_.LendMutable(1, span), -RW_ECANCELED);
  EXPECT_EQ(span.size(), 100u);
}

TEST_P(InboxTest, AViewKeepsItsMessageAlthoughItsEnvelopeHasAnotherOne) {
  const std::vector<std::byte> bytes = SomeBytes(3000);
  int64_t status = 0;
  Meanwhile lends([&] { status = client_.LendMemory(1, bytes); });
  Envelope message = node_.Next();
  Envelope::View view;
  ASSERT_EQ(message.Look(&view), RW_EOK);
  ASSERT_EQ(node_.Connect(Place::kSameNode).SendScalar(2, {}), RW_EOK);
  message = node_.Next();
  EXPECT_TRUE(Equal(view.view(), bytes));
  EXPECT_EQ(inbox_.Destroy(), -RW_EBUSY);
  view.Reset();
  lends.Join();
  EXPECT_EQ(status, -RW_ECANCELED);
}

// D6: in Xous, a wrong answer is lost together with the right to answer.
TEST_P(InboxTest, AnAnswerOfTheWrongKindChangesNothing) {
  const std::vector<std::byte> bytes = SomeBytes(100);
  Meanwhile lends([&] { EXPECT_EQ(client_.LendMemory(1, bytes), 3); });
  Envelope message = node_.Next();
  EXPECT_EQ(message.ReturnWords({{1}}), -RW_EINVAL);
  Words words = {};
  EXPECT_EQ(message.ReadWords(&words), -RW_EPROTO);
  Memory memory;
  EXPECT_EQ(message.TakeMemory(&memory), -RW_EINVAL);
  EXPECT_EQ(message.Return(3), RW_EOK);
  EXPECT_EQ(message.Return(3), -RW_EINVAL);
  lends.Join();
  Meanwhile asks([&] { EXPECT_EQ(client_.Ask(1, {}).words[0], 9u); });
  message = node_.Next();
  const std::vector<uint64_t> many(6);
  for (const size_t count : {0, 3, 4, 6}) {
    EXPECT_EQ(message.ReturnWords(std::span(many).first(count)), -RW_EINVAL);
  }
  Envelope::View view;
  EXPECT_EQ(message.Look(&view), -RW_EINVAL);
  EXPECT_EQ(message.ReturnWords({{9}}), RW_EOK);
  EXPECT_EQ(message.ReturnWords({{9}}), -RW_EINVAL);
}

// D10
TEST_P(InboxTest, DestroyingWaitsForMessagesThatAreHeldAndWakesThoseThatAreNot) {
  Messenger other = node_.Connect(Place::kSameNode);
  Meanwhile first([&] { EXPECT_EQ(client_.Ask(1, {}).status, 5); });
  Envelope held = node_.Next();
  Meanwhile second([&] { EXPECT_EQ(other.Ask(1, {}).status, -RW_ECONNRESET); });
  EXPECT_EQ(inbox_.Destroy(), -RW_EBUSY);
  EXPECT_EQ(held.Return(5), RW_EOK);
  first.Join();
  EXPECT_EQ(inbox_.Destroy(), RW_EOK);
  second.Join();
  EXPECT_EQ(client_.SendScalar(1, {}), -RW_ECONNRESET);
  Envelope message;
  EXPECT_EQ(inbox_.Receive(&message), -RW_ECANCELED);
  EXPECT_EQ(inbox_.Open().result(), IPCZ_RESULT_CANCELLED);
  Registered registered;
  EXPECT_EQ(inbox_.Register(Names(), {.name = "gone"}, &registered), -RW_ECANCELED);
  auto [here, there] = node_.served.TakeLink();
  inbox_.Admit(std::move(here));
  EXPECT_EQ(Messenger(std::move(there)).Ask(1, {}).status, -RW_ECONNRESET);
  inbox_.Stop();
  EXPECT_EQ(inbox_.Destroy(), RW_EOK);
}

TEST_P(InboxTest, DestroyingIsRefusedWhileAThreadReceives) {
  std::atomic<bool> receives = false;
  Meanwhile waits([&] {
    receives = true;
    Envelope message;
    EXPECT_EQ(inbox_.Receive(&message), -RW_ECANCELED);
  });
  EXPECT_TRUE(Eventually([&] { return receives.load() && inbox_.Destroy() == -RW_EBUSY; }));
  inbox_.Stop();
  waits.Join();
  EXPECT_EQ(inbox_.Destroy(), RW_EOK);
}

}  // namespace
}  // namespace ringway::testing
