// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/send_queue.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "driver_linux/frame_reader.h"
#include "driver_linux/scm_rights.h"
#include "driver_linux/test_support.h"

namespace ringway::driver::testing {
namespace {

using Outcome = SendQueue::Outcome;

class SendQueueTest : public ::testing::Test {
 protected:
  struct Message {
    std::string payload;
    size_t descriptor_count;
  };

  SendQueueTest() {
    int raw[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, raw), 0);
    sender_.Reset(raw[0]);
    receiver_.Reset(raw[1]);
    EXPECT_EQ(queue_.SendHello(sender_.get(), false), Outcome::kSent);
  }

  Outcome Send(std::string_view payload, size_t descriptor_count = 0) {
    std::vector<UniqueFd> descriptors;
    for (size_t i = 0; i < descriptor_count; ++i) descriptors.emplace_back(dup(sender_.get()));
    return queue_.SendMessage(sender_.get(), std::as_bytes(std::span(payload)),
                              std::move(descriptors));
  }

  // Receives and flushes by turns until there is nothing left.
  std::vector<Message> ReceiveAll() {
    std::vector<Message> messages;
    for (bool is_empty = false; !is_empty;) {
      is_empty = !Receive(&messages) && queue_.empty();
      EXPECT_NE(queue_.Flush(sender_.get()), Outcome::kBroken);
    }
    return messages;
  }

  bool Receive(std::vector<Message>* messages) {
    Received received;
    const ssize_t count = ReceiveWithRights(receiver_.get(), reader_.PrepareRead(), &received);
    if (count < 0) return false;
    EXPECT_FALSE(received.truncated());
    reader_.Commit(static_cast<size_t>(count), &received);
    FrameReader::Frame frame;
    FrameReader::Next next;
    while ((next = reader_.Read(&frame)) == FrameReader::Next::kFrame) {
      if (frame.type == kFrameHello) continue;
      messages->push_back(
          {std::string(reinterpret_cast<const char*>(frame.payload.data()), frame.payload.size()),
           frame.descriptors.size()});
    }
    EXPECT_EQ(next, FrameReader::Next::kIncomplete) << reader_.reason();
    return true;
  }

  UniqueFd sender_;
  UniqueFd receiver_;
  SendQueue queue_;
  FrameReader reader_;
};

TEST_F(SendQueueTest, SendsAtOnceWhatTheSocketTakes) {
  EXPECT_EQ(Send("one"), Outcome::kSent);
  EXPECT_EQ(Send(""), Outcome::kSent);
  EXPECT_EQ(Send("three", 3), Outcome::kSent);
  EXPECT_TRUE(queue_.empty());
  const std::vector<Message> messages = ReceiveAll();
  ASSERT_EQ(messages.size(), 3u);
  EXPECT_EQ(messages[0].payload, "one");
  EXPECT_EQ(messages[1].payload, "");
  EXPECT_EQ(messages[2].descriptor_count, 3u);
}

TEST_F(SendQueueTest, GoesOnWithTheNextByteAfterAPartialSend) {
  const std::string large = Pattern(3 << 20, 1);
  EXPECT_EQ(Send(large), Outcome::kFull);
  EXPECT_EQ(Send("after"), Outcome::kFull);
  EXPECT_EQ(Send(large, 2), Outcome::kFull);
  EXPECT_EQ(Send("last", 300), Outcome::kFull);
  EXPECT_FALSE(queue_.empty());
  const std::vector<Message> messages = ReceiveAll();
  ASSERT_EQ(messages.size(), 4u);
  EXPECT_TRUE(messages[0].payload == large);
  EXPECT_EQ(messages[1].payload, "after");
  EXPECT_TRUE(messages[2].payload == large);
  EXPECT_EQ(messages[2].descriptor_count, 2u);
  EXPECT_EQ(messages[3].payload, "last");
  EXPECT_EQ(messages[3].descriptor_count, 300u);
}

TEST_F(SendQueueTest, SplitsDescriptorsOverKernelMessages) {
  const size_t counts[] = {252, 253, 254, 506, 507, 1000, 0, 2500};
  std::vector<Message> messages;
  for (const size_t count : counts) {
    Send(Pattern(count % 100, count), count);
    while (messages.empty() || !queue_.empty()) {
      if (!Receive(&messages)) queue_.Flush(sender_.get());
    }
    for (Message& message : ReceiveAll()) messages.push_back(std::move(message));
    ASSERT_EQ(messages.size(), 1u);
    EXPECT_EQ(messages[0].descriptor_count, count);
    EXPECT_EQ(messages[0].payload, Pattern(count % 100, count));
    messages.clear();
  }
}

TEST_F(SendQueueTest, SmallFramesThatWaitShareAChunk) {
  const std::string large = Pattern(3 << 20, 1);
  EXPECT_EQ(Send(large), Outcome::kFull);
  for (int i = 0; i < 1000; ++i) Send("small");
  EXPECT_LE(queue_.chunks().size(), 5u);
  EXPECT_EQ(ReceiveAll().size(), 1001u);
}

TEST_F(SendQueueTest, IsStarvedWhileTooManyDescriptorsAreInFlight) {
  EXPECT_EQ(RunInChild([&] {
              const rlimit limit = {100, 100};
              setrlimit(RLIMIT_NOFILE, &limit);
              BecomeNobody();
              size_t sent_count = 0;
              Outcome outcome;
              while ((outcome = Send("x", 20)) == Outcome::kSent) ++sent_count;
              if (outcome != Outcome::kStarved || sent_count == 0) return 1;
              // The message is not lost, it goes out when others have come in.
              std::vector<Message> messages;
              while (Receive(&messages)) {
              }
              if (messages.size() != sent_count) return 2;
              if (queue_.Flush(sender_.get()) != Outcome::kSent) return 3;
              if (!Receive(&messages) || messages.size() != sent_count + 1) return 4;
              return messages.back().descriptor_count == 20 ? 0 : 5;
            }),
            0);
}

TEST_F(SendQueueTest, IsBrokenOnceThePeerIsGone) {
  receiver_.Reset();
  // The first attempt may only fetch the news that the peer has left something unread.
  Send("x");
  EXPECT_EQ(Send("x"), Outcome::kBroken);
  EXPECT_EQ(queue_.error(), EPIPE);
}

}  // namespace
}  // namespace ringway::driver::testing
