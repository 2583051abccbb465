// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#ifndef DRIVER_LINUX_POLLER_H_
#define DRIVER_LINUX_POLLER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "driver_linux/statistics.h"
#include "shm/os_result.h"

namespace ringway::driver {

// Tells which descriptors are ready, for as long as they are (level-triggered). This is all the
// reactor asks of the kernel's event interfaces, so that it can change from one to another at any
// time without losing anything. Used by one thread.
class Poller {
 public:
  struct Event {
    uint64_t token;
    uint32_t events;  // POLLIN, POLLOUT, POLLRDHUP, POLLERR, POLLHUP; POLLNVAL: cannot be watched
  };

  virtual ~Poller() = default;

  // Starts and stops to watch `fd`, which is watched under no other token meanwhile. Tokens are not
  // 0 and are not used again. Remove() comes before `fd` is closed.
  virtual bool Add(uint64_t token, int fd, uint32_t events) = 0;
  virtual void Remove(uint64_t token, int fd) = 0;

  // Waits up to `timeout_ns` (negative: for ever). Returns how many of `events` it filled, or
  // -errno when this poller is of no more use. May return 0 early.
  virtual int Wait(std::span<Event> events, int64_t timeout_ns) = 0;

  // Some can wait for words in memory, too, and wake those who do. A word gives one event, and none
  // once it is removed; then its memory may go. False, and nothing is done, if it cannot be
  // watched.
  virtual bool waits_on_words() const { return false; }
  virtual bool AddWord(uint64_t, const std::atomic<uint32_t>*, uint32_t) { return false; }
  virtual void RemoveWord(uint64_t) {}

  // Wakes all who wait for these words. False if they have to be woken in another way.
  virtual bool Wake(std::span<const std::atomic<uint32_t>* const>) { return false; }

  virtual uint64_t back_end() const = 0;  // RINGWAY_REACTOR_*
};

}  // namespace ringway::driver

#endif  // DRIVER_LINUX_POLLER_H_
