// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What the nodes of a simulation do.

#include <algorithm>

#include "tests/multinode/simulation.h"

namespace ringway::testing {

namespace {

Simulation* current = nullptr;  // for handlers of traps

}  // namespace

void Simulation::Act() {
  current = this;
  std::vector<End*> held = Held();
  const size_t routes = static_cast<size_t>(
      std::count_if(held.begin(), held.end(), [](const End* end) { return !end->initial; }));
  if (held.empty() || (routes < kFew && Below(routes + 3) == 0)) return Open();
  End& end = *held[Below(held.size())];
  const size_t what = Below(100);
  if (what < 40) {
    end.putting ? EndPut(end) : Put(end);
  } else if (what < 66) {
    end.getting ? EndGet(end) : static_cast<void>(Get(end));
  } else if (what < 72) {
    end.getting ? EndGet(end) : GetPart(end);
  } else if (what < 76) {
    end.getting ? EndGet(end) : BeginGet(end);
  } else if (what < 80) {
    end.putting ? EndPut(end) : BeginPut(end);
  } else if (what < 84) {
    SetTrap(end);
  } else if (what < 87) {
    Query(end);
  } else if (what < 94) {
    if (options_.merges) Merge(end);
  } else if (what < 97) {
    CloseEnd(end);
  } else if (losses_left_ != 0 && Chance(30)) {
    Chance(50) ? Kill(Below(nodes_.size())) : Cut();
  }
}

void Simulation::Open() {
  const size_t node = Below(nodes_.size());
  if (nodes_[node].dead) return;
  hold_.Enter(node);
  IpczHandle portals[2] = {};
  const IpczResult result =
      Api().OpenPortals(nodes_[node].handle, IPCZ_NO_FLAGS, nullptr, &portals[0], &portals[1]);
  if (result != IPCZ_RESULT_OK) return Fail("OpenPortals: " + std::to_string(result));
  End* a = NewEnd(node, portals[0]);
  End* b = NewEnd(node, portals[1]);
  Join(a, b);
  Note("open " + Name(*a) + " " + Name(*b));
}

std::string Simulation::MakeData() {
  const size_t kind = Below(10);
  if (kind == 0) return {};
  std::string data = std::to_string(next_parcel_++) + ":";
  if (kind == 1) data.resize(20'000, static_cast<char>('a' + next_parcel_ % 26));
  if (kind == 2) data.resize(900, static_cast<char>('A' + next_parcel_ % 26));
  return data;
}

std::vector<IpczHandle> Simulation::Attach(End& end, std::vector<Item>* items) {
  std::vector<IpczHandle> handles;
  if (Chance(15)) {
    const std::string text = "box " + std::to_string(next_parcel_++);
    IpczHandle box = 0;
    Api().Box(nodes_[end.node].handle, MakeBlob(text), IPCZ_NO_FLAGS, nullptr, &box);
    handles.push_back(box);
    items->push_back({text, nullptr});
  }
  if (!Chance(45)) return handles;
  std::vector<End*> there;
  for (End* each : Held()) {
    if (each->node == end.node && each != &end && !each->initial && !each->getting &&
        !each->putting) {
      there.push_back(each);
    }
  }
  for (size_t count = 1 + Below(2); count != 0 && !there.empty(); --count) {
    const size_t which = Below(there.size());
    End* const each = there[which];
    there.erase(there.begin() + static_cast<std::ptrdiff_t>(which));
    // A portal is not to end in a parcel for itself.
    if (Contains(*end.peer, *each)) continue;
    handles.push_back(each->portal);
    items->push_back({"", each});
  }
  return handles;
}

void Simulation::Put(End& end) {
  Enter(end);
  Sent sent{MakeData(), {}, 0};
  const std::vector<IpczHandle> handles = Attach(end, &sent.items);
  const IpczResult result = ringway::testing::Put(end.portal, sent.data, handles);
  AfterPut(end, result, std::move(sent), handles);
}

void Simulation::AfterPut(End& end, IpczResult result, Sent sent,
                          const std::vector<IpczHandle>& handles) {
  std::string what = "put " + Name(end) + " " + sent.data.substr(0, 8) + " " +
                     std::to_string(sent.data.size()) + " = " + std::to_string(result);
  for (const Item& item : sent.items) what += " " + (item.end ? Name(*item.end) : item.text);
  Note(what);
  const bool there = end.peer->state == State::kHeld || end.peer->state == State::kInFlight;
  if (result != IPCZ_RESULT_OK) {
    if (result != IPCZ_RESULT_NOT_FOUND && !WantsMemory(result)) {
      return Fail("Put: " + std::to_string(result));
    }
    if (there && !Affected(end)) return Fail("Put: NOT_FOUND though the peer is open");
    for (size_t i = 0; i < handles.size(); ++i) {
      if (!sent.items[i].end) Close(handles[i]);
    }
    return;
  }
  end.used = true;
  for (const Item& item : sent.items) {
    if (!item.end) continue;
    if (there) {
      item.end->state = State::kInFlight;
      item.end->portal = 0;
      item.end->container = end.peer;
    } else {
      Destroyed(item.end);
    }
  }
  if (there) end.peer->inbox.push_back(std::move(sent));
}

void Simulation::BeginPut(End& end) {
  Enter(end);
  size_t bytes = Chance(30) ? 20'000 : 40;
  void* data = nullptr;
  const IpczResult result = Api().BeginPut(end.portal, IPCZ_NO_FLAGS, nullptr, &bytes, &data);
  Note("begin put " + Name(end) + " = " + std::to_string(result));
  if (result == IPCZ_RESULT_OK) {
    end.putting = end.used = true;
    const std::string text = std::to_string(next_parcel_++) + ":";
    std::copy(text.begin(), text.end(), static_cast<char*>(data));
    end.put_text = text;
  } else if ((result != IPCZ_RESULT_NOT_FOUND && !WantsMemory(result)) ||
             (end.peer->state != State::kClosed && !Affected(end))) {
    Fail("BeginPut: " + std::to_string(result));
  }
}

void Simulation::EndPut(End& end) {
  Enter(end);
  end.putting = false;
  if (Chance(30)) {
    Note("abort put " + Name(end));
    Api().EndPut(end.portal, 0, nullptr, 0, IPCZ_END_PUT_ABORT, nullptr);
    return;
  }
  Sent sent{end.put_text, {}, 0};
  const std::vector<IpczHandle> handles = Attach(end, &sent.items);
  const IpczResult result = Api().EndPut(end.portal, sent.data.size(), handles.data(),
                                         handles.size(), IPCZ_NO_FLAGS, nullptr);
  if (result != IPCZ_RESULT_OK) {
    Api().EndPut(end.portal, 0, nullptr, 0, IPCZ_END_PUT_ABORT, nullptr);
  }
  AfterPut(end, result, std::move(sent), handles);
}

// A get that got nothing.
void Simulation::CheckNothing(End& end, IpczResult result) {
  if (result == IPCZ_RESULT_UNAVAILABLE) {
    if (end.saw_end) Fail("Get: UNAVAILABLE after NOT_FOUND");
    return;
  }
  if (result != IPCZ_RESULT_NOT_FOUND) return Fail("Get: " + std::to_string(result));
  end.saw_end = true;
  if (Affected(end)) return;
  if (!end.inbox.empty()) return Fail("Get: NOT_FOUND though parcels are due at " + Name(end));
  if (end.peer->state != State::kClosed) {
    Fail("Get: NOT_FOUND though the peer is open: " + Name(end));
  }
}

bool Simulation::Get(End& end) {
  Enter(end);
  const Parcel parcel = ringway::testing::Get(end.portal);
  Note("get " + Name(end) + " = " + std::to_string(parcel.result) + " " + parcel.data.substr(0, 8));
  if (parcel.result != IPCZ_RESULT_OK) {
    CheckNothing(end, parcel.result);
    return false;
  }
  Take(end, parcel.data, parcel.handles);
  return true;
}

// Bytes and handles that a get gave must be the next ones due.
void Simulation::Take(End& end, const std::string& data, const std::vector<IpczHandle>& handles) {
  end.used = true;
  if (end.saw_end) return Fail("a parcel after the end of the route: " + Name(end));
  if (end.inbox.empty()) return Fail("a parcel that nobody put: " + Name(end));
  Sent& sent = end.inbox.front();
  if (sent.data.compare(sent.bytes_taken, data.size(), data) != 0) {
    return Fail("not the parcel that is due: " + data.substr(0, 20) + " for " +
                sent.data.substr(sent.bytes_taken, 20));
  }
  if (handles.size() > sent.items.size()) return Fail("more handles than were put");
  sent.bytes_taken += data.size();
  for (size_t i = 0; i < handles.size() && ok(); ++i) Receive(end, sent.items[i], handles[i]);
  sent.items.erase(sent.items.begin(),
                   sent.items.begin() + static_cast<std::ptrdiff_t>(handles.size()));
  if (sent.bytes_taken < sent.data.size() || !sent.items.empty()) return;
  end.inbox.pop_front();
  ++end.arrived;
}

void Simulation::Receive(End& by, const Item& item, IpczHandle handle) {
  if (!item.end) {
    IpczDriverHandle object = 0;
    const IpczResult result = Api().Unbox(handle, IPCZ_NO_FLAGS, nullptr, &object);
    if (result != IPCZ_RESULT_OK || TakeBlob(object) != item.text) Fail("not the box that was put");
    return;
  }
  End& end = *item.end;
  end.seen |= Mask(by) | Mask(*by.peer);
  end.state = State::kHeld;
  end.container = nullptr;
  end.portal = handle;
  end.node = by.node;
  Note("  has " + Name(end));
}

void Simulation::GetPart(End& end) {
  Enter(end);
  std::string data(Below(12), 0);
  std::vector<IpczHandle> handles(Below(3));
  size_t bytes = data.size();
  size_t num_handles = handles.size();
  const IpczResult result = Api().Get(end.portal, IPCZ_GET_PARTIAL, nullptr, data.data(), &bytes,
                                      handles.data(), &num_handles, nullptr);
  Note("get part " + Name(end) + " = " + std::to_string(result) + " " + std::to_string(bytes) +
       " " + std::to_string(num_handles));
  if (result != IPCZ_RESULT_OK) return CheckNothing(end, result);
  data.resize(bytes);
  handles.resize(num_handles);
  Take(end, data, handles);
}

void Simulation::BeginGet(End& end) {
  Enter(end);
  const void* data = nullptr;
  size_t bytes = 0;
  size_t handles = 0;
  const IpczResult result =
      Api().BeginGet(end.portal, IPCZ_NO_FLAGS, nullptr, &data, &bytes, &handles);
  Note("begin get " + Name(end) + " = " + std::to_string(result));
  if (result != IPCZ_RESULT_OK) return CheckNothing(end, result);
  if (end.inbox.empty()) return Fail("a parcel that nobody put: " + Name(end));
  const Sent& sent = end.inbox.front();
  const std::string text(static_cast<const char*>(data), bytes);
  if (sent.data.substr(sent.bytes_taken) != text || sent.items.size() != handles) {
    return Fail("a view of a parcel that is not due: " + Name(end));
  }
  end.getting = true;
}

void Simulation::EndGet(End& end) {
  Enter(end);
  end.getting = false;
  if (Chance(30)) {
    Note("abort get " + Name(end));
    Api().EndGet(end.portal, 0, 0, IPCZ_END_GET_ABORT, nullptr, nullptr, nullptr);
    return;
  }
  const Sent& sent = end.inbox.front();
  const std::string data = sent.data.substr(
      sent.bytes_taken, Chance(50) ? Below(sent.data.size() - sent.bytes_taken + 1) : 1 << 20);
  std::vector<IpczHandle> handles(Chance(70) ? sent.items.size() : Below(sent.items.size() + 1));
  const IpczResult result = Api().EndGet(end.portal, data.size(), handles.size(), IPCZ_NO_FLAGS,
                                         nullptr, handles.data(), nullptr);
  Note("end get " + Name(end) + " = " + std::to_string(result) + " " + std::to_string(data.size()) +
       " " + std::to_string(handles.size()));
  if (result == IPCZ_RESULT_NOT_FOUND && Affected(end)) return;
  if (result != IPCZ_RESULT_OK) return Fail("EndGet: " + std::to_string(result));
  Take(end, data, handles);
}

void Simulation::Merge(End& end) {
  std::vector<End*> others;
  const auto unused = [](const End& each) { return !each.used && !each.getting && !each.putting; };
  if (!unused(end) || end.initial) return;
  for (End* each : Held()) {
    const bool fits = each->node == end.node && each != &end && each->peer != &end &&
                      !each->initial && unused(*each);
    // Nor is a route to end in a parcel for itself, or both of its ends in each other's.
    if (fits && !Contains(*end.peer, *each) && !Contains(*each->peer, end) &&
        !(Contains(*end.peer, end) && Contains(*each->peer, *each))) {
      others.push_back(each);
    }
  }
  if (others.empty()) return;
  End& other = *others[Below(others.size())];
  Enter(end);
  Note("merge " + Name(end) + " " + Name(other));
  const IpczResult result = Api().MergePortals(end.portal, other.portal, IPCZ_NO_FLAGS, nullptr);
  if (result != IPCZ_RESULT_OK) return Fail("MergePortals: " + std::to_string(result));
  End* const a = end.peer;
  End* const b = other.peer;
  const uint64_t seen = end.seen | other.seen;
  const auto hand_over = [&](End* from, End* to) {
    from->state = State::kMerged;
    from->portal = 0;
    const bool there = to->state == State::kHeld || to->state == State::kInFlight;
    for (Sent& sent : from->inbox) {
      for (const Item& item : sent.items) {
        if (!item.end) continue;
        item.end->container = to;
        if (!there) Destroyed(item.end);
      }
      if (there) to->inbox.push_back(std::move(sent));
    }
    from->inbox.clear();
    to->seen |= seen;
  };
  hand_over(&end, b);
  hand_over(&other, a);
  Join(a, b);
}

void Simulation::CloseEnd(End& end) {
  if (!end.initial || Chance(10)) CloseEndNow(end);
}

void Simulation::CloseEndNow(End& end) {
  Enter(end);
  Note("close " + Name(end));
  const IpczHandle portal = end.portal;
  Destroyed(&end);
  Close(portal);
}

void IPCZ_API Simulation::OnTrap(const IpczTrapEvent* event) {
  TrapSet& trap = current->traps_[event->context];
  trap.removed = (event->condition_flags & IPCZ_TRAP_REMOVED) != 0;
  if (++trap.events == 2) current->Fail("a second event of a trap");
}

void Simulation::SetTrap(End& end) {
  static constexpr IpczTrapConditionFlags kFlags[] = {
      IPCZ_TRAP_PEER_CLOSED, IPCZ_TRAP_DEAD, IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS,
      IPCZ_TRAP_BELOW_MAX_REMOTE_PARCELS, IPCZ_TRAP_NEW_LOCAL_PARCEL};
  Enter(end);
  IpczTrapConditions conditions = {sizeof(conditions), IPCZ_NO_FLAGS, Below(3), 0, Below(3), 0};
  conditions.flags = kFlags[Below(5)] | kFlags[Below(5)];
  conditions.min_local_parcels = Below(3);
  conditions.max_remote_parcels = Below(3);
  const uint64_t arrived = end.arrived + Status(end.portal).num_local_parcels;
  traps_.push_back({&end, conditions, arrived, 0, false});
  const IpczResult result = Api().Trap(end.portal, &conditions, &OnTrap, traps_.size() - 1,
                                       IPCZ_NO_FLAGS, nullptr, nullptr, nullptr);
  Note("trap " + Name(end) + " = " + std::to_string(result));
  if (result == IPCZ_RESULT_OK) return;
  if (result != IPCZ_RESULT_FAILED_PRECONDITION) Fail("Trap: " + std::to_string(result));
  traps_.back().events = 1;
}

void Simulation::Query(End& end) {
  Enter(end);
  CheckStatus(end);
}

}  // namespace ringway::testing
