// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Round trips between a `ping` and a `listen`.

#ifndef ENGINE_CMD_PING_H_
#define ENGINE_CMD_PING_H_

#include "engine/cmd/options.h"
#include "engine/cmd/session.h"

namespace ringway::cmd {

// Measures, and prints the result. Ends the process when that fails.
void Ping(Session& session, const Options& options);

// Puts back every parcel until the peer is done. Ends the process when the
// peer leaves before.
void Echo(Session& session, bool stats);

}  // namespace ringway::cmd

#endif  // ENGINE_CMD_PING_H_
