// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_BASE_CHECK_H_
#define ENGINE_BASE_CHECK_H_

#include <cstdio>
#include <cstdlib>

namespace ringway {

// Our own invariants, never a caller's or a peer's doing: going on would
// corrupt what others rely on.
inline void Check(bool holds, const char* invariant) {
  if (holds) [[likely]]
    return;
  std::fprintf(stderr, "ringway: broken invariant: %s (this is a bug in Ringway)\n", invariant);
  std::abort();
}

}  // namespace ringway

#endif  // ENGINE_BASE_CHECK_H_
