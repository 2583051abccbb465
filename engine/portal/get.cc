// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include <algorithm>
#include <cstring>

#include "engine/link/link.h"
#include "engine/portal/portal.h"
#include "engine/route/fast_path.h"

namespace ringway {

namespace {

uint32_t HandlesLeft(const GetSide& get, const ParcelView& view) {
  return get.front_claimed ? static_cast<uint32_t>(get.front_attachments.size()) : view.handles();
}

IpczResult AsIpczResult(Found found) {
  return found == Found::kNothing ? IPCZ_RESULT_UNAVAILABLE : IPCZ_RESULT_NOT_FOUND;
}

}  // namespace

IpczResult TakeFront(RouteEnd& end, const ParcelView& view, size_t num_bytes, size_t num_handles,
                     IpczHandle* handles, IpczHandle* validator, WakeActions* actions) {
  GetSide& get = end.get;
  const bool whole =
      num_bytes == view.bytes - get.front_bytes_taken && num_handles == HandlesLeft(get, view);
  if (validator) {
    Link* link = get.sources[get.front.source]->link();
    *validator = HandleTable::Get().Add(MakeRef<Validator>(Ref<Link>(link)));
  }
  for (size_t i = 0; i < num_handles; ++i) {
    Ref<HandleObject> object = std::move(get.front_attachments[i]);
    if (object->kind() == HandleKind::kPortal) {
      const Ref<RouteEnd> portal(static_cast<RouteEnd*>(object.get()));
      handles[i] = portal->Publish();
      if (portal->get.relayed_here) actions->taken.push_back(portal);
    } else {
      handles[i] = HandleTable::Get().Add(std::move(object));
    }
  }
  if (num_handles != 0) {
    get.front_attachments.erase(
        get.front_attachments.begin(),
        get.front_attachments.begin() + static_cast<ptrdiff_t>(num_handles));
  }
  if (whole) {
    end.Consume(view, actions);
  } else {
    get.front_bytes_taken += num_bytes;
    get.bytes += num_bytes;
    // A hint for limits and queries.
    end.binding().own().consumer.bytes.store(get.bytes, std::memory_order_relaxed);
    end.LookAtWriters(false, actions);
  }
  return IPCZ_RESULT_OK;
}

void AfterGet(RouteEnd& end, const WakeActions& actions, bool traps) {
  RouteEnd::Perform(actions);
  if (traps) end.Evaluate(false);
}

namespace {

[[gnu::noinline]] IpczResult GetSlowly(RouteEnd* end, IpczHandle portal, bool partial, void* data,
                                       size_t* num_bytes, IpczHandle* handles, size_t* num_handles,
                                       IpczHandle* validator) {
  const size_t bytes_max = num_bytes ? *num_bytes : 0;
  const size_t handles_max = num_handles ? *num_handles : 0;
  bool lost = false;  // a parcel that was there cannot be had
  for (;;) {
    Ref<Binding> source;
    uint64_t memory_needed = 0;
    {
      WakeActions actions;
      std::unique_lock lock(end->get.lock);
      GetSide& get = end->get;
      if (end->handle() != portal) [[unlikely]]
        return IPCZ_RESULT_INVALID_ARGUMENT;
      if (get.two_phase) [[unlikely]]
        return IPCZ_RESULT_ALREADY_EXISTS;
      ParcelView view;
      const Found found = end->Front(&view);
      bool broken = found == Found::kPeerBroken;
      if (found == Found::kClosed && lost) {
        lock.unlock();
        end->Evaluate(false);  // the link may have ended long before
      }
      if (found != Found::kParcel && !broken) return AsIpczResult(found);
      if (!broken) {
        const size_t bytes_left = view.bytes - get.front_bytes_taken;
        const size_t handles_left = HandlesLeft(get, view);
        const bool fits = bytes_left <= bytes_max && handles_left <= handles_max;
        const size_t bytes = std::min(bytes_left, bytes_max);
        const size_t taken = std::min(handles_left, handles_max);
        if (!fits && !partial) {
          if (num_bytes) *num_bytes = bytes_left;
          if (num_handles) *num_handles = handles_left;
          return IPCZ_RESULT_RESOURCE_EXHAUSTED;
        }
        auto claimed = RouteEnd::ClaimResult::kOk;
        if (taken != 0) claimed = end->ClaimAttachments(view, &memory_needed);
        if (claimed == RouteEnd::ClaimResult::kOk) {
          if (bytes != 0) std::memcpy(data, view.payload + get.front_bytes_taken, bytes);
          TakeFront(*end, view, bytes, taken, handles, validator, &actions);
          const bool traps = !get.traps.empty() || !get.finished.empty();
          lock.unlock();
          if (num_bytes) *num_bytes = bytes;
          if (num_handles) *num_handles = taken;
          AfterGet(*end, actions, traps);
          return IPCZ_RESULT_OK;
        }
        broken = claimed == RouteEnd::ClaimResult::kPeerBroken;
      }
      source = get.sources[get.front.source];
      if (broken) memory_needed = 0;
    }
    if (memory_needed == 0) {
      source->Break("a record that cannot be");
      if (!source->gone()) return IPCZ_RESULT_NOT_FOUND;
      lost = true;
      continue;
    }
    const IpczResult provided = source->link()->ProvideToAccept(memory_needed);
    if (provided != IPCZ_RESULT_OK) return provided;
  }
}

// A parcel was taken, and somebody may wait for that.
[[gnu::noinline]] void WakeWriters(RouteEnd* end) {
  WakeActions actions;
  end->LookAtWriters(false, &actions);
  const bool traps = !end->get.traps.empty();
  end->get.lock.unlock();
  AfterGet(*end, actions, traps);
}

}  // namespace

IpczResult PortalGet(IpczHandle portal, bool partial, void* data, size_t* num_bytes,
                     IpczHandle* handles, size_t* num_handles, IpczHandle* validator) {
  RouteEnd* end = RouteEnd::Find(portal);
  if (!end) [[unlikely]]
    return IPCZ_RESULT_INVALID_ARGUMENT;
  end->get.lock.lock();
  if (end->handle() == portal && num_bytes && !validator && !end->get.two_phase &&
      TakesParcels(*end)) [[likely]] {
    const Tried tried = TakeParcel(*end, data, num_bytes);
    if (tried == Tried::kDone) [[likely]] {
      end->ShowGetTotals();
      end->binding().GetFence();  // [wake.fence] between our counts and their generation
      if (num_handles) *num_handles = 0;
      if (end->get.writers.IsQuiet(end->binding().known_peer()->attention.writers) &&
          end->get.traps.empty()) [[likely]] {
        end->get.lock.unlock();
      } else {
        WakeWriters(end);
      }
      return IPCZ_RESULT_OK;
    }
    if (tried == Tried::kNothing) {
      end->get.lock.unlock();
      return IPCZ_RESULT_UNAVAILABLE;
    }
  }
  end->get.lock.unlock();
  return GetSlowly(end, portal, partial, data, num_bytes, handles, num_handles, validator);
}

IpczResult PortalGetMany(IpczHandle portal, void* buffer, size_t* num_bytes,
                         RingwayReceivedParcel* parcels, size_t* num_parcels) {
  RouteEnd* end = RouteEnd::Find(portal);
  if (!end) return IPCZ_RESULT_INVALID_ARGUMENT;
  const size_t bytes_max = *num_bytes;
  const size_t parcels_max = *num_parcels;
  size_t used = 0;
  size_t count = 0;
  IpczResult outcome = IPCZ_RESULT_OK;
  WakeActions actions;
  std::unique_lock lock(end->get.lock);
  GetSide& get = end->get;
  if (end->handle() != portal) return IPCZ_RESULT_INVALID_ARGUMENT;
  if (get.two_phase) return IPCZ_RESULT_ALREADY_EXISTS;
  while (count < parcels_max) {
    const size_t before = count;
    for (bool plain = TakesParcels(*end); plain && count < parcels_max;) {
      const size_t start = (used + 7) & ~size_t{7};
      if (start > bytes_max) break;
      size_t size = bytes_max - start;
      plain = TakeParcel(*end, static_cast<std::byte*>(buffer) + start, &size) == Tried::kDone;
      if (!plain) break;
      parcels[count++] = {start, size};
      used = start + size;
    }
    if (count != before) end->ShowGetTotals();
    if (count == parcels_max) break;
    ParcelView view;
    const Found found = end->Front(&view);
    if (found == Found::kPeerBroken) {
      const Ref<Binding> source = get.sources[get.front.source];
      lock.unlock();
      source->Break("a record that cannot be");
      lock.lock();
      if (end->handle() != portal) return IPCZ_RESULT_INVALID_ARGUMENT;
      continue;
    }
    const size_t offset = (used + 7) & ~size_t{7};
    const size_t bytes = view.bytes - get.front_bytes_taken;
    if (found != Found::kParcel) {
      outcome = AsIpczResult(found);
    } else if (HandlesLeft(get, view) != 0) {
      outcome = IPCZ_RESULT_FAILED_PRECONDITION;
    } else if (offset > bytes_max || bytes > bytes_max - offset) {
      outcome = IPCZ_RESULT_RESOURCE_EXHAUSTED;
      if (count == 0) used = bytes;
    }
    if (outcome != IPCZ_RESULT_OK) break;
    std::byte* at = static_cast<std::byte*>(buffer) + offset;
    if (bytes != 0) std::memcpy(at, view.payload + get.front_bytes_taken, bytes);
    end->Consume(view, &actions);
    parcels[count++] = {offset, bytes};
    used = offset + bytes;
  }
  if (count != 0) end->LookAtWriters(false, &actions);
  const bool traps = (count != 0 && !get.traps.empty()) || !get.finished.empty();
  lock.unlock();
  *num_bytes = used;
  *num_parcels = count;
  AfterGet(*end, actions, traps);
  return count != 0 ? IPCZ_RESULT_OK : outcome;
}

}  // namespace ringway
