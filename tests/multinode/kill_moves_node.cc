// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "tests/multinode/kill_moves_node.h"

#include <signal.h>
#include <unistd.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "tests/support/modes.h"
#include "tests/support/process.h"
#include "tests/support/shim_driver.h"

namespace ringway::testing {

namespace {

constexpr uint64_t kPatienceNs = 30'000'000'000;
constexpr size_t kPortalsMax = 12;
constexpr char kTrunk[] = "trunk";  // the portal in this parcel stays where it arrives
constexpr char kProbe[] = "probe";

// Ends this process at a message of its own.
struct Fate {
  std::atomic<uint32_t> type{0};  // 0: not yet
  std::atomic<uint64_t> left{0};
  bool after = false;

  static Fate& Get() {
    static Fate fate;
    return fate;
  }
};

const IpczDriver* FatalDriver() {
  static const RingwayDriver table = [] {
    RingwayDriver copy = LinuxTable();
    copy.base.Transmit = [](IpczDriverHandle transport, const void* data, size_t num_bytes,
                            const IpczDriverHandle* handles, size_t num_handles, uint32_t flags,
                            const void* options) -> IpczResult {
      Fate& fate = Fate::Get();
      uint32_t type = 0;
      if (num_bytes >= sizeof(type)) std::memcpy(&type, data, sizeof(type));
      const bool fatal = type != 0 && type == fate.type && --fate.left == 0;
      if (fatal && !fate.after) kill(getpid(), SIGKILL);
      const IpczResult result = LinuxTable().base.Transmit(transport, data, num_bytes, handles,
                                                           num_handles, flags, options);
      if (fatal) kill(getpid(), SIGKILL);
      return result;
    };
    return copy;
  }();
  return &table.base;
}

class Mover {
 public:
  explicit Mover(ChildContext& child) : child_(child), random_(child.number(kMoverSeed)) {}

  int Run() {
    const bool broker = index_ < brokers_;
    Api().CreateNode(FatalDriver(), 0, broker ? IPCZ_CREATE_NODE_AS_BROKER : IPCZ_NO_FLAGS, nullptr,
                     &node_);
    if (!(broker ? ConnectBrokers() && ConnectClients() : ConnectTo(std::to_string(broker_)))) {
      return 1;
    }
    Report(kMoverMoves);
    if (!Eventually([&] { return Asked() >= kMoverMoves; }, 30)) return 2;
    Fate& fate = Fate::Get();
    fate.left = child_.number(kMoverFatalCount);
    fate.after = child_.number(kMoverFatalAfter) != 0;
    fate.type = static_cast<uint32_t>(child_.number(kMoverFatalType));
    while (Asked() < kMoverRests) {
      ReadAll();
      Act();
      std::this_thread::yield();
    }
    Report(kMoverRests);
    while (Asked() < kMoverProbes) ReadAll();
    while (Asked() < kMoverLeaves) Probe();
    // Before anybody closes: those of links that are up keep their places.
    for (const Portal& portal : portals_) initial_ += portal.initial && !portal.dead;
    Report(kMoverLeaves);
    if (!Eventually([&] { return Asked() >= kMoverCloses; }, 30)) return 2;
    return CloseAll() ? 0 : 3;
  }

 private:
  struct Portal {
    IpczHandle handle;
    bool trunk;
    bool initial = false;
    bool probed = false;  // we put the last parcel
    bool heard = false;   // ... the other side did
    bool dead = false;
  };

  uint32_t Asked() const { return child_.page->stop; }
  void Report(uint32_t phase) { child_.page->phase = phase; }
  std::atomic<uint64_t>& Value(MoverValue value) { return child_.page->value[value]; }
  std::string Socket(const std::string& name) const {
    return "@rw-moves-" + child_.arguments[kMoverSocket] + "-" + name;
  }
  size_t Below(size_t count) { return random_() % count; }
  void Expect(bool holds) {
    if (!holds) ++Value(kMoverWrong);
  }

