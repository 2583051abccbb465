// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/interface/idl/parser.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/interface/idl/compiled.h"

namespace ringway::idl {
namespace {

constexpr std::string_view kCalc = R"(
interface Calc
{
  void add(in int left, in int right, out int result);
  void subtract(in int left, in int right, out int result);
  void multiply(in int left, in int right, out int result);
  void divide(in int numerator, in int denominator, out int result);
};

interface Counter
{
  void increment(out int result);
};

interface CalcCounter composes Calc, Counter;
)";

// B1: the interfaces of the page that the grammar is from.
TEST(ParserTest, InterfacesHaveOperationsOrCompose) {
  const Compiled compiled(kCalc);
  EXPECT_EQ(compiled.errors(), "");
  ASSERT_EQ(compiled.file.interfaces.size(), 3U);
  const Interface& calc = *compiled.file.interfaces[0];
  EXPECT_EQ(calc.name.text, "Calc");
  ASSERT_EQ(calc.operations.size(), 4U);
  const Operation& divide = calc.operations[3];
  EXPECT_EQ(divide.name.text, "divide");
  EXPECT_EQ(divide.name.at.line, 7U);
  EXPECT_EQ(divide.name.at.column, 8U);
  ASSERT_EQ(divide.parameters.size(), 3U);
  EXPECT_EQ(divide.parameters[1].name.text, "denominator");
  EXPECT_EQ(divide.parameters[1].direction, Direction::kIn);
  EXPECT_EQ(divide.parameters[2].direction, Direction::kOut);
  EXPECT_EQ(divide.parameters[2].type.scalar, "int");
  const Interface& both = *compiled.file.interfaces[2];
  EXPECT_TRUE(both.is_compound());
  EXPECT_EQ(both.parts, (std::vector<const Interface*>{compiled.file.interfaces[0].get(),
                                                       compiled.file.interfaces[1].get()}));
}

TEST(ParserTest, ImportsAndThePackageComeByTheirNames) {
  File file = {"x.idl", "package a.b_c;\nimport \"d/calc.idl\"; import \"e.idl\";", {}, {}, {}};
  Diagnostics diagnostics;
  Parser(&file, &diagnostics).Run();
  EXPECT_EQ(diagnostics.text(), "");
  ASSERT_EQ(file.package.size(), 2U);
  EXPECT_EQ(file.package[1].text, "b_c");
  ASSERT_EQ(file.imports.size(), 2U);
  EXPECT_EQ(file.imports[0].path.text, "d/calc.idl");
  EXPECT_EQ(file.imports[1].path.at.line, 2U);
}

TEST(ParserTest, ExtensionsOfTheGrammar) {
  const Compiled compiled(R"([id = "other.X"] interface X {
    [opcode = 0x10, rights = 6, timeout_ms = 7] void a(in uint8_t b, inout double c);
    [oneway] void d(in string e, in string<5> f, in array<int64_t> g, in array<char, 9> h,
                    in handle i);
    void j();
  };)");
  EXPECT_EQ(compiled.errors(), "");
  const Interface& x = *compiled.file.interfaces.at(0);
  EXPECT_EQ(x.id->text, "other.X");
  EXPECT_EQ(x.operations.at(0).opcode->value, 16U);
  EXPECT_EQ(x.operations[0].rights->value, 6U);
  EXPECT_EQ(x.operations[0].timeout_ms->value, 7U);
  EXPECT_EQ(x.operations[0].parameters.at(1).direction, Direction::kInOut);
  EXPECT_TRUE(x.operations.at(1).oneway);
  const auto& parameters = x.operations[1].parameters;
  EXPECT_EQ(parameters.at(0).type.kind, TypeKind::kString);
  EXPECT_FALSE(parameters[0].type.max);
  EXPECT_EQ(parameters.at(1).type.max->value, 5U);
  EXPECT_EQ(parameters.at(2).type.kind, TypeKind::kArray);
  EXPECT_EQ(parameters[2].type.scalar, "int64_t");
  EXPECT_EQ(parameters.at(3).type.max->value, 9U);
  EXPECT_EQ(parameters.at(4).type.kind, TypeKind::kHandle);
  EXPECT_TRUE(x.operations.at(2).parameters.empty());
}

struct Mistake {
  const char* source;
  size_t line;
  size_t column;
  const char* words;
};

