// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/portal/portal.h"
#include "engine/route/fast_path.h"

namespace ringway {

IpczResult AsIpczResult(RouteEnd::PutResult result) {
  switch (result) {
    case RouteEnd::PutResult::kOk:
      return IPCZ_RESULT_OK;
    case RouteEnd::PutResult::kClosed:
    case RouteEnd::PutResult::kPeerBroken:
      return IPCZ_RESULT_NOT_FOUND;
    default:
      return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  }
}

namespace {

// What is left to do once a Put could not be done with the lock held: get
// memory, or end the link. OK: try again.
[[gnu::noinline]] IpczResult Recover(RouteEnd::PutResult result, const Ref<Binding>& binding,
                                     uint64_t memory_needed) {
  if (result == RouteEnd::PutResult::kNeedsMemory) return binding->memory().Provide(memory_needed);
  if (result == RouteEnd::PutResult::kPeerBroken) binding->Break("a head beyond what was put");
  return AsIpczResult(result);
}

}  // namespace

[[gnu::noinline]] IpczResult PutSlowly(RouteEnd* end, IpczHandle portal, const void* data,
                                       size_t num_bytes, PutLimits limits) {
  for (;;) {
    Ref<Binding> binding;
    RouteEnd::PutResult result;
    uint64_t memory_needed = 0;
    {
      WakeActions actions;
      std::unique_lock lock(end->put.lock);
      if (end->handle() != portal) [[unlikely]]
        return IPCZ_RESULT_INVALID_ARGUMENT;
      result = end->PutBytes(data, num_bytes, limits, &memory_needed);
      if (result == RouteEnd::PutResult::kOk) [[likely]] {
        end->put.writer.Publish();
        end->LookAtReaders(false, &actions);
        lock.unlock();
        RouteEnd::Perform(actions);
        return IPCZ_RESULT_OK;
      }
      binding = end->binding_ref();
    }
    const IpczResult recovered = Recover(result, binding, memory_needed);
    if (recovered != IPCZ_RESULT_OK) return recovered;
  }
}

namespace {

// A parcel is published, and somebody on the other side may sleep.
[[gnu::noinline]] void WakeReaders(RouteEnd* end) {
  WakeActions actions;
  end->LookAtReaders(false, &actions);
  end->put.lock.unlock();
  RouteEnd::Perform(actions);
}

}  // namespace

IpczResult PortalPut(IpczHandle portal, const void* data, size_t num_bytes, PutLimits limits) {
  RouteEnd* end = RouteEnd::Find(portal);
  if (!end) [[unlikely]]
    return IPCZ_RESULT_INVALID_ARGUMENT;
  end->put.lock.lock();
  const RingwayParcel parcel = {data, num_bytes};
  if (end->handle() == portal && TryPut(*end, &parcel, 1, limits) == 1) [[likely]] {
    end->put.writer.Publish();
    end->binding().PutFence();  // [wake.fence] between our header and their generation
    if (end->put.readers.IsQuiet(end->binding().known_peer()->attention.readers)) [[likely]] {
      end->put.lock.unlock();
    } else {
      WakeReaders(end);
    }
    return IPCZ_RESULT_OK;
  }
  end->put.lock.unlock();
  return PutSlowly(end, portal, data, num_bytes, limits);
}

IpczResult PortalPutMany(IpczHandle portal, const RingwayParcel* parcels, size_t num_parcels,
                         const PutLimits& limits, size_t* num_put) {
  RouteEnd* end = RouteEnd::Find(portal);
  if (!end) return IPCZ_RESULT_INVALID_ARGUMENT;
  size_t done = 0;
  IpczResult outcome = IPCZ_RESULT_OK;
  while (outcome == IPCZ_RESULT_OK && done < num_parcels) {
    Ref<Binding> binding;
    RouteEnd::PutResult result = RouteEnd::PutResult::kOk;
    uint64_t memory_needed = 0;
    WakeActions actions;
    {
      std::lock_guard lock(end->put.lock);
      if (end->handle() != portal) {
        outcome = IPCZ_RESULT_INVALID_ARGUMENT;
        break;
      }
      while (done < num_parcels && result == RouteEnd::PutResult::kOk) {
        done += TryPut(*end, parcels + done, num_parcels - done, limits);
        if (done == num_parcels) break;
        const RingwayParcel& parcel = parcels[done];
        result = end->PutBytes(parcel.data, parcel.num_bytes, limits, &memory_needed);
        if (result == RouteEnd::PutResult::kOk) ++done;
      }
      end->put.writer.Publish();
      end->LookAtReaders(false, &actions);
      if (result != RouteEnd::PutResult::kOk) binding = end->binding_ref();
    }
    RouteEnd::Perform(actions);
    if (result != RouteEnd::PutResult::kOk) outcome = Recover(result, binding, memory_needed);
  }
  if (num_put) *num_put = done;
  return outcome;
}

}  // namespace ringway
