// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/text_report.h"

#include <gtest/gtest.h>

namespace ringway::bench {
namespace {

TEST(TextReportTest, HasOneRowForEachPathAndGoal) {
  Findings found;
  found.slot_ring_over_cache_line = {2.1};
  found.looks_repeated = 3;
  found.cpu_shares = {.own = 0.9, .others = 0.05, .stolen = 0.01};
  found.series.push_back(
      {{"roundtrip/portal/poll/bytes:8", 8, nullptr}, {{.p50_ns = 300, .p99_ns = 410}}});
  found.series.push_back(
      {{"rate/portal/bytes:1024", 1024, nullptr}, {{.items = 10, .elapsed_ns = 1000}}});
  found.series.push_back(
      {{"rate/portal/bytes:65536", 65536, nullptr}, {{.items = 1, .elapsed_ns = 10'000}}});
  const std::vector<Goal> goals = {
      {"a rate", GoalKind::kPerSecond, "rate/portal/bytes:1024", {}, 20e6, false},
      {"no bound", GoalKind::kNsEach, "rate/portal/bytes:1024", {}, 0, false}};
  EXPECT_EQ(TextReport(found, Judge(goals, found.series)),
            "round trip, p50 / p99              8 B\n"
            "  portal/poll          300 ns / 410 ns\n"
            "\n"
            "one way, every byte checked     1 KiB     64 KiB\n"
            "  portal                     10.0 M/s  6.55 GB/s\n"
            "\n"
            "what has to be shown  measured  beside    result       wanted  verdict\n"
            "  a rate              10.0 M/s          10.0 M/s  >= 20.0 M/s    below\n"
            "  no bound            10.0 M/s            100 ns                     -\n"
            "\n"
            "valid run: slot ring / cache line 2.10 (at most 2.20), 3 looks repeated\n"
            "this run used 90% of the CPUs, others 5%, the hypervisor 1%\n");
}

TEST(TextReportTest, HasTransfersByDepthAndPairsByNumber) {
  Findings found;
  const Measurement transfers = {.items = 50, .elapsed_ns = 1'000'000, .p50_ns = 18'000};
  found.series.push_back({{"transfer/portal/depth:32", 8, nullptr}, {transfers}});
  found.series.push_back({{"transfer/portal/depth:1", 8, nullptr}, {transfers}});
  found.series.push_back(
      {{"scale/portals:1", 8, nullptr},
       {{.p50_ns = 200, .p99_ns = 300, .pairs_per_second = 5, .bytes_each = 9}}});
  found.series.push_back(
      {{"scale/portals:9", 8, nullptr},
       {{.p50_ns = 220, .p99_ns = 310, .pairs_per_second = 50'000, .bytes_each = 4096}}});
  const std::vector<Goal> goals = {
      {"transfers", GoalKind::kPerSecond, "transfer/portal/depth:32", {}, 60e3, false},
      {"among", GoalKind::kRatio, "scale/portals:9", {"scale/portals:1"}, 1.2, true}};
  EXPECT_EQ(TextReport(found, Judge(goals, found.series)),
            "portal transfers, a second / p50 of one             depth 1            depth 32\n"
            "  portal                                 50.0 k/s / 18.0 us  50.0 k/s / 18.0 us\n"
            "\n"
            "pairs across one link    opened  KiB each  round trip of one, p50 / p99\n"
            "  1                                                     200 ns / 300 ns\n"
            "  9                    50.0 k/s      4.00               220 ns / 310 ns\n"
            "\n"
            "what has to be shown  measured  beside    result       wanted  verdict\n"
            "  transfers           50.0 k/s          50.0 k/s  >= 60.0 k/s    below\n"
            "  among                 220 ns  200 ns    1.10 x    <= 1.20 x       ok\n"
            "\n");
}

TEST(TextReportTest, SaysThatARunIsInvalid) {
  Findings found;
  found.slot_ring_over_cache_line = {3.5};
  found.valid = false;
  EXPECT_EQ(TextReport(found, {}).find("INVALID run"), 0u);
}

}  // namespace
}  // namespace ringway::bench
