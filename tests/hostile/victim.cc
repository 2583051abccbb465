// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "tests/hostile/victim.h"

#include <cstdio>
#include <thread>

#include "tests/support/modes.h"
#include "tests/support/process.h"

namespace ringway::testing {

namespace {

constexpr int kGetsPerTurn = 64;
constexpr uint64_t kPutsMax = 400;
constexpr int kSendsMax = 20;
constexpr uint64_t kWaitNs = 300'000;
constexpr RingwayWaitMode kModes[] = {0, RINGWAY_WAIT_MODE_POLL, RINGWAY_WAIT_MODE_PARK};

uint64_t DeadlineIn(uint64_t nanoseconds) {
  return static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count()) +
         nanoseconds;
}

// One session with attacked portals.
class Session {
 public:
  Session(SharedPage& page, IpczHandle node, IpczHandle honest, VictimRole role, uint64_t number)
      : page_(page), node_(node), honest_(honest), role_(role), number_(number) {}

  void Run(IpczDriverHandle transport) {
    const IpczConnectNodeFlags flags =
        role_ == VictimRole::kMeetsABroker ? IPCZ_CONNECT_NODE_TO_BROKER : IPCZ_NO_FLAGS;
    if (Api().ConnectNode(node_, transport, 2, flags, nullptr, portals_) != IPCZ_RESULT_OK) {
      RingwayLinuxDriver()->Close(transport, 0, nullptr);
      return;
    }
    if (role_ == VictimRole::kSinks) Close(portals_[0]);
    if (role_ == VictimRole::kMerges) Merge();
    if (role_ == VictimRole::kSendsOn) Put(honest_, "", {portals_[0]});
    const size_t first = UsesOne(role_) ? 1 : 0;
    for (uint32_t turn = 0; page_.value[kStop] < number_; ++turn) {
      Wait(first, turn);
      for (size_t i = first; i < 2; ++i) Use(i, turn);
      if (role_ == VictimRole::kSends && turn < kSendsMax) Send();
      for (const IpczHandle portal : sent_peers_) TakeOne(portal, turn);
    }
    CloseSent();
    for (size_t i = first; i < 2; ++i) Close(portals_[i]);
  }

 private:
  void Wait(size_t first, uint32_t turn) {
    if (page_.value[kClosed] == 3) std::this_thread::sleep_for(std::chrono::microseconds(500));
    RingwayWaitItem items[2];
    for (size_t i = 0; i < 2; ++i) {
      const RingwayWaitFlags wanted =
          RINGWAY_WAIT_READABLE | (turn % 2 != 0 ? RINGWAY_WAIT_WRITABLE : 0);
      items[i] = {portals_[i], wanted, 0, 10, 1000};
    }
    Extensions().Wait(items + first, 2 - first, kModes[turn % 3], DeadlineIn(kWaitNs));
  }

