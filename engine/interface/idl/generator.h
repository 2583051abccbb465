// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_INTERFACE_IDL_GENERATOR_H_
#define ENGINE_INTERFACE_IDL_GENERATOR_H_

#include <string>
#include <vector>

#include "engine/interface/idl/syntax.h"

namespace ringway::idl {

struct Output {
  std::string name;  // calc_client.h, for calc.idl
  std::string text;
};

// What is made of a file that was checked: the same text each time.
std::vector<Output> Generate(const File& file);

// The path of an IDL file without its suffix: what the names of its outputs begin with.
std::string StemOf(const std::string& path);

}  // namespace ringway::idl

#endif  // ENGINE_INTERFACE_IDL_GENERATOR_H_
