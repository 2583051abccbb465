// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What do a Put and a Get cost between two portals of one node, in one thread?

#include <stddef.h>
#include <stdint.h>

#include <string>
#include <thread>

#include "bench/cases.h"
#include "bench/harness/rate.h"
#include "bench/paths/portal.h"
#include "ringway/driver_linux.h"

namespace ringway::bench {
namespace {

// Two portals of one node; what is sent into the first is received from the second.
class LocalPortals {
 public:
  LocalPortals() {
    Require(Ipcz().CreateNode(RingwayLinuxDriver(), IPCZ_INVALID_DRIVER_HANDLE,
                              IPCZ_CREATE_NODE_AS_BROKER, nullptr, &node_),
            "CreateNode");
    Require(Ipcz().OpenPortals(node_, IPCZ_NO_FLAGS, nullptr, &first_, &second_), "OpenPortals");
  }
  ~LocalPortals() {
    for (const IpczHandle handle : {first_, second_, node_}) {
      Ipcz().Close(handle, IPCZ_NO_FLAGS, nullptr);
    }
  }
  LocalPortals(const LocalPortals&) = delete;
  LocalPortals& operator=(const LocalPortals&) = delete;

  IpczHandle first() const { return first_; }
  IpczHandle second() const { return second_; }

 private:
  IpczHandle node_ = IPCZ_INVALID_HANDLE;
  IpczHandle first_ = IPCZ_INVALID_HANDLE;
  IpczHandle second_ = IPCZ_INVALID_HANDLE;
};

template <size_t kBytes, template <size_t, PortalWait, bool> typename Way>
Measurement MeasureLocal(const LocalPortals& portals, const Pace& pace) {
  Way<kBytes, PortalWait::kPoll, false> sender(portals.first());
  Way<kBytes, PortalWait::kPoll, false> receiver(portals.second());
  FloodStamps stamps(pace);
  FloodCheck<kBytes, Way<kBytes, PortalWait::kPoll, false>::kInPlace> check;
  while (!check.done()) {
    SendNext<kBytes>(sender, stamps);
    receiver.Receive([&](const std::byte* message) { check.Read(message); });
  }
  return check.Finish();
}

// `threads` at first touch the portals, so that none of them can take itself for the only one.
template <size_t kBytes, template <size_t, PortalWait, bool> typename Way, size_t kThreads>
Outcome RunLocal(const Pace& pace) {
  const Shared<Measurement> found;
  const Role measure = [&] {
    const LocalPortals portals;
    for (size_t i = 1; i < kThreads; ++i) {
      std::thread([&] { MeasureLocal<kBytes, Way>(portals, {.measure_ns = 0}); }).join();
    }
    *found = MeasureLocal<kBytes, Way>(portals, pace);
  };
  return RunCase({measure}, pace, found);
}

}  // namespace

void AddLocalRates(Cases& cases) {
  ForEachSize([&](auto bytes) {
    cases.push_back({CaseName("rate/portal_local", bytes), bytes, RunLocal<bytes, PortalCopy, 1>});
  });
  cases.push_back({CaseName("rate/portal_local_shared", 8), 8, RunLocal<8, PortalCopy, 2>});
}

}  // namespace ringway::bench
