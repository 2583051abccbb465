// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef SHM_BLOCK_PLACER_H_
#define SHM_BLOCK_PLACER_H_

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace ringway {

// Hands out blocks of a writer's segments: powers of two from 2 KiB to 1 MiB, each
// aligned to its size or 4 KiB. Lives in the writer's private memory; nothing of it is
// shared, so a peer can neither see nor spoil it. Blocks are not merged again
// when they come back: sizes recur, and the smallest that fits is split.
class BlockPlacer {
 public:
  static constexpr uint32_t kLog2Min = 11;
  static constexpr uint32_t kLog2Max = 20;

  struct Block {
    uint32_t segment;
    uint64_t offset;
  };

  // Adds the free range [offset, end) of a segment; both multiples of 2 KiB.
  void AddRange(uint32_t segment, uint64_t offset, uint64_t end);

  // A block of 1 << log2 bytes, or nothing. Small ones: the one freed last first, whose lines
  // may still be near. Of large ones a few take turns, for a reader's cache is full of the last.
  std::optional<Block> Allocate(uint32_t log2);

  void Free(Block block, uint32_t log2) { Classed(log2).push_back(block); }

 private:
  static constexpr uint32_t kLog2TakeTurns = 18;
  static constexpr size_t kTurns = 4;

  std::vector<Block>& Classed(uint32_t log2) { return free_[log2 - kLog2Min]; }

  std::array<std::vector<Block>, kLog2Max - kLog2Min + 1> free_;
};

}  // namespace ringway

#endif  // SHM_BLOCK_PLACER_H_
