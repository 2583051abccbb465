// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#ifndef DRIVER_LINUX_IO_URING_POLLER_H_
#define DRIVER_LINUX_IO_URING_POLLER_H_

#include <liburing.h>

#include <unordered_map>
#include <vector>

#include "driver_linux/poller.h"

namespace ringway::driver {

// Each watch is a one-shot poll operation. Those that fired are submitted again by the same system
// call that waits for the next event, so a turn of the reactor costs one. One-shot operations look
// at the present state when they are submitted, which makes them level-triggered.
class IoUringPoller final : public Poller {
 public:
  // Fails wherever the kernel, a sandbox or the machine does not allow io_uring, or offers too
  // little.
  static OsResult<std::unique_ptr<Poller>> Create(Statistics* statistics);

  ~IoUringPoller() override;

  bool Add(uint64_t token, int fd, uint32_t events) override;
  void Remove(uint64_t token, int fd) override;
  int Wait(std::span<Event> events, int64_t timeout_ns) override;
  uint64_t back_end() const override;

 private:
  struct Watch {
    int fd;
    uint32_t events;
  };

  IoUringPoller(const io_uring& ring, Statistics* statistics)
      : ring_(ring), statistics_(statistics) {}

  io_uring_sqe* NextSubmission();
  bool SubmitUnarmed();
  int Reap(std::span<Event> events);

  io_uring ring_;
  Statistics* const statistics_;
  std::unordered_map<uint64_t, Watch> watches_;  // by token
  std::vector<uint64_t> unarmed_;                // tokens, some of which may be removed already
};

}  // namespace ringway::driver

#endif  // DRIVER_LINUX_IO_URING_POLLER_H_
