// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// How an operation looks in each place where the generated code has it, and
// what leads from one to the next.

#ifndef ENGINE_INTERFACE_IDL_SHAPES_H_
#define ENGINE_INTERFACE_IDL_SHAPES_H_

#include <string>
#include <vector>

#include "engine/interface/idl/syntax.h"

namespace ringway::idl {

enum class Shape {
  kC,         // the functions of an iface_X
  kCpp,       // the member functions of the class X
  kDeclared,  // the types in a Method<>
  kHandler,   // what the typed layer gives to a handler
};

std::vector<std::string> Parameters(const Operation& operation, Shape shape);
// The names of the parameters in C, to pass them on as they are.
std::vector<std::string> CNames(const Operation& operation);

// A function that has an operation in one shape and calls it in another.
struct Bridge {
  std::vector<std::string> owned;      // statements: what is released even if nothing is called
  std::vector<std::string> refused;    // conditions under which it is an argument that cannot be
  std::vector<std::string> before;     // statements
  std::vector<std::string> arguments;  // of the call
  std::vector<std::string> always;     // statements after the call, whatever it answered
  std::vector<std::string> after;      // statements after a call that succeeded
};

Bridge FromCppToDeclared(const Operation& operation);
Bridge FromCToDeclared(const Operation& operation);
Bridge FromHandlerToCpp(const Operation& operation);
Bridge FromCppToC(const Operation& operation);

}  // namespace ringway::idl

#endif  // ENGINE_INTERFACE_IDL_SHAPES_H_
