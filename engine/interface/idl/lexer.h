// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_INTERFACE_IDL_LEXER_H_
#define ENGINE_INTERFACE_IDL_LEXER_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "engine/interface/idl/diagnostics.h"

namespace ringway::idl {

enum class TokenKind {
  kEnd,
  kName,
  kNumber,       // text: its digits, with 0x if it had that
  kString,       // text: what is between the quotes
  kPunctuation,  // one of ; , . { } ( ) [ ] < > =
  kBad,          // already reported
};

struct Token {
  TokenKind kind;
  std::string_view text;  // of the source
  Position at;

  bool Is(char punctuation) const {
    return kind == TokenKind::kPunctuation && text[0] == punctuation;
  }
  bool Is(std::string_view word) const { return kind == TokenKind::kName && text == word; }
};

// The token as a message names it: 'add', "calc.idl", the end of the file.
std::string Describe(const Token& token);

class Lexer {
 public:
  // `source` and `path` outlive the tokens.
  Lexer(std::string_view source, std::string_view path, Diagnostics* diagnostics)
      : source_(source), diagnostics_(diagnostics), at_{path} {}

  Token Next();

 private:
  char Peek(size_t ahead = 0) const;
  void Advance();
  void SkipSpace();
  void SkipBlockComment();
  Token Make(TokenKind kind, size_t start, const Position& at);
  Token Word(const Position& at);
  Token Number(const Position& at);
  Token String(const Position& at);

  std::string_view source_;
  Diagnostics* diagnostics_;
  Position at_;
  size_t offset_ = 0;
};

}  // namespace ringway::idl

#endif  // ENGINE_INTERFACE_IDL_LEXER_H_
