// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/harness/progress.h"

#include <gtest/gtest.h>
#include <stdio.h>

#include <array>
#include <string>

namespace ringway::bench {
namespace {

TEST(ProgressTest, PrintsFewLinesWhereThereIsNoTerminal) {
  FILE* file = tmpfile();
  ASSERT_NE(file, nullptr);
  Progress progress(file);
  for (int step = 0; step < 100; ++step) progress.Show(step / 100.0, "step");
  progress.Clear();
  rewind(file);
  std::array<char, 256> text = {};
  EXPECT_EQ(fread(text.data(), 1, text.size() - 1, file), std::string("  0%  step\n").size());
  EXPECT_STREQ(text.data(), "  0%  step\n");
  fclose(file);
}

}  // namespace
}  // namespace ringway::bench
