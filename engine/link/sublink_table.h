// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_LINK_SUBLINK_TABLE_H_
#define ENGINE_LINK_SUBLINK_TABLE_H_

#include <array>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "engine/route/route_end.h"

namespace ringway {

// The sublinks of a link, by their numbers. Both sides give the lowest numbers out
// first, and again, so they lie in chunks that stay.
class SublinkTable {
 public:
  struct Sublink {
    Ref<RouteEnd> end;     // null: reserved, or nobody's
    Ref<Binding> binding;  // of the end to this sublink
    std::vector<OutBlock> left;
    bool done = false;       // our end is closed and has read everything
    bool peer_done = false;  // the peer said so of its own, maybe before we heard of it
    bool taken() const { return end || binding || done; }
  };

  // Null if it is not listed.
  Sublink* Find(uint32_t index) {
    const size_t chunk = index / kChunk;
    if (chunk >= chunks_.size() || !chunks_[chunk]) return nullptr;
    Slot& slot = (*chunks_[chunk])[index % kChunk];
    return slot.listed ? &slot.sublink : nullptr;
  }

  // Lists it, unless it is.
  Sublink& Add(uint32_t index) {
    const size_t chunk = index / kChunk;
    if (chunk >= chunks_.size()) chunks_.resize(chunk + 1);
    if (!chunks_[chunk]) chunks_[chunk] = std::make_unique<Chunk>();
    Slot& slot = (*chunks_[chunk])[index % kChunk];
    size_ += slot.listed ? 0 : 1;
    slot.listed = true;
    return slot.sublink;
  }

  // What was listed, if it was; it is to be dropped without the link's lock.
  Sublink Remove(uint32_t index) {
    Sublink* const sublink = Find(index);
    if (!sublink) return {};
    --size_;
    (*chunks_[index / kChunk])[index % kChunk].listed = false;
    return std::exchange(*sublink, {});
  }

  size_t size() const { return size_; }

  template <class Function>
  void ForEach(Function function) {
    for (const std::unique_ptr<Chunk>& chunk : chunks_) {
      if (!chunk) continue;
      for (Slot& slot : *chunk) {
        if (slot.listed) function(slot.sublink);
      }
    }
  }

 private:
  struct Slot {
    Sublink sublink;
    bool listed = false;
  };
  static constexpr size_t kChunk = 64;
  using Chunk = std::array<Slot, kChunk>;
  std::vector<std::unique_ptr<Chunk>> chunks_;
  size_t size_ = 0;
};

}  // namespace ringway

#endif  // ENGINE_LINK_SUBLINK_TABLE_H_
