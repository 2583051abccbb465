// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef RING_BASE_SPIN_BUDGET_H_
#define RING_BASE_SPIN_BUDGET_H_

#include <algorithm>
#include <cstdint>
#include <thread>

namespace ringway {

// How long a thread looks before it sleeps: longer while that succeeds, shorter
// while it is in vain, for instance because the peer needs this processor.
class SpinBudget {
 public:
  static constexpr uint64_t kDefaultMaxNs = 50'000;
  static constexpr uint64_t kAlways = UINT64_MAX;  // never sleep

  explicit SpinBudget(uint64_t max_ns = kDefaultMaxNs) : max_ns_(max_ns), ns_(max_ns) {}

  // For the next wait.
  uint64_t ns() {
    static const bool alone = std::thread::hardware_concurrency() <= 1;
    if (max_ns_ == kAlways) return kAlways;
    if (alone) return 0;
    return ++waits_ % kProbeEvery == 0 ? max_ns_ : ns_;
  }

  // How that wait went.
  void Report(bool succeeded) {
    const uint64_t min_ns = std::min(kMinNs, max_ns_);
    ns_ = succeeded ? std::min(ns_ * 2, max_ns_) : std::max(ns_ / 2, min_ns);
  }

 private:
  static constexpr uint64_t kMinNs = 1'000;
  static constexpr uint32_t kProbeEvery = 16;
  uint64_t max_ns_;
  uint64_t ns_;
  uint32_t waits_ = 0;
};

}  // namespace ringway

#endif  // RING_BASE_SPIN_BUDGET_H_
