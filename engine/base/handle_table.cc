// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/base/handle_table.h"

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
      // [handle.slot] Pairs with Find(): the new chunk's slots are all free.
      chunks_[index / kChunkSlots].store(new Chunk, std::memory_order_release);
    }
  } else {
    return IPCZ_INVALID_HANDLE;
  }
  Chunk* chunk = chunks_[index / kChunkSlots].load(std::memory_order_relaxed);  // under mutex_
  Slot& slot = chunk->slots[index % kChunkSlots];
  if (++slot.generation == 0) slot.generation = 1;
  const IpczHandle handle = IpczHandle{slot.generation} << 32 | (index + 1);
  // [handle.reuse] Pairs with Find(): behind Remove()'s clearing of the handle.
  slot.kind.store(object->kind(), std::memory_order_release);
  slot.object.store(object.Leak(), std::memory_order_release);  // [handle.reuse]
  // [handle.slot] Pairs with Find(): object and kind are those of this handle.
  slot.handle.store(handle, std::memory_order_release);
  return handle;
}

HandleTable::Slot* HandleTable::FindSlot(IpczHandle handle) {
  const uint32_t index = IndexOf(handle);
  if (handle == IPCZ_INVALID_HANDLE || index >= used_) return nullptr;
  Chunk* chunk = chunks_[index / kChunkSlots].load(std::memory_order_relaxed);  // under mutex_
  Slot& slot = chunk->slots[index % kChunkSlots];
  const bool live = slot.handle.load(std::memory_order_relaxed) == handle;  // under mutex_
  return live ? &slot : nullptr;
}

Ref<HandleObject> HandleTable::Remove(IpczHandle handle) {
  std::lock_guard lock(mutex_);
  Slot* slot = FindSlot(handle);
  if (!slot) return nullptr;
  slot->handle.store(IPCZ_INVALID_HANDLE, std::memory_order_relaxed);  // its kind and object stay
  free_.push_back(IndexOf(handle));
  return Ref<HandleObject>::Adopt(slot->object.load(std::memory_order_relaxed));  // under mutex_
}

Ref<HandleObject> HandleTable::Lookup(IpczHandle handle, HandleKind kind) {
  std::lock_guard lock(mutex_);
  Slot* slot = FindSlot(handle);
  if (!slot || slot->kind != kind) return nullptr;
  return Ref<HandleObject>(slot->object.load(std::memory_order_relaxed));  // under mutex_
}

bool HandleTable::KindOf(IpczHandle handle, HandleKind* kind) {
  std::lock_guard lock(mutex_);
  Slot* slot = FindSlot(handle);
  if (!slot) return false;
  *kind = slot->kind;
  return true;
}

}  // namespace ringway
