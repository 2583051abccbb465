// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef BENCH_HARNESS_FAIL_H_
#define BENCH_HARNESS_FAIL_H_

#include <stddef.h>

#include <string>

namespace ringway::bench {

// Ends this process with status 1 and says why: a role (roles.h) tells its parent, anything else
// prints `ringway: bench: why` on stderr. From any thread.
[[noreturn]] void Fail(const std::string& why);

// The same for a failed system call: adds what errno says.
[[noreturn]] void FailErrno(const std::string& call);

// Fails unless an ipcz call returned OK.
inline void Require(int result, const char* call) {
  if (result != 0) Fail(std::string(call) + " returned " + std::to_string(result));
}

// Where Fail() writes its text, zero-terminated, instead of printing it. For roles.cc.
void SetFailureText(char* text, size_t text_bytes);

}  // namespace ringway::bench

#endif  // BENCH_HARNESS_FAIL_H_
