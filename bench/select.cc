// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/select.h"

#include <regex>
#include <utility>

namespace ringway::bench {

Cases SelectCases(Cases all, const Arguments& wanted) {
  Cases selected;
  for (Case& each : all) {
    if (wanted.quick && (each.extent != Extent::kAll || each.bytes == size_t{64} << 10)) continue;
    if (!wanted.named && each.extent == Extent::kNamed) continue;
    if (std::regex_search(each.name, wanted.only)) selected.push_back(std::move(each));
  }
  return selected;
}

}  // namespace ringway::bench
