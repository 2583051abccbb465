// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include <algorithm>

#include "engine/link/link.h"
#include "engine/portal/portal.h"

namespace ringway {

IpczResult PortalQueryStatus(IpczHandle portal, IpczPortalStatus* status) {
  RouteEnd* end = RouteEnd::Find(portal);
  if (!end) return IPCZ_RESULT_INVALID_ARGUMENT;
  std::lock_guard lock(end->get.lock);
  if (end->handle() != portal) return IPCZ_RESULT_INVALID_ARGUMENT;
  const size_t size = status->size;
  *status = end->Status();
  status->size = size;
  return IPCZ_RESULT_OK;
}

IpczResult PortalTrap(IpczHandle portal, const IpczTrapConditions& conditions,
                      IpczTrapEventHandler handler, uint64_t context,
                      IpczTrapConditionFlags* satisfied, IpczPortalStatus* status) {
  RouteEnd* end = RouteEnd::Find(portal);
  if (!end) return IPCZ_RESULT_INVALID_ARGUMENT;
  const auto fail = [&](IpczTrapConditionFlags flags, const IpczPortalStatus& now) {
    if (satisfied) *satisfied = flags;
    if (status) {
      const size_t size = status->size;
      *status = now;
      status->size = size;
    }
    return IPCZ_RESULT_FAILED_PRECONDITION;
  };
  Trap trap = {0, conditions, handler, context, 0, 0};
  Ref<Binding> unfenced;
  {
    std::lock_guard lock(end->get.lock);
    if (end->handle() != portal) return IPCZ_RESULT_INVALID_ARGUMENT;
    GetSide& get = end->get;
    const IpczPortalStatus now = end->Status();
    const IpczTrapConditionFlags flags = SatisfiedConditions(*end, trap, now, false);
    if (flags != 0) return fail(flags, now);
    trap.id = ++get.next_trap;
    trap.seen_arrived = get.parcels + get.ahead_parcels;
    const bool asks = (conditions.flags & IPCZ_TRAP_CONSUMED_REMOTE_PARCEL) != 0;
    if (asks) trap.seen_consumed = end->ConsumedByPeer();
    get.traps.push_back(trap);
    if (!end->Rearm(false)) return IPCZ_RESULT_OK;
    if (end->FenceArmed()) unfenced = end->binding_ref();
  }
  // What changed before the peer could know of the trap is found now.
  if (unfenced) unfenced->driver().SleeperBarrier();
  bool edges = false;
  {
    std::lock_guard lock(end->get.lock);
    GetSide& get = end->get;
    const auto ours = std::find_if(get.traps.begin(), get.traps.end(),
                                   [&](const Trap& each) { return each.id == trap.id; });
    if (end->handle() != portal || ours == get.traps.end()) return IPCZ_RESULT_OK;  // fired
    const IpczPortalStatus now = end->Status();
    const IpczTrapConditionFlags flags = SatisfiedConditions(*end, trap, now, false);
    if (flags != 0) {
      get.traps.erase(ours);
      return fail(flags, now);
    }
    edges = SatisfiedConditions(*end, trap, now, true) != 0;
  }
  if (edges) end->Evaluate(false);
  return IPCZ_RESULT_OK;
}

IpczResult PortalQueryCounters(IpczHandle portal, RingwayPortalCounters* counters) {
  RouteEnd* end = RouteEnd::Find(portal);
  if (!end) return IPCZ_RESULT_INVALID_ARGUMENT;
  std::scoped_lock lock(end->put.lock, end->get.lock);
  if (end->handle() != portal) return IPCZ_RESULT_INVALID_ARGUMENT;
  const PutSide& put = end->put;
  const GetSide& get = end->get;
  counters->parcels_put = put.parcels;
  counters->bytes_put = put.bytes;
  counters->parcels_got = get.parcels;
  counters->bytes_got = get.bytes;
  counters->lane_bytes_out = put.writer.valid() ? put.writer.capacity() : 0;
  counters->lane_bytes_in = get.front.lane.valid() ? get.front.lane.memory().capacity() : 0;
  counters->lanes_grown = put.lanes_grown;
  counters->wakes_sent = put.wakes_sent;
  counters->readies_sent = put.readies_sent;
  counters->hops = end->HopsBeyond();
  counters->route = counters->hops != 0         ? RINGWAY_ROUTE_RELAYED
                    : end->binding().is_local() ? RINGWAY_ROUTE_LOCAL
                                                : RINGWAY_ROUTE_DIRECT;
  const IpczPortalStatus status = end->Status();
  counters->local_parcels = status.num_local_parcels;
  counters->local_bytes = status.num_local_bytes;
  counters->remote_parcels = status.num_remote_parcels;
  counters->remote_bytes = status.num_remote_bytes;
  return IPCZ_RESULT_OK;
}

IpczResult PortalClose(IpczHandle portal) {
  const Ref<HandleObject> object = HandleTable::Get().Remove(portal);
  if (!object) return IPCZ_RESULT_INVALID_ARGUMENT;
  auto* end = static_cast<RouteEnd*>(object.get());
  // A portal that another thread sends at this moment has no handle any more.
  if (end->handle() != portal) return IPCZ_RESULT_INVALID_ARGUMENT;
  end->Close();
  return IPCZ_RESULT_OK;
}

}  // namespace ringway
