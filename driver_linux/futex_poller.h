// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#ifndef DRIVER_LINUX_FUTEX_POLLER_H_
#define DRIVER_LINUX_FUTEX_POLLER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "driver_linux/epoll_poller.h"
#include "driver_linux/poller.h"
#include "shm/unique_fd.h"

namespace ringway::driver {

// Sleeps in futex_waitv() on all words (up to 126; others cannot be watched). A thread of its own
// waits for the descriptors and then changes one word more, the bell.
class FutexPoller final : public Poller {
 public:
  // Fails where the kernel (before 5.16), or a sandbox, has no futex_waitv().
  static OsResult<std::unique_ptr<Poller>> Create(Statistics* statistics);

  ~FutexPoller() override;

  bool Add(uint64_t token, int fd, uint32_t events) override {
    return epoll_->Add(token, fd, events);
  }
  void Remove(uint64_t token, int fd) override { epoll_->Remove(token, fd); }
  int Wait(std::span<Event> events, int64_t timeout_ns) override;
  bool waits_on_words() const override { return true; }
  bool AddWord(uint64_t token, const std::atomic<uint32_t>* word, uint32_t value) override;
  void RemoveWord(uint64_t token) override;
  uint64_t back_end() const override { return epoll_->back_end(); }

 private:
  struct Word {
    uint64_t token;
    const std::atomic<uint32_t>* word;
    uint32_t value;
  };

  FutexPoller(std::unique_ptr<EpollPoller> epoll, UniqueFd stop, Statistics* statistics);

  void WatchDescriptors();
  size_t TakeChanged(std::span<Event> events);

  std::unique_ptr<EpollPoller> epoll_;
  UniqueFd stop_;  // an eventfd, readable once the other thread has to end
  Statistics* const statistics_;
  std::vector<Word> words_;

  std::atomic<uint32_t> bell_{0};      // descriptors are ready
  std::atomic<uint32_t> answered_{0};  // the last value of the bell that was answered
  std::thread watcher_;
};

}  // namespace ringway::driver

#endif  // DRIVER_LINUX_FUTEX_POLLER_H_
