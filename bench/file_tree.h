// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Sends a real file tree through portals to another process, which checks every byte.

#ifndef BENCH_FILE_TREE_H_
#define BENCH_FILE_TREE_H_

#include <stdint.h>

#include <string>

#include "bench/harness/progress.h"

namespace ringway::bench {

// What one side saw of the tree.
struct TreeTotals {
  uint64_t files = 0;
  uint64_t bytes = 0;
  uint64_t checksum = 0;  // XXH3 over the checksums of all files, each over its name and content

  bool operator==(const TreeTotals&) const = default;
};

struct TreeReport {
  TreeTotals sent;
  TreeTotals received;
  uint64_t files_wrong = 0;    // whose checksum at the receiver is not the sender's
  uint64_t files_skipped = 0;  // could not be read, or are no regular files
  uint64_t elapsed_ns = 0;     // at the receiver, from the first parcel to the last
  std::string error;           // empty: the tree went through

  bool same() const { return sent == received && files_wrong == 0; }
};

TreeReport SendFileTree(const std::string& path, Progress& progress);

// A few lines: both sides' totals, the speed, and OK or MISMATCH.
std::string FormatTreeReport(const std::string& path, const TreeReport& report);

}  // namespace ringway::bench

#endif  // BENCH_FILE_TREE_H_
