// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// x_interface.h: the types of C, and the classes of C++ that clients and
// servers derive from.

#include <string>
#include <vector>

#include "engine/interface/idl/checker.h"
#include "engine/interface/idl/code.h"
#include "engine/interface/idl/flat.h"

namespace ringway::idl {

namespace {

void RefOf(const Interface& interface, Code* code) {
  const std::string& name = interface.name.text;
  const bool compound = interface.is_compound();
  code->Line("/* Where the state of a " + name +
             " is: `ptr` means what its operations take it for");
  code->Line("   (0 if there is no state), `cap` leads to an object elsewhere. */");
  code->Line("typedef " + std::string(compound ? "struct" : "union") + " ref_" + name + " {");
  code->Line("  void *ptr;");
  code->Line("  RingwayCap *cap;");
  for (const Interface* part : interface.parts) {
    code->Line("  ref_" + part->name.text + " as_" + part->name.text + ";");
  }
  code->Line("} ref_" + name + ";");
  code->Line();
}

void IfaceOf(const Interface& interface, Code* code) {
  const std::string& name = interface.name.text;
  if (interface.is_compound()) {
    code->Line("/* The interfaces that " + name + " consists of. */");
  } else {
    code->Line("/* The operations of " + name + ". One that is null answers -RW_ENOSYS. */");
  }
  code->Line("typedef struct iface_" + name + " {");
  code->indent = 2;
  for (const Operation& operation : interface.operations) {
    code->List("long (*" + operation.name.text + ")(",
               WithFirst("ref_" + name + " _self", Parameters(operation, Shape::kC)), ");");
  }
  for (const Interface* part : interface.parts) {
    code->Line("const iface_" + part->name.text + " *to_" + part->name.text + ";");
  }
  // A struct of C has members.
  if (interface.operations.empty() && interface.parts.empty()) code->Line("const void *_nothing;");
  code->indent = 0;
  code->Line("} iface_" + name + ";");
  code->Line();
}

void ObjectOf(const Interface& interface, Code* code) {
  const std::string& name = interface.name.text;
  code->Line("/* In C, its name is " + name + ". */");
  code->Line("typedef struct object_" + name + " {");
  code->Line("  ref_" + name + " ref;");
  code->Line("  const iface_" + name + " *iface;");
  code->Line("} object_" + name + ";");
  code->Line();
}

void CallsOf(const Interface& interface, Code* code) {
  const std::string& name = interface.name.text;
  for (const Operation& operation : interface.operations) {
    const std::string member = "_object->iface->" + operation.name.text;
    code->List("static inline long call_" + name + "_" + operation.name.text + "(",
               WithFirst("const object_" + name + " *_object", Parameters(operation, Shape::kC)),
               ") {");
    code->indent = 2;
    const std::string missing = "if (!_object->iface || !" + member + ")";
    std::vector<std::string> taken;
    for (const Parameter& parameter : operation.parameters) {
      const bool in = parameter.direction == Direction::kIn;
      if (in && parameter.type.kind == TypeKind::kHandle) taken.push_back(parameter.name.text);
    }
    if (taken.empty()) {
      code->Line(missing + " return -RW_ENOSYS;");
    } else {
      code->Line(missing + " {");
      for (const std::string& handle : taken) code->Line("  RingwayHandleClose(" + handle + ");");
      code->Line("  return -RW_ENOSYS;");
      code->Line("}");
    }
    code->List("return " + member + "(", WithFirst("_object->ref", CNames(operation)), ");");
    code->indent = 0;
    code->Line("}");
    code->Line();
  }
}

void PartsOf(const Interface& interface, Code* code) {
  const std::string& name = interface.name.text;
  for (const Interface* part : interface.parts) {
    const std::string& other = part->name.text;
    code->Line("static inline object_" + other + " " + name + "_as_" + other + "(object_" + name +
               " _object) {");
    code->Line("  object_" + other + " _part;");
    code->Line("  _part.ref = _object.ref.as_" + other + ";");
    code->Line("  _part.iface = _object.iface ? _object.iface->to_" + other + " : 0;");
    code->Line("  return _part;");
    code->Line("}");
    code->Line();
  }
}

void TypesOfC(const Interface& interface, Code* code) {
  RefOf(interface, code);
  IfaceOf(interface, code);
  ObjectOf(interface, code);
  CallsOf(interface, code);
  PartsOf(interface, code);
}

std::vector<std::string> OptionsOf(const Operation& operation) {
  std::vector<std::string> options;
  const auto add = [&options](const char* name, uint64_t value) {
    options.push_back(std::string("::ringway::") + name + "<" + std::to_string(value) + ">");
  };
  if (operation.oneway) options.push_back("::ringway::SendOnly");
  if (operation.opcode) add("Opcode", operation.opcode->value);
  if (operation.rights) add("NeedsRights", operation.rights->value);
  if (operation.timeout_ms) add("Timeout", operation.timeout_ms->value * 1'000'000);
  return options;
}

void DeclarationOf(const Interface& interface, Code* code) {
  std::vector<std::string> bases = {"Declaration"};
  for (const Interface* part : interface.parts) {
    bases.push_back(QualifiedName(*part) + "::Declaration");
  }
  code->List("struct Declaration : ::ringway::Interface<", bases, "> {");
  code->indent += 2;
  code->Line("static constexpr ::ringway::InterfaceId kId = ::ringway::IdOf(\"" +
             IdName(interface) + "\");");
  std::vector<std::string> types;
  for (const Operation& operation : interface.operations) {
    const std::string& name = operation.name.text;
    types.push_back(name + "_t");
    std::vector<std::string> signature = Parameters(operation, Shape::kDeclared);
    // The last parameter closes the list; the options follow it.
    std::string tail = ")";
    for (const std::string& option : OptionsOf(operation)) tail += ", " + option;
    code->List("using " + name + "_t = ::ringway::Method<Declaration, \"" + name + "\", long(",
               signature, tail + ">;");
  }
  code->List("using Rpcs = ::ringway::Rpcs<", types, ">;");
  code->indent -= 2;
  code->Line("};");
}

// A class between `interface` and a part of it, where operations change their names.
void RenamingOf(const Interface& interface, const Interface& part, Code* code) {
  const std::string name = "qualified_" + interface.name.text + "_" + part.name.text;
  code->Line("class " + name + " : public " + QualifiedName(part) + " {");
  code->Line(" public:");
  code->indent = 2;
  for (const FlatOperation& flat : RenamedThrough(interface, part)) {
    const std::vector<std::string> parameters = Parameters(*flat.operation, Shape::kCpp);
    std::vector<std::string> names;
    for (const Parameter& parameter : flat.operation->parameters) {
      const bool moves =
          parameter.type.kind == TypeKind::kHandle && parameter.direction == Direction::kIn;
      names.push_back(moves ? "::std::move(" + parameter.name.text + ")" : parameter.name.text);
    }
    code->List("virtual long " + flat.name + "(", parameters, ") = 0;");
    code->List("long " + flat.operation->name.text + "(", parameters, ") final {");
    code->indent += 2;
    code->List("return " + flat.name + "(", names, ");");
    code->indent -= 2;
    code->Line("}");
  }
  code->indent = 0;
  code->Line("};");
  code->Line();
}

void ClassOf(const Interface& interface, Code* code) {
  const std::string& name = interface.name.text;
  std::vector<std::string> bases;
  for (const Interface* part : interface.parts) {
    if (RenamedThrough(interface, *part).empty()) {
      bases.push_back("public " + QualifiedName(*part));
      continue;
    }
    RenamingOf(interface, *part, code);
    bases.push_back("public qualified_" + name + "_" + part->name.text);
  }
  code->Line("class served_" + name + ";");
  code->List("class " + name + (bases.empty() ? "" : " : "), bases, " {");
  code->Line(" public:");
  code->indent = 2;
  code->Line("// The same for the typed layer, as in ringway::Cap<" + name + "::Declaration>.");
  DeclarationOf(interface, code);
  code->Line("using Served = served_" + name + ";");
  code->Line();
  code->Line(std::string(interface.is_compound() ? "~" : "virtual ~") + name + "()" +
             (interface.is_compound() ? " override" : "") + " = default;");
  for (const Operation& operation : interface.operations) {
    code->List("virtual long " + operation.name.text + "(", Parameters(operation, Shape::kCpp),
               ") = 0;");
  }
  code->indent = 0;
  code->Line("};");
  code->Line();
}

}  // namespace

void GenerateInterfaceHeader(const File& file, Code* code) {
  code->Line("#pragma once");
  code->Line();
  code->Line("#include \"ringway/idl.h\"");
  IncludeImports(file, "interface", code);
  code->Line();
  for (const auto& interface : file.interfaces) TypesOfC(*interface, code);
  code->Line("#ifndef __cplusplus");
  code->Line();
  for (const auto& interface : file.interfaces) {
    code->Line("typedef object_" + interface->name.text + " " + interface->name.text + ";");
  }
  code->Line();
  code->Line("#else");
  code->Line();
  code->BeginNamespace(file);
  for (const auto& interface : file.interfaces) ClassOf(*interface, code);
  code->EndNamespace(file);
  code->Line("#endif");
}

}  // namespace ringway::idl
