// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_CMD_INSPECT_H_
#define ENGINE_CMD_INSPECT_H_

#include "engine/cmd/options.h"

namespace ringway::cmd {

// Prints what a live process shows of itself. Ends the process with a message
// if there is nothing, or something that cannot be.
void InspectProcess(const Options& options);

}  // namespace ringway::cmd

#endif  // ENGINE_CMD_INSPECT_H_
