// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/frame_reader.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "driver_linux/test_support.h"

namespace ringway::driver::testing {
namespace {

using Next = FrameReader::Next;

std::string Hello(uint32_t flags = 0, uint16_t version = kWireVersion) {
  const FrameHeader header = {kFrameMagic, version, kFrameHello, 0, flags, 0};
  return std::string(reinterpret_cast<const char*>(&header), sizeof(header));
}

std::string Frame(std::string_view payload, uint32_t descriptor_count = 0) {
  const FrameHeader header = {kFrameMagic, kWireVersion,  kFrameMessage, descriptor_count,
                              0,           payload.size()};
  std::string frame(FrameBytes(descriptor_count, payload.size()), '\0');
  std::memcpy(frame.data(), &header, sizeof(header));
  std::memcpy(frame.data() + PayloadOffset(descriptor_count), payload.data(), payload.size());
  return frame;
}

std::string WithHeader(FrameHeader header) {
  return Hello() + std::string(reinterpret_cast<const char*>(&header), sizeof(header));
}

// Feeds bytes, at most `step` at a time, and returns the payloads of all messages. The last result
// is kBroken or kIncomplete.
struct Outcome {
  std::vector<std::string> payloads;
  Next last = Next::kIncomplete;
};
Outcome Feed(FrameReader* reader, std::string_view bytes, size_t step = SIZE_MAX) {
  Outcome outcome;
  while (!bytes.empty() && outcome.last == Next::kIncomplete) {
    const std::span<std::byte> space = reader->PrepareRead();
    const size_t count = std::min({bytes.size(), space.size(), step});
    std::memcpy(space.data(), bytes.data(), count);
    bytes.remove_prefix(count);
    Received nothing;
    reader->Commit(count, &nothing);
    FrameReader::Frame frame;
    while ((outcome.last = reader->Read(&frame)) == Next::kFrame) {
      EXPECT_EQ(reinterpret_cast<uintptr_t>(frame.payload.data()) % 8, 0u);
      if (frame.type == kFrameHello) continue;
      outcome.payloads.emplace_back(reinterpret_cast<const char*>(frame.payload.data()),
                                    frame.payload.size());
    }
  }
  return outcome;
}

TEST(FrameReaderTest, ReadsFramesHoweverTheyAreCut) {
  std::string bytes = Hello();
  std::vector<std::string> expected;
  for (size_t i = 0; i < 40; ++i) {
    expected.push_back(Pattern(i * i * 3, i));
    bytes += Frame(expected.back());
  }
  for (const size_t step : {size_t{1}, size_t{7}, size_t{24}, size_t{1000}, SIZE_MAX}) {
    FrameReader reader;
    const Outcome outcome = Feed(&reader, bytes, step);
    EXPECT_EQ(outcome.last, Next::kIncomplete);
    EXPECT_TRUE(outcome.payloads == expected) << step;
  }
}

TEST(FrameReaderTest, ReadsLargeFramesBetweenSmallOnes) {
  FrameReader reader;
  const std::vector<std::string> expected = {"small", Pattern(5 << 20, 1), "", "small again"};
  std::string bytes = Hello();
  for (const std::string& payload : expected) bytes += Frame(payload);
  EXPECT_TRUE(Feed(&reader, bytes, 100'000).payloads == expected);
  // The memory of the large one is given back.
  EXPECT_LE(reader.PrepareRead().size(), size_t{64} << 10);
}

TEST(FrameReaderTest, AnnouncedBytesCostNothingUntilTheyCome) {
  FrameReader reader;
  const FrameHeader header = {kFrameMagic, kWireVersion, kFrameMessage, 0, 0, uint64_t{1} << 30};
  EXPECT_EQ(Feed(&reader, WithHeader(header)).last, Next::kIncomplete);
  EXPECT_LE(reader.PrepareRead().size(), size_t{64} << 10);
}

TEST(FrameReaderTest, RefusesAnotherVersionNamingBoth) {
  FrameReader reader;
  EXPECT_EQ(Feed(&reader, Hello(0, 7)).last, Next::kBroken);
  EXPECT_NE(reader.reason().find("version 7"), std::string::npos);
  EXPECT_NE(reader.reason().find("version " + std::to_string(kWireVersion)), std::string::npos);
}

TEST(FrameReaderTest, RefusesLyingHeaders) {
  const FrameHeader good = {kFrameMagic, kWireVersion, kFrameMessage, 0, 0, 8};
  std::vector<FrameHeader> lies(8, good);
  lies[0].magic ^= 1;
  lies[1].version = 0;
  lies[2].type = kFrameTypeLast + 1;
  lies[3].flags = 1;
  lies[4].payload_bytes = UINT64_MAX;
  lies[5].payload_bytes = kPayloadBytesMax + 1;
  lies[6].descriptor_count = kDescriptorsPerFrameMax + 1;
  lies[7] = {kFrameMagic, kWireVersion, kFrameHello, 0, 0, 8};
  for (const FrameHeader& lie : lies) {
    FrameReader reader;
    EXPECT_EQ(Feed(&reader, WithHeader(lie)).last, Next::kBroken);
    EXPECT_FALSE(reader.reason().empty());
    // It stays broken.
    EXPECT_EQ(Feed(&reader, Hello()).last, Next::kBroken);
  }
}

TEST(FrameReaderTest, RefusesAMessageBeforeTheHello) {
  FrameReader reader;
  EXPECT_EQ(Feed(&reader, Frame("x")).last, Next::kBroken);
}

TEST(FrameReaderTest, RefusesFewerDescriptorsThanDeclared) {
  FrameReader reader;
  EXPECT_EQ(Feed(&reader, Hello() + Frame("x", 1)).last, Next::kBroken);
}

// Sends `bytes` with `count` descriptors through a socket into a reader.
Next FeedWithDescriptors(std::string_view bytes, size_t count) {
  int raw[2];
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, raw), 0);
  const UniqueFd sender(raw[0]), receiver(raw[1]);
  std::vector<UniqueFd> descriptors;
  for (size_t i = 0; i < count; ++i) descriptors.emplace_back(dup(raw[0]));
  const iovec data = {const_cast<char*>(bytes.data()), bytes.size()};
  EXPECT_EQ(SendWithRights(raw[0], {&data, 1}, descriptors, false),
            static_cast<ssize_t>(bytes.size()));
  FrameReader reader;
  Received received;
  const ssize_t num_bytes = ReceiveWithRights(raw[1], reader.PrepareRead(), &received);
  reader.Commit(static_cast<size_t>(num_bytes), &received);
  FrameReader::Frame frame;
  Next next;
  while ((next = reader.Read(&frame)) == Next::kFrame) {
  }
  return next;
}

TEST(FrameReaderTest, RefusesDescriptorsThatNobodyDeclared) {
  const size_t before = MeasureFootprint().descriptors;
  EXPECT_EQ(FeedWithDescriptors(Hello() + Frame("x", 2), 2), Next::kIncomplete);
  EXPECT_EQ(FeedWithDescriptors(Hello() + Frame("x"), 1), Next::kBroken);
  EXPECT_EQ(FeedWithDescriptors(Hello() + Frame("x", 2), 3), Next::kBroken);
  EXPECT_EQ(FeedWithDescriptors(Hello() + Frame("x", 2).substr(0, 30), 3), Next::kBroken);
  // They may be those of a frame that has only begun.
  EXPECT_EQ(FeedWithDescriptors(Hello() + Frame("x", 2).substr(0, 8), 2), Next::kIncomplete);
  EXPECT_EQ(MeasureFootprint().descriptors, before);
}

TEST(FrameReaderTest, SurvivesRandomBytes) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 2000; ++round) {
    // Valid frames with a few bytes turned over.
    std::string bytes = Hello();
    for (int i = 0; i < 5; ++i) bytes += Frame(Pattern(random() % 200, random()), random() % 3 / 2);
    for (uint64_t flips = random() % 4; flips > 0; --flips) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    FrameReader reader;
    Feed(&reader, bytes, 1 + random() % 300);
    FrameReader noise_reader;
    Feed(&noise_reader, Pattern(8 * (random() % 100), random()), 1 + random() % 300);
  }
}

}  // namespace
}  // namespace ringway::driver::testing
