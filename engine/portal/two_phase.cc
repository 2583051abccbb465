// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Two-phase puts and gets. A put of some size is written straight into a block
// of the producer's segment, which its record will name; a smaller one into a
// private buffer, since copying it costs less than a block. Neither occupies
// the lane before it is committed, so plain puts may come in between. A get
// reads the record or the block where it is.

#include <algorithm>
#include <cstring>
#include <new>

#include "engine/link/link.h"
#include "engine/portal/portal.h"

namespace ringway {

namespace {

constexpr size_t kBlockFrom = 2048;

// How many bytes the limits leave, for a caller who takes what there is.
size_t RoomLeft(RouteEnd& end, const PutLimits& limits) {
  const uint64_t queued = end.put.bytes - end.put.seen_consumed_bytes;
  return queued < limits.bytes ? limits.bytes - queued : 0;
}

// Starts the operation with the lock held.
RouteEnd::PutResult Begin(RouteEnd& end, bool allow_partial, const PutLimits& limits,
                          size_t* num_bytes, void** data, uint64_t* memory_needed) {
  PutSide& put = end.put;
  size_t bytes = *num_bytes;
  RouteEnd::PutResult admitted = end.Admit(bytes, limits);
  if (admitted == RouteEnd::PutResult::kLimit && allow_partial) {
    admitted = end.Admit(0, limits);
    bytes = RoomLeft(end, limits);
    if (bytes == 0) return RouteEnd::PutResult::kLimit;
  }
  if (admitted != RouteEnd::PutResult::kOk) return admitted;
  const bool in_block = bytes >= kBlockFrom && end.binding().memory().stays();
  if (in_block) {
    const auto allocated = end.AllocateBlock(bytes, &put.two_phase_block, memory_needed);
    if (allocated != RouteEnd::PutResult::kOk) return allocated;
    *data = put.two_phase_block.address;
  } else {
    // Kept for the next one.
    const size_t buffer_bytes = std::max(bytes, kBlockFrom);
    if (put.two_phase_buffer_bytes < buffer_bytes) {
      put.two_phase_buffer.reset(new (std::nothrow) std::byte[buffer_bytes]);
      put.two_phase_buffer_bytes = put.two_phase_buffer ? buffer_bytes : 0;
      if (!put.two_phase_buffer) return RouteEnd::PutResult::kTooLarge;
    }
    if (data) *data = put.two_phase_buffer.get();
  }
  // What the caller leaves alone shows nothing of this process. A link's memory, its peer can read
  // anyway.
  const bool is_shared = in_block && !end.binding().is_local();
  if (!is_shared && bytes != 0) std::memset(*data, 0, bytes);
  put.two_phase = true;
  put.two_phase_capacity = bytes;
  *num_bytes = bytes;
  return RouteEnd::PutResult::kOk;
}

// What a two-phase put of `num_bytes` contains.
PutContents Contents(PutSide& put, size_t num_bytes) {
  PutContents contents;
  contents.num_bytes = num_bytes;
  if (num_bytes == 0) return contents;
  if (!put.two_phase_block.address) {
    contents.data = put.two_phase_buffer.get();
  } else if (put.two_phase_moved) {
    contents.data = put.two_phase_block.address;  // the block is in memory of the old route
  } else {
    contents.block = &put.two_phase_block;
  }
  return contents;
}

// The parcel was put: whatever its record does not name is freed.
void Finish(RouteEnd& end, const PutContents& contents) {
  if (contents.block) end.put.two_phase_block = OutBlock();
  end.AbortTwoPhasePut();
}

IpczResult EndPutWithHandles(RouteEnd& end, IpczHandle portal, size_t num_bytes,
                             const IpczHandle* handles, size_t num_handles) {
  // The route may move before the parcel is put, so its bytes are copied; the
  // operation counts as being ended until then.
  PutContents contents;
  contents.num_bytes = num_bytes;
  {
    std::lock_guard lock(end.put.lock);
    if (end.handle() != portal || !end.put.two_phase || end.put.two_phase_ending) {
      return IPCZ_RESULT_FAILED_PRECONDITION;
    }
    contents.data = end.put.two_phase_block.address ? end.put.two_phase_block.address
                                                    : end.put.two_phase_buffer.get();
    end.put.two_phase_ending = true;
  }
  const IpczResult result = PortalPutHandles(portal, contents, handles, num_handles, PutLimits());
  std::lock_guard lock(end.put.lock);
  end.put.two_phase_ending = false;
  if (result == IPCZ_RESULT_OK) end.AbortTwoPhasePut();
  return result;
}

}  // namespace

IpczResult PortalBeginPut(IpczHandle portal, bool allow_partial, const PutLimits& limits,
                          size_t* num_bytes, void** data) {
  RouteEnd* end = RouteEnd::Find(portal);
  if (!end) return IPCZ_RESULT_INVALID_ARGUMENT;
  for (;;) {
    Ref<Binding> binding;
    uint64_t memory_needed = 0;
    {
      std::lock_guard lock(end->put.lock);
      if (end->handle() != portal) return IPCZ_RESULT_INVALID_ARGUMENT;
      if (end->put.two_phase) return IPCZ_RESULT_ALREADY_EXISTS;
      const auto begun = Begin(*end, allow_partial, limits, num_bytes, data, &memory_needed);
      if (begun != RouteEnd::PutResult::kNeedsMemory) return AsIpczResult(begun);
      binding = end->binding_ref();
    }
    const IpczResult provided = binding->memory().Provide(memory_needed);
    if (provided != IPCZ_RESULT_OK) return provided;
  }
}

IpczResult PortalEndPut(IpczHandle portal, size_t num_bytes, const IpczHandle* handles,
                        size_t num_handles) {
  RouteEnd* end = RouteEnd::Find(portal);
  if (!end) return IPCZ_RESULT_INVALID_ARGUMENT;
  for (;;) {
    Ref<Binding> binding;
    uint64_t memory_needed = 0;
    WakeActions actions;
    auto result = RouteEnd::PutResult::kOk;
    {
      std::lock_guard lock(end->put.lock);
      PutSide& put = end->put;
      if (end->handle() != portal) return IPCZ_RESULT_INVALID_ARGUMENT;
      if (!put.two_phase || put.two_phase_ending) return IPCZ_RESULT_FAILED_PRECONDITION;
      if (num_bytes > put.two_phase_capacity) return IPCZ_RESULT_INVALID_ARGUMENT;
      if (end->binding().PeerClosed()) return IPCZ_RESULT_NOT_FOUND;
      if (num_handles == 0) {
        const PutContents contents = Contents(put, num_bytes);
        result = end->PutParcel(contents, &memory_needed);
        if (result == RouteEnd::PutResult::kOk) {
          end->put.writer.Publish();
          Finish(*end, contents);
          end->LookAtReaders(false, &actions);
        }
      }
      binding = end->binding_ref();
    }
    if (num_handles != 0) return EndPutWithHandles(*end, portal, num_bytes, handles, num_handles);
    RouteEnd::Perform(actions);
    if (result == RouteEnd::PutResult::kPeerBroken) binding->Break("a head beyond what was put");
    if (result != RouteEnd::PutResult::kNeedsMemory) return AsIpczResult(result);
    const IpczResult provided = binding->memory().Provide(memory_needed);
    if (provided != IPCZ_RESULT_OK) return provided;
  }
}

IpczResult PortalAbortPut(IpczHandle portal) {
  RouteEnd* end = RouteEnd::Find(portal);
  if (!end) return IPCZ_RESULT_INVALID_ARGUMENT;
  std::lock_guard lock(end->put.lock);
  if (end->handle() != portal) return IPCZ_RESULT_INVALID_ARGUMENT;
  if (!end->put.two_phase || end->put.two_phase_ending) return IPCZ_RESULT_FAILED_PRECONDITION;
  end->AbortTwoPhasePut();
  return IPCZ_RESULT_OK;
}

IpczResult PortalBeginGet(IpczHandle portal, const void** data, size_t* num_bytes,
                          size_t* num_handles) {
  RouteEnd* end = RouteEnd::Find(portal);
  if (!end) return IPCZ_RESULT_INVALID_ARGUMENT;
  for (;;) {
    Ref<Binding> source;
    {
      std::lock_guard lock(end->get.lock);
      GetSide& get = end->get;
      if (end->handle() != portal) return IPCZ_RESULT_INVALID_ARGUMENT;
      if (get.two_phase) return IPCZ_RESULT_ALREADY_EXISTS;
      ParcelView view;
      const Found found = end->Front(&view);
      if (found == Found::kNothing) return IPCZ_RESULT_UNAVAILABLE;
      if (found == Found::kClosed) return IPCZ_RESULT_NOT_FOUND;
      if (found == Found::kParcel) {
        const size_t bytes = view.bytes - get.front_bytes_taken;
        const size_t handles =
            get.front_claimed ? get.front_attachments.size() : size_t{view.handles()};
        if (bytes != 0 && (!data || !num_bytes)) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
        if (handles != 0 && !num_handles) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
        if (data) *data = view.payload + get.front_bytes_taken;
        if (num_bytes) *num_bytes = bytes;
        if (num_handles) *num_handles = handles;
        get.two_phase = true;
        get.two_phase_view = view;
        return IPCZ_RESULT_OK;
      }
      source = get.sources[get.front.source];
    }
    source->Break("a record that cannot be");
  }
}

IpczResult PortalEndGet(IpczHandle portal, size_t num_bytes, size_t num_handles,
                        IpczHandle* handles, IpczHandle* validator) {
  RouteEnd* end = RouteEnd::Find(portal);
  if (!end) return IPCZ_RESULT_INVALID_ARGUMENT;
  for (;;) {
    Ref<Binding> source;
    uint64_t memory_needed = 0;
    {
      WakeActions actions;
      std::unique_lock lock(end->get.lock);
      GetSide& get = end->get;
      if (end->handle() != portal) return IPCZ_RESULT_INVALID_ARGUMENT;
      if (!get.two_phase) return IPCZ_RESULT_FAILED_PRECONDITION;
      const ParcelView view = get.two_phase_view;
      const size_t handles_left =
          get.front_claimed ? get.front_attachments.size() : size_t{view.handles()};
      if (num_bytes > view.bytes - get.front_bytes_taken) return IPCZ_RESULT_OUT_OF_RANGE;
      if (num_handles > handles_left) return IPCZ_RESULT_OUT_OF_RANGE;
      auto claimed = RouteEnd::ClaimResult::kOk;
      if (num_handles != 0) claimed = end->ClaimAttachments(view, &memory_needed);
      if (claimed == RouteEnd::ClaimResult::kOk) {
        TakeFront(*end, view, num_bytes, num_handles, handles, validator, &actions);
        get.two_phase = false;
        get.two_phase_view = ParcelView();
        const bool traps = !get.traps.empty();
        lock.unlock();
        AfterGet(*end, actions, traps);
        return IPCZ_RESULT_OK;
      }
      source = get.sources[get.front.source];
      if (claimed == RouteEnd::ClaimResult::kPeerBroken) {
        get.two_phase = false;
        lock.unlock();
        source->Break("handles that cannot be");
        return IPCZ_RESULT_NOT_FOUND;
      }
    }
    const IpczResult provided = source->link()->ProvideToAccept(memory_needed);
    if (provided != IPCZ_RESULT_OK) return provided;
  }
}

IpczResult PortalAbortGet(IpczHandle portal) {
  RouteEnd* end = RouteEnd::Find(portal);
  if (!end) return IPCZ_RESULT_INVALID_ARGUMENT;
  std::lock_guard lock(end->get.lock);
  if (end->handle() != portal) return IPCZ_RESULT_INVALID_ARGUMENT;
  if (!end->get.two_phase) return IPCZ_RESULT_FAILED_PRECONDITION;
  end->get.two_phase = false;
  end->get.two_phase_view = ParcelView();
  return IPCZ_RESULT_OK;
}

}  // namespace ringway
