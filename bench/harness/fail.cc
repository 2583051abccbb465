// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/harness/fail.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

namespace ringway::bench {
namespace {

char* failure_text = nullptr;
size_t failure_text_bytes = 0;

}  // namespace

void SetFailureText(char* text, size_t text_bytes) {
  failure_text = text;
  failure_text_bytes = text_bytes;
}

void Fail(const std::string& why) {
  if (failure_text != nullptr) {
    snprintf(failure_text, failure_text_bytes, "%s", why.c_str());
  } else {
    fprintf(stderr, "ringway: bench: %s\n", why.c_str());
  }
  _exit(1);
}

void FailErrno(const std::string& call) { Fail(call + ": " + strerror(errno)); }

}  // namespace ringway::bench
