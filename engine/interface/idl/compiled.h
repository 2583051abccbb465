// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_INTERFACE_IDL_COMPILED_H_
#define ENGINE_INTERFACE_IDL_COMPILED_H_

#include <string>
#include <string_view>

#include "engine/interface/idl/checker.h"
#include "engine/interface/idl/parser.h"

namespace ringway::idl {

// For tests: the text of a file x.idl without imports, and what is wrong with it.
struct Compiled {
  explicit Compiled(std::string_view source) : file{"x.idl", std::string(source), {}, {}, {}} {
    Parser(&file, &diagnostics).Run();
    if (diagnostics.num_errors() == 0) Checker(&diagnostics).Run({&file});
  }
  const std::string& errors() const { return diagnostics.text(); }

  File file;
  Diagnostics diagnostics;
};

// A line of errors().
inline std::string ErrorAt(size_t line, size_t column, const std::string& words) {
  return "x.idl:" + std::to_string(line) + ":" + std::to_string(column) + ": error: " + words +
         "\n";
}

}  // namespace ringway::idl

#endif  // ENGINE_INTERFACE_IDL_COMPILED_H_
