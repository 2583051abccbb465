// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The copies of small parcels: what they copy, and that they write nothing else.

#include "engine/base/copy.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace ringway {
namespace {

constexpr size_t kMargin = 32;

// What the memory around a copy holds afterwards.
std::string Copied(void (*copy)(void*, const void*, size_t), const std::string& from, size_t at) {
  // As long as what is read, so that a sanitizer sees reads beyond its end.
  const auto exact = std::make_unique<char[]>(from.size());
  from.copy(exact.get(), from.size());
  std::string to(kMargin + at + from.size() + kMargin, '.');
  copy(&to[kMargin + at], exact.get(), from.size());
  return to;
}

TEST(CopyTest, EverySizeIsCopiedAndNothingBesideIt) {
  for (size_t size = 0; size <= kFewBytes + 1; ++size) {
    std::string from(size, '\0');
    for (size_t i = 0; i < size; ++i) from[i] = static_cast<char>('0' + i);
    for (size_t at = 0; at < 8; ++at) {
      const std::string expected =
          std::string(kMargin + at, '.') + from + std::string(kMargin, '.');
      EXPECT_EQ(Copied(&CopyIn, from, at), expected) << size;
      EXPECT_EQ(Copied(&CopyOut, from, at), expected) << size;
    }
  }
}

// An empty parcel may have no memory.
TEST(CopyTest, NothingIsCopiedFromNowhere) {
  CopyIn(nullptr, nullptr, 0);
  CopyOut(nullptr, nullptr, 0);
}

}  // namespace
}  // namespace ringway
