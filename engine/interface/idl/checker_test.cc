// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/interface/idl/checker.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/interface/idl/compiled.h"
#include "engine/interface/idl/flat.h"
#include "engine/interface/idl/reserved.h"

namespace ringway::idl {
namespace {

// The errors in the operation `void a(PARAMETERS)` of an interface X.
std::string ErrorsOf(const std::string& parameters) {
  return Compiled("interface X { void a(" + parameters + "); };").errors();
}
std::string ErrorsWith(const std::string& attributes) {
  return Compiled("interface X { [" + attributes + "] void a(); };").errors();
}

TEST(CheckerTest, RefusesNamesThatCOrCppKeepForThemselves) {
  const char* const reserved[] = {"class",    "restrict", "co_await", "xor",    "errno",
                                  "linux",    "offsetof", "ringway",  "size_t", "INT8_MAX",
                                  "UINT64_C", "RW_EOK",   "IpczAPI",  "_x",     "x__y",
                                  "alignas",  "while",    "xor_eq",   "typeof", "static_cast"};
  for (const std::string name : reserved) {
    EXPECT_NE(WhyReserved(name), "") << name;
    const std::string words = "'" + name + "' " + WhyReserved(name);
    EXPECT_EQ(Compiled("interface " + name + " {};").errors(), ErrorAt(1, 11, words));
    EXPECT_EQ(Compiled("interface X { void " + name + "(); };").errors(), ErrorAt(1, 20, words));
    EXPECT_EQ(ErrorsOf("in int " + name), ErrorAt(1, 29, words));
    EXPECT_EQ(Compiled("package " + name + ";").errors(), ErrorAt(1, 9, words));
  }
  for (const char* name : {"classes", "Class", "x_y", "xx", "INT_X", "size", "interface_"}) {
    EXPECT_EQ(WhyReserved(name), "") << name;
  }
}

TEST(CheckerTest, RefusesNamesThatAreThereTwice) {
  EXPECT_EQ(Compiled("interface X {};\ninterface X {};").errors(),
            ErrorAt(2, 11, "a second interface 'X': the first one is at x.idl:1:11"));
  EXPECT_EQ(Compiled("interface X { void a(); void a(in int b); };").errors(),
            ErrorAt(1, 30, "a second operation 'a': the first one is at x.idl:1:20"));
  EXPECT_EQ(ErrorsOf("in int b, out int b"),
            ErrorAt(1, 40, "a second parameter 'b': the first one is at x.idl:1:29"));
  EXPECT_EQ(ErrorsOf("in array<int> b, in int b_count"),
            ErrorAt(1, 46, "in C, 'b_count' belongs to the parameter 'b'"));
  EXPECT_EQ(ErrorsOf("in int b_size, out string<9> b"),
            ErrorAt(1, 29, "in C, 'b_size' belongs to the parameter 'b'"));
  EXPECT_EQ(ErrorsOf("in string b, in int b_size, in handle c, in int c_count"), "");
}

TEST(CheckerTest, RefusesNamesThatTheGeneratedCodeHas) {
  EXPECT_EQ(Compiled("interface X {};\ninterface ref_X {};").errors(),
            ErrorAt(2, 11, "'ref_X' is generated for 'ref_X' and for 'X' at x.idl:1:11"));
  EXPECT_EQ(Compiled("interface X { void a(); };\ninterface call_X_a {};").errors(),
            ErrorAt(2, 11, "'call_X_a' is generated for 'call_X_a' and for 'X' at x.idl:1:11"));
  EXPECT_EQ(Compiled("interface X { void Declaration(); };").errors(),
            ErrorAt(1, 20, "'Declaration' is used by the generated code"));
  EXPECT_EQ(Compiled("interface X { void X(); };").errors(),
            ErrorAt(1, 20, "an operation and an interface are both called 'X'"));
  EXPECT_EQ(Compiled("package X;\ninterface X {};").errors(),
            ErrorAt(1, 9, "a package and an interface are both called 'X'"));
}

TEST(CheckerTest, RefusesParametersThatCannotBe) {
  EXPECT_EQ(
      ErrorsOf("inout string<5> b"),
      ErrorAt(1, 28, "only numbers are inout: use one parameter that is in and one that is out"));
  EXPECT_EQ(ErrorsOf("inout handle b").find("only numbers are inout") != std::string::npos, true);
  EXPECT_EQ(ErrorsOf("out string b"),
            ErrorAt(1, 26, "a string that is out has a bound: string<100>, for example"));
  EXPECT_EQ(ErrorsOf("out string<0> b"), ErrorAt(1, 33, "a bound is between 1 and 1048576"));
  EXPECT_EQ(ErrorsOf("out string<1048577> b"), ErrorAt(1, 33, "a bound is between 1 and 1048576"));
  EXPECT_EQ(ErrorsOf("in array<int, 4294967295> b"),
            ErrorAt(1, 36, "a bound is between 1 and 4294967293"));
  EXPECT_EQ(ErrorsOf("in array<bool> b"),
            ErrorAt(1, 25, "elements are no bool, which has bytes that mean nothing: use uint8_t"));
  std::string many;
  for (int i = 0; i < 33; ++i) many += (i ? ", in int p" : "in int p") + std::to_string(i);
  EXPECT_EQ(ErrorsOf(many), ErrorAt(1, 20, "an operation has 32 parameters at most, this one 33"));
  many.clear();
  for (int i = 0; i < 17; ++i) many += (i ? ", out handle p" : "out handle p") + std::to_string(i);
  EXPECT_EQ(ErrorsOf(many), ErrorAt(1, 20, "a message carries 16 handles at most"));
}

TEST(CheckerTest, RefusesAttributesThatCannotBe) {
  EXPECT_EQ(ErrorsWith("opcode = 4294967295"),
            ErrorAt(1, 25, "an opcode has 32 bits, and not all of them set"));
  EXPECT_EQ(ErrorsWith("rights = 4294967296"), ErrorAt(1, 25, "rights have 32 bits"));
  EXPECT_EQ(ErrorsWith("timeout_ms = 18446744073709551615"),
            ErrorAt(1, 29, "this timeout is longer than time is counted"));
  EXPECT_EQ(ErrorsWith("oneway, timeout_ms = 1"),
            ErrorAt(1, 37, "a oneway operation waits for nothing"));
  EXPECT_EQ(Compiled("interface X { [oneway] void a(out int b); };").errors(),
            ErrorAt(1, 39, "nothing comes back from a oneway operation"));
  EXPECT_EQ(Compiled("interface X { [opcode = 3] void a(); [opcode = 3] void b(); };").errors(),
            ErrorAt(1, 48, "opcodes ascend: 4 or more is expected here"));
  EXPECT_EQ(
      Compiled("interface X { [opcode = 3] void a(); void b(); [opcode = 5] void c(); };").errors(),
      "");
  EXPECT_EQ(Compiled("[qualified] interface X {};").errors(),
            ErrorAt(1, 23, "'X' composes nothing, so it is not qualified"));
  EXPECT_EQ(Compiled("interface X {};\n[id = \"X\"] interface Y {};").errors(),
            ErrorAt(2, 7, "'Y' has the id of 'X' at x.idl:1:11"));
}

TEST(CheckerTest, RefusesPartsThatAreNotThereOrThereTwice) {
  EXPECT_EQ(Compiled("interface X composes X;").errors(),
            ErrorAt(1, 22, "no interface 'X' is declared before this, here or in an import"));
  EXPECT_EQ(Compiled("interface X composes A;\ninterface A {};").errors(),
            ErrorAt(1, 22, "no interface 'A' is declared before this, here or in an import"));
  EXPECT_EQ(Compiled("interface A {};\ninterface X composes A, A;").errors(),
            ErrorAt(2, 25, "'A' is a part of 'X' twice: through 'A' and 'A'"));
  EXPECT_EQ(Compiled("interface A {};\ninterface B composes A;\ninterface C composes A;\n"
                     "interface X composes B, C;")
                .errors(),
            ErrorAt(4, 25, "'A' is a part of 'X' twice: through 'B' and 'C'"));
}

constexpr char kClashing[] = R"(interface A { void reset(); void a(); };
interface B { void reset(in int to); };
)";

// B8: rejected unless qualified.
TEST(CheckerTest, RefusesOperationsOfOneNameUnlessTheInterfaceIsQualified) {
  EXPECT_EQ(Compiled(std::string(kClashing) + "interface X composes A, B;").errors(),
            ErrorAt(3, 11,
                    "'A' and 'B' both have an operation 'reset'; a [qualified] interface may "
                    "compose them"));
  const Compiled compiled(std::string(kClashing) + "[qualified] interface X composes A, B;");
  EXPECT_EQ(compiled.errors(), "");
  std::string names;
  for (const FlatOperation& flat : FlatOperations(*compiled.file.interfaces[2])) {
    names += flat.name + " ";
  }
  EXPECT_EQ(names, "A_reset a B_reset ");
}

TEST(CheckerTest, RefusesOperationsThatClashWithOnesRenamedFurtherDown) {
  const std::string both = std::string(kClashing) + "[qualified] interface X composes A, B;\n";
  EXPECT_EQ(Compiled(both + "interface C { void reset(); };\ninterface Y composes X, C;").errors(),
            ErrorAt(5, 11,
                    "'C' and 'A' both have an operation 'reset'; a [qualified] interface may "
                    "compose them") +
                ErrorAt(5, 11,
                        "'C' and 'B' both have an operation 'reset'; a [qualified] interface may "
                        "compose them"));
  EXPECT_EQ(
      Compiled(both + "interface C { void reset(); };\n[qualified] interface Y composes X, C;")
          .errors(),
      "");
  EXPECT_EQ(Compiled(both + "interface C { void A_reset(); };\n"
                            "[qualified] interface Y composes X, C;")
                .errors(),
            ErrorAt(5, 23, "'A' and 'C' both have an operation 'A_reset'"));
}

TEST(CheckerTest, IdsAreOfThePackageAndTheNameUnlessTheyAreGiven) {
  const Compiled compiled("package a.b;\ninterface X {};\n[id = \"old.Y\"] interface Y {};");
  EXPECT_EQ(compiled.errors(), "");
  EXPECT_EQ(IdName(*compiled.file.interfaces[0]), "a.b.X");
  EXPECT_EQ(IdName(*compiled.file.interfaces[1]), "old.Y");
}

}  // namespace
}  // namespace ringway::idl
