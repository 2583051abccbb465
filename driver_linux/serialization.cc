// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/serialization.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "driver_linux/memory_objects.h"
#include "driver_linux/object_layout.h"
#include "driver_linux/process.h"
#include "driver_linux/transport_layout.h"

namespace ringway::driver {
namespace {

SerializedObject MakeHeader(uint16_t type) { return {kObjectMagic, kWireVersion, type, 0, 0, 0}; }

// Whether the capacities suffice; tells the need.
bool Fits(size_t num_bytes, size_t num_handles, SerializedSize* size) {
  const bool fits = num_bytes <= size->num_bytes && num_handles <= size->num_handles;
  *size = {num_bytes, num_handles};
  return fits;
}

IpczResult SerializeFile(IpczDriverHandle handle, void* data, IpczDriverHandle* handles,
                         SerializedSize* size) {
  if (!Fits(sizeof(SerializedObject), 1, size)) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  const SerializedObject header = MakeHeader(kSerializedFile);
  std::memcpy(data, &header, sizeof(header));
  handles[0] = handle;
  return IPCZ_RESULT_OK;
}

IpczResult SerializeMemory(IpczDriverHandle handle, void* data, IpczDriverHandle* handles,
                           SerializedSize* size) {
  if (!Fits(sizeof(SerializedObject), 1, size)) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  Registry& registry = CurrentProcess().registry;
  const std::shared_ptr<Memory> memory = registry.Take<Memory>(handle);
  if (!memory) return IPCZ_RESULT_INVALID_ARGUMENT;
  SerializedObject header = MakeHeader(memory->is_loan() ? kSerializedLoan : kSerializedMemory);
  header.num_bytes = memory->num_bytes();
  std::memcpy(data, &header, sizeof(header));
  std::vector<UniqueFd> descriptors;
  descriptors.push_back(memory->TakeFd());
  std::vector<IpczDriverHandle> wrapped;
  if (!WrapDescriptors(&descriptors, &wrapped)) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  handles[0] = wrapped[0];
  return IPCZ_RESULT_OK;
}

size_t SerializedBytes(const Transport::EndpointSize& size) {
  return sizeof(SerializedObject) + size.num_chunks * sizeof(SerializedChunk) + size.num_bytes;
}

// Writes the endpoint to `data`, which is large enough, and moves its descriptors out.
void WriteEndpoint(Transport::Endpoint endpoint, std::byte* data,
                   std::vector<UniqueFd>* descriptors) {
  std::deque<SendQueue::Chunk> chunks = endpoint.pending.TakeChunks();
  SerializedObject header = MakeHeader(kSerializedTransport);
  header.chunk_count = static_cast<uint32_t>(chunks.size());
  std::memcpy(data, &header, sizeof(header));
  std::byte* chunk_data = data + sizeof(header);
  std::byte* bytes_data = chunk_data + chunks.size() * sizeof(SerializedChunk);
  descriptors->push_back(std::move(endpoint.socket));
  for (SendQueue::Chunk& chunk : chunks) {
    const std::span<const std::byte> bytes = std::span(chunk.bytes).subspan(chunk.sent_bytes);
    const SerializedChunk description = {bytes.size(),
                                         static_cast<uint32_t>(chunk.descriptors.size()), 0};
    std::memcpy(chunk_data, &description, sizeof(description));
    chunk_data += sizeof(description);
    std::memcpy(bytes_data, bytes.data(), bytes.size());
    bytes_data += bytes.size();
    for (UniqueFd& descriptor : chunk.descriptors) descriptors->push_back(std::move(descriptor));
  }
}

IpczResult SerializeTransport(IpczDriverHandle handle, Transport* transport, void* data,
                              IpczDriverHandle* handles, SerializedSize* size) {
  Transport::EndpointSize endpoint_size;
  // An active transport cannot move.
  if (transport->Measure(&endpoint_size) != IPCZ_RESULT_OK) return IPCZ_RESULT_INVALID_ARGUMENT;
  if (!Fits(SerializedBytes(endpoint_size), 1 + endpoint_size.num_descriptors, size)) {
    return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  }
  std::vector<UniqueFd> descriptors;
  descriptors.reserve(size->num_handles);
  std::vector<IpczDriverHandle> wrapped;
  Transport::Endpoint endpoint;
  const IpczResult result = transport->TakeEndpoint(endpoint_size, &endpoint);
  if (result != IPCZ_RESULT_OK) return result;
  CurrentProcess().registry.Take(handle);
  WriteEndpoint(std::move(endpoint), static_cast<std::byte*>(data), &descriptors);
  if (!WrapDescriptors(&descriptors, &wrapped)) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  std::copy(wrapped.begin(), wrapped.end(), handles);
  return IPCZ_RESULT_OK;
}

// Reads the chunks of a transport out of what follows its header. False if the peer made them up.
bool ReadChunks(size_t chunk_count, std::span<const std::byte> data,
                std::span<UniqueFd> descriptors, std::deque<SendQueue::Chunk>* chunks) {
  if (chunk_count > data.size() / sizeof(SerializedChunk)) return false;
  std::span<const std::byte> bytes = data.subspan(chunk_count * sizeof(SerializedChunk));
  for (size_t i = 0; i < chunk_count; ++i) {
    SerializedChunk description;
    std::memcpy(&description, data.data() + i * sizeof(description), sizeof(description));
    if (description.reserved != 0 || description.num_bytes == 0 ||
        description.num_bytes > bytes.size() ||
        description.descriptor_count > kDescriptorsPerBatch ||
        description.descriptor_count > descriptors.size()) {
      return false;
    }
    SendQueue::Chunk chunk;
    const std::span<const std::byte> chunk_bytes = bytes.first(description.num_bytes);
    chunk.bytes.assign(chunk_bytes.begin(), chunk_bytes.end());
    for (UniqueFd& descriptor : descriptors.first(description.descriptor_count)) {
      chunk.descriptors.push_back(std::move(descriptor));
    }
    chunks->push_back(std::move(chunk));
    bytes = bytes.subspan(description.num_bytes);
    descriptors = descriptors.subspan(description.descriptor_count);
  }
  return bytes.empty() && descriptors.empty();
}

// Null if the peer's description is none that SerializeObject() gives.
std::shared_ptr<Object> ReadObject(std::span<const std::byte> data,
                                   std::span<UniqueFd> descriptors) {
  SerializedObject header;
  if (data.size() < sizeof(header) || descriptors.empty()) return nullptr;
  std::memcpy(&header, data.data(), sizeof(header));
  if (header.magic != kObjectMagic || header.version != kWireVersion || header.reserved != 0) {
    return nullptr;
  }
  if (header.type == kSerializedTransport) {
    std::deque<SendQueue::Chunk> chunks;
    if (header.num_bytes != 0 || !IsTransportSocket(descriptors[0].get()) ||
        !ReadChunks(header.chunk_count, data.subspan(sizeof(header)), descriptors.subspan(1),
                    &chunks)) {
      return nullptr;
    }
    return std::make_shared<Transport>(
        Transport::Endpoint{std::move(descriptors[0]), SendQueue(std::move(chunks))});
  }
  if (data.size() != sizeof(header) || descriptors.size() != 1 || header.chunk_count != 0) {
    return nullptr;
  }
  if (header.type == kSerializedMemory || header.type == kSerializedLoan) {
    const auto adopt = header.type == kSerializedLoan ? Memfd::AdoptLoan : Memfd::Adopt;
    OsResult<Memfd> memfd = adopt(std::move(descriptors[0]), header.num_bytes);
    return memfd.ok() ? std::make_shared<Memory>(std::move(*memfd)) : nullptr;
  }
  if (header.type == kSerializedFile && header.num_bytes == 0) {
    return std::make_shared<File>(std::move(descriptors[0]));
  }
  return nullptr;
}

int GetSocketOption(int socket, int option) {
  int value = -1;
  socklen_t num_bytes = sizeof(value);
  return getsockopt(socket, SOL_SOCKET, option, &value, &num_bytes) == 0 ? value : -1;
}

}  // namespace

IpczResult SerializeObject(IpczDriverHandle handle, IpczDriverHandle transport, void* data,
                           IpczDriverHandle* handles, SerializedSize* size) {
  Registry& registry = CurrentProcess().registry;
  const std::shared_ptr<Object> object = registry.FindObject(handle);
  if (!object) return registry.Refusal(handle);
  if (object->kind() == Kind::kMapping) return IPCZ_RESULT_INVALID_ARGUMENT;
  if (transport == IPCZ_INVALID_DRIVER_HANDLE) {
    Transport::EndpointSize unused;
    const bool movable = object->kind() != Kind::kTransport ||
                         static_cast<Transport&>(*object).Measure(&unused) == IPCZ_RESULT_OK;
    return movable ? IPCZ_RESULT_ABORTED : IPCZ_RESULT_INVALID_ARGUMENT;
  }
  if (!registry.Find<Transport>(transport)) return registry.Refusal(transport);
  if (handle == transport) return IPCZ_RESULT_INVALID_ARGUMENT;
  switch (object->kind()) {
    case Kind::kTransport:
      return SerializeTransport(handle, static_cast<Transport*>(object.get()), data, handles, size);
    case Kind::kMemory:
      return SerializeMemory(handle, data, handles, size);
    default:
      return SerializeFile(handle, data, handles, size);
  }
}

IpczResult DeserializeObject(std::span<const std::byte> data,
                             std::span<const IpczDriverHandle> handles, IpczDriverHandle* handle) {
  std::vector<UniqueFd> descriptors;
  if (!UnwrapDescriptors(handles, &descriptors)) return IPCZ_RESULT_INVALID_ARGUMENT;
  std::shared_ptr<Object> object = ReadObject(data, descriptors);
  if (!object) return IPCZ_RESULT_INVALID_ARGUMENT;
  return CurrentProcess().registry.Insert(std::move(object), handle);
}

bool IsTransportSocket(int socket) {
  sockaddr_un peer;
  socklen_t num_bytes = sizeof(peer);
  return GetSocketOption(socket, SO_DOMAIN) == AF_UNIX &&
         GetSocketOption(socket, SO_TYPE) == SOCK_STREAM &&
         GetSocketOption(socket, SO_ACCEPTCONN) == 0 &&
         getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &num_bytes) == 0;
}

}  // namespace ringway::driver
