// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What a message says, and how its receiver knows that it is the right one. A message is a row of
// 64-bit words. Its first word is a stamp: the message's number and, rarely, a mark.
//
//  - Ends: the first and the last word are the stamp. Cheap; for round trips.
//  - Whole: word i is stamp + i. For payloads that are written in place.
//  - Patched: word i is i, except for the ends, which are as above. For payloads that are sent from
//    a buffer of the sender's, which is filled once and then only gets its ends.
//
// The sum over all words tells the last two from anything else.

#ifndef BENCH_HARNESS_PAYLOAD_H_
#define BENCH_HARNESS_PAYLOAD_H_

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cstddef>

namespace ringway::bench {

constexpr uint64_t kFirstMark = uint64_t{1} << 62;  // measure from here
constexpr uint64_t kLastMark = uint64_t{1} << 63;   // nothing follows
constexpr uint64_t kMarks = kFirstMark | kLastMark;

template <typename T>
void Store(std::byte* at, T value) {
  memcpy(at, &value, sizeof(value));
}

template <typename T>
T Load(const std::byte* at) {
  T value;
  memcpy(&value, at, sizeof(value));
  return value;
}

inline void StoreWord(std::byte* at, uint64_t word) { Store(at, word); }
inline uint64_t LoadWord(const std::byte* at) { return Load<uint64_t>(at); }

// Four pairs to a step keep loads and stores ahead of the additions, with any compiler's -O2.
using WordPair [[gnu::vector_size(16)]] = uint64_t;

// Small messages are copied in line; larger ones by the C library, whose copy is several times as
// fast between two cores as the string instruction that GCC puts in for a constant size.
template <size_t kBytes>
void CopyMessage(std::byte* to, const std::byte* from) {
  size_t bytes = kBytes;
  if constexpr (kBytes > 256) asm("" : "+r"(bytes));
  memcpy(to, from, bytes);
}

template <size_t kBytes>
void WriteEnds(std::byte* data, uint64_t stamp) {
  static_assert(kBytes % 8 == 0 && kBytes > 0);
  StoreWord(data, stamp);
  if (kBytes > 8) StoreWord(data + kBytes - 8, stamp);
}

// The stamp, or ~0 if the ends disagree.
template <size_t kBytes>
uint64_t ReadEnds(const std::byte* data) {
  const uint64_t stamp = LoadWord(data);
  return LoadWord(data + kBytes - 8) == stamp ? stamp : ~uint64_t{0};
}

template <size_t kBytes>
void WriteWhole(std::byte* data, uint64_t stamp) {
  if constexpr (kBytes % 64 == 0) {
    WordPair next = {stamp, stamp + 1};
    for (size_t at = 0; at < kBytes; at += 64) {
      Store(data + at, next);
      Store(data + at + 16, next + 2);
      Store(data + at + 32, next + 4);
      Store(data + at + 48, next + 6);
      next += 8;
    }
  } else {
    for (size_t i = 0; i < kBytes / 8; ++i) StoreWord(data + 8 * i, stamp + i);
  }
}

template <size_t kBytes>
uint64_t Sum(const std::byte* data) {
  if constexpr (kBytes % 64 == 0) {
    WordPair a = {}, b = {}, c = {}, d = {};
    for (size_t at = 0; at < kBytes; at += 64) {
      a += Load<WordPair>(data + at);
      b += Load<WordPair>(data + at + 16);
      c += Load<WordPair>(data + at + 32);
      d += Load<WordPair>(data + at + 48);
    }
    const WordPair all = (a + b) + (c + d);
    return all[0] + all[1];
  } else {
    uint64_t sum = 0;
    for (size_t i = 0; i < kBytes / 8; ++i) sum += LoadWord(data + 8 * i);
    return sum;
  }
}

template <size_t kBytes>
constexpr uint64_t SumOfWhole(uint64_t stamp) {
  constexpr uint64_t kWords = kBytes / 8;
  return kWords * stamp + kWords * (kWords - 1) / 2;
}

template <size_t kBytes>
constexpr uint64_t SumOfPatched(uint64_t stamp) {
  constexpr uint64_t kWords = kBytes / 8;
  if (kWords == 1) return stamp;
  return 2 * stamp + (kWords - 1) * (kWords - 2) / 2;
}

}  // namespace ringway::bench

#endif  // BENCH_HARNESS_PAYLOAD_H_
