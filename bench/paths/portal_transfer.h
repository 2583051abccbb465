// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Portal transfers: open a pair, send one half to the other process, ping through it both ways and
// close it, up to a number of pairs at a time. Both ends look for parcels all the time.

#ifndef BENCH_PATHS_PORTAL_TRANSFER_H_
#define BENCH_PATHS_PORTAL_TRANSFER_H_

#include <stddef.h>
#include <stdint.h>

#include <vector>

#include "bench/harness/case.h"
#include "bench/harness/clock.h"
#include "bench/harness/roles.h"
#include "bench/harness/sampler.h"
#include "bench/harness/shared.h"
#include "bench/paths/portal.h"
#include "bench/paths/stamped_parcel.h"

namespace ringway::bench {

// A pair of which one half has been sent away with a ping behind it, and no echo is here yet.
struct Transfer {
  uint64_t start = 0;  // in ticks
  uint64_t stamp = 0;
  IpczHandle portal = IPCZ_INVALID_HANDLE;
};

inline Transfer BeginTransfer(const PortalEnd& end, uint64_t stamp) {
  Transfer transfer = {.start = Ticks(), .stamp = stamp};
  IpczHandle sent = IPCZ_INVALID_HANDLE;
  Require(Ipcz().OpenPortals(end.node(), IPCZ_NO_FLAGS, nullptr, &transfer.portal, &sent),
          "OpenPortals");
  PutStamp(end.portal(), stamp, sent);
  PutStamp(transfer.portal, stamp);
  return transfer;
}

inline void EndTransfer(const Transfer& transfer, const StampedParcel& echo) {
  RequireStamp(echo.stamp, transfer.stamp, "the echo through a portal that was sent");
  ClosePortal(transfer.portal);
}

inline void EchoTransfer(const StampedParcel& carrier, const StampedParcel& ping) {
  RequireStamp(ping.stamp, carrier.stamp, "the ping through a portal that was received");
  PutStamp(carrier.portal, ping.stamp);
  ClosePortal(carrier.portal);
}

// What tells the other process that there were `count` transfers, and that these were all.
inline void PutLastStamp(const PortalEnd& end, uint64_t count) {
  PutStamp(end.portal(), count | kLastMark);
}

inline void RequireLast(const StampedParcel& parcel, uint64_t count) {
  RequireStamp(parcel.stamp, count | kLastMark, "the parcel after the last transfer");
}

inline Measurement PollTransfers(const PortalEnd& end, const Pace& pace, size_t depth) {
  OverlapSampler sampler(pace);
  std::vector<Transfer> transfers(depth);
  uint64_t begun = 0;
  bool more = true;
  for (uint64_t ended = 0; more || ended < begun; ++ended) {
    for (; more && begun - ended < depth; ++begun) {
      transfers[begun % depth] = BeginTransfer(end, begun + 1);
    }
    const Transfer& oldest = transfers[ended % depth];
    EndTransfer(oldest, AwaitStamp<PortalWait::kPoll>(oldest.portal));
    if (more) more = sampler.Add(oldest.start, Ticks());
  }
  PutLastStamp(end, begun);
  return sampler.Finish();
}

inline void PollEchoes(const PortalEnd& end) {
  for (uint64_t count = 0;; ++count) {
    const StampedParcel carrier = AwaitStamp<PortalWait::kPoll>(end.portal());
    if (carrier.portal == IPCZ_INVALID_HANDLE) return RequireLast(carrier, count);
    RequireStamp(carrier.stamp, count + 1, "a portal that was received");
    EchoTransfer(carrier, AwaitStamp<PortalWait::kPoll>(carrier.portal));
  }
}

inline Outcome RunTransfers(const Pace& pace, size_t depth) {
  PortalFds fds;
  const Shared<Measurement> found;
  const Role measure = [&] {
    const PortalEnd end(fds.Take(Side::kFirst), Side::kFirst);
    *found = PollTransfers(end, pace, depth);
    Meet();
  };
  const Role echo = [&] {
    const PortalEnd end(fds.Take(Side::kSecond), Side::kSecond);
    PollEchoes(end);
    Meet();
  };
  return RunCase({measure, echo}, pace, found);
}

}  // namespace ringway::bench

#endif  // BENCH_PATHS_PORTAL_TRANSFER_H_
