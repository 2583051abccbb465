// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// MergePortals: of routes within a node and to others, fresh ones and merged ones.

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "tests/multinode/row.h"

namespace ringway::testing {
namespace {

class MergeTest : public ::testing::TestWithParam<Mode> {};

INSTANTIATE_TEST_SUITE_P(On, MergeTest, RW_REMOTE_MODES, ModeName);

TEST_P(MergeTest, WithinANode) {
  const Row row(GetParam(), 1);
  auto [a, b] = row.Pair(0);
  auto [c, d] = row.Pair(0);
  ASSERT_EQ(Put(a, "early"), IPCZ_RESULT_OK);
  ASSERT_EQ(Api().MergePortals(b, c, 0, nullptr), IPCZ_RESULT_OK);
  EXPECT_EQ(Api().Close(b, 0, nullptr), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(Api().Close(c, 0, nullptr), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(WaitGet(d).data, "early");
  ExpectBecomesDirect(row, a, d);
}

TEST_P(MergeTest, OfRoutesToOtherNodes) {
  const Row row(GetParam(), 3);
  for (const bool other_far : {false, true}) {
    auto [a, b] = row.Pair(1);
    auto [c, d] = row.Pair(1);
    a = row.Send(a, 1, 0);
    if (other_far) d = row.Send(d, 1, 2);
    ASSERT_EQ(Put(a, "from the left", {row.MakeBox(0, "box")}), IPCZ_RESULT_OK);
    ASSERT_EQ(Put(d, "from the right"), IPCZ_RESULT_OK);
    ASSERT_EQ(Api().MergePortals(b, c, 0, nullptr), IPCZ_RESULT_OK);
    const Parcel parcel = WaitGet(d);
    EXPECT_EQ(parcel.data, "from the left");
    ASSERT_EQ(parcel.handles.size(), 1u);
    EXPECT_EQ(row.TextIn(parcel.handles[0]), "box");
    EXPECT_EQ(WaitGet(a).data, "from the right");
    ExpectBecomesDirect(row, d, a);
  }
}

TEST_P(MergeTest, AChainOfMerges) {
  const Row row(GetParam(), 3);
  std::vector<std::pair<IpczHandle, IpczHandle>> pairs;
  for (size_t i = 0; i < 6; ++i) {
    auto [left, right] = row.Pair(1);
    // Of some, one end has been elsewhere and back.
    if (i % 2 == 0) right = row.Send(row.Send(right, 1, 2), 2, 1);
    if (i % 3 == 0) left = row.Send(row.Send(left, 1, 0), 0, 1);
    pairs.emplace_back(left, right);
  }
  const IpczHandle first = row.Send(pairs.front().first, 1, 0);
  const IpczHandle last = row.Send(pairs.back().second, 1, 2);
  ASSERT_EQ(Put(first, "early"), IPCZ_RESULT_OK);
  // Not in their order, so that chains are joined to chains.
  for (const size_t i : {1, 3, 0, 4, 2}) {
    ASSERT_EQ(Api().MergePortals(pairs[i].second, pairs[i + 1].first, 0, nullptr), IPCZ_RESULT_OK);
  }
  EXPECT_EQ(WaitGet(last).data, "early");
  ExpectBecomesDirect(row, last, first);
}

TEST_P(MergeTest, WhatMergeRefuses) {
  const Row row(GetParam(), 2);
  auto [a, b] = row.Pair(0);
  auto [c, d] = row.Pair(0);
  auto [e, f] = row.Pair(1);
  EXPECT_EQ(Api().MergePortals(a, a, 0, nullptr), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(Api().MergePortals(a, b, 0, nullptr), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(Api().MergePortals(a, 12345, 0, nullptr), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(Api().MergePortals(a, row.node(0), 0, nullptr), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(Api().MergePortals(a, e, 0, nullptr), IPCZ_RESULT_INVALID_ARGUMENT);
  ASSERT_EQ(Put(a, "used"), IPCZ_RESULT_OK);
  EXPECT_EQ(Api().MergePortals(a, c, 0, nullptr), IPCZ_RESULT_FAILED_PRECONDITION);
  EXPECT_EQ(Get(b).data, "used");
  EXPECT_EQ(Api().MergePortals(c, b, 0, nullptr), IPCZ_RESULT_FAILED_PRECONDITION);
  ExpectTalk(a, b);
  ExpectTalk(c, d);
  for (const IpczHandle portal : {a, b, c, d, e, f}) Close(portal);
}

// Routes without ends: nobody can use them, so they must not stay.
TEST_P(MergeTest, ARingOfMergesIsFreed) {
  for (const size_t num_nodes : {2, 3}) {
    const Row row(GetParam(), num_nodes);
    auto [a, b] = row.Pair(0);
    auto [c, d] = row.Pair(0);
    b = row.SendAlong(b, 0, num_nodes - 1);
    d = row.SendAlong(d, 0, num_nodes - 1);
    ASSERT_EQ(Api().MergePortals(a, c, 0, nullptr), IPCZ_RESULT_OK);
    // Unless they have become peers by now.
    if (Api().MergePortals(b, d, 0, nullptr) != IPCZ_RESULT_OK) {
      Close(b);
      Close(d);
    }
    EXPECT_TRUE(row.RelaysBecome(0)) << num_nodes << " nodes";
    EXPECT_TRUE(row.LinksAreEmpty()) << num_nodes << " nodes";
  }
}

}  // namespace
}  // namespace ringway::testing
