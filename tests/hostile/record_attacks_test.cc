// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Lanes and records that no honest peer writes.

#include "tests/hostile/attack.h"

namespace ringway::testing {
namespace {

using Peer = HostilePeer;
constexpr uint64_t kLaneBytes = uint64_t{1} << Peer::kLog2LaneBytes;

class RecordAttackTest : public AttackTest<Attack> {};

TEST_P(RecordAttackTest, HarmsNothingElse) { MakeAttack(GetParam(), true); }

constexpr uint64_t Header(uint64_t bytes, uint64_t kind, uint64_t flags = 0) {
  return bytes | kind << 32 | flags << kRecordFlagsShift;
}
constexpr uint64_t Header(uint64_t bytes, RecordKind kind, uint64_t flags = 0) {
  return Header(bytes, static_cast<uint64_t>(kind), flags);
}

// A first record behind an honest parcel.
void Put(Peer& peer, uint64_t header, uint64_t second = 0, std::string_view body = {}) {
  peer.PutParcel(0, "honest");
  peer.PutRecord(0, header, second, body, 0);
  peer.StartLane(0);
  peer.Ready(0);
}

void PutBlock(Peer& peer, uint64_t word, uint64_t bytes, uint64_t second = 0) {
  Put(peer, Header(32, RecordKind::kBlock), second, BytesOf(BlockName{word, bytes}));
}

// A lane of portal 0 elsewhere.
void StartLaneAt(Peer& peer, uint64_t word) {
  peer.end(0).attention.first_lane.store(word);
  peer.Ready(0);
}

// Records all around it, none of which is the last.
void MakeLaneWithoutAnEnd(Peer& peer) {
  for (uint64_t at = 0; at < kLaneBytes; at += 16) {
    peer.segment().Word(Peer::kLaneAt[0] + at).store(Header(16, RecordKind::kData));
  }
  StartLaneAt(peer, Peer::LaneWord(0));
}

const Attack kLanes[] = {
    {"LaneInASegmentThatNeverComes", Outcome::kHarmless,
     [](Peer& p) { StartLaneAt(p, Peer::Word(9, 4096, 12)); }},
    {"LaneBehindTheSegment", Outcome::kBreaks,
     [](Peer& p) { StartLaneAt(p, Peer::Word(0, Peer::kSegmentBytes, 12)); }},
    {"LaneFarBehindTheSegment", Outcome::kBreaks,
     [](Peer& p) { StartLaneAt(p, Peer::Word(0, uint64_t{1} << 37, 12)); }},
    {"LaneThatLeavesTheSegment", Outcome::kBreaks,
     [](Peer& p) { StartLaneAt(p, Peer::Word(0, Peer::kSegmentBytes - 2048, 12)); }},
    {"LaneOverTheHeader", Outcome::kBreaks, [](Peer& p) { StartLaneAt(p, Peer::Word(0, 0, 12)); }},
    {"LaneInTheHeader", Outcome::kBreaks, [](Peer& p) { StartLaneAt(p, Peer::Word(0, 128, 8)); }},
    {"LaneOfOneByte", Outcome::kBreaks,
     [](Peer& p) { StartLaneAt(p, Peer::Word(0, Peer::kLaneAt[0], 0)); }},
    {"LaneOf128Bytes", Outcome::kBreaks,
     [](Peer& p) { StartLaneAt(p, Peer::Word(0, Peer::kLaneAt[0], 7)); }},
    {"LaneOf2To31Bytes", Outcome::kBreaks,
     [](Peer& p) { StartLaneAt(p, Peer::Word(0, Peer::kLaneAt[0], 31)); }},
    {"LaneOf2To63Bytes", Outcome::kBreaks,
     [](Peer& p) { StartLaneAt(p, Peer::Word(0, Peer::kLaneAt[0], 63)); }},
    {"LaneOfOnes", Outcome::kHarmless, [](Peer& p) { StartLaneAt(p, ~uint64_t{0} - 63 + 12); }},
    {"LaneOverTheRouteEnds", Outcome::kAnything,
     [](Peer& p) { StartLaneAt(p, Peer::Word(0, Peer::kPageAt, 12)); }},
};

const Attack kHeaders[] = {
    {"RecordOfNoBytes", Outcome::kBreaks, [](Peer& p) { Put(p, Header(0, RecordKind::kData)); }},
    {"RecordOf8Bytes", Outcome::kBreaks, [](Peer& p) { Put(p, Header(8, RecordKind::kData)); }},
    {"RecordOf24Bytes", Outcome::kBreaks, [](Peer& p) { Put(p, Header(24, RecordKind::kData)); }},
    {"RecordOf17Bytes", Outcome::kBreaks, [](Peer& p) { Put(p, Header(17, RecordKind::kData)); }},
    {"RecordOver4GiB", Outcome::kBreaks,
     [](Peer& p) { Put(p, Header(0xfffffff0, RecordKind::kData)); }},
    {"RecordLargerThanTheLane", Outcome::kBreaks,
     [](Peer& p) { Put(p, Header(kLaneBytes + 16, RecordKind::kData)); }},
    {"RecordOverTheEnd", Outcome::kBreaks,
     [](Peer& p) { Put(p, Header(kLaneBytes - 16, RecordKind::kData)); }},
    {"KindNone", Outcome::kBreaks, [](Peer& p) { Put(p, Header(32, RecordKind::kNone)); }},
    {"KindSeven", Outcome::kBreaks, [](Peer& p) { Put(p, Header(32, 7)); }},
    {"Kind255", Outcome::kBreaks, [](Peer& p) { Put(p, Header(32, 255)); }},
    {"UnknownFlag", Outcome::kBreaks, [](Peer& p) { Put(p, Header(32, RecordKind::kData, 2)); }},
    {"ReservedBits", Outcome::kBreaks,
     [](Peer& p) { Put(p, Header(32, RecordKind::kData) | uint64_t{1} << 63); }},
    {"AllOnes", Outcome::kBreaks, [](Peer& p) { Put(p, ~uint64_t{0}); }},
    {"PadThatEndsTooEarly", Outcome::kBreaks,
     [](Peer& p) { Put(p, Header(32, RecordKind::kPad)); }},
    {"PadsOnly", Outcome::kBreaks,
     [](Peer& p) {
       p.PutRecord(0, Header(kLaneBytes, RecordKind::kPad), 0, {}, 0);
       StartLaneAt(p, Peer::LaneWord(0));
     }},
    {"MovedToNowhere", Outcome::kBreaks, [](Peer& p) { Put(p, Header(16, RecordKind::kMoved)); }},
    {"ClosedByAMarkAlone", Outcome::kClosesOne,
     [](Peer& p) { Put(p, Header(16, RecordKind::kClosed)); }},
    {"GrowsToNowhere", Outcome::kBreaks, [](Peer& p) { Put(p, Header(16, RecordKind::kGrow)); }},
    {"GrowsIntoASegmentThatNeverComes", Outcome::kHarmless,
     [](Peer& p) { Put(p, Header(16, RecordKind::kGrow), Peer::Word(9, 4096, 12)); }},
    {"GrowsIntoALaneTooSmall", Outcome::kBreaks,
     [](Peer& p) { Put(p, Header(16, RecordKind::kGrow), Peer::Word(0, Peer::kBlockAt, 7)); }},
    {"GrowsIntoItself", Outcome::kBreaks,
     [](Peer& p) {
       p.PutRecord(0, Header(16, RecordKind::kGrow), Peer::LaneWord(0), {}, 0);
       StartLaneAt(p, Peer::LaneWord(0));
     }},
    {"ALaneWithoutAnEnd", Outcome::kHarmless,
     [](Peer& p) {
       for (uint64_t at = 0; at < kLaneBytes; at += 16) {
         p.segment().Word(Peer::kLaneAt[0] + at).store(Header(16, RecordKind::kData));
       }
       StartLaneAt(p, Peer::LaneWord(0));
     }},
    {"LanesThatGrowIntoEachOtherWithoutAnEnd", Outcome::kHarmless,
     [](Peer& p) {
       const uint64_t other = Peer::Word(0, Peer::kBlockAt, 12);
       p.PutRecord(0, Header(16, RecordKind::kData), 0, {}, 16);
       p.PutRecord(0, Header(16, RecordKind::kGrow), other, {}, 0);
       p.segment().Word(Peer::kBlockAt + 24).store(Peer::LaneWord(0));
       p.segment().Word(Peer::kBlockAt + 16).store(Header(16, RecordKind::kGrow));
       p.segment().Word(Peer::kBlockAt).store(Header(16, RecordKind::kData));
       StartLaneAt(p, Peer::LaneWord(0));
     }},
    {"ALaneWithoutAnEndIntoAClosedPortal", Outcome::kBreaks, MakeLaneWithoutAnEnd,
     VictimRole::kSinks},
    {"ALaneWithoutAnEndIntoAMergedPortal", Outcome::kAnything,
     [](Peer& p) {
       MakeLaneWithoutAnEnd(p);
       usleep(20'000);
     },
     VictimRole::kMerges},
    {"ALaneWithoutAnEndIntoAPortalSentOn", Outcome::kGrows,
     [](Peer& p) {
       usleep(5'000);  // the victim has sent it on
       MakeLaneWithoutAnEnd(p);
       usleep(20'000);
     },
     VictimRole::kSendsOn},
    {"ARecordOverTheEndIntoAMergedPortal", Outcome::kBreaks,
     [](Peer& p) { Put(p, Header(kLaneBytes - 16, RecordKind::kData)); }, VictimRole::kMerges},
    {"ARecordOfAnEarlierLap", Outcome::kHarmless,
     [](Peer& p) {
       p.PutParcel(0, "first lap, first record");
       p.segment().Word(Peer::kLaneAt[0] + p.position[0]).store(Header(48, RecordKind::kData));
       StartLaneAt(p, Peer::LaneWord(0));
     }},
};

const Attack kBodies[] = {
    {"PayloadLargerThanItsRecord", Outcome::kBreaks,
     [](Peer& p) {
       Put(p, Header(32, RecordKind::kData), RecordSecond{17, 0, 0}.Pack());
     }},
    {"PayloadOf4GiB", Outcome::kBreaks,
     [](Peer& p) {
       Put(p, Header(32, RecordKind::kData), RecordSecond{~0u, 0, 0}.Pack());
     }},
    {"HandlesWithoutTheFlag", Outcome::kBreaks,
     [](Peer& p) {
       Put(p, Header(128, RecordKind::kData), RecordSecond{0, 1, 0}.Pack());
     }},
    {"TheFlagWithoutItsHeader", Outcome::kBreaks,
     [](Peer& p) { Put(p, Header(16, RecordKind::kData, kRecordHasHandles)); }},
    {"DescriptorsBeyondTheRecord", Outcome::kBreaks,
     [](Peer& p) {
       Put(p, Header(96, RecordKind::kData, kRecordHasHandles), RecordSecond{0, 2, 0}.Pack());
     }},
    {"DescriptorsWithoutEnd", Outcome::kBreaks,
     [](Peer& p) {
       Put(p, Header(96, RecordKind::kData, kRecordHasHandles),
           RecordSecond{0, 0xffff, 0xffff}.Pack());
     }},
    {"ABlockOfNoBytes", Outcome::kBreaks,
     [](Peer& p) { PutBlock(p, Peer::Word(0, Peer::kBlockAt, 12), 0); }},
    {"ABlockOver1GiB", Outcome::kBreaks,
     [](Peer& p) { PutBlock(p, Peer::Word(0, Peer::kBlockAt, 12), (1 << 30) + 1); }},
    {"ABlockOf2To64Bytes", Outcome::kBreaks,
     [](Peer& p) { PutBlock(p, Peer::Word(0, Peer::kBlockAt, 12), ~uint64_t{0}); }},
    {"ABlockThatLeavesTheSegment", Outcome::kBreaks,
     [](Peer& p) { PutBlock(p, Peer::Word(0, Peer::kBlockAt, 12), 65537); }},
    {"ABlockBehindTheSegment", Outcome::kBreaks,
     [](Peer& p) { PutBlock(p, Peer::Word(0, Peer::kSegmentBytes + 64, 12), 1); }},
    {"ABlockOverTheHeader", Outcome::kBreaks,
     [](Peer& p) { PutBlock(p, Peer::Word(0, 0, 12), 100); }},
    {"ABlockNowhere", Outcome::kBreaks, [](Peer& p) { PutBlock(p, 0, 100); }},
    {"ABlockInASegmentThatNeverComes", Outcome::kHarmless,
     [](Peer& p) { PutBlock(p, Peer::Word(9, 4096, 12), 100); }},
    {"ABlockWithPayloadInTheRecord", Outcome::kBreaks,
     [](Peer& p) {
       PutBlock(p, Peer::Word(0, Peer::kBlockAt, 12), 100, RecordSecond{1, 0, 0}.Pack());
     }},
    {"ABlockWithoutItsName", Outcome::kBreaks,
     [](Peer& p) { Put(p, Header(16, RecordKind::kBlock)); }},
};

INSTANTIATE_TEST_SUITE_P(Lanes, RecordAttackTest, ::testing::ValuesIn(kLanes), NameOf<Attack>);
INSTANTIATE_TEST_SUITE_P(Headers, RecordAttackTest, ::testing::ValuesIn(kHeaders), NameOf<Attack>);
INSTANTIATE_TEST_SUITE_P(Bodies, RecordAttackTest, ::testing::ValuesIn(kBodies), NameOf<Attack>);

}  // namespace
}  // namespace ringway::testing
