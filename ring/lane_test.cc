// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Covers LaneWriter and LaneReader in one thread: what they write and find, when a lane is full,
// and what they refuse. Two threads: lane_stress_test.cc. Orders: tests/model. Deaths: tests/crash.

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <ostream>
#include <string>

#include "ring/lane_memory.h"
#include "ring/lane_reader.h"
#include "ring/lane_writer.h"
#include "ring/ring_layout.h"

namespace ringway {
namespace {

constexpr uint64_t kCapacity = 256;

// Bytes for a lane, full of what looks like records of an earlier use.
struct DirtyBytes {
  DirtyBytes() {
    const uint64_t stale = RecordHeader{32, RecordKind::kData, 0}.Pack();
    for (uint64_t at = 0; at != kCapacity; at += 8) std::memcpy(&bytes[at], &stale, 8);
  }
  LaneMemory memory() const { return LaneMemory(bytes.data(), bytes.size()); }

  alignas(64) std::array<std::byte, kCapacity> bytes;
};

class LaneTest : public testing::Test {
 protected:
  LaneTest() : LaneTest(0) {}
  explicit LaneTest(uint64_t base)
      : head(base), position(base), writer(lane.memory(), base), reader(lane.memory(), base) {}

  ReserveResult Reserve(uint64_t bytes, uint64_t* offset) {
    uint64_t here = 0;
    const bool at_once = writer.ReserveHere(bytes, &here);
    const ReserveResult result = writer.Reserve(
        bytes, [this] { return head; }, offset);
    EXPECT_TRUE(!at_once || (result == ReserveResult::kOk && *offset == here));
    return result;
  }

  ReserveResult Put(uint64_t bytes, uint64_t tag) {
    uint64_t offset = 0;
    const ReserveResult result = Reserve(bytes, &offset);
    if (result == ReserveResult::kOk) writer.Commit(offset, bytes, RecordKind::kData, 0, tag);
    return result;
  }

  PeekResult Peek() { return reader.Peek(&position, &record); }

  // Takes the next record and gives its tag; fails the test when there is none.
  uint64_t Get() {
    const PeekResult result = Peek();
    EXPECT_EQ(result, PeekResult::kRecord);
    if (result != PeekResult::kRecord) return ~uint64_t{0};
    head = position = record.end();
    return record.second;
  }

