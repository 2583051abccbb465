// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/select.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <string>
#include <vector>

#include "bench/arguments.h"
#include "bench/cases.h"
#include "bench/goals.h"

namespace ringway::bench {
namespace {

std::vector<std::string> Selected(std::vector<std::string> words) {
  const Cases all = {{"rate/a/bytes:8", 8, nullptr},
                     {"rate/a/bytes:65536", 65536, nullptr},
                     {"transfer/a/depth:1", 8, nullptr, Extent::kNotQuick},
                     {"scale/portals:9", 8, nullptr, Extent::kNamed}};
  std::vector<std::string> names;
  for (const Case& each : SelectCases(all, ParseArguments(std::move(words)).arguments)) {
    names.push_back(each.name);
  }
  return names;
}

using Names = std::vector<std::string>;

TEST(SelectCasesTest, LeavesOutWhatTakesLongUnlessNamed) {
  EXPECT_EQ(Selected({}), Names({"rate/a/bytes:8", "rate/a/bytes:65536", "transfer/a/depth:1"}));
  EXPECT_EQ(Selected({"--only", "^scale/"}), Names({"scale/portals:9"}));
  EXPECT_EQ(Selected({"--only", "a/.*:(8|1)$"}), Names({"rate/a/bytes:8", "transfer/a/depth:1"}));
}

TEST(SelectCasesTest, IsShortWhenQuick) {
  EXPECT_EQ(Selected({"--quick"}), Names({"rate/a/bytes:8"}));
  EXPECT_EQ(Selected({"--quick", "--only", "transfer"}), Names());
}

TEST(AllCasesTest, HaveNamesOfTheScheme) {
  const std::regex scheme(
      "roundtrip/[a-z_]+/(poll|park|adaptive|trap)/bytes:[0-9]+|"
      "(rate|sendcost)/[a-z_]+/bytes:[0-9]+|"
      "transfer/[a-z_]+/depth:[0-9]+|scale/portals:[0-9]+");
  std::set<std::string> names;
  for (const Case& each : AllCases()) {
    EXPECT_TRUE(std::regex_match(each.name, scheme)) << each.name;
    EXPECT_TRUE(names.insert(each.name).second) << each.name << " is there twice";
  }
  for (const Goal& goal : AllGoals()) {
    EXPECT_TRUE(names.contains(goal.subject)) << goal.subject;
    for (const std::string& rival : goal.rivals) EXPECT_TRUE(names.contains(rival)) << rival;
  }
}

}  // namespace
}  // namespace ringway::bench
