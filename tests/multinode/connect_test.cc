// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Connecting two nodes: who may, with which roles, and what becomes of portals
// when they do not get together.

#include <gtest/gtest.h>

#include <cstring>
#include <mutex>

#include "engine/link/message_layout.h"
#include "tests/support/modes.h"
#include "tests/support/process.h"
#include "tests/support/shim_driver.h"

namespace ringway::testing {
namespace {

constexpr IpczConnectNodeFlags kToBroker = IPCZ_CONNECT_NODE_TO_BROKER;
constexpr IpczConnectNodeFlags kInherit = IPCZ_CONNECT_NODE_INHERIT_BROKER;
constexpr IpczConnectNodeFlags kShare = IPCZ_CONNECT_NODE_SHARE_BROKER;
constexpr IpczConnectNodeFlags kDelegate = IPCZ_CONNECT_NODE_TO_ALLOCATION_DELEGATE;

// The lines that were logged while it exists.
class LogLines {
 public:
  LogLines() { Extensions().SetLogHandler(&OnLine, this); }
  ~LogLines() { Extensions().SetLogHandler(nullptr, nullptr); }

  // A line that contains `text` comes, sooner or later.
  bool Tell(const std::string& text) {
    return Eventually([&] {
      std::lock_guard lock(mutex_);
      for (const std::string& line : lines_) {
        if (line.find(text) != std::string::npos) return true;
      }
      return false;
    });
  }

