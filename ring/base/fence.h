// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef RING_BASE_FENCE_H_
#define RING_BASE_FENCE_H_

#include <atomic>
#include <chrono>
#include <thread>

#if defined(__SANITIZE_THREAD__)
#define RW_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define RW_THREAD_SANITIZER 1
#endif
#endif

namespace ringway {

// Orders every earlier store before every later load, on both sides of the
// store-then-load race that sleeping and waking is (docs/memory_model.md).
inline void FullFence() {
#if defined(RW_THREAD_SANITIZER)
  // Thread sanitizers do not model fences; a read-modify-write they do.
  static std::atomic<unsigned> ordering{0};
  ordering.fetch_add(1, std::memory_order_seq_cst);  // [wake.fence]
#else
  std::atomic_thread_fence(std::memory_order_seq_cst);  // [wake.fence]
#endif
}

// The same for a side that the other side's process-wide barrier interrupts:
// only the compiler must be held back.
inline void CompilerFence() {
  std::atomic_signal_fence(std::memory_order_seq_cst);  // [wake.fence]
}

// Instead of a process-wide barrier that is refused all of a sudden (a process
// may enter its sandbox at any time): a processor keeps a store to itself for
// far less than a microsecond, and none across an interrupt.
inline void WaitForOthersStores() {
  FullFence();
  std::this_thread::sleep_for(std::chrono::microseconds(50));
  FullFence();
}

// Tells the processor that this is a loop that waits for memory to change.
inline void CpuRelax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield" ::: "memory");
#endif
}

}  // namespace ringway

#endif  // RING_BASE_FENCE_H_
