// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/words.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <utility>

#include "driver_linux/process.h"

namespace ringway::driver {
namespace {

constexpr uint64_t kNsPerSecond = 1'000'000'000;
constexpr uint64_t kSliceNsMax = 250'000'000;
constexpr uint64_t kPollSliceNs = 1'000'000;  // where only one of several words can be waited for

// Not every kernel header of the time has these.
constexpr long kSysFutexWaitv = 449;
constexpr uint32_t kFutex32 = 2;
struct Waiter {  // struct futex_waitv
  uint64_t value;
  uint64_t address;
  uint32_t flags;
  uint32_t reserved;
};
static_assert(sizeof(Waiter) == 24);

// Relaxed: it only chooses between two ways that both work.
std::atomic<bool> g_has_futex_waitv{true};

timespec ToTimespec(uint64_t ns) {
  return {static_cast<time_t>(ns / kNsPerSecond), static_cast<long>(ns % kNsPerSecond)};
}

uint64_t NowNs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * kNsPerSecond + static_cast<uint64_t>(now.tv_nsec);
}

uint32_t* WordAt(const volatile void* address) {
  return static_cast<uint32_t*>(const_cast<void*>(address));
}

bool IsWord(const volatile void* address) {
  return address != nullptr && reinterpret_cast<uintptr_t>(address) % sizeof(uint32_t) == 0;
}

// Whether a word has changed already. The waiter looks again at what it guards, with the order it
// needs there, so relaxed is enough to see that something happened.
bool HasChanged(const RingwayWord& word) {
  return __atomic_load_n(WordAt(word.address), __ATOMIC_RELAXED) != word.value;
}

// Each of these returns 0 or an errno.
int WaitForOne(const RingwayWord& word, uint64_t timeout_ns) {
  const timespec timeout = ToTimespec(timeout_ns);
  const long result =
      syscall(SYS_futex, WordAt(word.address), FUTEX_WAIT, word.value, &timeout, nullptr, 0);
  return result == 0 ? 0 : errno;
}

// Sleeps once, for no longer than a slice.
int WaitSlice(std::span<const RingwayWord> words, uint64_t timeout_ns) {
  if (words.size() == 1) return WaitForOne(words[0], std::min(timeout_ns, kSliceNsMax));
  if (g_has_futex_waitv.load(std::memory_order_relaxed)) {
    const int error = FutexWaitAny(words, std::min(timeout_ns, kSliceNsMax));
    // Sandboxes refuse what they do not know with EPERM.
    if (error != ENOSYS && error != EPERM) return error;
    g_has_futex_waitv.store(false, std::memory_order_relaxed);
  }
  if (std::any_of(words.begin(), words.end(), HasChanged)) return EAGAIN;
  return WaitForOne(words[0], std::min(timeout_ns, kPollSliceNs));
}

}  // namespace

IpczResult WaitForWords(std::span<const RingwayWord> words, uint64_t timeout_ns) {
  if (words.empty() || words.size() > RINGWAY_WAIT_WORDS_MAX) return IPCZ_RESULT_INVALID_ARGUMENT;
  for (const RingwayWord& word : words) {
    if (!IsWord(word.address)) return IPCZ_RESULT_INVALID_ARGUMENT;
  }
  const uint64_t start_ns = NowNs();
  bool has_slept = false;
  for (;;) {
    const uint64_t passed_ns = NowNs() - start_ns;
    if (has_slept && passed_ns >= timeout_ns) return IPCZ_RESULT_DEADLINE_EXCEEDED;
    const int error = WaitSlice(words, timeout_ns - std::min(passed_ns, timeout_ns));
    if (error == EAGAIN) return IPCZ_RESULT_OK;  // has changed
    if (error != 0 && error != EINTR && error != ETIMEDOUT) return IPCZ_RESULT_INVALID_ARGUMENT;
    if (!std::exchange(has_slept, true)) CurrentProcess().statistics.word_waits.Add();
    if (error != ETIMEDOUT) return IPCZ_RESULT_OK;
  }
}

IpczResult WakeWaiters(const volatile void* address) {
  if (!IsWord(address)) return IPCZ_RESULT_INVALID_ARGUMENT;
  CurrentProcess().statistics.words_woken.Add();
  return FutexWake(address) ? IPCZ_RESULT_OK : IPCZ_RESULT_INVALID_ARGUMENT;
}

int FutexWaitAny(std::span<const RingwayWord> words, uint64_t timeout_ns) {
  std::array<Waiter, RINGWAY_WAIT_WORDS_MAX> waiters;
  for (size_t i = 0; i < words.size(); ++i) {
    waiters[i] = {words[i].value, reinterpret_cast<uintptr_t>(words[i].address), kFutex32, 0};
  }
  const bool is_endless = timeout_ns == UINT64_MAX;
  const timespec deadline = ToTimespec(NowNs() + (is_endless ? 0 : timeout_ns));
  const long result = syscall(kSysFutexWaitv, waiters.data(), words.size(), 0,
                              is_endless ? nullptr : &deadline, CLOCK_MONOTONIC);
  return result >= 0 ? 0 : errno;
}

bool FutexWake(const volatile void* address) {
  return syscall(SYS_futex, WordAt(address), FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0) >= 0;
}

void PretendNoFutexWaitv(bool pretend) {
  g_has_futex_waitv.store(!pretend, std::memory_order_relaxed);
}

}  // namespace ringway::driver
