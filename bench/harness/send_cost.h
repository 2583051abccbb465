// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What sending costs the sender while the receiver is awake: single calls are timed, far enough
// apart that the receiver has taken each message and looks for the next.

#ifndef BENCH_HARNESS_SEND_COST_H_
#define BENCH_HARNESS_SEND_COST_H_

#include <string>

#include "bench/harness/case.h"
#include "bench/harness/channel.h"
#include "bench/harness/clock.h"
#include "bench/harness/fail.h"
#include "bench/harness/payload.h"
#include "bench/harness/roles.h"
#include "bench/harness/sampler.h"
#include "bench/harness/shared.h"

namespace ringway::bench {

inline constexpr uint64_t kSendCostGapNs = 1000;

// Times `send(stamp)`, called with 1, 2, ... and at last with kLastMark set.
template <typename Send>
Measurement TimeSends(const Pace& pace, Send send) {
  Sampler sampler(pace);
  const uint64_t gap = TicksFromNs(kSendCostGapNs);
  uint64_t stamp = 0;
  for (bool more = true; more;) {
    ++stamp;
    const uint64_t start = FencedTicks();
    send(stamp);
    const uint64_t end = FencedTicks();
    more = sampler.Add(start, end);
    while (Ticks() - end < gap) {
    }
  }
  send((stamp + 1) | kLastMark);
  return sampler.Finish();
}

template <Path P>
Outcome RunSendCost(const Pace& pace) {
  P path;
  const Shared<Measurement> found;
  const Role send = [&] {
    Channel auto channel = path.Open(Side::kFirst);
    *found = TimeSends(pace, [&](uint64_t stamp) {
      channel.Send([stamp](std::byte* message) { WriteEnds<P::kBytes>(message, stamp); });
    });
    Meet();
  };
  const Role receive = [&] {
    Channel auto channel = path.Open(Side::kSecond);
    uint64_t stamp = 0;
    for (uint64_t number = 1; (stamp & kLastMark) == 0; ++number) {
      channel.Receive([&](const std::byte* message) { stamp = ReadEnds<P::kBytes>(message); });
      if ((stamp & ~kMarks) != number) Fail("message " + std::to_string(number) + " is wrong");
    }
    Meet();
  };
  return RunCase({send, receive}, pace, found);
}

}  // namespace ringway::bench

#endif  // BENCH_HARNESS_SEND_COST_H_
