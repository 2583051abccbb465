// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#ifndef DRIVER_LINUX_EPOLL_POLLER_H_
#define DRIVER_LINUX_EPOLL_POLLER_H_

#include "driver_linux/poller.h"
#include "shm/unique_fd.h"

namespace ringway::driver {

class EpollPoller final : public Poller {
 public:
  static OsResult<std::unique_ptr<Poller>> Create(Statistics* statistics);
  static OsResult<std::unique_ptr<EpollPoller>> CreateEpoll(Statistics* statistics);

  // Readable when Wait() would find something.
  int descriptor() const { return epoll_.get(); }

  bool Add(uint64_t token, int fd, uint32_t events) override;
  void Remove(uint64_t token, int fd) override;
  int Wait(std::span<Event> events, int64_t timeout_ns) override;
  uint64_t back_end() const override;

 private:
  EpollPoller(UniqueFd epoll, Statistics* statistics)
      : epoll_(std::move(epoll)), statistics_(statistics) {}

  const UniqueFd epoll_;
  Statistics* const statistics_;
};

}  // namespace ringway::driver

#endif  // DRIVER_LINUX_EPOLL_POLLER_H_
