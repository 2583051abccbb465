// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/base/handle_table.h"

#include <mutex>

namespace ringway {

constinit HandleTableStorage handle_table_storage;

IpczHandle HandleTable::Add(Ref<HandleObject> object) {
  std::lock_guard lock(mutex_);
  uint32_t index;
  if (!free_.empty()) {
    index = free_.back();
    free_.pop_back();
  } else if (used_ < kSlotsMax) {
    index = used_++;
    if (index % kChunkSlots == 0) {
      // [handle.slot] Pairs with FindPortal(): the new chunk's slots are all free.
      chunks_[index / kChunkSlots].store(new Chunk, std::memory_order_release);
    }
  } else {
    return IPCZ_INVALID_HANDLE;
  }
  Chunk* chunk = chunks_[index / kChunkSlots].load(std::memory_order_relaxed);  // under mutex_
  Slot& slot = chunk->slots[index % kChunkSlots];
  if (++slot.generation == 0) slot.generation = 1;
  const IpczHandle handle = IpczHandle{slot.generation} << 32 | (index + 1);
  slot.handle = handle;
  slot.object = object.Leak();
  // [handle.slot] Pairs with FindPortal(): the portal has been made.
  slot.portal.store(slot.object->kind() == HandleKind::kPortal ? slot.object : nullptr,
                    std::memory_order_release);
  return handle;
}

HandleTable::Slot* HandleTable::FindSlot(IpczHandle handle) {
  const uint32_t index = IndexOf(handle);
  if (handle == IPCZ_INVALID_HANDLE || index >= used_) return nullptr;
  Chunk* chunk = chunks_[index / kChunkSlots].load(std::memory_order_relaxed);  // under mutex_
  Slot& slot = chunk->slots[index % kChunkSlots];
  return slot.handle == handle ? &slot : nullptr;
}

Ref<HandleObject> HandleTable::Remove(IpczHandle handle) {
  std::lock_guard lock(mutex_);
  Slot* slot = FindSlot(handle);
  if (!slot) return nullptr;
  slot->handle = IPCZ_INVALID_HANDLE;
  free_.push_back(IndexOf(handle));
  return Ref<HandleObject>::Adopt(slot->object);
}

Ref<HandleObject> HandleTable::Lookup(IpczHandle handle) {
  std::lock_guard lock(mutex_);
  Slot* slot = FindSlot(handle);
  return slot ? Ref<HandleObject>(slot->object) : nullptr;
}

Ref<HandleObject> HandleTable::Lookup(IpczHandle handle, HandleKind kind) {
  std::lock_guard lock(mutex_);
  Slot* slot = FindSlot(handle);
  if (!slot || slot->object->kind() != kind) return nullptr;
  return Ref<HandleObject>(slot->object);
}

bool HandleTable::KindOf(IpczHandle handle, HandleKind* kind) {
  std::lock_guard lock(mutex_);
  Slot* slot = FindSlot(handle);
  if (!slot) return false;
  *kind = slot->object->kind();
  return true;
}

}  // namespace ringway
