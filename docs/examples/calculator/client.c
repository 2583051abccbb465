/* Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE. */

/* A client in C: client_c ./names NAME */

#include <stdio.h>

#include "docs/examples/calculator/calc_counter_client.h"
#include "docs/examples/calculator/join.h"

#define CONNECT_TIMEOUT_NS 10000000000u

static void show(const char* what, long status, const int* result) {
  if (status == RW_EOK) {
    printf("%s = %d\n", what, *result);
  } else {
    printf("%s: error %ld\n", what, status);
  }
}

/* It knows nothing of counters. */
static void calculate(Calc calc) {
  int result = 0;
  show("2 + 3", calc.iface->add(calc.ref, 2, 3, &result), &result);
  show("2 - 3", calc.iface->subtract(calc.ref, 2, 3, &result), &result);
  show("6 * 7", calc.iface->multiply(calc.ref, 6, 7, &result), &result);
  show("7 / 0", calc.iface->divide(calc.ref, 7, 0, &result), &result);
}

int main(int argc, char** argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s ENDPOINT NAME\n", argv[0]);
    return 2;
  }
  RingwayCap* cap = NULL;
  long status = JoinNames(argv[1]);
  if (status == RW_EOK) status = RingwayCapConnect(argv[2], CONNECT_TIMEOUT_NS, &cap);
  if (status != RW_EOK) {
    fprintf(stderr, "%s: no server '%s': error %ld\n", argv[0], argv[2], status);
    return 1;
  }
  CalcCounter obj = {.ref = client_ref_CalcCounter(cap), .iface = &client_iface_CalcCounter};
  calculate(CalcCounter_as_Calc(obj));
  Counter counter = CalcCounter_as_Counter(obj);
  int result = 0;
  show("counter", counter.iface->increment(counter.ref, &result), &result);
  RingwayCapDestroy(cap);
  return 0;
}
