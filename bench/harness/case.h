// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// A case is one thing that can be measured again and again: its name, and how to run it once.

#ifndef BENCH_HARNESS_CASE_H_
#define BENCH_HARNESS_CASE_H_

#include <stddef.h>
#include <stdint.h>

#include <functional>
#include <string>
#include <type_traits>
#include <vector>

namespace ringway::bench {

// How long a case measures; it warms up for a fifth of that before.
struct Pace {
  uint64_t measure_ns;

  uint64_t warm_up_ns() const { return measure_ns / 5; }
  // After this long something hangs, however loaded the machine is.
  uint64_t timeout_ns() const { return 4 * measure_ns + 15'000'000'000; }
};

// What one run of a case found.
struct Measurement {
  uint64_t items = 0;       // round trips or messages
  uint64_t elapsed_ns = 0;  // for all of them
  uint64_t cpu_ns = 0;      // of the process that measured
  double p50_ns = 0;        // of one item; 0 where items are not timed one by one
  double p99_ns = 0;
  // Of cases with many pairs of portals; 0 elsewhere.
  double pairs_per_second = 0;  // opened here and received there
  double bytes_each = 0;        // of both processes' memory, for a pair that was not used yet
};

struct Outcome {
  Measurement measurement;
  std::string error;  // empty: all went well
};

// In which runs a case is measured.
enum class Extent {
  kAll,
  kNotQuick,
  kNamed,  // only with --only: it takes long
};

struct Case {
  // roundtrip/PATH/WAIT/bytes:N, rate/PATH/bytes:N, sendcost/PATH/bytes:N, transfer/PATH/depth:N,
  // scale/portals:N
  std::string name;
  size_t bytes;  // of a message
  std::function<Outcome(const Pace&)> run;
  Extent extent = Extent::kAll;

  // What comes before the first slash. Cases of one question and size are measured side by side.
  std::string question() const { return name.substr(0, name.find('/')); }
};

using Cases = std::vector<Case>;

inline std::string CaseName(const std::string& prefix, size_t bytes) {
  return prefix + "/bytes:" + std::to_string(bytes);
}

// Calls `add` with each size as a std::integral_constant.
template <typename Add>
void ForEachSize(Add add) {
  add(std::integral_constant<size_t, 8>());
  add(std::integral_constant<size_t, 64>());
  add(std::integral_constant<size_t, 1 << 10>());
  add(std::integral_constant<size_t, 64 << 10>());
  add(std::integral_constant<size_t, 1 << 20>());
}

}  // namespace ringway::bench

#endif  // BENCH_HARNESS_CASE_H_
