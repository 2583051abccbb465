// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/driver.h"

#include <sys/random.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "driver_linux/memory_objects.h"
#include "driver_linux/process.h"
#include "driver_linux/results.h"
#include "driver_linux/serialization.h"
#include "driver_linux/transport.h"
#include "driver_linux/words.h"
#include "shm/memfd.h"

// Each entry point checks its arguments, converts them, and makes one call.

namespace ringway::driver {
namespace {

Registry& Handles() { return CurrentProcess().registry; }

template <typename T>
std::span<const T> SpanOf(const T* data, size_t count) {
  return {data, count};
}

bool IsArray(const void* data, size_t count) { return data != nullptr || count == 0; }

IpczResult IPCZ_API Close(IpczDriverHandle handle, uint32_t, const void*) {
  return GuardAbi([&] {
    const std::shared_ptr<Object> object = Handles().Take(handle);
    if (!object) return Handles().Refusal(handle);
    object->OnHandleClosed();
    return IPCZ_RESULT_OK;
  });
}

IpczResult IPCZ_API Serialize(IpczDriverHandle handle, IpczDriverHandle transport, uint32_t,
                              const void*, void* data, size_t* num_bytes, IpczDriverHandle* handles,
                              size_t* num_handles) {
  return GuardAbi([&] {
    SerializedSize size = {num_bytes && data ? *num_bytes : 0,
                           num_handles && handles ? *num_handles : 0};
    const IpczResult result = SerializeObject(handle, transport, data, handles, &size);
    if (result != IPCZ_RESULT_OK && result != IPCZ_RESULT_RESOURCE_EXHAUSTED) return result;
    if (num_bytes) *num_bytes = size.num_bytes;
    if (num_handles) *num_handles = size.num_handles;
    return result;
  });
}

IpczResult IPCZ_API Deserialize(const void* data, size_t num_bytes, const IpczDriverHandle* handles,
                                size_t num_handles, IpczDriverHandle, uint32_t, const void*,
                                IpczDriverHandle* handle) {
  if (!IsArray(handles, num_handles)) return IPCZ_RESULT_INVALID_ARGUMENT;
  return GuardAbi([&] {
    IpczDriverHandle object;
    const bool is_valid = handle != nullptr && IsArray(data, num_bytes);
    const auto bytes = SpanOf(static_cast<const std::byte*>(data), is_valid ? num_bytes : 0);
    const IpczResult result = DeserializeObject(bytes, SpanOf(handles, num_handles), &object);
    if (result == IPCZ_RESULT_OK) *handle = object;
    return result;
  });
}

IpczResult IPCZ_API CreateTransports(IpczDriverHandle transport0, IpczDriverHandle transport1,
                                     uint32_t, const void*, IpczDriverHandle* new_transport0,
                                     IpczDriverHandle* new_transport1) {
  if (!new_transport0 || !new_transport1) return IPCZ_RESULT_INVALID_ARGUMENT;
  return GuardAbi([&] {
    for (const IpczDriverHandle context : {transport0, transport1}) {
      if (context != IPCZ_INVALID_DRIVER_HANDLE && !Handles().Find<Transport>(context)) {
        return Handles().Refusal(context);
      }
    }
    return CreateTransportPair(new_transport0, new_transport1);
  });
}

IpczResult IPCZ_API ActivateTransport(IpczDriverHandle driver_transport, IpczHandle transport,
                                      IpczTransportActivityHandler activity_handler, uint32_t,
                                      const void*) {
  if (!activity_handler) return IPCZ_RESULT_INVALID_ARGUMENT;
  return GuardAbi([&] {
    const std::shared_ptr<Transport> object = Handles().Find<Transport>(driver_transport);
    if (!object) return Handles().Refusal(driver_transport);
    return object->Activate(transport, activity_handler);
  });
}

IpczResult IPCZ_API DeactivateTransport(IpczDriverHandle driver_transport, uint32_t, const void*) {
  return GuardAbi([&] {
    const std::shared_ptr<Transport> object = Handles().Find<Transport>(driver_transport);
    if (!object) return Handles().Refusal(driver_transport);
    return object->Deactivate();
  });
}

IpczResult IPCZ_API Transmit(IpczDriverHandle driver_transport, const void* data, size_t num_bytes,
                             const IpczDriverHandle* handles, size_t num_handles, uint32_t,
                             const void*) {
  if (!IsArray(handles, num_handles)) return IPCZ_RESULT_INVALID_ARGUMENT;
  return GuardAbi([&] {
    // Whatever happens, the handles are the driver's.
    std::vector<UniqueFd> descriptors;
    const bool has_files = UnwrapDescriptors(SpanOf(handles, num_handles), &descriptors);
    const std::shared_ptr<Transport> object = Handles().Find<Transport>(driver_transport);
    if (!object) return Handles().Refusal(driver_transport);
    if (!has_files || !IsArray(data, num_bytes)) return IPCZ_RESULT_INVALID_ARGUMENT;
    return object->Transmit(SpanOf(static_cast<const std::byte*>(data), num_bytes),
                            std::move(descriptors));
  });
}

// Nothing to do: the engine's caller decides what to think of a peer, and closes the link itself.
IpczResult IPCZ_API ReportBadTransportActivity(IpczDriverHandle transport, uintptr_t, uint32_t,
                                               const void*) {
  return Handles().Find<Transport>(transport) ? IPCZ_RESULT_OK : Handles().Refusal(transport);
}

IpczResult IPCZ_API AllocateSharedMemory(size_t num_bytes, uint32_t, const void*,
                                         IpczDriverHandle* driver_memory) {
  if (num_bytes == 0 || !driver_memory) return IPCZ_RESULT_INVALID_ARGUMENT;
  return GuardAbi([&] {
    OsResult<Memfd> memfd = Memfd::CreateShared(num_bytes);
    if (!memfd.ok()) return ToMemoryResult(memfd.error());
    return Handles().Insert(std::make_shared<Memory>(std::move(*memfd)), driver_memory);
  });
}

IpczResult IPCZ_API GetSharedMemoryInfo(IpczDriverHandle driver_memory, uint32_t, const void*,
                                        IpczSharedMemoryInfo* info) {
  if (!info || info->size < sizeof(IpczSharedMemoryInfo)) return IPCZ_RESULT_INVALID_ARGUMENT;
  const std::shared_ptr<Memory> memory = Handles().Find<Memory>(driver_memory);
  if (!memory) return Handles().Refusal(driver_memory);
  info->region_num_bytes = memory->num_bytes();
  return IPCZ_RESULT_OK;
}

IpczResult IPCZ_API DuplicateSharedMemory(IpczDriverHandle driver_memory, uint32_t, const void*,
                                          IpczDriverHandle* new_driver_memory) {
  if (!new_driver_memory) return IPCZ_RESULT_INVALID_ARGUMENT;
  return GuardAbi([&] {
    const std::shared_ptr<Memory> memory = Handles().Find<Memory>(driver_memory);
    if (!memory) return Handles().Refusal(driver_memory);
    OsResult<Memfd> duplicate = memory->Duplicate();
    if (!duplicate.ok()) return ToMemoryResult(duplicate.error());
    return Handles().Insert(std::make_shared<Memory>(std::move(*duplicate)), new_driver_memory);
  });
}

// Gives `mapping` a handle and, only then, tells where it is.
template <typename Address>
IpczResult GiveMapping(OsResult<Mapping> mapping, Address** address, IpczDriverHandle* handle) {
  if (!mapping.ok()) return ToMemoryResult(mapping.error());
  Address* const mapped_at = mapping->address();
  const IpczResult result =
      Handles().Insert(std::make_shared<MappingObject>(std::move(*mapping)), handle);
  if (result == IPCZ_RESULT_OK) *address = mapped_at;
  return result;
}

IpczResult IPCZ_API MapSharedMemory(IpczDriverHandle driver_memory, uint32_t, const void*,
                                    void** address, IpczDriverHandle* driver_mapping) {
  if (!address || !driver_mapping) return IPCZ_RESULT_INVALID_ARGUMENT;
  return GuardAbi([&] {
    const std::shared_ptr<Memory> memory = Handles().Find<Memory>(driver_memory);
    if (!memory) return Handles().Refusal(driver_memory);
    return GiveMapping(memory->Map(), address, driver_mapping);
  });
}

IpczResult IPCZ_API GenerateRandomBytes(size_t num_bytes, uint32_t, const void*, void* buffer) {
  if (!IsArray(buffer, num_bytes)) return IPCZ_RESULT_INVALID_ARGUMENT;
  auto* bytes = static_cast<std::byte*>(buffer);
  for (size_t done = 0; done < num_bytes;) {
    const ssize_t count = getrandom(bytes + done, num_bytes - done, 0);
    if (count < 0 && errno != EINTR) return IPCZ_RESULT_UNAVAILABLE;
    if (count > 0) done += static_cast<size_t>(count);
  }
  return IPCZ_RESULT_OK;
}

IpczResult IPCZ_API AllocateOwnedMemory(size_t num_bytes, uint32_t flags, const void*,
                                        IpczDriverHandle* memory, void** address,
                                        IpczDriverHandle* mapping) {
  constexpr uint32_t kKnownFlags = RINGWAY_MEMORY_HUGE_PAGES | RINGWAY_MEMORY_PREFAULT;
  if (num_bytes == 0 || (flags & ~kKnownFlags) != 0 || !memory || !address || !mapping) {
    return IPCZ_RESULT_INVALID_ARGUMENT;
  }
  return GuardAbi([&] {
    const MemoryOptions options = {(flags & RINGWAY_MEMORY_HUGE_PAGES) != 0,
                                   (flags & RINGWAY_MEMORY_PREFAULT) != 0};
    OsResult<OwnedMemory> owned = Memfd::CreateOwned(num_bytes, options);
    if (!owned.ok()) {
      // A kernel without FUTURE_WRITE does not know the seal.
      const bool is_refused = std::strcmp(owned.error().call, "fcntl(F_ADD_SEALS)") == 0;
      return is_refused ? IPCZ_RESULT_UNIMPLEMENTED : ToMemoryResult(owned.error());
    }
    IpczDriverHandle memory_handle;
    auto object = std::make_shared<Memory>(std::move(owned->memfd));
    IpczResult result = Handles().Insert(std::move(object), &memory_handle);
    if (result != IPCZ_RESULT_OK) return result;
    result = GiveMapping(std::move(owned->mapping), address, mapping);
    if (result == IPCZ_RESULT_OK) {
      *memory = memory_handle;
    } else {
      Handles().Take(memory_handle);
    }
    return result;
  });
}

IpczResult IPCZ_API MapPeerMemory(IpczDriverHandle memory, uint32_t, const void*,
                                  const void** address, size_t* num_bytes,
                                  IpczDriverHandle* mapping) {
  if (!address || !num_bytes || !mapping) return IPCZ_RESULT_INVALID_ARGUMENT;
  return GuardAbi([&] {
    const std::shared_ptr<Memory> object = Handles().Find<Memory>(memory);
    if (!object) return Handles().Refusal(memory);
    const IpczResult result = GiveMapping(object->MapPeers(), address, mapping);
    if (result == IPCZ_RESULT_OK) *num_bytes = object->num_bytes();
    return result;
  });
}

IpczResult IPCZ_API AllocateLoan(size_t num_bytes, uint32_t, const void*,
                                 IpczDriverHandle* memory) {
  if (num_bytes == 0 || !memory) return IPCZ_RESULT_INVALID_ARGUMENT;
  return GuardAbi([&] {
    OsResult<Memfd> memfd = Memfd::CreateLoan(num_bytes);
    if (!memfd.ok()) return ToMemoryResult(memfd.error());
    return Handles().Insert(std::make_shared<Memory>(std::move(*memfd)), memory);
  });
}

IpczResult IPCZ_API MapLoan(IpczDriverHandle memory, uint32_t, const void*, void** address,
                            IpczDriverHandle* mapping) {
  if (!address || !mapping) return IPCZ_RESULT_INVALID_ARGUMENT;
  return GuardAbi([&] {
    const std::shared_ptr<Memory> object = Handles().Find<Memory>(memory);
    if (!object) return Handles().Refusal(memory);
    if (!object->is_loan()) return IPCZ_RESULT_INVALID_ARGUMENT;
    return GiveMapping(object->MapLoan(), address, mapping);
  });
}

IpczResult IPCZ_API WaitWords(const RingwayWord* words, size_t num_words, uint64_t timeout_ns) {
  if (!words) return IPCZ_RESULT_INVALID_ARGUMENT;
  return WaitForWords(SpanOf(words, num_words), timeout_ns);
}

IpczResult IPCZ_API WakeWord(const volatile void* address) { return WakeWaiters(address); }

uint32_t IPCZ_API BarrierAvailable(void) { return CurrentProcess().barrier.IsAvailable() ? 1 : 0; }

IpczResult IPCZ_API Barrier(void) {
  Process& process = CurrentProcess();
  if (!process.barrier.Execute()) return IPCZ_RESULT_UNIMPLEMENTED;
  process.statistics.barriers.Add();
  return IPCZ_RESULT_OK;
}

IpczResult IPCZ_API QueryStatistics(RingwayDriverStatistics* statistics) {
  constexpr size_t kFirstSize = offsetof(RingwayDriverStatistics, back_end);
  if (!statistics || statistics->size < kFirstSize) return IPCZ_RESULT_INVALID_ARGUMENT;
  const Statistics& now = CurrentProcess().statistics;
  // In this order: each is counted among those over sockets first.
  const uint64_t messages_sent = now.messages_sent.Get();
  const uint64_t through_channels =
      messages_sent - std::min(messages_sent, now.socket_messages_sent.Get());
  const uint64_t wakes = now.record_wakes_sent.Get();
  const RingwayDriverStatistics all = {statistics->size,
                                       messages_sent,
                                       now.messages_received.Get(),
                                       now.bytes_sent.Get(),
                                       now.bytes_received.Get(),
                                       now.handles_sent.Get(),
                                       now.handles_received.Get(),
                                       now.system_calls.Get(),
                                       now.words_woken.Get(),
                                       now.word_waits.Get(),
                                       now.barriers.Get(),
                                       Handles().CountOpen(Kind::kTransport),
                                       Handles().CountOpen(Kind::kMemory),
                                       Handles().CountOpen(Kind::kMapping),
                                       now.reactor_back_end.Get(),
                                       CurrentProcess().BackEndInUse(),
                                       through_channels,
                                       wakes + now.room_wakes_sent.Get(),
                                       through_channels - std::min(wakes, through_channels),
                                       now.has_sqpoll.Get()};
  std::memcpy(statistics, &all, std::min(statistics->size, sizeof(all)));
  return IPCZ_RESULT_OK;
}

constexpr RingwayDriver kTable = {
    {sizeof(RingwayDriver), Close, Serialize, Deserialize, CreateTransports, ActivateTransport,
     DeactivateTransport, Transmit, ReportBadTransportActivity, AllocateSharedMemory,
     GetSharedMemoryInfo, DuplicateSharedMemory, MapSharedMemory, GenerateRandomBytes},
    {RINGWAY_DRIVER_EXTENSION_MAGIC, sizeof(RingwayDriverExtension), AllocateOwnedMemory,
     MapPeerMemory, WaitWords, WakeWord, BarrierAvailable, Barrier, QueryStatistics, AllocateLoan,
     MapLoan}};

}  // namespace

const RingwayDriver& GetTable() { return kTable; }

IpczResult CreateTransportPair(IpczDriverHandle* first, IpczDriverHandle* second) {
  int sockets[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, sockets) != 0) {
    return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  }
  UniqueFd socket0(sockets[0]);
  UniqueFd socket1(sockets[1]);
  const auto transport0 = std::make_shared<Transport>(Transport::Endpoint{std::move(socket0), {}});
  const auto transport1 = std::make_shared<Transport>(Transport::Endpoint{std::move(socket1), {}});
  IpczDriverHandle handles[2];
  IpczResult result = Handles().Insert(transport0, &handles[0]);
  if (result != IPCZ_RESULT_OK) return result;
  result = Handles().Insert(transport1, &handles[1]);
  if (result != IPCZ_RESULT_OK) {
    Handles().Take(handles[0]);
    return result;
  }
  *first = handles[0];
  *second = handles[1];
  return IPCZ_RESULT_OK;
}

}  // namespace ringway::driver
