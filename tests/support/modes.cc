// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "tests/support/modes.h"

#include <mutex>

#include "tests/support/sync_driver.h"

namespace ringway::testing {

std::string ModeName(const ::testing::TestParamInfo<Mode>& info) {
  return TraitsOf(info.param).name;
}

ModesTest::ModesTest() : open_before_(OpenSyncObjects()), network_(new Network(GetParam())) {
  constexpr size_t kPortals = 2;
  Network& network = *network_;
  const size_t broker = network.AddNode(true);
  node_a_ = node_b_ = network.node(broker);
  if (!is_remote()) {
    Api().OpenPortals(node_a_, IPCZ_NO_FLAGS, nullptr, &a_, &b_);
    return;
  }
  const size_t other = network.AddNode();
  node_b_ = network.node(other);
  if (!network.only_by_brokers()) {
    portals_ = network.Connect(broker, other, kPortals);
  } else {
    // Both portals are away from the broker, so that what goes between them goes through it.
    const size_t third = network.AddNode();
    node_a_ = network.node(third);
    to_broker_.push_back(network.Connect(broker, third, 1)[0]);
    to_broker_.push_back(network.Connect(broker, other, 1)[0]);
    portals_ = network.ConnectBy(to_broker_[0], to_broker_[1], broker, kPortals);
    EXPECT_TRUE(network.SumBecomes(&RingwayNodeCounters::relays, 0));
  }
  a_ = portals_[0].first;
  b_ = portals_[0].second;
}

ModesTest::~ModesTest() { CloseNodes(); }

void ModesTest::CloseNodes() {
  if (!network_) return;
  if (!is_remote()) portals_.emplace_back(a_, b_);
  for (const Network::Portals* portals : {&portals_, &to_broker_}) {
    for (const auto& [first, second] : *portals) {
      Close(first);
      Close(second);
    }
  }
  network_.reset();
  EXPECT_TRUE(Eventually([&] { return OpenSyncObjects() == open_before_; }, 5))
      << OpenSyncObjects() - open_before_ << " objects of the synchronous driver are left";
}

std::pair<IpczHandle, IpczHandle> ModesTest::Pair() {
  IpczHandle kept;
  IpczHandle sent;
  Api().OpenPortals(node_a_, IPCZ_NO_FLAGS, nullptr, &kept, &sent);
  if (!is_remote()) return {kept, sent};
  EXPECT_EQ(Put(portals_[1].first, "", {sent}), IPCZ_RESULT_OK);
  const Parcel parcel = WaitGet(portals_[1].second);
  EXPECT_EQ(parcel.handles.size(), 1u);
  return {kept, parcel.handles.empty() ? IPCZ_INVALID_HANDLE : parcel.handles[0]};
}

IpczHandle ModesTest::MakeBox(IpczHandle node, const std::string& text) {
  IpczHandle box = IPCZ_INVALID_HANDLE;
  EXPECT_EQ(Api().Box(node, MakeObject(text), IPCZ_NO_FLAGS, nullptr, &box), IPCZ_RESULT_OK);
  return box;
}

std::string ModesTest::TextIn(IpczHandle box) {
  IpczDriverHandle object;
  const IpczResult result = Api().Unbox(box, IPCZ_NO_FLAGS, nullptr, &object);
  return result == IPCZ_RESULT_OK ? network_->TextOf(object) : "no box";
}

// A trap may outlive its test's log, so each holds the state, and its context.
struct TrapLog::State {
  mutable std::mutex mutex;
  std::vector<Event> events;
};

namespace {

struct TrapContext {
  std::shared_ptr<void> state;
  uintptr_t context;
};

}  // namespace

TrapLog::TrapLog() : state_(std::make_shared<State>()) {}
TrapLog::~TrapLog() = default;

void TrapLog::OnEvent(const IpczTrapEvent* event) {
  const std::unique_ptr<TrapContext> context(reinterpret_cast<TrapContext*>(event->context));
  auto* state = static_cast<State*>(context->state.get());
  std::lock_guard lock(state->mutex);
  state->events.push_back({context->context, event->condition_flags, *event->status});
}

IpczResult TrapLog::Install(IpczHandle portal, IpczTrapConditions conditions, uintptr_t context,
                            IpczTrapConditionFlags* satisfied, IpczPortalStatus* status) {
  auto* ours = new TrapContext{state_, context};
  const IpczResult result =
      Api().Trap(portal, &conditions, &TrapLog::OnEvent, reinterpret_cast<uintptr_t>(ours),
                 IPCZ_NO_FLAGS, nullptr, satisfied, status);
  if (result != IPCZ_RESULT_OK) delete ours;
  return result;
}

size_t TrapLog::size() const {
  std::lock_guard lock(state_->mutex);
  return state_->events.size();
}

TrapLog::Event TrapLog::at(size_t index) const {
  std::lock_guard lock(state_->mutex);
  return state_->events.at(index);
}

bool TrapLog::WaitFor(size_t count) const {
  return Eventually([&] { return size() >= count; });
}

}  // namespace ringway::testing
