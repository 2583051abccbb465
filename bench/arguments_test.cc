// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/arguments.h"

#include <gtest/gtest.h>

namespace ringway::bench {
namespace {

TEST(ArgumentsTest, SendsTheDocumentationUnlessTold) {
  const ParsedArguments parsed = ParseArguments({});
  EXPECT_EQ(parsed.error, "");
  EXPECT_FALSE(parsed.arguments.quick);
  EXPECT_EQ(parsed.arguments.tree, "/usr/share/doc");
  EXPECT_FALSE(parsed.arguments.named);
  EXPECT_TRUE(std::regex_search("roundtrip/portal/poll/bytes:8", parsed.arguments.only));
}

TEST(ArgumentsTest, TakesAllOptions) {
  const ParsedArguments parsed =
      ParseArguments({"--quick", "--json", "out.json", "--only", "rate/.*:8$", "--rounds", "7",
                      "--seconds", "9", "/"});
  EXPECT_EQ(parsed.error, "");
  EXPECT_TRUE(parsed.arguments.quick);
  EXPECT_EQ(parsed.arguments.json, "out.json");
  EXPECT_TRUE(parsed.arguments.named);
  EXPECT_EQ(parsed.arguments.rounds, 7u);
  EXPECT_EQ(parsed.arguments.seconds, 9u);
  EXPECT_EQ(parsed.arguments.tree, "/");
  EXPECT_TRUE(std::regex_search("rate/portal/bytes:8", parsed.arguments.only));
  EXPECT_FALSE(std::regex_search("rate/portal/bytes:64", parsed.arguments.only));
}

// One line that says what was wrong and what to try.
void ExpectRefused(std::vector<std::string> words, const std::string& what) {
  const ParsedArguments parsed = ParseArguments(std::move(words));
  EXPECT_NE(parsed.error.find(what), std::string::npos) << parsed.error;
  EXPECT_EQ(parsed.error.find('\n'), std::string::npos) << parsed.error;
  EXPECT_EQ(parsed.error.back(), ')') << parsed.error;
}

TEST(ArgumentsTest, RefusesWhatItDoesNotKnow) {
  ExpectRefused({"--fast"}, "--fast");
  ExpectRefused({"--json"}, "--json");
  ExpectRefused({"--rounds", "none"}, "--rounds");
  ExpectRefused({"--only", "("}, "--only: '(' is no regular expression");
  ExpectRefused({"/nowhere/at/all"}, "/nowhere/at/all");
  ExpectRefused({"/", "/"}, "/");
}

TEST(ArgumentsTest, SendsNoTreeWhenOnlyMeasurementsAreWanted) {
  EXPECT_EQ(ParseArguments({"--quick"}).arguments.tree, "");
  EXPECT_EQ(ParseArguments({"--only", "rate"}).arguments.tree, "");
  EXPECT_EQ(ParseArguments({"--only", "rate", "/"}).arguments.tree, "/");
}

TEST(ArgumentsTest, GivesHelp) {
  EXPECT_NE(ParseArguments({"--help"}).help.find("--quick"), std::string::npos);
}

}  // namespace
}  // namespace ringway::bench
