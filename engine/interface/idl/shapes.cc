// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/interface/idl/shapes.h"

namespace ringway::idl {

namespace {

using Names = std::vector<std::string>;

constexpr char kTooLong[] = "return -RW_EMSGTOOLONG;";

// No member of a class may come between.
std::string Scalar(const Type& type) {
  return (type.scalar.ends_with("_t") ? "::" : "") + type.scalar;
}

std::string Bound(const Type& type) { return type.max ? std::to_string(type.max->value) : ""; }

// The type of an array of the typed layer.
std::string ArrayOf(const Type& type, const std::string& element) {
  return "::ringway::Array<" + element + (type.max ? ", " + Bound(type) : "") + ">";
}

std::string TextRoom(const Type& type) { return "::ringway::idl::TextRoom<" + Bound(type) + ">"; }

void AddC(const Parameter& parameter, Names* names) {
  const std::string& name = parameter.name.text;
  const Type& type = parameter.type;
  const bool in = parameter.direction == Direction::kIn;
  switch (type.kind) {
    case TypeKind::kScalar:
      names->push_back(type.scalar + (in ? " " : " *") + name);
      return;
    case TypeKind::kString:
      names->push_back((in ? "const char *" : "char *") + name);
      if (!in) names->push_back("size_t " + name + "_size");
      return;
    case TypeKind::kArray:
      names->push_back((in ? "const " : "") + type.scalar + " *" + name);
      names->push_back((in ? "size_t " : "size_t *") + name + "_count");
      return;
    case TypeKind::kHandle:
      names->push_back((in ? "IpczHandle " : "IpczHandle *") + name);
      return;
  }
}

std::string CppType(const Parameter& parameter) {
  const Type& type = parameter.type;
  const bool in = parameter.direction == Direction::kIn;
  switch (type.kind) {
    case TypeKind::kScalar:
      return type.scalar + (in ? "" : "*");
    case TypeKind::kString:
      return in ? "const char*" : "::std::string*";
    case TypeKind::kArray:
      return in ? "::std::span<const " + type.scalar + ">" : ArrayOf(type, type.scalar) + "*";
    case TypeKind::kHandle:
      return in ? "::ringway::Handle" : "::ringway::Handle*";
  }
  return "";
}

std::string DeclaredType(const Parameter& parameter) {
  const Type& type = parameter.type;
  const bool in = parameter.direction == Direction::kIn;
  switch (type.kind) {
    case TypeKind::kScalar:
      if (parameter.direction == Direction::kInOut) {
        return "::ringway::InOut<" + Scalar(type) + "&>";
      }
      return Scalar(type) + (in ? "" : "&");
    case TypeKind::kString: {
      const std::string text = "::ringway::Text<" + Bound(type) + ">";
      return in ? text : "::ringway::Out<" + text + ">";
    }
    case TypeKind::kArray:
      if (in) return "::ringway::Private<" + ArrayOf(type, "const " + Scalar(type)) + ">";
      return ArrayOf(type, Scalar(type)) + "&";
    case TypeKind::kHandle:
      return in ? "::ringway::Handle" : "::ringway::Out<::ringway::Handle>";
  }
  return "";
}

std::string HandlerType(const Parameter& parameter) {
  const Type& type = parameter.type;
  const bool in = parameter.direction == Direction::kIn;
  switch (type.kind) {
    case TypeKind::kScalar:
      return type.scalar + (in ? "" : "&");
    case TypeKind::kString:
      return in ? "const char*" : "::ringway::ArrayRef<char>&";
    case TypeKind::kArray:
      return in ? "::ringway::ArrayRef<const " + type.scalar + ">"
                : "::ringway::ArrayRef<" + type.scalar + ">&";
    case TypeKind::kHandle:
      return in ? "::ringway::Handle" : "::ringway::Handle&";
  }
  return "";
}

// A parameter on its way through a bridge.
struct Passing {
  const Type& type;
  const std::string& name;
  bool in;
  Bridge* bridge;

