// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/interface/idl/lexer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ringway::idl {
namespace {

// "kind text line:column" of each token.
struct Lexed {
  explicit Lexed(std::string_view source) {
    Lexer lexer(source, "x.idl", &diagnostics);
    for (Token token = lexer.Next(); token.kind != TokenKind::kEnd; token = lexer.Next()) {
      tokens.push_back(Describe(token) + " " + std::to_string(token.at.line) + ":" +
                       std::to_string(token.at.column));
      kinds.push_back(token.kind);
    }
  }
  Diagnostics diagnostics;
  std::vector<std::string> tokens;
  std::vector<TokenKind> kinds;
};

using Strings = std::vector<std::string>;

TEST(LexerTest, TokensHaveTheirPlaces) {
  const Lexed lexed("interface X_1 {\r\n\tvoid a(in int b);\n};\n\"calc.idl\" 12 0x1F");
  EXPECT_EQ(lexed.tokens,
            (Strings{"'interface' 1:1", "'X_1' 1:11", "'{' 1:15", "'void' 2:2", "'a' 2:7",
                     "'(' 2:8", "'in' 2:9", "'int' 2:12", "'b' 2:16", "')' 2:17", "';' 2:18",
                     "'}' 3:1", "';' 3:2", "\"calc.idl\" 4:1", "'12' 4:12", "'0x1F' 4:15"}));
  EXPECT_EQ(lexed.diagnostics.num_errors(), 0U);
}

TEST(LexerTest, CommentsAreSpace) {
  const Lexed lexed("a // b ; \"\n/* c\n * d **/ e /**/ f/*/ g */h");
  EXPECT_EQ(lexed.tokens, (Strings{"'a' 1:1", "'e' 3:10", "'f' 3:17", "'h' 3:26"}));
  EXPECT_EQ(lexed.diagnostics.num_errors(), 0U);
}

TEST(LexerTest, RefusesACommentThatDoesNotEnd) {
  EXPECT_EQ(Lexed("a\n  /* b").diagnostics.text(),
            "x.idl:2:3: error: this comment does not end: expected '*/'\n");
  EXPECT_EQ(Lexed("/*/").diagnostics.num_errors(), 1U);
}

TEST(LexerTest, RefusesTextsThatDoNotEndOrHoldMoreThanText) {
  EXPECT_EQ(Lexed("\"ab\n\"").diagnostics.text(),
            "x.idl:1:4: error: this text does not end: expected '\"'\n"
            "x.idl:2:2: error: this text does not end: expected '\"'\n");
  EXPECT_EQ(Lexed("\"a\\b").diagnostics.text(),
            "x.idl:1:3: error: '\\' cannot be in a text\n"
            "x.idl:1:3: error: '\\' has no meaning here\n");
  EXPECT_EQ(Lexed("\"a\x01").diagnostics.num_errors(), 2U);
}

TEST(LexerTest, RefusesWhatIsNoNumber) {
  EXPECT_EQ(Lexed("12ab").diagnostics.text(),
            "x.idl:1:1: error: '12ab' is no number: expected digits, or 0x and digits\n");
  EXPECT_EQ(Lexed("0x").diagnostics.num_errors(), 1U);
  EXPECT_EQ(Lexed("0xg").diagnostics.num_errors(), 1U);
  EXPECT_EQ(Lexed("0X1").diagnostics.num_errors(), 1U);
}

TEST(LexerTest, RefusesBytesThatMeanNothing) {
  using namespace std::string_view_literals;
  EXPECT_EQ(Lexed("a + \xc3\x28\0"sv).diagnostics.text(),
            "x.idl:1:3: error: '+' has no meaning here\n"
            "x.idl:1:5: error: byte 0xc3 has no meaning here\n"
            "x.idl:1:7: error: byte 0x00 has no meaning here\n");
}

TEST(LexerTest, SaysEnoughAndThenStops) {
  const Lexed lexed(std::string(1000, '@'));
  EXPECT_EQ(lexed.diagnostics.num_errors(), 20U);
  EXPECT_TRUE(lexed.diagnostics.text().ends_with("x.idl:1:20: error: too many errors\n"));
}

}  // namespace
}  // namespace ringway::idl
