// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef RING_BASE_LOCK_H_
#define RING_BASE_LOCK_H_

#include <atomic>
#include <cstdint>
#include <thread>

#include "ring/base/fence.h"

namespace ringway {

// A one-word lock in private memory for sections of some ten nanoseconds. One
// exchange to take it, one store to give it back; whoever finds it taken looks
// for a while and then yields its processor. Meets BasicLockable and Lockable.
class SpinLock {
 public:
  SpinLock() = default;
  SpinLock(const SpinLock&) = delete;
  SpinLock& operator=(const SpinLock&) = delete;

  void lock() {
    // [lock.section] Pairs with unlock(): what the last holder wrote is visible.
    while (taken_.exchange(1, std::memory_order_acquire) != 0) Wait();
  }

  bool try_lock() {
    // [lock.section] As lock().
    return taken_.load(std::memory_order_relaxed) == 0 &&
           taken_.exchange(1, std::memory_order_acquire) == 0;
  }

  // [lock.section] Pairs with lock() of the next holder.
  void unlock() { taken_.store(0, std::memory_order_release); }

 private:
  [[gnu::noinline]] void Wait() const {
    for (int looks = 0; taken_.load(std::memory_order_relaxed) != 0; ++looks) {
      if (looks < kLooksBeforeYield) {
        CpuRelax();
      } else {
        std::this_thread::yield();
      }
    }
  }

  static constexpr int kLooksBeforeYield = 64;
  std::atomic<uint32_t> taken_{0};
};

}  // namespace ringway

#endif  // RING_BASE_LOCK_H_
