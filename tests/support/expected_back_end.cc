// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include <cstdlib>
#include <cstring>

#include "tests/support/back_end.h"
#include "tests/support/shim_driver.h"

namespace ringway::testing {

std::string BackEndInUse() {
  static constexpr const char* kNames[] = {"none",  "socket",   "epoll",
                                           "futex", "io_uring", "io_uring_futex"};
  return kNames[DriverStatistics().back_end];
}

bool IsOnExpectedBackEnd() {
  const char* expected = std::getenv("RW_EXPECT");
  const char* refused = std::getenv("RW_REFUSE");
  const bool is_midway = refused != nullptr && std::strstr(refused, "midway") != nullptr;
  const std::string used = BackEndInUse();
  return expected == nullptr || is_midway || used == "none" || used == expected;
}

}  // namespace ringway::testing
