// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef BENCH_HARNESS_TABLE_H_
#define BENCH_HARNESS_TABLE_H_

#include <string>
#include <vector>

namespace ringway::bench {

// Rows of text with the first column flush left and the others flush right.
class Table {
 public:
  void Add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  std::string Text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// Three figures that say something, with a unit: 274 ns, 52.8 us; 20.1 M/s; 13.5 GB/s; 64 KiB.
std::string FormatNs(double ns);
std::string FormatPerSecond(double items);
std::string FormatBytesPerSecond(double bytes);
std::string FormatSize(size_t bytes);
std::string FormatFigure(double value);

}  // namespace ringway::bench

#endif  // BENCH_HARNESS_TABLE_H_
