// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Words in the block of a route end that cannot be, and words anywhere that
// change while they are looked at.

#include <unistd.h>

#include <chrono>
#include <cstring>

#include "tests/hostile/attack.h"

namespace ringway::testing {
namespace {

using Peer = HostilePeer;

class RouteEndAttackTest : public AttackTest<Attack> {};
class RaceAttackTest : public AttackTest<Attack> {};

TEST_P(RouteEndAttackTest, HarmsNothingElse) { MakeAttack(GetParam(), true); }
TEST_P(RaceAttackTest, HarmsNothingElse) { MakeAttack(GetParam(), true); }

// The victim has put `count` parcels into portal 0, or the link has ended.
void WaitForPuts(Peer& peer, uint64_t count) {
  while (!peer.ended() && peer.victims_end(0).producer.parcels < count) usleep(100);
}

const Attack kWords[] = {
    {"AHeadAheadOfWhatWasPut", Outcome::kBreaks,
     [](Peer& p) { p.end(0).consumer.head = uint64_t{1} << 40; }},
    {"AHeadBeforeTheFirst", Outcome::kHarmless,
     [](Peer& p) {
       p.end(0).consumer.head = ~uint64_t{0};
       WaitForPuts(p, 150);
     }},
    {"AHeadThatRunsBackwards", Outcome::kAnything,
     [](Peer& p) {
       WaitForPuts(p, 100);
       p.end(0).consumer.head = 1024;
       WaitForPuts(p, 150);
       p.end(0).consumer.head = 16;
       WaitForPuts(p, 190);
     }},
    {"MoreConsumedThanWasPut", Outcome::kHarmless,
     [](Peer& p) {
       p.end(0).consumer.parcels = ~uint64_t{0};
       p.end(0).consumer.bytes = ~uint64_t{0};
       WaitForPuts(p, 100);
     }},
    {"LessConsumedThanBefore", Outcome::kHarmless,
     [](Peer& p) {
       for (uint64_t i = 100; i != 0; --i) {
         p.end(0).consumer.parcels = i;
         p.end(0).consumer.bytes = i * 100;
         p.Ready(0);
         usleep(100);
       }
     }},
    {"MorePutThanWasPut", Outcome::kHarmless,
     [](Peer& p) {
       p.end(0).producer.parcels = ~uint64_t{0};
       p.end(0).producer.bytes = ~uint64_t{0};
       p.Ready(0);
     }},
    {"AnUnusedRouteEnd", Outcome::kHarmless,
     [](Peer& p) {
       p.end(0).attention.state = kRouteUnused;
       WaitForPuts(p, 50);
     }},
    {"AStateThatIsNone", Outcome::kHarmless,
     [](Peer& p) {
       p.end(0).attention.state = ~0u;
       p.Ready(0);
       WaitForPuts(p, 50);
     }},
    {"ClosedWithoutAMark", Outcome::kClosesOne,
     [](Peer& p) {
       p.StartLane(0);
       p.PutParcel(0, "the last");
       p.end(0).attention.state = kRouteClosed;
       p.Ready(0);
     }},
    {"ArmedWithOnes", Outcome::kHarmless,
     [](Peer& p) {
       AttentionLine& line = p.end(0).attention;
       line.readers = line.writers = ~uint64_t{0};
       WaitForPuts(p, 100);
     }},
    {"ArmedForEverythingAgainAndAgain", Outcome::kHarmless,
     [](Peer& p) {
       AttentionLine& line = p.end(0).attention;
       p.StartLane(0);
       for (uint64_t i = 1; i < 2000; ++i) {
         line.readers = line.writers = (i << 32 | i) * 2 + (uint64_t{1} << 32 | 1);
         if (i % 16 == 0 && i < 1000) p.PutParcel(0, "x");
         if (i % 32 == 0) usleep(100);
       }
     }},
    {"AnswersThatNobodyAskedFor", Outcome::kHarmless,
     [](Peer& p) {
       for (uint32_t i = 0; i < 2000; ++i) {
         p.end(0).producer.readers_answered = i;
         p.end(0).consumer.writers_answered = ~i;
         if (i % 32 == 0) usleep(100);
       }
     }},
    {"ReservedWordsOfOnes", Outcome::kHarmless,
     [](Peer& p) {
       p.end(0).attention.hops = ~0u;
       for (uint32_t& word : p.end(0).consumer.reserved) word = ~0u;
       p.end(0).producer.lane = ~uint64_t{0};
       p.end(0).producer.omits_fence = ~0u;
       for (uint64_t& word : p.end(0).producer.reserved) word = ~uint64_t{0};
       std::memset(static_cast<void*>(&p.segment().header().link_line), 0xff, sizeof(LinkLine));
       p.segment().header().link = ~uint64_t{0};
     }},
};

// Calls `flip` again and again while the victim looks.
template <class Flip>
void Flipping(Peer& peer, Flip flip) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(60);
  for (uint64_t i = 0; std::chrono::steady_clock::now() < end && !peer.ended(); ++i) {
    if (i % 4096 == 0) peer.Ready(0);
    flip(i);
  }
}

// A lane full of records of 64 bytes, so that the victim is never done.
std::atomic<uint64_t>& HeaderOf(Peer& peer, uint64_t record) {
  return peer.segment().Word(Peer::kLaneAt[0] + record % 64 * 64);
}
std::atomic<uint64_t>& SecondOf(Peer& peer, uint64_t record) {
  return peer.segment().Word(Peer::kLaneAt[0] + record % 64 * 64 + 8);
}
std::atomic<uint64_t>& BodyOf(Peer& peer, uint64_t record, uint64_t word) {
  return peer.segment().Word(Peer::kLaneAt[0] + record % 64 * 64 + 16 + 8 * word);
}
void FillLane(Peer& peer, RecordHeader header, RecordSecond second) {
  for (uint64_t i = 0; i < 64; ++i) {
    SecondOf(peer, i) = second.Pack();
    HeaderOf(peer, i) = header.Pack();
  }
}

const Attack kRaces[] = {
    {"PayloadSizes", Outcome::kAnything,
     [](Peer& p) {
       FillLane(p, {64, RecordKind::kData, 0}, {48, 0, 0});
       p.StartLane(0);
       Flipping(p, [&](uint64_t i) {
         SecondOf(p, i) = RecordSecond{i / 64 % 2 == 0 ? 0u : 48u, 0, 0}.Pack();
       });
     }},
    {"PayloadSizesThatCannotBe", Outcome::kAnything,
     [](Peer& p) {
       FillLane(p, {64, RecordKind::kData, 0}, {48, 0, 0});
       p.StartLane(0);
       Flipping(p, [&](uint64_t i) {
         SecondOf(p, i) = RecordSecond{i % 63 == 0 ? ~0u : 48u, 0, 0}.Pack();
       });
     }},
    {"Headers", Outcome::kAnything,
     [](Peer& p) {
       FillLane(p, {64, RecordKind::kData, 0}, {16, 0, 0});
       p.StartLane(0);
       Flipping(p, [&](uint64_t i) {
         HeaderOf(p, i) = RecordHeader{i / 64 % 3 == 0 ? 4096u : 64u, RecordKind::kData, 0}.Pack();
       });
     }},
    {"Kinds", Outcome::kAnything,
     [](Peer& p) {
       FillLane(p, {64, RecordKind::kData, 0}, {16, 0, 0});
       p.StartLane(0);
       Flipping(p, [&](uint64_t i) {
         HeaderOf(p, i) = RecordHeader{64, static_cast<RecordKind>(1 + i / 64 % 2), 0}.Pack();
         BodyOf(p, i, 0) = Peer::Word(0, Peer::kBlockAt, 12);
         BodyOf(p, i, 1) = 4096;
       });
     }},
    {"BlockNames", Outcome::kAnything,
     [](Peer& p) {
       FillLane(p, {64, RecordKind::kBlock, 0}, {0, 0, 0});
       p.StartLane(0);
       Flipping(p, [&](uint64_t i) {
         const bool good = i / 64 % 2 == 0;
         BodyOf(p, i, 0) = Peer::Word(0, good ? Peer::kBlockAt : Peer::kSegmentBytes - 64, 12);
         BodyOf(p, i, 1) = good ? 65536 : 64;
       });
     }},
    {"GrowMarks", Outcome::kAnything,
     [](Peer& p) {
       FillLane(p, {64, RecordKind::kData, 0}, {16, 0, 0});
       p.StartLane(0);
       Flipping(p, [&](uint64_t i) {
         SecondOf(p, i) = i % 3 == 0 ? Peer::LaneWord(0) : RecordSecond{16, 0, 0}.Pack();
         HeaderOf(p, i) = RecordHeader{i % 64 == 0 ? 16u : 64u,
                                       i % 64 == 0 ? RecordKind::kGrow : RecordKind::kData, 0}
                              .Pack();
       });
     }},
    {"HandleCounts", Outcome::kAnything,
     [](Peer& p) {
       FillLane(p, {64, RecordKind::kData, kRecordHasHandles}, {0, 0, 0});
       p.StartLane(0);
       Flipping(p, [&](uint64_t i) {
         SecondOf(p, i) = RecordSecond{0, static_cast<uint16_t>(i % 2), 0}.Pack();
         HeaderOf(p, i) =
             RecordHeader{i % 2 == 0 ? 64u : 128u, RecordKind::kData, kRecordHasHandles}.Pack();
         BodyOf(p, i, 2) = kDescribesPortal | uint64_t{17 + i % 64 * 2} << 32;
       });
     }},
    {"States", Outcome::kAnything,
     [](Peer& p) {
       FillLane(p, {64, RecordKind::kData, 0}, {16, 0, 0});
       p.StartLane(0);
       Flipping(p, [&](uint64_t i) {
         p.end(0).attention.state = static_cast<uint32_t>(i % 4);
         HeaderOf(p, i / 64) = i % 2 == 0 ? 0 : RecordHeader{64, RecordKind::kData, 0}.Pack();
       });
     }},
    {"FirstLanes", Outcome::kAnything,
     [](Peer& p) {
       Flipping(p, [&](uint64_t i) {
         p.end(0).attention.first_lane =
             Peer::Word(0, Peer::kLaneAt[0], i % 64 == 63 ? 12 : 0) * (i % 2);
       });
     }},
    {"HeadsAndTotals", Outcome::kAnything,
     [](Peer& p) {
       Flipping(p, [&](uint64_t i) {
         p.end(0).consumer.head = i % 65536 == 65535 ? i : i % 128;
         p.end(0).consumer.parcels = i * 0x9e3779b97f4a7c15;
         p.end(0).consumer.bytes = ~i;
       });
     }},
    {"WakeWords", Outcome::kAnything,
     [](Peer& p) {
       FillLane(p, {64, RecordKind::kData, 0}, {16, 0, 0});
       p.StartLane(0);
       Flipping(p, [&](uint64_t i) {
         AttentionLine& line = p.end(0).attention;
         line.readers = i * 0x9e3779b97f4a7c15;
         line.writers = ~i * 0x9e3779b97f4a7c15;
         line.trap_parcels = line.watch_bytes = i % 3 == 0 ? kNever : 0;
         if (i % 64 == 0) usleep(10);
       });
     }},
};

INSTANTIATE_TEST_SUITE_P(Words, RouteEndAttackTest, ::testing::ValuesIn(kWords), NameOf<Attack>);
INSTANTIATE_TEST_SUITE_P(Races, RaceAttackTest, ::testing::ValuesIn(kRaces), NameOf<Attack>);

}  // namespace
}  // namespace ringway::testing
