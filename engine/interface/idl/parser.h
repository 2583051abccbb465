// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_INTERFACE_IDL_PARSER_H_
#define ENGINE_INTERFACE_IDL_PARSER_H_

#include <optional>
#include <string_view>
#include <vector>

#include "engine/interface/idl/lexer.h"
#include "engine/interface/idl/syntax.h"

namespace ringway::idl {

// One method for each rule of the grammar. A method that finds a mistake
// reports it and returns false; who called it skips to where the next
// declaration, or the next operation, must begin.
class Parser {
 public:
  // Fills in `file` from its source.
  Parser(File* file, Diagnostics* diagnostics);

  void Run();

 private:
  struct Attribute {
    Name name;
    std::optional<Token> value;
  };

  void Advance() { token_ = lexer_.Next(); }
  bool Unexpected(std::string_view expected);
  bool Expect(char punctuation, std::string_view where);
  bool ParseName(std::string_view what, Name* name);
  bool ParseNumber(std::string_view what, Number* number);
  void SkipBeyond(char punctuation);

  bool ParseDeclaration();
  bool ParsePackage();
  bool ParseImport();
  bool ParseInterface(const std::vector<Attribute>& attributes);
  bool ParseComposes(Interface* interface);
  void ParseBody(Interface* interface);
  bool ParseOperation(Interface* interface);
  bool ParseParameter(Operation* operation);
  bool ParseType(Type* type);
  bool ParseBound(std::string_view what, Type* type);
  bool ParseAttributes(std::vector<Attribute>* attributes);
  void ApplyTo(Interface* interface, const std::vector<Attribute>& attributes);
  void ApplyTo(Operation* operation, const std::vector<Attribute>& attributes);
  void NumberOf(const Attribute& attribute, std::optional<Number>* number);
  void FlagOf(const Attribute& attribute, bool* flag);
  bool ReadNumber(const Token& token, Number* number);

  File* file_;
  Diagnostics* diagnostics_;
  Lexer lexer_;
  Token token_;
};

}  // namespace ringway::idl

#endif  // ENGINE_INTERFACE_IDL_PARSER_H_