  void Use(size_t index, uint32_t turn) {
    const IpczHandle portal = portals_[index];
    if (turn % 8 == 0) {
      log_.Install(portal, Conditions(IPCZ_TRAP_NEW_LOCAL_PARCEL | IPCZ_TRAP_PEER_CLOSED));
      log_.Install(portal, Conditions(IPCZ_TRAP_CONSUMED_REMOTE_PARCEL));
    }
    for (int i = 0; i < kGetsPerTurn && TakeOne(portal, turn + static_cast<uint32_t>(i)); ++i) {
    }
    if (put_ < kPutsMax) {
      ++put_;
      Put(portal, std::string(put_ % 50 == 0 ? 20'000 : 100, 'v'));
    }
    if (PeerClosed(portal)) page_.value[kClosed] |= uint64_t{1} << index;
    page_.value[kGot + index] = CountersOf(portal).parcels_got;
  }

  // Takes what is next in one of the ways there are; false if there was nothing.
  bool TakeOne(IpczHandle portal, uint32_t way) {
    if (way % 4 == 0) return TakeInTwoPhases(portal);
    if (way % 4 == 1) return TakeMany(portal);
    if (way % 4 == 2) return TakePart(portal);
    const Parcel parcel = Get(portal);
    for (const IpczHandle handle : parcel.handles) UseReceived(handle);
    return parcel.result == IPCZ_RESULT_OK;
  }

  bool TakeInTwoPhases(IpczHandle portal) {
    const void* data = nullptr;
    size_t bytes = 0;
    size_t count = 0;
    if (Api().BeginGet(portal, 0, nullptr, &data, &bytes, &count) != IPCZ_RESULT_OK) return false;
    for (size_t i = 0; i < bytes; ++i) sum_ += static_cast<const uint8_t*>(data)[i];
    std::vector<IpczHandle> handles(count);
    if (Api().EndGet(portal, bytes, count, 0, nullptr, handles.data(), nullptr) != IPCZ_RESULT_OK) {
      Api().EndGet(portal, 0, 0, IPCZ_END_GET_ABORT, nullptr, nullptr, nullptr);
      return false;
    }
    for (const IpczHandle handle : handles) UseReceived(handle);
    return true;
  }

  bool TakeMany(IpczHandle portal) {
    uint64_t buffer[512];
    RingwayReceivedParcel parcels[8];
    size_t bytes = sizeof(buffer);
    size_t count = 8;
    return Extensions().GetMany(portal, 0, nullptr, buffer, &bytes, parcels, &count) !=
           IPCZ_RESULT_UNAVAILABLE;
  }

  bool TakePart(IpczHandle portal) {
    char data[5];
    size_t bytes = sizeof(data);
    return Api().Get(portal, IPCZ_GET_PARTIAL, nullptr, data, &bytes, nullptr, nullptr, nullptr) ==
           IPCZ_RESULT_OK;
  }

  void UseReceived(IpczHandle handle) {
    ++page_.value[kHandles];
    for (int i = 0; i < 3; ++i) Put(handle, std::string(200, 'r'));
    Get(handle);
    Status(handle);
    Close(handle);
  }

  void Merge() {
    IpczHandle used;
    IpczHandle merged;
    Api().OpenPortals(node_, 0, nullptr, &used, &merged);
    if (Api().MergePortals(portals_[0], merged, 0, nullptr) == IPCZ_RESULT_OK) portals_[0] = used;
  }

  void Send() {
    IpczHandle kept;
    IpczHandle sent;
    if (Api().OpenPortals(node_, 0, nullptr, &kept, &sent) != IPCZ_RESULT_OK) return;
    Put(kept, "queued");
    sent_peers_.push_back(kept);
    if (Put(portals_[0], "", {sent}) != IPCZ_RESULT_OK) Close(sent);
  }

  void CloseSent() {
    for (const IpczHandle portal : sent_peers_) Close(portal);
    sent_peers_.clear();
  }

  SharedPage& page_;
  const IpczHandle node_;
  const IpczHandle honest_;
  const VictimRole role_;
  const uint64_t number_;
  IpczHandle portals_[2] = {};
  std::vector<IpczHandle> sent_peers_;
  TrapLog log_;
  uint64_t put_ = 0;
  uint64_t sum_ = 0;
};

// Answers what comes, until the other node closes.
void Echo(IpczHandle portal) {
  for (;;) {
    RingwayWaitItem item = {portal, RINGWAY_WAIT_READABLE, 0, 0, 0};
    Extensions().Wait(&item, 1, RINGWAY_WAIT_MODE_PARK, RINGWAY_NO_DEADLINE);
    const Parcel parcel = Get(portal);
    if (parcel.result == IPCZ_RESULT_OK) Put(portal, parcel.data);
    if (parcel.result == IPCZ_RESULT_NOT_FOUND) return;
  }
}

// Whether the node is as it was before a session.
bool IsAsBefore(IpczHandle node, const RingwayNodeCounters& before, const Footprint& footprint) {
  const bool same = Eventually([&] {
    const RingwayNodeCounters now = NodeCountersOf(node);
    return now.links == before.links && now.portals == before.portals &&
           now.segments == before.segments && now.peer_segments == before.peer_segments;
  });
  if (same && ReturnsTo(footprint)) return true;
  const RingwayNodeCounters now = NodeCountersOf(node);
  std::fprintf(stderr, "victim: %s became %s; %lu links, %lu portals, %lu + %lu segments\n",
               Describe(footprint).c_str(), Describe(MeasureFootprint()).c_str(), now.links,
               now.portals, now.segments, now.peer_segments);
  return false;
}

}  // namespace

RW_CHILD(Victim) {
  // The honest link has all its memory before anything is compared with how it was.
  RingwayLinuxOptions options = {};
  options.size = sizeof(options);
  if (RingwayLinuxGetOptions(&options) != IPCZ_RESULT_OK) return 3;
  options.upgrade_after = 0;
  if (RingwayLinuxSetOptions(&options) != IPCZ_RESULT_OK) return 3;
  IpczHandle node;
  IpczHandle honest[2];
  Api().CreateNode(RingwayLinuxDriver(), 0, IPCZ_CREATE_NODE_AS_BROKER, nullptr, &node);
  if (Api().ConnectNode(node, child.transport, 2, IPCZ_NO_FLAGS, nullptr, honest) !=
      IPCZ_RESULT_OK) {
    return 1;
  }
  std::thread echo([&] { Echo(honest[0]); });
  // As it was after the session before; the first one only tells how that is.
  RingwayNodeCounters counters = {};
  Footprint footprint = {};
  for (uint64_t number = 1;; ++number) {
    RingwayWaitItem item = {honest[1], RINGWAY_WAIT_READABLE, 0, 0, 0};
    Extensions().Wait(&item, 1, RINGWAY_WAIT_MODE_PARK, RINGWAY_NO_DEADLINE);
    const Parcel order = Get(honest[1]);
    if (order.result != IPCZ_RESULT_OK) break;
    IpczDriverHandle transport;
    if (Api().Unbox(order.handles.at(0), 0, nullptr, &transport) != IPCZ_RESULT_OK) return 2;
    const auto role = static_cast<VictimRole>(std::stoull(order.data));
    Session(*child.page, node, honest[1], role, number).Run(transport);
    const bool same = number != 1 && IsAsBefore(node, counters, footprint);
    if (number == 1) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    if (!same) {
      counters = NodeCountersOf(node);
      footprint = MeasureFootprint();
    }
    child.page->value[kLeft] = same ? 0 : 1;
    child.page->value[kBroken] = NodeCountersOf(node).links_broken;
    child.page->value[kRefused] = NodeCountersOf(node).links_refused;
    child.page->value[kFinished] = number;
  }
  echo.join();
  for (const IpczHandle portal : honest) Close(portal);
  Close(node);
  return 0;
}

}  // namespace ringway::testing
