// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What the shared memory of a process says of its nodes, links and portals.
// docs/protocol.md, "What can be seen from outside".

#ifndef ENGINE_CMD_INSPECTION_H_
#define ENGINE_CMD_INSPECTION_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ringway::cmd {

// The memory of a process, as far as it may be Ringway's. All that is read is
// untrusted, may change at any time, and may go away.
class ProcessMemory {
 public:
  struct Region {
    uint64_t address;
    uint64_t num_bytes;
    bool writable;   // by that process: its own, not a peer's
    uint64_t inode;  // the same in each process that has it mapped
  };

  virtual ~ProcessMemory() = default;
  virtual std::vector<Region> Regions() const = 0;
  // False if not all of it is there.
  virtual bool Read(uint64_t address, void* data, size_t num_bytes) const = 0;
};

using NodeName = std::array<uint64_t, 2>;

// One direction of a route, as one end of it sees it.
struct DirectionView {
  uint64_t parcels = 0;  // put, by either side
  uint64_t bytes = 0;
  uint64_t queued_parcels = 0;  // ... and not consumed yet
  uint64_t queued_bytes = 0;
  uint64_t lane_bytes = 0;  // 0: no lane yet
};

// An end of a route across a link.
struct RouteView {
  uint32_t sublink = 0;
  bool closed = false;
  bool peer_closed = false;  // ... or the link is down
  bool relay = false;        // nobody's portal: it forwards
  uint64_t hops = 0;         // relays between here and the far end
  DirectionView out;
  DirectionView in;
};

struct SegmentsView {
  uint64_t count = 0;
  uint64_t bytes = 0;
  uint64_t first_inode = 0;  // of segment 0
};

struct LinkView {
  uint64_t number = 0;
  NodeName peer = {};
  uint32_t state = 0;
  uint32_t connect_flags = 0;
  SegmentsView own;
  SegmentsView peers;
  std::vector<RouteView> routes;  // by sublink
};

struct NodeView {
  NodeName name = {};
  bool broker = false;
  uint64_t portals = 0;
  uint64_t relays = 0;
  uint64_t messages_sent = 0;
  uint64_t messages_received = 0;
  uint64_t links_refused = 0;
  uint64_t links_broken = 0;
  std::vector<LinkView> links;
};

struct Inspection {
  std::vector<NodeView> nodes;
  std::vector<std::string> faults;  // what is there and cannot be
};

Inspection Inspect(const ProcessMemory& memory);

}  // namespace ringway::cmd

#endif  // ENGINE_CMD_INSPECTION_H_
