// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The synchronous test driver under the conformance suite.

#include "tests/driver/conformance.h"
#include "tests/support/sync_driver.h"

namespace ringway::testing {

namespace {

void CreatePair(IpczDriverHandle* first, IpczDriverHandle* second) {
  CreateSyncTransports(first, second);
}

}  // namespace

const DriverUnderTest& TestedDriver() {
  static const DriverUnderTest tested = {SyncDriver(), CreatePair, nullptr, nullptr};
  return tested;
}

}  // namespace ringway::testing
