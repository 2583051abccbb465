// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/interface/idl/flat.h"

#include <algorithm>
#include <map>

namespace ringway::idl {

std::vector<const Interface*> Leaves(const Interface& interface) {
  if (!interface.is_compound()) return {&interface};
  std::vector<const Interface*> leaves;
  for (const Interface* part : interface.parts) {
    const std::vector<const Interface*> more = Leaves(*part);
    leaves.insert(leaves.end(), more.begin(), more.end());
  }
  return leaves;
}

std::vector<FlatOperation> FlatOperations(const Interface& interface) {
  std::vector<FlatOperation> flat;
  for (const Operation& operation : interface.operations) {
    flat.push_back({&interface, &operation, operation.name.text});
  }
  std::map<std::string, int> counts;
  for (const Interface* part : interface.parts) {
    for (FlatOperation& operation : FlatOperations(*part)) {
      ++counts[operation.operation->name.text];
      flat.push_back(std::move(operation));
    }
  }
  if (!interface.qualified) return flat;
  for (FlatOperation& operation : flat) {
    if (counts[operation.operation->name.text] < 2 || operation.renamed_by) continue;
    operation.name = operation.leaf->name.text + "_" + operation.name;
    operation.renamed_by = &interface;
  }
  return flat;
}

std::vector<FlatOperation> RenamedThrough(const Interface& interface, const Interface& part) {
  const std::vector<const Interface*> leaves = Leaves(part);
  std::vector<FlatOperation> renamed = FlatOperations(interface);
  std::erase_if(renamed, [&](const FlatOperation& operation) {
    return operation.renamed_by != &interface ||
           std::find(leaves.begin(), leaves.end(), operation.leaf) == leaves.end();
  });
  return renamed;
}

}  // namespace ringway::idl
