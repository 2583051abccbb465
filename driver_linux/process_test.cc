// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/process.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "driver_linux/test_support.h"

// A process that ends while the driver's thread runs leaves that what it has.
static int leaks_are_meant = 0;
extern "C" int __lsan_is_turned_off();                             // NOLINT: LeakSanitizer's hook
extern "C" int __lsan_is_turned_off() { return leaks_are_meant; }  // NOLINT

namespace ringway::driver::testing {
namespace {

TEST(ProcessTest, AForkedChildIsRefusedItsParentsHandles) {
  Pair pair;
  ASSERT_EQ(pair.first.Activate(), IPCZ_RESULT_OK);
  const IpczDriverHandle file = MakeFile();
  IpczDriverHandle memory;
  ASSERT_EQ(Driver().AllocateSharedMemory(4096, 0, nullptr, &memory), IPCZ_RESULT_OK);
  EXPECT_EQ(RunInChild([&] {
              if (pair.first.Send("x") != IPCZ_RESULT_FAILED_PRECONDITION) return 1;
              if (pair.second.Activate() != IPCZ_RESULT_FAILED_PRECONDITION) return 2;
              if (pair.first.Deactivate() != IPCZ_RESULT_FAILED_PRECONDITION) return 3;
              if (Close(file) != IPCZ_RESULT_FAILED_PRECONDITION) return 4;
              IpczSharedMemoryInfo info = {sizeof(info), 0};
              if (Driver().GetSharedMemoryInfo(memory, 0, nullptr, &info) !=
                  IPCZ_RESULT_FAILED_PRECONDITION) {
                return 5;
              }
              int fd;
              return RingwayLinuxUnwrapFd(file, &fd) == IPCZ_RESULT_FAILED_PRECONDITION ? 0 : 6;
            }),
            0);
  // They are still the parent's.
  EXPECT_EQ(Close(file), IPCZ_RESULT_OK);
  EXPECT_EQ(Close(memory), IPCZ_RESULT_OK);
}

TEST(ProcessTest, AForkedChildMayBeginAnew) {
  Pair pair;
  ASSERT_EQ(pair.first.Activate(), IPCZ_RESULT_OK);
  EXPECT_EQ(RunInChild([&] {
              const RingwayDriverStatistics statistics = Statistics();
              if (statistics.messages_sent != 0 || statistics.open_transports != 0) return 1;
              Pair own;
              if (own.first.Activate() != IPCZ_RESULT_OK) return 2;
              if (own.second.Activate() != IPCZ_RESULT_OK) return 3;
              if (own.first.Send("x") != IPCZ_RESULT_OK) return 4;
              Engine::Message message;
              if (!own.second.WaitForMessage(&message)) return 5;
              // And so may its child.
              return RunInChild(
                  [&] { return own.first.Send("x") == IPCZ_RESULT_FAILED_PRECONDITION ? 0 : 6; });
            }),
            0);
}

TEST(ProcessTest, EndsWhileTransportsAreActive) {
  EXPECT_EQ(RunInChild([]() -> int {
              leaks_are_meant = 1;
              auto* pair = new Pair;
              if (pair->first.Activate() != IPCZ_RESULT_OK) return 1;
              if (pair->second.Activate() != IPCZ_RESULT_OK) return 2;
              pair->first.Send("x");
              exit(0);  // NOLINT: with the hooks that _exit() omits
            }),
            0);
}

TEST(ProcessTest, RemembersTheLastFailure) {
  LastFailure failure;
  EXPECT_EQ(failure.Get(), "");
  failure.Set("why");
  EXPECT_EQ(failure.Get(), "why");
}

}  // namespace
}  // namespace ringway::driver::testing
