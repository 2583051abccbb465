// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// x_client.h, x_client.c and x_client.cc: calls through a capability.

#include <string>

#include "engine/interface/idl/code.h"
#include "engine/interface/idl/flat.h"

namespace ringway::idl {

namespace {

void DeclareForC(const Interface& interface, Code* code) {
  const std::string& name = interface.name.text;
  for (const Operation& operation : interface.operations) {
    code->List("long client_" + name + "_" + operation.name.text + "(",
               WithFirst("ref_" + name + " _self", Parameters(operation, Shape::kC)), ");");
  }
  code->Line("extern const iface_" + name + " client_iface_" + name + ";");
  code->Line();
  code->Line("/* What is behind `_cap`, which stays the caller's. */");
  code->Line("static inline ref_" + name + " client_ref_" + name + "(RingwayCap *_cap) {");
  code->Line("  ref_" + name + " _ref;");
  // All of a struct is set; the members of a union are one.
  if (interface.is_compound()) code->Line("  _ref.ptr = 0;");
  code->Line("  _ref.cap = _cap;");
  for (const Interface* part : interface.parts) {
    code->Line("  _ref.as_" + part->name.text + " = client_ref_" + part->name.text + "(_cap);");
  }
  code->Line("  return _ref;");
  code->Line("}");
  code->Line("static inline object_" + name + " client_object_" + name + "(RingwayCap *_cap) {");
  code->Line("  object_" + name + " _object;");
  code->Line("  _object.ref = client_ref_" + name + "(_cap);");
  code->Line("  _object.iface = &client_iface_" + name + ";");
  code->Line("  return _object;");
  code->Line("}");
  code->Line();
}

void ClassOf(const Interface& interface, Code* code) {
  const std::string& name = interface.name.text;
  code->Line("class client_" + name + " final : public " + name + " {");
  code->Line(" public:");
  code->indent = 2;
  code->Line("client_" + name + "() = default;");
  code->Line("explicit client_" + name + "(::ringway::Cap<Declaration> _cap)" +
             " : cap_(::std::move(_cap)) {}");
  code->Line("explicit client_" + name + "(::ringway::Portal _portal)" +
             " : cap_(::std::move(_portal)) {}");
  code->Line();
  code->Line("::ringway::Cap<Declaration>& capability() { return cap_; }");
  for (const FlatOperation& flat : FlatOperations(interface)) {
    code->List("long " + flat.name + "(", Parameters(*flat.operation, Shape::kCpp), ") override;");
  }
  code->Line();
  code->indent = 0;
  code->Line(" private:");
  code->Line("  ::ringway::Cap<Declaration> cap_;");
  code->Line("};");
  code->Line();
}

std::string CallOf(const Interface& leaf, const Operation& operation) {
  return QualifiedName(leaf) + "::Declaration::" + operation.name.text + "_t::CallOn";
}

void MembersOf(const Interface& interface, Code* code) {
  for (const FlatOperation& flat : FlatOperations(interface)) {
    code->List("long client_" + interface.name.text + "::" + flat.name + "(",
               Parameters(*flat.operation, Shape::kCpp), ") {");
    code->Body(FromCppToDeclared(*flat.operation), CallOf(*flat.leaf, *flat.operation), {"*cap_"});
    code->Line();
  }
}

void FunctionsOf(const Interface& interface, Code* code) {
  const std::string& name = interface.name.text;
  for (const Operation& operation : interface.operations) {
    code->List("long client_" + name + "_" + operation.name.text + "(",
               WithFirst("ref_" + name + " _self", Parameters(operation, Shape::kC)), ") {");
    Bridge bridge = FromCToDeclared(operation);
    bridge.refused.insert(bridge.refused.begin(), "!_self.cap");
    bridge.before.insert(bridge.before.begin(),
                         "const ::ringway::idl::CallFromC _call(_self.cap);");
    code->Body(bridge, CallOf(interface, operation), {"_call.object()"});
    code->Line();
  }
}

}  // namespace

void GenerateClientHeader(const File& file, Code* code) {
  GenerateHeader(file, "client", &DeclareForC, &ClassOf, code);
}

void GenerateClientC(const File& file, Code* code) {
  code->Line(OwnHeader(file, "client"));
  for (const auto& interface : file.interfaces) {
    const std::string& name = interface->name.text;
    code->Line();
    code->Line("const iface_" + name + " client_iface_" + name + " = {");
    for (const Operation& operation : interface->operations) {
      const std::string& member = operation.name.text;
      code->Line("    ." + member + " = client_" + name + "_" + member + ",");
    }
    for (const Interface* part : interface->parts) {
      code->Line("    .to_" + part->name.text + " = &client_iface_" + part->name.text + ",");
    }
    if (interface->operations.empty() && interface->parts.empty()) code->Line("    ._nothing = 0,");
    code->Line("};");
  }
}

void GenerateClientCpp(const File& file, Code* code) {
  code->Line(OwnHeader(file, "client"));
  code->Line();
  code->BeginNamespace(file);
  for (const auto& interface : file.interfaces) MembersOf(*interface, code);
  code->EndNamespace(file);
  for (const auto& interface : file.interfaces) FunctionsOf(*interface, code);
}

}  // namespace ringway::idl
