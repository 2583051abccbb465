// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef RINGWAY_WIRE_TYPE_H_
#define RINGWAY_WIRE_TYPE_H_

#include <array>
#include <bit>
#include <cstddef>
#include <type_traits>

namespace ringway {
inline namespace api {

// A constant expression cannot make a pointer, a reference or a union from
// bytes, nor read padding, nor make a bool from a 2, so for a type that holds one
// of these, anywhere inside, this is none, or false. GCC 12 does not see pointers
// in an array of structs; clang does.
template <class T>
requires std::is_trivially_copyable_v<T>
constexpr bool MadeOfItsBytes() {
  using Bytes = std::array<unsigned char, sizeof(T)>;
  for (const unsigned char byte : {0, 2}) {
    Bytes bytes = {};
    bytes.fill(byte);
    if (std::bit_cast<Bytes>(std::bit_cast<T>(bytes)) != bytes) return false;
  }
  return true;
}

template <class T>
concept AllValue = requires {
  typename std::enable_if_t<MadeOfItsBytes<T>()>;
};

// Whatever the number is that a peer sends, it is a value of the type.
template <class T>
concept FixedEnum = std::is_enum_v<T> && requires {
  T{std::underlying_type_t<T>{}};
};

// A type whose bytes mean the same in another process, and are all of them
// values: padding would tell others what was in our memory, and what a peer
// sends must be a value of the type, whatever it is; a bool by itself is looked at
// when it is read. To be specialized for a type that is fine although no constant
// expression can make one: one with a union, or without a constexpr constructor.
template <class T>
inline constexpr bool kIsWireType = std::is_trivially_copyable_v<T> &&
                                    (std::is_arithmetic_v<T> || FixedEnum<T> ||
                                     (std::is_class_v<T> && AllValue<T>));

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_WIRE_TYPE_H_
