// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/paths/kernel_stream.h"

namespace ringway::bench {

PipePair::PipePair(int flags) {
  for (size_t side = 0; side < 2; ++side) {
    std::array<int, 2> ends = {};
    if (pipe2(ends.data(), flags | O_CLOEXEC) != 0) FailErrno("pipe2");
    fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);  // as much as anyone may have; less also works
    in[1 - side] = UniqueFd(ends[0]);
    out[side] = UniqueFd(ends[1]);
  }
}

SeqpacketPair::SeqpacketPair(int flags) {
  const int type = SOCK_SEQPACKET | SOCK_CLOEXEC | (flags & O_NONBLOCK ? SOCK_NONBLOCK : 0);
  std::array<int, 2> ends = {};
  if (socketpair(AF_UNIX, type, 0, ends.data()) != 0) FailErrno("socketpair");
  for (size_t side = 0; side < 2; ++side) {
    const int buffer_bytes = 1 << 20;
    setsockopt(ends[side], SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof(buffer_bytes));
    in[side] = UniqueFd(ends[side]);
    out[side] = UniqueFd(dup(ends[side]));
    if (out[side].get() < 0) FailErrno("dup");
  }
}

}  // namespace ringway::bench
