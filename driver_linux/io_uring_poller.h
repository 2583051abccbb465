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
//
// Words are waited for and woken with futex operations, where the kernel has them (6.7).
//
// With SQPOLL a thread of the kernel's takes submissions, so that to submit, and to look for what
// has happened without waiting, is no system call while that thread is awake.
class IoUringPoller final : public Poller {
 public:
  // Fails wherever the kernel, a sandbox or the machine does not allow io_uring, or offers too
  // little.
  // `sqpoll_idle_ms`: after which time without submissions the kernel's thread sleeps; 0, or where
  // there can be none: without one.
  static OsResult<std::unique_ptr<Poller>> Create(Statistics* statistics, bool with_words,
                                                  uint32_t sqpoll_idle_ms);

  ~IoUringPoller() override;

  bool Add(uint64_t token, int fd, uint32_t events) override;
  void Remove(uint64_t token, int fd) override;
  int Wait(std::span<Event> events, int64_t timeout_ns) override;
  bool waits_on_words() const override { return has_words_; }
  bool AddWord(uint64_t token, const std::atomic<uint32_t>* word, uint32_t value) override;
  void RemoveWord(uint64_t token) override;
  bool Wake(std::span<const std::atomic<uint32_t>* const> words) override;
  uint64_t back_end() const override;

 private:
  struct Watch {
    int fd;  // or kWord
    uint32_t events;
    const std::atomic<uint32_t>* word;
    uint32_t value;
  };
  static constexpr int kWord = -1;

  IoUringPoller(const io_uring& ring, Statistics* statistics, bool has_words);

  io_uring_sqe* NextSubmission();
  int Submit();
  bool IsQuiet() const;
  bool SubmitUnarmed();
  int Reap(std::span<Event> events);

  io_uring ring_;
  Statistics* const statistics_;
  const bool has_thread_;  // of the kernel's
  bool has_words_;
  std::unordered_map<uint64_t, Watch> watches_;  // by token
  std::vector<uint64_t> unarmed_;                // tokens, some of which may be removed already
};

}  // namespace ringway::driver

#endif  // DRIVER_LINUX_IO_URING_POLLER_H_
