// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Of two messages that two threads of a node send about an edge's token, either may come first.

#include "engine/route/edge_token.h"

#include <gtest/gtest.h>

namespace ringway::testing {
namespace {

// One side has asked for the token; the other one's Want comes before it.
void AskAndHearWant(EdgeToken& token) {
  ASSERT_EQ(token.Lock(), EdgeToken::Answer::kAsk);
  EXPECT_FALSE(token.OnWant());
  token.OnToken();
}

TEST(EdgeTokenTest, WhatNobodyLocksGoesBackToWhoWantedItBeforeItCame) {
  EdgeToken token;
  AskAndHearWant(token);
  EXPECT_TRUE(token.AfterToken());
  EXPECT_FALSE(token.AfterToken()) << "once";
  EXPECT_EQ(token.Lock(), EdgeToken::Answer::kAsk) << "it is not here any more";
}

TEST(EdgeTokenTest, WhatIsLockedGoesBackOnceItIsNot) {
  EdgeToken token;
  AskAndHearWant(token);
  ASSERT_EQ(token.Lock(), EdgeToken::Answer::kLocked);
  EXPECT_FALSE(token.AfterToken());
  EXPECT_TRUE(token.Unlock());
}

}  // namespace
}  // namespace ringway::testing
