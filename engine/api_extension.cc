// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The entry points of ringway/ringway.h.

#include "engine/node/node.h"
#include "engine/portal/portal.h"
#include "ringway/ringway.h"

namespace ringway {

namespace {

IpczResult IPCZ_API PutMany(IpczHandle portal, const RingwayParcel* parcels, size_t num_parcels,
                            uint32_t flags, const IpczPutOptions* options, size_t* num_put) {
  if (num_put) *num_put = 0;
  if ((!parcels && num_parcels != 0) || flags != IPCZ_NO_FLAGS) return IPCZ_RESULT_INVALID_ARGUMENT;
  for (size_t i = 0; i < num_parcels; ++i) {
    if (!parcels[i].data && parcels[i].num_bytes != 0) return IPCZ_RESULT_INVALID_ARGUMENT;
  }
  PutLimits limits;
  if (options) {
    if (options->size < sizeof(IpczPutOptions)) return IPCZ_RESULT_INVALID_ARGUMENT;
    if (options->limits) {
      if (options->limits->size < sizeof(IpczPutLimits)) return IPCZ_RESULT_INVALID_ARGUMENT;
      limits = {options->limits->max_queued_parcels, options->limits->max_queued_bytes};
    }
  }
  return PortalPutMany(portal, parcels, num_parcels, limits, num_put);
}

IpczResult IPCZ_API GetMany(IpczHandle portal, uint32_t flags, const void* options, void* buffer,
                            size_t* num_bytes, RingwayReceivedParcel* parcels,
                            size_t* num_parcels) {
  if (flags != IPCZ_NO_FLAGS || options || !num_bytes || (!buffer && *num_bytes != 0) ||
      !num_parcels || !parcels || *num_parcels == 0) {
    return IPCZ_RESULT_INVALID_ARGUMENT;
  }
  return PortalGetMany(portal, buffer, num_bytes, parcels, num_parcels);
}

IpczResult IPCZ_API Wait(RingwayWaitItem* items, size_t num_items, RingwayWaitMode mode,
                         uint64_t deadline_ns) {
  constexpr RingwayWaitMode kModes = RINGWAY_WAIT_MODE_POLL | RINGWAY_WAIT_MODE_PARK;
  constexpr RingwayWaitFlags kWanted =
      RINGWAY_WAIT_READABLE | RINGWAY_WAIT_PEER_CLOSED | RINGWAY_WAIT_WRITABLE;
  if (!items || num_items == 0 || (mode & ~kModes) != 0 || mode == kModes) {
    return IPCZ_RESULT_INVALID_ARGUMENT;
  }
  for (size_t i = 0; i < num_items; ++i) {
    if ((items[i].wanted & ~kWanted) != 0) return IPCZ_RESULT_INVALID_ARGUMENT;
  }
  return PortalWait(items, num_items, mode, deadline_ns);
}

IpczResult IPCZ_API QueryPortalCounters(IpczHandle portal, RingwayPortalCounters* counters) {
  if (!counters || counters->size < sizeof(*counters)) return IPCZ_RESULT_INVALID_ARGUMENT;
  return PortalQueryCounters(portal, counters);
}

IpczResult IPCZ_API QueryNodeCounters(IpczHandle handle, RingwayNodeCounters* counters) {
  const Ref<Node> node = HandleTable::Get().Lookup<Node>(handle);
  if (!node || !counters || counters->size < sizeof(*counters)) return IPCZ_RESULT_INVALID_ARGUMENT;
  node->ReadCounters(counters);
  return IPCZ_RESULT_OK;
}

IpczResult IPCZ_API SetLog(RingwayLogHandler handler, void* context) {
  SetLogHandler(handler, context);
  return IPCZ_RESULT_OK;
}

}  // namespace

}  // namespace ringway

extern "C" IpczResult IPCZ_API RingwayGetExtensions(RingwayExtensions* extensions) {
  if (!extensions || extensions->size < sizeof(RingwayExtensions)) {
    return IPCZ_RESULT_INVALID_ARGUMENT;
  }
  *extensions = {
      sizeof(RingwayExtensions),     &ringway::PutMany,           &ringway::GetMany, &ringway::Wait,
      &ringway::QueryPortalCounters, &ringway::QueryNodeCounters, &ringway::SetLog};
  return IPCZ_RESULT_OK;
}
