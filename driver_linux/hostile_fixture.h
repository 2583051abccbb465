// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#ifndef DRIVER_LINUX_HOSTILE_FIXTURE_H_
#define DRIVER_LINUX_HOSTILE_FIXTURE_H_

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "driver_linux/scm_rights.h"
#include "driver_linux/test_support.h"
#include "driver_linux/transport_layout.h"
#include "shm/unique_fd.h"

namespace ringway::driver::testing {

// A victim, whose peer is the test, and two bystanders.
class HostilePeerTest : public TransportFixture, public ::testing::WithParamInterface<BackEnd> {
 protected:
  HostilePeerTest() : TransportFixture(GetParam()) {
    EXPECT_EQ(bystanders_.first.Activate(), IPCZ_RESULT_OK);
    EXPECT_EQ(bystanders_.second.Activate(), IPCZ_RESULT_OK);
    Renew();
  }

  // A new victim, and the peer's end of its socket.
  void Renew() {
    IpczDriverHandle transports[2];
    ASSERT_EQ(RingwayLinuxCreateTransportPair(&transports[0], &transports[1]), IPCZ_RESULT_OK);
    int fd;
    ASSERT_EQ(RingwayLinuxTransportToFd(transports[1], &fd), IPCZ_RESULT_OK);
    peer_.Reset(fd);
    victim_ = std::make_unique<Engine>(transports[0]);
    ASSERT_EQ(victim_->Activate(), IPCZ_RESULT_OK);
  }

  void Send(std::string_view bytes, const std::vector<UniqueFd>& descriptors = {}) {
    const iovec data = {const_cast<char*>(bytes.data()), bytes.size()};
    SendWithRights(peer_.get(), {&data, 1}, descriptors, false);
  }

  // The victim ends this link, the others live, and it is ready for the next attack.
  void ExpectRefused(const char* what) {
    EXPECT_TRUE(victim_->WaitForError()) << what;
    ASSERT_EQ(bystanders_.first.Send("alive"), IPCZ_RESULT_OK);
    EXPECT_EQ(NextData(&bystanders_.second), "alive");
    Renew();
  }

  static std::string Bytes(const FrameHeader& header) {
    return std::string(reinterpret_cast<const char*>(&header), sizeof(header));
  }
  static std::string Hello(uint16_t version = kWireVersion, uint32_t flags = 0) {
    return Bytes({kFrameMagic, version, kFrameHello, 0, flags, 0});
  }
  static std::vector<UniqueFd> Descriptors(size_t count) {
    std::vector<UniqueFd> descriptors;
    for (size_t i = 0; i < count; ++i) descriptors.emplace_back(open("/", O_PATH | O_CLOEXEC));
    return descriptors;
  }

  Pair bystanders_;
  std::unique_ptr<Engine> victim_;
  UniqueFd peer_;
};

}  // namespace ringway::driver::testing

#endif  // DRIVER_LINUX_HOSTILE_FIXTURE_H_
