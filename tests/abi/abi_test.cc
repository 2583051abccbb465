// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

// Reports each fact of the ABI as a test of its own, in each language. The facts were asserted when
// the C99 and the C++11 file were compiled; a difference found here means that a table is not what
// was asserted.

#include <gtest/gtest.h>

#include <cctype>
#include <set>
#include <string>
#include <vector>

#include "tests/abi/abi_rows.h"

namespace ringway {
namespace {

std::vector<RwAbiRow> Rows(const RwAbiTable& table) {
  return std::vector<RwAbiRow>(table.rows, table.rows + table.num_rows);
}

std::string RowName(const testing::TestParamInfo<RwAbiRow>& info) { return info.param.name; }

class IpczAbiTest : public testing::TestWithParam<RwAbiRow> {};

TEST_P(IpczAbiTest, IsAsPublished) { EXPECT_EQ(GetParam().actual, GetParam().expected); }

INSTANTIATE_TEST_SUITE_P(C99, IpczAbiTest, testing::ValuesIn(Rows(RwAbiTableC99())), RowName);
INSTANTIATE_TEST_SUITE_P(Cxx11, IpczAbiTest, testing::ValuesIn(Rows(RwAbiTableCxx11())), RowName);

TEST(IpczAbiTableTest, IsTheSameInBothLanguages) {
  const auto c = Rows(RwAbiTableC99());
  const auto cxx = Rows(RwAbiTableCxx11());
  ASSERT_EQ(c.size(), cxx.size());
  for (size_t i = 0; i < c.size(); ++i) {
    EXPECT_STREQ(c[i].name, cxx[i].name);
    EXPECT_EQ(c[i].actual, cxx[i].actual) << c[i].name;
  }
}

// A row lost in an edit of the list would otherwise pass unseen.
TEST(IpczAbiTableTest, HasEveryFact) {
  size_t results = 0, values = 0, sizes = 0, alignments = 0, offsets = 0, others = 0;
  std::set<std::string> names;
  for (const RwAbiRow& row : Rows(RwAbiTableC99())) {
    const std::string name = row.name;
    EXPECT_TRUE(names.insert(name).second) << name << " stands twice";
    if (name.rfind("IPCZ_RESULT_", 0) == 0)
      ++results;
    else if (name.rfind("IPCZ_", 0) == 0)
      ++values;
    else if (name.rfind("sizeof_", 0) == 0)
      ++sizes;
    else if (name.rfind("alignof_", 0) == 0)
      ++alignments;
    else if (name.rfind("offsetof_", 0) == 0)
      ++offsets;
    else
      ++others;
  }
  EXPECT_EQ(results, 16u);
  EXPECT_EQ(values, 3u + 23u);          // constants and flags
  EXPECT_EQ(sizes, 16u + 9u);           // typedefs and structs
  EXPECT_EQ(alignments, 9u);            // structs
  EXPECT_EQ(offsets, 25u + 14u + 17u);  // plain data, IpczDriver, IpczAPI
  EXPECT_EQ(others, 27u);               // macros with parameters
}

TEST(IpczApiMacroTest, CanBeOverridden) { EXPECT_STREQ(RwAbiOverriddenApi(), "__attribute__(())"); }

// A header included alone, first with all it needs and twice.
struct AloneHeader {
  const char* name;
  RwAbiTable (*c99)();
  RwAbiTable (*cxx11)();
};

class HeaderAloneTest : public testing::TestWithParam<AloneHeader> {};

TEST_P(HeaderAloneTest, HasTheSameLayoutInC99AndCxx11) {
  const auto c = Rows(GetParam().c99());
  const auto cxx = Rows(GetParam().cxx11());
  ASSERT_EQ(c.size(), cxx.size());
  for (size_t i = 0; i < c.size(); ++i) EXPECT_EQ(c[i].actual, cxx[i].actual) << c[i].name;
}

INSTANTIATE_TEST_SUITE_P(
    All, HeaderAloneTest,
    testing::Values(AloneHeader{"Ipcz", RwAloneIpczC99, RwAloneIpczCxx11},
                    AloneHeader{"Ringway", RwAloneRingwayC99, RwAloneRingwayCxx11},
                    AloneHeader{"DriverExtension", RwAloneDriverExtensionC99,
                                RwAloneDriverExtensionCxx11}),
    [](const testing::TestParamInfo<AloneHeader>& info) { return info.param.name; });

}  // namespace
}  // namespace ringway
