// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// How a round trip is measured: one side sends a number, the other sends it back, one at a time.

#ifndef BENCH_HARNESS_ROUND_TRIP_H_
#define BENCH_HARNESS_ROUND_TRIP_H_

#include <stdint.h>

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

// The side that measures: Write() and Read() by turns, Write() first, until done().
template <size_t kBytes>
class Ping {
 public:
  explicit Ping(const Pace& pace) : sampler_(pace), sent_(Ticks()) {}

  void Write(std::byte* message) { WriteEnds<kBytes>(message, stamp_); }

  // Returns whether Write() must follow.
  bool Read(const std::byte* message) {
    const uint64_t now = Ticks();
    if (ReadEnds<kBytes>(message) != stamp_) {
      Fail("the echo of message " + std::to_string(stamp_ & ~kMarks) + " is wrong");
    }
    if (stamp_ & kLastMark) {
      done_ = true;
      return false;
    }
    ++stamp_;
    if (!sampler_.Add(sent_, now)) stamp_ |= kLastMark;
    sent_ = now;
    return true;
  }

  bool done() const { return done_; }
  Measurement Finish() { return sampler_.Finish(); }

 private:
  Sampler sampler_;
  uint64_t stamp_ = 1;
  uint64_t sent_;
  bool done_ = false;
};

// The side that echoes: Read() and Write() by turns, Read() first, until done().
template <size_t kBytes>
class Pong {
 public:
  bool Read(const std::byte* message) {
    stamp_ = ReadEnds<kBytes>(message);
    if ((stamp_ & ~kMarks) != ++count_) {
      Fail("message " + std::to_string(count_) + " of a round trip is wrong");
    }
    return true;
  }

  void Write(std::byte* message) {
    WriteEnds<kBytes>(message, stamp_);
    done_ = (stamp_ & kLastMark) != 0;
  }

  bool done() const { return done_; }

 private:
  uint64_t stamp_ = 0;
  uint64_t count_ = 0;
  bool done_ = false;
};

template <size_t kBytes, Channel C>
Measurement MeasureRoundTrips(C& channel, const Pace& pace) {
  Ping<kBytes> ping(pace);
  while (!ping.done()) {
    channel.Send([&](std::byte* message) { ping.Write(message); });
    channel.Receive([&](const std::byte* message) { ping.Read(message); });
  }
  return ping.Finish();
}

template <size_t kBytes, Channel C>
void EchoRoundTrips(C& channel) {
  Pong<kBytes> pong;
  while (!pong.done()) {
    channel.Receive([&](const std::byte* message) { pong.Read(message); });
    channel.Send([&](std::byte* message) { pong.Write(message); });
  }
}

template <Path P>
Outcome RunRoundTrip(const Pace& pace) {
  P path;
  const Shared<Measurement> found;
  const Role measure = [&] {
    Channel auto channel = path.Open(Side::kFirst);
    *found = MeasureRoundTrips<P::kBytes>(channel, pace);
    Meet();
  };
  const Role echo = [&] {
    Channel auto channel = path.Open(Side::kSecond);
    EchoRoundTrips<P::kBytes>(channel);
    Meet();
  };
  return RunCase({measure, echo}, pace, found);
}

}  // namespace ringway::bench

#endif  // BENCH_HARNESS_ROUND_TRIP_H_
