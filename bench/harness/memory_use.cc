// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/harness/memory_use.h"

#include <fstream>
#include <string>

namespace ringway::bench {

uint64_t ProportionalMemory() {
  std::ifstream rollup("/proc/self/smaps_rollup");
  for (std::string word; rollup >> word;) {
    if (word != "Pss:") continue;
    uint64_t kib = 0;
    rollup >> kib;
    return kib * 1024;
  }
  return 0;
}

}  // namespace ringway::bench
