// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Many pairs of portals across one link, of which one is in use.

#ifndef BENCH_PATHS_PORTAL_MANY_H_
#define BENCH_PATHS_PORTAL_MANY_H_

#include <stddef.h>
#include <stdint.h>

#include <algorithm>
#include <vector>

#include "bench/harness/clock.h"
#include "bench/harness/memory_use.h"
#include "bench/harness/round_trip.h"
#include "bench/paths/portal.h"
#include "bench/paths/stamped_parcel.h"

namespace ringway::bench {

using ManyPortalsChannel = PortalCopy<8, PortalWait::kPoll, false>;

// How much more memory this process has than it had.
inline uint64_t GrowthSince(uint64_t before) {
  const uint64_t now = ProportionalMemory();
  return now > before ? now - before : 0;
}

// The side that opens pairs, and measures.
inline Measurement MeasureAmong(const PortalEnd& end, const Pace& pace, size_t num_pairs) {
  const IpczHandle link = end.portal();
  std::vector<IpczHandle> portals(num_pairs);
  PutStamp(link, 0);
  RequireStamp(AwaitStamp<PortalWait::kPoll>(link).stamp, 0, "the word that the other side began");
  const uint64_t before = ProportionalMemory();
  const uint64_t start_ns = MonotonicNs();
  for (size_t i = 0; i < num_pairs; ++i) {
    IpczHandle sent = IPCZ_INVALID_HANDLE;
    Require(Ipcz().OpenPortals(end.node(), IPCZ_NO_FLAGS, nullptr, &portals[i], &sent),
            "OpenPortals");
    PutStamp(link, i + 1, sent);
  }
  const uint64_t arrived = AwaitStamp<PortalWait::kPoll>(link).stamp;
  const uint64_t elapsed_ns = MonotonicNs() - start_ns;
  RequireStamp(arrived, num_pairs, "the word that all portals arrived");
  PutStamp(link, 0);
  const uint64_t theirs = AwaitStamp<PortalWait::kPoll>(link).stamp;
  const uint64_t ours = GrowthSince(before);
  PutStamp(link, 0);
  ManyPortalsChannel channel(portals[num_pairs / 2]);
  Measurement found = MeasureRoundTrips<8>(channel, pace);
  const auto count = static_cast<double>(num_pairs);
  found.pairs_per_second = count * 1e9 / static_cast<double>(std::max<uint64_t>(elapsed_ns, 1));
  found.bytes_each = static_cast<double>(ours + theirs) / count;
  return found;
}

inline void EchoAmong(const PortalEnd& end, size_t num_pairs) {
  const IpczHandle link = end.portal();
  std::vector<IpczHandle> portals(num_pairs);
  const auto await_zero = [&] {
    RequireStamp(AwaitStamp<PortalWait::kPoll>(link).stamp, 0, "a word to go on");
  };
  await_zero();
  const uint64_t before = ProportionalMemory();
  PutStamp(link, 0);
  for (size_t i = 0; i < num_pairs; ++i) {
    const StampedParcel parcel = AwaitStamp<PortalWait::kPoll>(link);
    RequireStamp(parcel.stamp, i + 1, "a portal that was received");
    if (parcel.portal == IPCZ_INVALID_HANDLE) Fail("a parcel came without its portal");
    portals[i] = parcel.portal;
  }
  PutStamp(link, num_pairs);
  await_zero();
  PutStamp(link, GrowthSince(before));
  await_zero();
  ManyPortalsChannel channel(portals[num_pairs / 2]);
  EchoRoundTrips<8>(channel);
}

// The pairs are left to the end of the processes.
inline Outcome RunAmong(const Pace& pace, size_t num_pairs) {
  constexpr uint64_t kNsForOneMax = 1'000'000;  // to open a pair and send it, on a busy machine
  PortalFds fds;
  const Shared<Measurement> found;
  const Role measure = [&] {
    const PortalEnd end(fds.Take(Side::kFirst), Side::kFirst);
    *found = MeasureAmong(end, pace, num_pairs);
    Meet();
  };
  const Role echo = [&] {
    const PortalEnd end(fds.Take(Side::kSecond), Side::kSecond);
    EchoAmong(end, num_pairs);
    Meet();
  };
  std::string error = RunRoles({measure, echo}, pace.timeout_ns() + num_pairs * kNsForOneMax);
  return {*found, std::move(error)};
}

}  // namespace ringway::bench

#endif  // BENCH_PATHS_PORTAL_MANY_H_
