// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_ROUTE_OUT_MEMORY_H_
#define ENGINE_ROUTE_OUT_MEMORY_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <unordered_set>

#include "engine/base/ref.h"
#include "ipcz/ipcz.h"
#include "ring/base/lock.h"
#include "ring/ring_layout.h"

namespace ringway {

// A piece of memory that records can name by one word.
struct OutBlock {
  std::byte* address = nullptr;
  uint64_t word = 0;   // what the reader resolves it by
  uint64_t bytes = 0;  // usable
};

// Memory that lies elsewhere now.
struct MovedMemory {
  std::byte* from = nullptr;
  std::byte* to = nullptr;
  uint64_t bytes = 0;

  // Where what was at `address` is.
  template <class T>
  T* Of(T* address) const {
    const auto* at = reinterpret_cast<const std::byte*>(address);
    if (at < from || at >= from + bytes) return address;
    return reinterpret_cast<T*>(to + (at - from));
  }
};

inline constexpr uint32_t Log2AtLeast(uint64_t bytes) {
  return bytes <= 1 ? 0 : static_cast<uint32_t>(std::bit_width(bytes - 1));
}

// Where the producer of a lane takes lanes and payload blocks from. Allocate()
// and Free() make no driver call, so they may be called under a route's lock;
// when Allocate() has nothing left, the caller gives up its locks, calls
// Provide() and tries again.
class OutMemory : public RefCounted {
 public:
  // At least `bytes`. False: Provide(bytes) and try again.
  virtual bool Allocate(uint64_t bytes, OutBlock* block) = 0;
  virtual void Free(const OutBlock& block) = 0;
  // Gets memory for an Allocate(bytes), telling the peer of it. No locks held.
  // RESOURCE_EXHAUSTED when there is none.
  virtual IpczResult Provide(uint64_t bytes) = 0;
  // False: Provide() can never succeed any more. No locks held.
  virtual bool may_provide() { return true; }
  // Whether blocks stay at their addresses. Otherwise these may be used under the
  // locks of the end only whose they are.
  virtual bool stays() const { return true; }
  // As Allocate(), and copies `data` there.
  virtual bool AllocateCopy(const void* data, uint64_t bytes, OutBlock* block) {
    if (!Allocate(bytes, block)) return false;
    std::memcpy(block->address, data, bytes);
    return true;
  }
};

// For a pair of portals of one node: the heap. A word is the address, with the
// binary logarithm of the size in its low bits.
class LocalMemory final : public OutMemory {
 public:
  ~LocalMemory() override;
  bool Allocate(uint64_t bytes, OutBlock* block) override;
  void Free(const OutBlock& block) override;
  IpczResult Provide(uint64_t bytes) override;

  static std::byte* AddressOf(uint64_t word) {
    return reinterpret_cast<std::byte*>(word & ~uint64_t{kAlign - 1});
  }
  static uint64_t BytesOf(uint64_t word) { return uint64_t{1} << (word & (kAlign - 1)); }

 private:
  static constexpr size_t kAlign = 64;
  SpinLock mutex_;
  std::unordered_set<std::byte*> live_;  // freed with the pair at the latest
};

}  // namespace ringway

#endif  // ENGINE_ROUTE_OUT_MEMORY_H_