constexpr Mistake kMistakes[] = {
    {"interfaces X {};", 1, 1, "expected 'import', 'interface' or 'package', found 'interfaces'"},
    {"interface {};", 1, 11, "expected the name of the interface, found '{'"},
    {"interface void {};", 1, 11,
     "expected the name of the interface, found 'void', which is a word of the IDL"},
    {"interface X;", 1, 12,
     "expected '{' or 'composes' after the name of the interface, found ';'"},
    {"interface X {", 1, 14, "expected '}' at the end of the interface, found the end of the file"},
    {"interface X {}", 1, 15, "expected ';' after the interface, found the end of the file"},
    {"interface X composes ;", 1, 22, "expected the name of an interface, found ';'"},
    {"interface X composes A B;", 1, 24,
     "expected ';' or ',' after the name of an interface, found 'B'"},
    {"interface X {\n  int a();\n};", 2, 3,
     "expected 'void', which begins an operation, or '}', found 'int'"},
    {"interface X { void (); };", 1, 20, "expected the name of the operation, found '('"},
    {"interface X { void a; };", 1, 21, "expected '(' after the name of the operation, found ';'"},
    {"interface X { void a(int b); };", 1, 22, "expected 'in', 'out' or 'inout', found 'int'"},
    {"interface X { void a(in b); };", 1, 25,
     "expected a type: int, int8_t to int64_t, uint8_t to uint64_t, float, double, bool, char, "
     "string, array<...> or handle, found 'b'"},
    {"interface X { void a(in long b); };", 1, 25,
     "'long' has no fixed width: use int32_t, uint32_t or another one"},
    {"interface X { void a(in int); };", 1, 28, "expected the name of the parameter, found ')'"},
    {"interface X { void a(in int b,); };", 1, 31, "expected 'in', 'out' or 'inout', found ')'"},
    {"interface X { void a(in int b c); };", 1, 31,
     "expected ')' or ',' after the parameter, found 'c'"},
    {"interface X { void a()\n};", 2, 1, "expected ';' after the operation, found '}'"},
    {"interface X { void a(in array int b); };", 1, 31,
     "expected '<' and the type of the elements, found 'int'"},
    {"interface X { void a(in array<string> b); };", 1, 31,
     "expected a number type, of the elements, found 'string'"},
    {"interface X { void a(in array<int b); };", 1, 35,
     "expected '>' or ',' after the type of the elements, found 'b'"},
    {"interface X { void a(in string<x> b); };", 1, 32,
     "expected the most characters of the string, found 'x'"},
    {"interface X { void a(in array<int, 5 b); };", 1, 38,
     "expected '>' after the number, found 'b'"},
    {"interface X { void a(in string<99999999999999999999> b); };", 1, 32,
     "'99999999999999999999' is too large a number"},
    {"import calc;", 1, 8, "expected the path of a file in quotes, found 'calc'"},
    {"import \"a.idl\"", 1, 15, "expected ';' after the path, found the end of the file"},
    {"package 1;", 1, 9, "expected the name of the package, found '1'"},
    {"package a;\npackage b;", 2, 1, "a second package: the first one is at x.idl:1:9"},
    {"interface X {};\npackage b;", 2, 1, "a package is named before the first interface"},
    {"[oneway] interface X {};", 1, 2,
     "an interface has no attribute 'oneway': expected id or qualified"},
    {"[id] interface X {};", 1, 2, "'id' takes a text that is not empty"},
    {"[id = \"\"] interface X {};", 1, 7, "'id' takes a text that is not empty"},
    {"[id = \"a\"] import \"a.idl\";", 1, 12,
     "expected 'interface' after its attributes, found 'import'"},
    {"interface X { [id = \"a\"] void a(); };", 1, 16,
     "an operation has no attribute 'id': expected oneway, opcode, rights or timeout_ms"},
    {"interface X { [oneway = 1] void a(); };", 1, 25, "'oneway' takes no value"},
    {"interface X { [opcode] void a(); };", 1, 16, "'opcode' takes a number"},
    {"interface X { [rights = \"a\"] void a(); };", 1, 25, "'rights' takes a number"},
    {"interface X { [rights = ] void a(); };", 1, 25,
     "expected a number or a text in quotes, found ']'"},
    {"interface X { [oneway, oneway] void a(); };", 1, 24, "a second attribute 'oneway'"},
    {"interface X { [oneway void a(); };", 1, 23,
     "expected ']' or ',' after the attribute, found 'void'"},
};

TEST(ParserTest, RefusesWithThePlaceAndWhatWasExpected) {
  for (const Mistake& mistake : kMistakes) {
    EXPECT_EQ(Compiled(mistake.source).errors(),
              ErrorAt(mistake.line, mistake.column, mistake.words))
        << mistake.source;
  }
}

TEST(ParserTest, GoesOnBehindAMistake) {
  const Compiled compiled(R"(interface A {
  void a(in int);
  void b(out float c);
  int d();
};
interfaces B {};
interface C { void e(in int f) };
interface D { void g(); };
)");
  EXPECT_EQ(compiled.errors(),
            ErrorAt(2, 16, "expected the name of the parameter, found ')'") +
                ErrorAt(4, 3, "expected 'void', which begins an operation, or '}', found 'int'") +
                ErrorAt(6, 1, "expected 'import', 'interface' or 'package', found 'interfaces'") +
                ErrorAt(7, 32, "expected ';' after the operation, found '}'"));
  // What was right is there.
  ASSERT_EQ(compiled.file.interfaces.size(), 3U);
  EXPECT_EQ(compiled.file.interfaces[0]->operations.size(), 1U);
  EXPECT_EQ(compiled.file.interfaces[2]->operations.size(), 1U);
}

}  // namespace
}  // namespace ringway::idl
