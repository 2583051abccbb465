// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/interface/idl/code.h"

#include <filesystem>

#include "engine/interface/idl/generator.h"

namespace ringway::idl {

namespace {

constexpr size_t kColumns = 100;

std::string Joined(const std::vector<std::string>& items, std::string_view separator) {
  std::string text;
  for (const std::string& item : items) {
    if (!text.empty()) text += separator;
    text += item;
  }
  return text;
}

std::string NamespaceOf(const File& file) {
  std::string name;
  for (const Name& part : file.package) name += (name.empty() ? "" : "::") + part.text;
  return name;
}

}  // namespace

Code::Code(const File& file, std::string_view languages) {
  const std::string name = std::filesystem::path(file.path).filename().string();
  Line("/* Made of " + name + " by ringway-idl. Compiles as " + std::string(languages) + ". */");
  Line();
}

void Code::Line(std::string_view line) {
  if (!line.empty() && line[0] != '#') text.append(indent, ' ');
  text += line;
  text += '\n';
}

void Code::List(std::string head, const std::vector<std::string>& items, std::string_view tail) {
  const std::string whole = head + Joined(items, ", ") + std::string(tail);
  if (items.empty() || indent + whole.size() <= kColumns) return Line(whole);
  // Items that continue a line are indented by four more.
  std::string line = head;
  for (size_t i = 0; i < items.size(); ++i) {
    std::string item = items[i] + (i + 1 == items.size() ? std::string(tail) : ",");
    const bool first = i == 0;
    if (indent + line.size() + 1 + item.size() > kColumns) {
      while (line.ends_with(' ')) line.pop_back();
      Line(line);
      line = "    " + item;
    } else {
      line += (first ? "" : " ") + item;
    }
  }
  Line(line);
}

void Code::Body(const Bridge& bridge, const std::string& call, std::vector<std::string> first) {
  indent += 2;
  for (const std::string& line : bridge.owned) Line(line);
  const std::string refused = "if (" + Joined(bridge.refused, " || ") + ") return -RW_EINVAL;";
  if (indent + refused.size() <= kColumns) {
    if (!bridge.refused.empty()) Line(refused);
  } else {
    for (const std::string& condition : bridge.refused) {
      Line("if (" + condition + ") return -RW_EINVAL;");
    }
  }
  for (const std::string& line : bridge.before) Line(line);
  first.insert(first.end(), bridge.arguments.begin(), bridge.arguments.end());
  if (bridge.always.empty() && bridge.after.empty()) {
    List("return " + call + "(", first, ");");
  } else {
    List("const long _status = " + call + "(", first, ");");
    for (const std::string& line : bridge.always) Line(line);
    if (!bridge.after.empty()) Line("if (_status < 0) return _status;");
    for (const std::string& line : bridge.after) Line(line);
    Line("return _status;");
  }
  indent -= 2;
  Line("}");
}

void Code::BeginNamespace(const File& file) {
  if (file.package.empty()) return;
  Line("namespace " + NamespaceOf(file) + " {");
  Line();
}

void Code::EndNamespace(const File& file) {
  if (file.package.empty()) return;
  Line("}  // namespace " + NamespaceOf(file));
  Line();
}

std::string QualifiedName(const Interface& interface, const std::string& prefix) {
  const std::string package = NamespaceOf(*interface.file);
  return (package.empty() ? "::" : "::" + package + "::") + prefix + interface.name.text;
}

std::string OwnHeader(const File& file, const std::string& kind) {
  const std::string name = std::filesystem::path(file.path).filename().string();
  return "#include \"" + StemOf(name) + "_" + kind + ".h\"";
}

void IncludeImports(const File& file, const std::string& kind, Code* code) {
  for (const Import& wanted : file.imports) {
    code->Line("#include \"" + StemOf(wanted.path.text) + "_" + kind + ".h\"");
  }
}

void GenerateHeader(const File& file, const std::string& kind, PartOf for_both, PartOf for_cpp,
                    Code* code) {
  code->Line("#pragma once");
  code->Line();
  code->Line(OwnHeader(file, "interface"));
  IncludeImports(file, kind, code);
  code->Line();
  code->Line("#ifdef __cplusplus");
  code->Line("extern \"C\" {");
  code->Line("#endif");
  code->Line();
  for (const auto& interface : file.interfaces) for_both(*interface, code);
  code->Line("#ifdef __cplusplus");
  code->Line("}  // extern \"C\"");
  code->Line("#endif");
  code->Line();
  code->Line("#ifdef __cplusplus");
  code->Line();
  code->BeginNamespace(file);
  for (const auto& interface : file.interfaces) for_cpp(*interface, code);
  code->EndNamespace(file);
  code->Line("#endif");
}

std::vector<std::string> WithFirst(std::string first, std::vector<std::string> others) {
  others.insert(others.begin(), std::move(first));
  return others;
}

}  // namespace ringway::idl
