// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/interface/idl/lexer.h"

#include <algorithm>

namespace ringway::idl {

namespace {

// Not those of <cctype>, which ask the locale.
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsPrintable(char c) { return c >= ' ' && c <= '~'; }

std::string DescribeByte(char c) {
  if (IsPrintable(c)) return std::string("'") + c + "'";
  static constexpr char kDigits[] = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  return std::string("byte 0x") + kDigits[byte >> 4] + kDigits[byte & 15];
}

}  // namespace

std::string Describe(const Token& token) {
  switch (token.kind) {
    case TokenKind::kEnd:
      return "the end of the file";
    case TokenKind::kString:
      return '"' + std::string(token.text) + '"';
    default:
      return "'" + std::string(token.text) + "'";
  }
}

char Lexer::Peek(size_t ahead) const {
  return ahead < source_.size() - offset_ ? source_[offset_ + ahead] : '\0';
}

void Lexer::Advance() {
  if (source_[offset_++] == '\n') {
    ++at_.line;
    at_.column = 1;
  } else {
    ++at_.column;
  }
}

void Lexer::SkipBlockComment() {
  const Position start = at_;
  Advance();
  Advance();
  while (offset_ < source_.size()) {
    const bool ends = Peek() == '*' && Peek(1) == '/';
    Advance();
    if (!ends) continue;
    Advance();
    return;
  }
  diagnostics_->Error(start, "this comment does not end: expected '*/'");
}

void Lexer::SkipSpace() {
  while (offset_ < source_.size()) {
    const char c = Peek();
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      Advance();
    } else if (c == '/' && Peek(1) == '/') {
      while (offset_ < source_.size() && Peek() != '\n') Advance();
    } else if (c == '/' && Peek(1) == '*') {
      SkipBlockComment();
    } else {
      return;
    }
  }
}

Token Lexer::Make(TokenKind kind, size_t start, const Position& at) {
  return {kind, source_.substr(start, offset_ - start), at};
}

Token Lexer::Word(const Position& at) {
  const size_t start = offset_;
  while (IsLetter(Peek()) || IsDigit(Peek())) Advance();
  return Make(TokenKind::kName, start, at);
}

Token Lexer::Number(const Position& at) {
  const size_t start = offset_;
  while (IsLetter(Peek()) || IsDigit(Peek())) Advance();
  Token token = Make(TokenKind::kNumber, start, at);
  const bool hex = token.text.starts_with("0x");
  const std::string_view digits = token.text.substr(hex ? 2 : 0);
  const bool good = !digits.empty() && std::all_of(digits.begin(), digits.end(), [hex](char c) {
    return IsDigit(c) || (hex && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')));
  });
  if (!good) {
    diagnostics_->Error(at, Describe(token) + " is no number: expected digits, or 0x and digits");
    token.kind = TokenKind::kBad;
  }
  return token;
}

Token Lexer::String(const Position& at) {
  Advance();
  const size_t start = offset_;
  while (offset_ < source_.size() && Peek() != '"' && IsPrintable(Peek()) && Peek() != '\\') {
    Advance();
  }
  Token token = Make(TokenKind::kString, start, at);
  if (offset_ < source_.size() && Peek() == '"') {
    Advance();
    return token;
  }
  const bool ends = offset_ == source_.size() || Peek() == '\n' || Peek() == '\r';
  diagnostics_->Error(at_, ends ? "this text does not end: expected '\"'"
                                : DescribeByte(Peek()) + " cannot be in a text");
  token.kind = TokenKind::kBad;
  return token;
}

Token Lexer::Next() {
  for (;;) {
    SkipSpace();
    const Position at = at_;
    if (offset_ == source_.size()) return Make(TokenKind::kEnd, offset_, at);
    const char c = Peek();
    if (IsLetter(c)) return Word(at);
    if (IsDigit(c)) return Number(at);
    if (c == '"') return String(at);
    Advance();
    static constexpr std::string_view kPunctuation = ";,.{}()[]<>=";
    if (kPunctuation.find(c) != std::string_view::npos) {
      return Make(TokenKind::kPunctuation, offset_ - 1, at);
    }
    diagnostics_->Error(at, DescribeByte(c) + " has no meaning here");
  }
}

}  // namespace ringway::idl
