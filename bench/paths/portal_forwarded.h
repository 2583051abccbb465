// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// A pair of portals whose halves came to two processes through a third, the broker, and which needs
// that one no longer.

#ifndef BENCH_PATHS_PORTAL_FORWARDED_H_
#define BENCH_PATHS_PORTAL_FORWARDED_H_

#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "bench/harness/clock.h"
#include "bench/harness/round_trip.h"
#include "bench/paths/portal.h"
#include "bench/paths/stamped_parcel.h"

namespace ringway::bench {

// Waits until `node` forwards nothing, and has no more than `ends_max` ends of routes left.
inline void AwaitNoRelay(IpczHandle node, uint64_t ends_max) {
  constexpr uint64_t kPatienceNs = 5'000'000'000;
  const uint64_t deadline_ns = MonotonicNs() + kPatienceNs;
  RingwayNodeCounters now = {};
  now.size = sizeof(now);
  for (;;) {
    Require(RingwayApi().QueryNodeCounters(node, &now), "QueryNodeCounters");
    if (now.relays == 0 && now.route_ends <= ends_max) return;
    if (MonotonicNs() > deadline_ns) {
      Fail("after 5 s the broker still has " + std::to_string(now.relays) + " relays and " +
           std::to_string(now.route_ends) + " ends of routes");
    }
    usleep(1000);
  }
}

// The broker: hands on the portal that comes from one side, and sleeps while the sides talk.
inline void Forward(UniqueFd to_first, UniqueFd to_second) {
  const IpczHandle node = MakeNode(true);
  const IpczHandle first = ConnectTo(node, std::move(to_first), true);
  const IpczHandle second = ConnectTo(node, std::move(to_second), true);
  const StampedParcel sent = AwaitStamp<PortalWait::kPark>(first);
  PutStamp(second, sent.stamp, sent.portal);
  RequireStamp(AwaitStamp<PortalWait::kPark>(second).stamp, sent.stamp, "the answer to a portal");
  // Nothing is forwarded here any more; what is left of the route goes once its ends have been
  // read.
  AwaitNoRelay(node, UINT64_MAX);
  PutStamp(first, sent.stamp);
  RequireStamp(AwaitStamp<PortalWait::kPark>(first).stamp, kLastMark, "the last parcel");
  AwaitNoRelay(node, 2);
  Meet();
  for (const IpczHandle handle : {first, second, node}) ClosePortal(handle);
}

template <size_t kBytes>
Outcome RunForwardedRoundTrip(const Pace& pace) {
  using Ends = PortalCopy<kBytes, PortalWait::kPoll, false>;
  constexpr uint64_t kStamp = 1;
  PortalFds first_link;
  PortalFds second_link;
  const Shared<Measurement> found;
  const Role measure = [&] {
    const PortalEnd end(first_link.Take(Side::kSecond), Side::kSecond);
    IpczHandle kept = IPCZ_INVALID_HANDLE;
    IpczHandle sent = IPCZ_INVALID_HANDLE;
    Require(Ipcz().OpenPortals(end.node(), IPCZ_NO_FLAGS, nullptr, &kept, &sent), "OpenPortals");
    PutStamp(end.portal(), kStamp, sent);
    RequireStamp(AwaitStamp<PortalWait::kPark>(end.portal()).stamp, kStamp, "the broker's word");
    Ends channel(kept);
    *found = MeasureRoundTrips<kBytes>(channel, pace);
    PutStamp(end.portal(), kLastMark);
    Meet();
    ClosePortal(kept);
  };
  const Role echo = [&] {
    const PortalEnd end(second_link.Take(Side::kSecond), Side::kSecond);
    const StampedParcel carrier = AwaitStamp<PortalWait::kPark>(end.portal());
    RequireStamp(carrier.stamp, kStamp, "the portal that was sent on");
    if (carrier.portal == IPCZ_INVALID_HANDLE) Fail("no portal was sent on");
    PutStamp(end.portal(), carrier.stamp);
    Ends channel(carrier.portal);
    EchoRoundTrips<kBytes>(channel);
    Meet();
    ClosePortal(carrier.portal);
  };
  const Role forward = [&] {
    Forward(first_link.Take(Side::kFirst), second_link.Take(Side::kFirst));
  };
  return RunCase({measure, echo, forward}, pace, found);
}

}  // namespace ringway::bench

#endif  // BENCH_PATHS_PORTAL_FORWARDED_H_
