// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What a simulation takes away: nodes, and links between nodes that live.

#include "tests/multinode/simulation.h"

namespace ringway::testing {

void Simulation::Kill(size_t node) {
  if (nodes_[node].dead) return;
  --losses_left_;
  Note("node " + std::to_string(node) + " dies");
  nodes_[node].dead = true;
  Lose(uint64_t{1} << node);
  hold_.Kill(node);
  for (const auto& end : ends_) {
    if (end->state != State::kHeld || end->node != node) continue;
    dead_portals_.push_back(end->portal);
    Destroyed(end.get());
    end->state = State::kDead;
  }
}

// A link ends, and both its nodes live.
void Simulation::Cut() {
  size_t nodes[2];
  if (!hold_.Cut(Below(1000), nodes)) return;
  --losses_left_;
  Note("link " + std::to_string(nodes[0]) + " " + std::to_string(nodes[1]) + " ends");
  Lose(uint64_t{1} << nodes[0] | uint64_t{1} << nodes[1]);
}

// Who lives on others' memory may lose any link with it.
void Simulation::Lose(uint64_t nodes) { lost_ |= delegates_ ? ~uint64_t{0} : nodes; }

bool Simulation::WantsMemory(IpczResult result) const {
  return result == IPCZ_RESULT_RESOURCE_EXHAUSTED && delegates_ && lost_ != 0;
}

}  // namespace ringway::testing