  bool Connect(IpczDriverHandle transport, IpczConnectNodeFlags flags) {
    Portal portal = {0, true};
    portal.initial = true;
    if (Api().ConnectNode(node_, transport, 1, flags, nullptr, &portal.handle) != IPCZ_RESULT_OK) {
      return false;
    }
    portals_.push_back(portal);
    return true;
  }

  bool ConnectTo(const std::string& broker) {
    IpczDriverHandle transport;
    return RingwayLinuxConnect(Socket(broker).c_str(), kPatienceNs, &transport, nullptr) ==
               IPCZ_RESULT_OK &&
           Connect(transport, IPCZ_CONNECT_NODE_TO_BROKER);
  }

  bool Accept(const std::string& name, size_t count, IpczConnectNodeFlags flags) {
    RingwayLinuxListener* listener;
    if (RingwayLinuxListen(Socket(name).c_str(), &listener) != IPCZ_RESULT_OK) return false;
    for (size_t i = 0; i < count; ++i) {
      IpczDriverHandle transport;
      if (RingwayLinuxAccept(listener, kPatienceNs, &transport, nullptr) != IPCZ_RESULT_OK ||
          !Connect(transport, flags)) {
        return false;
      }
    }
    RingwayLinuxCloseListener(listener);
    return true;
  }

  bool ConnectBrokers() {
    if (brokers_ == 1) return true;
    return index_ == 0 ? Accept("between", 1, IPCZ_CONNECT_NODE_TO_BROKER) : ConnectTo("between");
  }

  // ... and gives each two of them, and the other broker, a pair of portals.
  bool ConnectClients() {
    size_t count = 0;
    for (size_t i = 0; i < child_.number(kMoverClients); ++i) count += i % brokers_ == broker_;
    if (!Accept(std::to_string(broker_), count, IPCZ_NO_FLAGS)) return false;
    for (size_t i = 0; i < portals_.size(); ++i) {
      for (size_t j = 0; j < i; ++j) {
        IpczHandle pair[2];
        Api().OpenPortals(node_, IPCZ_NO_FLAGS, nullptr, &pair[0], &pair[1]);
        Expect(ringway::testing::Put(portals_[i].handle, kTrunk, {pair[0]}) == IPCZ_RESULT_OK &&
               ringway::testing::Put(portals_[j].handle, kTrunk, {pair[1]}) == IPCZ_RESULT_OK);
      }
    }
    return true;
  }

  void ReadAll() {
    for (size_t i = 0; i < portals_.size(); ++i) {
      while (!portals_[i].dead && Read(i)) continue;
    }
  }

  // Takes one parcel of a portal, and the portals in it. False if there is none.
  bool Read(size_t i) {
    const Parcel parcel = Get(portals_[i].handle);
    Expect(parcel.result == IPCZ_RESULT_OK || parcel.result == IPCZ_RESULT_UNAVAILABLE ||
           parcel.result == IPCZ_RESULT_NOT_FOUND);
    portals_[i].dead = parcel.result == IPCZ_RESULT_NOT_FOUND;
    if (parcel.result != IPCZ_RESULT_OK) return false;
    if (parcel.data == kProbe) portals_[i].heard = true;
    for (const IpczHandle handle : parcel.handles)
      portals_.push_back({handle, parcel.data == kTrunk});
    return true;
  }

  // A portal that is a trunk, or is not; SIZE_MAX if there is none alive.
  size_t Choose(bool trunk) {
    std::vector<size_t> choice;
    for (size_t i = 0; i < portals_.size(); ++i) {
      if (portals_[i].trunk == trunk && !portals_[i].dead) choice.push_back(i);
    }
    return choice.empty() ? SIZE_MAX : choice[Below(choice.size())];
  }

