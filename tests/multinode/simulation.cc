// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "tests/multinode/simulation.h"

#include <algorithm>
#include <cstdio>

namespace ringway::testing {

Simulation::Simulation(uint64_t seed, const SimulationOptions& options)
    : seed_(seed),
      options_(options),
      open_before_(OpenSyncObjects()),
      random_(seed),
      hold_(seed * 0x9e3779b97f4a7c15 + 1) {}

Simulation::~Simulation() = default;

void Simulation::Note(const std::string& what) {
  if (options_.trace) std::fprintf(stderr, "%s\n", what.c_str());
  tail_.push_back(what);
  if (tail_.size() > 60) tail_.pop_front();
}

void Simulation::Fail(const std::string& what) {
  if (!ok()) return;
  failure_ = what;
  Note("FAILED: " + what);
}

std::string Simulation::Tail() const {
  std::string all;
  for (const std::string& line : tail_) all += line + "\n";
  return all;
}

std::string Simulation::Name(const End& end) const {
  return std::to_string(end.id) + "@" + std::to_string(end.node) + "(-" +
         (end.peer ? std::to_string(end.peer->id) : "") + ")";
}

std::string Simulation::Run() {
  MakeNodes();
  const size_t steps = options_.steps / 2 + Below(options_.steps / 2);
  for (size_t step = 0; step < steps && ok(); ++step) Step();
  if (ok()) Finish();
  return failure_;
}

// Trees below a broker, or below two or three of them in a row or a ring. In some
// runs only brokers can be given objects, and so the others know none but them; in
// some, only brokers can allocate memory.
void Simulation::MakeNodes() {
  const size_t count = Chance(70) ? 2 + Below(4) : 2 + Below(11);
  nodes_.resize(count);
  if (count > 3 && Chance(25)) brokers_ = 2 + Below(2);
  wire_.brokered = Chance(15);
  eagerness_ = 10 + Below(80);
  delegates_ = Chance(20);
  losses_left_ = options_.deaths && Chance(50) ? 1 + Below(2) : 0;
  for (size_t i = 0; i < count; ++i) {
    const bool broker = i < brokers_;
    const SyncNode kind = broker       ? SyncNode::kBroker
                          : delegates_ ? SyncNode::kWithoutMemory
                                       : SyncNode::kPlain;
    hold_.Enter(i);
    Api().CreateNode(SyncDriver(kind), 0, broker ? IPCZ_CREATE_NODE_AS_BROKER : IPCZ_NO_FLAGS,
                     nullptr, &nodes_[i].handle);
  }
  for (size_t i = 1; i < count && ok(); ++i) {
    Connect(ParentOf(i), i);
    if (i == 2 && brokers_ == 3 && Chance(30)) Connect(0, 2);
    while (Chance(eagerness_) && ok()) Deliver();
  }
}

size_t Simulation::ParentOf(size_t node) {
  if (node < brokers_) return node - 1;
  return Below(wire_.brokered ? brokers_ : node);
}

void Simulation::Connect(size_t parent, size_t child) {
  const bool to_broker = parent < brokers_;
  const bool brokers = child < brokers_;
  IpczDriverHandle transports[2] = {};
  CreateSyncTransports(&transports[0], &transports[1], wire_, to_broker, brokers);
  const size_t portals = 1 + Below(3);
  std::vector<IpczHandle> first(portals);
  std::vector<IpczHandle> second(portals);
  IpczConnectNodeFlags flags[2] = {
      brokers     ? IPCZ_CONNECT_NODE_TO_BROKER
      : to_broker ? IPCZ_NO_FLAGS
                  : IPCZ_CONNECT_NODE_SHARE_BROKER,
      to_broker ? IPCZ_CONNECT_NODE_TO_BROKER : IPCZ_CONNECT_NODE_INHERIT_BROKER};
  if (delegates_ && !brokers) flags[1] |= IPCZ_CONNECT_NODE_TO_ALLOCATION_DELEGATE;
  hold_.Enter(parent);
  IpczResult result = Api().ConnectNode(nodes_[parent].handle, transports[0], portals, flags[0],
                                        nullptr, first.data());
  hold_.Enter(child);
  if (result == IPCZ_RESULT_OK) {
    result = Api().ConnectNode(nodes_[child].handle, transports[1], portals, flags[1], nullptr,
                               second.data());
  }
  Note("connect " + std::to_string(parent) + " " + std::to_string(child));
  if (result != IPCZ_RESULT_OK) return Fail("ConnectNode: " + std::to_string(result));
  for (size_t i = 0; i < portals; ++i) {
    End* a = NewEnd(parent, first[i]);
    End* b = NewEnd(child, second[i]);
    a->initial = b->initial = true;
    Join(a, b);
  }
  nodes_[parent].initial_ends += portals;
  nodes_[child].initial_ends += portals;
}

Simulation::End* Simulation::NewEnd(size_t node, IpczHandle portal) {
  ends_.push_back(std::make_unique<End>());
  End* const end = ends_.back().get();
  end->id = ends_.size();
  end->node = node;
  end->portal = portal;
  end->seen = uint64_t{1} << node;
  return end;
}

void Simulation::Join(End* a, End* b) {
  a->peer = b;
  b->peer = a;
}

void Simulation::Deliver() {
  if (hold_.Waiting() == 0) return;
  const size_t node = hold_.DeliverOne(Below(hold_.Waiting()));
  ++deliveries_;
  Note("deliver at " + std::to_string(node));
}

void Simulation::DeliverAll() {
  constexpr size_t kMany = 100'000;
  size_t count = 0;
  while (hold_.Waiting() != 0 && ok()) {
    Deliver();
    if (++count == kMany) Fail("messages without end");
  }
}

void Simulation::Step() {
  if (hold_.Waiting() != 0 && Chance(eagerness_)) return Deliver();
  Act();
}

uint64_t Simulation::Mask(const End& end) const {
  uint64_t mask = 0;
  for (const End* each = &end; each;
       each = each->state == State::kInFlight ? each->container : nullptr) {
    mask |= each->seen | (each == &end ? 0 : each->peer->seen);
  }
  return mask;
}

bool Simulation::Affected(const End& end) const {
  return ((Mask(end) | Mask(*end.peer)) & lost_) != 0;
}

// Whether `end` is, or is on its way to, `container`, or would be.
bool Simulation::Contains(const End& container, const End& end) const {
  for (const End* each = &container;; each = each->container) {
    if (each == &end) return true;
    if (each->state != State::kInFlight) return false;
  }
}

void Simulation::Destroyed(End* end) {
  if (end->state == State::kClosed || end->state == State::kDead) return;
  end->state = State::kClosed;
  end->portal = 0;
  for (Sent& sent : end->inbox) {
    for (const Item& item : sent.items) {
      if (item.end) Destroyed(item.end);
    }
  }
  end->inbox.clear();
}

std::vector<Simulation::End*> Simulation::Held() const {
  std::vector<End*> held;
  for (const auto& end : ends_) {
    if (end->state == State::kHeld) held.push_back(end.get());
  }
  return held;
}

}  // namespace ringway::testing
