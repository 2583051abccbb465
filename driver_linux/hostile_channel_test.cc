// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

// A peer that lies in the memory it shares, or about it. It can end its own link and nothing else.

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "driver_linux/channel_layout.h"
#include "driver_linux/hostile_fixture.h"
#include "ring/ring_layout.h"
#include "shm/memfd.h"

namespace ringway::driver::testing {
namespace {

constexpr size_t kMemoryBytes = kChannelLaneOffset + (size_t{1} << kChannelLaneLog2First);

class HostileChannelTest : public HostilePeerTest {
 protected:
  static std::string Flags(uint16_t type, uint32_t flags = 0) {
    return Bytes({kFrameMagic, kWireVersion, type, 0, flags, 0});
  }
  static std::string Message() {
    return Bytes({kFrameMagic, kWireVersion, kFrameMessage, 0, 0, 0});
  }

  void Offer(UniqueFd memory, uint32_t lane_log2 = kChannelLaneLog2First) {
    const ChannelOffer offer = {lane_log2, 0};
    const std::string body(reinterpret_cast<const char*>(&offer), sizeof(offer));
    std::vector<UniqueFd> descriptors;
    descriptors.push_back(std::move(memory));
    Send(Bytes({kFrameMagic, kWireVersion, kFrameOffer, 1, 0, sizeof(offer)}) + body, descriptors);
  }

  // Memory as it should be.
  UniqueFd GoodMemory() {
    OsResult<OwnedMemory> owned = Memfd::CreateOwned(kMemoryBytes);
    EXPECT_TRUE(owned.ok());
    memory_ = std::move(owned->mapping);
    header()->magic = kChannelMagic;
    return owned->memfd.TakeFd();
  }

  ChannelHeader* header() { return static_cast<ChannelHeader*>(memory_.address()); }

  // Up to where the victim reads our lane and writes its own.
  void Open() {
    Send(Hello(kWireVersion, kHelloActive));
    Offer(GoodMemory());
    Send(Flags(kFrameAnswer, kAnswerYes) + Flags(kFrameSwitch));
  }

  void PutRecord(uint64_t word, uint64_t second, size_t at = 0) {
    auto* words = reinterpret_cast<std::atomic<uint64_t>*>(static_cast<char*>(memory_.address()) +
                                                           kChannelLaneOffset + at);
    words[1] = second;
    words[0] = word;
    Send(Flags(kFrameWake));
  }

  static uint64_t Word(RecordKind kind, uint32_t bytes, uint8_t flags = 0) {
    return RecordHeader{bytes, kind, flags}.Pack();
  }

