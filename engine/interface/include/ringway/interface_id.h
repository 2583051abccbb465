// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef RINGWAY_INTERFACE_ID_H_
#define RINGWAY_INTERFACE_ID_H_

#include <compare>
#include <cstdint>
#include <string_view>

namespace ringway {
inline namespace api {

// The identity of an interface, the same in all processes and versions.
struct InterfaceId {
  uint64_t high = 0;
  uint64_t low = 0;

  constexpr explicit operator bool() const { return (high | low) != 0; }
  constexpr auto operator<=>(const InterfaceId&) const = default;
};

// What a message is for.
struct MethodKey {
  InterfaceId interface;
  uint32_t opcode = 0;

  constexpr auto operator<=>(const MethodKey&) const = default;
};

// The id that belongs to a name: two FNV-1a hashes of it. Part of the wire.
constexpr InterfaceId IdOf(std::string_view name) {
  constexpr uint64_t kPrime = 0x100000001b3;
  InterfaceId id = {0xcbf29ce484222325, 0x84222325cbf29ce4};
  for (const char c : name) {
    id.high = (id.high ^ static_cast<unsigned char>(c)) * kPrime;
    id.low = (id.low ^ static_cast<unsigned char>(c ^ 0x5a)) * kPrime;
  }
  return id;
}

// What endpoints tell each other (ringway/endpoint.h).
inline constexpr InterfaceId kIntfId = IdOf("ringway.Intf");
inline constexpr uint32_t kIntfClose = 0;

// What every object answers (ringway/meta.h).
inline constexpr InterfaceId kMetaId = IdOf("ringway.Meta");

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_INTERFACE_ID_H_
