// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>
#include <string>
#include <thread>

#include "driver_linux/test_support.h"

// What ringway/driver_linux.h says, as far as it is not about named endpoints (endpoint_test.cc).

namespace ringway::driver::testing {
namespace {

bool IsOpen(int fd) { return fcntl(fd, F_GETFD) >= 0; }

TEST(DriverLinuxTest, ATransportBecomesADescriptorAndBack) {
  Pair pair;
  int fd;
  const IpczDriverHandle transport = pair.first.Release();
  ASSERT_EQ(RingwayLinuxTransportToFd(transport, &fd), IPCZ_RESULT_OK);
  EXPECT_EQ(Close(transport), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
  fcntl(fd, F_SETFD, 0);
  IpczDriverHandle again;
  ASSERT_EQ(RingwayLinuxTransportFromFd(fd, &again), IPCZ_RESULT_OK);
  EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
  pair.first.set_transport(again);
  ASSERT_EQ(pair.first.Activate(), IPCZ_RESULT_OK);
  ASSERT_EQ(pair.second.Activate(), IPCZ_RESULT_OK);
  ASSERT_EQ(pair.first.Send("x"), IPCZ_RESULT_OK);
  EXPECT_EQ(NextData(&pair.second), "x");
}

TEST(DriverLinuxTest, WhatTheSocketHoldsSurvivesTheDescriptor) {
  Pair pair;
  ASSERT_EQ(pair.first.Send("early"), IPCZ_RESULT_OK);
  ASSERT_EQ(pair.second.Send("early too"), IPCZ_RESULT_OK);
  int fd;
  ASSERT_EQ(RingwayLinuxTransportToFd(pair.first.Release(), &fd), IPCZ_RESULT_OK);
  IpczDriverHandle again;
  ASSERT_EQ(RingwayLinuxTransportFromFd(fd, &again), IPCZ_RESULT_OK);
  pair.first.set_transport(again);
  ASSERT_EQ(pair.first.Send("late"), IPCZ_RESULT_OK);
  ASSERT_EQ(pair.first.Activate(), IPCZ_RESULT_OK);
  ASSERT_EQ(pair.second.Activate(), IPCZ_RESULT_OK);
  EXPECT_EQ(NextData(&pair.second), "early");
  EXPECT_EQ(NextData(&pair.second), "late");
  EXPECT_EQ(NextData(&pair.first), "early too");
}

TEST(DriverLinuxTest, RefusesDescriptorsThatAreNoTransports) {
  IpczDriverHandle transport;
  int pipe_fds[2];
  ASSERT_EQ(pipe(pipe_fds), 0);
  for (const int fd : {-1, 100'000, pipe_fds[0], pipe_fds[1]}) {
    EXPECT_EQ(RingwayLinuxTransportFromFd(fd, &transport), IPCZ_RESULT_INVALID_ARGUMENT);
  }
  for (const int type : {SOCK_STREAM, SOCK_DGRAM}) {
    const int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    EXPECT_EQ(RingwayLinuxTransportFromFd(fd, &transport), IPCZ_RESULT_INVALID_ARGUMENT);
    EXPECT_TRUE(IsOpen(fd));
    close(fd);
  }
  close(pipe_fds[0]);
  close(pipe_fds[1]);
}

TEST(DriverLinuxTest, WrapsAndUnwrapsDescriptors) {
  const int fd = open("/", O_PATH);
  IpczDriverHandle file;
  ASSERT_EQ(RingwayLinuxWrapFd(fd, &file), IPCZ_RESULT_OK);
  EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
  int unwrapped;
  ASSERT_EQ(RingwayLinuxUnwrapFd(file, &unwrapped), IPCZ_RESULT_OK);
  EXPECT_EQ(unwrapped, fd);
  EXPECT_EQ(RingwayLinuxUnwrapFd(file, &unwrapped), IPCZ_RESULT_INVALID_ARGUMENT);
  ASSERT_EQ(RingwayLinuxWrapFd(fd, &file), IPCZ_RESULT_OK);
  EXPECT_EQ(Close(file), IPCZ_RESULT_OK);
  EXPECT_FALSE(IsOpen(fd));
  EXPECT_EQ(RingwayLinuxWrapFd(fd, &file), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(RingwayLinuxWrapFd(-1, &file), IPCZ_RESULT_INVALID_ARGUMENT);
}

TEST(DriverLinuxTest, RefusesNullPointersAndOtherKinds) {
  Pair pair;
  IpczDriverHandle handle;
  int fd;
  EXPECT_EQ(RingwayLinuxCreateTransportPair(nullptr, &handle), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(RingwayLinuxTransportToFd(pair.first.transport(), nullptr),
            IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(RingwayLinuxUnwrapFd(pair.first.transport(), &fd), IPCZ_RESULT_INVALID_ARGUMENT);
  const IpczDriverHandle file = MakeFile();
  EXPECT_EQ(RingwayLinuxTransportToFd(file, &fd), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(Close(file), IPCZ_RESULT_OK);
}

TEST(DriverLinuxTest, ChoosesTheReactorOnlyBeforeItsFirstUse) {
  for (const int choice : {RINGWAY_LINUX_REACTOR_EPOLL, RINGWAY_LINUX_REACTOR_IO_URING}) {
    EXPECT_EQ(RunInChild([choice] {
                if (RingwayLinuxChooseReactor(choice) != IPCZ_RESULT_OK) return 1;
                if (RingwayLinuxChooseReactor(3) != IPCZ_RESULT_INVALID_ARGUMENT) return 2;
                if (Statistics().reactor_back_end != RINGWAY_REACTOR_NONE) return 3;
                Pair pair;
                if (pair.first.Activate() != IPCZ_RESULT_OK) return 4;
                if (RingwayLinuxChooseReactor(RINGWAY_LINUX_REACTOR_AUTO) !=
                    IPCZ_RESULT_FAILED_PRECONDITION) {
                  return 5;
                }
                return Statistics().reactor_back_end == static_cast<uint64_t>(choice) ? 0 : 6;
              }),
              0);
  }
}

// In a child, as they can be set before the first use alone.
int UseWithOptions(uint64_t back_end, uint32_t sqpoll_idle_ms) {
  RingwayLinuxOptions options = {};
  if (RingwayLinuxGetOptions(&options) != IPCZ_RESULT_INVALID_ARGUMENT) return 1;
  options.size = sizeof(options);
  if (RingwayLinuxGetOptions(&options) != IPCZ_RESULT_OK) return 2;
  options.back_end = RINGWAY_DRIVER_BACK_END_IO_URING_FUTEX + 1;
  if (RingwayLinuxSetOptions(&options) != IPCZ_RESULT_INVALID_ARGUMENT) return 3;
  options.back_end = back_end;
  options.spin_ns = 1000;
  options.upgrade_after = 0;
  options.sqpoll_idle_ms = sqpoll_idle_ms;
  if (RingwayLinuxSetOptions(&options) != IPCZ_RESULT_OK) return 4;
  RingwayLinuxOptions got = {};
  got.size = sizeof(got);
  if (RingwayLinuxGetOptions(&got) != IPCZ_RESULT_OK) return 5;
  if (got.back_end != back_end || got.spin_ns != 1000 || got.upgrade_after != 0 ||
      got.sqpoll_idle_ms != sqpoll_idle_ms) {
    return 6;
  }
  if (Statistics().back_end != RINGWAY_DRIVER_BACK_END_NONE) return 7;
  Pair pair;
  if (pair.first.Activate() != IPCZ_RESULT_OK || pair.second.Activate() != IPCZ_RESULT_OK) return 8;
  if (RingwayLinuxSetOptions(&options) != IPCZ_RESULT_FAILED_PRECONDITION) return 9;
  for (int i = 0; i < 100; ++i) {
    if (pair.first.Send("x") != IPCZ_RESULT_OK || NextData(&pair.second) != "x") return 10;
  }
  const RingwayDriverStatistics now = Statistics();
  if ((now.channel_messages_sent != 0) != (back_end != RINGWAY_DRIVER_BACK_END_SOCKET)) return 11;
  if ((now.has_sqpoll != 0) != (sqpoll_idle_ms != 0)) return 12;
  return now.back_end == back_end ? 0 : 13;
}

TEST(DriverLinuxTest, WorksAsItsOptionsSay) {
  for (uint64_t back_end = RINGWAY_DRIVER_BACK_END_SOCKET;
       back_end <= RINGWAY_DRIVER_BACK_END_IO_URING_FUTEX; ++back_end) {
    EXPECT_EQ(RunInChild([back_end] { return UseWithOptions(back_end, 0); }), 0) << back_end;
  }
  EXPECT_EQ(RunInChild([] { return UseWithOptions(RINGWAY_DRIVER_BACK_END_IO_URING, 5); }), 0);
}

TEST(DriverLinuxTest, StatisticsFillWhatThereIsRoomFor) {
  RingwayDriverStatistics statistics = {};
  statistics.has_sqpoll = 77;
  statistics.size = offsetof(RingwayDriverStatistics, has_sqpoll);
  ASSERT_EQ(Extension().QueryStatistics(&statistics), IPCZ_RESULT_OK);
  EXPECT_EQ(statistics.has_sqpoll, 77u);
  EXPECT_EQ(statistics.size, offsetof(RingwayDriverStatistics, has_sqpoll));
  EXPECT_EQ(statistics.open_transports, 0u);
}

TEST(DriverLinuxTest, TellsWhyATransportFailed) {
  Pair pair;
  std::string reason(200, '\0');
  pair.first.set_on_error(
      [&] { reason.resize(RingwayLinuxLastTransportError(reason.data(), reason.size())); });
  ASSERT_EQ(pair.first.Activate(), IPCZ_RESULT_OK);
  Close(pair.second.Release());
  ASSERT_TRUE(pair.first.WaitForError());
  EXPECT_EQ(reason, "the peer has closed its end");
  char start[9];
  EXPECT_EQ(RingwayLinuxLastTransportError(start, sizeof(start)), reason.size());
  EXPECT_STREQ(start, "the peer");
  EXPECT_EQ(RingwayLinuxLastTransportError(nullptr, 0), reason.size());
}

}  // namespace
}  // namespace ringway::driver::testing
