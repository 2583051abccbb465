// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/interface/idl/diagnostics.h"

namespace ringway::idl {

std::string ToString(const Position& at) {
  std::string text(at.path);
  text += ':' + std::to_string(at.line) + ':' + std::to_string(at.column);
  return text;
}

void Diagnostics::Error(const Position& at, std::string_view words) {
  if (is_full()) return;
  ++num_errors_;
  text_ += ToString(at) + ": error: ";
  text_ += words;
  text_ += '\n';
  if (is_full()) text_ += ToString(at) + ": error: too many errors\n";
}

}  // namespace ringway::idl
