// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// How graphs end: reasons that spread, peers that are killed (rows A8 and A9 of
// docs/interfaces.md).

#include <gtest/gtest.h>

#include <csignal>

#include "tests/interface/graph.h"
#include "tests/interface/local_node.h"
#include "tests/support/process.h"

namespace ringway::testing {
namespace {

class CloseTest : public GraphTest {};
INSTANTIATE_TEST_SUITE_P(, CloseTest, RW_NEAR_AND_FAR, NearOrFar);

TEST_P(CloseTest, OneShutdownFreesAllThatIsConnectedAndClosesEachOnce) {
  auto one = MakeRef<Person>(1);
  auto two = MakeRef<Person>(2);
  auto three = MakeRef<Person>(3);
  std::atomic<int> closed = 0;
  std::atomic<int64_t> reasons = 0;
  for (Person* person : {one.get(), two.get(), three.get()}) {
    person->on_close = [&, person] {
      ++closed;
      reasons += person->reason;
    };
  }
  PlugPlug(one->left, two->left);
  two->right.PlugPlug(three->left);
  three = {};
  two = {};
  EXPECT_EQ(Tracked::alive(), 3);
  ShutdownAll(-RW_EIO, {&one->left, &one->right});
  one = {};
  EXPECT_TRUE(Until([] { return Tracked::alive() == 0; }));
  EXPECT_EQ(closed, 2);
  EXPECT_EQ(reasons, 2 * -RW_EIO);
}

TEST_P(CloseTest, ACloseOnlyInforms) {
  const auto one = MakeRef<Person>(1);
  const auto two = MakeRef<Person>(2);
  two->ends = false;
  PlugPlug(one->left, two->left);
  one->left.Close(-RW_EPROTO);
  EXPECT_TRUE(Until([&] { return two->closed == 1; }));
  EXPECT_EQ(two->reason, -RW_EPROTO);
  EXPECT_EQ(one->left.Call<Named::Name>(), 2);
}

// Plug and Close are not handled, so a close restarts it.
class Plain : public Tracked {
 public:
  Plain();
  long Name() { return 7; }
  Endpoint end;

