// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "ringway/message.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "ringway/errors.h"

namespace ringway {
inline namespace api {

int64_t ErrorOf(IpczResult result) {
  switch (result) {
    case IPCZ_RESULT_OK:
      return RW_EOK;
    case IPCZ_RESULT_NOT_FOUND:
      return -RW_ECONNRESET;
    case IPCZ_RESULT_DEADLINE_EXCEEDED:
      return -RW_ETIMEDOUT;
    case IPCZ_RESULT_RESOURCE_EXHAUSTED:
      return -RW_ENOMEM;
    case IPCZ_RESULT_INVALID_ARGUMENT:
      return -RW_EINVAL;
    case IPCZ_RESULT_ALREADY_EXISTS:
      return -RW_EBUSY;
    case IPCZ_RESULT_UNAVAILABLE:
      return -RW_EAGAIN;
    case IPCZ_RESULT_CANCELLED:
      return -RW_ECANCELED;
    case IPCZ_RESULT_PERMISSION_DENIED:
      return -RW_EPERM;
    default:
      return -RW_EIO;
  }
}

IpczResult IncomingMessage::ReceiveLarge(IpczHandle portal, size_t num_handles) {
  if (num_handles > handles_.size()) {
    DropTooManyHandles(portal, num_handles);
    num_handles = 0;
  }
  if (num_handles != 0) {
    // The handles first, so that the bytes can stay where they are.
    size_t no_bytes = 0;
    const IpczResult taken = Ipcz().Get(portal, IPCZ_GET_PARTIAL, nullptr, nullptr, &no_bytes,
                                        handles_.data(), &num_handles, nullptr);
    if (taken != IPCZ_RESULT_OK) return taken;
    num_handles_ = num_handles;
  }
  const void* data = nullptr;
  size_t num_bytes = 0;
  const IpczResult result =
      Ipcz().BeginGet(portal, IPCZ_NO_FLAGS, nullptr, &data, &num_bytes, &num_handles);
  if (result != IPCZ_RESULT_OK) return result;
  pinned_ = portal;
  pinned_bytes_ = num_bytes;
  bytes_ = {static_cast<const std::byte*>(data), num_bytes};
  const bool aligned = reinterpret_cast<uintptr_t>(data) % kPayloadAlign == 0;
  return aligned || MakePrivate() ? IPCZ_RESULT_OK : IPCZ_RESULT_RESOURCE_EXHAUSTED;
}

// Takes and closes them in batches, so that their number is no burden to us.
void IncomingMessage::DropTooManyHandles(IpczHandle portal, size_t num_handles) {
  over_quota_ = true;
  while (num_handles != 0) {
    size_t no_bytes = 0;
    size_t batch = std::min(num_handles, handles_.size());
    const IpczResult taken = Ipcz().Get(portal, IPCZ_GET_PARTIAL, nullptr, nullptr, &no_bytes,
                                        handles_.data(), &batch, nullptr);
    if (taken != IPCZ_RESULT_OK || batch == 0) return;
    for (size_t i = 0; i < batch; ++i) Handle(handles_[i]).Reset();
    num_handles -= batch;
  }
}

void IncomingMessage::TakeFrom(IncomingMessage& other) {
  Release();
  num_handles_ = std::exchange(other.num_handles_, 0);
  handles_ = other.handles_;
  over_quota_ = other.over_quota_;
  pinned_ = std::exchange(other.pinned_, IPCZ_INVALID_HANDLE);
  pinned_bytes_ = other.pinned_bytes_;
  home_ = other.home_;
  copy_ = std::move(other.copy_);
  bytes_ = std::exchange(other.bytes_, {});
  if (bytes_.data() == other.inline_.data()) {
    std::memcpy(inline_.data(), bytes_.data(), bytes_.size());
    bytes_ = {inline_.data(), bytes_.size()};
  }
}

bool IncomingMessage::Copy(std::span<const std::byte> bytes) {
  std::byte* to = inline_.data();
  if (bytes.size() > inline_.size()) {
    copy_.reset(new (std::nothrow) std::byte[bytes.size()]);
    to = copy_.get();
  }
  if (!to) return false;
  std::memcpy(to, bytes.data(), bytes.size());
  bytes_ = {to, bytes.size()};
  return true;
}

bool IncomingMessage::MakePrivate() {
  if (is_private()) return true;
  if (!Copy(bytes_)) return false;
  EndGet();
  return true;
}

void IncomingMessage::EndGet() {
  const IpczHandle portal = std::exchange(pinned_, IPCZ_INVALID_HANDLE);
  Ipcz().EndGet(portal, pinned_bytes_, 0, IPCZ_NO_FLAGS, nullptr, nullptr, nullptr);
}

void IncomingMessage::LetGo() {
  if (pinned_ != IPCZ_INVALID_HANDLE) EndGet();
  for (size_t i = 0; i < num_handles_; ++i) Handle(handles_[i]).Reset();
  num_handles_ = 0;
}

Handle IncomingMessage::TakeHandle(size_t index) {
  if (index >= num_handles_) return Handle();
  return Handle(std::exchange(handles_[index], IPCZ_INVALID_HANDLE));
}

Handle IncomingMessage::PopHandle() {
  return num_handles_ == 0 ? Handle() : Handle(handles_[--num_handles_]);
}

void IncomingMessage::AddHandle(Handle handle) {
  if (num_handles_ < handles_.size()) handles_[num_handles_++] = handle.Release();
}

void OutgoingMessage::Abandon() {
  for (size_t i = 0; i < num_handles_; ++i) Handle(handles_[i]).Reset();
  if (draft_ == IPCZ_INVALID_HANDLE) return;
  Ipcz().EndPut(draft_, 0, nullptr, 0, IPCZ_END_PUT_ABORT, nullptr);
}

int64_t OutgoingMessage::ReserveLarge(IpczHandle portal, size_t num_bytes) {
  capacity_ = num_bytes;
  if (portal != IPCZ_INVALID_HANDLE) {
    void* data = nullptr;
    const IpczResult result = Ipcz().BeginPut(portal, IPCZ_NO_FLAGS, nullptr, &num_bytes, &data);
    if (result == IPCZ_RESULT_OK) {
      draft_ = portal;
      data_ = static_cast<std::byte*>(data);
      return RW_EOK;
    }
    // Another thread is making a large message for the same portal.
    if (result != IPCZ_RESULT_ALREADY_EXISTS) return ErrorOf(result);
  }
  heap_.reset(new (std::nothrow) std::byte[num_bytes]);
  data_ = heap_.get();
  return data_ ? RW_EOK : -RW_ENOMEM;
}

bool OutgoingMessage::AddHandle(Handle handle) {
  if (num_handles_ == handles_.size()) return false;
  handles_[num_handles_++] = handle.Release();
  return true;
}

Handle OutgoingMessage::TakeHandle(size_t index) {
  return Handle(std::exchange(handles_[index], IPCZ_INVALID_HANDLE));
}

int64_t OutgoingMessage::SendIfRoom(IpczHandle portal, size_t num_bytes, size_t max_queued) {
  const IpczPutLimits limits = {sizeof(limits), max_queued, SIZE_MAX};
  const IpczPutOptions options = {sizeof(options), &limits};
  const IpczResult result =
      Ipcz().Put(portal, data_, num_bytes, handles_.data(), num_handles_, IPCZ_NO_FLAGS, &options);
  if (result == IPCZ_RESULT_RESOURCE_EXHAUSTED) {
    RingwayWaitItem item = {portal, RINGWAY_WAIT_WRITABLE, 0, max_queued, SIZE_MAX};
    const bool has_room = WaitAny({&item, 1}, Deadline::Now()) == IPCZ_RESULT_OK;
    // Room that came just now is not worth the difference.
    return has_room && (item.satisfied & RINGWAY_WAIT_WRITABLE) != 0 ? -RW_ENOMEM : -RW_EAGAIN;
  }
  if (result != IPCZ_RESULT_OK) return ErrorOf(result);
  num_handles_ = 0;
  return RW_EOK;
}

int64_t OutgoingMessage::Send(IpczHandle portal, size_t num_bytes) {
  IpczResult result;
  if (draft_ != IPCZ_INVALID_HANDLE && draft_ == portal) {
    result =
        Ipcz().EndPut(portal, num_bytes, handles_.data(), num_handles_, IPCZ_NO_FLAGS, nullptr);
    if (result == IPCZ_RESULT_OK) draft_ = IPCZ_INVALID_HANDLE;
  } else {
    result =
        Ipcz().Put(portal, data_, num_bytes, handles_.data(), num_handles_, IPCZ_NO_FLAGS, nullptr);
  }
  if (result != IPCZ_RESULT_OK) return ErrorOf(result);
  num_handles_ = 0;
  return RW_EOK;
}

}  // namespace api
}  // namespace ringway
