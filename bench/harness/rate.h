// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// How a one-way rate is measured: one side sends as fast as the path takes it, the other counts.

#ifndef BENCH_HARNESS_RATE_H_
#define BENCH_HARNESS_RATE_H_

#include <stdint.h>

#include <algorithm>
#include <string>

#include "bench/harness/case.h"
#include "bench/harness/channel.h"
#include "bench/harness/clock.h"
#include "bench/harness/fail.h"
#include "bench/harness/payload.h"
#include "bench/harness/roles.h"
#include "bench/harness/shared.h"

namespace ringway::bench {

// Numbers messages and marks the first that counts and the last.
class FloodStamps {
 public:
  explicit FloodStamps(const Pace& pace)
      : warm_from_(Ticks() + TicksFromNs(pace.warm_up_ns())),
        measure_(TicksFromNs(pace.measure_ns)) {}

  // `look_every` is a power of two: how many messages pass between two looks at the clock.
  uint64_t Next(uint64_t look_every) {
    const uint64_t number = next_++;
    if ((number & (look_every - 1)) != 0) return number;
    const uint64_t now = Ticks();
    if (!warm_ && now >= warm_from_) {
      warm_ = true;
      done_from_ = now + measure_;
      return number | kFirstMark;
    }
    return warm_ && now >= done_from_ ? number | kLastMark : number;
  }

 private:
  uint64_t next_ = 0;
  uint64_t warm_from_;
  uint64_t measure_;
  uint64_t done_from_ = 0;
  bool warm_ = false;
};

// Checks every byte of every message, and counts between the marks.
template <size_t kBytes, bool kInPlace>
class FloodCheck {
 public:
  void Read(const std::byte* message) {
    const uint64_t stamp = LoadWord(message);
    const uint64_t number = next_++;
    const uint64_t sum = kInPlace ? SumOfWhole<kBytes>(stamp) : SumOfPatched<kBytes>(stamp);
    if ((stamp & ~kMarks) != number || Sum<kBytes>(message) != sum) {
      Fail("message " + std::to_string(number) + " of a flood is wrong");
    }
    if (stamp & kMarks) [[unlikely]]
      Mark(stamp);
  }

  bool done() const { return done_; }
  Measurement Finish() const { return found_; }

 private:
  void Mark(uint64_t stamp) {
    const uint64_t number = stamp & ~kMarks;
    if (stamp & kFirstMark) {
      found_ = {.items = number, .elapsed_ns = MonotonicNs(), .cpu_ns = CpuNs()};
      return;
    }
    found_.items = number - found_.items;
    found_.elapsed_ns = MonotonicNs() - found_.elapsed_ns;
    found_.cpu_ns = CpuNs() - found_.cpu_ns;
    done_ = true;
  }

  uint64_t next_ = 0;
  bool done_ = false;
  Measurement found_;
};

// Sends the next message and returns its stamp.
template <size_t kBytes, Channel C>
uint64_t SendNext(C& channel, FloodStamps& stamps) {
  constexpr uint64_t kLookEvery = std::clamp<uint64_t>(65536 / kBytes, 1, 1024);
  const uint64_t stamp = stamps.Next(kLookEvery);
  channel.Send([stamp](std::byte* message) {
    if constexpr (C::kInPlace) {
      WriteWhole<kBytes>(message, stamp);
    } else {
      WriteEnds<kBytes>(message, stamp);
    }
  });
  return stamp;
}

template <size_t kBytes, Channel C>
void SendFlood(C& channel, const Pace& pace) {
  FloodStamps stamps(pace);
  while ((SendNext<kBytes>(channel, stamps) & kLastMark) == 0) {
  }
  FlushIfAny(channel);
}

template <size_t kBytes, Channel C>
Measurement ReceiveFlood(C& channel) {
  FloodCheck<kBytes, C::kInPlace> check;
  while (!check.done()) {
    channel.Receive([&](const std::byte* message) { check.Read(message); });
  }
  return check.Finish();
}

template <Path P>
Outcome RunRate(const Pace& pace) {
  P path;
  const Shared<Measurement> found;
  const Role send = [&] {
    Channel auto channel = path.Open(Side::kFirst);
    SendFlood<P::kBytes>(channel, pace);
    Meet();
  };
  const Role receive = [&] {
    Channel auto channel = path.Open(Side::kSecond);
    *found = ReceiveFlood<P::kBytes>(channel);
    Meet();
  };
  return RunCase({send, receive}, pace, found);
}

}  // namespace ringway::bench

#endif  // BENCH_HARNESS_RATE_H_