 private:
  static void IPCZ_API OnLine(int, const char* text, void* context) {
    auto* self = static_cast<LogLines*>(context);
    std::lock_guard lock(self->mutex_);
    self->lines_.push_back(text);
  }
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

IpczHandle MakeNode(bool broker = false, const IpczDriver* driver = RingwayLinuxDriver()) {
  IpczHandle node = 0;
  Api().CreateNode(driver, 0, broker ? IPCZ_CREATE_NODE_AS_BROKER : IPCZ_NO_FLAGS, nullptr, &node);
  return node;
}

struct Transports {
  Transports() { RingwayLinuxCreateTransportPair(&first, &second); }
  IpczDriverHandle first = 0;
  IpczDriverHandle second = 0;
};

IpczResult Connect(IpczHandle node, IpczDriverHandle transport, IpczConnectNodeFlags flags,
                   std::vector<IpczHandle>* portals) {
  return Api().ConnectNode(node, transport, portals->size(), flags, nullptr, portals->data());
}

void CloseAll(std::initializer_list<std::vector<IpczHandle>> lists) {
  for (const auto& list : lists) {
    for (const IpczHandle handle : list) Close(handle);
  }
}

TEST(ConnectNodeTest, RefusesBadArgumentsAndLeavesTheTransport) {
  const IpczHandle node = MakeNode(true);
  const Transports transports;
  const IpczDriverHandle file = MakeFile("no transport");
  IpczHandle portals[13] = {};
  const auto connect = [&](IpczDriverHandle transport, size_t count, IpczConnectNodeFlags flags,
                           IpczHandle* out, const void* options = nullptr) {
    return Api().ConnectNode(node, transport, count, flags, options, out);
  };
  EXPECT_EQ(connect(0, 1, 0, portals), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(connect(file, 1, 0, portals), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(connect(transports.first, 0, 0, portals), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(connect(transports.first, 1, 0, nullptr), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(connect(transports.first, 13, 0, portals), IPCZ_RESULT_OUT_OF_RANGE);
  EXPECT_EQ(connect(transports.first, SIZE_MAX, 0, portals), IPCZ_RESULT_OUT_OF_RANGE);
  for (const IpczConnectNodeFlags flags :
       {kInherit, kShare, kToBroker | kInherit, kInherit | kShare, IPCZ_FLAG_BIT(7)}) {
    EXPECT_EQ(connect(transports.first, 1, flags, portals), IPCZ_RESULT_INVALID_ARGUMENT) << flags;
  }
  for (const IpczHandle portal : portals) EXPECT_EQ(portal, 0u);
  // Nothing was consumed: it still connects.
  const IpczHandle other = MakeNode();
  std::vector<IpczHandle> a(12);
  std::vector<IpczHandle> b(12);
  ASSERT_EQ(Connect(node, transports.first, 0, &a), IPCZ_RESULT_OK);
  ASSERT_EQ(Connect(other, transports.second, kToBroker, &b), IPCZ_RESULT_OK);
  for (size_t i = 0; i < 12; ++i) {
    EXPECT_EQ(Put(a[i], std::to_string(i)), IPCZ_RESULT_OK);
    EXPECT_EQ(WaitGet(b[i]).data, std::to_string(i));
  }
  EXPECT_EQ(RingwayLinuxDriver()->Close(file, 0, nullptr), IPCZ_RESULT_OK);
  CloseAll({a, b, {node, other}});
}

TEST(ConnectNodeTest, RefusesFlagsThatDoNotFitTheNode) {
  const IpczHandle other = MakeNode();
  const IpczHandle broker = MakeNode(true);
  const Transports transports;
  const Transports unused;
  std::vector<IpczHandle> a(1);
  std::vector<IpczHandle> b(1);
  EXPECT_EQ(Connect(other, unused.first, kShare, &b), IPCZ_RESULT_INVALID_ARGUMENT)
      << "has no broker to share";
  ASSERT_EQ(Connect(broker, transports.first, 0, &a), IPCZ_RESULT_OK);
  ASSERT_EQ(Connect(other, transports.second, kToBroker, &b), IPCZ_RESULT_OK);
  std::vector<IpczHandle> more(1);
  EXPECT_EQ(Connect(other, unused.first, kToBroker, &more), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(Connect(other, unused.first, kInherit, &more), IPCZ_RESULT_INVALID_ARGUMENT);
  RingwayLinuxDriver()->Close(unused.first, 0, nullptr);
  RingwayLinuxDriver()->Close(unused.second, 0, nullptr);
  CloseAll({a, b, {broker, other}});
}

// Two sides and whether they get together.
struct Roles {
  const char* name;
  bool broker[2];
  bool has_broker[2];
  IpczConnectNodeFlags flags[2];
  bool agree;
};

class RolesTest : public ::testing::TestWithParam<Roles> {
 protected:
  // Connects node `side` to a broker of its own first.
  void GiveBroker(int side) {
    const Transports transports;
    std::vector<IpczHandle> a(1);
    std::vector<IpczHandle> b(1);
    const IpczHandle broker = MakeNode(true);
    ASSERT_EQ(Connect(broker, transports.first, 0, &a), IPCZ_RESULT_OK);
    ASSERT_EQ(Connect(nodes_[side], transports.second, kToBroker, &b), IPCZ_RESULT_OK);
    ASSERT_EQ(Put(a[0], "x"), IPCZ_RESULT_OK);
    ASSERT_EQ(WaitGet(b[0]).data, "x");
    for (const IpczHandle handle : {a[0], b[0], broker}) opened_.push_back(handle);
  }
  ~RolesTest() override { CloseAll({opened_, {nodes_[0], nodes_[1]}}); }

  const IpczHandle nodes_[2] = {MakeNode(GetParam().broker[0]), MakeNode(GetParam().broker[1])};
  std::vector<IpczHandle> opened_;
};

TEST_P(RolesTest, ConnectOrAreRefusedOnBothSides) {
  for (int side = 0; side < 2; ++side) {
    if (GetParam().has_broker[side]) GiveBroker(side);
  }
  LogLines log;
  const Transports transports;
  std::vector<IpczHandle> a(1);
  std::vector<IpczHandle> b(1);
  ASSERT_EQ(Connect(nodes_[0], transports.first, GetParam().flags[0], &a), IPCZ_RESULT_OK);
  ASSERT_EQ(Connect(nodes_[1], transports.second, GetParam().flags[1], &b), IPCZ_RESULT_OK);
  if (GetParam().agree) {
    ASSERT_EQ(Put(a[0], "hello"), IPCZ_RESULT_OK);
    EXPECT_EQ(WaitGet(b[0]).data, "hello");
    EXPECT_FALSE(PeerClosed(a[0]));
    EXPECT_EQ(NodeCountersOf(nodes_[0]).links_refused, 0u);
  } else {
    EXPECT_TRUE(log.Tell("connection refused: "));
    EXPECT_TRUE(Eventually([&] { return PeerClosed(a[0]) && PeerClosed(b[0]); }));
    EXPECT_EQ(Put(a[0], "x"), IPCZ_RESULT_NOT_FOUND);
    EXPECT_EQ(Get(b[0]).result, IPCZ_RESULT_NOT_FOUND);
    EXPECT_TRUE(Eventually([&] { return NodeCountersOf(nodes_[0]).links_refused == 1; }));
    EXPECT_TRUE(Eventually([&] { return NodeCountersOf(nodes_[1]).links_refused == 1; }));
  }
  CloseAll({a, b});
}

INSTANTIATE_TEST_SUITE_P(
    Flags, RolesTest,
    ::testing::Values(
        Roles{"OtherToBroker", {true, false}, {}, {0, kToBroker}, true},
        Roles{"OtherToBrokerAsDelegate", {true, false}, {}, {0, kToBroker | kDelegate}, true},
        Roles{"TwoBrokers", {true, true}, {}, {kToBroker, kToBroker}, true},
        Roles{"InheritFromShare", {false, false}, {true, false}, {kShare, kInherit}, true},
        Roles{"ShareToInherit", {false, false}, {false, true}, {kInherit, kShare}, true},
        Roles{"BrokersThatDoNotSaySo", {true, true}, {}, {0, 0}, false},
        Roles{"OneOfTwoBrokersDoesNotSaySo", {true, true}, {}, {kToBroker, 0}, false},
        Roles{"OtherThatExpectsNoBroker", {true, false}, {}, {0, 0}, false},
        Roles{"NoBrokerWhereOneIsExpected", {false, false}, {}, {kToBroker, 0}, false},
        Roles{"TwoThatExpectABroker", {false, false}, {}, {kToBroker, kToBroker}, false},
        Roles{"TwoWithoutABroker", {false, false}, {}, {0, 0}, false},
        Roles{"TwoThatInherit", {false, false}, {}, {kInherit, kInherit}, false},
        Roles{"TwoThatShare", {false, false}, {true, true}, {kShare, kShare}, false},
        Roles{"InheritFromABroker", {true, false}, {}, {0, kInherit}, false}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(ConnectNodeTest, PortalsWorkBeforeTheOtherSideConnects) {
  const IpczHandle broker = MakeNode(true);
  const IpczHandle other = MakeNode();
  const Transports transports;
  std::vector<IpczHandle> a(2);
  std::vector<IpczHandle> b(2);
  ASSERT_EQ(Connect(broker, transports.first, 0, &a), IPCZ_RESULT_OK);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(Put(a[0], std::to_string(i) + std::string(static_cast<size_t>(i) * 20, 'x')),
              IPCZ_RESULT_OK);
  }
  ASSERT_EQ(Put(a[1], "then closed"), IPCZ_RESULT_OK);
  Close(a[1]);
  ASSERT_EQ(Connect(other, transports.second, kToBroker, &b), IPCZ_RESULT_OK);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(WaitGet(b[0]).data,
              std::to_string(i) + std::string(static_cast<size_t>(i) * 20, 'x'));
  }
  EXPECT_EQ(WaitGet(b[1]).data, "then closed");
  EXPECT_EQ(WaitGet(b[1]).result, IPCZ_RESULT_NOT_FOUND);
  CloseAll({{a[0]}, b, {broker, other}});
}

TEST(ConnectNodeTest, ExcessPortalsSeeTheirPeersClosed) {
  for (const size_t more_on_a : {0, 1}) {
    const IpczHandle broker = MakeNode(true);
    const IpczHandle other = MakeNode();
    const Transports transports;
    std::vector<IpczHandle> a(more_on_a != 0 ? 7 : 3);
    std::vector<IpczHandle> b(more_on_a != 0 ? 3 : 7);
    ASSERT_EQ(Connect(broker, transports.first, 0, &a), IPCZ_RESULT_OK);
    ASSERT_EQ(Connect(other, transports.second, kToBroker, &b), IPCZ_RESULT_OK);
    for (size_t i = 0; i < 3; ++i) {
      ASSERT_EQ(Put(a[i], "x"), IPCZ_RESULT_OK);
      EXPECT_EQ(WaitGet(b[i]).data, "x");
    }
    const std::vector<IpczHandle>& longer = more_on_a != 0 ? a : b;
    for (size_t i = 3; i < 7; ++i) {
      EXPECT_TRUE(Eventually([&] { return PeerClosed(longer[i]); }));
      EXPECT_EQ(Put(longer[i], "x"), IPCZ_RESULT_NOT_FOUND);
      EXPECT_EQ(Get(longer[i]).result, IPCZ_RESULT_NOT_FOUND);
    }
    CloseAll({a, b, {broker, other}});
  }
}

TEST(ConnectNodeTest, AnEndThatIsClosedInsteadOfConnectedEndsTheOther) {
  const IpczHandle broker = MakeNode(true);
  const Transports transports;
  std::vector<IpczHandle> a(1);
  ASSERT_EQ(Connect(broker, transports.first, 0, &a), IPCZ_RESULT_OK);
  ASSERT_EQ(Put(a[0], "for nobody"), IPCZ_RESULT_OK);
  RingwayLinuxDriver()->Close(transports.second, 0, nullptr);
  EXPECT_TRUE(Eventually([&] { return PeerClosed(a[0]); }));
  CloseAll({a, {broker}});
}

TEST(ConnectNodeTest, ANodeThatIsDestroyedClosesItsPortalsForTheOther) {
  const Footprint before = MeasureFootprint();
  {
    NodePair nodes = NodePair::Linux();
    ASSERT_EQ(Put(nodes.a[0], "last words"), IPCZ_RESULT_OK);
    ASSERT_TRUE(Eventually([&] { return Status(nodes.b[0]).num_local_parcels == 1; }));
    Close(nodes.broker);
    EXPECT_TRUE(Eventually([&] { return PeerClosed(nodes.b[0]); }));
    EXPECT_EQ(Get(nodes.b[0]).data, "last words");
    EXPECT_EQ(Get(nodes.b[0]).result, IPCZ_RESULT_NOT_FOUND);
    EXPECT_EQ(Put(nodes.b[0], "x"), IPCZ_RESULT_NOT_FOUND);
  }
  EXPECT_TRUE(ReturnsTo(before)) << Describe(before) << " became " << Describe(MeasureFootprint());
}

// A driver whose connect messages speak another version.
template <size_t kOffset>
const IpczDriver* OtherVersionDriver() {
  static const RingwayDriver table = [] {
    RingwayDriver copy = LinuxTable();
    copy.base.Transmit = [](IpczDriverHandle transport, const void* data, size_t num_bytes,
                            const IpczDriverHandle* handles, size_t num_handles, uint32_t,
                            const void*) -> IpczResult {
      std::string bytes(static_cast<const char*>(data), num_bytes);
      const uint32_t version = 99;
      uint32_t type;
      std::memcpy(&type, bytes.data(), sizeof(type));
      if (type == static_cast<uint32_t>(MessageType::kConnect)) {
        std::memcpy(bytes.data() + sizeof(MessageHeader) + kOffset, &version, sizeof(version));
      }
      return RingwayLinuxDriver()->Transmit(transport, bytes.data(), bytes.size(), handles,
                                            num_handles, 0, nullptr);
    };
    return copy;
  }();
  return &table.base;
}

void ExpectVersionRefusal(const IpczDriver* driver, const std::string& spoken) {
  LogLines log;
  const IpczHandle broker = MakeNode(true);
  const IpczHandle other = MakeNode(false, driver);
  const Transports transports;
  std::vector<IpczHandle> a(1);
  std::vector<IpczHandle> b(1);
  ASSERT_EQ(Connect(broker, transports.first, 0, &a), IPCZ_RESULT_OK);
  ASSERT_EQ(Connect(other, transports.second, kToBroker, &b), IPCZ_RESULT_OK);
  EXPECT_TRUE(log.Tell("wire version " + spoken));
  EXPECT_TRUE(Eventually([&] { return PeerClosed(a[0]) && PeerClosed(b[0]); }));
  EXPECT_EQ(NodeCountersOf(broker).links_refused, 1u);
  CloseAll({a, b, {broker, other}});
}

TEST(ConnectNodeTest, RefusesAnotherVersionAndSaysBoth) {
  const std::string ours = std::to_string(kWireVersion) + ".";
  ExpectVersionRefusal(OtherVersionDriver<offsetof(ConnectBody, wire_version)>(), "99.");
  ExpectVersionRefusal(OtherVersionDriver<offsetof(ConnectBody, layout_version)>(), ours + "99");
}

// Names itself after another node.
const IpczDriver* SameNameDriver() {
  static const RingwayDriver table = [] {
    RingwayDriver copy = LinuxTable();
    copy.base.GenerateRandomBytes = [](size_t num_bytes, uint32_t, const void*,
                                       void* buffer) -> IpczResult {
      std::memset(buffer, 7, num_bytes);
      return IPCZ_RESULT_OK;
    };
    return copy;
  }();
  return &table.base;
}

TEST(ConnectNodeTest, RefusesASecondClientOfTheSameName) {
  LogLines log;
  const IpczHandle broker = MakeNode(true);
  const IpczHandle nodes[2] = {MakeNode(false, SameNameDriver()),
                               MakeNode(false, SameNameDriver())};
  std::vector<IpczHandle> portals[4];
  for (size_t i = 0; i < 2; ++i) {
    const Transports transports;
    portals[2 * i].resize(1);
    portals[2 * i + 1].resize(1);
    ASSERT_EQ(Connect(broker, transports.first, 0, &portals[2 * i]), IPCZ_RESULT_OK);
    ASSERT_EQ(Connect(nodes[i], transports.second, kToBroker, &portals[2 * i + 1]), IPCZ_RESULT_OK);
    if (i == 1) break;
    ASSERT_EQ(Put(portals[0][0], "hello"), IPCZ_RESULT_OK);
    ASSERT_EQ(WaitGet(portals[1][0]).data, "hello");
    ASSERT_EQ(Put(portals[1][0], "hello"), IPCZ_RESULT_OK);
    ASSERT_EQ(WaitGet(portals[0][0]).data, "hello");
  }
  EXPECT_TRUE(log.Tell("a node of that name is connected already"));
  EXPECT_TRUE(Eventually([&] { return PeerClosed(portals[2][0]) && PeerClosed(portals[3][0]); }));
  EXPECT_FALSE(PeerClosed(portals[0][0]));
  CloseAll({portals[0], portals[1], portals[2], portals[3], {broker, nodes[0], nodes[1]}});
}

// Where only brokers can be given objects, a node that has none yet can get
// neither memory nor a broker from one that is none.
TEST(ConnectNodeTest, SharingABrokerIsRefusedWhereOnlyBrokersPassObjectsOn) {
  const size_t open_before = OpenSyncObjects();
  for (const Mode mode : {Mode::kThroughABroker, Mode::kWithADelegateThroughABroker}) {
    LogLines log;
    Network network(mode);
    for (size_t i = 0; i < 3; ++i) network.AddNode(i == 0);
    const auto [at_broker, at_sharer] = network.Connect(0, 1, 1)[0];
    ASSERT_EQ(Put(at_broker, "hello"), IPCZ_RESULT_OK);
    ASSERT_EQ(WaitGet(at_sharer).data, "hello");
    const auto [a, b] = network.Connect(1, 2, 1)[0];
    EXPECT_TRUE(Eventually([&, a = a, b = b] { return PeerClosed(a) && PeerClosed(b); }));
    EXPECT_TRUE(log.Tell("link ended: "));
    EXPECT_EQ(Put(a, "x"), IPCZ_RESULT_NOT_FOUND);
    // The sharer's own broker is as before.
    ASSERT_EQ(Put(at_sharer, "still"), IPCZ_RESULT_OK);
    EXPECT_EQ(WaitGet(at_broker).data, "still");
    CloseAll({{at_broker, at_sharer, a, b}});
  }
  EXPECT_TRUE(Eventually([&] { return OpenSyncObjects() == open_before; }));
}

}  // namespace
}  // namespace ringway::testing