  std::string local() const { return "_arg_" + name; }
  void Argument(std::string text) const { bridge->arguments.push_back(std::move(text)); }
  void Before(std::string text) const { bridge->before.push_back(std::move(text)); }
  void After(std::string text) const { bridge->after.push_back(std::move(text)); }
  void RefuseIf(std::string text) const { bridge->refused.push_back(std::move(text)); }
};

Bridge Make(const Operation& operation, void (*pass)(const Passing&)) {
  Bridge bridge;
  for (const Parameter& parameter : operation.parameters) {
    pass({parameter.type, parameter.name.text, parameter.direction == Direction::kIn, &bridge});
  }
  return bridge;
}

void PassCppToDeclared(const Passing& p) {
  if (!p.in) p.RefuseIf("!" + p.name);
  if (p.type.kind == TypeKind::kString && !p.in) {
    p.Before(TextRoom(p.type) + " " + p.local() + ";");
    p.Argument(p.local());
    p.After(p.local() + ".CopyTo(" + p.name + ");");
  } else if (p.type.kind == TypeKind::kHandle && p.in) {
    p.Argument("::std::move(" + p.name + ")");
  } else {
    p.Argument(p.in ? p.name : "*" + p.name);
  }
}

void PassCArrayToDeclared(const Passing& p) {
  const std::string count = p.name + "_count";
  if (p.in) {
    p.RefuseIf("(!" + p.name + " && " + count + " != 0)");
    p.Argument("{" + p.name + ", " + count + "}");
    return;
  }
  p.RefuseIf("!" + count);
  p.RefuseIf("(!" + p.name + " && *" + count + " != 0)");
  p.Before(ArrayOf(p.type, p.type.scalar) + " " + p.local() + "(" + p.name + ", *" + count + ");");
  p.Argument(p.local());
  p.After("*" + count + " = " + p.local() + ".length;");
}

void PassCToDeclared(const Passing& p) {
  if (p.type.kind == TypeKind::kArray) return PassCArrayToDeclared(p);
  if (!p.in) p.RefuseIf("!" + p.name);
  switch (p.type.kind) {
    case TypeKind::kScalar:
      return p.Argument(p.in ? p.name : "*" + p.name);
    case TypeKind::kString:
      if (p.in) return p.Argument(p.name);
      p.Before(TextRoom(p.type) + "::Room " + p.local() + "(" + p.name + ", " + p.name + "_size);");
      return p.Argument(p.local());
    case TypeKind::kArray:
      return;
    case TypeKind::kHandle:
      if (p.in) {
        p.bridge->owned.push_back("::ringway::Handle " + p.local() + "(" + p.name + ");");
        return p.Argument("::std::move(" + p.local() + ")");
      }
      p.Before("::ringway::Handle " + p.local() + ";");
      p.Argument(p.local());
      return p.After("*" + p.name + " = " + p.local() + ".Release();");
  }
}

void PassHandlerToCpp(const Passing& p) {
  switch (p.type.kind) {
    case TypeKind::kScalar:
      return p.Argument(p.in ? p.name : "&" + p.name);
    case TypeKind::kString:
      if (p.in) return p.Argument(p.name);
      p.Before("::std::string " + p.local() + ";");
      p.Argument("&" + p.local());
      return p.After("if (!::ringway::idl::PutText(" + p.local() + ", &" + p.name + ")) " +
                     kTooLong);
    case TypeKind::kArray:
      if (p.in) return p.Argument("{" + p.name + ".data, " + p.name + ".length}");
      p.Before(ArrayOf(p.type, p.type.scalar) + " " + p.local() + "(" + p.name + ".data, " +
               p.name + ".capacity);");
      p.Argument("&" + p.local());
      return p.After("if (!::ringway::idl::PutElements(" + p.local() + ", &" + p.name + ")) " +
                     kTooLong);
    case TypeKind::kHandle:
      return p.Argument(p.in ? "::std::move(" + p.name + ")" : "&" + p.name);
  }
}

void PassCppToC(const Passing& p) {
  switch (p.type.kind) {
    case TypeKind::kScalar:
      return p.Argument(p.name);
    case TypeKind::kString:
      if (p.in) return p.Argument(p.name);
      p.Before(TextRoom(p.type) + " " + p.local() + ";");
      p.Argument(p.local() + ".data");
      p.Argument(p.local() + ".length");
      p.After("if (!" + p.local() + ".HasEnd()) " + kTooLong);
      return p.After(p.local() + ".CopyTo(" + p.name + ");");
    case TypeKind::kArray:
      p.Argument(p.name + (p.in ? ".data()" : "->data"));
      return p.Argument(p.in ? p.name + ".size()" : "&" + p.name + "->length");
    case TypeKind::kHandle:
      if (p.in) return p.Argument(p.name + ".Release()");
      p.Before("IpczHandle " + p.local() + " = IPCZ_INVALID_HANDLE;");
      p.Argument("&" + p.local());
      p.bridge->always.push_back(p.name + "->Reset(" + p.local() + ");");
      return;
  }
}

}  // namespace

std::vector<std::string> Parameters(const Operation& operation, Shape shape) {
  Names names;
  for (const Parameter& parameter : operation.parameters) {
    switch (shape) {
      case Shape::kC:
        AddC(parameter, &names);
        break;
      case Shape::kCpp:
        names.push_back(CppType(parameter) + " " + parameter.name.text);
        break;
      case Shape::kDeclared:
        names.push_back(DeclaredType(parameter));
        break;
      case Shape::kHandler:
        names.push_back(HandlerType(parameter) + " " + parameter.name.text);
        break;
    }
  }
  return names;
}

std::vector<std::string> CNames(const Operation& operation) {
  Names names = Parameters(operation, Shape::kC);
  for (std::string& name : names) name.erase(0, name.find_last_of(" *") + 1);
  return names;
}

Bridge FromCppToDeclared(const Operation& operation) { return Make(operation, &PassCppToDeclared); }
Bridge FromCToDeclared(const Operation& operation) { return Make(operation, &PassCToDeclared); }
Bridge FromHandlerToCpp(const Operation& operation) { return Make(operation, &PassHandlerToCpp); }
Bridge FromCppToC(const Operation& operation) { return Make(operation, &PassCppToC); }

}  // namespace ringway::idl
