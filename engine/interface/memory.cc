// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "ringway/memory.h"

#include <cstring>
#include <new>

#include "ringway/driver_extension.h"
#include "ringway/errors.h"
#include "ringway/lend.h"
#include "ringway/message.h"

namespace ringway {
inline namespace api {

namespace {

// Null, too, for a node that there is not.
const RingwayDriverExtension* ExtensionOf(const IpczDriver* driver) {
  return driver ? RingwayFindDriverExtension(driver) : nullptr;
}

}  // namespace

Memory& Memory::operator=(Memory&& other) noexcept {
  if (this == &other) return *this;
  Reset();
  view_ = std::exchange(other.view_, {});
  writable_ = std::exchange(other.writable_, false);
  heap_ = std::move(other.heap_);
  box_ = std::move(other.box_);
  home_ = other.home_;
  mapping_ = std::exchange(other.mapping_, IPCZ_INVALID_DRIVER_HANDLE);
  return *this;
}

void Memory::Reset() {
  if (mapping_ != IPCZ_INVALID_DRIVER_HANDLE) {
    home_.driver->Close(std::exchange(mapping_, IPCZ_INVALID_DRIVER_HANDLE), IPCZ_NO_FLAGS,
                        nullptr);
  }
  box_.Reset();
  heap_.reset();
  view_ = {};
  writable_ = false;
}

Result<Memory> Memory::CreateShared(const Node& node, size_t num_bytes) {
  const RingwayDriverExtension* extension = ExtensionOf(node.driver());
  if (!extension) return Result<Memory>::Failure(IPCZ_RESULT_UNIMPLEMENTED);
  Memory memory;
  memory.home_ = node.ref();
  IpczDriverHandle object = IPCZ_INVALID_DRIVER_HANDLE;
  void* address = nullptr;
  const IpczResult allocated = extension->AllocateOwnedMemory(num_bytes, IPCZ_NO_FLAGS, nullptr,
                                                              &object, &address, &memory.mapping_);
  if (allocated != IPCZ_RESULT_OK) return Result<Memory>::Failure(allocated);
  IpczHandle box = IPCZ_INVALID_HANDLE;
  const IpczResult boxed = Ipcz().Box(node.get(), object, IPCZ_NO_FLAGS, nullptr, &box);
  if (boxed != IPCZ_RESULT_OK) {
    node.driver()->Close(object, IPCZ_NO_FLAGS, nullptr);
    return Result<Memory>::Failure(boxed);
  }
  memory.box_.Reset(box);
  memory.view_ = {static_cast<std::byte*>(address), num_bytes};
  memory.writable_ = true;
  return memory;
}

Result<Memory> Memory::Create(const Node& node, size_t num_bytes) {
  if (num_bytes >= kSharedMemoryMin) {
    Result<Memory> shared = CreateShared(node, num_bytes);
    if (shared.result() != IPCZ_RESULT_UNIMPLEMENTED) return shared;
  }
  Memory memory;
  memory.heap_.reset(new (std::nothrow) std::byte[num_bytes]());
  if (!memory.heap_) return Result<Memory>::Failure(IPCZ_RESULT_RESOURCE_EXHAUSTED);
  memory.view_ = {memory.heap_.get(), num_bytes};
  memory.writable_ = true;
  return memory;
}

Result<Memory> Memory::CopyOf(std::span<const std::byte> bytes) {
  Memory memory;
  memory.heap_.reset(new (std::nothrow) std::byte[bytes.size()]);
  if (!memory.heap_) return Result<Memory>::Failure(IPCZ_RESULT_RESOURCE_EXHAUSTED);
  if (!bytes.empty()) std::memcpy(memory.heap_.get(), bytes.data(), bytes.size());
  memory.view_ = {memory.heap_.get(), bytes.size()};
  memory.writable_ = true;
  return memory;
}

std::span<std::byte> Memory::bytes() {
  if (!writable_) return {};
  // Ours, and made as bytes that can be written.
  return {const_cast<std::byte*>(view_.data()), view_.size()};
}

int64_t Memory::Duplicate(Handle* box) const {
  IpczDriverHandle object = IPCZ_INVALID_DRIVER_HANDLE;
  IpczResult result = Ipcz().Unbox(box_.get(), IPCZ_UNBOX_PEEK, nullptr, &object);
  if (result != IPCZ_RESULT_OK) return ErrorOf(result);
  IpczDriverHandle copy = IPCZ_INVALID_DRIVER_HANDLE;
  result = home_.driver->DuplicateSharedMemory(object, IPCZ_NO_FLAGS, nullptr, &copy);
  if (result != IPCZ_RESULT_OK) return ErrorOf(result);
  IpczHandle boxed = IPCZ_INVALID_HANDLE;
  result = Ipcz().Box(home_.node, copy, IPCZ_NO_FLAGS, nullptr, &boxed);
  if (result != IPCZ_RESULT_OK) {
    home_.driver->Close(copy, IPCZ_NO_FLAGS, nullptr);
    return ErrorOf(result);
  }
  box->Reset(boxed);
  return RW_EOK;
}

Handle Memory::IntoBox() && {
  Handle box = std::move(box_);
  Reset();
  return box;
}

int64_t Memory::FromBox(Handle box, size_t num_bytes, const NodeAndDriver& home, Memory* memory) {
  const RingwayDriverExtension* extension = ExtensionOf(home.driver);
  if (!extension) return -RW_EINVAL;
  IpczDriverHandle object = IPCZ_INVALID_DRIVER_HANDLE;
  if (Ipcz().Unbox(box.get(), IPCZ_UNBOX_PEEK, nullptr, &object) != IPCZ_RESULT_OK) {
    return -RW_EPROTO;
  }
  Memory fresh;
  const void* address = nullptr;
  size_t mapped_bytes = 0;
  const IpczResult mapped = extension->MapPeerMemory(object, IPCZ_NO_FLAGS, nullptr, &address,
                                                     &mapped_bytes, &fresh.mapping_);
  if (mapped == IPCZ_RESULT_RESOURCE_EXHAUSTED) return -RW_ENOMEM;
  if (mapped != IPCZ_RESULT_OK) return -RW_EPROTO;
  fresh.home_ = home;
  if (num_bytes > mapped_bytes) return -RW_EPROTO;
  fresh.box_ = std::move(box);
  fresh.view_ = {static_cast<const std::byte*>(address), num_bytes};
  *memory = std::move(fresh);
  return RW_EOK;
}

namespace {

// What stands before the bytes: their number, if their form is one of those allowed.
size_t GetSize(Reader& reader, uint32_t form_max, uint32_t* form) {
  *form = reader.Value<uint32_t>();
  if (reader.Value<uint32_t>() != 0 || *form > form_max) reader.Fail(-RW_EPROTO);
  return reader.Value<uint64_t>();
}

std::span<const std::byte> BytesThatFollow(Reader& reader, size_t num_bytes) {
  const auto* data = reader.Elements<std::byte>(num_bytes);
  return {data, data ? num_bytes : 0};
}

}  // namespace

std::span<const std::byte> GetBytes(Reader& reader) {
  uint32_t form = kMemoryFollows;
  const size_t num_bytes = GetSize(reader, kMemoryFollows, &form);
  return BytesThatFollow(reader, num_bytes);
}

std::span<const std::byte> GetMemory(Reader& reader, Memory* memory) {
  uint32_t form = kMemoryFollows;
  const size_t num_bytes = GetSize(reader, kMemoryInBox, &form);
  if (form == kMemoryFollows) return BytesThatFollow(reader, num_bytes);
  const int64_t status = Memory::FromBox(reader.TakeHandle(), num_bytes, reader.home(), memory);
  if (status != RW_EOK) reader.Fail(status);
  return memory->view();
}

}  // namespace api
}  // namespace ringway
