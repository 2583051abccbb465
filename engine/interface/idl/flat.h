// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What a compound interface has, seen from outside.

#ifndef ENGINE_INTERFACE_IDL_FLAT_H_
#define ENGINE_INTERFACE_IDL_FLAT_H_

#include <string>
#include <vector>

#include "engine/interface/idl/syntax.h"

namespace ringway::idl {

// The interfaces with operations that `interface` consists of, in order; of one
// that is no compound: itself.
std::vector<const Interface*> Leaves(const Interface& interface);

// An operation as a class of C++ shows it.
struct FlatOperation {
  const Interface* leaf;
  const Operation* operation;
  std::string name;  // Leaf_operation, where a compound has two of that name and is qualified
  const Interface* renamed_by = nullptr;
};
std::vector<FlatOperation> FlatOperations(const Interface& interface);

// The operations that come through `part` and have another name in `interface` than there.
std::vector<FlatOperation> RenamedThrough(const Interface& interface, const Interface& part);

}  // namespace ringway::idl

#endif  // ENGINE_INTERFACE_IDL_FLAT_H_
