// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Handles in parcels that no honest peer sends.

#include <unistd.h>

#include "tests/hostile/attack.h"

namespace ringway::testing {
namespace {

using Peer = HostilePeer;

class HandleAttackTest : public AttackTest<Attack> {};

TEST_P(HandleAttackTest, HarmsNothingElse) { MakeAttack(GetParam(), true); }

// A parcel with portals that the victim knows under these sublinks.
void SendPortals(Peer& peer, const std::vector<uint32_t>& sublinks) {
  std::vector<HandleDescriptor> descriptors;
  for (const uint32_t sublink : sublinks) descriptors.push_back(Peer::DescribePortal(sublink));
  peer.PutHandles(0, {0, static_cast<uint16_t>(sublinks.size()), 0}, {0, 0}, descriptors);
  peer.StartLane(0);
  peer.Ready(0);
}

// A parcel that says it has `said` objects, of a batch of `sent`.
void SendBoxes(Peer& peer, uint16_t said, size_t sent, uint64_t batch = 5) {
  HandleDescriptor object = {};
  object.kind = kDescribesObject;
  if (sent != 0) {
    const std::vector<HostileObject> objects(sent, FileObject(peer.segment().fd()));
    peer.Send(MessageType::kObjects, ObjectsBody{0, 0, batch}, objects);
  }
  peer.PutHandles(0, {0, 0, said}, {batch, 0}, std::vector<HandleDescriptor>(said, object));
  peer.StartLane(0);
  peer.Ready(0);
}

void SendDescriptors(Peer& peer, RecordSecond second,
                     const std::vector<HandleDescriptor>& descriptors) {
  peer.PutHandles(0, second, {0, 0}, descriptors);
  peer.StartLane(0);
  peer.Ready(0);
}

const Attack kPortals[] = {
    {"PortalsThatAreGood", Outcome::kHarmless,
     [](Peer& p) {
       SendPortals(p, {17, 19, 21});
     }},
    {"APortalTwiceInAParcel", Outcome::kBreaks,
     [](Peer& p) {
       SendPortals(p, {17, 19, 17});
     }},
    {"APortalThatWasSentBefore", Outcome::kBreaks,
     [](Peer& p) {
       SendPortals(p, {17});
       SendPortals(p, {17});
     }},
    {"AnInitialPortal", Outcome::kBreaks, [](Peer& p) { SendPortals(p, {1}); }},
    {"TheLastInitialPortal", Outcome::kBreaks, [](Peer& p) { SendPortals(p, {15}); }},
    {"APortalOfTheVictimsNumbers", Outcome::kBreaks, [](Peer& p) { SendPortals(p, {16}); }},
    {"APortalThatTheVictimSent", Outcome::kBreaks,
     [](Peer& p) {
       SendPortals(p, {16, 18, 20});
     },
     VictimRole::kSends},
    {"APortalBeyondAllNumbers", Outcome::kBreaks, [](Peer& p) { SendPortals(p, {~0u}); }},
    {"APortalJustBeyondAllNumbers", Outcome::kBreaks,
     [](Peer& p) { SendPortals(p, {kRouteEndsMax + 1}); }},
    {"APortalWhosePageNeverComes", Outcome::kHarmless, [](Peer& p) { SendPortals(p, {101}); }},
    {"APortalWhosePageIsOutside", Outcome::kBreaks,
     [](Peer& p) {
       p.segment().header().route_pages[1].store(Peer::Word(0, Peer::kSegmentBytes - 64, 15));
       SendPortals(p, {101});
     }},
    {"APortalWhosePageIsTheHeader", Outcome::kBreaks,
     [](Peer& p) {
       p.segment().header().route_pages[1].store(Peer::Word(0, 0, 15));
       SendPortals(p, {101});
     }},
    {"APortalWithTotalsThatCannotBe", Outcome::kHarmless,
     [](Peer& p) {
       HandleDescriptor portal = Peer::DescribePortal(17);
       portal.parcels_put = portal.bytes_put = ~uint64_t{0};
       portal.parcels_consumed = portal.bytes_consumed = ~uint64_t{0} - 1;
       SendDescriptors(p, {0, 1, 0}, {portal});
     }},
    {"FewerPortalsThanSaid", Outcome::kBreaks,
     [](Peer& p) {
       HandleDescriptor object = {};
       object.kind = kDescribesObject;
       SendDescriptors(p, {0, 2, 0}, {Peer::DescribePortal(17), object});
     }},
    {"AnUnknownKind", Outcome::kBreaks,
     [](Peer& p) {
       SendDescriptors(p, {0, 1, 0}, {HandleDescriptor{}});
     }},
    {"PortalsForAClosedPortal", Outcome::kHarmless,
     [](Peer& p) {
       SendPortals(p, {17, 19, 21});
     },
     VictimRole::kSinks},
    {"PortalsForAMergedPortal", Outcome::kHarmless,
     [](Peer& p) {
       SendPortals(p, {17, 19, 21});
     },
     VictimRole::kMerges},
    {"APortalTwiceForAMergedPortal", Outcome::kBreaks,
     [](Peer& p) {
       SendPortals(p, {17, 17});
     },
     VictimRole::kMerges},
    {"PortalsForAPortalSentOn", Outcome::kHarmless,
     [](Peer& p) {
       SendPortals(p, {17, 19, 21});
     },
     VictimRole::kSendsOn},
    {"APortalTwiceForAPortalSentOn", Outcome::kBreaks,
     [](Peer& p) {
       SendPortals(p, {17, 17});
     },
     VictimRole::kSendsOn},
    {"PortalsThatAreGoodAndFreedAtOnce", Outcome::kAnything,
     [](Peer& p) {
       SendPortals(p, {17, 19});
       for (int i = 0; i < 100 && p.victims_end(0).consumer.parcels == 0; ++i) usleep(100);
       p.Send(MessageType::kFreed, FreedBody{1, 0, {}, {17}});
       p.Send(MessageType::kFreed, FreedBody{1, 0, {}, {19}});
     }},
    {"APortalFreedTwice", Outcome::kBreaks,
     [](Peer& p) {
       SendPortals(p, {17});
       while (!p.ended() && p.victims_end(0).consumer.parcels == 0) usleep(100);
       for (int i = 0; i < 3; ++i) p.Send(MessageType::kFreed, FreedBody{1, 0, {}, {17}});
     }},
    {"APortalWhoseNumberCostsAPage", Outcome::kHarmless,
     [](Peer& p) {
       HostileSegment segment(1, 4 << 20);
       p.AddSegment(segment, 1);
       const uint32_t page = 7;
       p.segment().header().route_pages[page].store(Peer::Word(1, 4096, Log2RoutePageBytes(page)));
       SendPortals(p, {64 * 127 + 1});
       usleep(20'000);
     }},
};

const Attack kBoxes[] = {
    {"BoxesThatAreGood", Outcome::kHarmless, [](Peer& p) { SendBoxes(p, 3, 3); }},
    {"BoxesThatNeverCome", Outcome::kHarmless, [](Peer& p) { SendBoxes(p, 3, 0); }},
    {"FewerBoxesThanSaid", Outcome::kBreaks, [](Peer& p) { SendBoxes(p, 3, 2); }},
    {"MoreBoxesThanSaid", Outcome::kBreaks, [](Peer& p) { SendBoxes(p, 3, 4); }},
    {"ABatchInTwoParcels", Outcome::kHarmless,
     [](Peer& p) {
       SendBoxes(p, 3, 3);
       SendBoxes(p, 3, 0);
     }},
    {"BoxesDescribedAsPortals", Outcome::kBreaks,
     [](Peer& p) {
       p.Send(MessageType::kObjects, ObjectsBody{0, 0, 5}, {FileObject(p.segment().fd())});
       p.PutHandles(0, {0, 0, 1}, {5, 0}, {Peer::DescribePortal(17)});
       p.StartLane(0);
       p.Ready(0);
     }},
    {"BoxesForAMergedPortal", Outcome::kHarmless, [](Peer& p) { SendBoxes(p, 3, 3); },
     VictimRole::kMerges},
    {"FewerBoxesForAMergedPortal", Outcome::kBreaks, [](Peer& p) { SendBoxes(p, 3, 2); },
     VictimRole::kMerges},
    {"BoxesForAClosedPortal", Outcome::kHarmless, [](Peer& p) { SendBoxes(p, 3, 3); },
     VictimRole::kSinks},
};

INSTANTIATE_TEST_SUITE_P(Portals, HandleAttackTest, ::testing::ValuesIn(kPortals), NameOf<Attack>);
INSTANTIATE_TEST_SUITE_P(Boxes, HandleAttackTest, ::testing::ValuesIn(kBoxes), NameOf<Attack>);

}  // namespace
}  // namespace ringway::testing
