// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What a node shows of itself to `ringway inspect`, in memory that no other
// node has. docs/protocol.md, "What can be seen from outside".

#ifndef ENGINE_NODE_NODE_LAYOUT_H_
#define ENGINE_NODE_NODE_LAYOUT_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace ringway {

inline constexpr uint64_t kNodeMagic = 0x31444f4e'57474e52;  // "RNGWNOD1"
inline constexpr uint32_t kNodeIsBroker = 1;

struct alignas(64) NodePage {
  uint64_t magic;
  uint32_t layout_version;
  uint32_t flags;  // kNodeIsBroker
  uint64_t name[2];
  uint64_t reserved0[4];
  // As in RingwayNodeCounters.
  std::atomic<uint64_t> portals;
  std::atomic<uint64_t> relays;
  std::atomic<uint64_t> messages_sent;
  std::atomic<uint64_t> messages_received;
  std::atomic<uint64_t> links_refused;
  std::atomic<uint64_t> links_broken;
  uint64_t reserved1[2];
};
static_assert(offsetof(NodePage, layout_version) == 8);
static_assert(offsetof(NodePage, flags) == 12);
static_assert(offsetof(NodePage, name) == 16);
static_assert(offsetof(NodePage, portals) == 64);
static_assert(sizeof(NodePage) == 128);

}  // namespace ringway

#endif  // ENGINE_NODE_NODE_LAYOUT_H_
