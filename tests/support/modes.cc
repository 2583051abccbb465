// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "tests/support/modes.h"

#include <fcntl.h>
#include <unistd.h>

#include <mutex>

#include "tests/support/sync_driver.h"

namespace ringway::testing {

std::string ModeName(const ::testing::TestParamInfo<Mode>& info) {
  constexpr const char* kNames[] = {"WithinANode", "AcrossALink", "AcrossASyncDriver"};
  return kNames[static_cast<size_t>(info.param)];
}

ModesTest::ModesTest() : open_before_(OpenSyncObjects()) {
  nodes_.reset(is_sync() ? new NodePair(NodePair::Sync()) : new NodePair(NodePair::Linux()));
  node_a_ = nodes_->broker;
  node_b_ = is_remote() ? nodes_->other : nodes_->broker;
  if (is_remote()) {
    a_ = nodes_->a[0];
    b_ = nodes_->b[0];
  } else {
    Api().OpenPortals(node_a_, IPCZ_NO_FLAGS, nullptr, &a_, &b_);
  }
}

ModesTest::~ModesTest() { CloseNodes(); }

void ModesTest::CloseNodes() {
  if (!nodes_) return;
  if (!is_remote()) {
    Close(a_);
    Close(b_);
  }
  nodes_.reset();
  EXPECT_EQ(OpenSyncObjects(), open_before_) << "objects of the synchronous driver are left";
}

std::pair<IpczHandle, IpczHandle> ModesTest::Pair() {
  IpczHandle kept;
  IpczHandle sent;
  Api().OpenPortals(node_a_, IPCZ_NO_FLAGS, nullptr, &kept, &sent);
  if (!is_remote()) return {kept, sent};
  EXPECT_EQ(Put(nodes_->a[1], "", {sent}), IPCZ_RESULT_OK);
  const Parcel parcel = WaitGet(nodes_->b[1]);
  EXPECT_EQ(parcel.handles.size(), 1u);
  return {kept, parcel.handles.empty() ? IPCZ_INVALID_HANDLE : parcel.handles[0]};
}

IpczDriverHandle ModesTest::MakeObject(const std::string& text) {
  return is_sync() ? MakeBlob(text) : MakeFile(text);
}

std::string ModesTest::TextOf(IpczDriverHandle object, bool sync) {
  return sync ? TakeBlob(object) : TextOfFile(object);
}

IpczHandle ModesTest::MakeBox(IpczHandle node, const std::string& text) {
  IpczHandle box = IPCZ_INVALID_HANDLE;
  EXPECT_EQ(Api().Box(node, MakeObject(text), IPCZ_NO_FLAGS, nullptr, &box), IPCZ_RESULT_OK);
  return box;
}

std::string ModesTest::TextIn(IpczHandle box) {
  IpczDriverHandle object;
  const IpczResult result = Api().Unbox(box, IPCZ_NO_FLAGS, nullptr, &object);
  return result == IPCZ_RESULT_OK ? TextOf(object, is_sync()) : "no box";
}

IpczDriverHandle MakeFile(const std::string& text) {
  int fds[2];
  IpczDriverHandle file = IPCZ_INVALID_DRIVER_HANDLE;
  if (pipe2(fds, O_CLOEXEC) != 0) return file;
  const bool written = write(fds[1], text.data(), text.size()) == static_cast<ssize_t>(text.size());
  close(fds[1]);
  if (!written || RingwayLinuxWrapFd(fds[0], &file) != IPCZ_RESULT_OK) close(fds[0]);
  return file;
}

std::string TextOfFile(IpczDriverHandle file) {
  int fd;
  if (RingwayLinuxUnwrapFd(file, &fd) != IPCZ_RESULT_OK) return "no file";
  std::string text(4096, '\0');
  const ssize_t count = read(fd, text.data(), text.size());
  close(fd);
  text.resize(count < 0 ? 0 : static_cast<size_t>(count));
  return text;
}

RingwayPortalCounters CountersOf(IpczHandle portal) {
  RingwayPortalCounters counters = {};
  counters.size = sizeof(counters);
  Extensions().QueryPortalCounters(portal, &counters);
  return counters;
}

RingwayNodeCounters NodeCountersOf(IpczHandle node) {
  RingwayNodeCounters counters = {};
  counters.size = sizeof(counters);
  Extensions().QueryNodeCounters(node, &counters);
  return counters;
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
