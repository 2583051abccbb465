// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/epoll_poller.h"

#include <poll.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>

#include "ringway/driver_extension.h"

namespace ringway::driver {
namespace {

static_assert(EPOLLIN == POLLIN && EPOLLOUT == POLLOUT && EPOLLERR == POLLERR &&
              EPOLLHUP == POLLHUP && EPOLLRDHUP == POLLRDHUP);

constexpr size_t kEventCountMax = 64;

// Rounds up: waking a millisecond early would only mean to wait once more.
int ToMilliseconds(int64_t timeout_ns) {
  if (timeout_ns < 0) return -1;
  const int64_t timeout_ms = timeout_ns / 1'000'000 + (timeout_ns % 1'000'000 != 0);
  return static_cast<int>(std::min<int64_t>(timeout_ms, std::numeric_limits<int>::max()));
}

}  // namespace

OsResult<std::unique_ptr<Poller>> EpollPoller::Create(Statistics* statistics) {
  OsResult<std::unique_ptr<EpollPoller>> poller = CreateEpoll(statistics);
  if (!poller.ok()) return poller.error();
  return std::unique_ptr<Poller>(std::move(*poller));
}

OsResult<std::unique_ptr<EpollPoller>> EpollPoller::CreateEpoll(Statistics* statistics) {
  UniqueFd epoll(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.valid()) return LastOsError("epoll_create1");
  return std::unique_ptr<EpollPoller>(new EpollPoller(std::move(epoll), statistics));
}

bool EpollPoller::Add(uint64_t token, int fd, uint32_t events) {
  epoll_event event = {};
  event.events = events;
  event.data.u64 = token;
  statistics_->system_calls.Add();
  return epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void EpollPoller::Remove(uint64_t, int fd) {
  epoll_event unused = {};
  statistics_->system_calls.Add();
  epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, &unused);
}

int EpollPoller::Wait(std::span<Event> events, int64_t timeout_ns) {
  std::array<epoll_event, kEventCountMax> ready;
  const int count_max = static_cast<int>(std::min(events.size(), ready.size()));
  statistics_->system_calls.Add();
  const int count = epoll_wait(epoll_.get(), ready.data(), count_max, ToMilliseconds(timeout_ns));
  if (count < 0) return errno == EINTR ? 0 : -errno;
  for (int i = 0; i < count; ++i) events[i] = {ready[i].data.u64, ready[i].events};
  return count;
}

uint64_t EpollPoller::back_end() const { return RINGWAY_REACTOR_EPOLL; }

}  // namespace ringway::driver
