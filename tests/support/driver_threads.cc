// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "tests/support/driver_threads.h"

#include <utility>

namespace ringway::testing {

DriverThreads& DriverThreads::Get() {
  static DriverThreads threads;
  return threads;
}

DriverThreads::DriverThreads() {
  for (size_t i = 0; i < kThreads; ++i) threads_.emplace_back([this] { Run(); });
}

DriverThreads::~DriverThreads() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void DriverThreads::Schedule(std::shared_ptr<SyncEndpoint> end) {
  {
    std::lock_guard lock(mutex_);
    scheduled_.push_back(std::move(end));
  }
  changed_.notify_one();
}

void DriverThreads::Run() {
  for (;;) {
    std::shared_ptr<SyncEndpoint> end;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stop_ || !scheduled_.empty(); });
      if (scheduled_.empty()) return;  // with what is under way nodes come to their end
      end = std::move(scheduled_.front());
      scheduled_.pop_front();
    }
    if (end->RunScheduled()) Schedule(std::move(end));
  }
}

}  // namespace ringway::testing
