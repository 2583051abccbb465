// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// A peer that does not connect as it should.

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <limits>

#include "tests/hostile/attack.h"

namespace ringway::testing {
namespace {

using Peer = HostilePeer;
constexpr auto kConnect = static_cast<uint32_t>(MessageType::kConnect);
constexpr auto kReady = static_cast<uint32_t>(MessageType::kReady);

class ConnectAttackTest : public AttackTest<Attack> {};

TEST_P(ConnectAttackTest, HarmsNothingElse) { MakeAttack(GetParam(), false); }

// Connects with `change` made to an otherwise good body.
template <class Change>
void ConnectWith(Peer& peer, Change change) {
  ConnectBody body = peer.GoodConnect();
  change(body);
  peer.Send(MessageType::kConnect, body, {peer.GoodMemory()});
}

// Connects with another segment 0.
void ConnectWithMemory(Peer& peer, HostileSegment& segment, uint64_t said_bytes) {
  ConnectBody body = peer.GoodConnect();
  body.segment_bytes = said_bytes;
  peer.Send(MessageType::kConnect, body, {MemoryObject(segment.fd(), segment.num_bytes())});
}

template <class Change>
void ConnectWithHeader(Peer& peer, Change change) {
  change(peer.segment().header());
  peer.ConnectHonestly();
}

const Attack kBytes[] = {
    {"NoBytes", Outcome::kBreaks, [](Peer& p) { p.Send(""); }},
    {"HalfAHeader", Outcome::kBreaks, [](Peer& p) { p.Send(std::string(4, '\1')); }},
    {"AHeaderAlone", Outcome::kBreaks, [](Peer& p) { p.Send(MessageOf(kConnect, "")); }},
    {"Text", Outcome::kBreaks, [](Peer& p) { p.Send("GET / HTTP/1.1\r\n\r\n"); }},
    {"Megabytes", Outcome::kBreaks, [](Peer& p) { p.Send(std::string(4 << 20, 'x')); }},
    {"TypeZero", Outcome::kBreaks, [](Peer& p) { p.Send(MessageOf(0, "")); }},
    {"TypeHuge", Outcome::kBreaks, [](Peer& p) { p.Send(MessageOf(~0u, std::string(48, 0))); }},
    {"BodyTooShort", Outcome::kBreaks,
     [](Peer& p) { p.Send(kConnect, BytesOf(p.GoodConnect()).substr(0, 47), {p.GoodMemory()}); }},
    {"BodyTooLong", Outcome::kBreaks,
     [](Peer& p) { p.Send(kConnect, BytesOf(p.GoodConnect()) + "x", {p.GoodMemory()}); }},
    {"BytesBehindTheObjects", Outcome::kBreaks,
     [](Peer& p) {
       p.Send(MessageOf(kConnect, BytesOf(p.GoodConnect()), {p.GoodMemory()}) + "x",
              {p.segment().fd()});
     }},
    {"DescriptorsOfNoObject", Outcome::kBreaks,
     [](Peer& p) {
       p.Send(MessageOf(kConnect, BytesOf(p.GoodConnect()), {p.GoodMemory()}),
              std::vector<int>(300, p.segment().fd()));
     }},
    {"AnObjectWithoutItsDescriptor", Outcome::kBreaks,
     [](Peer& p) { p.Send(MessageOf(kConnect, BytesOf(p.GoodConnect()), {p.GoodMemory()})); }},
    {"ObjectsThatAreNotThere", Outcome::kBreaks,
     [](Peer& p) {
       p.Send(BytesOf(MessageHeader{kConnect, ~0u}) + BytesOf(p.GoodConnect()), {p.segment().fd()});
     }},
    {"AnObjectLargerThanTheMessage", Outcome::kBreaks,
     [](Peer& p) {
       p.Send(BytesOf(MessageHeader{kConnect, 1}) + BytesOf(p.GoodConnect()) +
                  BytesOf(ObjectHeader{std::numeric_limits<uint32_t>::max(), 1}) +
                  p.GoodMemory().bytes,
              {p.segment().fd()});
     }},
    {"AnObjectOfManyDescriptors", Outcome::kBreaks,
     [](Peer& p) {
       p.Send(BytesOf(MessageHeader{kConnect, 1}) + BytesOf(p.GoodConnect()) +
                  BytesOf(ObjectHeader{24, ~0u}) + p.GoodMemory().bytes,
              {p.segment().fd()});
     }},
    {"NoMemory", Outcome::kBreaks, [](Peer& p) { p.Send(kConnect, BytesOf(p.GoodConnect())); }},
    {"TwoMemories", Outcome::kBreaks,
     [](Peer& p) {
       p.Send(kConnect, BytesOf(p.GoodConnect()), {p.GoodMemory(), p.GoodMemory()});
     }},
    {"AMessageBeforeConnecting", Outcome::kBreaks,
     [](Peer& p) {
       p.Send(kReady, BytesOf(ReadyBody{0, 0}));
     }},
    {"ConnectsTwice", Outcome::kBreaks,
     [](Peer& p) {
       p.ConnectHonestly();
       p.ConnectHonestly();
     }},
    {"ClosesAtOnce", Outcome::kEnds, [](Peer& p) { p.Close(); }},
};

const Attack kBodies[] = {
    {"AnotherMagic", Outcome::kBreaks,
     [](Peer& p) { ConnectWith(p, [](ConnectBody& body) { ++body.magic; }); }},
    {"AnotherWireVersion", Outcome::kRefused,
     [](Peer& p) { ConnectWith(p, [](ConnectBody& body) { ++body.wire_version; }); }},
    {"AnotherLayoutVersion", Outcome::kRefused,
     [](Peer& p) { ConnectWith(p, [](ConnectBody& body) { body.layout_version = ~0u; }); }},
    {"ASecondBroker", Outcome::kRefused,
     [](Peer& p) { ConnectWith(p, [](ConnectBody& body) { body.flags |= kConnectIsBroker; }); }},
    {"NoRole", Outcome::kRefused,
     [](Peer& p) { ConnectWith(p, [](ConnectBody& body) { body.flags = 0; }); }},
    {"UnknownFlags", Outcome::kBreaks,
     [](Peer& p) { ConnectWith(p, [](ConnectBody& body) { body.flags |= 1u << 31; }); }},
    {"SeventeenPortals", Outcome::kBreaks,
     [](Peer& p) { ConnectWith(p, [](ConnectBody& body) { body.initial_portals = 17; }); }},
    {"PortalsWithoutEnd", Outcome::kBreaks,
     [](Peer& p) { ConnectWith(p, [](ConnectBody& body) { body.initial_portals = ~0u; }); }},
    {"NoPortals", Outcome::kAnything,
     [](Peer& p) { ConnectWith(p, [](ConnectBody& body) { body.initial_portals = 0; }); }},
    {"RouteEndsInASegmentThatNeverComes", Outcome::kAnything,
     [](Peer& p) {
       ConnectWithHeader(p, [](SegmentHeader& header) {
         header.route_pages[0] = Peer::Word(9, 4096, Log2RoutePageBytes(0));
       });
     }},
    {"RouteEndsBehindTheSegment", Outcome::kAnything,
     [](Peer& p) {
       ConnectWithHeader(p, [](SegmentHeader& header) {
         header.route_pages[0] = Peer::Word(0, Peer::kSegmentBytes - 4096, 14);
       });
     }},
    {"RouteEndsInTheHeader", Outcome::kAnything,
     [](Peer& p) {
       ConnectWithHeader(
           p, [](SegmentHeader& header) { header.route_pages[0] = Peer::Word(0, 64, 14); });
     }},
    {"RouteEndsNowhere", Outcome::kAnything,
     [](Peer& p) {
       ConnectWithHeader(p, [](SegmentHeader& header) { header.route_pages[0] = 0; });
     }},
    {"ASegmentWithoutBytes", Outcome::kBreaks,
     [](Peer& p) { ConnectWith(p, [](ConnectBody& body) { body.segment_bytes = 0; }); }},
    {"ASegmentLargerThanItIs", Outcome::kBreaks,
     [](Peer& p) { ConnectWith(p, [](ConnectBody& body) { ++body.segment_bytes; }); }},
    {"ASegmentOfTheWholeAddressSpace", Outcome::kBreaks,
     [](Peer& p) { ConnectWith(p, [](ConnectBody& body) { body.segment_bytes = ~0ull; }); }},
};

const Attack kMemories[] = {
    {"NoSeals", Outcome::kBreaks,
     [](Peer& p) {
       HostileSegment segment(0, Peer::kSegmentBytes, 0);
       ConnectWithMemory(p, segment, Peer::kSegmentBytes);
     }},
    {"MayShrink", Outcome::kBreaks,
     [](Peer& p) {
       HostileSegment segment(0, Peer::kSegmentBytes, HostileSegment::kGoodSeals & ~F_SEAL_SHRINK);
       ConnectWithMemory(p, segment, Peer::kSegmentBytes);
     }},
    {"MayGrow", Outcome::kBreaks,
     [](Peer& p) {
       HostileSegment segment(0, Peer::kSegmentBytes, HostileSegment::kGoodSeals & ~F_SEAL_GROW);
       ConnectWithMemory(p, segment, Peer::kSegmentBytes);
     }},
    {"AnyoneMayWrite", Outcome::kBreaks,
     [](Peer& p) {
       HostileSegment segment(0, Peer::kSegmentBytes, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
       ConnectWithMemory(p, segment, Peer::kSegmentBytes);
     }},
    {"WithHoles", Outcome::kBreaks,
     [](Peer& p) {
       HostileSegment segment(0, Peer::kSegmentBytes, 0);
       ASSERT_EQ(fallocate(segment.fd(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 8192, 4096),
                 0);
       ASSERT_EQ(fcntl(segment.fd(), F_ADD_SEALS, HostileSegment::kGoodSeals), 0);
       ConnectWithMemory(p, segment, Peer::kSegmentBytes);
     }},
    {"SmallerThanAHeader", Outcome::kBreaks,
     [](Peer& p) {
       HostileSegment segment(0, 64);
       ConnectWithMemory(p, segment, 64);
     }},
    {"TheObjectSaysMoreThanThereIs", Outcome::kBreaks,
     [](Peer& p) {
       HostileSegment segment(0, 8192);
       p.Send(MessageType::kConnect, p.GoodConnect(),
              {MemoryObject(segment.fd(), Peer::kSegmentBytes)});
     }},
    {"TheObjectIsAFile", Outcome::kBreaks,
     [](Peer& p) {
       p.Send(MessageType::kConnect, p.GoodConnect(), {FileObject(p.segment().fd())});
     }},
    {"TheObjectIsAPipe", Outcome::kBreaks,
     [](Peer& p) {
       int fds[2];
       ASSERT_EQ(pipe(fds), 0);
       p.Send(MessageType::kConnect, p.GoodConnect(), {MemoryObject(fds[0], Peer::kSegmentBytes)});
       close(fds[0]);
       close(fds[1]);
     }},
    {"TheObjectIsNothing", Outcome::kBreaks,
     [](Peer& p) {
       p.Send(MessageType::kConnect, p.GoodConnect(), {{"", {p.segment().fd()}}});
     }},
    {"TheObjectIsOfAnotherVersion", Outcome::kBreaks,
     [](Peer& p) {
       HostileObject object = p.GoodMemory();
       ++object.bytes[4];
       p.Send(MessageType::kConnect, p.GoodConnect(), {object});
     }},
    {"AHeaderOfAnotherMagic", Outcome::kBreaks,
     [](Peer& p) { ConnectWithHeader(p, [](SegmentHeader& header) { ++header.magic; }); }},
    {"AHeaderOfAnotherVersion", Outcome::kBreaks,
     [](Peer& p) { ConnectWithHeader(p, [](SegmentHeader& header) { ++header.layout_version; }); }},
    {"AHeaderOfAnotherSegment", Outcome::kBreaks,
     [](Peer& p) { ConnectWithHeader(p, [](SegmentHeader& header) { header.segment = 1; }); }},
};

class SocketAttackTest : public AttackTest<SocketAttack> {};

TEST_P(SocketAttackTest, HarmsNothingElse) { MakeAttack(GetParam()); }

std::string Frame(uint16_t type, uint32_t descriptors, uint64_t payload_bytes) {
  return BytesOf(driver::FrameHeader{driver::kFrameMagic, driver::kWireVersion, type, descriptors,
                                     0, payload_bytes});
}

void Write(int socket, const std::string& bytes) {
  EXPECT_EQ(send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(bytes.size()));
}

// The driver's own tests have more of these.
const SocketAttack kSockets[] = {
    {"ClosesAtOnce", [](int) {}},
    {"ClosesInTheMiddleOfAHeader",
     [](int socket) { Write(socket, Frame(driver::kFrameHello, 0, 0).substr(0, 11)); }},
    {"ClosesInTheMiddleOfAMessage",
     [](int socket) {
       Write(socket, Frame(driver::kFrameHello, 0, 0));
       Write(socket, Frame(driver::kFrameMessage, 0, 4096) + "the beginning");
     }},
    {"ClosesBeforeItsDescriptors",
     [](int socket) {
       Write(socket, Frame(driver::kFrameHello, 0, 0));
       Write(socket, Frame(driver::kFrameMessage, 500, 64) + std::string(40, 'x'));
     }},
    {"AMessageOf2To63Bytes",
     [](int socket) {
       Write(socket, Frame(driver::kFrameHello, 0, 0));
       Write(socket, Frame(driver::kFrameMessage, 0, uint64_t{1} << 63));
     }},
    {"NoFrames", [](int socket) { Write(socket, std::string(10'000, 'x')); }},
};

INSTANTIATE_TEST_SUITE_P(Sockets, SocketAttackTest, ::testing::ValuesIn(kSockets),
                         NameOf<SocketAttack>);
INSTANTIATE_TEST_SUITE_P(Bytes, ConnectAttackTest, ::testing::ValuesIn(kBytes), NameOf<Attack>);
INSTANTIATE_TEST_SUITE_P(Bodies, ConnectAttackTest, ::testing::ValuesIn(kBodies), NameOf<Attack>);
INSTANTIATE_TEST_SUITE_P(Memory, ConnectAttackTest, ::testing::ValuesIn(kMemories), NameOf<Attack>);

}  // namespace
}  // namespace ringway::testing
