// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// A server in C++: server_cc ./names NAME

#include <cstdio>
#include <limits>

#include "docs/examples/calculator/calc_counter_server.h"
#include "docs/examples/calculator/join.h"

class server_CalcCounter : public CalcCounter {
  int counter = 0;

  long add(int left, int right, int* result) override {
    return __builtin_add_overflow(left, right, result) ? -RW_ERANGE : RW_EOK;
  }
  long subtract(int left, int right, int* result) override {
    return __builtin_sub_overflow(left, right, result) ? -RW_ERANGE : RW_EOK;
  }
  long multiply(int left, int right, int* result) override {
    return __builtin_mul_overflow(left, right, result) ? -RW_ERANGE : RW_EOK;
  }
  long divide(int numerator, int denominator, int* result) override {
    if (denominator == 0) return -RW_EINVAL;
    if (numerator == std::numeric_limits<int>::min() && denominator == -1) return -RW_ERANGE;
    *result = numerator / denominator;
    return RW_EOK;
  }
  long increment(int* result) override {
    counter = counter + 1;
    *result = counter;
    return RW_EOK;
  }
};

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s ENDPOINT NAME\n", argv[0]);
    return 2;
  }
  server_CalcCounter obj;

  long status = JoinNames(argv[1]);
  if (status == RW_EOK) status = RW_SERVER_LOOP_FOR(CalcCounter, &obj, argv[2]);
  std::fprintf(stderr, "%s: serving ended with %ld\n", argv[0], status);
  return 1;
}
