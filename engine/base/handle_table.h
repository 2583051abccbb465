// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_BASE_HANDLE_TABLE_H_
#define ENGINE_BASE_HANDLE_TABLE_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include "engine/base/ref.h"
#include "ipcz/ipcz.h"
#include "ring/base/lock.h"

namespace ringway {

enum class HandleKind : uint32_t { kNode = 1, kPortal = 2, kBox = 3, kValidator = 4 };

// An object that the application can hold by a handle.
class HandleObject : public RefCounted {
 public:
  explicit HandleObject(HandleKind kind) : kind_(kind) {}
  HandleKind kind() const { return kind_; }

 private:
  const HandleKind kind_;
};

// The process's handles. A handle is a slot and the slot's generation, so that
// one that was closed, or was never given out, is not found.
//
// FindPortal() takes no lock: slots never move and are never freed. Nor is the
// memory of portals (RouteEnd): the caller locks the portal and then asks it
// whether the handle is its own.
class HandleTable {
 public:
  static HandleTable& Get();

  constexpr HandleTable() = default;

  // Gives `object` a handle; the table then holds a reference. 0 when there
  // are no handles left.
  IpczHandle Add(Ref<HandleObject> object);

  // Frees the handle and gives back what the table held; null for a bad one.
  Ref<HandleObject> Remove(IpczHandle handle);

  // The object, held; null for a bad handle, or one of another kind.
  Ref<HandleObject> Lookup(IpczHandle handle);
  Ref<HandleObject> Lookup(IpczHandle handle, HandleKind kind);
  template <class T>
  Ref<T> Lookup(IpczHandle handle) {
    return Ref<T>::Adopt(static_cast<T*>(Lookup(handle, T::kHandleKind).Leak()));
  }

  // What kind of object `handle` is, if any.
  bool KindOf(IpczHandle handle, HandleKind* kind);

  // The portal in the slot of `handle`, not held; null if there is none. It may
  // be another portal than the handle's, which is for the caller to ask it.
  HandleObject* FindPortal(IpczHandle handle) const {
    const uint32_t index = IndexOf(handle);
    if (index >= kSlotsMax) [[unlikely]]
      return nullptr;
    // [handle.slot] Pairs with Add(): the slots of the chunk, and the portal, are there.
    const Chunk* chunk = chunks_[index / kChunkSlots].load(std::memory_order_acquire);
    if (!chunk) [[unlikely]]
      return nullptr;
    return chunk->slots[index % kChunkSlots].portal.load(std::memory_order_acquire);
  }

 private:
  struct Slot {
    IpczHandle handle = IPCZ_INVALID_HANDLE;  // invalid: free
    HandleObject* object = nullptr;
    std::atomic<HandleObject*> portal{nullptr};  // the object, or the last one, if it is a portal
    uint32_t generation = 0;
  };
  static constexpr uint32_t kChunkSlots = 4096;
  static constexpr uint32_t kChunks = 4096;
  static constexpr uint32_t kSlotsMax = kChunkSlots * kChunks;
  struct Chunk {
    std::array<Slot, kChunkSlots> slots;
  };

  // The slot's index is stored from 1, so that no small number is a handle.
  static uint32_t IndexOf(IpczHandle handle) { return static_cast<uint32_t>(handle) - 1; }

  Slot* FindSlot(IpczHandle handle);

  SpinLock mutex_;  // all but FindPortal(); held for some ten nanoseconds
  std::vector<uint32_t> free_;
  uint32_t used_ = 0;
  std::array<std::atomic<Chunk*>, kChunks> chunks_{};
};

// Never destroyed, since threads may still call when the process ends.
union HandleTableStorage {
  constexpr HandleTableStorage() : table() {}
  ~HandleTableStorage() {}
  HandleTable table;
};
extern HandleTableStorage handle_table_storage;

inline HandleTable& HandleTable::Get() { return handle_table_storage.table; }

}  // namespace ringway

#endif  // ENGINE_BASE_HANDLE_TABLE_H_
