// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The portals of the C++ API: who owns what, and what each call answers.

#include "ringway/portal.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>

#include "ringway/memory.h"
#include "tests/interface/local_node.h"

namespace ringway::testing {
namespace {

std::span<const std::byte> Bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

std::string Text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class PortalTest : public ::testing::Test {
 protected:
  LocalNode local_;
  std::pair<Portal, Portal> pair_ = local_.Pair();
};

TEST_F(PortalTest, CarriesBytesInOrder) {
  EXPECT_EQ(pair_.first.Put(Bytes("one")), IPCZ_RESULT_OK);
  EXPECT_EQ(pair_.first.Put(Bytes("two")), IPCZ_RESULT_OK);
  EXPECT_EQ(Text(pair_.second.Get()->bytes), "one");
  EXPECT_EQ(Text(pair_.second.Get()->bytes), "two");
  EXPECT_EQ(pair_.second.Get().result(), IPCZ_RESULT_UNAVAILABLE);
}

TEST_F(PortalTest, HandlesChangeTheirOwnerOnSuccessOnly) {
  auto sent = local_.Pair();
  std::array<Handle, 1> handles = {Handle(sent.first.Release())};
  Portal closed;
  EXPECT_EQ(closed.Put(Bytes("x"), handles), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_TRUE(handles[0]);
  EXPECT_EQ(pair_.first.Put(Bytes("x"), handles), IPCZ_RESULT_OK);
  EXPECT_FALSE(handles[0]);
  auto parcel = pair_.second.Get();
  ASSERT_TRUE(parcel);
  ASSERT_EQ(parcel->handles.size(), 1u);
  Portal arrived(parcel->handles[0].Release());
  EXPECT_EQ(arrived.Put(Bytes("hello")), IPCZ_RESULT_OK);
  EXPECT_EQ(Text(sent.second.Get()->bytes), "hello");
}

TEST_F(PortalTest, AViewShowsTheParcelInPlaceAndTakesItWhenItEnds) {
  auto sent = local_.Pair();
  std::array<Handle, 1> handles = {Handle(sent.first.Release())};
  ASSERT_EQ(pair_.first.Put(Bytes("view"), handles), IPCZ_RESULT_OK);
  {
    Result<ParcelView> view = pair_.second.BeginGet();
    ASSERT_TRUE(view);
    EXPECT_EQ(Text(view->bytes()), "view");
    EXPECT_EQ(view->num_handles(), 1u);
    EXPECT_EQ(pair_.second.Get().result(), IPCZ_RESULT_ALREADY_EXISTS);
    view->Abort();
  }
  { ASSERT_TRUE(pair_.second.BeginGet()); }
  EXPECT_EQ(pair_.second.Get().result(), IPCZ_RESULT_UNAVAILABLE);
  // What came with the parcel was closed with it.
  EXPECT_EQ(sent.second.Get().result(), IPCZ_RESULT_NOT_FOUND);
}

TEST_F(PortalTest, ADraftIsSentByCommitOnly) {
  { ASSERT_TRUE(pair_.first.BeginPut(100)); }
  EXPECT_EQ(pair_.second.Get().result(), IPCZ_RESULT_UNAVAILABLE);
  Result<ParcelDraft> draft = pair_.first.BeginPut(100);
  ASSERT_TRUE(draft);
  ASSERT_GE(draft->bytes().size(), 100u);
  std::memcpy(draft->bytes().data(), "draft", 5);
  EXPECT_EQ(pair_.first.BeginPut(1).result(), IPCZ_RESULT_ALREADY_EXISTS);
  EXPECT_EQ(draft->Commit(5), IPCZ_RESULT_OK);
  EXPECT_EQ(Text(pair_.second.Get()->bytes), "draft");
}

TEST_F(PortalTest, LimitsAreKept) {
  const IpczPutLimits limits = {sizeof(limits), 1, SIZE_MAX};
  EXPECT_EQ(pair_.first.Put(Bytes("x"), {}, &limits), IPCZ_RESULT_OK);
  EXPECT_EQ(pair_.first.Put(Bytes("x"), {}, &limits), IPCZ_RESULT_RESOURCE_EXHAUSTED);
  EXPECT_EQ(pair_.first.Status()->num_remote_parcels, 1u);
}

TEST_F(PortalTest, WaitsForOneOfSeveralUntilADeadline) {
  auto other = local_.Pair();
  EXPECT_EQ(pair_.second.Wait(Deadline::Now()), IPCZ_RESULT_DEADLINE_EXCEEDED);
  EXPECT_EQ(pair_.second.Wait(Deadline::In(1'000'000)), IPCZ_RESULT_DEADLINE_EXCEEDED);
  std::thread sender([&] { EXPECT_EQ(other.first.Put(Bytes("now")), IPCZ_RESULT_OK); });
  std::array items = {WaitForParcel(pair_.second), WaitForParcel(other.second)};
  EXPECT_EQ(WaitAny(items, Deadline::Never()), IPCZ_RESULT_OK);
  sender.join();
  EXPECT_EQ(items[0].satisfied, 0u);
  EXPECT_EQ(items[1].satisfied, RINGWAY_WAIT_READABLE);
}

TEST_F(PortalTest, WaitEndsWhenThePeerCloses) {
  pair_.first.Close();
  EXPECT_EQ(pair_.second.Wait(Deadline::Never()), IPCZ_RESULT_OK);
  EXPECT_EQ(pair_.second.Get().result(), IPCZ_RESULT_NOT_FOUND);
}

TEST_F(PortalTest, ConnectsNodesAndCarriesBoxes) {
  NodePair nodes = NodePair::Linux(1);
  Portal a(std::exchange(nodes.a[0], 0));
  Portal b(std::exchange(nodes.b[0], 0));
  EXPECT_EQ(a.Put(Bytes("across")), IPCZ_RESULT_OK);
  EXPECT_EQ(b.Wait(Deadline::Never()), IPCZ_RESULT_OK);
  EXPECT_EQ(Text(b.Get()->bytes), "across");

  Result<Node> node = Node::Create(SyncDriver());
  ASSERT_TRUE(node);
  const IpczDriverHandle blob = MakeBlob("boxed");
  Result<Handle> box = node->Box(blob);
  ASSERT_TRUE(box);
  Result<IpczDriverHandle> out = Unbox(*box);
  ASSERT_TRUE(out);
  EXPECT_FALSE(*box);
  EXPECT_EQ(TakeBlob(*out), "boxed");
  EXPECT_FALSE(Unbox(*box));
}

TEST(NodeTest, RefusesWhatIsNoDriver) {
  EXPECT_EQ(Node::Create(nullptr).result(), IPCZ_RESULT_INVALID_ARGUMENT);
  Node none;
  EXPECT_EQ(none.OpenPortals().result(), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(none.Connect(0, 1).result(), IPCZ_RESULT_INVALID_ARGUMENT);
  // Memory of the process needs none.
  Result<Memory> memory = Memory::Create(none, kSharedMemoryMin);
  ASSERT_TRUE(memory);
  EXPECT_FALSE(memory->is_shared());
}

}  // namespace
}  // namespace ringway::testing
