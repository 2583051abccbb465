// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/interface/idl/checker.h"

#include <algorithm>

#include "engine/interface/idl/flat.h"
#include "engine/interface/idl/reserved.h"
#include "ringway/message_layout.h"

namespace ringway::idl {

namespace {

// Each has a presence bit.
constexpr size_t kParametersMax = 32;
// The caller of an operation makes room for the longest text it may get.
constexpr uint64_t kOutStringMax = uint64_t{1} << 20;
constexpr uint64_t kCountMax = UINT32_MAX - 1;
constexpr uint64_t kTimeoutMsMax = UINT64_MAX / 1'000'000 - 1;

std::string Quoted(std::string_view name) { return "'" + std::string(name) + "'"; }

}  // namespace

std::string IdName(const Interface& interface) {
  if (interface.id) return interface.id->text;
  std::string name;
  for (const Name& part : interface.file->package) name += part.text + ".";
  return name + interface.name.text;
}

void Checker::CheckName(const Name& name) {
  const std::string why = WhyReserved(name.text);
  if (!why.empty()) diagnostics_->Error(name.at, Quoted(name.text) + " " + why);
}

bool Checker::Claim(Places* places, const Name& name, std::string_view what) {
  const auto [place, fresh] = places->emplace(name.text, name.at);
  if (fresh) return true;
  diagnostics_->Error(name.at, "a second " + std::string(what) + " " + Quoted(name.text) +
                                   ": the first one is at " + ToString(place->second));
  return false;
}

void Checker::Run(const std::vector<const File*>& files) {
  for (const File* file : files) {
    for (const Name& name : file->package) CheckName(name);
  }
  Places places;
  for (const File* file : files) {
    for (const std::unique_ptr<Interface>& interface : file->interfaces) {
      CheckName(interface->name);
      const bool fresh = Claim(&places, interface->name, "interface");
      CheckInterface(interface.get());
      if (fresh) interfaces_[interface->name.text] = interface.get();
    }
  }
  // A name of C++ that hides another one.
  for (const File* file : files) {
    for (const Name& name : file->package) {
      if (!interfaces_.contains(name.text)) continue;
      diagnostics_->Error(name.at,
                          "a package and an interface are both called " + Quoted(name.text));
    }
    for (const std::unique_ptr<Interface>& interface : file->interfaces) {
      for (const Operation& operation : interface->operations) {
        if (!interfaces_.contains(operation.name.text)) continue;
        diagnostics_->Error(operation.name.at, "an operation and an interface are both called " +
                                                   Quoted(operation.name.text));
      }
    }
  }
}

void Checker::CheckInterface(Interface* interface) {
  if (interface->qualified && !interface->is_compound()) {
    diagnostics_->Error(interface->name.at,
                        Quoted(interface->name.text) + " composes nothing, so it is not qualified");
  }
  CheckParts(interface);
  CheckId(*interface);
  CheckGeneratedNames(*interface);
  Places operations;
  for (const Operation& operation : interface->operations) {
    CheckName(operation.name);
    if (IsGeneratedMember(operation.name.text)) {
      diagnostics_->Error(operation.name.at,
                          Quoted(operation.name.text) + " is used by the generated code");
    }
    Claim(&operations, operation.name, "operation");
    CheckOperation(operation);
  }
  CheckOpcodes(*interface);
  CheckFlatNames(*interface);
}

void Checker::CheckParts(Interface* interface) {
  // How each interface became a part: itself, or by which of those that were named.
  std::map<const Interface*, const Interface*> through;
  for (const Name& name : interface->composes) {
    const auto found = interfaces_.find(name.text);
    if (found == interfaces_.end()) {
      diagnostics_->Error(name.at, "no interface " + Quoted(name.text) +
                                       " is declared before this, here or in an import");
      continue;
    }
    const Interface* part = found->second;
    std::vector<const Interface*> all = {part};
    for (size_t i = 0; i < all.size(); ++i) {
      all.insert(all.end(), all[i]->parts.begin(), all[i]->parts.end());
    }
    bool fresh = true;
    for (const Interface* each : all) {
      const auto [other, first] = through.emplace(each, part);
      if (first || !fresh) continue;
      fresh = false;
      diagnostics_->Error(name.at, Quoted(each->name.text) + " is a part of " +
                                       Quoted(interface->name.text) + " twice: through " +
                                       Quoted(other->second->name.text) + " and " +
                                       Quoted(part->name.text));
    }
    if (fresh) interface->parts.push_back(part);
  }
}

void Checker::CheckFlatNames(const Interface& interface) {
  if (!interface.is_compound()) return;
  const auto clash = [&](const Interface* one, const Interface* other, const std::string& name) {
    std::string words = Quoted(one->name.text) + " and " + Quoted(other->name.text) +
                        " both have an operation " + Quoted(name);
    if (!interface.qualified) words += "; a [qualified] interface may compose them";
    diagnostics_->Error(interface.name.at, words);
  };
  const std::vector<FlatOperation> all = FlatOperations(interface);
  std::map<std::string, const Interface*> leaves;  // by the name of an operation
  for (const FlatOperation& flat : all) {
    const auto [other, first] = leaves.emplace(flat.name, flat.leaf);
    if (!first && other->second != flat.leaf) clash(other->second, flat.leaf, flat.name);
  }
  // An operation that a part renamed is there under its own name too.
  for (const FlatOperation& flat : all) {
    if (!flat.renamed_by || flat.renamed_by == &interface) continue;
    const auto other = leaves.find(flat.operation->name.text);
    if (other != leaves.end()) clash(other->second, flat.leaf, other->first);
  }
}

void Checker::CheckGeneratedNames(const Interface& interface) {
  const std::string& name = interface.name.text;
  std::vector<std::string> names = {name};
  for (const char* prefix : {"c_object_", "client_", "client_iface_", "client_object_",
                             "client_ref_", "handlers_", "iface_", "object_", "ref_", "served_",
                             "server_", "server_create_", "server_iface_", "server_loop_for_"}) {
    names.push_back(prefix + name);
  }
  for (const Operation& operation : interface.operations) {
    names.push_back("call_" + name + "_" + operation.name.text);
    names.push_back("client_" + name + "_" + operation.name.text);
  }
  for (const Name& part : interface.composes) {
    names.push_back(name + "_as_" + part.text);
    names.push_back("qualified_" + name + "_" + part.text);
  }
  for (const std::string& made : names) {
    const auto [other, first] = generated_.emplace(made, interface.name);
    // A second interface, operation or part of one name was reported as such.
    if (first || other->second.text == name) continue;
    diagnostics_->Error(interface.name.at, Quoted(made) + " is generated for " + Quoted(name) +
                                               " and for " + Quoted(other->second.text) + " at " +
                                               ToString(other->second.at));
    return;
  }
}

void Checker::CheckId(const Interface& interface) {
  const Name& own = interface.id ? *interface.id : interface.name;
  const auto [other, first] = ids_.emplace(IdName(interface), interface.name);
  if (first || other->second.text == interface.name.text) return;
  diagnostics_->Error(own.at, Quoted(interface.name.text) + " has the id of " +
                                  Quoted(other->second.text) + " at " + ToString(other->second.at));
}

void Checker::CheckOpcodes(const Interface& interface) {
  uint64_t next = 0;
  for (const Operation& operation : interface.operations) {
    const std::optional<Number>& opcode = operation.opcode;
    if (opcode && opcode->value > kCountMax) {
      diagnostics_->Error(opcode->at, "an opcode has 32 bits, and not all of them set");
      continue;
    }
    if (opcode && opcode->value < next) {
      diagnostics_->Error(opcode->at,
                          "opcodes ascend: " + std::to_string(next) + " or more is expected here");
      continue;
    }
    next = (opcode ? opcode->value : next) + 1;
  }
}

void Checker::CheckAttributes(const Operation& operation) {
  if (operation.rights && operation.rights->value > UINT32_MAX) {
    diagnostics_->Error(operation.rights->at, "rights have 32 bits");
  }
  if (!operation.timeout_ms) return;
  if (operation.timeout_ms->value > kTimeoutMsMax) {
    diagnostics_->Error(operation.timeout_ms->at, "this timeout is longer than time is counted");
  } else if (operation.oneway) {
    diagnostics_->Error(operation.timeout_ms->at, "a oneway operation waits for nothing");
  }
}

void Checker::CheckOperation(const Operation& operation) {
  CheckAttributes(operation);
  if (operation.parameters.size() > kParametersMax) {
    diagnostics_->Error(operation.name.at, "an operation has 32 parameters at most, this one " +
                                               std::to_string(operation.parameters.size()));
  }
  Places places;
  size_t handles_in = 0;
  size_t handles_out = 0;
  for (const Parameter& parameter : operation.parameters) {
    CheckParameter(parameter);
    Claim(&places, parameter.name, "parameter");
    const bool in = parameter.direction == Direction::kIn;
    if (parameter.type.kind == TypeKind::kHandle) ++(in ? handles_in : handles_out);
    if (operation.oneway && !in) {
      diagnostics_->Error(parameter.name.at, "nothing comes back from a oneway operation");
    }
  }
  // What C has beside a parameter.
  for (const Parameter& parameter : operation.parameters) {
    const bool text =
        parameter.type.kind == TypeKind::kString && parameter.direction != Direction::kIn;
    if (!text && parameter.type.kind != TypeKind::kArray) continue;
    const std::string beside = parameter.name.text + (text ? "_size" : "_count");
    const auto other = places.find(beside);
    if (other == places.end()) continue;
    diagnostics_->Error(other->second, "in C, " + Quoted(beside) + " belongs to the parameter " +
                                           Quoted(parameter.name.text));
  }
  if (std::max(handles_in, handles_out) > kAttachmentsMax) {
    diagnostics_->Error(operation.name.at, "a message carries " + std::to_string(kAttachmentsMax) +
                                               " handles at most");
  }
}

void Checker::CheckParameter(const Parameter& parameter) {
  const Type& type = parameter.type;
  CheckName(parameter.name);
  if (parameter.direction == Direction::kInOut && type.kind != TypeKind::kScalar) {
    diagnostics_->Error(type.at,
                        "only numbers are inout: use one parameter that is in and one that is out");
  }
  if (type.kind == TypeKind::kArray && type.scalar == "bool") {
    diagnostics_->Error(type.at,
                        "elements are no bool, which has bytes that mean nothing: use "
                        "uint8_t");
  }
  if (type.kind == TypeKind::kString && parameter.direction != Direction::kIn) {
    if (!type.max) {
      diagnostics_->Error(type.at, "a string that is out has a bound: string<100>, for example");
    }
    CheckBound(type, kOutStringMax);
  } else {
    CheckBound(type, kCountMax - 1);
  }
}

void Checker::CheckBound(const Type& type, uint64_t most) {
  if (!type.max || (type.max->value > 0 && type.max->value <= most)) return;
  diagnostics_->Error(type.max->at, "a bound is between 1 and " + std::to_string(most));
}

}  // namespace ringway::idl
