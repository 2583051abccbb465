// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/scm_rights.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <string_view>
#include <vector>

#include "driver_linux/peer_process.h"
#include "driver_linux/test_support.h"

namespace ringway::driver::testing {
namespace {

struct SocketPair {
  SocketPair() {
    int raw[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, raw), 0);
    first.Reset(raw[0]);
    second.Reset(raw[1]);
  }
  UniqueFd first;
  UniqueFd second;
};

UniqueFd NewFd() { return UniqueFd(open("/", O_PATH | O_CLOEXEC)); }

ssize_t Send(const UniqueFd& socket, std::string_view text, const std::vector<UniqueFd>& fds = {},
             bool credentials = false) {
  const iovec bytes = {const_cast<char*>(text.data()), text.size()};
  return SendWithRights(socket.get(), {&bytes, 1}, fds, credentials);
}

TEST(ScmRightsTest, CarriesBytesAndDescriptors) {
  const SocketPair pair;
  std::vector<UniqueFd> fds;
  for (size_t i = 0; i < kDescriptorsPerBatch; ++i) fds.push_back(NewFd());
  ASSERT_EQ(Send(pair.first, "hello", fds), 5);
  std::array<std::byte, 16> space;
  Received received;
  ASSERT_EQ(ReceiveWithRights(pair.second.get(), space, &received), 5);
  ASSERT_EQ(received.descriptors().size(), kDescriptorsPerBatch);
  EXPECT_FALSE(received.truncated());
  EXPECT_EQ(received.sender(), 0);
  const UniqueFd taken = received.Take(7);
  EXPECT_EQ(fcntl(taken.get(), F_GETFD), FD_CLOEXEC);
}

TEST(ScmRightsTest, ClosesWhatNobodyTakes) {
  const SocketPair pair;
  std::vector<UniqueFd> fds;
  for (int i = 0; i < 3; ++i) fds.push_back(NewFd());
  const size_t before = MeasureFootprint().descriptors;
  ASSERT_EQ(Send(pair.first, "x", fds), 1);
  {
    std::array<std::byte, 16> space;
    Received received;
    ASSERT_EQ(ReceiveWithRights(pair.second.get(), space, &received), 1);
    EXPECT_EQ(MeasureFootprint().descriptors, before + 3);
  }
  EXPECT_EQ(MeasureFootprint().descriptors, before);
}

TEST(ScmRightsTest, NeverWaitsAndNeverRaisesSigpipe) {
  SocketPair pair;
  std::array<std::byte, 16> space;
  Received received;
  EXPECT_EQ(ReceiveWithRights(pair.first.get(), space, &received), -EAGAIN);
  const std::string block(1 << 16, 'x');
  ssize_t sent;
  while ((sent = Send(pair.first, block)) > 0) {
  }
  EXPECT_EQ(sent, -EAGAIN);
  pair.second.Reset();
  EXPECT_LT(Send(pair.first, "x"), 0);
  EXPECT_EQ(Send(pair.first, "x"), -EPIPE);
}

TEST(ScmRightsTest, SaysWhenDescriptorsWereLost) {
  // In a child of its own, because it lowers a limit.
  const int status = RunInChild([] {
    const SocketPair pair;
    std::vector<UniqueFd> fds;
    for (int i = 0; i < 10; ++i) fds.push_back(NewFd());
    const UniqueFd last = NewFd();
    if (Send(pair.first, "x", fds) != 1) return 1;
    // Room for four of the ten.
    const rlimit limit = {static_cast<rlim_t>(last.get() + 5), static_cast<rlim_t>(last.get() + 5)};
    setrlimit(RLIMIT_NOFILE, &limit);
    std::array<std::byte, 16> space;
    Received received;
    if (ReceiveWithRights(pair.second.get(), space, &received) != 1) return 2;
    if (received.descriptors().size() != 4) return 3;
    return received.truncated() ? 0 : 4;
  });
  EXPECT_EQ(status, 0);
}

TEST(ScmRightsTest, TheKernelNamesTheSender) {
  const SocketPair pair;
  // Even if it was sent before anybody asked.
  ASSERT_EQ(RunInChild([&] { return Send(pair.first, "child", {}, true) == 5 ? 0 : 1; }), 0);
  AskForSender(pair.second.get(), true);
  std::array<std::byte, 16> space;
  Received from_child;
  ASSERT_EQ(ReceiveWithRights(pair.second.get(), space, &from_child), 5);
  EXPECT_GT(from_child.sender(), 0);
  EXPECT_NE(from_child.sender(), getpid());
  ASSERT_EQ(Send(pair.first, "self", {}, true), 4);
  Received from_self;
  ASSERT_EQ(ReceiveWithRights(pair.second.get(), space, &from_self), 4);
  EXPECT_EQ(from_self.sender(), getpid());
  AskForSender(pair.second.get(), false);
  ASSERT_EQ(Send(pair.first, "self", {}, true), 4);
  Received unnamed;
  ASSERT_EQ(ReceiveWithRights(pair.second.get(), space, &unnamed), 4);
  EXPECT_EQ(unnamed.sender(), 0);
}

}  // namespace
}  // namespace ringway::driver::testing
