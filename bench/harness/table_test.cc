// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/harness/table.h"

#include <gtest/gtest.h>

namespace ringway::bench {
namespace {

TEST(TableTest, AlignsColumns) {
  Table table;
  table.Add({"path", "8 B", "1 KiB"});
  table.Add({"  slot_ring", "274 ns", ""});
  table.Add({"  pipe", "", "2.20 us"});
  EXPECT_EQ(table.Text(),
            "path            8 B    1 KiB\n"
            "  slot_ring  274 ns\n"
            "  pipe               2.20 us\n");
}

TEST(FormatTest, KeepsThreeFiguresAndSaysTheUnit) {
  EXPECT_EQ(FormatNs(0.24), "0.24 ns");
  EXPECT_EQ(FormatNs(-3.2), "-3.20 ns");
  EXPECT_EQ(FormatNs(274.4), "274 ns");
  EXPECT_EQ(FormatNs(52'800), "52.8 us");
  EXPECT_EQ(FormatNs(2'784'000), "2.78 ms");
  EXPECT_EQ(FormatPerSecond(20'100'000), "20.1 M/s");
  EXPECT_EQ(FormatPerSecond(999), "999 /s");
  EXPECT_EQ(FormatBytesPerSecond(13.5e9), "13.5 GB/s");
  EXPECT_EQ(FormatBytesPerSecond(5e5), "0.50 MB/s");
  EXPECT_EQ(FormatSize(64), "64 B");
  EXPECT_EQ(FormatSize(65536), "64 KiB");
  EXPECT_EQ(FormatSize(1 << 20), "1 MiB");
}

}  // namespace
}  // namespace ringway::bench
