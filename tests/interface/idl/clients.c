/* Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE. */

#include <string.h>

#include "ipcz/ipcz.h"
#include "tests/interface/idl/reports.h"

void UseCalcInC(const object_Calc* calc, struct CalcReport* report) {
  memset(report, 0, sizeof(*report));
  report->status[0] = calc->iface->add(calc->ref, 2, 3, &report->result[0]);
  report->status[1] = calc->iface->subtract(calc->ref, 2, 3, &report->result[1]);
  report->status[2] = calc->iface->multiply(calc->ref, 6, 7, &report->result[2]);
  report->status[3] = calc->iface->divide(calc->ref, 7, 2, &report->result[3]);
  report->result[4] = 77;
  report->status[4] = calc->iface->divide(calc->ref, 7, 0, &report->result[4]);
}

void UseCounterInC(const object_Counter* counter, struct CounterReport* report) {
  for (int i = 0; i < RW_COUNTER_CALLS; ++i) {
    report->status[i] = counter->iface->increment(counter->ref, &report->result[i]);
  }
}

/* Sends a byte through what came back, to the end that was kept. */
static char byte_through(const struct IpczAPI* ipcz, IpczHandle from, IpczHandle to) {
  char byte = 'x';
  size_t bytes = 1;
  ipcz->Put(from, &byte, 1, NULL, 0, IPCZ_NO_FLAGS, NULL);
  byte = 0;
  for (int i = 0; i < 1000000 && byte == 0; ++i) {
    ipcz->Get(to, IPCZ_NO_FLAGS, NULL, &byte, &bytes, NULL, NULL, NULL);
  }
  return byte;
}

static void use_handles(const object_Kinds* kinds, IpczHandle node, struct KindsReport* report) {
  struct IpczAPI ipcz = {.size = sizeof(ipcz)};
  IpczHandle given, kept;
  IpczHandle back = IPCZ_INVALID_HANDLE;
  if (IpczGetAPI(&ipcz) != IPCZ_RESULT_OK) return;
  if (ipcz.OpenPortals(node, IPCZ_NO_FLAGS, NULL, &given, &kept) != IPCZ_RESULT_OK) return;
  report->exchange = kinds->iface->exchange(kinds->ref, given, &back);
  report->through_handle = byte_through(&ipcz, back, kept);
  ipcz.Close(kept, IPCZ_NO_FLAGS, NULL);
  ipcz.Close(back, IPCZ_NO_FLAGS, NULL);
  report->no_handle = kinds->iface->exchange(kinds->ref, IPCZ_INVALID_HANDLE, &back);
}

void UseKindsInC(const object_Kinds* kinds, IpczHandle node, struct KindsReport* report) {
  const iface_Kinds* iface = kinds->iface;
  const ref_Kinds ref = kinds->ref;
  memset(report, 0, sizeof(*report));
  report->changed = 5;
  report->numbers = iface->numbers(ref, true, 'a', -1, 2, 3, 4.5, &report->changed, &report->half);

  report->greet = iface->greet(ref, "Ada", "Lady", report->greeting, sizeof(report->greeting));
  char greeting[33];
  report->long_name = iface->greet(ref, "seventeen letters", "", greeting, sizeof(greeting));
  report->no_name = iface->greet(ref, NULL, "", greeting, sizeof(greeting));
  report->small_room =
      iface->greet(ref, "Ada", "Lady", report->untouched, sizeof(report->untouched));

  const int32_t values[] = {1, 2, 3};
  const uint8_t few[] = {7, 8, 9, 10, 11};
  report->doubled_count = 4;
  report->widened_count = 8;
  report->twice = iface->twice(ref, values, 3, few, 2, report->doubled, &report->doubled_count,
                               report->widened, &report->widened_count);
  int32_t doubled[2] = {77, 77};
  uint16_t widened[8];
  size_t doubled_count = 2;
  size_t widened_count = 8;
  report->too_many =
      iface->twice(ref, values, 1, few, 5, doubled, &doubled_count, widened, &widened_count);
  doubled_count = 2;
  widened_count = 8;
  report->little_room =
      iface->twice(ref, values, 3, few, 1, doubled, &doubled_count, widened, &widened_count);
  report->kept = doubled[0];

  use_handles(kinds, node, report);
  report->tell = iface->tell(ref, "told");
  report->guarded = iface->guarded(ref, &report->answer);
}
