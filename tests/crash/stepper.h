// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef TESTS_CRASH_STEPPER_H_
#define TESTS_CRASH_STEPPER_H_

#include <cstdint>
#include <string>

#include "tests/crash/image.h"

namespace ringway::crash {

struct StepResult {
  uint64_t images = 0;    // instructions, after each of which the image was taken
  uint64_t distinct = 0;  // of them with another image than the one before: recovered and checked
  uint64_t operations = 0;
  uint64_t padded = 0;  // in operations: pads, growths, answers, ends
  uint64_t grown = 0;
  uint64_t answered = 0;
  uint64_t ended = 0;
  uint64_t bad = 0;  // images that a surviving side would go wrong on; the first one ends it
  std::string first_bad;
};

// Runs `script` in a child process on memory that both see. Each operation, from EnterOperation()
// to LeaveOperation(), runs instruction by instruction. Ends after the operation that made `images`
// full.
StepResult Step(void (*script)(World*, uint64_t seed), uint64_t seed, uint64_t images);

// Called by the script.
void EnterOperation(World* world, const char* name);
void LeaveOperation(World* world);

}  // namespace ringway::crash

#endif  // TESTS_CRASH_STEPPER_H_
