// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Calls through the interface layer, between two processes.

#ifndef BENCH_PATHS_CALL_H_
#define BENCH_PATHS_CALL_H_

#include <stddef.h>
#include <stdint.h>

#include <utility>

#include "bench/harness/fail.h"
#include "bench/paths/portal.h"
#include "ringway/driver_linux.h"
#include "ringway/interface.h"
#include "ringway/loop.h"
#include "ringway/server.h"

namespace ringway::bench {

struct Calls : Interface<Calls> {
  static constexpr InterfaceId kId = IdOf("ringway.bench.Calls");
  using Add = Method<Calls, "add", long(int, int, int&)>;
  // A message of that many words, looked at where it is.
  using Take = Method<Calls, "take", long(Array<const uint64_t>)>;
  using End = Method<Calls, "end", void(), SendOnly>;
  using Rpcs = ringway::Rpcs<Add, Take, End>;
};

// One end of the calls' path: a node of the C++ API, and its portal.
class CallEnd {
 public:
  CallEnd(UniqueFd transport, Side side)
      : node_(MakeNode(side == Side::kFirst), RingwayLinuxDriver()),
        portal_(ConnectTo(node_.get(), std::move(transport), side == Side::kFirst)) {}

  const Node& node() const { return node_; }
  Portal TakePortal() { return std::move(portal_); }

 private:
  Node node_;
  Portal portal_;
};

// Serves `object` until its `done` is set.
template <class Impl>
void ServeCalls(CallEnd end, Impl& object, RingwayWaitMode mode) {
  Loop loop(end.node(), mode);
  loop.Serve(end.TakePortal(), object);
  while (!object.done) {
    if (loop.RunOnce(Deadline::Never()) < 0) Fail("the loop of the server ended");
  }
}

inline Cap<Calls> CallsOf(CallEnd& end, RingwayWaitMode mode) {
  Cap<Calls> calls(end.TakePortal());
  calls.set_wait_mode(mode);
  return calls;
}

}  // namespace ringway::bench

#endif  // BENCH_PATHS_CALL_H_
