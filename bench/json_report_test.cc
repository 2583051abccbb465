// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/json_report.h"

#include <gtest/gtest.h>

namespace ringway::bench {
namespace {

Findings SomeFindings() {
  Findings found;
  found.slot_ring_over_cache_line = {2.1};
  found.series.push_back(
      {{"roundtrip/portal/poll/bytes:8", 8, nullptr},
       {{.items = 100, .elapsed_ns = 30'000, .cpu_ns = 40'000, .p50_ns = 290, .p99_ns = 400},
        {.items = 100, .elapsed_ns = 32'000, .cpu_ns = 42'000, .p50_ns = 310, .p99_ns = 420}}});
  found.series.push_back({{"rate/portal/bytes:1024", 1024, nullptr},
                          {{.items = 5'000'000, .elapsed_ns = 500'000'000}}});
  return found;
}

const std::vector<Goal> kGoals = {
    {"a rate", GoalKind::kPerSecond, "rate/portal/bytes:1024", {}, 20e6, false}};

TEST(JsonReportTest, HasGoogleBenchmarksShape) {
  const Findings found = SomeFindings();
  const auto report = JsonReport(found, Judge(kGoals, found.series));
  for (const char* key : {"date", "host_name", "num_cpus", "mhz_per_cpu", "load_avg", "kernel",
                          "library_build_type", "ringway_version", "valid"}) {
    EXPECT_TRUE(report["context"].contains(key)) << key;
  }
  ASSERT_EQ(report["benchmarks"].size(), 2u);
  const auto& round_trip = report["benchmarks"][0];
  EXPECT_EQ(round_trip["name"], "roundtrip/portal/poll/bytes:8");
  EXPECT_EQ(round_trip["run_name"], round_trip["name"]);
  EXPECT_EQ(round_trip["run_type"], "iteration");
  EXPECT_EQ(round_trip["repetitions"], 2);
  EXPECT_EQ(round_trip["iterations"], 200);
  EXPECT_EQ(round_trip["time_unit"], "ns");
  EXPECT_DOUBLE_EQ(round_trip["real_time"], 310);
  EXPECT_DOUBLE_EQ(round_trip["cpu_time"], 410);
  EXPECT_DOUBLE_EQ(round_trip["p50_ns"], 300);
  EXPECT_DOUBLE_EQ(round_trip["p99_ns"], 410);
  EXPECT_FALSE(round_trip.contains("items_per_second"));
  const auto& rate = report["benchmarks"][1];
  EXPECT_DOUBLE_EQ(rate["items_per_second"], 10e6);
  EXPECT_DOUBLE_EQ(rate["bytes_per_second"], 10e6 * 1024);
  EXPECT_FALSE(rate.contains("p50_ns"));
  ASSERT_EQ(report["goals"].size(), 1u);
  EXPECT_EQ(report["goals"][0]["met"], false);
}

TEST(JsonReportTest, HasWhatTransfersAndManyPairsCost) {
  Findings found;
  found.series.push_back({{"transfer/portal/depth:1", 8, nullptr},
                          {{.items = 10, .elapsed_ns = 1'000'000, .p50_ns = 90'000}}});
  found.series.push_back({{"scale/portals:9", 8, nullptr},
                          {{.p50_ns = 200, .pairs_per_second = 50'000, .bytes_each = 4096}}});
  const auto report = JsonReport(found, {});
  EXPECT_DOUBLE_EQ(report["benchmarks"][0]["items_per_second"], 10e3);
  EXPECT_DOUBLE_EQ(report["benchmarks"][0]["p50_ns"], 90e3);
  EXPECT_FALSE(report["benchmarks"][0].contains("bytes_each"));
  EXPECT_DOUBLE_EQ(report["benchmarks"][1]["pairs_per_second"], 50e3);
  EXPECT_DOUBLE_EQ(report["benchmarks"][1]["bytes_each"], 4096);
}

}  // namespace
}  // namespace ringway::bench
