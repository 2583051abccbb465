// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// A process that sends as fast as it can is killed at any moment: what it has
// transmitted arrives, in order, whole and once, then one error.

#include <signal.h>

#include <chrono>
#include <random>
#include <thread>

#include "ringway/driver_linux.h"
#include "tests/driver/conformance.h"
#include "tests/support/process.h"

namespace ringway::testing {
namespace {

// What surely fits into a lane.
constexpr uint64_t kUnreadMax = 16;
constexpr size_t kBytesMax = 500;

std::string DataOf(uint64_t number) { return BytesOf(8 + number * 7919 % kBytesMax, number); }
bool CarriesFile(uint64_t number) { return number % 5 == 0; }

RW_CHILD(SendsUntilItIsKilled) {
  Core core(child.transport);
  if (core.Activate() != IPCZ_RESULT_OK) return 1;
  for (uint64_t number = 1;; ++number) {
    while (number - child.page->got > kUnreadMax) std::this_thread::yield();
    std::vector<IpczDriverHandle> files;
    IpczDriverHandle file;
    if (CarriesFile(number)) {
      if (RingwayLinuxWrapFd(dup(0), &file) != IPCZ_RESULT_OK) return 2;
      files.push_back(file);
    }
    if (core.Send(DataOf(number), files) != IPCZ_RESULT_OK) return 3;
    child.page->committed = number;
  }
}

TEST(KilledSenderTest, WhatItHadTransmittedArrives) {
  std::minstd_rand random(1);
  uint64_t total = 0;
  const int run_count = CountOf("RW_KILLS", 30);
  for (int run = 0; run < run_count && !HasFailure(); ++run) {
    Process sender("SendsUntilItIsKilled", {});
    Core core(sender.TakeTransport());
    std::atomic<uint64_t> got{0};
    std::atomic<uint64_t> wrong{0};
    core.set_on_parcel([&](const Core::Parcel& parcel) {
      const uint64_t number = ++got;
      wrong += parcel.data != DataOf(number) || parcel.handles.size() != CarriesFile(number);
      sender.page().got = number;
      return IPCZ_RESULT_OK;
    });
    ASSERT_EQ(core.Activate(), IPCZ_RESULT_OK);
    const uint64_t enough = random() % 1000;
    while (sender.page().committed < enough) std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 500));
    sender.Signal(SIGKILL);
    ASSERT_TRUE(core.WaitForError());
    EXPECT_EQ(sender.Wait(), 128 + SIGKILL);
    EXPECT_GE(got, sender.page().committed);
    EXPECT_LE(got, sender.page().committed + 1);
    EXPECT_EQ(wrong, 0u);
    EXPECT_EQ(core.errors(), 1u);
    total += got;
  }
  EXPECT_GT(total, 0u);
}

}  // namespace
}  // namespace ringway::testing
