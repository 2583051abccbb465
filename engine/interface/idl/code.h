// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_INTERFACE_IDL_CODE_H_
#define ENGINE_INTERFACE_IDL_CODE_H_

#include <string>
#include <string_view>
#include <vector>

#include "engine/interface/idl/shapes.h"
#include "engine/interface/idl/syntax.h"

namespace ringway::idl {

// The text of one generated file.
class Code {
 public:
  Code() = default;
  // Begins with what each generated file begins with.
  Code(const File& file, std::string_view languages);

  void Line(std::string_view text = "");
  // `head` `items`, with commas, `tail`: on one line, or on several if that is too long.
  void List(std::string head, const std::vector<std::string>& items, std::string_view tail);
  // The body of a function that makes `call`, of which the bridge has the
  // arguments beside `first`; and its closing brace.
  void Body(const Bridge& bridge, const std::string& call, std::vector<std::string> first);
  void BeginNamespace(const File& file);
  void EndNamespace(const File& file);

  std::string text;
  size_t indent = 0;
};

// ::package::PrefixName
std::string QualifiedName(const Interface& interface, const std::string& prefix = "");
// The lines `#include "..."` of this file's own header of that kind, and of those of its imports.
std::string OwnHeader(const File& file, const std::string& kind);
void IncludeImports(const File& file, const std::string& kind, Code* code);
// What all parameters of a function of C are: `first`, then those of the operation.
std::vector<std::string> WithFirst(std::string first, std::vector<std::string> others);

// A header with a part that both languages see, and one for C++.
using PartOf = void (*)(const Interface& interface, Code* code);
void GenerateHeader(const File& file, const std::string& kind, PartOf for_both, PartOf for_cpp,
                    Code* code);

void GenerateInterfaceHeader(const File& file, Code* code);
void GenerateClientHeader(const File& file, Code* code);
void GenerateClientC(const File& file, Code* code);
void GenerateClientCpp(const File& file, Code* code);
void GenerateServerHeader(const File& file, Code* code);
void GenerateServerC(const File& file, Code* code);
void GenerateServerCpp(const File& file, Code* code);

}  // namespace ringway::idl

#endif  // ENGINE_INTERFACE_IDL_CODE_H_
