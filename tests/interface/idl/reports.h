/* Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE. */

/* The same clients and servers of each interface, in C and in C++. Each client
 * makes the same calls, and reports what it got. */

#ifndef TESTS_INTERFACE_IDL_REPORTS_H_
#define TESTS_INTERFACE_IDL_REPORTS_H_

#include "docs/examples/calculator/calc_counter_client.h"
#include "docs/examples/calculator/calc_counter_server.h"
#include "tests/interface/idl/kinds_client.h"
#include "tests/interface/idl/kinds_server.h"

#define RW_CALC_CALLS 5
#define RW_COUNTER_CALLS 3

struct CalcReport {
  long status[RW_CALC_CALLS];
  int result[RW_CALC_CALLS];
};

struct CounterReport {
  long status[RW_COUNTER_CALLS];
  int result[RW_COUNTER_CALLS];
};

struct KindsReport {
  long numbers;
  int32_t changed;
  float half;
  long greet;
  char greeting[33];
  long long_name;  /* a name of 17 characters */
  long no_name;    /* a null pointer */
  long small_room; /* for the greeting; C only */
  char untouched[4];
  long twice;
  size_t doubled_count;
  int32_t doubled[4];
  size_t widened_count;
  uint16_t widened[8];
  long too_many;    /* five elements where four are allowed */
  long little_room; /* for the doubled elements */
  int32_t kept;     /* what was there before */
  long exchange;
  char through_handle; /* a byte that came through the portal that came back */
  long no_handle;
  long tell;
  long guarded;
  int answer;
};

#ifdef __cplusplus
extern "C" {
#endif

void UseCalcInC(const object_Calc* calc, struct CalcReport* report);
void UseCounterInC(const object_Counter* counter, struct CounterReport* report);
void UseKindsInC(const object_Kinds* kinds, IpczHandle node, struct KindsReport* report);

/* Objects of C; `counter` is their state. */
long MakeCalcInC(RingwayServed** served);
long MakeCounterInC(int* counter, RingwayServed** served);
long MakeCalcCounterInC(int* counter, RingwayServed** served);
/* One whose operations are null. */
long MakeNothingInC(RingwayServed** served);
/* One whose interfaces are null. */
long MakeNoPartsInC(RingwayServed** served);
/* `told` has room for 32 characters. */
long MakeKindsInC(char* told, RingwayServed** served);

object_Counter CounterInC(int* counter);
object_Counter NothingInC(void);

/* RW_SERVER_LOOP_FOR. */
long ServeCalcInC(const char* name);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif /* TESTS_INTERFACE_IDL_REPORTS_H_ */
