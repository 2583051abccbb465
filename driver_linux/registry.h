// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#ifndef DRIVER_LINUX_REGISTRY_H_
#define DRIVER_LINUX_REGISTRY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "driver_linux/object.h"
#include "driver_linux/statistics.h"
#include "ipcz/ipcz.h"

namespace ringway::driver {

// The open driver handles of this process. A handle is not a pointer but names a slot and says how
// often the slot had been used before, so a value that was never given out, was closed, or came
// from our parent through fork() is recognized, whatever it is.
//
// Its locks are innermost: nothing else is called while one is held.
class Registry {
 public:
  // `epoch` tells a process from its parent, whose handles mean nothing here.
  explicit Registry(uint64_t epoch) : epoch_(epoch & kEpochMask) {}

  // Gives `object` a handle. RESOURCE_EXHAUSTED, and nothing has happened, when there is no room.
  IpczResult Insert(std::shared_ptr<Object> object, IpczDriverHandle* handle);

  // The object, or null if `handle` is not open or is of another kind.
  template <typename T>
  std::shared_ptr<T> Find(IpczDriverHandle handle) const {
    std::shared_ptr<Object> object = FindObject(handle);
    if (!object || object->kind() != T::kKind) return nullptr;
    return std::static_pointer_cast<T>(std::move(object));
  }
  std::shared_ptr<Object> FindObject(IpczDriverHandle handle) const;

  // Closes the handle. Of several threads that try, one gets the object. Null if it is not open.
  std::shared_ptr<Object> Take(IpczDriverHandle handle);

  // Likewise, but leaves handles of other kinds open.
  template <typename T>
  std::shared_ptr<T> Take(IpczDriverHandle handle) {
    const Kind kind = T::kKind;
    return std::static_pointer_cast<T>(TakeIf(handle, &kind));
  }

  // What to answer for a handle that was not found: FAILED_PRECONDITION for one inherited through
  // fork().
  IpczResult Refusal(IpczDriverHandle handle) const;

  uint64_t CountOpen(Kind kind) const { return open_[static_cast<size_t>(kind)].Get(); }

 private:
  // A handle, from its top: 4 bits that no pointer has, epoch, generation of the slot, slot, shard.
  static constexpr int kShardBits = 4;
  static constexpr int kSlotBits = 18;
  static constexpr int kGenerationBits = 32;
  static constexpr int kEpochBits = 6;
  static constexpr uint64_t kTag = 0xD;
  static constexpr uint64_t kEpochMask = (uint64_t{1} << kEpochBits) - 1;
  static constexpr size_t kShardCount = size_t{1} << kShardBits;
  static constexpr size_t kSlotCountMax = size_t{1} << kSlotBits;
  static_assert(4 + kEpochBits + kGenerationBits + kSlotBits + kShardBits == 64);
  static_assert(sizeof(IpczDriverHandle) == 8);

  struct Slot {
    std::shared_ptr<Object> object;
    uint32_t generation = 0;
    uint32_t next_free = 0;
  };
  struct alignas(64) Shard {
    mutable std::mutex mutex;
    std::vector<Slot> slots;
    uint32_t first_free = kNoSlot;
  };
  static constexpr uint32_t kNoSlot = UINT32_MAX;

  uint64_t Prefix() const { return kTag << kEpochBits | epoch_; }
  IpczDriverHandle MakeHandle(size_t shard, size_t slot, uint32_t generation) const;
  bool IsOurs(IpczDriverHandle handle) const;
  static Slot* FindSlot(std::vector<Slot>& slots, IpczDriverHandle handle);
  std::shared_ptr<Object> TakeIf(IpczDriverHandle handle, const Kind* kind);

  const uint64_t epoch_;
  Counter next_shard_;
  mutable std::array<Shard, kShardCount> shards_;
  std::array<Counter, kKindCount> open_;
};

}  // namespace ringway::driver

#endif  // DRIVER_LINUX_REGISTRY_H_
