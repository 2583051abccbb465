// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef RINGWAY_SERVER_ID_H_
#define RINGWAY_SERVER_ID_H_

#include <compare>
#include <cstdint>

#include "ringway/portal.h"

namespace ringway {
inline namespace api {

// The secret that protects a server: who knows it may connect. Connecting by a
// name does not tell it.
struct ServerId {
  uint64_t high = 0;
  uint64_t low = 0;

  explicit operator bool() const { return (high | low) != 0; }
  auto operator<=>(const ServerId&) const = default;
};

// A fresh one, from the random numbers of the node's driver. Never zero.
Result<ServerId> CreateServerId(const Node& node);

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_SERVER_ID_H_