  void Act() {
    const size_t what = Below(12);
    const size_t portal = Choose(false);
    if (what < 2) return Open(what == 0);
    if (portal == SIZE_MAX) return;
    if (what < 9) return Send(portal);
    if (what < 11) {
      const IpczResult result = ringway::testing::Put(portals_[portal].handle, "x");
      return Expect(result == IPCZ_RESULT_OK || result == IPCZ_RESULT_NOT_FOUND);
    }
    if (portals_.size() > kPortalsMax / 2) {
      Close(portals_[portal].handle);
      Forget(portal);
    }
  }

  void Open(bool merge) {
    if (portals_.size() >= kPortalsMax) return Prune();
    IpczHandle pair[2];
    Api().OpenPortals(node_, IPCZ_NO_FLAGS, nullptr, &pair[0], &pair[1]);
    if (merge) {
      IpczHandle other[2];
      Api().OpenPortals(node_, IPCZ_NO_FLAGS, nullptr, &other[0], &other[1]);
      Expect(Api().MergePortals(pair[1], other[0], IPCZ_NO_FLAGS, nullptr) == IPCZ_RESULT_OK);
      pair[1] = other[1];
    }
    for (const IpczHandle each : pair) portals_.push_back({each, false});
  }

  // Closes what is dead, so that there is room for more.
  void Prune() {
    for (size_t i = portals_.size(); i-- > 0;) {
      if (!portals_[i].dead || portals_[i].initial) continue;
      Close(portals_[i].handle);
      Forget(i);
    }
  }

  void Send(size_t portal) {
    const size_t trunk = Choose(true);
    if (trunk == SIZE_MAX) return;
    const IpczResult result =
        ringway::testing::Put(portals_[trunk].handle, "", {portals_[portal].handle});
    Expect(result == IPCZ_RESULT_OK || result == IPCZ_RESULT_NOT_FOUND);
    if (result != IPCZ_RESULT_OK) return;
    ++Value(kMoverMoved);
    Forget(portal);
  }

  void Forget(size_t portal) { portals_.erase(portals_.begin() + static_cast<ptrdiff_t>(portal)); }

  // A last parcel into each portal, those that come from now on too.
  void Probe() {
    ReadAll();
    uint64_t unsettled = 0;
    uint64_t connected = 0;
    for (Portal& portal : portals_) {
      if (!portal.probed) ringway::testing::Put(portal.handle, kProbe);
      portal.probed = true;
      unsettled += !portal.heard && !portal.dead;
      connected += portal.heard;
    }
    Value(kMoverConnected) = connected;
    Value(kMoverUnsettled) = unsettled;
    Report(kMoverProbes);
    std::this_thread::sleep_for(std::chrono::microseconds(200));  // leaves the others time to run
  }

  bool CloseAll() {
    for (const Portal& portal : portals_) Close(portal.handle);
    Eventually(
        [&] {
          const RingwayNodeCounters counters = NodeCountersOf(node_);
          Value(kMoverRelays) = counters.relays;
          Value(kMoverRouteEnds) = counters.route_ends - std::min(counters.route_ends, initial_);
          return Value(kMoverRelays) + Value(kMoverRouteEnds) == 0;
        },
        10);
    Report(kMoverCloses);
    // The others need our node for their ends.
    if (!Eventually([&] { return Asked() > kMoverCloses; }, 30)) return false;
    Close(node_);
    Eventually([&] {
      const RingwayDriverStatistics driver = DriverStatistics();
      Value(kMoverObjects) = driver.open_transports + driver.open_memories + driver.open_mappings;
      return Value(kMoverObjects) == 0;
    });
    return Value(kMoverObjects) == 0;
  }

  ChildContext& child_;
  const size_t index_ = child_.number(kMoverIndex);
  const size_t brokers_ = child_.number(kMoverBrokers);
  const size_t broker_ = index_ % brokers_;  // that it is, or has
  std::mt19937 random_;
  IpczHandle node_ = 0;
  std::vector<Portal> portals_;
  uint64_t initial_ = 0;
};

}  // namespace

RW_CHILD(MoverNode) { return Mover(child).Run(); }

}  // namespace ringway::testing
