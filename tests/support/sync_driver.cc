// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "tests/support/sync_driver.h"

#include <atomic>
#include <cstring>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "tests/support/sync_endpoint.h"

namespace ringway::testing {

namespace {

constexpr size_t kLine = 64;

std::atomic<size_t> memory_offset{0};

using Kind = SyncKind;
using Object = SyncObject;
using Endpoint = SyncEndpoint;

IpczDriverHandle HandleOf(Object* object) { return reinterpret_cast<IpczDriverHandle>(object); }
Object* ObjectOf(IpczDriverHandle handle) { return reinterpret_cast<Object*>(handle); }

template <class T>
T* As(IpczDriverHandle handle) {
  Object* object = ObjectOf(handle);
  return object && object->kind == T::kKind ? static_cast<T*>(object) : nullptr;
}

struct Transport : Object {
  static constexpr Kind kKind = Kind::kTransport;
  explicit Transport(std::shared_ptr<Endpoint> the_end) : Object(kKind), end(std::move(the_end)) {}
  ~Transport() override {
    end->Deactivate();
    if (const auto peer = end->peer()) peer->Arrive({IPCZ_TRANSPORT_ACTIVITY_ERROR, {}, {}});
  }
  const std::shared_ptr<Endpoint> end;
};

struct Region {
  explicit Region(size_t the_size)
      : size(the_size), offset(memory_offset.load()), start(Allocate(offset + size)) {
    std::memset(start, 0, offset + size);
  }
  ~Region() { ::operator delete (start, std::align_val_t{kLine}); }
  static std::byte* Allocate(size_t bytes) {
    return static_cast<std::byte*>(::operator new (bytes, std::align_val_t{kLine}));
  }
  const size_t size;
  const size_t offset;
  std::byte* const start;
};

struct Memory : Object {
  static constexpr Kind kKind = Kind::kMemory;
  explicit Memory(std::shared_ptr<Region> the_region)
      : Object(kKind), region(std::move(the_region)) {}
  const std::shared_ptr<Region> region;
};

struct Mapping : Object {
  static constexpr Kind kKind = Kind::kMapping;
  explicit Mapping(std::shared_ptr<Region> the_region)
      : Object(kKind), region(std::move(the_region)) {}
  const std::shared_ptr<Region> region;
};

struct Blob : Object {
  static constexpr Kind kKind = Kind::kBlob;
  Blob(std::string the_text, bool is_serializable)
      : Object(kKind), text(std::move(the_text)), serializable(is_serializable) {}
  const std::string text;
  const bool serializable;
};

IpczResult IPCZ_API CloseObject(IpczDriverHandle handle, uint32_t, const void*) {
  if (handle == IPCZ_INVALID_DRIVER_HANDLE) return IPCZ_RESULT_INVALID_ARGUMENT;
  delete ObjectOf(handle);
  return IPCZ_RESULT_OK;
}

// An object travels as itself, with its kind as bytes.
IpczResult IPCZ_API Serialize(IpczDriverHandle handle, IpczDriverHandle transport, uint32_t,
                              const void*, void* data, size_t* num_bytes, IpczDriverHandle* handles,
                              size_t* num_handles) {
  if (handle == IPCZ_INVALID_DRIVER_HANDLE) return IPCZ_RESULT_INVALID_ARGUMENT;
  const Kind kind = ObjectOf(handle)->kind;
  const Blob* blob = As<Blob>(handle);
  if (kind == Kind::kMapping || (blob && !blob->serializable)) return IPCZ_RESULT_INVALID_ARGUMENT;
  if (transport == IPCZ_INVALID_DRIVER_HANDLE) return IPCZ_RESULT_ABORTED;
  const auto* wire = As<Transport>(transport);
  if (!wire) return IPCZ_RESULT_INVALID_ARGUMENT;
  const std::shared_ptr<Endpoint> peer = wire->end->peer();
  if (wire->end->wire().brokered && !wire->end->of_broker() && peer && !peer->of_broker()) {
    return IPCZ_RESULT_PERMISSION_DENIED;
  }
  const bool fits = data && num_bytes && *num_bytes >= sizeof(kind) && handles && num_handles &&
                    *num_handles >= 1;
  if (num_bytes) *num_bytes = sizeof(kind);
  if (num_handles) *num_handles = 1;
  if (!fits) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  std::memcpy(data, &kind, sizeof(kind));
  handles[0] = handle;
  return IPCZ_RESULT_OK;
}

template <SyncNode node>
IpczResult IPCZ_API Deserialize(const void* data, size_t num_bytes, const IpczDriverHandle* handles,
                                size_t num_handles, IpczDriverHandle, uint32_t, const void*,
                                IpczDriverHandle* handle) {
  Kind kind{};
  if (num_bytes == sizeof(kind)) std::memcpy(&kind, data, sizeof(kind));
  if (num_handles != 1 || !handles[0] || ObjectOf(handles[0])->kind != kind) {
    for (size_t i = 0; i < num_handles; ++i) delete ObjectOf(handles[i]);
    return IPCZ_RESULT_INVALID_ARGUMENT;
  }
  // It was made for whoever it was to be sent to first.
  if (auto* transport = As<Transport>(handles[0])) {
    transport->end->SetOfBroker(node == SyncNode::kBroker);
  }
  *handle = handles[0];
  return IPCZ_RESULT_OK;
}

IpczResult IPCZ_API CreateTransports(IpczDriverHandle over0, IpczDriverHandle over1, uint32_t,
                                     const void*, IpczDriverHandle* first,
                                     IpczDriverHandle* second) {
  const auto* transport0 = As<Transport>(over0);
  const auto* transport1 = As<Transport>(over1);
  if (!transport0 || !transport1) return IPCZ_RESULT_INVALID_ARGUMENT;
  const std::shared_ptr<Endpoint> peer0 = transport0->end->peer();
  const std::shared_ptr<Endpoint> peer1 = transport1->end->peer();
  if (!peer0 || !peer1) return IPCZ_RESULT_UNAVAILABLE;
  CreateSyncTransports(first, second, transport0->end->wire(), peer0->of_broker(),
                       peer1->of_broker());
  return IPCZ_RESULT_OK;
}

IpczResult IPCZ_API Activate(IpczDriverHandle transport, IpczHandle engine,
                             IpczTransportActivityHandler handler, uint32_t, const void*) {
  auto* object = As<Transport>(transport);
  if (!object) return IPCZ_RESULT_INVALID_ARGUMENT;
  const std::shared_ptr<Endpoint> end = object->end;  // the handler may close the object
  end->Activate(engine, handler);
  return IPCZ_RESULT_OK;
}

IpczResult IPCZ_API DeactivateTransport(IpczDriverHandle transport, uint32_t, const void*) {
  auto* object = As<Transport>(transport);
  if (!object) return IPCZ_RESULT_INVALID_ARGUMENT;
  const std::shared_ptr<Endpoint> end = object->end;  // the handler may close the object
  end->Deactivate();
  return IPCZ_RESULT_OK;
}

IpczResult IPCZ_API Transmit(IpczDriverHandle transport, const void* data, size_t num_bytes,
                             const IpczDriverHandle* handles, size_t num_handles, uint32_t,
                             const void*) {
  SyncItem item;
  item.handles.assign(handles, handles + num_handles);
  auto* object = As<Transport>(transport);
  const std::shared_ptr<Endpoint> peer = object ? object->end->peer() : nullptr;
  if (!peer) {
    Endpoint::CloseHandles(item);
    return object ? IPCZ_RESULT_UNAVAILABLE : IPCZ_RESULT_INVALID_ARGUMENT;
  }
  const auto* bytes = static_cast<const std::byte*>(data);
  item.bytes.assign(bytes, bytes + num_bytes);
  peer->Arrive(std::move(item));
  return IPCZ_RESULT_OK;
}

IpczResult IPCZ_API ReportBadTransportActivity(IpczDriverHandle transport, uintptr_t, uint32_t,
                                               const void*) {
  return As<Transport>(transport) ? IPCZ_RESULT_OK : IPCZ_RESULT_INVALID_ARGUMENT;
}

template <SyncNode node>
IpczResult IPCZ_API AllocateSharedMemory(size_t num_bytes, uint32_t, const void*,
                                         IpczDriverHandle* memory) {
  if (node == SyncNode::kWithoutMemory) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  *memory = HandleOf(new Memory(std::make_shared<Region>(num_bytes)));
  return IPCZ_RESULT_OK;
}

IpczResult IPCZ_API GetSharedMemoryInfo(IpczDriverHandle memory, uint32_t, const void*,
                                        IpczSharedMemoryInfo* info) {
  const auto* object = As<Memory>(memory);
  if (!object || !info) return IPCZ_RESULT_INVALID_ARGUMENT;
  info->region_num_bytes = object->region->size;
  return IPCZ_RESULT_OK;
}

IpczResult IPCZ_API DuplicateSharedMemory(IpczDriverHandle memory, uint32_t, const void*,
                                          IpczDriverHandle* duplicate) {
  const auto* object = As<Memory>(memory);
  if (!object) return IPCZ_RESULT_INVALID_ARGUMENT;
  *duplicate = HandleOf(new Memory(object->region));
  return IPCZ_RESULT_OK;
}

IpczResult IPCZ_API MapSharedMemory(IpczDriverHandle memory, uint32_t, const void*, void** address,
                                    IpczDriverHandle* mapping) {
  const auto* object = As<Memory>(memory);
  if (!object) return IPCZ_RESULT_INVALID_ARGUMENT;
  *address = object->region->start + object->region->offset;
  *mapping = HandleOf(new Mapping(object->region));
  return IPCZ_RESULT_OK;
}

IpczResult IPCZ_API GenerateRandomBytes(size_t num_bytes, uint32_t, const void*, void* buffer) {
  if (SyncHold::RandomBytes(num_bytes, buffer)) return IPCZ_RESULT_OK;
  static std::atomic<uint64_t> next{1};
  auto* bytes = static_cast<unsigned char*>(buffer);
  uint64_t state = next.fetch_add(1) * 0x9e3779b97f4a7c15;
  for (size_t i = 0; i < num_bytes; ++i) {
    state = state * 6364136223846793005 + 1442695040888963407;
    bytes[i] = static_cast<unsigned char>(state >> 56);
  }
  return IPCZ_RESULT_OK;
}

template <SyncNode node>
constexpr IpczDriver kTable = {
    sizeof(IpczDriver),
    CloseObject,
    Serialize,
    Deserialize<node>,
    CreateTransports,
    Activate,
    DeactivateTransport,
    Transmit,
    ReportBadTransportActivity,
    AllocateSharedMemory<node>,
    GetSharedMemoryInfo,
    DuplicateSharedMemory,
    MapSharedMemory,
    GenerateRandomBytes,
};

}  // namespace

const IpczDriver* SyncDriver(SyncNode node) {
  switch (node) {
    case SyncNode::kBroker:
      return &kTable<SyncNode::kBroker>;
    case SyncNode::kPlain:
      return &kTable<SyncNode::kPlain>;
    default:
      return &kTable<SyncNode::kWithoutMemory>;
  }
}

void CreateSyncTransports(IpczDriverHandle* first, IpczDriverHandle* second, const SyncWire& wire,
                          bool first_is_broker, bool second_is_broker) {
  const auto a = std::make_shared<Endpoint>(wire, first_is_broker);
  const auto b = std::make_shared<Endpoint>(wire, second_is_broker);
  a->SetPeer(b);
  b->SetPeer(a);
  *first = HandleOf(new Transport(a));
  *second = HandleOf(new Transport(b));
}

IpczDriverHandle MakeBlob(const std::string& text, bool serializable) {
  return HandleOf(new Blob(text, serializable));
}

std::string TakeBlob(IpczDriverHandle blob) {
  const std::unique_ptr<Object> object(ObjectOf(blob));
  return object && object->kind == Kind::kBlob ? static_cast<Blob*>(object.get())->text : "no blob";
}

size_t OpenSyncObjects() { return SyncObject::open.load(); }
size_t TakeDeepestSyncNesting() { return SyncEndpoint::TakeDeepestNesting(); }
void SetSyncMemoryOffset(size_t offset) { memory_offset = offset; }

}  // namespace ringway::testing
