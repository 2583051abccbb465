// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// A peer that has connected, and then sends messages that it should not.

#include <unistd.h>

#include "tests/hostile/attack.h"

namespace ringway::testing {
namespace {

using Peer = HostilePeer;

class MessageAttackTest : public AttackTest<Attack> {};

TEST_P(MessageAttackTest, HarmsNothingElse) { MakeAttack(GetParam(), true); }

void AddSegmentAs(Peer& peer, uint32_t header_id, uint32_t said_id, uint64_t said_bytes,
                  int seals = HostileSegment::kGoodSeals) {
  HostileSegment segment(header_id, 8192, seals);
  peer.Send(MessageType::kAddSegment, AddSegmentBody{said_id, 0, said_bytes},
            {MemoryObject(segment.fd(), segment.num_bytes())});
}

std::vector<HostileObject> Files(size_t count, int fd) {
  return std::vector<HostileObject>(count, FileObject(fd));
}

void SendObjects(Peer& peer, uint32_t sublink, uint64_t batch, size_t count) {
  peer.Send(MessageType::kObjects, ObjectsBody{sublink, 0, batch},
            Files(count, peer.segment().fd()));
}

// A page of route ends in a segment of its own, which a portal then lies in.
void SendPortalWithPageIn(Peer& peer, HostileSegment& segment) {
  peer.AddSegment(segment, 1);
  peer.segment().header().route_pages[1].store(Peer::Word(1, 4096, Log2RoutePageBytes(1)));
  peer.StartLane(0);
  peer.PutHandles(0, {0, 1, 0}, {0, 0}, {Peer::DescribePortal(101)});
  peer.Ready(0);
}

const Attack kSegments[] = {
    {"SegmentZeroAgain", Outcome::kBreaks, [](Peer& p) { AddSegmentAs(p, 0, 0, 8192); }},
    {"SegmentTwice", Outcome::kBreaks,
     [](Peer& p) {
       AddSegmentAs(p, 1, 1, 8192);
       AddSegmentAs(p, 1, 1, 8192);
     }},
    {"SegmentWithANumberTooLarge", Outcome::kBreaks,
     [](Peer& p) { AddSegmentAs(p, 1u << 26, 1u << 26, 8192); }},
    {"SegmentLargerThanItIs", Outcome::kBreaks, [](Peer& p) { AddSegmentAs(p, 1, 1, 8193); }},
    {"SegmentWithoutBytes", Outcome::kBreaks, [](Peer& p) { AddSegmentAs(p, 1, 1, 0); }},
    {"SegmentOfAnotherNumber", Outcome::kBreaks, [](Peer& p) { AddSegmentAs(p, 1, 2, 8192); }},
    {"SegmentWithoutSeals", Outcome::kBreaks, [](Peer& p) { AddSegmentAs(p, 1, 1, 8192, 0); }},
    {"SegmentThatIsAFile", Outcome::kBreaks,
     [](Peer& p) {
       p.Send(MessageType::kAddSegment, AddSegmentBody{1, 0, 8192}, {FileObject(p.segment().fd())});
     }},
    {"SegmentsWithoutEnd", Outcome::kEnds,
     [](Peer& p) {
       for (uint32_t id = 1; id < 5000 && !p.ended(); ++id) {
         HostileSegment segment(id, 4096);
         p.AddSegment(segment, id);
       }
     }},
    {"DropsSegmentZero", Outcome::kBreaks,
     [](Peer& p) {
       p.Send(MessageType::kDropSegment, DropSegmentBody{0, 0});
     }},
    {"DropsASegmentThatIsNone", Outcome::kBreaks,
     [](Peer& p) {
       p.Send(MessageType::kDropSegment, DropSegmentBody{77, 0});
     }},
    {"DropsASegmentTwice", Outcome::kBreaks,
     [](Peer& p) {
       AddSegmentAs(p, 1, 1, 8192);
       for (int i = 0; i < 2; ++i) p.Send(MessageType::kDropSegment, DropSegmentBody{1, 0});
     }},
    {"DropsTheRouteEndsOfAPortal", Outcome::kBreaks,
     [](Peer& p) {
       HostileSegment segment(1, 65536);
       SendPortalWithPageIn(p, segment);
       while (!p.ended() && p.victims_end(0).consumer.parcels == 0) usleep(100);
       p.Send(MessageType::kDropSegment, DropSegmentBody{1, 0});
     }},
    {"AddsAndDropsASegmentWhilePortalsUseIt", Outcome::kAnything,
     [](Peer& p) {
       HostileSegment segment(1, 65536);
       SendPortalWithPageIn(p, segment);
       for (int i = 0; i < 300 && !p.ended(); ++i) {
         p.Send(MessageType::kDropSegment, DropSegmentBody{1, 0});
         p.AddSegment(segment, 1);
       }
     }},
};

const Attack kOthers[] = {
    {"ReadyForNobody", Outcome::kHarmless,
     [](Peer& p) {
       for (const uint32_t sublink : {2u, 15u, 16u, 17u, 4'194'239u, ~0u}) p.Ready(sublink);
     }},
    {"ReadyAgainAndAgain", Outcome::kHarmless,
     [](Peer& p) {
       for (int i = 0; i < 20'000; ++i) p.Ready(0);
     }},
    {"ReadyWithAnObject", Outcome::kBreaks,
     [](Peer& p) {
       p.Send(MessageType::kReady, ReadyBody{0, 0}, {FileObject(p.segment().fd())});
     }},
    {"FreesAnInitialPortal", Outcome::kBreaks,
     [](Peer& p) {
       p.Send(MessageType::kFreed, FreedBody{1, 0, {}, {0}});
     }},
    {"FreesWhatItDidNotSendYet", Outcome::kHarmless,
     [](Peer& p) {
       p.Send(MessageType::kFreed, FreedBody{1, 0, {}, {17}});
     }},
    {"FreesTheSameTwice", Outcome::kBreaks,
     [](Peer& p) {
       p.Send(MessageType::kFreed, FreedBody{1, 0, {}, {17}});
       p.Send(MessageType::kFreed, FreedBody{1, 0, {}, {17}});
     }},
    {"FreesWhatItNeverMade", Outcome::kBreaks,
     [](Peer& p) {
       p.Send(MessageType::kFreed, FreedBody{1, 0, {}, {4097}});
     }},
    {"FreesOfTheVictimsWhatIsNot", Outcome::kBreaks,
     [](Peer& p) {
       p.Send(MessageType::kFreed, FreedBody{1, 0, {}, {18}});
     }},
    {"FreesBeyondAllNumbers", Outcome::kBreaks,
     [](Peer& p) {
       p.Send(MessageType::kFreed, FreedBody{1, 0, {}, {~0u}});
     }},
    {"FreesAPortalThatTheVictimStillUses", Outcome::kBreaks,
     [](Peer& p) {
       while (!p.ended() && p.victims_end(0).producer.parcels == 0) usleep(100);
       p.Send(MessageType::kFreed, FreedBody{1, 0, {}, {16}});
     },
     VictimRole::kSends},
    {"EveryMessageOfMovingRoutesForEveryEdge", Outcome::kAnything,
     [](Peer& p) {
       for (uint64_t edge = 0; edge < 64 && !p.ended(); ++edge) {
         for (uint32_t type = 16; type <= 26; ++type) {
           p.Send(type, BytesOf(RouteBody{edge, {}, {edge, 1}, {0, 0}}));
         }
       }
     }},
    {"EveryMessageOfMovingRoutesWithOnes", Outcome::kAnything,
     [](Peer& p) {
       for (uint32_t type = 16; type <= 26; ++type) p.Send(type, std::string(48, '\xff'));
     }},
    {"MessagesOfMovingRoutesTooShort", Outcome::kBreaks,
     [](Peer& p) { p.Send(MessageOf(16, std::string(47, 'x'))); }},
    {"MessagesOfEveryTypeAndSize", Outcome::kEnds,
     [](Peer& p) {
       for (uint32_t i = 0; i < 2000 && !p.ended(); ++i) {
         p.Send(MessageOf(2 + i % 40, std::string(i % 97, static_cast<char>(i))));
       }
     }},
    {"ObjectsForNobodyYet", Outcome::kHarmless,
     [](Peer& p) {
       for (const uint32_t sublink : {5u, 16u, 17u, 4'194'239u}) SendObjects(p, sublink, 1, 3);
     }},
    {"ObjectsBeyondAllNumbers", Outcome::kBreaks, [](Peer& p) { SendObjects(p, ~0u, 1, 1); }},
    {"ABatchTwice", Outcome::kBreaks,
     [](Peer& p) {
       SendObjects(p, 1, 7, 1);
       SendObjects(p, 1, 7, 1);
     }},
    {"ObjectsThatAreNone", Outcome::kBreaks,
     [](Peer& p) {
       p.Send(MessageType::kObjects, ObjectsBody{1, 0, 1}, {{std::string(24, 'x'), {0}}});
     }},
    {"ABatchWithoutObjects", Outcome::kBreaks, [](Peer& p) { SendObjects(p, 1, 1, 0); }},
    {"MoreObjectsThanAMessageCarries", Outcome::kBreaks,
     [](Peer& p) {
       p.Send(MessageOf(static_cast<uint32_t>(MessageType::kObjects), BytesOf(ObjectsBody{1, 0, 1}),
                        std::vector<HostileObject>(70'000)));
     }},
    {"MoreObjectsThanDescriptors", Outcome::kAnything,
     [](Peer& p) {
       for (uint64_t batch = 1; batch < 40'000 && !p.ended(); ++batch) SendObjects(p, 1, batch, 16);
     }},
    {"ClosesAfterAHugeMessage", Outcome::kBreaks,
     [](Peer& p) {
       p.StartLane(0);
       for (int i = 0; i < 20; ++i) p.PutParcel(0, "before the end");
       p.Send(std::string(8 << 20, 'x'));  // more than the socket takes at once
       p.Close();
     }},
};

INSTANTIATE_TEST_SUITE_P(Segments, MessageAttackTest, ::testing::ValuesIn(kSegments),
                         NameOf<Attack>);
INSTANTIATE_TEST_SUITE_P(Others, MessageAttackTest, ::testing::ValuesIn(kOthers), NameOf<Attack>);

}  // namespace
}  // namespace ringway::testing
