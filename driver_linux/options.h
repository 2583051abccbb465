// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#ifndef DRIVER_LINUX_OPTIONS_H_
#define DRIVER_LINUX_OPTIONS_H_

#include <atomic>
#include <cstdint>

#include "ring/base/spin_budget.h"

namespace ringway::driver {

// What can be chosen for this process. Read where it is needed; each stands for itself, so the
// default order of atomics is more than enough.
struct Options {
  std::atomic<uint64_t> spin_ns{SpinBudget::kDefaultMaxNs};
  std::atomic<uint32_t> upgrade_after{8};  // messages over the socket before there is a channel
  std::atomic<bool> has_channels{true};    // until chosen otherwise, or memory is refused
};

}  // namespace ringway::driver

#endif  // DRIVER_LINUX_OPTIONS_H_
