// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "shm/block_placer.h"

#include <algorithm>
#include <bit>

namespace ringway {

void BlockPlacer::AddRange(uint32_t segment, uint64_t offset, uint64_t end) {
  // Largest pieces last, so that small requests leave them whole.
  while (offset < end) {
    const auto log2 = static_cast<uint32_t>(std::bit_width(end - offset)) - 1;
    const uint32_t piece = std::min(log2, kLog2Max);
    Free({segment, offset}, piece);
    offset += uint64_t{1} << piece;
  }
}

std::optional<BlockPlacer::Block> BlockPlacer::Allocate(uint32_t log2) {
  log2 = std::max(log2, kLog2Min);
  uint32_t from = log2;
  while (from <= kLog2Max && Classed(from).empty()) ++from;
  if (from > kLog2Max) return std::nullopt;
  std::vector<Block>& blocks = Classed(from);
  const size_t turns = from < kLog2TakeTurns ? 1 : std::min(kTurns, blocks.size());
  const auto next = blocks.end() - static_cast<ptrdiff_t>(turns);
  const Block block = *next;
  blocks.erase(next);
  while (from > log2) {
    --from;
    Free({block.segment, block.offset + (uint64_t{1} << from)}, from);
  }
  return block;
}

}  // namespace ringway
