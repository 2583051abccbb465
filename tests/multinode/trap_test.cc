// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Traps: what sets them off, what keeps them from being installed, and what
// their handlers may do.

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <thread>

#include "tests/support/modes.h"

namespace ringway::testing {
namespace {

constexpr auto kWhile = std::chrono::milliseconds(30);

class TrapTest : public ModesTest {
 protected:
  // The trap cannot be installed because `satisfied` holds.
  void ExpectHolds(IpczHandle portal, const IpczTrapConditions& conditions,
                   IpczTrapConditionFlags satisfied) {
    IpczTrapConditionFlags flags = 0;
    IpczPortalStatus status = {};
    status.size = sizeof(status);
    EXPECT_EQ(log_.Install(portal, conditions, 0, &flags, &status),
              IPCZ_RESULT_FAILED_PRECONDITION);
    EXPECT_EQ(flags, satisfied);
    const IpczPortalStatus now = Status(portal);
    EXPECT_EQ(status.size, sizeof(status));
    EXPECT_EQ(status.flags, now.flags);
    EXPECT_EQ(status.num_local_parcels, now.num_local_parcels);
    EXPECT_EQ(status.num_local_bytes, now.num_local_bytes);
    EXPECT_EQ(log_.Install(portal, conditions), IPCZ_RESULT_FAILED_PRECONDITION)
        << "with no outputs";
  }
  bool Arrived(IpczHandle portal, size_t count) {
    return Eventually([&] { return Status(portal).num_local_parcels == count; });
  }

