// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/harness/cpu.h"

namespace ringway::bench {
namespace {

std::vector<int> ReadAllowedCpus() {
  std::vector<int> cpus;
  cpu_set_t set;
  CPU_ZERO(&set);
  sched_getaffinity(0, sizeof(set), &set);
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  }
  return cpus;
}

}  // namespace

const std::vector<int>& AllowedCpus() {
  static const std::vector<int> cpus = ReadAllowedCpus();
  return cpus;
}

void PinToRole(size_t role) {
  const std::vector<int>& cpus = AllowedCpus();
  if (cpus.size() < 2) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpus[role % cpus.size()], &set);
  sched_setaffinity(0, sizeof(set), &set);
}

}  // namespace ringway::bench