 private:
  void Unplug() override { end.Unplug(); }
};
constexpr Operation kPlain[] = {kOperation<Named::Name, &Plain::Name>};
Plain::Plain() : end(kDescriptor<&Plain::end, kPlain>) {}

TEST_P(CloseTest, WhoDoesNotHandleACloseRestarts) {
  const auto one = MakeRef<Person>(1);
  const auto plain = MakeRef<Plain>();
  one->ends = false;
  PlugPlug(one->left, plain->end);
  one->left.Close(-RW_EIO);
  // It closed us in turn, with the same reason, and handles messages again.
  EXPECT_TRUE(Until([&] { return one->closed == 1; }));
  EXPECT_EQ(one->reason, -RW_EIO);
  EXPECT_FALSE(plain->end.destination());
  EXPECT_EQ(one->left.Call<Named::Name>(), 7);
}

TEST_P(CloseTest, ANullifiedEndpointIgnoresWhatComesIn) {
  const auto one = MakeRef<Person>(1);
  const auto two = MakeRef<Person>(2);
  PlugPlug(one->left, two->left);
  two->left.Nullify();
  EXPECT_EQ(one->left.Call<Named::Name>(), -RW_EBADPROTO);
  one->left.Close(-RW_EIO);
  EXPECT_EQ(one->left.Call<Named::Name>(), -RW_EBADPROTO);
  two->left.Reinit();
  EXPECT_EQ(one->left.Call<Named::Name>(), 2);
  EXPECT_EQ(two->closed, 0);
}

TEST_P(CloseTest, ARestartedEndpointIsPluggedAgain) {
  const auto one = MakeRef<Person>(1);
  const auto two = MakeRef<Person>(2);
  PlugPlug(one->left, two->left);
  RestartAll(0, {&one->left, &one->right});
  EXPECT_FALSE(one->left.destination());
  EXPECT_TRUE(Until([&] { return two->closed == 1; }));
  const auto three = MakeRef<Person>(3);
  PlugPlug(one->left, three->left);
  EXPECT_EQ(one->left.Call<Named::Name>(), 3);
  if (Far()) return;
  EXPECT_EQ(three->left.Call<Named::Name>(), 1);
}

TEST(LocalCloseTest, SeveralAreNullifiedBeforeAnyNeighbourHears) {
  const auto one = MakeRef<Person>(1);
  const auto two = MakeRef<Person>(2);
  one->left.PlugPlug(two->left);
  one->right.PlugPlug(two->right);
  long seen = 0;
  two->on_close = [&] { seen = two->right.Call<Named::Name>(); };
  ShutdownAll(0, {&one->left, &one->right});
  EXPECT_EQ(seen, -RW_EBADPROTO);
  EXPECT_EQ(one->closed, 0);
}

TEST(LocalCloseTest, AnEndpointMayGoBeforeItsLoopAndALoopBeforeItsEndpoints) {
  LocalNode local;
  const auto one = MakeRef<Person>(1);
  auto two = MakeRef<Person>(2);
  {
    Loop loop(local.node());
    Result<Portal> portal = loop.Open(two->left);
    ASSERT_TRUE(portal);
    ASSERT_EQ(one->left.Plug(loop, Cap<Plugging>(*std::move(portal))), 0);
    EXPECT_EQ(one->left.Call<Named::Name>(), 2);
    EXPECT_EQ(two->references(), 1);
  }
  EXPECT_EQ(two->references(), 0);
  EXPECT_EQ(one->left.Call<Named::Name>(), -RW_ECONNRESET);
}

// Serves a person who also has us as its destination, and waits to be killed.
RW_CHILD(Served) {
  Result<Node> node = Node::Create(RingwayLinuxDriver());
  Result<std::vector<Portal>> portals =
      node->Connect(child.transport, 1, IPCZ_CONNECT_NODE_TO_BROKER);
  Loop loop(*node);
  loop.Serve(std::move(portals->front()), MakeRef<Person>(2)->left);
  loop.Run();
  return 0;
}

class KilledPeerTest : public ::testing::Test {
 protected:
  Cap<Plugging> Peer() {
    Result<std::vector<Portal>> portals = node_->Connect(process_.TakeTransport(), 1);
    return Cap<Plugging>(std::move(portals->front()));
  }
  bool Until(const std::function<bool()>& condition) {
    return Eventually([&] {
      static_cast<void>(loop_.RunOnce(Deadline::In(1'000'000)));
      return condition();
    });
  }

  Result<Node> node_ = Node::Create(RingwayLinuxDriver(), IPCZ_CREATE_NODE_AS_BROKER);
  Loop loop_{*node_};
  Process process_{"Served", {}};
};

TEST_F(KilledPeerTest, IsACloseAndItsReferencesVanish) {
  auto one = MakeRef<Person>(1);
  int64_t reason = 0;
  one->on_close = [&, raw = one.get()] { reason = raw->reason; };
  ASSERT_EQ(one->left.PlugPlug(loop_, Peer()), 0);
  EXPECT_EQ(one->left.Call<Named::Count>(9), 0);
  EXPECT_EQ(one->references(), 1);  // held by the other process
  one = {};
  EXPECT_EQ(Tracked::alive(), 1);
  process_.Signal(SIGKILL);
  EXPECT_TRUE(Until([] { return Tracked::alive() == 0; }));
  EXPECT_EQ(reason, -RW_ECONNRESET);
}

TEST_F(KilledPeerTest, EndsTheCallsThatWaitForIt) {
  const auto one = MakeRef<Person>(1);
  ASSERT_EQ(one->left.Plug(loop_, Peer()), 0);
  EXPECT_EQ(one->left.Call<Named::Name>(), 2);
  process_.Signal(SIGSTOP);
  std::thread killer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    process_.Signal(SIGKILL);
  });
  EXPECT_EQ(one->left.Call<Named::Name>(), -RW_ECONNRESET);
  killer.join();
  EXPECT_TRUE(Until([&] { return one->closed == 1; }));
  EXPECT_EQ(one->reason, -RW_ECONNRESET);
}

}  // namespace
}  // namespace ringway::testing
