// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/cmd/api.h"

#include <cstddef>
#include <ctime>

#include "engine/cmd/failure.h"

namespace ringway::cmd {

const IpczAPI& Ipcz() {
  static const IpczAPI api = [] {
    IpczAPI table = {};
    table.size = sizeof(table);
    if (IpczGetAPI(&table) != IPCZ_RESULT_OK) Fail("start", "the engine has no API", "rebuild it");
    return table;
  }();
  return api;
}

const RingwayExtensions& Ringway() {
  static const RingwayExtensions extensions = [] {
    RingwayExtensions table = {};
    table.size = sizeof(table);
    if (RingwayGetExtensions(&table) != IPCZ_RESULT_OK) {
      Fail("start", "the engine has no extensions", "rebuild it");
    }
    return table;
  }();
  return extensions;
}

uint64_t NowNs() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

bool WaitFor(IpczHandle portal, RingwayWaitFlags wanted, RingwayWaitMode mode,
             uint64_t deadline_ns) {
  RingwayWaitItem item = {portal, wanted, 0, SIZE_MAX, SIZE_MAX};
  const IpczResult result = Ringway().Wait(&item, 1, mode, deadline_ns);
  if (result != IPCZ_RESULT_OK && result != IPCZ_RESULT_DEADLINE_EXCEEDED) {
    FailCall("wait", result);
  }
  return result == IPCZ_RESULT_OK;
}

}  // namespace ringway::cmd
