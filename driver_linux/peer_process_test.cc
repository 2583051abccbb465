// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/peer_process.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace ringway::driver {
namespace {

bool IsReadable(const UniqueFd& fd, int timeout_ms) {
  pollfd ready = {fd.get(), POLLIN, 0};
  return poll(&ready, 1, timeout_ms) == 1;
}

TEST(PeerProcessTest, IsReadableOnceTheProcessHasEnded) {
  const pid_t child = fork();
  if (child == 0) pause();
  OsResult<UniqueFd> process = OpenProcess(child);
  ASSERT_TRUE(process.ok());
  EXPECT_FALSE(IsReadable(*process, 0));
  kill(child, SIGKILL);
  EXPECT_TRUE(IsReadable(*process, 5000));
  EXPECT_EQ(waitpid(child, nullptr, 0), child);
  OsResult<UniqueFd> late = OpenProcess(child);
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().number, ESRCH);
}

}  // namespace
}  // namespace ringway::driver
