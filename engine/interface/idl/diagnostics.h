// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_INTERFACE_IDL_DIAGNOSTICS_H_
#define ENGINE_INTERFACE_IDL_DIAGNOSTICS_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace ringway::idl {

// A place in an IDL file. Lines and columns count from 1, columns in bytes.
struct Position {
  std::string_view path;  // of a File, which outlives this
  size_t line = 1;
  size_t column = 1;
};

std::string ToString(const Position& at);

// What is wrong with the input, one line each: `path:line:column: error: words`.
class Diagnostics {
 public:
  void Error(const Position& at, std::string_view words);

  size_t num_errors() const { return num_errors_; }
  // Enough was said: what follows may well be wrong only because of what came before.
  bool is_full() const { return num_errors_ >= kErrorsMax; }
  const std::string& text() const { return text_; }

 private:
  static constexpr size_t kErrorsMax = 20;
  size_t num_errors_ = 0;
  std::string text_;
};

}  // namespace ringway::idl

#endif  // ENGINE_INTERFACE_IDL_DIAGNOSTICS_H_
