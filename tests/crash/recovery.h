// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef TESTS_CRASH_RECOVERY_H_
#define TESTS_CRASH_RECOVERY_H_

#include <string>

#include "tests/crash/image.h"

namespace ringway::crash {

// What a fresh reader finds in an image, from the head on.
struct Recovered {
  std::string error;  // "": none
  uint64_t count = 0;
  bool closed = false;
};

// Reads all parcels that `image` holds, the first of which is `oldest`, to the last byte of each.
Recovered Recover(const Image& image, const Plan& plan, uint64_t oldest);

// Whether a side that finds `image`, because the other one was killed, finds all that was
// committed, once, in order, none half, and nothing else. "" or what is wrong. `done`: the
// operation is over.
std::string Check(const Image& image, const Plan& plan, bool done);

}  // namespace ringway::crash

#endif  // TESTS_CRASH_RECOVERY_H_
