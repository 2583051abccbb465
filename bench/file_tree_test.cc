// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/file_tree.h"

#include <gtest/gtest.h>
#include <stdio.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace ringway::bench {
namespace {

TEST(FileTreeTest, ArrivesWhole) {
  std::string name = testing::TempDir() + "/tree.XXXXXX";
  ASSERT_NE(mkdtemp(name.data()), nullptr);
  const std::filesystem::path root = name;
  std::filesystem::create_directories(root / "a/b");
  std::ofstream(root / "empty");
  std::ofstream(root / "a/one") << "1";
  std::ofstream(root / "a/b/large") << std::string(1'000'000, 'x') << "end";
  std::filesystem::create_symlink("one", root / "a/link");

  Progress progress(stderr);
  const TreeReport report = SendFileTree(root, progress);
  EXPECT_EQ(report.error, "");
  EXPECT_TRUE(report.same());
  EXPECT_EQ(report.received.files, 3u);
  EXPECT_EQ(report.received.bytes, 1'000'004u);
  EXPECT_EQ(report.files_skipped, 1u);
  EXPECT_NE(FormatTreeReport(root, report).find("OK"), std::string::npos);
  std::filesystem::remove_all(root);
}

TEST(FileTreeTest, SaysWhenSidesDiffer) {
  TreeReport report;
  report.sent = {.files = 1, .bytes = 10, .checksum = 1};
  report.received = {.files = 1, .bytes = 10, .checksum = 2};
  EXPECT_FALSE(report.same());
  EXPECT_NE(FormatTreeReport("/x", report).find("MISMATCH"), std::string::npos);
}

}  // namespace
}  // namespace ringway::bench
