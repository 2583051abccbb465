// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// main() of tests that start processes of their own.

#include <gtest/gtest.h>

#include "tests/support/process.h"

int main(int argc, char** argv) {
  ringway::testing::RunIfChild(argc, argv);
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
