// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef BENCH_HARNESS_CPU_SHARES_H_
#define BENCH_HARNESS_CPU_SHARES_H_

#include <stdint.h>

#include <string>

namespace ringway::bench {

// What became of the time of all CPUs, as shares of it.
struct CpuShares {
  double own = 0;     // this process's roles
  double others = 0;  // all other processes, and the kernel
  double stolen = 0;  // the hypervisor had other things to do
};

// Watches the CPUs from its making on.
class CpuWatch {
 public:
  CpuWatch();
  CpuShares Shares() const;

 private:
  struct Times {
    double all = 0;
    double busy = 0;
    double stolen = 0;
    double own = 0;
  };
  static Times Read();

  Times start_;
};

// "this run used 61% of the CPUs, others 12%, the hypervisor 3%"
std::string FormatCpuShares(const CpuShares& shares);

}  // namespace ringway::bench

#endif  // BENCH_HARNESS_CPU_SHARES_H_
