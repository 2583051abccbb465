// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "tests/support/sync_driver.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <new>
#include <thread>
#include <utility>
#include <vector>

namespace ringway::testing {

namespace {

constexpr size_t kLine = 64;

std::atomic<size_t> open_objects{0};
std::atomic<size_t> memory_offset{0};
std::atomic<size_t> deepest_nesting{0};
thread_local size_t nesting = 0;

enum class Kind : uint64_t { kTransport = 1, kMemory, kMapping, kBlob };

struct Object {
  explicit Object(Kind the_kind) : kind(the_kind) { ++open_objects; }
  virtual ~Object() { --open_objects; }
  const Kind kind;
};

IpczDriverHandle HandleOf(Object* object) { return reinterpret_cast<IpczDriverHandle>(object); }
Object* ObjectOf(IpczDriverHandle handle) { return reinterpret_cast<Object*>(handle); }

template <class T>
T* As(IpczDriverHandle handle) {
  Object* object = ObjectOf(handle);
  return object && object->kind == T::kKind ? static_cast<T*>(object) : nullptr;
}

// What arrives at an endpoint.
struct Item {
  IpczTransportActivityFlags flags = IPCZ_NO_FLAGS;
  std::vector<std::byte> bytes;
  std::vector<IpczDriverHandle> handles;
};

// One end of a connection, which both transports refer to.
class Endpoint {
 public:
  ~Endpoint() {
    for (Item& item : queue_) CloseHandles(item);
  }

  void SetPeer(const std::shared_ptr<Endpoint>& peer) { peer_ = peer; }
  std::shared_ptr<Endpoint> peer() { return peer_.lock(); }

  void Activate(IpczHandle engine, IpczTransportActivityHandler handler) {
    std::unique_lock lock(mutex_);
    engine_ = engine;
    handler_ = handler;
    Deliver(lock);
  }

  // Calls the handler, unless another thread does and will go on with this.
  void Arrive(Item item) {
    std::unique_lock lock(mutex_);
    if (ended_) return CloseHandles(item);
    queue_.push_back(std::move(item));
    Deliver(lock);
  }

  void Deactivate() {
    std::unique_lock lock(mutex_);
    if (ended_) return;
    for (Item& item : queue_) CloseHandles(item);
    queue_.clear();
    queue_.push_back({IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED, {}, {}});
    ended_ = true;
    Deliver(lock);
  }

  static void CloseHandles(Item& item) {
    for (const IpczDriverHandle handle : item.handles) delete ObjectOf(handle);
    item.handles.clear();
  }

 private:
  void Deliver(std::unique_lock<std::mutex>& lock) {
    if (!handler_) return;
    if (depth_ != 0 && owner_ != std::this_thread::get_id()) return;
    owner_ = std::this_thread::get_id();
    ++depth_;
    while (!queue_.empty()) {
      const Item item = std::move(queue_.front());
      queue_.pop_front();
      const IpczTransportActivityHandler handler = handler_;
      if ((item.flags & IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED) != 0) handler_ = nullptr;
      lock.unlock();
      ++nesting;
      size_t deepest = deepest_nesting.load();
      while (deepest < nesting && !deepest_nesting.compare_exchange_weak(deepest, nesting))
        continue;
      const IpczResult result =
          handler(engine_, item.bytes.data(), item.bytes.size(), item.handles.data(),
                  item.handles.size(), item.flags, nullptr);
      --nesting;
      lock.lock();
      const bool refused = result != IPCZ_RESULT_OK && result != IPCZ_RESULT_UNIMPLEMENTED;
      if (refused && item.flags == IPCZ_NO_FLAGS && !ended_) {
        for (Item& left : queue_) CloseHandles(left);
        queue_.assign(1, {IPCZ_TRANSPORT_ACTIVITY_ERROR, {}, {}});
      }
      if (!handler_) break;
    }
    --depth_;
  }

  std::mutex mutex_;
  std::weak_ptr<Endpoint> peer_;
  IpczHandle engine_ = 0;
  IpczTransportActivityHandler handler_ = nullptr;
  bool ended_ = false;
  size_t depth_ = 0;
  std::thread::id owner_;
  std::deque<Item> queue_;
};

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
  const bool fits = data && num_bytes && *num_bytes >= sizeof(kind) && handles && num_handles &&
                    *num_handles >= 1;
  if (num_bytes) *num_bytes = sizeof(kind);
  if (num_handles) *num_handles = 1;
  if (!fits) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  std::memcpy(data, &kind, sizeof(kind));
  handles[0] = handle;
  return IPCZ_RESULT_OK;
}

IpczResult IPCZ_API Deserialize(const void* data, size_t num_bytes, const IpczDriverHandle* handles,
                                size_t num_handles, IpczDriverHandle, uint32_t, const void*,
                                IpczDriverHandle* handle) {
  Kind kind{};
  if (num_bytes == sizeof(kind)) std::memcpy(&kind, data, sizeof(kind));
  if (num_handles != 1 || !handles[0] || ObjectOf(handles[0])->kind != kind) {
    for (size_t i = 0; i < num_handles; ++i) delete ObjectOf(handles[i]);
    return IPCZ_RESULT_INVALID_ARGUMENT;
  }
  *handle = handles[0];
  return IPCZ_RESULT_OK;
}

IpczResult IPCZ_API CreateTransports(IpczDriverHandle, IpczDriverHandle, uint32_t, const void*,
                                     IpczDriverHandle* first, IpczDriverHandle* second) {
  CreateSyncTransports(first, second);
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
  Item item;
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

IpczResult IPCZ_API AllocateSharedMemory(size_t num_bytes, uint32_t, const void*,
                                         IpczDriverHandle* memory) {
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
  static std::atomic<uint64_t> next{1};
  auto* bytes = static_cast<unsigned char*>(buffer);
  uint64_t state = next.fetch_add(1) * 0x9e3779b97f4a7c15;
  for (size_t i = 0; i < num_bytes; ++i) {
    state = state * 6364136223846793005 + 1442695040888963407;
    bytes[i] = static_cast<unsigned char>(state >> 56);
  }
  return IPCZ_RESULT_OK;
}

constexpr IpczDriver kTable = {
    sizeof(IpczDriver),
    CloseObject,
    Serialize,
    Deserialize,
    CreateTransports,
    Activate,
    DeactivateTransport,
    Transmit,
    ReportBadTransportActivity,
    AllocateSharedMemory,
    GetSharedMemoryInfo,
    DuplicateSharedMemory,
    MapSharedMemory,
    GenerateRandomBytes,
};

}  // namespace

const IpczDriver* SyncDriver() { return &kTable; }

void CreateSyncTransports(IpczDriverHandle* first, IpczDriverHandle* second) {
  const auto a = std::make_shared<Endpoint>();
  const auto b = std::make_shared<Endpoint>();
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

size_t OpenSyncObjects() { return open_objects.load(); }
size_t TakeDeepestSyncNesting() { return deepest_nesting.exchange(0); }
void SetSyncMemoryOffset(size_t offset) { memory_offset = offset; }

}  // namespace ringway::testing
