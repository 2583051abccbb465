// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What an IDL file says, as the parser leaves it. docs/idl.md has the grammar.

#ifndef ENGINE_INTERFACE_IDL_SYNTAX_H_
#define ENGINE_INTERFACE_IDL_SYNTAX_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/interface/idl/diagnostics.h"

namespace ringway::idl {

struct Name {
  std::string text;
  Position at;
};

// A number in the source, with its place.
struct Number {
  uint64_t value;
  Position at;
};

enum class Direction { kIn, kOut, kInOut };

enum class TypeKind { kScalar, kString, kArray, kHandle };

struct Type {
  TypeKind kind = TypeKind::kScalar;
  std::string scalar;         // as C spells it; of an array: its elements
  std::optional<Number> max;  // characters of a string, elements of an array
  Position at;
};

struct Parameter {
  Direction direction;
  Type type;
  Name name;
};

struct Operation {
  Name name;
  std::vector<Parameter> parameters;
  bool oneway = false;
  std::optional<Number> opcode;
  std::optional<Number> rights;
  std::optional<Number> timeout_ms;
};

struct Interface {
  Name name;
  std::optional<Name> id;  // what the id is made of, if not of the name
  bool qualified = false;  // operations of its parts may have the same name
  std::vector<Operation> operations;
  std::vector<Name> composes;

  // Found by Check(), in the order of `composes`.
  std::vector<const Interface*> parts;
  const struct File* file = nullptr;

  bool is_compound() const { return !composes.empty(); }
};

struct Import {
  Name path;
  const struct File* file = nullptr;  // found by the loader
};

struct File {
  std::string path;    // as messages name it
  std::string source;  // what all positions and tokens are of
  std::vector<Name> package;
  std::vector<Import> imports;
  std::vector<std::unique_ptr<Interface>> interfaces;
};

// The scalar types of the IDL are those of C with these names.
bool IsScalar(std::string_view name);
// Words of the IDL, which name nothing else.
bool IsKeyword(std::string_view name);

}  // namespace ringway::idl

#endif  // ENGINE_INTERFACE_IDL_SYNTAX_H_
