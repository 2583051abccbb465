// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/harness/cpu_shares.h"

#include <math.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>

namespace ringway::bench {
namespace {

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

std::string Percent(double share) { return std::to_string(lround(share * 100)) + "%"; }

}  // namespace

CpuWatch::Times CpuWatch::Read() {
  // The first line of /proc/stat: "cpu user nice system idle iowait irq softirq steal ...".
  std::ifstream file("/proc/stat");
  std::string word;
  std::array<double, 8> clocks = {};
  file >> word;
  for (double& clock : clocks) file >> clock;
  const double seconds = 1.0 / static_cast<double>(sysconf(_SC_CLK_TCK));
  Times times;
  for (const double clock : clocks) times.all += clock * seconds;
  times.stolen = clocks[7] * seconds;
  times.busy = times.all - (clocks[3] + clocks[4] + clocks[7]) * seconds;
  rusage roles = {};
  getrusage(RUSAGE_CHILDREN, &roles);
  times.own = Seconds(roles.ru_utime) + Seconds(roles.ru_stime);
  return times;
}

CpuWatch::CpuWatch() : start_(Read()) {}

CpuShares CpuWatch::Shares() const {
  const Times now = Read();
  const double all = now.all - start_.all;
  if (all <= 0) return {};
  const double own = now.own - start_.own;
  return {.own = std::min(own / all, 1.0),
          .others = std::max((now.busy - start_.busy - own) / all, 0.0),
          .stolen = (now.stolen - start_.stolen) / all};
}

std::string FormatCpuShares(const CpuShares& shares) {
  return "this run used " + Percent(shares.own) + " of the CPUs, others " + Percent(shares.others) +
         ", the hypervisor " + Percent(shares.stolen);
}

}  // namespace ringway::bench
