// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_BASE_COPY_H_
#define ENGINE_BASE_COPY_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace ringway {

// Copies of a size that is not known before, without a call for small ones. A load waits until
// what was just stored there has left the store buffer, if no single store covers it. So a parcel
// is taken from its producer, who wrote it field by field, in small pieces; and is given to its
// consumer, who reads it so, in large ones that do not overlap.
inline constexpr size_t kFewBytes = 64;

template <size_t... kPieces>
void CopyInPieces(void* to, const void* from, size_t num_bytes) {
  auto* out = static_cast<std::byte*>(to);
  const auto* in = static_cast<const std::byte*>(from);
  if (num_bytes == sizeof(uint64_t)) [[likely]] {
    std::memcpy(out, in, sizeof(uint64_t));
  } else if (num_bytes > kFewBytes) {
    std::memcpy(out, in, num_bytes);
  } else {
    const auto copy = [&]<size_t kPiece>(std::integral_constant<size_t, kPiece>) {
      for (; num_bytes >= kPiece; num_bytes -= kPiece, out += kPiece, in += kPiece) {
        std::memcpy(out, in, kPiece);
      }
    };
    (copy(std::integral_constant<size_t, kPieces>()), ...);
  }
}

inline void CopyIn(void* to, const void* from, size_t num_bytes) {
  CopyInPieces<8, 4, 1>(to, from, num_bytes);
}
inline void CopyOut(void* to, const void* from, size_t num_bytes) {
  CopyInPieces<16, 8, 4, 1>(to, from, num_bytes);
}

}  // namespace ringway

#endif  // ENGINE_BASE_COPY_H_
