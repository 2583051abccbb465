// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef BENCH_HARNESS_PROGRESS_H_
#define BENCH_HARNESS_PROGRESS_H_

#include <stdint.h>
#include <stdio.h>

#include <string>

namespace ringway::bench {

// Says on `stream` how far the work is: one line that changes on a terminal, else a line now and
// then.
class Progress {
 public:
  explicit Progress(FILE* stream);
  ~Progress() { Clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `share` is how much of the work is done, 0 to 1.
  void Show(double share, const std::string& what);
  // Leaves the terminal's line empty for other output.
  void Clear();

 private:
  FILE* stream_;
  bool terminal_;
  bool shown_ = false;
  uint64_t last_ns_ = 0;
};

}  // namespace ringway::bench

#endif  // BENCH_HARNESS_PROGRESS_H_
