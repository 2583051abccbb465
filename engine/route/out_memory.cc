// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/route/out_memory.h"

#include <new>

namespace ringway {

LocalMemory::~LocalMemory() {
  for (std::byte* address : live_) ::operator delete (address, std::align_val_t{kAlign});
}

bool LocalMemory::Allocate(uint64_t bytes, OutBlock* block) {
  const uint32_t log2 = Log2AtLeast(bytes);
  void* address = ::operator new (uint64_t{1} << log2, std::align_val_t{kAlign}, std::nothrow);
  if (!address) return false;
  block->address = static_cast<std::byte*>(address);
  block->word = reinterpret_cast<uintptr_t>(address) | log2;
  block->bytes = uint64_t{1} << log2;
  std::lock_guard lock(mutex_);
  live_.insert(block->address);
  return true;
}

void LocalMemory::Free(const OutBlock& block) {
  {
    std::lock_guard lock(mutex_);
    live_.erase(block.address);
  }
  ::operator delete (block.address, std::align_val_t{kAlign});
}

// The heap said no once; there is nothing else to try.
IpczResult LocalMemory::Provide(uint64_t) { return IPCZ_RESULT_RESOURCE_EXHAUSTED; }

}  // namespace ringway