  Mapping memory_;
};

TEST_P(HostileChannelTest, ReadsAnHonestPeer) {
  Open();
  PutRecord(Word(RecordKind::kData, 32), ChannelSecond{5, 0, false}.Pack());
  EXPECT_EQ(NextData(victim_.get()).size(), 5u);
  // And so does the other way.
  EXPECT_EQ(victim_->Send("to you"), IPCZ_RESULT_OK);
}

TEST_P(HostileChannelTest, RefusesOffersThatAreNoSealedMemory) {
  const auto offer = [&](const char* what, UniqueFd memory, uint32_t log2) {
    Send(Hello(kWireVersion, kHelloActive));
    Offer(std::move(memory), log2);
    ExpectRefused(what);
  };
  const auto raw = [](size_t num_bytes) {
    UniqueFd memory(memfd_create("raw", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    EXPECT_EQ(ftruncate(memory.get(), static_cast<off_t>(num_bytes)), 0);
    return memory;
  };
  const auto sealed = [&](size_t num_bytes, int seals) {
    UniqueFd memory = raw(num_bytes);
    EXPECT_EQ(fcntl(memory.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL | seals),
              0);
    return memory;
  };
  offer("no memory", UniqueFd(open("/", O_PATH | O_CLOEXEC)), kChannelLaneLog2First);
  offer("no seals", raw(kMemoryBytes), kChannelLaneLog2First);
  offer("writable by us", sealed(kMemoryBytes, 0), kChannelLaneLog2First);
  offer("holes", sealed(kMemoryBytes, 0x10), kChannelLaneLog2First);
  offer("too small", sealed(4096, 0x10), kChannelLaneLog2First);
  offer("smaller than said", GoodMemory(), kChannelLaneLog2First + 1);
  offer("a lane too large", GoodMemory(), kChannelLaneLog2Max + 1);
  offer("a lane too small", GoodMemory(), 3);
  UniqueFd memory = GoodMemory();
  header()->magic = 0;
  offer("no magic", std::move(memory), kChannelLaneLog2First);
}

TEST_P(HostileChannelTest, RefusesFramesThatDoNotFit) {
  const std::string hello = Hello(kWireVersion, kHelloActive);
  Send(hello + Flags(kFrameSwitch));
  ExpectRefused("a switch to nothing");
  Open();
  Send(Flags(kFrameSwitch));
  ExpectRefused("a second switch");
  Open();
  Send(Message());
  ExpectRefused("a message beside the lane");
  Open();
  Send(Flags(kFrameAnswer, kAnswerYes));
  ExpectRefused("an answer to nothing");
  Open();
  Offer(GoodMemory());
  ExpectRefused("a lane that is no larger");
  Send(hello);
  Send(Bytes({kFrameMagic, kWireVersion, kFrameHandles, 1, 0, 0}), Descriptors(1));
  ExpectRefused("handles without a lane");
  Open();
  for (int i = 0; i < 2; ++i) {
    Send(Bytes({kFrameMagic, kWireVersion, kFrameHandles, 1, 0, 0}), Descriptors(1));
  }
  ExpectRefused("handles without a message");
  Send(hello + Flags(kFrameTypeLast + 1));
  ExpectRefused("an unknown frame");
}

TEST_P(HostileChannelTest, RefusesRecordsThatCannotBe) {
  const uint64_t five = ChannelSecond{5, 0, false}.Pack();
  const std::vector<std::pair<uint64_t, uint64_t>> records = {
      {Word(RecordKind::kData, 8), five},
      {Word(RecordKind::kData, 33), five},
      {Word(RecordKind::kData, 1u << 20), five},
      {Word(RecordKind::kData, 0xfffffff0), five},
      {Word(RecordKind::kBlock, 32), five},
      {Word(RecordKind::kMoved, 16), 0},
      {Word(RecordKind::kClosed, 16), 0},
      {Word(RecordKind::kGrow, 16), 0},
      {Word(RecordKind::kPad, 32), 0},
      {Word(RecordKind::kData, 32, kRecordHasHandles), five},
      {Word(RecordKind::kData, 32) | uint64_t{1} << 50, five},
      {Word(RecordKind::kData, 32), 17},
      {Word(RecordKind::kData, 32), UINT32_MAX},
      {Word(RecordKind::kData, 32), five | uint64_t{1} << 60},
      {Word(RecordKind::kData, 32), ChannelSecond{0, 0, true}.Pack()},
  };
  for (const auto& [word, second] : records) {
    Open();
    PutRecord(word, second);
    ExpectRefused(std::to_string(word).c_str());
  }
  Open();
  Send(Bytes({kFrameMagic, kWireVersion, kFrameHandles, 2, 0, 0}), Descriptors(2));
  PutRecord(Word(RecordKind::kData, 32), ChannelSecond{0, 3, false}.Pack());
  ExpectRefused("another number of descriptors");
  Open();
  PutRecord(Word(RecordKind::kData, 32), ChannelSecond{5, 0, true}.Pack());
  PutRecord(Word(RecordKind::kData, 32), ChannelSecond{5, 1, false}.Pack(), 32);
  ExpectRefused("descriptors in the middle");
}

TEST_P(HostileChannelTest, RefusesAHeadThatCannotBe) {
  Open();
  header()->head = uint64_t{1} << 40;
  // As often as it takes to look at it.
  EXPECT_TRUE(Eventually([&] { return victim_->Send(std::string(4000, 'x')) != IPCZ_RESULT_OK; }));
  ExpectRefused("a head beyond all that was written");
}

TEST_P(HostileChannelTest, MayNeitherReadNorSendDescriptors) {
  Open();
  // A record that waits for ever, and a victim with more to say than there is room.
  PutRecord(Word(RecordKind::kData, 32), ChannelSecond{0, 1, false}.Pack());
  for (int i = 0; i < 50; ++i) EXPECT_EQ(victim_->Send(Pattern(100'000, 1)), IPCZ_RESULT_OK);
  EXPECT_FALSE(victim_->WaitForError(std::chrono::milliseconds(50)));
  ASSERT_EQ(bystanders_.first.Send("alive"), IPCZ_RESULT_OK);
  EXPECT_EQ(NextData(&bystanders_.second), "alive");
  peer_.Reset();
  ExpectRefused("the end");
}

INSTANTIATE_TEST_SUITE_P(BackEnds, HostileChannelTest,
                         ::testing::Values(BackEnd::kEpoll, BackEnd::kIoUring,
                                           BackEnd::kIoUringFutex, BackEnd::kFutex),
                         NameOf);

}  // namespace
}  // namespace ringway::driver::testing
