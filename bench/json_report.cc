// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/json_report.h"

#include <stdlib.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "bench/harness/cpu.h"
#include "bench/harness/statistics.h"
#include "ringway/ringway.h"

namespace ringway::bench {
namespace {

using Json = nlohmann::ordered_json;

std::string Date() {
  const time_t now = time(nullptr);
  tm local = {};
  localtime_r(&now, &local);
  std::array<char, 64> text = {};
  strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S%z", &local);
  return text.data();
}

// The first "key : value" of /proc/cpuinfo with this key.
std::string CpuInfo(const std::string& key) {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const size_t colon = line.find(": ");
    if (line.starts_with(key) && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "";
}

std::string RingwayVersion() {
  return std::to_string(RINGWAY_VERSION_MAJOR) + "." + std::to_string(RINGWAY_VERSION_MINOR) + "." +
         std::to_string(RINGWAY_VERSION_PATCH);
}

double P99Ns(const Measurement& found) { return found.p99_ns; }
double PairsPerSecond(const Measurement& found) { return found.pairs_per_second; }
double BytesEach(const Measurement& found) { return found.bytes_each; }

double NsEach(const Measurement& found, uint64_t ns) {
  return found.items == 0 ? 0 : static_cast<double>(ns) / static_cast<double>(found.items);
}

double RealNsEach(const Measurement& found) { return NsEach(found, found.elapsed_ns); }
double CpuNsEach(const Measurement& found) { return NsEach(found, found.cpu_ns); }

Json JsonSeries(const Series& series, size_t index) {
  uint64_t items = 0;
  for (const Measurement& round : series.rounds) items += round.items;
  Json entry = {
      {"name", series.what.name},
      {"family_index", index},
      {"per_family_instance_index", 0},
      {"run_name", series.what.name},
      {"run_type", "iteration"},
      {"repetitions", series.rounds.size()},
      {"repetition_index", 0},
      {"threads", 1},
      {"iterations", items},
      {"real_time", MedianOf(series, RealNsEach)},
      {"cpu_time", MedianOf(series, CpuNsEach)},
      {"time_unit", "ns"},
  };
  if (series.what.question() == "rate") {
    const double items_per_second = MedianOf(series, ItemsPerSecond);
    entry["items_per_second"] = items_per_second;
    entry["bytes_per_second"] = items_per_second * static_cast<double>(series.what.bytes);
  } else {
    entry["p50_ns"] = MedianOf(series, P50Ns);
    entry["p99_ns"] = MedianOf(series, P99Ns);
  }
  if (series.what.question() == "transfer") {
    entry["items_per_second"] = MedianOf(series, ItemsPerSecond);
  }
  if (series.what.question() == "scale") {
    entry["pairs_per_second"] = MedianOf(series, PairsPerSecond);
    entry["bytes_each"] = MedianOf(series, BytesEach);
  }
  return entry;
}

Json JsonVerdict(const Verdict& verdict) {
  Json entry = {{"what", verdict.goal.what},
                {"subject", verdict.goal.subject},
                {"rivals", verdict.goal.rivals},
                {"value", verdict.value}};
  if (verdict.goal.bound != 0) {
    entry[verdict.goal.at_most ? "at_most" : "at_least"] = verdict.goal.bound;
    entry["met"] = verdict.met;
  }
  return entry;
}

// The machine and the build.
Json DescribeContext() {
  utsname system = {};
  uname(&system);
  std::array<double, 3> load = {};
  const int loads = getloadavg(load.data(), load.size());
  return {
    {"date", Date()}, {"host_name", system.nodename}, {"executable", "bench/run"},
        {"num_cpus", sysconf(_SC_NPROCESSORS_ONLN)},
        {"mhz_per_cpu", static_cast<int>(strtod(CpuInfo("cpu MHz").c_str(), nullptr))},
        {"cpu_scaling_enabled", access("/sys/devices/system/cpu/cpu0/cpufreq", F_OK) == 0},
        {"caches", Json::array()},
        {"load_avg", std::vector<double>(load.begin(), load.begin() + std::max(loads, 0))},
#if defined(NDEBUG)
        {"library_build_type", "release"},
#else
        {"library_build_type", "debug"},
#endif
        {"cpu_model", CpuInfo("model name")}, {"cpus_allowed", AllowedCpus()},
        {"kernel", system.release}, {"machine", system.machine}, {"compiler", __VERSION__},
        {"ringway_version", RingwayVersion()},
  };
}

}  // namespace

Json JsonReport(const Findings& findings, const std::vector<Verdict>& verdicts) {
  Json report = {
      {"context", DescribeContext()}, {"benchmarks", Json::array()}, {"goals", Json::array()}};
  report["context"]["valid"] = findings.valid;
  report["context"]["slot_ring_over_cacheline"] = Median(findings.slot_ring_over_cache_line);
  report["context"]["looks_repeated"] = findings.looks_repeated;
  report["context"]["cpu_shares"] = {{"own", findings.cpu_shares.own},
                                     {"others", findings.cpu_shares.others},
                                     {"stolen", findings.cpu_shares.stolen}};
  for (size_t i = 0; i < findings.series.size(); ++i) {
    report["benchmarks"].push_back(JsonSeries(findings.series[i], i));
  }
  for (const Verdict& verdict : verdicts) report["goals"].push_back(JsonVerdict(verdict));
  return report;
}

}  // namespace ringway::bench
