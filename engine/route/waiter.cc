// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/route/waiter.h"

#include <algorithm>
#include <chrono>

namespace ringway {

namespace {

// A hostile peer can requeue a thread that sleeps on its word, so no sleep is
// longer than this.
constexpr uint64_t kSleepMaxNs = 50'000'000;

}  // namespace

void Waiter::Kick() {
  {
    std::lock_guard lock(mutex_);
    // [waiter.kick] Pairs with kicks(): what the thread is to find is there.
    kicks_.fetch_add(1, std::memory_order_release);
  }
  if (driver_->can_wait_on_words()) {
    driver_->WakeWord(&kicks_);
  } else {
    kicked_.notify_all();
  }
}

void Waiter::Sleep(uint32_t kicks, std::vector<RingwayWord>* words, uint64_t timeout_ns) {
  timeout_ns = std::min(timeout_ns, kSleepMaxNs);
  if (driver_->can_wait_on_words()) {
    words->push_back({&kicks_, kicks});
    driver_->WaitWords(*words, timeout_ns);
    return;
  }
  std::unique_lock lock(mutex_);
  kicked_.wait_for(lock, std::chrono::nanoseconds(timeout_ns), [&] {
    return kicks_.load(std::memory_order_relaxed) != kicks;  // changed under mutex_
  });
}

}  // namespace ringway
