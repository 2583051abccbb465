// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include <gtest/gtest.h>

#include "ringway/driver_extension.h"
#include "ringway/driver_linux.h"
#include "tests/support/ipcz_test.h"

namespace ringway::testing {

void AwaitClosed() {
  const RingwayDriverExtension* driver = RingwayFindDriverExtension(RingwayLinuxDriver());
  RingwayDriverStatistics now = {};
  now.size = sizeof(now);
  const auto closed = [&] {
    return driver->QueryStatistics(&now) != IPCZ_RESULT_OK ||
           (now.open_transports | now.open_mappings) == 0;
  };
  static_cast<void>(Eventually(closed, 0.5));  // some leave a few open on purpose
}

namespace {

class LinksEnd : public ::testing::Environment {
  void TearDown() override { AwaitClosed(); }
};

[[maybe_unused]] const ::testing::Environment* const links_end =
    ::testing::AddGlobalTestEnvironment(new LinksEnd);

}  // namespace

}  // namespace ringway::testing
