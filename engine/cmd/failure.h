// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// How the command ends when it cannot go on: one line on standard error,
// `ringway: what: why (what to try)`, and an exit status.

#ifndef ENGINE_CMD_FAILURE_H_
#define ENGINE_CMD_FAILURE_H_

#include <string>

#include "ipcz/ipcz.h"

namespace ringway::cmd {

inline constexpr int kExitFailure = 1;
inline constexpr int kExitUsage = 2;

struct Failure {
  std::string why;
  std::string what_to_try;  // may be empty
};

// Prints the line and ends the process at once, whatever its other threads do.
// The first of several threads wins.
[[noreturn]] void Fail(const std::string& what, const std::string& why,
                       const std::string& what_to_try, int exit_status = kExitFailure);
[[noreturn]] void Fail(const std::string& what, const Failure& failure);

// For results of the API that no peer and no user should be able to cause.
[[noreturn]] void FailCall(const std::string& what, IpczResult result);

// The result's name as in ipcz.h, without the prefix.
const char* NameOf(IpczResult result);

// Remembers what the engine logs about links that it refuses or ends.
void RememberLinkErrors();
// The last such line since the last call; empty if there was none.
std::string TakeLinkError();

}  // namespace ringway::cmd

#endif  // ENGINE_CMD_FAILURE_H_
