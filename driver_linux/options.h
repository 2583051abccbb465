// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#ifndef DRIVER_LINUX_OPTIONS_H_
#define DRIVER_LINUX_OPTIONS_H_

#include <atomic>
#include <cstdint>

#include "ring/base/spin_budget.h"

namespace ringway::driver {

// How the reactor waits, and what carries messages. RINGWAY_DRIVER_BACK_END_* says more.
enum class BackEnd { kAuto, kEpoll, kIoUring, kIoUringFutex, kFutex, kSocket };

// What can be chosen for this process, and what was learned since. Each stands for itself, so the
// default order of atomics is more than enough.
struct Options {
  // As the environment says: RINGWAY_DRIVER_BACK_END, RINGWAY_REACTOR, RINGWAY_DRIVER_SPIN_US and
  // RINGWAY_DRIVER_SQPOLL_MS.
  Options();
  // For a forked child.
  Options(const Options& parent);

  std::atomic<BackEnd> back_end{BackEnd::kAuto};
  std::atomic<uint64_t> spin_ns{SpinBudget::kDefaultMaxNs};
  std::atomic<uint32_t> sqpoll_idle_ms{0};
  std::atomic<uint32_t> upgrade_after{8};      // messages over the socket before there is a channel
  std::atomic<bool> is_memory_refused{false};  // the kernel, or a sandbox, gives none

  bool has_channels() const { return back_end != BackEnd::kSocket && !is_memory_refused; }
};

}  // namespace ringway::driver

#endif  // DRIVER_LINUX_OPTIONS_H_