  DirtyBytes lane;
  uint64_t head;
  uint64_t position;
  LaneWriter writer;
  LaneReader reader;
  LaneRecord record;
};

TEST(RecordHeaderTest, PackAndUnpackRoundTrip) {
  for (const uint32_t bytes : {0u, 16u, 0x7fff'fff0u, 0xffff'ffffu}) {
    for (int kind = 0; kind <= kRecordKindLast; ++kind) {
      for (const int flags : {0, 1, 0xff}) {
        const RecordHeader in{bytes, static_cast<RecordKind>(kind), static_cast<uint8_t>(flags)};
        const RecordHeader out = RecordHeader::Unpack(in.Pack());
        EXPECT_EQ(out.bytes, in.bytes);
        EXPECT_EQ(out.kind, in.kind);
        EXPECT_EQ(out.flags, in.flags);
        EXPECT_EQ(out.Pack(), in.Pack());
      }
    }
  }
}

TEST(RecordHeaderTest, AlignsUpToTheRecordGrain) {
  EXPECT_EQ(AlignRecord(0), 0u);
  EXPECT_EQ(AlignRecord(1), 16u);
  EXPECT_EQ(AlignRecord(16), 16u);
  EXPECT_EQ(AlignRecord(17), 32u);
}

TEST(LaneRefTest, PackAndUnpackRoundTripAtTheLimits) {
  const uint64_t offset_max = ((uint64_t{1} << 32) - 1) * LaneRef::kOffsetUnit;
  for (const uint32_t segment : {0u, 1u, LaneRef::kSegmentMax}) {
    for (const uint64_t offset : {uint64_t{0}, LaneRef::kOffsetUnit, offset_max}) {
      for (const uint32_t log2 : {1u, 8u, 30u, 63u}) {
        const LaneRef out = LaneRef::Unpack(LaneRef{segment, offset, log2}.Pack());
        EXPECT_EQ(out.segment, segment);
        EXPECT_EQ(out.offset, offset);
        EXPECT_EQ(out.log2_capacity, log2);
      }
    }
  }
}

TEST_F(LaneTest, StartsEmptyOnDirtyBytes) { EXPECT_EQ(Peek(), PeekResult::kEmpty); }

TEST_F(LaneTest, DeliversRecordsInOrderWithAllTheirFields) {
  uint64_t offset = 0;
  ASSERT_EQ(Reserve(48, &offset), ReserveResult::kOk);
  std::memcpy(writer.memory().At(offset + kRecordPrefixBytes), "payload", 8);
  writer.Commit(offset, 48, RecordKind::kBlock, kRecordHasHandles, 7);
  ASSERT_EQ(Put(16, 8), ReserveResult::kOk);

  ASSERT_EQ(Peek(), PeekResult::kRecord);
  EXPECT_EQ(record.header.kind, RecordKind::kBlock);
  EXPECT_EQ(record.header.flags, kRecordHasHandles);
  EXPECT_EQ(record.header.bytes, 48u);
  EXPECT_EQ(record.second, 7u);
  EXPECT_EQ(record.position, 0u);
  EXPECT_STREQ(reinterpret_cast<const char*>(reader.memory().At(record.offset + 16)), "payload");
  EXPECT_EQ(Get(), 7u);
  EXPECT_EQ(Get(), 8u);
  EXPECT_EQ(Peek(), PeekResult::kEmpty);
}

TEST_F(LaneTest, CommitsLessThanWasReserved) {
  uint64_t offset = 0;
  ASSERT_EQ(Reserve(128, &offset), ReserveResult::kOk);
  std::memset(writer.memory().At(offset + 16), 0xff, 112);  // the application used all of it
  writer.Commit(offset, 32, RecordKind::kData, 0, 1);
  EXPECT_EQ(writer.position(), 32u);
  EXPECT_EQ(Get(), 1u);
  EXPECT_EQ(Peek(), PeekResult::kEmpty);
}

TEST_F(LaneTest, LoadsTheHeadOnlyWhenTheLaneLooksFull) {
  int loads = 0;
  uint64_t offset = 0;
  const auto load = [&] { return ++loads, head; };
  for (int i = 0; i != 5; ++i) {
    ASSERT_EQ(writer.Reserve(48, load, &offset), ReserveResult::kOk);
    writer.Commit(offset, 48, RecordKind::kData, 0, 0);
  }
  EXPECT_EQ(loads, 0);
  EXPECT_EQ(writer.Reserve(48, load, &offset), ReserveResult::kFull);
  EXPECT_EQ(loads, 1);
}

TEST_F(LaneTest, IsFullUntilTheHeadMovesAndKeepsTheReserve) {
  ASSERT_EQ(Put(128, 1), ReserveResult::kOk);
  ASSERT_EQ(Put(112, 2), ReserveResult::kOk);  // 240 of 256: only the end mark's place is left
  EXPECT_EQ(Put(16, 3), ReserveResult::kFull);
  EXPECT_EQ(Get(), 1u);
  EXPECT_EQ(Put(16, 3), ReserveResult::kOk);
  EXPECT_EQ(Get(), 2u);
  EXPECT_EQ(Get(), 3u);
}

TEST_F(LaneTest, PadsWhatARecordCannotUse) {
  ASSERT_EQ(Put(112, 1), ReserveResult::kOk);
  ASSERT_EQ(Put(112, 2), ReserveResult::kOk);  // 32 bytes to the end
  EXPECT_EQ(Get(), 1u);
  ASSERT_EQ(Put(48, 3), ReserveResult::kOk);
  EXPECT_EQ(writer.position(), kCapacity + 48);
  EXPECT_EQ(Get(), 2u);
  EXPECT_EQ(Get(), 3u);
  EXPECT_EQ(record.position, kCapacity);
  EXPECT_EQ(record.offset, 0u);
}

TEST_F(LaneTest, StepsOverAPadThatNothingFollowsYet) {
  ASSERT_EQ(Put(112, 1), ReserveResult::kOk);
  ASSERT_EQ(Put(112, 2), ReserveResult::kOk);
  EXPECT_EQ(Get(), 1u);
  EXPECT_EQ(Get(), 2u);
  uint64_t offset = 0;
  ASSERT_EQ(Reserve(48, &offset), ReserveResult::kOk);  // pads, and then is given up
  EXPECT_EQ(Peek(), PeekResult::kEmpty);
  EXPECT_EQ(position, kCapacity);
  ASSERT_EQ(Put(96, 3), ReserveResult::kOk);
  EXPECT_EQ(Get(), 3u);
}

TEST_F(LaneTest, FillsTheLaneExactlyWithoutAPad) {
  for (uint64_t lap = 0; lap != 4; ++lap) {
    ASSERT_EQ(Put(128, lap), ReserveResult::kOk);
    EXPECT_EQ(Get(), lap);
    ASSERT_EQ(Put(128, lap), ReserveResult::kOk);
    EXPECT_EQ(writer.position(), (lap + 1) * kCapacity);
    EXPECT_EQ(Get(), lap);
    EXPECT_EQ(Peek(), PeekResult::kEmpty);
  }
}

TEST_F(LaneTest, TakesTheLargestRecordAtEveryOffsetOnceEmpty) {
  for (uint64_t tag = 0; tag != 64; ++tag) {
    ASSERT_EQ(Put(LaneWriter::RecordBytesMax(kCapacity), tag), ReserveResult::kOk) << tag;
    ASSERT_EQ(Get(), tag);
    ASSERT_EQ(Put(16, tag), ReserveResult::kOk);
    ASSERT_EQ(Get(), tag);
  }
}

// Every way to fill a lane with two sizes, from every offset, ended by each mark.
TEST_F(LaneTest, EndMarksAlwaysFit) {
  const RecordKind marks[] = {RecordKind::kMoved, RecordKind::kClosed, RecordKind::kGrow};
  int lanes = 0;
  for (uint64_t start = 16; start <= 128; start += 16) {
    for (uint64_t laps = 0; laps != 16; ++laps) {
      for (uint64_t bytes = 16; bytes <= 128; bytes += 16) {
        const RecordKind mark = marks[lanes++ % 3];
        DirtyBytes bytes_of_lane;
        writer = LaneWriter(bytes_of_lane.memory(), 0);
        reader = LaneReader(bytes_of_lane.memory(), 0);
        head = position = 0;
        for (uint64_t i = 0; i != laps; ++i) {
          ASSERT_EQ(Put(start, i), ReserveResult::kOk);
          ASSERT_EQ(Get(), i);
        }
        uint64_t count = 0;
        while (Put(bytes, count) == ReserveResult::kOk) ++count;
        ASSERT_GT(count, 0u);
        writer.End(mark, 77);
        for (uint64_t i = 0; i != count; ++i) ASSERT_EQ(Get(), i);
        ASSERT_EQ(Get(), 77u);
        ASSERT_EQ(record.header.kind, mark);
        ASSERT_EQ(record.end(), writer.position());
      }
    }
  }
  RecordProperty("lanes", lanes);
}

TEST_F(LaneTest, GoesOnInASuccessorLaneAtTheNextPosition) {
  while (Put(32, 1) == ReserveResult::kOk) continue;
  const uint64_t base = writer.position() + kEndMarkBytes;
  DirtyBytes successor;
  const LaneWriter next(successor.memory(), base);
  writer.End(RecordKind::kGrow, 5);
  EXPECT_EQ(writer.position(), base);
  writer = next;
  EXPECT_EQ(writer.position(), base);

  // The head is still in the first lane: all of the second is usable.
  for (const uint64_t bytes : {128, 112}) ASSERT_EQ(Put(bytes, bytes), ReserveResult::kOk);
  EXPECT_EQ(Put(16, 0), ReserveResult::kFull);

  while (Get() == 1) continue;
  EXPECT_EQ(record.header.kind, RecordKind::kGrow);
  EXPECT_EQ(record.second, 5u);
  EXPECT_EQ(position, base);
  EXPECT_EQ(Put(16, 0), ReserveResult::kFull);  // the head stands at the successor's start
  reader = LaneReader(successor.memory(), position);
  EXPECT_EQ(Get(), 128u);
  EXPECT_EQ(Put(96, 3), ReserveResult::kOk);
  EXPECT_EQ(Get(), 112u);
  EXPECT_EQ(Get(), 3u);
}

TEST_F(LaneTest, ShowsNothingOfABatchBeforeItIsPublished) {
  for (const bool ends : {false, true}) {
    for (int lap = 0; lap != 8; ++lap) {  // the batch meets the end of the lane in all ways
      uint64_t offset = 0;
      for (const uint64_t tag : {1, 2, 3}) {
        ASSERT_EQ(Reserve(64, &offset), ReserveResult::kOk);
        writer.PutAside(offset, tag == 2 ? 48 : 64, RecordKind::kData, 0, tag);
        ASSERT_EQ(Peek(), PeekResult::kEmpty);  // having stepped over a pad at most
      }
      if (ends && lap == 7) {
        writer.End(RecordKind::kClosed, 9);
      } else {
        writer.Publish();
      }
      for (const uint64_t tag : {1, 2, 3}) ASSERT_EQ(Get(), tag);
    }
    if (ends) {
      EXPECT_EQ(Get(), 9u);
    } else {
      writer.Publish();  // of nothing
      EXPECT_EQ(Peek(), PeekResult::kEmpty);
    }
  }
}

TEST_F(LaneTest, RefusesAHeadAheadOfTheWriter) {
  while (Put(16, 0) == ReserveResult::kOk) continue;
  for (const uint64_t lie : {writer.position() + 1, writer.position() + 16, ~uint64_t{0}}) {
    head = lie;
    EXPECT_EQ(Put(16, 0), ReserveResult::kPeerBroken) << lie;
  }
}

TEST_F(LaneTest, RefusesAHeadThatRunsBackwards) {
  while (Put(16, 0) == ReserveResult::kOk) continue;
  head = 64;
  while (Put(16, 0) == ReserveResult::kOk) continue;
  head = 48;
  EXPECT_EQ(Put(16, 0), ReserveResult::kPeerBroken);
}

struct HostileHeader {
  const char* name;
  uint64_t at;  // offset of the header; at offset 0 there is a pad of the whole lane
  uint64_t word;
};

void PrintTo(const HostileHeader& header, std::ostream* out) { *out << header.name; }

class HostileHeaderTest : public LaneTest, public testing::WithParamInterface<HostileHeader> {};

TEST_P(HostileHeaderTest, RefusesIt) {
  head = position = GetParam().at;
  lane.memory().StoreHeader(0, RecordHeader{256, RecordKind::kPad, 0}.Pack(),
                            std::memory_order_relaxed);
  lane.memory().StoreHeader(GetParam().at, GetParam().word, std::memory_order_release);
  EXPECT_EQ(Peek(), PeekResult::kPeerBroken);
}

uint64_t Word(uint64_t bytes, uint64_t kind, uint64_t flags) {
  return bytes | kind << 32 | flags << 40;
}

INSTANTIATE_TEST_SUITE_P(
    LaneReaderTest, HostileHeaderTest,
    testing::Values(HostileHeader{"LengthZero", 64, Word(0, 1, 0)},
                    HostileHeader{"LengthBelowThePrefix", 64, Word(8, 1, 0)},
                    HostileHeader{"LengthMisaligned", 64, Word(40, 1, 0)},
                    HostileHeader{"LengthPastTheEnd", 64, Word(208, 1, 0)},
                    HostileHeader{"LengthHuge", 64, Word(0xffff'fff0, 1, 0)},
                    HostileHeader{"LengthPastTheEndAtTheLastRecord", 240, Word(32, 1, 0)},
                    HostileHeader{"KindNone", 64, Word(32, 0, 0)},
                    HostileHeader{"KindUnknown", 64, Word(32, kRecordKindLast + 1, 0)},
                    HostileHeader{"KindAllOnes", 64, Word(32, 0xff, 0)},
                    HostileHeader{"FlagUnknown", 64, Word(32, 1, 2)},
                    HostileHeader{"FlagsAllOnes", 64, Word(32, 1, 0xff)},
                    HostileHeader{"ReservedBits", 64, Word(32, 1, 0) | uint64_t{1} << 48},
                    HostileHeader{"ReservedTopBit", 64, Word(32, 1, 0) | uint64_t{1} << 63},
                    HostileHeader{"OnlyReservedBits", 64, uint64_t{1} << 48},
                    HostileHeader{"PadShortOfTheEnd", 64, Word(32, 3, 0)},
                    HostileHeader{"PadPastTheEnd", 64, Word(256, 3, 0)},
                    HostileHeader{"PadThenPad", 64, Word(192, 3, 0)},
                    HostileHeader{"PadOfAllTheLane", 0, Word(256, 3, 0)}),
    [](const testing::TestParamInfo<HostileHeader>& info) { return std::string(info.param.name); });

// The same run of records wherever positions begin, over several laps and a successor lane.
class LanePositionTest : public LaneTest, public testing::WithParamInterface<uint64_t> {
 protected:
  LanePositionTest() : LaneTest(GetParam()) {}
};

TEST_P(LanePositionTest, AnyPositionServes) {
  DirtyBytes lanes[4];
  uint64_t put = 0;
  uint64_t got = 0;
  for (const DirtyBytes& next : lanes) {
    for (int turn = 0; turn != 64; ++turn) {
      while (Put(16 + put * 48 % 128 / 16 * 16, put) == ReserveResult::kOk) ++put;
      for (uint64_t i = turn % 3 + 1; i != 0 && got != put; --i) ASSERT_EQ(Get(), got++);
      ASSERT_LE(writer.position() - head, kCapacity);
    }
    while (Put(16, put) == ReserveResult::kOk) ++put;  // the writer has seen the head
    const uint64_t honest = head;
    for (const uint64_t lie : {writer.position() + 16, head - 16, head + (uint64_t{1} << 63)}) {
      head = lie;
      ASSERT_EQ(Put(128, 0), ReserveResult::kPeerBroken) << lie;
    }
    head = honest;
    const uint64_t end = writer.position() + kEndMarkBytes;
    const LaneWriter successor(next.memory(), end);  // ready before the mark is out
    writer.End(RecordKind::kGrow, ~put);
    ASSERT_EQ(writer.position(), end);
    writer = successor;
    while (Put(32, put) == ReserveResult::kOk) ++put;  // with the head in the old lane
    for (uint64_t tag = Get(); record.header.kind != RecordKind::kGrow; tag = Get()) {
      ASSERT_EQ(tag, got++);
    }
    ASSERT_EQ(position, end);
    reader = LaneReader(next.memory(), end);
  }
  ASSERT_GT(position - GetParam(), 4096u);
}

constexpr uint64_t kTwo32 = uint64_t{1} << 32;
INSTANTIATE_TEST_SUITE_P(Near, LanePositionTest,
                         testing::Values(0, 48, kTwo32 - 2048, kTwo32 / 2 - 2048,
                                         (uint64_t{1} << 63) - 2048, 0 - uint64_t{2048},
                                         0 - uint64_t{16}, 0 - uint64_t{6000}));

}  // namespace
}  // namespace ringway
