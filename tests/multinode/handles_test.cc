// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Portals and boxes on their way, validators, and handles that are no longer
// good.

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <random>
#include <thread>

#include "tests/support/modes.h"
#include "tests/support/process.h"
#include "tests/support/shim_driver.h"

namespace ringway::testing {
namespace {

class HandlesTest : public ModesTest {};

TEST_P(HandlesTest, SixtyFourPortalsAndBoxesKeepTheirOrder) {
  for (const size_t payload : {size_t{0}, size_t{100}, size_t{60'000}}) {
    std::vector<IpczHandle> kept(64);
    std::vector<IpczHandle> sent(64);
    for (size_t i = 0; i < 64; ++i) {
      if (i % 3 == 0) {
        sent[i] = MakeBox(node_a_, "box " + std::to_string(i));
      } else {
        ASSERT_EQ(Api().OpenPortals(node_a_, 0, nullptr, &kept[i], &sent[i]), IPCZ_RESULT_OK);
        ASSERT_EQ(Put(kept[i], "before " + std::to_string(i)), IPCZ_RESULT_OK);
      }
    }
    ASSERT_EQ(Put(a_, std::string(payload, 'p'), sent), IPCZ_RESULT_OK);
    for (const IpczHandle handle : sent) {
      EXPECT_EQ(Api().Close(handle, 0, nullptr), IPCZ_RESULT_INVALID_ARGUMENT) << "was consumed";
    }
    const Parcel parcel = WaitGet(b_);
    EXPECT_EQ(parcel.data, std::string(payload, 'p'));
    ASSERT_EQ(parcel.handles.size(), 64u);
    for (size_t i = 0; i < 64; ++i) {
      if (i % 3 == 0) {
        EXPECT_EQ(TextIn(parcel.handles[i]), "box " + std::to_string(i));
        continue;
      }
      EXPECT_EQ(WaitGet(parcel.handles[i]).data, "before " + std::to_string(i));
      ASSERT_EQ(Put(parcel.handles[i], "back " + std::to_string(i)), IPCZ_RESULT_OK);
      EXPECT_EQ(WaitGet(kept[i]).data, "back " + std::to_string(i));
      Close(kept[i]);
      Close(parcel.handles[i]);
    }
  }
}

TEST_P(HandlesTest, HandlesOfAParcelThatNobodyTakesAreClosed) {
  IpczHandle kept;
  IpczHandle sent;
  ASSERT_EQ(Api().OpenPortals(node_a_, 0, nullptr, &kept, &sent), IPCZ_RESULT_OK);
  const auto [a, b] = Pair();
  ASSERT_EQ(Put(a, "", {sent, MakeBox(node_a_, "lost")}), IPCZ_RESULT_OK);
  Close(b);
  EXPECT_TRUE(Eventually([&] { return PeerClosed(kept); }))
      << "a portal was closed with its parcel";
  Close(a);
  Close(kept);
}

TEST_P(HandlesTest, APortalWhosePeerIsClosedTravelsAndTellsSo) {
  IpczHandle kept;
  IpczHandle sent;
  ASSERT_EQ(Api().OpenPortals(node_a_, 0, nullptr, &kept, &sent), IPCZ_RESULT_OK);
  ASSERT_EQ(Put(kept, "last words", {MakeBox(node_a_, "box")}), IPCZ_RESULT_OK);
  Close(kept);
  ASSERT_EQ(Put(a_, "", {sent}), IPCZ_RESULT_OK);
  const IpczHandle received = WaitGet(b_).handles.at(0);
  const Parcel parcel = WaitGet(received);
  EXPECT_EQ(parcel.data, "last words");
  ASSERT_EQ(parcel.handles.size(), 1u);
  EXPECT_EQ(TextIn(parcel.handles[0]), "box");
  EXPECT_EQ(WaitGet(received).result, IPCZ_RESULT_NOT_FOUND);
  EXPECT_EQ(Put(received, "x"), IPCZ_RESULT_NOT_FOUND);
  Close(received);
}

// Portals that arrived are there however late they are taken, and say that their peers are gone,
// though nobody can be told any more of the memory that they need here.
TEST_P(HandlesTest, PortalsCanBeTakenAfterTheirNodeIsGone) {
  if (!is_remote()) return;
  constexpr size_t kParcels = 4;
  constexpr size_t kPortals = 60;  // all of them, more than fit a page of route ends
  for (size_t i = 0; i < kParcels; ++i) {
    std::vector<IpczHandle> sent(kPortals);
    for (IpczHandle& portal : sent) {
      IpczHandle kept;
      ASSERT_EQ(Api().OpenPortals(node_a_, 0, nullptr, &kept, &portal), IPCZ_RESULT_OK);
      ASSERT_EQ(Put(kept, "last words"), IPCZ_RESULT_OK);
      Close(kept);
    }
    ASSERT_EQ(Put(a_, std::to_string(i), sent), IPCZ_RESULT_OK);
  }
  ASSERT_TRUE(Eventually([&] { return Status(b_).num_local_parcels == kParcels; }));
  Close(std::exchange(a_, IPCZ_INVALID_HANDLE));
  Close(std::exchange(node_a_, IPCZ_INVALID_HANDLE));
  ASSERT_TRUE(Eventually([&] { return PeerClosed(b_); }));
  for (size_t i = 0; i < kParcels; ++i) {
    const Parcel parcel = Get(b_);
    ASSERT_EQ(parcel.result, IPCZ_RESULT_OK) << i;
    ASSERT_EQ(parcel.data, std::to_string(i));
    ASSERT_EQ(parcel.handles.size(), kPortals);
    for (const IpczHandle portal : parcel.handles) {
      EXPECT_EQ(Get(portal).data, "last words");
      EXPECT_EQ(Get(portal).result, IPCZ_RESULT_NOT_FOUND);
      Close(portal);
    }
  }
  EXPECT_EQ(Get(b_).result, IPCZ_RESULT_NOT_FOUND);
  EXPECT_TRUE((Status(b_).flags & IPCZ_PORTAL_STATUS_DEAD) != 0);
}

TEST_P(HandlesTest, BothHalvesOfAPairCanBeSent) {
  IpczHandle pair[2];
  ASSERT_EQ(Api().OpenPortals(node_a_, 0, nullptr, &pair[0], &pair[1]), IPCZ_RESULT_OK);
  ASSERT_EQ(Put(pair[0], "between"), IPCZ_RESULT_OK);
  ASSERT_EQ(Put(a_, "", {pair[0], pair[1]}), IPCZ_RESULT_OK);
  const Parcel parcel = WaitGet(b_);
  ASSERT_EQ(parcel.handles.size(), 2u);
  EXPECT_EQ(WaitGet(parcel.handles[1]).data, "between");
  ASSERT_EQ(Put(parcel.handles[1], "back"), IPCZ_RESULT_OK);
  EXPECT_EQ(WaitGet(parcel.handles[0]).data, "back");
  Close(parcel.handles[0]);
  Close(parcel.handles[1]);
}

// As above, but the peer is found in a parcel that waits in what waits in the other.
TEST_P(HandlesTest, APortalCanBeSentWithItsPeerInside) {
  IpczHandle outer[2];
  IpczHandle inner[2];
  ASSERT_EQ(Api().OpenPortals(node_a_, 0, nullptr, &outer[0], &outer[1]), IPCZ_RESULT_OK);
  ASSERT_EQ(Api().OpenPortals(node_a_, 0, nullptr, &inner[0], &inner[1]), IPCZ_RESULT_OK);
  ASSERT_EQ(Put(outer[0], "inner", {inner[1]}), IPCZ_RESULT_OK);
  ASSERT_EQ(Put(inner[0], "peer", {outer[0]}), IPCZ_RESULT_OK);
  ASSERT_EQ(Put(a_, "", {outer[1]}), IPCZ_RESULT_OK);
  const IpczHandle end = WaitGet(b_).handles.at(0);
  const Parcel first = WaitGet(end);
  EXPECT_EQ(first.data, "inner");
  const Parcel second = WaitGet(first.handles.at(0));
  EXPECT_EQ(second.data, "peer");
  ASSERT_EQ(Put(second.handles.at(0), "round"), IPCZ_RESULT_OK);
  EXPECT_EQ(WaitGet(end).data, "round");
  for (const IpczHandle each : {end, inner[0], first.handles.at(0), second.handles.at(0)}) {
    Close(each);
  }
}

TEST_P(HandlesTest, APortalThatCameBackIsWithItsPeerAgain) {
  const auto [a, b] = Pair();
  ASSERT_EQ(Put(b_, "", {b}), IPCZ_RESULT_OK);
  const IpczHandle end = WaitGet(a_).handles.at(0);
  EXPECT_EQ(Put(end, "unharmed"), IPCZ_RESULT_OK);
  EXPECT_EQ(WaitGet(a).data, "unharmed");
  Close(end);
  Close(a);
}

TEST_P(HandlesTest, RejectReportsParcelsOfOtherNodesOnly) {
  IpczHandle validator = 0;
  ASSERT_EQ(Put(a_, "bad"), IPCZ_RESULT_OK);
  ASSERT_TRUE(Eventually([&] { return Status(b_).num_local_parcels == 1; }));
  ASSERT_EQ(Get(b_, &validator).data, "bad");
  const IpczResult expected = is_remote() ? IPCZ_RESULT_OK : IPCZ_RESULT_FAILED_PRECONDITION;
  EXPECT_EQ(Api().Reject(validator, 5, 0, nullptr), expected);
  EXPECT_EQ(Api().Reject(validator, 5, 0, nullptr), expected) << "it can be said twice";
  EXPECT_EQ(Api().Close(validator, 0, nullptr), IPCZ_RESULT_OK);
  EXPECT_EQ(Api().Reject(validator, 5, 0, nullptr), IPCZ_RESULT_INVALID_ARGUMENT);
  // The other calls that give one.
  ASSERT_EQ(Put(a_, "two phases"), IPCZ_RESULT_OK);
  ASSERT_TRUE(Eventually([&] { return Status(b_).num_local_parcels == 1; }));
  const void* data;
  size_t bytes;
  ASSERT_EQ(Api().BeginGet(b_, 0, nullptr, &data, &bytes, nullptr), IPCZ_RESULT_OK);
  ASSERT_EQ(Api().EndGet(b_, 3, 0, 0, nullptr, nullptr, &validator), IPCZ_RESULT_OK);
  EXPECT_EQ(Api().Reject(validator, 5, 0, nullptr), expected);
  Close(validator);
  char piece;
  bytes = 1;
  ASSERT_EQ(Api().Get(b_, IPCZ_GET_PARTIAL, nullptr, &piece, &bytes, nullptr, nullptr, &validator),
            IPCZ_RESULT_OK);
  EXPECT_EQ(Api().Reject(validator, 5, 0, nullptr), expected);
  Close(validator);
}

TEST_P(HandlesTest, CallsThatFailGiveNoValidator) {
  IpczHandle validator = 42;
  EXPECT_EQ(Get(b_, &validator).result, IPCZ_RESULT_UNAVAILABLE);
  ASSERT_EQ(Put(a_, "x"), IPCZ_RESULT_OK);
  ASSERT_TRUE(Eventually([&] { return Status(b_).num_local_parcels == 1; }));
  EXPECT_EQ(Api().Get(b_, 0, nullptr, nullptr, nullptr, nullptr, nullptr, &validator),
            IPCZ_RESULT_RESOURCE_EXHAUSTED);
  EXPECT_EQ(validator, 42u);
}

INSTANTIATE_TEST_SUITE_P(Where, HandlesTest, RW_ALL_MODES, ModeName);

TEST(RejectTest, TellsTheDriverWhichTransportAndContext) {
  IpczDriverHandle transports[2];
  RingwayLinuxCreateTransportPair(&transports[0], &transports[1]);
  NodePair nodes(ReportingDriver(), transports[0], transports[1]);
  const uint64_t before = Reports::Get().count;
  ASSERT_EQ(Put(nodes.a[0], "to b"), IPCZ_RESULT_OK);
  ASSERT_EQ(Put(nodes.b[0], "to a"), IPCZ_RESULT_OK);
  IpczHandle validators[2];
  ASSERT_TRUE(Eventually([&] { return Status(nodes.b[0]).num_local_parcels == 1; }));
  ASSERT_TRUE(Eventually([&] { return Status(nodes.a[0]).num_local_parcels == 1; }));
  Get(nodes.a[0], &validators[0]);
  Get(nodes.b[0], &validators[1]);
  for (const int side : {0, 1}) {
    EXPECT_EQ(Api().Reject(validators[side], 1000 + static_cast<uintptr_t>(side), 0, nullptr),
              IPCZ_RESULT_OK);
    EXPECT_EQ(Reports::Get().count, before + 1 + static_cast<uint64_t>(side));
    EXPECT_EQ(Reports::Get().transport, transports[side]);
    EXPECT_EQ(Reports::Get().context, 1000u + static_cast<uintptr_t>(side));
  }
  // A validator outlives its link.
  Close(nodes.broker);
  ASSERT_TRUE(Eventually([&] { return PeerClosed(nodes.b[0]); }));
  EXPECT_EQ(Api().Reject(validators[1], 7, 0, nullptr), IPCZ_RESULT_OK);
  Close(validators[0]);
  Close(validators[1]);
}

// --- A descriptor in another process.

// Reads from the first file that comes, writes to the second, and ends.
RW_CHILD(UsesFiles) {
  IpczHandle node;
  IpczHandle portal;
  Api().CreateNode(RingwayLinuxDriver(), 0, IPCZ_NO_FLAGS, nullptr, &node);
  Api().ConnectNode(node, child.transport, 1, IPCZ_CONNECT_NODE_TO_BROKER, nullptr, &portal);
  const Parcel parcel = WaitGet(portal);
  if (parcel.handles.size() != 2) return 1;
  int fds[2];
  for (const int i : {0, 1}) {
    IpczDriverHandle file;
    if (Api().Unbox(parcel.handles[static_cast<size_t>(i)], 0, nullptr, &file) != 0) return 2;
    if (RingwayLinuxUnwrapFd(file, &fds[i]) != IPCZ_RESULT_OK) return 3;
  }
  char text[64];
  const ssize_t count = read(fds[0], text, sizeof(text));
  if (count <= 0 || write(fds[1], text, static_cast<size_t>(count)) != count) return 4;
  close(fds[1]);
  Close(portal);
  Close(node);
  return 0;
}

TEST(FilesBetweenProcessesTest, AWrappedDescriptorWorksInTheOtherProcess) {
  const Footprint before = MeasureFootprint();
  {
    Process child("UsesFiles", {});
    IpczHandle node;
    IpczHandle portal;
    Api().CreateNode(RingwayLinuxDriver(), 0, IPCZ_CREATE_NODE_AS_BROKER, nullptr, &node);
    ASSERT_EQ(Api().ConnectNode(node, child.TakeTransport(), 1, 0, nullptr, &portal), 0);
    int fds[2];
    ASSERT_EQ(pipe(fds), 0);
    IpczDriverHandle file;
    ASSERT_EQ(RingwayLinuxWrapFd(fds[1], &file), IPCZ_RESULT_OK);
    IpczHandle boxes[2];
    ASSERT_EQ(Api().Box(node, MakeFile("through two pipes"), 0, nullptr, &boxes[0]), 0);
    ASSERT_EQ(Api().Box(node, file, 0, nullptr, &boxes[1]), IPCZ_RESULT_OK);
    ASSERT_EQ(Put(portal, "files", {boxes[0], boxes[1]}), IPCZ_RESULT_OK);
    char text[64] = {};
    EXPECT_EQ(read(fds[0], text, sizeof(text)), 17);
    EXPECT_EQ(std::string(text), "through two pipes");
    EXPECT_EQ(child.Wait(), 0);
    EXPECT_EQ(read(fds[0], text, sizeof(text)), 0) << "a copy of the descriptor stayed here";
    close(fds[0]);
    Close(portal);
    Close(node);
  }
  EXPECT_TRUE(ReturnsTo(before)) << Describe(MeasureFootprint());
}

}  // namespace
}  // namespace ringway::testing
