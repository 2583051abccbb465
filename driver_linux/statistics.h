// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#ifndef DRIVER_LINUX_STATISTICS_H_
#define DRIVER_LINUX_STATISTICS_H_

#include <atomic>
#include <cstdint>

namespace ringway::driver {

// A number that many threads count up. Relaxed is enough, here and below: nothing else is published
// with it, and whoever reads a statistic reads one of its values.
class Counter {
 public:
  void Add(uint64_t amount = 1) { value_.fetch_add(amount, std::memory_order_relaxed); }
  void Subtract(uint64_t amount = 1) { value_.fetch_sub(amount, std::memory_order_relaxed); }
  void Set(uint64_t value) { value_.store(value, std::memory_order_relaxed); }
  uint64_t Get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

// The counters of RingwayDriverStatistics, which says what they mean.
struct Statistics {
  Counter messages_sent;
  Counter messages_received;
  Counter bytes_sent;
  Counter bytes_received;
  Counter handles_sent;
  Counter handles_received;
  Counter system_calls;
  Counter words_woken;
  Counter word_waits;
  Counter barriers;
  Counter reactor_back_end;
  Counter socket_messages_sent;  // the others went through channels
  Counter record_wakes_sent;     // to who waits for messages
  Counter room_wakes_sent;       // to who waits for room
  Counter poller_waits_on_words;
  Counter has_sqpoll;
};

}  // namespace ringway::driver

#endif  // DRIVER_LINUX_STATISTICS_H_
