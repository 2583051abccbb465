// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/words.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "driver_linux/test_support.h"
#include "shm/memfd.h"

namespace ringway::driver::testing {
namespace {

constexpr uint64_t kMillisecond = 1'000'000;
constexpr uint64_t kForEver = UINT64_MAX;

// With and without futex_waitv().
class WordsTest : public ::testing::TestWithParam<bool> {
 protected:
  WordsTest() { PretendNoFutexWaitv(GetParam()); }
  ~WordsTest() override { PretendNoFutexWaitv(false); }
};

TEST_P(WordsTest, ReturnsAtOnceWhenAWordHasChanged) {
  std::array<std::atomic<uint32_t>, 3> words = {1, 2, 3};
  const uint64_t waits = Statistics().word_waits;
  for (size_t changed = 0; changed < words.size(); ++changed) {
    std::vector<RingwayWord> seen;
    for (size_t i = 0; i < words.size(); ++i) {
      seen.push_back({&words[i], words[i].load() + (i == changed ? 1 : 0)});
    }
    EXPECT_EQ(WaitForWords(seen, kForEver), IPCZ_RESULT_OK);
    EXPECT_EQ(WaitForWords(std::span(seen).subspan(changed, 1), kForEver), IPCZ_RESULT_OK);
  }
  EXPECT_EQ(Statistics().word_waits, waits);
}

TEST_P(WordsTest, GivesUpAfterTheTimeout) {
  std::atomic<uint32_t> words[2] = {1, 2};
  const RingwayWord seen[] = {{&words[0], 1}, {&words[1], 2}};
  for (const size_t count : {size_t{1}, size_t{2}}) {
    for (const uint64_t timeout_ns : {uint64_t{0}, 20 * kMillisecond, 300 * kMillisecond}) {
      const auto start = std::chrono::steady_clock::now();
      EXPECT_EQ(WaitForWords({seen, count}, timeout_ns), IPCZ_RESULT_DEADLINE_EXCEEDED);
      EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::nanoseconds(timeout_ns));
    }
  }
}

TEST_P(WordsTest, AWakeEndsTheWait) {
  std::array<std::atomic<uint32_t>, RINGWAY_WAIT_WORDS_MAX> words = {};
  std::vector<RingwayWord> seen;
  for (std::atomic<uint32_t>& word : words) seen.push_back({&word, 0});
  for (const size_t count : {size_t{1}, size_t{2}, words.size()}) {
    std::thread waker([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      words[count - 1] = 1;
      WakeWaiters(&words[count - 1]);
    });
    EXPECT_EQ(WaitForWords({seen.data(), count}, kForEver), IPCZ_RESULT_OK);
    waker.join();
    words[count - 1] = 0;
  }
}

TEST_P(WordsTest, WorksAcrossProcessesThroughReadOnlyMappings) {
  OsResult<OwnedMemory> owned = Memfd::CreateOwned(4096);
  ASSERT_TRUE(owned.ok());
  auto* word = static_cast<std::atomic<uint32_t>*>(owned->mapping.address());
  // The waiter only ever reads, and what wakes it is no writer either.
  const auto wait_in_child = [&] {
    OsResult<Mapping> reader = owned->memfd.Map();
    if (!reader.ok()) return 1;
    const RingwayWord seen = {reader->address(), 0};
    return WaitForWords({&seen, 1}, kForEver) == IPCZ_RESULT_OK ? 0 : 2;
  };
  std::thread writer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    OsResult<Mapping> reader = owned->memfd.Map();
    ASSERT_TRUE(reader.ok());
    word->store(1);
    EXPECT_EQ(WakeWaiters(reader->address()), IPCZ_RESULT_OK);
  });
  EXPECT_EQ(RunInChild(wait_in_child), 0);
  writer.join();
}

TEST_P(WordsTest, RefusesWhatIsNoWord) {
  std::atomic<uint32_t> word{0};
  const RingwayWord good = {&word, 1};
  const RingwayWord null = {nullptr, 0};
  const RingwayWord crooked = {reinterpret_cast<const char*>(&word) + 1, 0};
  const std::vector<RingwayWord> many(RINGWAY_WAIT_WORDS_MAX + 1, good);
  EXPECT_EQ(WaitForWords({}, 0), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(WaitForWords(many, 0), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(WaitForWords({&null, 1}, 0), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(WaitForWords({&crooked, 1}, 0), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(WakeWaiters(nullptr), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(WakeWaiters(crooked.address), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(Extension().WaitWords(nullptr, 1, 0), IPCZ_RESULT_INVALID_ARGUMENT);
}

INSTANTIATE_TEST_SUITE_P(Kernels, WordsTest, ::testing::Bool(), [](const auto& info) {
  return info.param ? "WithoutFutexWaitv" : "WithFutexWaitv";
});

}  // namespace
}  // namespace ringway::driver::testing