  TrapLog log_;
};

TEST_P(TrapTest, RefusesBadArguments) {
  const IpczTrapConditions good = Conditions(IPCZ_TRAP_PEER_CLOSED);
  const auto handler = [](const IpczTrapEvent*) { ADD_FAILURE(); };
  IpczTrapConditions bad = good;
  bad.size = sizeof(bad) - 1;
  IpczPortalStatus status = {};
  const auto trap = [&](const IpczTrapConditions* conditions, IpczTrapEventHandler with,
                        IpczPortalStatus* out) {
    return Api().Trap(a_, conditions, with, 0, 0, nullptr, nullptr, out);
  };
  EXPECT_EQ(trap(nullptr, handler, nullptr), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(trap(&bad, handler, nullptr), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(trap(&good, nullptr, nullptr), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(trap(&good, handler, &status), IPCZ_RESULT_INVALID_ARGUMENT) << "its size is not set";
  ASSERT_EQ(Put(b_, "x"), IPCZ_RESULT_OK);
}

TEST_P(TrapTest, NewLocalParcelIsAnEdge) {
  ASSERT_EQ(Put(a_, "before"), IPCZ_RESULT_OK);
  ASSERT_TRUE(Arrived(b_, 1));
  ASSERT_EQ(log_.Install(b_, Conditions(IPCZ_TRAP_NEW_LOCAL_PARCEL), 42), IPCZ_RESULT_OK)
      << "what is there already is not new";
  std::this_thread::sleep_for(kWhile);
  EXPECT_EQ(log_.size(), 0u);
  ASSERT_EQ(Put(a_, "new"), IPCZ_RESULT_OK);
  ASSERT_TRUE(log_.WaitFor(1));
  EXPECT_EQ(log_.at(0).context, 42u);
  EXPECT_EQ(log_.at(0).flags, IPCZ_TRAP_NEW_LOCAL_PARCEL);
  EXPECT_EQ(log_.at(0).status.num_local_parcels, 2u);
  ASSERT_EQ(Put(a_, "not asked for"), IPCZ_RESULT_OK);
  ASSERT_TRUE(Arrived(b_, 3));
  std::this_thread::sleep_for(kWhile);
  EXPECT_EQ(log_.size(), 1u) << "a trap goes off once";
}

TEST_P(TrapTest, AboveMinLocalParcelsIsALevelAndStrict) {
  const auto more_than_two = Conditions(IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS, 2);
  ASSERT_EQ(log_.Install(b_, more_than_two), IPCZ_RESULT_OK);
  for (int i = 0; i < 2; ++i) ASSERT_EQ(Put(a_, "x"), IPCZ_RESULT_OK);
  ASSERT_TRUE(Arrived(b_, 2));
  std::this_thread::sleep_for(kWhile);
  EXPECT_EQ(log_.size(), 0u);
  ASSERT_EQ(Put(a_, "x"), IPCZ_RESULT_OK);
  ASSERT_TRUE(log_.WaitFor(1));
  EXPECT_EQ(log_.at(0).flags, IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS);
  EXPECT_EQ(log_.at(0).status.num_local_parcels, 3u);
  ExpectHolds(b_, more_than_two, IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS);
  ASSERT_EQ(Get(b_).result, IPCZ_RESULT_OK);
  EXPECT_EQ(log_.Install(b_, more_than_two), IPCZ_RESULT_OK);
  ASSERT_EQ(Put(a_, "x"), IPCZ_RESULT_OK);
  EXPECT_TRUE(log_.WaitFor(2));
}

TEST_P(TrapTest, AboveMinLocalBytesIsALevelAndStrict) {
  const auto more_than_ten = Conditions(IPCZ_TRAP_ABOVE_MIN_LOCAL_BYTES, 10);
  ASSERT_EQ(log_.Install(b_, more_than_ten), IPCZ_RESULT_OK);
  ASSERT_EQ(Put(a_, "0123456789"), IPCZ_RESULT_OK);
  ASSERT_EQ(Put(a_, ""), IPCZ_RESULT_OK);
  ASSERT_TRUE(Arrived(b_, 2));
  std::this_thread::sleep_for(kWhile);
  EXPECT_EQ(log_.size(), 0u);
  ASSERT_EQ(Put(a_, "x"), IPCZ_RESULT_OK);
  ASSERT_TRUE(log_.WaitFor(1));
  EXPECT_EQ(log_.at(0).status.num_local_bytes, 11u);
  ExpectHolds(b_, more_than_ten, IPCZ_TRAP_ABOVE_MIN_LOCAL_BYTES);
}

TEST_P(TrapTest, BelowMaxRemoteParcelsIsALevelAndStrict) {
  const auto below_two = Conditions(IPCZ_TRAP_BELOW_MAX_REMOTE_PARCELS, 2);
  ExpectHolds(a_, below_two, IPCZ_TRAP_BELOW_MAX_REMOTE_PARCELS);
  for (int i = 0; i < 3; ++i) ASSERT_EQ(Put(a_, "x"), IPCZ_RESULT_OK);
  ASSERT_EQ(log_.Install(a_, below_two), IPCZ_RESULT_OK);
  ASSERT_EQ(WaitGet(b_).result, IPCZ_RESULT_OK);
  ASSERT_TRUE(Eventually([&] { return Status(a_).num_remote_parcels == 2; }));
  std::this_thread::sleep_for(kWhile);
  EXPECT_EQ(log_.size(), 0u);
  ASSERT_EQ(WaitGet(b_).result, IPCZ_RESULT_OK);
  ASSERT_TRUE(log_.WaitFor(1));
  EXPECT_EQ(log_.at(0).flags, IPCZ_TRAP_BELOW_MAX_REMOTE_PARCELS);
  EXPECT_EQ(log_.at(0).status.num_remote_parcels, 1u);
}

TEST_P(TrapTest, BelowMaxRemoteBytesIsALevelAndStrict) {
  const auto below_twenty = Conditions(IPCZ_TRAP_BELOW_MAX_REMOTE_BYTES, 20);
  for (int i = 0; i < 3; ++i) ASSERT_EQ(Put(a_, "0123456789"), IPCZ_RESULT_OK);
  ASSERT_EQ(log_.Install(a_, below_twenty), IPCZ_RESULT_OK);
  ASSERT_EQ(WaitGet(b_).result, IPCZ_RESULT_OK);
  ASSERT_TRUE(Eventually([&] { return Status(a_).num_remote_bytes == 20; }));
  std::this_thread::sleep_for(kWhile);
  EXPECT_EQ(log_.size(), 0u);
  char data;
  size_t bytes = 1;
  ASSERT_EQ(Api().Get(b_, IPCZ_GET_PARTIAL, nullptr, &data, &bytes, nullptr, nullptr, nullptr),
            IPCZ_RESULT_OK);
  ASSERT_TRUE(log_.WaitFor(1)) << "part of a parcel counts";
  EXPECT_EQ(log_.at(0).status.num_remote_bytes, 19u);
  ExpectHolds(a_, below_twenty, IPCZ_TRAP_BELOW_MAX_REMOTE_BYTES);
}

TEST_P(TrapTest, ConsumedRemoteParcelIsAnEdge) {
  for (int i = 0; i < 3; ++i) ASSERT_EQ(Put(a_, "x"), IPCZ_RESULT_OK);
  ASSERT_EQ(WaitGet(b_).result, IPCZ_RESULT_OK);
  ASSERT_TRUE(Eventually([&] { return Status(a_).num_remote_parcels == 2; }));
  ASSERT_EQ(log_.Install(a_, Conditions(IPCZ_TRAP_CONSUMED_REMOTE_PARCEL)), IPCZ_RESULT_OK);
  std::this_thread::sleep_for(kWhile);
  EXPECT_EQ(log_.size(), 0u);
  ASSERT_EQ(Put(a_, "more is not less"), IPCZ_RESULT_OK);
  std::this_thread::sleep_for(kWhile);
  EXPECT_EQ(log_.size(), 0u);
  ASSERT_EQ(WaitGet(b_).result, IPCZ_RESULT_OK);
  ASSERT_TRUE(log_.WaitFor(1));
  EXPECT_EQ(log_.at(0).flags, IPCZ_TRAP_CONSUMED_REMOTE_PARCEL);
}

TEST_P(TrapTest, PeerClosedAndDeadAreLevels) {
  const auto [a, b] = Pair();
  ASSERT_EQ(Put(a, "last"), IPCZ_RESULT_OK);
  ASSERT_TRUE(Arrived(b, 1));
  ASSERT_EQ(log_.Install(b, Conditions(IPCZ_TRAP_PEER_CLOSED), 1), IPCZ_RESULT_OK);
  ASSERT_EQ(log_.Install(b, Conditions(IPCZ_TRAP_DEAD), 2), IPCZ_RESULT_OK);
  Close(a);
  ASSERT_TRUE(log_.WaitFor(1));
  EXPECT_EQ(log_.at(0).context, 1u);
  EXPECT_EQ(log_.at(0).flags, IPCZ_TRAP_PEER_CLOSED);
  EXPECT_EQ(log_.at(0).status.flags, IPCZ_PORTAL_STATUS_PEER_CLOSED);
  ExpectHolds(b, Conditions(IPCZ_TRAP_PEER_CLOSED | IPCZ_TRAP_DEAD), IPCZ_TRAP_PEER_CLOSED);
  std::this_thread::sleep_for(kWhile);
  EXPECT_EQ(log_.size(), 1u) << "not dead: a parcel is left";
  EXPECT_EQ(Get(b).data, "last");
  ASSERT_TRUE(log_.WaitFor(2));
  EXPECT_EQ(log_.at(1).context, 2u);
  EXPECT_EQ(log_.at(1).flags, IPCZ_TRAP_DEAD);
  ExpectHolds(b, Conditions(IPCZ_TRAP_PEER_CLOSED | IPCZ_TRAP_DEAD),
              IPCZ_TRAP_PEER_CLOSED | IPCZ_TRAP_DEAD);
  Close(b);
}

TEST_P(TrapTest, OneOfSeveralConditionsIsEnoughAndNamed) {
  const auto [a, b] = Pair();
  IpczTrapConditions any = Conditions(IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS | IPCZ_TRAP_PEER_CLOSED |
                                      IPCZ_TRAP_ABOVE_MIN_LOCAL_BYTES);
  any.min_local_parcels = 100;
  any.min_local_bytes = 5;
  ASSERT_EQ(log_.Install(b, any), IPCZ_RESULT_OK);
  ASSERT_EQ(Put(a, "123456"), IPCZ_RESULT_OK);
  ASSERT_TRUE(log_.WaitFor(1));
  EXPECT_EQ(log_.at(0).flags, IPCZ_TRAP_ABOVE_MIN_LOCAL_BYTES);
  Close(a);
  Close(b);
}

TEST_P(TrapTest, RemovedOnClose) {
  const auto [a, b] = Pair();
  for (uintptr_t i = 0; i < 5; ++i) {
    ASSERT_EQ(
        log_.Install(b, Conditions(i % 2 != 0 ? IPCZ_TRAP_NEW_LOCAL_PARCEL : IPCZ_NO_FLAGS), i),
        IPCZ_RESULT_OK);
  }
  Close(b);
  EXPECT_EQ(log_.size(), 5u) << "told before Close() returns";
  for (size_t i = 0; i < log_.size(); ++i) EXPECT_EQ(log_.at(i).flags, IPCZ_TRAP_REMOVED);
  Close(a);
}

TEST_P(TrapTest, RemovedWhenThePortalIsSentAway) {
  IpczHandle kept;
  IpczHandle sent;
  ASSERT_EQ(Api().OpenPortals(node_a_, 0, nullptr, &kept, &sent), IPCZ_RESULT_OK);
  ASSERT_EQ(log_.Install(sent, Conditions(IPCZ_TRAP_NEW_LOCAL_PARCEL)), IPCZ_RESULT_OK);
  TrapLog other;
  ASSERT_EQ(other.Install(kept, Conditions(IPCZ_TRAP_NEW_LOCAL_PARCEL), 9), IPCZ_RESULT_OK);
  ASSERT_EQ(Put(a_, "", {sent}), IPCZ_RESULT_OK);
  ASSERT_TRUE(log_.WaitFor(1));
  EXPECT_EQ(log_.at(0).flags, IPCZ_TRAP_REMOVED);
  // The peer's traps stay and follow.
  EXPECT_EQ(other.size(), 0u);
  const IpczHandle received = WaitGet(b_).handles.at(0);
  ASSERT_EQ(Put(received, "from afar"), IPCZ_RESULT_OK);
  ASSERT_TRUE(other.WaitFor(1));
  EXPECT_EQ(other.at(0).context, 9u);
  EXPECT_EQ(other.at(0).flags, IPCZ_TRAP_NEW_LOCAL_PARCEL);
  Close(kept);
  Close(received);
}

TEST_P(TrapTest, EachOfManyTrapsGoesOffAtItsOwnThreshold) {
  constexpr size_t kTraps = 50;
  for (size_t i = 0; i < kTraps; ++i) {
    ASSERT_EQ(log_.Install(b_, Conditions(IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS, 2 * i), i),
              IPCZ_RESULT_OK);
  }
  for (size_t put = 1; put <= 2 * kTraps; ++put) {
    ASSERT_EQ(Put(a_, "x"), IPCZ_RESULT_OK);
    ASSERT_TRUE(log_.WaitFor((put + 1) / 2)) << put;
    ASSERT_EQ(log_.size(), (put + 1) / 2);
    ASSERT_EQ(log_.at(log_.size() - 1).context, (put + 1) / 2 - 1);
  }
}

INSTANTIATE_TEST_SUITE_P(Where, TrapTest, RW_ALL_MODES, ModeName);

}  // namespace
}  // namespace ringway::testing
