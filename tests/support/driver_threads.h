// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef TESTS_SUPPORT_DRIVER_THREADS_H_
#define TESTS_SUPPORT_DRIVER_THREADS_H_

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/support/sync_endpoint.h"

namespace ringway::testing {

// The threads on which asynchronous endpoints call their handlers: those of one
// endpoint one after the other, those of several at once.
class DriverThreads {
 public:
  static DriverThreads& Get();
  ~DriverThreads();

  void Schedule(std::shared_ptr<SyncEndpoint> end);

 private:
  static constexpr size_t kThreads = 3;
  DriverThreads();
  void Run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<SyncEndpoint>> scheduled_;
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace ringway::testing

#endif  // TESTS_SUPPORT_DRIVER_THREADS_H_
