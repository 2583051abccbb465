// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_PORTAL_PORTAL_H_
#define ENGINE_PORTAL_PORTAL_H_

#include "engine/link/link.h"
#include "engine/route/route_end.h"
#include "ringway/ringway.h"

// What the API does with portals, one function per entry point: arguments have
// been checked as far as that needs no portal. All are called with no lock
// held and look the portal up themselves.

namespace ringway {

// Stands for a parcel that was got; Reject() reports its transport.
class Validator final : public HandleObject {
 public:
  static constexpr HandleKind kHandleKind = HandleKind::kValidator;
  explicit Validator(Ref<Link> link) : HandleObject(kHandleKind), link_(std::move(link)) {}
  const Ref<Link>& link() const { return link_; }  // null: from this node

 private:
  const Ref<Link> link_;
};

// put.cc
IpczResult PortalPut(IpczHandle portal, const void* data, size_t num_bytes, PutLimits limits);
IpczResult PortalPutMany(IpczHandle portal, const RingwayParcel* parcels, size_t num_parcels,
                         const PutLimits& limits, size_t* num_put);
IpczResult PutSlowly(RouteEnd* end, IpczHandle portal, const void* data, size_t num_bytes,
                     PutLimits limits);
// What a Put() that could not put says.
IpczResult AsIpczResult(RouteEnd::PutResult result);

// put_handles.cc
IpczResult PortalPutHandles(IpczHandle portal, const PutContents& contents,
                            const IpczHandle* handles, size_t num_handles, const PutLimits& limits);

// For a route end without a handle, which forwards what it was given: `contents`
// says nothing of the attachments yet. They are taken if the result is OK.
IpczResult PutAttachments(RouteEnd& through, PutContents contents, const Attachments& attachments,
                          const PutLimits& limits);

// two_phase.cc
IpczResult PortalBeginPut(IpczHandle portal, bool allow_partial, const PutLimits& limits,
                          size_t* num_bytes, void** data);
IpczResult PortalEndPut(IpczHandle portal, size_t num_bytes, const IpczHandle* handles,
                        size_t num_handles);
IpczResult PortalAbortPut(IpczHandle portal);
IpczResult PortalBeginGet(IpczHandle portal, const void** data, size_t* num_bytes,
                          size_t* num_handles);
IpczResult PortalEndGet(IpczHandle portal, size_t num_bytes, size_t num_handles,
                        IpczHandle* handles, IpczHandle* validator);
IpczResult PortalAbortGet(IpczHandle portal);

// get.cc
IpczResult PortalGet(IpczHandle portal, bool partial, void* data, size_t* num_bytes,
                     IpczHandle* handles, size_t* num_handles, IpczHandle* validator);
IpczResult PortalGetMany(IpczHandle portal, void* buffer, size_t* num_bytes,
                         RingwayReceivedParcel* parcels, size_t* num_parcels);
// Under get.lock: hands `num_bytes` and `num_handles` of the front parcel to
// the caller, whole or in part.
IpczResult TakeFront(RouteEnd& end, const ParcelView& view, size_t num_bytes, size_t num_handles,
                     IpczHandle* handles, IpczHandle* validator, WakeActions* actions);
// After a Get: traps that watch for the end may have come true.
void AfterGet(RouteEnd& end, const WakeActions& actions, bool traps);

// status.cc
IpczResult PortalQueryStatus(IpczHandle portal, IpczPortalStatus* status);
IpczResult PortalTrap(IpczHandle portal, const IpczTrapConditions& conditions,
                      IpczTrapEventHandler handler, uint64_t context,
                      IpczTrapConditionFlags* satisfied, IpczPortalStatus* status);
IpczResult PortalQueryCounters(IpczHandle portal, RingwayPortalCounters* counters);
IpczResult PortalClose(IpczHandle portal);

// merge.cc
IpczResult PortalMerge(IpczHandle first, IpczHandle second);

// wait.cc
IpczResult PortalWait(RingwayWaitItem* items, size_t num_items, RingwayWaitMode mode,
                      uint64_t deadline_ns);

}  // namespace ringway

#endif  // ENGINE_PORTAL_PORTAL_H_
