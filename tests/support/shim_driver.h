// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef TESTS_SUPPORT_SHIM_DRIVER_H_
#define TESTS_SUPPORT_SHIM_DRIVER_H_

#include <atomic>
#include <cstdint>

#include "ipcz/ipcz.h"
#include "ringway/driver_extension.h"
#include "ringway/driver_linux.h"

// The Linux driver's table, with entries replaced.

namespace ringway::testing {

inline const RingwayDriver& LinuxTable() {
  return *reinterpret_cast<const RingwayDriver*>(RingwayLinuxDriver());
}

inline RingwayDriverStatistics DriverStatistics() {
  RingwayDriverStatistics statistics = {};
  statistics.size = sizeof(statistics);
  LinuxTable().extension.QueryStatistics(&statistics);
  return statistics;
}

// What ReportBadTransportActivity() of ReportingDriver() was told last, and how
// often it was called.
struct Reports {
  std::atomic<uint64_t> count{0};
  std::atomic<IpczDriverHandle> transport{0};
  std::atomic<uintptr_t> context{0};

  static Reports& Get() {
    static Reports reports;
    return reports;
  }
};

inline const IpczDriver* ReportingDriver() {
  static const RingwayDriver table = [] {
    RingwayDriver copy = LinuxTable();
    copy.base.ReportBadTransportActivity = [](IpczDriverHandle transport, uintptr_t context,
                                              uint32_t, const void*) -> IpczResult {
      Reports::Get().transport = transport;
      Reports::Get().context = context;
      ++Reports::Get().count;
      return IPCZ_RESULT_OK;
    };
    return copy;
  }();
  return &table.base;
}

// Sleeps that do not end by themselves for ten seconds, and how many did end so.
// The engine's own bound on sleeps would hide a lost wake.
inline constexpr uint64_t kLongSleepNs = 10'000'000'000;

inline std::atomic<uint64_t>& SleepsWithoutAWake() {
  static std::atomic<uint64_t> count{0};
  return count;
}

inline const IpczDriver* LongSleepDriver() {
  static const RingwayDriver table = [] {
    RingwayDriver copy = LinuxTable();
    copy.extension.WaitWords = [](const RingwayWord* words, size_t num_words,
                                  uint64_t) -> IpczResult {
      const IpczResult result = LinuxTable().extension.WaitWords(words, num_words, kLongSleepNs);
      if (result == IPCZ_RESULT_DEADLINE_EXCEEDED) ++SleepsWithoutAWake();
      return result;
    };
    return copy;
  }();
  return &table.base;
}

// As if the kernel had no process-wide barrier.
inline const IpczDriver* NoBarrierDriver() {
  static const RingwayDriver table = [] {
    RingwayDriver copy = *reinterpret_cast<const RingwayDriver*>(LongSleepDriver());
    copy.extension.BarrierAvailable = []() -> uint32_t { return 0; };
    copy.extension.Barrier = []() -> IpczResult { return IPCZ_RESULT_UNIMPLEMENTED; };
    return copy;
  }();
  return &table.base;
}

// The Linux driver without its extension: no sealed memory, no waiting on words.
inline const IpczDriver* PlainDriver() {
  static const IpczDriver table = [] {
    IpczDriver copy = LinuxTable().base;
    copy.size = sizeof(copy);
    return copy;
  }();
  return &table;
}

}  // namespace ringway::testing

#endif  // TESTS_SUPPORT_SHIM_DRIVER_H_
