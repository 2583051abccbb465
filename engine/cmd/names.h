// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_CMD_NAMES_H_
#define ENGINE_CMD_NAMES_H_

#include "engine/cmd/options.h"

namespace ringway::cmd {

// Hosts names on the socket `options.name` until a signal ends the process.
[[noreturn]] void HostNames(const Options& options);

}  // namespace ringway::cmd

#endif  // ENGINE_CMD_NAMES_H_
