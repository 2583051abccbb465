// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/futex_poller.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "driver_linux/words.h"
#include "ringway/driver_extension.h"

namespace ringway::driver {
namespace {

constexpr size_t kWordsMax = RINGWAY_WAIT_WORDS_MAX - 1;

bool HasFutexWaitv() {
  // One that has another value already.
  const std::atomic<uint32_t> word{1};
  const RingwayWord waited = {&word, 0};
  return FutexWaitAny({&waited, 1}, 0) == EAGAIN;
}

}  // namespace

OsResult<std::unique_ptr<Poller>> FutexPoller::Create(Statistics* statistics) {
  if (!HasFutexWaitv()) return OsError{"futex_waitv", ENOSYS};
  OsResult<std::unique_ptr<EpollPoller>> epoll = EpollPoller::CreateEpoll(statistics);
  if (!epoll.ok()) return epoll.error();
  UniqueFd stop(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!stop.valid()) return LastOsError("eventfd");
  try {
    return std::unique_ptr<Poller>(new FutexPoller(std::move(*epoll), std::move(stop), statistics));
  } catch (const std::system_error& error) {
    return OsError{"pthread_create", error.code().value()};
  }
}

FutexPoller::FutexPoller(std::unique_ptr<EpollPoller> epoll, UniqueFd stop, Statistics* statistics)
    : epoll_(std::move(epoll)),
      stop_(std::move(stop)),
      statistics_(statistics),
      watcher_([this] { WatchDescriptors(); }) {}

FutexPoller::~FutexPoller() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(stop_.get(), &one, sizeof(one));
  answered_ = bell_ + 1;
  FutexWake(&answered_);
  watcher_.join();
}

// On the other thread.
void FutexPoller::WatchDescriptors() {
  pthread_setname_np(pthread_self(), "ringway-fd");
  for (;;) {
    std::array<pollfd, 2> ready = {pollfd{stop_.get(), POLLIN, 0},
                                   pollfd{epoll_->descriptor(), POLLIN, 0}};
    if (poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR) return;
    if (ready[0].revents != 0) return;
    if (ready[1].revents == 0) continue;
    const uint32_t rung = ++bell_;
    FutexWake(&bell_);
    // Until they have been looked at they stay ready.
    for (uint32_t answered = answered_; answered < rung; answered = answered_) {
      const RingwayWord waited = {&answered_, answered};
      if (FutexWaitAny({&waited, 1}, UINT64_MAX) == EPERM) return;
    }
  }
}

bool FutexPoller::AddWord(uint64_t token, const std::atomic<uint32_t>* word, uint32_t value) {
  if (words_.size() == kWordsMax) return false;
  words_.push_back({token, word, value});
  return true;
}

void FutexPoller::RemoveWord(uint64_t token) {
  std::erase_if(words_, [&](const Word& word) { return word.token == token; });
}

size_t FutexPoller::TakeChanged(std::span<Event> events) {
  size_t count = 0;
  std::erase_if(words_, [&](const Word& word) {
    // Relaxed: the client looks for itself, with the order it needs there.
    const bool is_due =
        count < events.size() && word.word->load(std::memory_order_relaxed) != word.value;
    if (is_due) events[count++] = {word.token, 0};
    return is_due;
  });
  return count;
}

int FutexPoller::Wait(std::span<Event> events, int64_t timeout_ns) {
  const uint32_t answered = answered_;
  size_t count = TakeChanged(events);
  if (count == 0 && timeout_ns != 0 && bell_ == answered) {
    std::array<RingwayWord, RINGWAY_WAIT_WORDS_MAX> waited;
    waited[0] = {&bell_, answered};
    for (size_t i = 0; i < words_.size(); ++i) {
      waited[i + 1] = {words_[i].word, words_[i].value};
    }
    statistics_->system_calls.Add();
    const int error = FutexWaitAny(std::span(waited).first(words_.size() + 1),
                                   timeout_ns < 0 ? UINT64_MAX : static_cast<uint64_t>(timeout_ns));
    if (error == ENOSYS || error == EPERM) return -error;
    count = TakeChanged(events);
  }
  const uint32_t rung = bell_;
  const int ready = epoll_->Wait(events.subspan(count), 0);
  if (rung != answered) {
    answered_ = rung;
    statistics_->system_calls.Add();
    FutexWake(&answered_);
  }
  return ready < 0 ? ready : static_cast<int>(count) + ready;
}

}  // namespace ringway::driver
