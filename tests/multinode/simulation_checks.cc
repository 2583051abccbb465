// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What must hold once all that the nodes of a simulation sent has arrived.

#include <algorithm>

#include "tests/multinode/simulation.h"

namespace ringway::testing {

// What a status may say at any time.
void Simulation::CheckStatus(End& end) {
  const IpczPortalStatus status = Status(end.portal);
  if (status.num_local_parcels > end.inbox.size()) {
    Fail("more parcels than were put: " + Name(end) + " " +
         std::to_string(status.num_local_parcels) + " of " + std::to_string(end.inbox.size()));
  }
  const bool closed = (status.flags & IPCZ_PORTAL_STATUS_PEER_CLOSED) != 0;
  if (closed && end.peer->state != State::kClosed && !Affected(end)) {
    Fail("PEER_CLOSED though the peer is open: " + Name(end));
  }
}

// Once all has arrived: a trap whose condition holds has said so.
void Simulation::CheckTraps() {
  for (const TrapSet& trap : traps_) {
    End& end = *trap.end;
    if (trap.events != 0 || end.state != State::kHeld) continue;
    const IpczPortalStatus status = Status(end.portal);
    const IpczTrapConditionFlags flags = trap.conditions.flags;
    const auto missed = [&](IpczTrapConditionFlags flag, bool holds) {
      if ((flags & flag) == 0 || !holds) return;
      Fail("a trap was not told: " + Name(end) + " condition " + std::to_string(flag));
    };
    missed(IPCZ_TRAP_PEER_CLOSED, (status.flags & IPCZ_PORTAL_STATUS_PEER_CLOSED) != 0);
    missed(IPCZ_TRAP_DEAD, (status.flags & IPCZ_PORTAL_STATUS_DEAD) != 0);
    missed(IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS,
           status.num_local_parcels > trap.conditions.min_local_parcels);
    missed(IPCZ_TRAP_BELOW_MAX_REMOTE_PARCELS,
           status.num_remote_parcels < trap.conditions.max_remote_parcels);
    missed(IPCZ_TRAP_NEW_LOCAL_PARCEL, end.arrived + status.num_local_parcels > trap.arrived);
  }
}

// Gets whatever can be got, portals in parcels included.
void Simulation::GetAll() {
  for (bool progress = true; progress && ok();) {
    progress = false;
    for (End* end : Held()) {
      while (ok() && Get(*end)) progress = true;
    }
    DeliverAll();
  }
  for (End* end : Held()) {
    if (!ok()) return;
    if (!end->inbox.empty() && !end->saw_end) Fail("parcels that do not arrive: " + Name(*end));
  }
}

// Two portals of one route: it works, or, after a death, has ended on both sides.
void Simulation::CheckRoute(End& a, End& b) {
  End* const both[2] = {&a, &b};
  if (a.saw_end || b.saw_end) {
    if (a.saw_end != b.saw_end) {
      return Fail("only one side knows of the end: " + Name(a.saw_end ? b : a));
    }
    return;
  }
  for (End* end : both) {
    Enter(*end);
    Sent sent{std::to_string(next_parcel_++), {}, 0};
    const IpczResult result = ringway::testing::Put(end->portal, sent.data);
    AfterPut(*end, result, std::move(sent), {});
    if (WantsMemory(result)) return;
    if (delegates_ && lost_ != 0 && result != IPCZ_RESULT_OK) break;
    if (result != IPCZ_RESULT_OK) Fail("no put into an open route: " + Name(*end));
  }
  DeliverAll();
  bool arrived = true;
  for (End* end : both) arrived = ok() && Get(*end) && arrived;
  if (arrived || !ok()) return;
  // A lane that could not be had for want of a lost delegate ends the link.
  const bool ended = delegates_ && lost_ != 0 && !Get(a) && !Get(b) && a.saw_end && b.saw_end;
  if (!ended) Fail("a parcel does not arrive: " + Name(a));
}

void Simulation::CheckClosed(End& end) {
  const bool closed = (Status(end.portal).flags & IPCZ_PORTAL_STATUS_DEAD) != 0;
  if (!end.saw_end || !closed) Fail("does not know that its peer is closed: " + Name(end));
}

void Simulation::CheckRoutes() {
  for (End* end : Held()) {
    if (!ok()) return;
    End& peer = *end->peer;
    if (peer.state != State::kHeld) {
      CheckClosed(*end);
    } else if (peer.id > end->id) {
      CheckRoute(*end, peer);
    }
  }
  if (ok()) DeliverAll();
}

RingwayNodeCounters Simulation::CountersOf(const Node& node) {
  RingwayNodeCounters counters = {};
  counters.size = sizeof(counters);
  Extensions().QueryNodeCounters(node.handle, &counters);
  return counters;
}

// Who asks for counters has ended routes given back, at which others may end.
void Simulation::GiveBackEnded() {
  for (size_t round = 0; round < 100; ++round) {
    for (const Node& node : nodes_) {
      if (!node.dead) CountersOf(node);
    }
    if (hold_.Waiting() == 0) return;
    DeliverAll();
  }
}

void Simulation::CheckNodes(bool closed) {
  if (closed) GiveBackEnded();
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].dead) continue;
    const RingwayNodeCounters counters = CountersOf(nodes_[i]);
    const std::string at = " at " + std::to_string(i) + ": ";
    if (counters.links_broken != 0)
      Fail("links broken" + at + std::to_string(counters.links_broken));
    if ((closed || lost_ == 0) && counters.relays != 0) {
      Fail("relays" + at + std::to_string(counters.relays));
    }
    if (lost_ == 0 && counters.links_refused != 0) Fail("links refused" + at);
    if (!closed || lost_ != 0) continue;
    if (counters.portals != nodes_[i].initial_ends) {
      Fail("portals left" + at + std::to_string(counters.portals) + " for " +
           std::to_string(nodes_[i].initial_ends));
    }
    if (counters.route_ends != nodes_[i].initial_ends) {
      Fail("route ends left" + at + std::to_string(counters.route_ends));
    }
  }
}

void Simulation::CloseAll() {
  for (End* end : Held()) {
    CloseEndNow(*end);
    while (ok() && Chance(eagerness_) && hold_.Waiting() != 0) Deliver();
  }
  DeliverAll();
}

void Simulation::Finish() {
  for (End* end : Held()) {
    if (end->getting) EndGet(*end);
    if (end->putting) EndPut(*end);
  }
  Note("quiet");
  DeliverAll();
  if (ok()) CheckTraps();
  if (ok()) GetAll();
  if (ok()) CheckTraps();
  if (ok()) CheckRoutes();
  if (ok()) CheckNodes(false);
  if (ok()) CloseAll();
  if (ok()) CheckNodes(true);
  for (const TrapSet& trap : traps_) {
    if (ok() && trap.events == 0 && trap.end->state != State::kDead)
      Fail("a trap without an event");
  }
  if (!ok()) return;
  // The dead ones go last: what they are is only freed.
  hold_.Bury();
  for (const IpczHandle portal : dead_portals_) Close(portal);
  for (const Node& node : nodes_) Close(node.handle);
  DeliverAll();
  const size_t left = OpenSyncObjects() - open_before_;
  if (ok() && left != 0) Fail("driver objects left: " + std::to_string(left));
}

}  // namespace ringway::testing
