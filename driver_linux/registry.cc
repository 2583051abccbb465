// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/registry.h"

#include <new>
#include <utility>

namespace ringway::driver {
namespace {

constexpr uint64_t Bits(uint64_t value, int first, int count) {
  return (value >> first) & ((uint64_t{1} << count) - 1);
}

}  // namespace

IpczDriverHandle Registry::MakeHandle(size_t shard, size_t slot, uint32_t generation) const {
  uint64_t handle = Prefix();
  handle = handle << kGenerationBits | generation;
  handle = handle << kSlotBits | slot;
  return handle << kShardBits | shard;
}

bool Registry::IsOurs(IpczDriverHandle handle) const {
  return handle >> (kGenerationBits + kSlotBits + kShardBits) == Prefix();
}

Registry::Slot* Registry::FindSlot(std::vector<Slot>& slots, IpczDriverHandle handle) {
  const size_t index = Bits(handle, kShardBits, kSlotBits);
  const uint64_t generation = Bits(handle, kShardBits + kSlotBits, kGenerationBits);
  if (index >= slots.size()) return nullptr;
  Slot& slot = slots[index];
  return slot.object && slot.generation == generation ? &slot : nullptr;
}

IpczResult Registry::Insert(std::shared_ptr<Object> object, IpczDriverHandle* handle) {
  const Kind kind = object->kind();
  next_shard_.Add();
  const size_t shard_index = next_shard_.Get() % kShardCount;
  Shard& shard = shards_[shard_index];
  std::lock_guard lock(shard.mutex);
  if (shard.first_free == kNoSlot) {
    if (shard.slots.size() == kSlotCountMax) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
    try {
      shard.slots.emplace_back();
    } catch (const std::bad_alloc&) {
      return IPCZ_RESULT_RESOURCE_EXHAUSTED;
    }
    shard.slots.back().next_free = kNoSlot;
    shard.first_free = static_cast<uint32_t>(shard.slots.size() - 1);
  }
  const uint32_t index = shard.first_free;
  Slot& slot = shard.slots[index];
  shard.first_free = slot.next_free;
  slot.object = std::move(object);
  open_[static_cast<size_t>(kind)].Add();
  *handle = MakeHandle(shard_index, index, slot.generation);
  return IPCZ_RESULT_OK;
}

std::shared_ptr<Object> Registry::FindObject(IpczDriverHandle handle) const {
  if (!IsOurs(handle)) return nullptr;
  Shard& shard = shards_[Bits(handle, 0, kShardBits)];
  std::lock_guard lock(shard.mutex);
  const Slot* slot = FindSlot(shard.slots, handle);
  return slot ? slot->object : nullptr;
}

std::shared_ptr<Object> Registry::Take(IpczDriverHandle handle) { return TakeIf(handle, nullptr); }

std::shared_ptr<Object> Registry::TakeIf(IpczDriverHandle handle, const Kind* kind) {
  if (!IsOurs(handle)) return nullptr;
  Shard& shard = shards_[Bits(handle, 0, kShardBits)];
  std::lock_guard lock(shard.mutex);
  Slot* slot = FindSlot(shard.slots, handle);
  if (!slot || (kind && slot->object->kind() != *kind)) return nullptr;
  std::shared_ptr<Object> object = std::move(slot->object);
  ++slot->generation;
  slot->next_free = shard.first_free;
  shard.first_free = static_cast<uint32_t>(slot - shard.slots.data());
  open_[static_cast<size_t>(object->kind())].Subtract();
  return object;
}

IpczResult Registry::Refusal(IpczDriverHandle handle) const {
  const bool is_handle = handle >> 60 == kTag;
  return is_handle && !IsOurs(handle) ? IPCZ_RESULT_FAILED_PRECONDITION
                                      : IPCZ_RESULT_INVALID_ARGUMENT;
}

}  // namespace ringway::driver
