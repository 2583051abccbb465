// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_BASE_BIASED_LOCK_H_
#define ENGINE_BASE_BIASED_LOCK_H_

#include <atomic>
#include <cstdint>

#include "ring/base/fence.h"
#include "ring/base/lock.h"

namespace ringway {

// A lock that costs a thread that is alone with it two plain stores. An atomic
// exchange would make each Put wait until its stores to lines that the peer is
// reading have left the store buffer; that was two thirds of a small parcel's
// cost (docs/decisions/0015-biased-locks.md).
//
// A thread that has taken the lock often in a row becomes its owner and then
// enters by setting its word of `inside_` and looking at `owner_` once more. Another
// thread takes the ownership away first: it clears `owner_`, has a process-wide
// barrier order that against the owner's two accesses, and waits for that word to
// be clear. Without such a barrier nobody ever owns the lock. A thread that was the
// owner may be as late as it likes: its word is nobody else's, ever.
class BiasedLock {
 public:
  BiasedLock() = default;
  BiasedLock(const BiasedLock&) = delete;
  BiasedLock& operator=(const BiasedLock&) = delete;

  // The process-wide barrier, from a driver that has one; 0: done.
  using Barrier = int (*)();
  static void SetBarrier(Barrier barrier) {
    // [bias.barrier] Pairs with TakeSlowly(): a function needs no more than its address.
    barrier_.store(barrier, std::memory_order_release);
  }

  void lock() {
    if (!Enter()) [[unlikely]] {
      shared_.lock();
      TakeSlowly();
    }
  }

  bool try_lock() {
    if (Enter()) return true;
    if (!shared_.try_lock()) return false;
    TakeSlowly();
    return true;
  }

  void unlock() {
    if (holds_shared_) [[unlikely]] {
      holds_shared_ = false;
      shared_.unlock();
    } else {
      // [bias.inside] Pairs with TakeSlowly(): what the owner did is visible.
      inside_[entered_].store(0, std::memory_order_release);
    }
  }

  // Whoever owns it from now on has to take it often again; so the next thread
  // need not pay for taking it away from us.
  void Disown() {
    // Whoever becomes the owner from now on is another thread, and at work here.
    if (owner_.load(std::memory_order_relaxed) == 0) return;
    lock();
    const bool inside = !holds_shared_;
    if (inside && !shared_.try_lock()) return unlock();  // another thread is at it
    owner_.store(0, std::memory_order_release);          // [bias.owner]
    streak_ = 0;
    holds_shared_ = false;
    if (inside) inside_[entered_].store(0, std::memory_order_release);  // [bias.inside]
    shared_.unlock();
  }

 private:
  bool Enter() {
    const uint32_t owner = owner_.load(std::memory_order_relaxed);
    if (owner / kOwnersMax != self_) return false;
    std::atomic<uint8_t>& inside = inside_[owner % kOwnersMax];
    inside.store(1, std::memory_order_relaxed);
    CompilerFence();  // the barrier of TakeSlowly() does the rest
    // [bias.owner] Pairs with TakeSlowly(): it sees `inside`, or we see this change.
    if (owner_.load(std::memory_order_acquire) == owner) [[likely]] {
      entered_ = static_cast<uint8_t>(owner % kOwnersMax);
      return true;
    }
    inside.store(0, std::memory_order_release);  // [bias.inside]
    return false;
  }

  // With shared_ taken.
  [[gnu::noinline]] void TakeSlowly() {
    if (self_ == kNoThread) self_ = next_thread_.fetch_add(1, std::memory_order_relaxed);  // unique
    const uint32_t self = self_;
    // [bias.barrier] Pairs with SetBarrier().
    Barrier barrier = barrier_.load(std::memory_order_acquire);
    const uint32_t owner = owner_.load(std::memory_order_relaxed);  // changed under shared_ only
    if (owner != 0 && owner / kOwnersMax != self) {
      owner_.store(0, std::memory_order_release);  // [bias.owner]
      if (!barrier || barrier() != 0) {
        SetBarrier(barrier = nullptr);  // it was there once: nobody owns a lock from now on
        WaitForOthersStores();
      }
      // [bias.inside] Pairs with unlock().
      while (inside_[owner % kOwnersMax].load(std::memory_order_acquire) != 0) CpuRelax();
      if (needed_ < kNeededMax) needed_ *= 4;
      streak_ = 0;
    }
    holds_shared_ = true;
    streak_ = last_ == self ? streak_ + 1 : 1;
    last_ = self;
    if (streak_ < needed_ || !barrier || needed_ >= kNeededMax) return;
    for (uint32_t word = 0; word < kOwnersMax; ++word) {
      if (owners_[word] == 0) owners_[word] = self;
      if (owners_[word] != self) continue;
      owner_.store(self * kOwnersMax + word, std::memory_order_release);  // [bias.owner]
      return;
    }
  }

  static constexpr uint32_t kNeededFirst = 32;
  static constexpr uint32_t kNeededMax = kNeededFirst << 12;  // contended: never owned again

  inline static std::atomic<Barrier> barrier_{nullptr};
  static constexpr uint32_t kOwnersMax = 4;  // threads, in the life of a lock
  static constexpr uint32_t kNoThread = 0xffffffff / kOwnersMax;
  inline static std::atomic<uint32_t> next_thread_{1};
  constinit inline static thread_local uint32_t self_ = kNoThread;

  std::atomic<uint32_t> owner_{0};                // thread * kOwnersMax + its word; 0: nobody
  std::atomic<uint8_t> inside_[kOwnersMax] = {};  // each written by one thread
  bool holds_shared_ = false;                     // how the lock is held; the holder's
  uint8_t entered_ = 0;                           // ... and its word
  SpinLock shared_;
  uint32_t owners_[kOwnersMax] = {};  // whose word is which; under shared_
  uint32_t last_ = 0;                 // these under shared_
  uint32_t streak_ = 0;
  uint32_t needed_ = kNeededFirst;
};

}  // namespace ringway

#endif  // ENGINE_BASE_BIASED_LOCK_H_
