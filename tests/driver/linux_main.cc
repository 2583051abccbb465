// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The Linux driver under the conformance suite, on the back end that back_end.h
// tells of.

#include "ringway/driver_linux.h"
#include "tests/driver/conformance.h"
#include "tests/support/process.h"

namespace ringway::testing {

const DriverUnderTest& TestedDriver() {
  static const DriverUnderTest tested = [] {
    DriverUnderTest driver = {};
    driver.driver = RingwayLinuxDriver();
    driver.create_pair = [](IpczDriverHandle* first, IpczDriverHandle* second) {
      ASSERT_EQ(RingwayLinuxCreateTransportPair(first, second), IPCZ_RESULT_OK);
    };
    driver.to_descriptor = [](IpczDriverHandle transport) {
      int fd = -1;
      EXPECT_EQ(RingwayLinuxTransportToFd(transport, &fd), IPCZ_RESULT_OK);
      return fd;
    };
    driver.from_descriptor = [](int fd) {
      IpczDriverHandle transport = IPCZ_INVALID_DRIVER_HANDLE;
      EXPECT_EQ(RingwayLinuxTransportFromFd(fd, &transport), IPCZ_RESULT_OK);
      return transport;
    };
    return driver;
  }();
  return tested;
}

}  // namespace ringway::testing

int main(int argc, char** argv) {
  ringway::testing::RunIfChild(argc, argv);
  ringway::testing::RunIfChildCore(argc, argv);
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
