// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef TESTS_MULTINODE_SIMULATION_H_
#define TESTS_MULTINODE_SIMULATION_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/ipcz_test.h"
#include "tests/support/sync_driver.h"

// Several nodes in one thread that do what a seed says: each step is a call of
// the API on one of them, or the delivery of one message. Beside them a model
// says what each portal must see. The same seed is the same run.

namespace ringway::testing {

// What the seeds do not decide.
struct SimulationOptions {
  bool trace = false;  // to stderr, as it happens
  bool deaths = true;  // nodes may die, and links between living ones end
  bool merges = true;  // portals may be merged
  size_t steps = 160;  // at most
};

class Simulation {
 public:
  Simulation(uint64_t seed, const SimulationOptions& options);
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;
  ~Simulation();

  // What went wrong first; empty: nothing.
  std::string Run();
  // The last actions of the run, one a line.
  std::string Tail() const;
  uint64_t deliveries() const { return deliveries_; }

 private:
  struct End;
  struct Item {
    std::string text;    // of a box
    End* end = nullptr;  // or a portal
  };
  struct Sent {
    std::string data;
    std::vector<Item> items;
    size_t bytes_taken = 0;
  };
  enum class State { kHeld, kInFlight, kClosed, kDead, kMerged };
  // A portal, wherever it is.
  struct End {
    size_t id = 0;
    size_t node = 0;
    State state = State::kHeld;
    IpczHandle portal = 0;
    End* peer = nullptr;
    std::deque<Sent> inbox;    // put by the peer, and not got
    End* container = nullptr;  // in flight: in a parcel for that portal
    uint64_t seen = 0;         // nodes it has been on, or has passed
    bool initial = false;
    bool used = false;
    bool getting = false;  // two-phase
    bool putting = false;
    std::string put_text;
    bool saw_end = false;  // a get said NOT_FOUND
    uint64_t arrived = 0;  // parcels got
  };
  struct Node {
    IpczHandle handle = 0;
    bool dead = false;
    size_t links = 0;
    size_t initial_ends = 0;
  };
  struct TrapSet {
    End* end;
    IpczTrapConditions conditions;
    uint64_t arrived;  // got and queued when it was set
    size_t events;
    bool removed;
  };
  static constexpr size_t kFew = 24;  // portals that are in use at once

  // --- simulation.cc
  size_t Below(size_t bound) { return bound == 0 ? 0 : random_() % bound; }
  bool Chance(size_t percent) { return Below(100) < percent; }
  void Note(const std::string& what);
  void Fail(const std::string& what);
  bool ok() const { return failure_.empty(); }
  void Enter(const End& end) { hold_.Enter(end.node); }
  std::string Name(const End& end) const;
  void MakeNodes();
  size_t ParentOf(size_t node);
  void Connect(size_t parent, size_t child);
  End* NewEnd(size_t node, IpczHandle portal);
  static void Join(End* a, End* b);
  void Deliver();
  void DeliverAll();
  void Step();
  uint64_t Mask(const End& end) const;
  bool Affected(const End& end) const;  // a loss may have cut its route
  bool Contains(const End& container, const End& end) const;
  void Destroyed(End* end);
  std::vector<End*> Held() const;

  // --- simulation_actions.cc
  void Act();
  void Open();
  std::string MakeData();
  void Put(End& end);
  std::vector<IpczHandle> Attach(End& end, std::vector<Item>* items);
  void AfterPut(End& end, IpczResult result, Sent sent, const std::vector<IpczHandle>& handles);
  void BeginPut(End& end);
  void EndPut(End& end);
  bool Get(End& end);  // got one
  void GetPart(End& end);
  void BeginGet(End& end);
  void EndGet(End& end);
  void CheckNothing(End& end, IpczResult result);
  void Take(End& end, const std::string& data, const std::vector<IpczHandle>& handles);
  void Receive(End& by, const Item& item, IpczHandle handle);
  void Merge(End& end);
  void CloseEnd(End& end);
  void CloseEndNow(End& end);
  void SetTrap(End& end);
  void Query(End& end);
  static void IPCZ_API OnTrap(const IpczTrapEvent* event);

  // --- simulation_losses.cc
  void Kill(size_t node);
  void Cut();
  void Lose(uint64_t nodes);
  bool WantsMemory(IpczResult result) const;

  // --- simulation_checks.cc
  void CheckTraps();
  void CheckStatus(End& end);
  void GetAll();
  void CheckRoutes();
  void CheckRoute(End& a, End& b);
  void CheckClosed(End& end);
  static RingwayNodeCounters CountersOf(const Node& node);
  void GiveBackEnded();
  void CheckNodes(bool closed);
  void CloseAll();
  void Finish();

  const uint64_t seed_;
  const SimulationOptions options_;
  const size_t open_before_;
  std::mt19937_64 random_;
  SyncHold hold_;
  std::vector<Node> nodes_;
  uint64_t lost_ = 0;       // nodes that died, or lost a link or their memory, as bits
  size_t brokers_ = 1;      // are the first nodes
  bool delegates_ = false;  // nodes that are no brokers have the memory of those above
  SyncWire wire_;
  size_t eagerness_ = 50;  // percent of the steps that deliver
  size_t losses_left_ = 0;
  std::vector<std::unique_ptr<End>> ends_;
  std::vector<IpczHandle> dead_portals_;
  std::deque<TrapSet> traps_;
  uint64_t next_parcel_ = 1;
  uint64_t deliveries_ = 0;
  std::string failure_;
  std::deque<std::string> tail_;
};

}  // namespace ringway::testing

#endif  // TESTS_MULTINODE_SIMULATION_H_
