// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "ringway/idl.h"

#include <memory>
#include <new>
#include <utility>

#include "ringway/loop.h"
#include "ringway/names.h"

using ringway::Cap;
using ringway::Deadline;
using ringway::Loop;
using ringway::Names;
using ringway::NodeAndDriver;
using ringway::Portal;
using ringway::Target;
using ringway::idl::Anything;

struct RingwayLoop {
  Loop loop;
};

namespace {

long MakeCap(Target target, RingwayCap** cap) {
  *cap = new (std::nothrow) RingwayCap{Cap<Anything>(std::move(target))};
  return *cap ? RW_EOK : -RW_ENOMEM;
}

}  // namespace

extern "C" {

void RingwayHandleClose(IpczHandle handle) { ringway::Handle(handle).Reset(); }

long RingwayJoinNames(IpczHandle node, const IpczDriver* driver, IpczDriverHandle transport) {
  if (!driver) return -RW_EINVAL;
  ringway::Result<Names> names = Names::Join(node, transport);
  if (!names) return ringway::ErrorOf(names.result());
  ringway::UseNames({node, driver}, *std::move(names));
  return RW_EOK;
}

long RingwayCapConnect(const char* name, uint64_t timeout_ns, RingwayCap** cap) {
  if (!name || !cap) return -RW_EINVAL;
  const std::shared_ptr<const Names> names = ringway::NamesInUse();
  if (!names) return -RW_ENOENT;
  Portal portal;
  const Deadline deadline = timeout_ns == 0 ? Deadline::Now() : Deadline::In(timeout_ns);
  const int64_t status = names->ConnectPortal(name, &portal, deadline);
  return status == RW_EOK ? MakeCap(Target(std::move(portal)), cap) : status;
}

long RingwayCapCreate(IpczHandle portal, RingwayCap** cap) {
  Portal owned(portal);
  if (!owned || !cap) return -RW_EINVAL;
  return MakeCap(Target(std::move(owned)), cap);
}

long RingwayCapTo(RingwayServed* served, RingwayCap** cap) {
  if (!served || !cap) return -RW_EINVAL;
  return MakeCap(served->object().target(), cap);
}

long RingwayCapSetTimeout(RingwayCap* cap, uint64_t timeout_ns) {
  if (!cap) return -RW_EINVAL;
  cap->timeout_ns = timeout_ns;
  return RW_EOK;
}

void RingwayCapDestroy(RingwayCap* cap) { delete cap; }

void RingwayServedDestroy(RingwayServed* served) { delete served; }

long RingwayLoopCreate(IpczHandle node, const IpczDriver* driver, RingwayLoop** loop) {
  if (node == IPCZ_INVALID_HANDLE || !driver || !loop) return -RW_EINVAL;
  *loop = new (std::nothrow) RingwayLoop{Loop(NodeAndDriver{node, driver})};
  return *loop ? RW_EOK : -RW_ENOMEM;
}

void RingwayLoopDestroy(RingwayLoop* loop) { delete loop; }

long RingwayLoopServe(RingwayLoop* loop, IpczHandle portal, RingwayServed* served) {
  Portal owned(portal);
  if (!loop || !owned || !served) return -RW_EINVAL;
  loop->loop.Serve(std::move(owned), served->object());
  return RW_EOK;
}

long RingwayLoopRun(RingwayLoop* loop) {
  if (!loop) return -RW_EINVAL;
  loop->loop.Run();
  return RW_EOK;
}

long RingwayLoopStop(RingwayLoop* loop) {
  if (!loop) return -RW_EINVAL;
  loop->loop.Stop();
  return RW_EOK;
}

long RingwayServeNamed(RingwayServed* served, const char* name) {
  if (!served || !name) return -RW_EINVAL;
  return ringway::ServeNamed(served->object(), name);
}

void RingwayStopServing() { ringway::StopServing(); }

}  // extern "C"
