// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#ifndef DRIVER_LINUX_PROCESS_H_
#define DRIVER_LINUX_PROCESS_H_

#include <cstdint>
#include <mutex>
#include <string>
#include <utility>

#include "driver_linux/barrier.h"
#include "driver_linux/options.h"
#include "driver_linux/reactor.h"
#include "driver_linux/registry.h"
#include "driver_linux/statistics.h"

namespace ringway::driver {

// Why a transport of this process last ended with an error.
class LastFailure {
 public:
  void Set(std::string reason) {
    std::lock_guard lock(mutex_);
    reason_ = std::move(reason);
  }
  std::string Get() const {
    std::lock_guard lock(mutex_);
    return reason_;
  }

 private:
  mutable std::mutex mutex_;
  std::string reason_;
};

// All state of the driver in this process. A child that fork() made gets a fresh one: the handles
// it inherited are refused (FAILED_PRECONDITION) and its parent's threads and locks play no part in
// it, but it may begin anew. Never destroyed, since threads may use it until the last instruction
// of the process.
struct Process {
  explicit Process(const Process* parent)
      : parent(parent),
        epoch(parent ? parent->epoch + 1 : 0),
        options(parent ? Options(parent->options) : Options()),
        registry(epoch),
        reactor(&statistics, &options) {}

  // RINGWAY_DRIVER_BACK_END_*
  uint64_t BackEndInUse() const;

  const Process* const parent;  // keeps what it owns reachable, for leak checkers
  const uint64_t epoch;         // how many forks away from the first process
  Options options;
  Statistics statistics;
  LastFailure last_failure;
  ProcessBarrier barrier;
  Registry registry;
  Reactor reactor;
};

Process& CurrentProcess();

}  // namespace ringway::driver

#endif  // DRIVER_LINUX_PROCESS_H_
