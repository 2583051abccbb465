// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

// A peer that holds the other end of a transport's socket and sends what it likes. It can end its
// own link and nothing else.

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "driver_linux/hostile_fixture.h"
#include "driver_linux/test_support.h"
#include "driver_linux/transport_layout.h"
#include "shm/unique_fd.h"

namespace ringway::driver::testing {
namespace {

TEST_P(HostilePeerTest, RefusesAnotherVersionOnBothSides) {
  Send(Hello(kWireVersion + 1));
  EXPECT_TRUE(victim_->WaitForError());
  char reason[200];
  RingwayLinuxLastTransportError(reason, sizeof(reason));
  const auto names = [&](int version) {
    return std::string_view(reason).find("version " + std::to_string(version)) != SIZE_MAX;
  };
  EXPECT_TRUE(names(kWireVersion) && names(kWireVersion + 1)) << reason;
  // The peer was told our version before that.
  FrameHeader header;
  ASSERT_EQ(read(peer_.get(), &header, sizeof(header)), static_cast<ssize_t>(sizeof(header)));
  EXPECT_EQ(header.magic, kFrameMagic);
  EXPECT_EQ(header.version, kWireVersion);
  EXPECT_EQ(header.type, kFrameHello);
}

TEST_P(HostilePeerTest, RefusesLies) {
  Send("this is no frame at all, but long enough to be looked at");
  ExpectRefused("noise");
  Send(Bytes({kFrameMagic, kWireVersion, kFrameMessage, 0, 0, 0}));
  ExpectRefused("no hello");
  Send(Hello() + Bytes({kFrameMagic, kWireVersion, kFrameMessage, 0, 0, UINT64_MAX}));
  ExpectRefused("endless");
  Send(Hello() + Bytes({kFrameMagic, kWireVersion, kFrameMessage, UINT32_MAX, 0, 0}));
  ExpectRefused("countless descriptors");
  Send(Hello() + Bytes({kFrameMagic, kWireVersion, kFrameMessage, 2, 0, 0}), Descriptors(1));
  ExpectRefused("too few descriptors");
  Send(Hello() + Bytes({kFrameMagic, kWireVersion, kFrameMessage, 1, 0, 0}), Descriptors(2));
  ExpectRefused("too many descriptors");
  Send(Hello());
  Send("x", Descriptors(200));
  Send("x", Descriptors(200));
  ExpectRefused("a flood of descriptors");
  // A claim that may be true is waited for, and costs nothing.
  Send(Hello() + Bytes({kFrameMagic, kWireVersion, kFrameMessage, 0, 0, uint64_t{1} << 30}));
  Send("and that was all");
  EXPECT_FALSE(victim_->WaitForError(std::chrono::milliseconds(50)));
  peer_.Reset();
  ExpectRefused("a message that ends in the middle");
}

TEST_P(HostilePeerTest, SurvivesRandomBytes) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 150; ++round) {
    std::string bytes = Hello();
    for (uint64_t i = random() % 5; i > 0; --i) {
      const std::string payload = Pattern(8 * (random() % 30), random());
      bytes += Bytes({kFrameMagic, kWireVersion, kFrameMessage, 0, 0, payload.size()}) + payload;
    }
    for (uint64_t flips = random() % 4; flips > 0; --flips) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    Send(bytes, Descriptors(random() % 3));
    peer_.Reset();
    ExpectRefused("random bytes");
  }
}

TEST_P(HostilePeerTest, MayRefuseToListen) {
  // It never reads: what is sent to it waits, up to the end of the link.
  Send(Hello());
  const std::string large(1 << 20, 'x');
  for (int i = 0; i < 5; ++i) EXPECT_EQ(victim_->Send(large), IPCZ_RESULT_OK);
  EXPECT_FALSE(victim_->WaitForError(std::chrono::milliseconds(50)));
  ASSERT_EQ(bystanders_.first.Send("alive"), IPCZ_RESULT_OK);
  EXPECT_EQ(NextData(&bystanders_.second), "alive");
  Send(Bytes({kFrameMagic, kWireVersion, kFrameMessage, 0, 0, 0}));
  peer_.Reset();
  EXPECT_TRUE(victim_->WaitForError());
  EXPECT_EQ(NextData(victim_.get()), "");
}

INSTANTIATE_TEST_SUITE_P(BackEnds, HostilePeerTest, ::testing::ValuesIn(kBackEnds), NameOf);

}  // namespace
}  // namespace ringway::driver::testing
