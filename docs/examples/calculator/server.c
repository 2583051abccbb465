/* Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE. */

/* A server in C: server_c ./names NAME */

#include <limits.h>
#include <stdio.h>

#include "docs/examples/calculator/calc_counter_server.h"
#include "docs/examples/calculator/join.h"

static long calc_add(ref_Calc _self, int left, int right, int* result) {
  (void)_self;
  return __builtin_add_overflow(left, right, result) ? -RW_ERANGE : RW_EOK;
}

static long calc_subtract(ref_Calc _self, int left, int right, int* result) {
  (void)_self;
  return __builtin_sub_overflow(left, right, result) ? -RW_ERANGE : RW_EOK;
}

static long calc_multiply(ref_Calc _self, int left, int right, int* result) {
  (void)_self;
  return __builtin_mul_overflow(left, right, result) ? -RW_ERANGE : RW_EOK;
}

static long calc_divide(ref_Calc _self, int numerator, int denominator, int* result) {
  (void)_self;
  if (denominator == 0) return -RW_EINVAL;
  if (numerator == INT_MIN && denominator == -1) return -RW_ERANGE;
  *result = numerator / denominator;
  return RW_EOK;
}

static long counter_increment(ref_Counter _self, int* result) {
  int* counter = (int*)_self.ptr;
  *counter = *counter + 1;
  *result = *counter;
  return RW_EOK;
}

static const iface_Calc server_iface_Calc = {
    .add = calc_add,
    .subtract = calc_subtract,
    .multiply = calc_multiply,
    .divide = calc_divide,
};
static const iface_Counter server_iface_Counter = {.increment = counter_increment};
static const iface_CalcCounter server_iface_CalcCounter = {
    .to_Calc = &server_iface_Calc,
    .to_Counter = &server_iface_Counter,
};

int main(int argc, char** argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s ENDPOINT NAME\n", argv[0]);
    return 2;
  }
  int counter = 0;
  ref_CalcCounter ref = {.ptr = 0, .as_Counter = {.ptr = &counter}};
  CalcCounter obj = {.ref = ref, .iface = &server_iface_CalcCounter};

  long status = JoinNames(argv[1]);
  if (status == RW_EOK) status = RW_SERVER_LOOP_FOR(CalcCounter, &obj, argv[2]);
  fprintf(stderr, "%s: serving ended with %ld\n", argv[0], status);
  return 1;
}
