// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Calls of other libraries between two processes, over a Unix stream socket: two ints in, one out.

#ifndef BENCH_PATHS_SOCKET_CALL_H_
#define BENCH_PATHS_SOCKET_CALL_H_

#include <stdint.h>

#include <array>
#include <functional>
#include <utility>

#include "bench/harness/channel.h"
#include "bench/paths/kernel_stream.h"
#include "shm/unique_fd.h"

namespace ringway::bench {

using AddCall = std::function<int32_t(int32_t, int32_t)>;

// How a library does it. What goes wrong ends the process through Fail().
struct SocketCall {
  // Answers calls until the other end is shut down.
  void (*serve)(const UniqueFd& socket, KernelWait wait);
  // Hands `body` what makes one call and returns the sum.
  void (*use)(const UniqueFd& socket, KernelWait wait,
              const std::function<void(const AddCall&)>& body);
};

extern const SocketCall kCapnpCall;
extern const SocketCall kSdBusCall;

// Both ends, made before the roles are forked; each is taken once, by its role.
class StreamFds {
 public:
  StreamFds();
  UniqueFd Take(Side side) { return std::move(fds_[Index(side)]); }

 private:
  std::array<UniqueFd, 2> fds_;
};

// Shuts the connection down. Closing it is not enough: the process that forked the roles has copies
// of both ends, so that neither role would hear of it.
void ShutDown(const UniqueFd& socket);

}  // namespace ringway::bench

#endif  // BENCH_PATHS_SOCKET_CALL_H_
