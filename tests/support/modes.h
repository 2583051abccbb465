// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef TESTS_SUPPORT_MODES_H_
#define TESTS_SUPPORT_MODES_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/ipcz_test.h"
#include "tests/support/network.h"

// Bodies that hold wherever the two portals of a pair are.

namespace ringway::testing {

std::string ModeName(const ::testing::TestParamInfo<Mode>& info);

#define RW_ALL_MODES \
  ::testing::Values(::ringway::testing::Mode::kWithinANode, RW_ONE_PROCESS_LIST, RW_PROCESSES_LIST)
#define RW_REMOTE_MODES ::testing::Values(RW_ONE_PROCESS_LIST, RW_PROCESSES_LIST)
// For what is about one process, or would take too long: each call to another one takes
// microseconds.
#define RW_ONE_PROCESS_MODES \
  ::testing::Values(::ringway::testing::Mode::kWithinANode, RW_ONE_PROCESS_LIST)
#define RW_PROCESSES_LIST                     \
  ::ringway::testing::Mode::kAcrossProcesses, \
      ::ringway::testing::Mode::kAcrossProcessesWithADelegate
#define RW_ONE_PROCESS_LIST                                                                     \
  ::ringway::testing::Mode::kAcrossALink, ::ringway::testing::Mode::kAcrossASyncDriver,         \
      ::ringway::testing::Mode::kAcrossAnAsyncDriver, ::ringway::testing::Mode::kWithADelegate, \
      ::ringway::testing::Mode::kThroughABroker,                                                \
      ::ringway::testing::Mode::kWithADelegateThroughABroker,                                   \
      ::ringway::testing::Mode::kAcrossALinkWithADelegate

// A pair of portals in each mode: a_ on node_a_, b_ on node_b_, which may be the
// same node. At the end all that was opened must be closed again, by the test or
// by the fixture, and then nothing of the driver's may be left.
class ModesTest : public ::testing::TestWithParam<Mode> {
 protected:
  ModesTest();
  ~ModesTest() override;

  bool is_remote() const { return TraitsOf(GetParam()).remote; }
  // Whether the driver is the one of sync_driver.h.
  bool is_sync() const { return !TraitsOf(GetParam()).linux_driver; }

  // A new pair, one portal on each side; sent across where there is an across.
  std::pair<IpczHandle, IpczHandle> Pair();

  // A driver object that says `text`, in a box and not; and what a box says,
  // which consumes it.
  IpczDriverHandle MakeObject(const std::string& text) { return network_->MakeObject(text); }
  IpczHandle MakeBox(IpczHandle node, const std::string& text);
  std::string TextIn(IpczHandle box);

  void CloseNodes();

  size_t open_before_;
  std::unique_ptr<Network> network_;
  Network::Portals portals_;    // between both nodes
  Network::Portals to_broker_;  // if that is a third one
  IpczHandle node_a_ = 0;
  IpczHandle node_b_ = 0;
  IpczHandle a_ = 0;
  IpczHandle b_ = 0;
};

// Collects what handlers of traps are told. Handlers run on any thread.
class TrapLog {
 public:
  struct Event {
    uintptr_t context;
    IpczTrapConditionFlags flags;
    IpczPortalStatus status;
  };

  TrapLog();
  ~TrapLog();
  TrapLog(const TrapLog&) = delete;
  TrapLog& operator=(const TrapLog&) = delete;

  // The result of Trap(); `context` is what the event will say.
  IpczResult Install(IpczHandle portal, IpczTrapConditions conditions, uintptr_t context = 0,
                     IpczTrapConditionFlags* satisfied = nullptr,
                     IpczPortalStatus* status = nullptr);
  size_t size() const;
  Event at(size_t index) const;
  // There are `count` events, at the latest after some seconds.
  bool WaitFor(size_t count) const;

 private:
  struct State;
  static void IPCZ_API OnEvent(const IpczTrapEvent* event);
  std::shared_ptr<State> state_;
};

// Conditions with thresholds of which most tests need only one.
inline IpczTrapConditions Conditions(IpczTrapConditionFlags flags, size_t threshold = 0) {
  return {sizeof(IpczTrapConditions), flags, threshold, threshold, threshold, threshold};
}

}  // namespace ringway::testing

#endif  // TESTS_SUPPORT_MODES_H_
