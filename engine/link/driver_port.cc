// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/link/driver_port.h"

#include "engine/base/biased_lock.h"
#include "ring/base/fence.h"

namespace ringway {

DriverPort::DriverPort(const IpczDriver* table, IpczDriverHandle driver_node)
    : table_(*table),
      driver_node_(driver_node),
      extension_(RingwayFindDriverExtension(table)),
      has_barrier_(extension_ && extension_->BarrierAvailable() != 0) {
  if (has_barrier_) BiasedLock::SetBarrier(extension_->Barrier);
}

IpczResult DriverPort::Allocate(size_t num_bytes, OwnMemory* result) const {
  OwnMemory own;
  void* address = nullptr;
  if (extension_) {
    const IpczResult allocated = extension_->AllocateOwnedMemory(
        num_bytes, IPCZ_NO_FLAGS, nullptr, &own.memory, &address, &own.mapping);
    if (allocated != IPCZ_RESULT_OK) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  } else {
    if (table_.AllocateSharedMemory(num_bytes, IPCZ_NO_FLAGS, nullptr, &own.memory) !=
        IPCZ_RESULT_OK) {
      return IPCZ_RESULT_RESOURCE_EXHAUSTED;
    }
    if (table_.MapSharedMemory(own.memory, IPCZ_NO_FLAGS, nullptr, &address, &own.mapping) !=
        IPCZ_RESULT_OK) {
      Close(own.memory);
      return IPCZ_RESULT_RESOURCE_EXHAUSTED;
    }
  }
  own.address = static_cast<std::byte*>(address);
  *result = own;
  return IPCZ_RESULT_OK;
}

IpczDriverHandle DriverPort::AllocateLoan(size_t num_bytes) const {
  IpczDriverHandle memory = IPCZ_INVALID_DRIVER_HANDLE;
  const auto allocate = extension_ ? extension_->AllocateLoan : table_.AllocateSharedMemory;
  return allocate(num_bytes, IPCZ_NO_FLAGS, nullptr, &memory) == IPCZ_RESULT_OK
             ? memory
             : IPCZ_INVALID_DRIVER_HANDLE;
}

IpczResult DriverPort::TakeLoan(IpczDriverHandle memory, size_t num_bytes,
                                OwnMemory* result) const {
  OwnMemory own;
  own.memory = memory;
  void* address = nullptr;
  IpczSharedMemoryInfo info = {sizeof(info), 0};
  const auto map = extension_ ? extension_->MapLoan : table_.MapSharedMemory;
  const bool good =
      table_.GetSharedMemoryInfo(memory, IPCZ_NO_FLAGS, nullptr, &info) == IPCZ_RESULT_OK &&
      info.region_num_bytes >= num_bytes &&
      map(memory, IPCZ_NO_FLAGS, nullptr, &address, &own.mapping) == IPCZ_RESULT_OK;
  if (!good) {
    Close(memory);
    return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  }
  own.address = static_cast<std::byte*>(address);
  *result = own;
  return IPCZ_RESULT_OK;
}

IpczResult DriverPort::MapPeer(IpczDriverHandle memory, PeerMapping* result) const {
  PeerMapping peer;
  IpczResult mapped;
  if (extension_) {
    const void* address = nullptr;
    mapped = extension_->MapPeerMemory(memory, IPCZ_NO_FLAGS, nullptr, &address, &peer.num_bytes,
                                       &peer.mapping);
    peer.address = static_cast<const std::byte*>(address);
  } else {
    IpczSharedMemoryInfo info = {sizeof(info), 0};
    mapped = table_.GetSharedMemoryInfo(memory, IPCZ_NO_FLAGS, nullptr, &info);
    if (mapped == IPCZ_RESULT_OK) {
      void* address = nullptr;
      mapped = table_.MapSharedMemory(memory, IPCZ_NO_FLAGS, nullptr, &address, &peer.mapping);
      peer.address = static_cast<const std::byte*>(address);
      peer.num_bytes = info.region_num_bytes;
    }
  }
  Close(memory);
  if (mapped == IPCZ_RESULT_OK) *result = peer;
  return mapped;
}

IpczResult DriverPort::Serialize(IpczDriverHandle object, IpczDriverHandle transport,
                                 std::vector<std::byte>* bytes,
                                 std::vector<IpczDriverHandle>* handles) const {
  size_t num_bytes = 0;
  size_t num_handles = 0;
  const IpczResult probed = table_.Serialize(object, transport, IPCZ_NO_FLAGS, nullptr, nullptr,
                                             &num_bytes, nullptr, &num_handles);
  if (probed != IPCZ_RESULT_RESOURCE_EXHAUSTED) {
    // OK with no room means that nothing stands for the object: it cannot travel.
    return probed == IPCZ_RESULT_OK ? IPCZ_RESULT_INVALID_ARGUMENT : probed;
  }
  const size_t first_byte = bytes->size();
  const size_t first_handle = handles->size();
  bytes->resize(first_byte + num_bytes);
  handles->resize(first_handle + num_handles);
  const IpczResult result =
      table_.Serialize(object, transport, IPCZ_NO_FLAGS, nullptr, bytes->data() + first_byte,
                       &num_bytes, handles->data() + first_handle, &num_handles);
  const bool ok = result == IPCZ_RESULT_OK;
  bytes->resize(first_byte + (ok ? num_bytes : 0));
  handles->resize(first_handle + (ok ? num_handles : 0));
  return result;
}

bool DriverPort::IsTransmissible(IpczDriverHandle object) const {
  const IpczResult probed = table_.Serialize(object, IPCZ_INVALID_DRIVER_HANDLE, IPCZ_NO_FLAGS,
                                             nullptr, nullptr, nullptr, nullptr, nullptr);
  return probed == IPCZ_RESULT_RESOURCE_EXHAUSTED || probed == IPCZ_RESULT_ABORTED;
}

IpczResult DriverPort::Deserialize(std::span<const std::byte> bytes,
                                   std::span<const IpczDriverHandle> handles,
                                   IpczDriverHandle transport, IpczDriverHandle* object) const {
  return table_.Deserialize(bytes.data(), bytes.size(), handles.data(), handles.size(), transport,
                            IPCZ_NO_FLAGS, nullptr, object);
}

IpczResult DriverPort::Transmit(IpczDriverHandle transport, std::span<const std::byte> bytes,
                                std::span<const IpczDriverHandle> handles) const {
  return table_.Transmit(transport, bytes.data(), bytes.size(), handles.data(), handles.size(),
                         IPCZ_NO_FLAGS, nullptr);
}

void DriverPort::Close(IpczDriverHandle handle) const {
  if (handle != IPCZ_INVALID_DRIVER_HANDLE) table_.Close(handle, IPCZ_NO_FLAGS, nullptr);
}

bool DriverPort::Random(void* buffer, size_t num_bytes) const {
  return table_.GenerateRandomBytes(num_bytes, IPCZ_NO_FLAGS, nullptr, buffer) == IPCZ_RESULT_OK;
}

void DriverPort::WaitWords(std::span<const RingwayWord> words, uint64_t timeout_ns) const {
  // Early returns, time-outs and errors alike: the caller looks again.
  static_cast<void>(extension_->WaitWords(words.data(), words.size(), timeout_ns));
}

void DriverPort::WakeWord(const void* address) const {
  if (extension_) extension_->WakeWord(address);
}

void DriverPort::SleeperBarrier() const {
  if (!has_barrier_) return FullFence();
  // Publishers have dropped their fences, and nobody can tell them in time.
  if (extension_->Barrier() != IPCZ_RESULT_OK) WaitForOthersStores();
}

}  // namespace ringway
