// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_INTERFACE_IDL_CHECKER_H_
#define ENGINE_INTERFACE_IDL_CHECKER_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/interface/idl/syntax.h"

namespace ringway::idl {

// What the id of an interface is the hash of.
std::string IdName(const Interface& interface);

// Finds what the names in files refer to, and all that is well-formed and yet
// cannot be. Files come after those that they import.
class Checker {
 public:
  explicit Checker(Diagnostics* diagnostics) : diagnostics_(diagnostics) {}

  void Run(const std::vector<const File*>& files);

 private:
  using Places = std::map<std::string, Position>;

  void CheckName(const Name& name);
  // Reports `name` if `places` has it already.
  bool Claim(Places* places, const Name& name, std::string_view what);
  void CheckInterface(Interface* interface);
  void CheckParts(Interface* interface);
  void CheckFlatNames(const Interface& interface);
  void CheckGeneratedNames(const Interface& interface);
  void CheckId(const Interface& interface);
  void CheckOpcodes(const Interface& interface);
  void CheckOperation(const Operation& operation);
  void CheckAttributes(const Operation& operation);
  void CheckParameter(const Parameter& parameter);
  void CheckBound(const Type& type, uint64_t most);

  Diagnostics* diagnostics_;
  std::map<std::string, const Interface*> interfaces_;
  std::map<std::string, Name> generated_;  // what each name is made for
  std::map<std::string, Name> ids_;
};

}  // namespace ringway::idl

#endif  // ENGINE_INTERFACE_IDL_CHECKER_H_
