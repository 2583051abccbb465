/* Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE. */

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "tests/interface/idl/reports.h"

static long calc_add(ref_Calc _self, int left, int right, int* result) {
  (void)_self;
  *result = left + right;
  return RW_EOK;
}

static long calc_subtract(ref_Calc _self, int left, int right, int* result) {
  (void)_self;
  *result = left - right;
  return RW_EOK;
}

static long calc_multiply(ref_Calc _self, int left, int right, int* result) {
  (void)_self;
  *result = left * right;
  return RW_EOK;
}

static long calc_divide(ref_Calc _self, int numerator, int denominator, int* result) {
  (void)_self;
  if (denominator == 0 || (denominator == -1 && numerator == INT_MIN)) return -RW_EINVAL;
  *result = numerator / denominator;
  return RW_EOK;
}

static long counter_increment(ref_Counter _self, int* result) {
  int* counter = (int*)(_self.ptr);

  *counter = *counter + 1;
  *result = *counter;
  return RW_EOK;
}

static long kinds_numbers(ref_Kinds _self, bool flag, char letter, int8_t tiny, uint16_t small,
                          int64_t large, double real, int32_t* changed, float* half) {
  (void)_self;
  /* Whatever the bytes of a message are: sums wrap. */
  const uint32_t added = (flag ? 1u : 0u) + (uint32_t)letter + (uint32_t)tiny + small;
  *changed = (int32_t)((uint32_t)*changed + added + (uint32_t)large);
  *half = (float)(real / 2);
  return RW_EOK;
}

static long kinds_greet(ref_Kinds _self, const char* name, const char* title, char* greeting,
                        size_t greeting_size) {
  (void)_self;
  const int length = snprintf(greeting, greeting_size, "Dear %s %s", title, name);
  return length < (int)greeting_size ? RW_EOK : -RW_EMSGTOOLONG;
}

static long kinds_twice(ref_Kinds _self, const int32_t* values, size_t values_count,
                        const uint8_t* few, size_t few_count, int32_t* doubled,
                        size_t* doubled_count, uint16_t* widened, size_t* widened_count) {
  (void)_self;
  if (values_count > *doubled_count || few_count > *widened_count) return -RW_EMSGTOOLONG;
  for (size_t i = 0; i < values_count; ++i) doubled[i] = (int32_t)(2u * (uint32_t)values[i]);
  for (size_t i = 0; i < few_count; ++i) widened[i] = few[i];
  *doubled_count = values_count;
  *widened_count = few_count;
  return RW_EOK;
}

static long kinds_exchange(ref_Kinds _self, IpczHandle given, IpczHandle* back) {
  (void)_self;
  *back = given;
  return RW_EOK;
}

static long kinds_tell(ref_Kinds _self, const char* what) {
  snprintf((char*)_self.ptr, 32, "%s", what);
  return RW_EOK;
}

static long kinds_guarded(ref_Kinds _self, int* answer) {
  (void)_self;
  *answer = 42;
  return RW_EOK;
}

static long kinds_slow(ref_Kinds _self) {
  (void)_self;
  return RW_EOK;
}

static const iface_Calc server_iface_Calc = {
    .add = calc_add,
    .subtract = calc_subtract,
    .multiply = calc_multiply,
    .divide = calc_divide,
};
static const iface_Counter server_iface_Counter = {.increment = counter_increment};
static const iface_Counter no_operations = {.increment = 0};
static const iface_CalcCounter server_iface_CalcCounter = {
    .to_Calc = &server_iface_Calc,
    .to_Counter = &server_iface_Counter,
};
static const iface_CalcCounter no_parts = {.to_Calc = 0};
static const iface_Kinds server_iface_Kinds = {
    .numbers = kinds_numbers,
    .greet = kinds_greet,
    .twice = kinds_twice,
    .exchange = kinds_exchange,
    .tell = kinds_tell,
    .guarded = kinds_guarded,
    .slow = kinds_slow,
};

Counter CounterInC(int* counter) {
  ref_Counter ref = {.ptr = counter};
  Counter obj = {.ref = ref, .iface = &server_iface_Counter};
  return obj;
}

Counter NothingInC(void) {
  Counter obj = {.ref = {.ptr = 0}, .iface = &no_operations};
  return obj;
}

static Calc calc_in_c(void) {
  ref_Calc ref = {.ptr = 0};
  Calc obj = {.ref = ref, .iface = &server_iface_Calc};
  return obj;
}

long MakeCalcInC(RingwayServed** served) {
  const Calc obj = calc_in_c();
  return server_create_Calc(&obj, served);
}

long MakeCounterInC(int* counter, RingwayServed** served) {
  const Counter obj = CounterInC(counter);
  return server_create_Counter(&obj, served);
}

long MakeCalcCounterInC(int* counter, RingwayServed** served) {
  ref_CalcCounter ref = {.ptr = 0, .as_Counter = {.ptr = counter}};
  CalcCounter obj = {.ref = ref, .iface = &server_iface_CalcCounter};
  return server_create_CalcCounter(&obj, served);
}

long MakeNothingInC(RingwayServed** served) {
  const Counter obj = NothingInC();
  return server_create_Counter(&obj, served);
}

long MakeNoPartsInC(RingwayServed** served) {
  CalcCounter obj = {.iface = &no_parts};
  return server_create_CalcCounter(&obj, served);
}

long MakeKindsInC(char* told, RingwayServed** served) {
  ref_Kinds ref = {.ptr = told};
  Kinds obj = {.ref = ref, .iface = &server_iface_Kinds};
  return server_create_Kinds(&obj, served);
}

long ServeCalcInC(const char* name) {
  const Calc obj = calc_in_c();
  return RW_SERVER_LOOP_FOR(Calc, &obj, name);
}
