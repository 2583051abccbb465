// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#ifndef DRIVER_LINUX_BARRIER_H_
#define DRIVER_LINUX_BARRIER_H_

#include <atomic>

namespace ringway::driver {

// membarrier(GLOBAL_EXPEDITED): a full barrier on all running threads of all processes that
// registered.
class ProcessBarrier {
 public:
  // Registers this process with the first call. False where the kernel, or a sandbox, refuses.
  bool IsAvailable();

  // False unless it was done.
  bool Execute();

 private:
  enum State : int { kUnknown, kRefused, kRegistered };

  std::atomic<int> state_{kUnknown};
};

}  // namespace ringway::driver

#endif  // DRIVER_LINUX_BARRIER_H_
