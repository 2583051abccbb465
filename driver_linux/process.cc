// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/process.h"

#include <pthread.h>

#include <atomic>
#include <cstdlib>

#include "ringway/driver_extension.h"

namespace ringway::driver {
namespace {

std::atomic<Process*> g_current{nullptr};

// [driver.process] Pairs with CurrentProcess(): whoever sees the pointer sees what it points to.
void Begin() {
  const Process* parent = g_current.load(std::memory_order_acquire);
  g_current.store(new Process(parent), std::memory_order_release);
}

bool BeginFirst() {
  Begin();
  pthread_atfork(nullptr, nullptr, Begin);
  std::atexit([] { CurrentProcess().reactor.StopAtExit(); });
  return true;
}

}  // namespace

uint64_t Process::BackEndInUse() const {
  const uint64_t reactor_back_end = statistics.reactor_back_end.Get();
  if (reactor_back_end == RINGWAY_REACTOR_NONE) return RINGWAY_DRIVER_BACK_END_NONE;
  if (!options.has_channels()) return RINGWAY_DRIVER_BACK_END_SOCKET;
  const bool has_words = statistics.poller_waits_on_words.Get() != 0;
  if (reactor_back_end == RINGWAY_REACTOR_EPOLL) {
    return has_words ? RINGWAY_DRIVER_BACK_END_FUTEX : RINGWAY_DRIVER_BACK_END_EPOLL;
  }
  return has_words ? RINGWAY_DRIVER_BACK_END_IO_URING_FUTEX : RINGWAY_DRIVER_BACK_END_IO_URING;
}

Process& CurrentProcess() {
  // [driver.process] Pairs with Begin().
  if (Process* process = g_current.load(std::memory_order_acquire)) return *process;
  static const bool begun = BeginFirst();
  static_cast<void>(begun);
  // [driver.process] Pairs with Begin().
  return *g_current.load(std::memory_order_acquire);
}

}  // namespace ringway::driver
