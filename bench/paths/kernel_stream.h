// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Messages through the kernel: a pair of pipes, or a Unix socket that keeps message borders.

#ifndef BENCH_PATHS_KERNEL_STREAM_H_
#define BENCH_PATHS_KERNEL_STREAM_H_

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "bench/harness/channel.h"
#include "bench/harness/cpu.h"
#include "bench/harness/fail.h"
#include "shm/unique_fd.h"

namespace ringway::bench {

// The descriptors of both sides, by Index(Side).
struct PipePair {
  std::array<UniqueFd, 2> in;
  std::array<UniqueFd, 2> out;
  explicit PipePair(int flags);  // O_NONBLOCK or 0
};

struct SeqpacketPair {
  std::array<UniqueFd, 2> in;
  std::array<UniqueFd, 2> out;
  explicit SeqpacketPair(int flags);
};

enum class KernelWait { kPoll, kPark };

// `kChunk` is the most bytes that go into one call.
template <size_t kBytesOfMessage, KernelWait kWait, typename Pair, size_t kChunk>
class KernelStreamPath {
 public:
  static constexpr size_t kBytes = kBytesOfMessage;

  class End {
   public:
    static constexpr bool kInPlace = false;

    End(int in, int out) : in_(in), out_(out) {}

    template <typename Write>
    void Send(Write write) {
      std::byte* source = buffers_.source().data();
      write(source);
      Transfer([&](size_t from, size_t bytes) { return ::write(out_, source + from, bytes); });
    }

    template <typename Read>
    void Receive(Read read) {
      std::byte* target = buffers_.target().data();
      Transfer([&](size_t from, size_t bytes) { return ::read(in_, target + from, bytes); });
      read(target);
    }

   private:
    template <typename Call>
    static void Transfer(Call call) {
      for (size_t done = 0; done < kBytes;) {
        const ssize_t bytes = call(done, std::min(kChunk, kBytes - done));
        if (bytes > 0) {
          done += static_cast<size_t>(bytes);
        } else if (bytes == 0) {
          Fail("the other side closed its descriptor");
        } else if (errno == EAGAIN) {
          Spin();
        } else if (errno != EINTR) {
          FailErrno("read or write");
        }
      }
    }

    int in_;
    int out_;
    CopyBuffers<kBytes> buffers_;
  };

  End Open(Side side) { return End(pair_.in[Index(side)].get(), pair_.out[Index(side)].get()); }

 private:
  Pair pair_{kWait == KernelWait::kPoll ? O_NONBLOCK : 0};
};

template <size_t kBytes, KernelWait kWait>
using Pipe = KernelStreamPath<kBytes, kWait, PipePair, SIZE_MAX>;

// A datagram must fit the socket's buffer, whose default limit is 208 KiB.
template <size_t kBytes, KernelWait kWait>
using Seqpacket = KernelStreamPath<kBytes, kWait, SeqpacketPair, size_t{64} << 10>;

}  // namespace ringway::bench

#endif  // BENCH_PATHS_KERNEL_STREAM_H_
