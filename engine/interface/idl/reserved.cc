// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/interface/idl/reserved.h"

#include <algorithm>
#include <iterator>

namespace ringway::idl {

namespace {

// Each list is sorted.
constexpr std::string_view kCpp[] = {
    "alignas",       "alignof",     "and",       "and_eq",       "asm",      "auto",
    "bitand",        "bitor",       "bool",      "break",        "case",     "catch",
    "char",          "char16_t",    "char32_t",  "char8_t",      "class",    "co_await",
    "co_return",     "co_yield",    "compl",     "concept",      "const",    "const_cast",
    "consteval",     "constexpr",   "constinit", "continue",     "decltype", "default",
    "delete",        "do",          "double",    "dynamic_cast", "else",     "enum",
    "explicit",      "export",      "extern",    "false",        "final",    "float",
    "for",           "friend",      "goto",      "if",           "inline",   "int",
    "long",          "module",      "mutable",   "namespace",    "new",      "noexcept",
    "not",           "not_eq",      "nullptr",   "operator",     "or",       "or_eq",
    "override",      "private",     "protected", "public",       "register", "reinterpret_cast",
    "requires",      "return",      "short",     "signed",       "sizeof",   "static",
    "static_assert", "static_cast", "struct",    "switch",       "template", "this",
    "thread_local",  "throw",       "true",      "try",          "typedef",  "typeid",
    "typename",      "union",       "unsigned",  "using",        "virtual",  "void",
    "volatile",      "wchar_t",     "while",     "xor",          "xor_eq",
};
constexpr std::string_view kC[] = {"restrict", "typeof", "typeof_unqual"};
// Of the headers that generated code includes, and of compilers by themselves.
constexpr std::string_view kMacros[] = {"EOF",      "NULL",   "assert", "errno",  "i386", "linux",
                                        "offsetof", "stderr", "stdin",  "stdout", "unix"};
constexpr std::string_view kUsed[] = {"main",    "max_align_t", "nullptr_t", "ptrdiff_t",
                                      "ringway", "size_t",      "ssize_t",   "std"};
constexpr std::string_view kPrefixes[] = {"IPCZ_", "Ipcz", "RINGWAY_", "RW_", "Ringway"};
constexpr std::string_view kMembers[] = {"Declaration", "Served", "cap_", "capability", "object_"};

template <size_t kCount>
bool IsOneOf(const std::string_view (&words)[kCount], std::string_view word) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

// PRId32, INT8_C, UINT64_MAX and the like.
bool IsIntegerMacro(std::string_view name) {
  const bool sized = name.starts_with("INT") || name.starts_with("UINT") ||
                     name.starts_with("SIZE_") || name.starts_with("PTRDIFF_") ||
                     name.starts_with("WCHAR_") || name.starts_with("WINT_") ||
                     name.starts_with("SIG_ATOMIC_");
  return sized && (name.ends_with("_C") || name.ends_with("_MAX") || name.ends_with("_MIN"));
}

}  // namespace

std::string WhyReserved(std::string_view name) {
  if (IsOneOf(kCpp, name)) return "is a word of C++";
  if (IsOneOf(kC, name)) return "is a word of C";
  if (name.starts_with('_')) return "begins with '_', as names inside the generated code do";
  if (name.find("__") != std::string_view::npos) return "has '__', which C++ keeps for itself";
  if (IsOneOf(kMacros, name) || IsIntegerMacro(name)) return "may be a macro of C";
  if (IsOneOf(kUsed, name)) return "is used by the generated code";
  for (const std::string_view prefix : kPrefixes) {
    if (name.starts_with(prefix)) return "begins with '" + std::string(prefix) + "', which is ours";
  }
  return "";
}

bool IsGeneratedMember(std::string_view name) { return IsOneOf(kMembers, name); }

}  // namespace ringway::idl
