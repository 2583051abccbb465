// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef RINGWAY_FORWARD_H_
#define RINGWAY_FORWARD_H_

#include <cstdint>

#include "ringway/identity.h"
#include "ringway/message.h"
#include "ringway/reply.h"
#include "ringway/target.h"

namespace ringway {
inline namespace api {

// Sends the request on to a target in another process, under `header`, which
// says the kind, interface, opcode and hops, and with those it came from. The
// reply goes from there straight to the caller. On failure the request and the
// reply are still with us.
int64_t ForwardMessage(const Target& target, const RequestHeader& header, const CallChain& caller,
                       IncomingMessage& request, Reply* reply);

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_FORWARD_H_
