// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Two threads, two million checksummed records of random sizes, in batches and alone, over lanes
// that are recycled dirty: nothing lost, doubled, reordered or half. On one mapping, so that TSan
// sees it.

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "ring/lane_memory.h"
#include "ring/lane_reader.h"
#include "ring/lane_writer.h"
#include "ring/ring_layout.h"

namespace ringway {
namespace {

constexpr uint64_t kRecords = 2'000'000;
constexpr uint64_t kBase = 0 - (uint64_t{1} << 20);  // positions wrap after a megabyte

uint64_t Mix(uint64_t x) {
  x = (x ^ x >> 31) * 0x7fb5d329728ea185;
  x = (x ^ x >> 27) * 0x81dadef4bc2dd44d;
  return x ^ x >> 33;
}

// Words of payload of record `number`, the last a checksum: 0..39.
uint64_t PayloadWords(uint64_t number) { return Mix(number) % (number % 16 == 0 ? 40 : 6); }

// The memory of all lanes, and what the two sides tell each other.
class Route {
 public:
  Route() {
    uint64_t bytes = 256;
    for (std::vector<uint64_t>& lane : lanes_) {
      lane.assign(bytes / 8, RecordHeader{32, RecordKind::kData, 0}.Pack());
      bytes *= 4;
    }
  }

  static constexpr uint64_t kLanes = 4;  // 256 bytes to 16 KiB
  LaneMemory memory(uint64_t lane) const {
    return LaneMemory(lanes_[lane].data(), lanes_[lane].size() * 8);
  }

  std::atomic<uint64_t> head{kBase};

 private:
  std::array<std::vector<uint64_t>, kLanes> lanes_;
};

class Producer {
 public:
  explicit Producer(Route* route) : route_(route), writer_(route->memory(0), kBase) {
    ends_.fill(kBase);
  }

  void Run() {
    for (uint64_t number = 0; number != kRecords; ++number) Put(number);
    writer_.End(RecordKind::kClosed, 0);
  }

  uint64_t grown() const { return grown_; }

 private:
  void Put(uint64_t number) {
    const uint64_t words = PayloadWords(number);
    const uint64_t bytes = AlignRecord(kRecordPrefixBytes + words * 8);
    uint64_t offset = 0;
    if (Mix(~number) % 256 == 0) Grow();
    while (bytes > LaneWriter::RecordBytesMax(writer_.capacity()) || !Reserve(bytes, &offset)) {
      writer_.Publish();
      // Now and then the next lane instead of waiting; each lane is used many times.
      if (bytes > LaneWriter::RecordBytesMax(writer_.capacity()) || Mix(++turns_) % 64 == 0) Grow();
      std::this_thread::yield();
    }
    uint64_t sum = number;
    for (uint64_t i = 0; i + 1 < words; ++i) {
      const uint64_t word = Mix(number + i);
      sum += word;
      std::memcpy(writer_.memory().At(offset + kRecordPrefixBytes + i * 8), &word, 8);
    }
    if (words != 0) {
      std::memcpy(writer_.memory().At(offset + kRecordPrefixBytes + (words - 1) * 8), &sum, 8);
    }
    writer_.PutAside(offset, bytes, RecordKind::kData, words & 1, number);
    if (Mix(number) >> 60 < 12) writer_.Publish();
  }

  bool Reserve(uint64_t bytes, uint64_t* offset) {
    // [lane.head] Pairs with Consumer::Run(): it read the bytes before we write over them.
    const auto load = [this] { return route_->head.load(std::memory_order_acquire); };
    if (writer_.ReserveHere(bytes, offset)) return true;
    const ReserveResult result = writer_.Reserve(bytes, load, offset);
    EXPECT_NE(result, ReserveResult::kPeerBroken);
    return result == ReserveResult::kOk;
  }

  // To the next lane, once the consumer has left it.
  void Grow() {
    const uint64_t next = (lane_ + 1) % Route::kLanes;
    const uint64_t head = route_->head.load(std::memory_order_acquire);  // [lane.head] as above
    if (head - kBase < ends_[next] - kBase) return;
    // Ready before the mark is out.
    const LaneWriter successor(route_->memory(next), writer_.position() + kEndMarkBytes);
    writer_.End(RecordKind::kGrow, next);
    ends_[lane_] = writer_.position();
    lane_ = next;
    writer_ = successor;
    ++grown_;
  }

  Route* route_;
  LaneWriter writer_;
  uint64_t lane_ = 0;
  std::array<uint64_t, Route::kLanes> ends_;  // where each lane's last use ended
  uint64_t turns_ = 0;
  uint64_t grown_ = 0;
};

class Consumer {
 public:
  explicit Consumer(Route* route) : route_(route), reader_(route->memory(0), kBase) {}

  void Run() {
    for (;;) {
      LaneRecord record;
      const PeekResult result = reader_.Peek(&position_, &record);
      ASSERT_NE(result, PeekResult::kPeerBroken);
      if (result == PeekResult::kEmpty) {
        std::this_thread::yield();
        continue;
      }
      if (record.header.kind == RecordKind::kClosed) return;
      if (record.header.kind == RecordKind::kData) Check(record);
      if (testing::Test::HasFatalFailure()) return;
      position_ = record.end();
      if (record.header.kind == RecordKind::kGrow) {
        reader_ = LaneReader(route_->memory(record.second), position_);
      }
      // [lane.head] Pairs with Producer::Reserve().
      if (count_ % 4 != 1) route_->head.store(position_, std::memory_order_release);
    }
  }

  uint64_t count() const { return count_; }
  uint64_t position() const { return position_; }

 private:
  void Check(const LaneRecord& record) {
    const uint64_t number = count_++;
    const uint64_t words = PayloadWords(number);
    ASSERT_EQ(record.second, number);
    ASSERT_EQ(record.header.bytes, AlignRecord(kRecordPrefixBytes + words * 8));
    ASSERT_EQ(record.header.flags, words & 1);
    uint64_t payload[40];
    std::memcpy(payload, reader_.memory().At(record.offset + kRecordPrefixBytes), words * 8);
    uint64_t sum = number;
    for (uint64_t i = 0; i + 1 < words; ++i) {
      ASSERT_EQ(payload[i], Mix(number + i));
      sum += payload[i];
    }
    ASSERT_TRUE(words == 0 || payload[words - 1] == sum);
  }

  Route* route_;
  LaneReader reader_;
  uint64_t position_ = kBase;
  uint64_t count_ = 0;
};

TEST(LaneStressTest, TwoThreadsLoseAndDoubleNothing) {
  Route route;
  Producer producer(&route);
  Consumer consumer(&route);
  std::thread thread([&] { producer.Run(); });
  consumer.Run();
  if (testing::Test::HasFatalFailure()) std::_Exit(1);  // the producer may wait for ever
  thread.join();

  EXPECT_EQ(consumer.count(), kRecords);
  EXPECT_LT(consumer.position(), kBase) << "positions have wrapped";
  EXPECT_GT(producer.grown(), 100u);
  std::printf("records: %lu, lanes begun: %lu, bytes: %lu\n", consumer.count(), producer.grown(),
              consumer.position() - kBase);
}

}  // namespace
}  // namespace ringway
