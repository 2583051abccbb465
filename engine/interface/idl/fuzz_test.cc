// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Whatever the input is: outputs, or errors that name a place in it.

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "engine/interface/idl/compiled.h"
#include "engine/interface/idl/generator.h"

namespace ringway::idl {
namespace {

constexpr std::string_view kSource = R"(// All there is.
package test.fuzz;
/* Parts. */
[id = "a.b"] interface A {
  void f(in bool a, in char b, inout int8_t c, out uint64_t d, in float e, out double g);
  [oneway, rights = 0x3] void h(in string i, in string<5> j);
};
interface B { [opcode = 7, timeout_ms = 9] void f(out array<int32_t> k, in array<uint8_t, 4> l); };
[qualified] interface C composes A, B;
interface D { void m(in handle n, out handle o, out string<9> p); };
interface E composes C, D;
)";

constexpr std::string_view kWords[] = {
    "interface", "composes", "void", "in",         "out", "inout", "string", "array", "handle",
    "package",   "import",   "int",  "{",          "}",   "(",     ")",      "[",     "]",
    "<",         ">",        ";",    ",",          "=",   ".",     "\"x\"",  "/*",    "*/",
    "//",        "\n",       "0",    "4294967296", "f",   "A",     "_",      "class", "\"",
};

size_t Count(std::string_view text, char c) {
  return static_cast<size_t>(std::count(text.begin(), text.end(), c));
}

// Nothing but lines `x.idl:line:column: error: words`, each of a place in `source`.
void ExpectPlaces(const std::string& errors, const std::string& source) {
  std::istringstream lines(errors);
  for (std::string line; std::getline(lines, line);) {
    size_t number = 0;
    size_t column = 0;
    int words = 0;
    ASSERT_EQ(std::sscanf(line.c_str(), "x.idl:%zu:%zu: error: %n", &number, &column, &words), 2)
        << line;
    EXPECT_GT(line.size(), static_cast<size_t>(words)) << line;
    EXPECT_LE(number, Count(source, '\n') + 1) << line;
    EXPECT_GE(number, 1U);
    EXPECT_GE(column, 1U);
    EXPECT_LE(column, source.size() + 1) << line;
  }
}

// How many mistakes were found.
size_t Compile(const std::string& source) {
  const Compiled compiled(source);
  ExpectPlaces(compiled.errors(), source);
  const size_t num_errors = compiled.diagnostics.num_errors();
  EXPECT_EQ(num_errors == 0 ? Generate(compiled.file).size() : 7, 7U);
  return num_errors;
}

TEST(FuzzTest, EachBeginningIsRefusedOrCompiled) {
  const std::string source(kSource);
  ASSERT_EQ(Compiled(source).errors(), "");
  size_t good = 0;
  for (size_t size = 0; size <= source.size(); ++size) {
    good += Compile(source.substr(0, size)) == 0;
  }
  // After each declaration, and within what stands between them.
  EXPECT_GT(good, 6U);
  EXPECT_LT(good, 100U);
}

TEST(FuzzTest, RandomBytesAreRefusedOrCompiled) {
  std::minstd_rand random(1);
  for (int round = 0; round < 3000; ++round) {
    std::string source(kSource);
    for (uint32_t i = 0; i <= random() % 5; ++i) {
      source[random() % source.size()] = static_cast<char>(random() & 255);
    }
    Compile(source);
  }
  for (int round = 0; round < 300; ++round) {
    std::string source(random() % 200, '\0');
    for (char& c : source) c = static_cast<char>(random() & 255);
    Compile(source);
  }
}

TEST(FuzzTest, WordsThatGoOrComeOrMoveAreRefusedOrCompiled) {
  std::minstd_rand random(2);
  const std::string source(kSource);
  for (int round = 0; round < 3000; ++round) {
    std::string changed = source;
    for (uint32_t i = 0; i <= random() % 3; ++i) {
      const size_t at = random() % changed.size();
      const size_t size = random() % 20;
      if (random() % 3 == 0) changed.erase(at, size);
      if (random() % 3 == 0) changed.insert(at, changed.substr(random() % changed.size(), size));
      changed.insert(random() % (changed.size() + 1), kWords[random() % std::size(kWords)]);
    }
    Compile(changed);
  }
}

TEST(FuzzTest, WordsAloneAreRefusedOrCompiled) {
  std::minstd_rand random(3);
  for (int round = 0; round < 3000; ++round) {
    std::string source;
    for (uint32_t i = 0; i < random() % 60; ++i) {
      source += std::string(kWords[random() % std::size(kWords)]) + " ";
    }
    Compile(source);
  }
}

TEST(FuzzTest, DeepAndLongInputIsRefusedOrCompiled) {
  EXPECT_EQ(Compile("interface X {" + std::string(100'000, '{')), 2U);
  EXPECT_GT(Compile(std::string(100'000, '[')), 0U);
  EXPECT_EQ(Compile("interface " + std::string(100'000, 'x') + " {};"), 0U);
  std::string many;
  for (int i = 0; i < 2000; ++i) many += "interface I" + std::to_string(i) + " { void a(); };\n";
  EXPECT_EQ(Compile(many), 0U);
  std::string chain = "interface C0 {};\n";
  for (int i = 1; i < 200; ++i) {
    chain += "interface C" + std::to_string(i) + " composes C" + std::to_string(i - 1) + ";\n";
  }
  EXPECT_EQ(Compile(chain), 0U);
}

}  // namespace
}  // namespace ringway::idl
