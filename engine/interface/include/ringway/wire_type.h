// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef RINGWAY_WIRE_TYPE_H_
#define RINGWAY_WIRE_TYPE_H_

#include <array>
#include <bit>
#include <cstddef>
#include <type_traits>

namespace ringway::inline api {

// A constant expression cannot make a pointer, a reference or a union from
// bytes, so for a type that holds one, anywhere inside, this is none. GCC 12
// does not see pointers in an array of structs; clang does.
template <class T>
requires std::is_trivially_copyable_v<T>
constexpr bool MadeFromBytes() {
  static_cast<void>(std::bit_cast<T>(std::array<unsigned char, sizeof(T)>{}));
  return true;
}

template <class T>
concept PointerFree = requires {
  typename std::bool_constant<MadeFromBytes<T>()>;
};

// A type whose bytes mean the same in another process. To be specialized for a
// type that is fine although no constant expression can make one: one with a
// union, or without a constexpr constructor.
template <class T>
inline constexpr bool kIsWireType = std::is_trivially_copyable_v<T> &&
                                    (std::is_arithmetic_v<T> || std::is_enum_v<T> ||
                                     (std::is_class_v<T> && PointerFree<T>));

}  // namespace ringway::inline api

#endif  // RINGWAY_WIRE_TYPE_H_
