// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/node/node.h"
#include "engine/portal/portal.h"
#include "engine/route/relay.h"
#include "engine/route/waiter.h"

namespace ringway {

namespace {

bool IsUnused(const RouteEnd& end) {
  return end.put.parcels == 0 && !end.put.two_phase && end.get.parcels == 0 &&
         end.get.front_bytes_taken == 0 && !end.get.front_claimed && !end.get.two_phase;
}

bool ArePeers(const RouteEnd& end, const RouteEnd& other) {
  const Binding& binding = end.binding();
  return binding.is_local() && binding.pair()->End(1 - binding.side()).get() == &other;
}

}  // namespace

IpczResult PortalMerge(IpczHandle first, IpczHandle second) {
  HandleTable& table = HandleTable::Get();
  const Ref<RouteEnd> a = table.Lookup<RouteEnd>(first);
  const Ref<RouteEnd> b = table.Lookup<RouteEnd>(second);
  if (!a || !b || a.get() == b.get() || a->node() != b->node()) return IPCZ_RESULT_INVALID_ARGUMENT;
  FiredTraps removed;
  std::vector<Ref<Waiter>> waiters;
  {
    // Portals leave the node by transfers, which lock several of them too.
    std::lock_guard one_at_a_time(a->node()->transfer_mutex());
    std::scoped_lock lock(a->put.lock, a->get.lock, b->put.lock, b->get.lock);
    if (a->handle() != first || b->handle() != second || ArePeers(*a, *b)) {
      return IPCZ_RESULT_INVALID_ARGUMENT;
    }
    if (!IsUnused(*a) || !IsUnused(*b)) return IPCZ_RESULT_FAILED_PRECONDITION;
    a->Detach(&removed, &waiters);
    b->Detach(&removed, &waiters);
  }
  table.Remove(first);
  table.Remove(second);
  for (const Ref<Waiter>& waiter : waiters) waiter->Kick();
  RouteEnd::Fire(removed);
  Relay::Couple(a, b);
  return IPCZ_RESULT_OK;
}

}  // namespace ringway
