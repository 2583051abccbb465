// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Who a message comes from. Nobody says this of himself: whoever gives out the
// portals says it of those who get them (Admission in ringway/served.h).

#ifndef RINGWAY_IDENTITY_H_
#define RINGWAY_IDENTITY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "ringway/message_layout.h"

namespace ringway {
inline namespace api {

// Who made a call, and who handed it on.
class CallChain {
 public:
  explicit CallChain(const Identity& sender) { chain_[0] = sender; }

  // The process that made the call.
  const Identity& origin() const { return chain_[0]; }
  // Those that handed it on, the last one last. Empty for a call that came straight.
  std::span<const Identity> forwarders() const { return chain().subspan(1); }
  // Whose portal the message came by: the last forwarder, or else the origin.
  const Identity& sender() const { return chain_[length_ - 1]; }
  std::span<const Identity> chain() const { return {chain_.data(), length_}; }

  // Puts those before the sender that it forwards for. There are kForwardersMax at most.
  void ComesFrom(std::span<const Identity> before);

 private:
  size_t length_ = 1;
  std::array<Identity, kForwardersMax + 1> chain_;
};

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_IDENTITY_H_
