// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/paths/socket_call.h"

#include <sys/socket.h>

#include "bench/harness/fail.h"

namespace ringway::bench {

StreamFds::StreamFds() {
  std::array<int, 2> ends = {};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) FailErrno("socketpair");
  fds_ = {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

void ShutDown(const UniqueFd& socket) {
  if (shutdown(socket.get(), SHUT_RDWR) != 0) FailErrno("shutdown");
}

}  // namespace ringway::bench
