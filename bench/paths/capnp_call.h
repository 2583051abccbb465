// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Calls through Cap'n Proto over a Unix socket.

#ifndef BENCH_PATHS_CAPNP_CALL_H_
#define BENCH_PATHS_CAPNP_CALL_H_

#include <stdint.h>

#include <functional>

#include "shm/unique_fd.h"

namespace ringway::bench {

enum class CapnpWait { kPoll, kPark };

// Answers calls of an adder until the client closes its end.
void ServeCapnpAdder(UniqueFd socket, CapnpWait wait);

// Calls `use(add)`, where `add(a, b)` is a call through `socket`.
void UseCapnpAdder(UniqueFd socket, CapnpWait wait,
                   const std::function<void(const std::function<int32_t(int32_t, int32_t)>&)>& use);

}  // namespace ringway::bench

#endif  // BENCH_PATHS_CAPNP_CALL_H_
