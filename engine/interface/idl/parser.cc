// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/interface/idl/parser.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace ringway::idl {

namespace {

constexpr std::array<std::string_view, 13> kScalars = {
    "bool",    "char",     "int",      "int8_t",   "int16_t", "int32_t", "int64_t",
    "uint8_t", "uint16_t", "uint32_t", "uint64_t", "float",   "double"};
constexpr std::array<std::string_view, 11> kKeywords = {
    "import", "interface", "composes", "package", "in",    "out",
    "inout",  "void",      "string",   "array",   "handle"};

constexpr std::string_view kTypes =
    "a type: int, int8_t to int64_t, uint8_t to uint64_t, float, double, bool, char, string, "
    "array<...> or handle";

template <size_t kCount>
bool IsOneOf(const std::array<std::string_view, kCount>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Types of C that are not of the same size everywhere.
bool HasNoFixedWidth(std::string_view word) {
  static constexpr std::array<std::string_view, 6> kWords = {"short",  "long",   "unsigned",
                                                             "signed", "size_t", "wchar_t"};
  return IsOneOf(kWords, word);
}

}  // namespace

bool IsScalar(std::string_view name) { return IsOneOf(kScalars, name); }
bool IsKeyword(std::string_view name) { return IsOneOf(kKeywords, name) || IsScalar(name); }

Parser::Parser(File* file, Diagnostics* diagnostics)
    : file_(file),
      diagnostics_(diagnostics),
      lexer_(file->source, file->path, diagnostics),
      token_(lexer_.Next()) {}

bool Parser::Unexpected(std::string_view expected) {
  if (token_.kind != TokenKind::kBad) {
    diagnostics_->Error(token_.at,
                        "expected " + std::string(expected) + ", found " + Describe(token_));
  }
  return false;
}

bool Parser::Expect(char punctuation, std::string_view where) {
  if (!token_.Is(punctuation)) {
    return Unexpected("'" + std::string(1, punctuation) + "' " + std::string(where));
  }
  Advance();
  return true;
}

bool Parser::ParseName(std::string_view what, Name* name) {
  if (token_.kind != TokenKind::kName) return Unexpected(what);
  if (IsKeyword(token_.text)) {
    diagnostics_->Error(token_.at, "expected " + std::string(what) + ", found " + Describe(token_) +
                                       ", which is a word of the IDL");
    return false;
  }
  *name = {std::string(token_.text), token_.at};
  Advance();
  return true;
}

bool Parser::ReadNumber(const Token& token, Number* number) {
  const bool hex = token.text.starts_with("0x");
  const std::string_view digits = token.text.substr(hex ? 2 : 0);
  number->at = token.at;
  const auto read =
      std::from_chars(digits.data(), digits.data() + digits.size(), number->value, hex ? 16 : 10);
  if (read.ec == std::errc()) return true;
  diagnostics_->Error(token.at, Describe(token) + " is too large a number");
  return false;
}

bool Parser::ParseNumber(std::string_view what, Number* number) {
  if (token_.kind != TokenKind::kNumber) return Unexpected(what);
  const bool good = ReadNumber(token_, number);
  Advance();
  return good;
}

// To behind the next `punctuation` that is in no inner braces.
void Parser::SkipBeyond(char punctuation) {
  size_t depth = 0;
  while (token_.kind != TokenKind::kEnd) {
    if (token_.Is('}')) {
      if (depth == 0 && punctuation != '}') return;
      depth -= depth != 0;
    }
    if (token_.Is('{')) ++depth;
    const bool found = depth == 0 && token_.Is(punctuation);
    Advance();
    if (found) return;
  }
}

void Parser::Run() {
  while (token_.kind != TokenKind::kEnd && !diagnostics_->is_full()) {
    if (ParseDeclaration()) continue;
    SkipBeyond(';');
    if (token_.Is('}')) Advance();
    if (token_.Is(';')) Advance();
  }
}

bool Parser::ParseDeclaration() {
  std::vector<Attribute> attributes;
  if (token_.Is('[')) {
    if (!ParseAttributes(&attributes)) return false;
    if (!token_.Is("interface")) return Unexpected("'interface' after its attributes");
  }
  if (token_.Is("interface")) return ParseInterface(attributes);
  if (token_.Is("import")) return ParseImport();
  if (token_.Is("package")) return ParsePackage();
  return Unexpected("'import', 'interface' or 'package'");
}

bool Parser::ParsePackage() {
  const Position at = token_.at;
  Advance();
  std::vector<Name> names;
  do {
    if (!names.empty()) Advance();
    if (!ParseName("the name of the package", &names.emplace_back())) return false;
  } while (token_.Is('.'));
  if (!file_->package.empty()) {
    diagnostics_->Error(
        at, "a second package: the first one is at " + ToString(file_->package.front().at));
  } else if (!file_->interfaces.empty()) {
    diagnostics_->Error(at, "a package is named before the first interface");
  }
  file_->package = std::move(names);
  return Expect(';', "after the name of the package");
}

bool Parser::ParseImport() {
  Advance();
  if (token_.kind != TokenKind::kString) return Unexpected("the path of a file in quotes");
  file_->imports.push_back({{std::string(token_.text), token_.at}});
  Advance();
  return Expect(';', "after the path");
}

bool Parser::ParseInterface(const std::vector<Attribute>& attributes) {
  Advance();
  auto interface = std::make_unique<Interface>();
  interface->file = file_;
  if (!ParseName("the name of the interface", &interface->name)) return false;
  ApplyTo(interface.get(), attributes);
  Interface* const kept = file_->interfaces.emplace_back(std::move(interface)).get();
  if (token_.Is("composes")) return ParseComposes(kept);
  if (!token_.Is('{')) return Unexpected("'{' or 'composes' after the name of the interface");
  Advance();
  ParseBody(kept);
  return Expect('}', "at the end of the interface") && Expect(';', "after the interface");
}

bool Parser::ParseComposes(Interface* interface) {
  do {
    Advance();
    if (!ParseName("the name of an interface", &interface->composes.emplace_back())) return false;
  } while (token_.Is(','));
  return Expect(';', "or ',' after the name of an interface");
}

void Parser::ParseBody(Interface* interface) {
  while (token_.kind != TokenKind::kEnd && !token_.Is('}') && !diagnostics_->is_full()) {
    if (!ParseOperation(interface)) SkipBeyond(';');
  }
}

bool Parser::ParseOperation(Interface* interface) {
  std::vector<Attribute> attributes;
  if (token_.Is('[') && !ParseAttributes(&attributes)) return false;
  if (!token_.Is("void")) return Unexpected("'void', which begins an operation, or '}'");
  Advance();
  Operation operation;
  if (!ParseName("the name of the operation", &operation.name)) return false;
  ApplyTo(&operation, attributes);
  if (!Expect('(', "after the name of the operation")) return false;
  if (!token_.Is(')')) {
    if (!ParseParameter(&operation)) return false;
    while (token_.Is(',')) {
      Advance();
      if (!ParseParameter(&operation)) return false;
    }
  }
  if (!Expect(')', "or ',' after the parameter")) return false;
  interface->operations.push_back(std::move(operation));
  return Expect(';', "after the operation");
}

bool Parser::ParseParameter(Operation* operation) {
  Parameter parameter = {};
  if (token_.Is("in")) {
    parameter.direction = Direction::kIn;
  } else if (token_.Is("out")) {
    parameter.direction = Direction::kOut;
  } else if (token_.Is("inout")) {
    parameter.direction = Direction::kInOut;
  } else {
    return Unexpected("'in', 'out' or 'inout'");
  }
  Advance();
  if (!ParseType(&parameter.type)) return false;
  if (!ParseName("the name of the parameter", &parameter.name)) return false;
  operation->parameters.push_back(std::move(parameter));
  return true;
}

bool Parser::ParseType(Type* type) {
  type->at = token_.at;
  if (token_.kind != TokenKind::kName) return Unexpected(kTypes);
  if (IsScalar(token_.text)) {
    type->scalar = token_.text;
    Advance();
    return true;
  }
  if (HasNoFixedWidth(token_.text)) {
    diagnostics_->Error(
        token_.at, Describe(token_) + " has no fixed width: use int32_t, uint32_t or another one");
    return false;
  }
  if (token_.Is("handle")) {
    type->kind = TypeKind::kHandle;
    Advance();
    return true;
  }
  if (token_.Is("string")) {
    type->kind = TypeKind::kString;
    Advance();
    if (!token_.Is('<')) return true;
    Advance();
    return ParseBound("the most characters of the string", type);
  }
  if (!token_.Is("array")) return Unexpected(kTypes);
  type->kind = TypeKind::kArray;
  Advance();
  if (!Expect('<', "and the type of the elements")) return false;
  if (token_.kind != TokenKind::kName || !IsScalar(token_.text)) {
    return Unexpected("a number type, of the elements");
  }
  type->scalar = token_.text;
  Advance();
  if (!token_.Is(',')) return Expect('>', "or ',' after the type of the elements");
  Advance();
  return ParseBound("the most elements of the array", type);
}

bool Parser::ParseBound(std::string_view what, Type* type) {
  Number max = {};
  if (!ParseNumber(what, &max)) return false;
  type->max = max;
  return Expect('>', "after the number");
}

bool Parser::ParseAttributes(std::vector<Attribute>* attributes) {
  do {
    Advance();
    Attribute attribute = {};
    if (!ParseName("the name of an attribute", &attribute.name)) return false;
    if (token_.Is('=')) {
      Advance();
      if (token_.kind != TokenKind::kNumber && token_.kind != TokenKind::kString) {
        return Unexpected("a number or a text in quotes");
      }
      attribute.value = token_;
      Advance();
    }
    for (const Attribute& other : *attributes) {
      if (other.name.text != attribute.name.text) continue;
      diagnostics_->Error(attribute.name.at, "a second attribute '" + attribute.name.text + "'");
    }
    attributes->push_back(std::move(attribute));
  } while (token_.Is(','));
  return Expect(']', "or ',' after the attribute");
}

void Parser::FlagOf(const Attribute& attribute, bool* flag) {
  *flag = true;
  if (!attribute.value) return;
  diagnostics_->Error(attribute.value->at, "'" + attribute.name.text + "' takes no value");
}

void Parser::NumberOf(const Attribute& attribute, std::optional<Number>* number) {
  if (attribute.value && attribute.value->kind == TokenKind::kNumber) {
    ReadNumber(*attribute.value, &number->emplace());
    return;
  }
  diagnostics_->Error(attribute.value ? attribute.value->at : attribute.name.at,
                      "'" + attribute.name.text + "' takes a number");
}

void Parser::ApplyTo(Interface* interface, const std::vector<Attribute>& attributes) {
  for (const Attribute& attribute : attributes) {
    const std::optional<Token>& value = attribute.value;
    if (attribute.name.text == "qualified") {
      FlagOf(attribute, &interface->qualified);
    } else if (attribute.name.text != "id") {
      diagnostics_->Error(
          attribute.name.at,
          "an interface has no attribute '" + attribute.name.text + "': expected id or qualified");
    } else if (value && value->kind == TokenKind::kString && !value->text.empty()) {
      interface->id = {std::string(value->text), value->at};
    } else {
      diagnostics_->Error(value ? value->at : attribute.name.at,
                          "'id' takes a text that is not empty");
    }
  }
}

void Parser::ApplyTo(Operation* operation, const std::vector<Attribute>& attributes) {
  for (const Attribute& attribute : attributes) {
    if (attribute.name.text == "oneway") {
      FlagOf(attribute, &operation->oneway);
    } else if (attribute.name.text == "opcode") {
      NumberOf(attribute, &operation->opcode);
    } else if (attribute.name.text == "rights") {
      NumberOf(attribute, &operation->rights);
    } else if (attribute.name.text == "timeout_ms") {
      NumberOf(attribute, &operation->timeout_ms);
    } else {
      diagnostics_->Error(attribute.name.at,
                          "an operation has no attribute '" + attribute.name.text +
                              "': expected oneway, opcode, rights or timeout_ms");
    }
  }
}

}  // namespace ringway::idl
