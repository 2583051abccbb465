// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_CMD_OPTIONS_H_
#define ENGINE_CMD_OPTIONS_H_

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "ringway/ringway.h"

namespace ringway::cmd {

enum class Action { kListen, kConnect, kPing, kInspect, kNames };

struct Options {
  Action action = Action::kListen;
  std::string name;
  bool stats = false;
  // listen, connect
  bool recv_only = false;
  // connect, ping
  double timeout_s = 2;
  // ping
  size_t count = 10'000;
  size_t size_bytes = 64;
  RingwayWaitMode wait_mode = 0;  // adaptive
  // ping, inspect
  bool json = false;
  // inspect
  pid_t pid = 0;
  double interval_s = 1;
};

// Reads the command line. Ends the process for --help, --version and wrong usage.
Options ParseOptions(int argc, char** argv);

const char* NameOfWaitMode(RingwayWaitMode mode);

}  // namespace ringway::cmd

#endif  // ENGINE_CMD_OPTIONS_H_
