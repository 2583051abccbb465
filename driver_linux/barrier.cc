// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/barrier.h"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace ringway::driver {
namespace {

bool Membarrier(int command) { return syscall(SYS_membarrier, command, 0, 0) == 0; }

}  // namespace

// Relaxed in both: the state guards no other data, and the system call orders whatever it has to.
// Two threads that are first at once both register, which does no harm.
bool ProcessBarrier::IsAvailable() {
  int state = state_.load(std::memory_order_relaxed);
  if (state == kUnknown) {
    const bool registered = Membarrier(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED);
    state = registered && Membarrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED) ? kRegistered : kRefused;
    state_.store(state, std::memory_order_relaxed);
  }
  return state == kRegistered;
}

bool ProcessBarrier::Execute() {
  return IsAvailable() && Membarrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED);
}

}  // namespace ringway::driver
