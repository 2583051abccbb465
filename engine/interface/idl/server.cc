// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// x_server.h, x_server.c and x_server.cc: objects that are called.

#include <string>
#include <vector>

#include "engine/interface/idl/code.h"
#include "engine/interface/idl/flat.h"

namespace ringway::idl {

namespace {

void DeclareForC(const Interface& interface, Code* code) {
  const std::string& name = interface.name.text;
  code->Line("/* RW_SERVER_LOOP_FOR(" + name +
             ", object, name): serves a copy of `_object`, whose state");
  code->Line(
      "   stays where it is, to all who ask for `_name`. Returns when the loop is stopped. */");
  code->Line("long server_loop_for_" + name + "(const object_" + name +
             " *_object, const char *_name);");
  code->Line("/* The same for loops of one's own: see RingwayLoopServe(). */");
  code->Line("long server_create_" + name + "(const object_" + name +
             " *_object, RingwayServed **_served);");
  code->Line();
}

std::vector<std::string> HandlerParameters(const Interface& interface, const Operation& operation) {
  return WithFirst(interface.name.text + "::Declaration::" + operation.name.text + "_t",
                   WithFirst("::ringway::CallContext&", Parameters(operation, Shape::kHandler)));
}

// A class with a constructor that takes, and keeps if it has a use for it, one
// `type` as `object_`.
void BeginClass(const std::string& name, const std::string& base, const std::string& type,
                bool keeps, Code* code) {
  code->Line("class " + name + base + " {");
  code->Line(" public:");
  code->Line("  explicit " + name + "(" + type +
             (keeps ? "& _object) : object_(_object) {}" : "&) {}"));
  code->indent = 2;
}

void EndClass(const std::string& member, bool keeps, Code* code) {
  code->indent = 0;
  if (keeps) {
    code->Line();
    code->Line(" private:");
    code->Line("  " + member + " object_;");
  }
  code->Line("};");
  code->Line();
}

// What the typed layer calls, which calls an object of C++: the author's, or one
// that stands for an object of C.
void LeafClassesOf(const Interface& interface, Code* code) {
  const std::string& name = interface.name.text;
  const bool keeps = !interface.operations.empty();
  BeginClass("handlers_" + name, "", name, keeps, code);
  for (const Operation& operation : interface.operations) {
    code->List("long Handle(", HandlerParameters(interface, operation), ");");
  }
  EndClass(name + "&", keeps, code);
  BeginClass("c_object_" + name, " final : public " + name, "const object_" + name, keeps, code);
  for (const Operation& operation : interface.operations) {
    code->List("long " + operation.name.text + "(", Parameters(operation, Shape::kCpp),
               ") override;");
  }
  EndClass("object_" + name, keeps, code);
}

void ServedOf(const Interface& interface, Code* code) {
  const std::string& name = interface.name.text;
  const std::vector<const Interface*> leaves = Leaves(interface);
  std::vector<std::string> bases = {"public ::ringway::Server<served_" + name + ", " + name +
                                    "::Declaration>"};
  std::vector<std::string> parameters, initializers, casts;
  for (const Interface* leaf : leaves) {
    const std::string type = QualifiedName(*leaf);
    const std::string argument = "_part_" + leaf->name.text;
    bases.push_back("public " + QualifiedName(*leaf, "handlers_"));
    parameters.push_back(type + "& " + argument);
    initializers.push_back(QualifiedName(*leaf, "handlers_") + "(" + argument + ")");
    casts.push_back("static_cast<" + type + "&>(_object)");
  }
  code->List("class served_" + name + " final : ", bases, " {");
  code->Line(" public:");
  code->indent = 2;
  code->List("explicit served_" + name + "(", parameters, ")");
  code->indent = 6;
  code->List(": ", initializers, " {}");
  code->indent = 2;
  if (interface.is_compound()) {
    code->List("explicit served_" + name + "(" + name + "& _object) : served_" + name + "(", casts,
               ") {}");
  }
  for (const Interface* leaf : leaves) {
    if (!leaf->operations.empty()) {
      code->Line("using " + QualifiedName(*leaf, "handlers_") + "::Handle;");
    }
  }
  code->indent = 0;
  code->Line("};");
  code->Line();
}

void ClassesOf(const Interface& interface, Code* code) {
  if (!interface.is_compound()) LeafClassesOf(interface, code);
  ServedOf(interface, code);
}

void HandlersOf(const Interface& interface, Code* code) {
  const std::string& name = interface.name.text;
  for (const Operation& operation : interface.operations) {
    code->List(
        "long handlers_" + name + "::Handle(",
        WithFirst(name + "::Declaration::" + operation.name.text + "_t",
                  WithFirst("::ringway::CallContext&", Parameters(operation, Shape::kHandler))),
        ") {");
    code->Body(FromHandlerToCpp(operation), "object_." + operation.name.text, {});
    code->Line();
  }
}

void CObjectOf(const Interface& interface, Code* code) {
  const std::string& name = interface.name.text;
  for (const Operation& operation : interface.operations) {
    code->List("long c_object_" + name + "::" + operation.name.text + "(",
               Parameters(operation, Shape::kCpp), ") {");
    code->Body(FromCppToC(operation), "::call_" + name + "_" + operation.name.text, {"&object_"});
    code->Line();
  }
}

// The leaves of an object of C, from `expression`, which is that object.
void AddLeafObjects(const Interface& interface, const std::string& expression,
                    std::vector<std::string>* objects) {
  if (!interface.is_compound()) objects->push_back(expression);
  for (const Interface* part : interface.parts) {
    AddLeafObjects(*part,
                   "::" + interface.name.text + "_as_" + part->name.text + "(" + expression + ")",
                   objects);
  }
}

void CreateOf(const Interface& interface, Code* code) {
  const std::string& name = interface.name.text;
  std::vector<std::string> types = {QualifiedName(interface, "served_")};
  for (const Interface* leaf : Leaves(interface)) {
    types.push_back(QualifiedName(*leaf, "c_object_"));
  }
  std::vector<std::string> arguments = {"_served"};
  AddLeafObjects(interface, "*_object", &arguments);
  code->Line("long server_create_" + name + "(const object_" + name +
             " *_object, RingwayServed **_served) {");
  code->indent = 2;
  code->Line("if (!_object || !_served) return -RW_EINVAL;");
  code->List("using Served = ::ringway::idl::ServedFromC<", types, ">;");
  code->List("return Served::Create(", arguments, ");");
  code->indent = 0;
  code->Line("}");
  code->Line();
}

}  // namespace

void GenerateServerHeader(const File& file, Code* code) {
  GenerateHeader(file, "server", &DeclareForC, &ClassesOf, code);
}

void GenerateServerC(const File& file, Code* code) {
  code->Line(OwnHeader(file, "server"));
  for (const auto& interface : file.interfaces) {
    const std::string& name = interface->name.text;
    code->Line();
    code->Line("long server_loop_for_" + name + "(const object_" + name +
               " *_object, const char *_name) {");
    code->Line("  RingwayServed *_served;");
    code->Line("  long _status = server_create_" + name + "(_object, &_served);");
    code->Line("  if (_status != RW_EOK) return _status;");
    code->Line("  _status = RingwayServeNamed(_served, _name);");
    code->Line("  RingwayServedDestroy(_served);");
    code->Line("  return _status;");
    code->Line("}");
  }
}

void GenerateServerCpp(const File& file, Code* code) {
  code->Line(OwnHeader(file, "server"));
  code->Line();
  code->BeginNamespace(file);
  for (const auto& interface : file.interfaces) {
    HandlersOf(*interface, code);
    CObjectOf(*interface, code);
  }
  code->EndNamespace(file);
  for (const auto& interface : file.interfaces) CreateOf(*interface, code);
}

}  // namespace ringway::idl
