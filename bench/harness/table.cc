// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/harness/table.h"

#include <math.h>
#include <stdio.h>

#include <algorithm>
#include <array>
#include <initializer_list>

namespace ringway::bench {
namespace {

struct Unit {
  double from;
  const char* name;
};

// `units` from the smallest; the first one also takes what is below it.
std::string WithUnit(double value, std::initializer_list<Unit> units) {
  const Unit* best = units.begin();
  for (const Unit& unit : units) {
    if (value >= unit.from) best = &unit;
  }
  return FormatFigure(value / best->from) + " " + best->name;
}

}  // namespace

std::string Table::Text() const {
  std::vector<size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string pad(widths[i] - row[i].size(), ' ');
      text += i == 0 ? row[i] + pad : "  " + pad + row[i];
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  return text;
}

std::string FormatFigure(double value) {
  const double size = fabs(value);
  std::array<char, 32> text;
  snprintf(text.data(), text.size(),
           size >= 99.95   ? "%.0f"
           : size >= 9.995 ? "%.1f"
                           : "%.2f",
           value);
  return text.data();
}

std::string FormatNs(double ns) { return WithUnit(ns, {{1, "ns"}, {1e3, "us"}, {1e6, "ms"}}); }

std::string FormatPerSecond(double items) {
  return WithUnit(items, {{1, "/s"}, {1e3, "k/s"}, {1e6, "M/s"}});
}

std::string FormatBytesPerSecond(double bytes) {
  return WithUnit(bytes, {{1e6, "MB/s"}, {1e9, "GB/s"}});
}

std::string FormatSize(size_t bytes) {
  if (bytes >= size_t{1} << 20) return std::to_string(bytes >> 20) + " MiB";
  if (bytes >= size_t{1} << 10) return std::to_string(bytes >> 10) + " KiB";
  return std::to_string(bytes) + " B";
}

}  // namespace ringway::bench
