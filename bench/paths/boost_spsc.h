// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Boost.Lockfree's single-producer, single-consumer queue of fixed capacity, in shared memory.

#ifndef BENCH_PATHS_BOOST_SPSC_H_
#define BENCH_PATHS_BOOST_SPSC_H_

#include <stddef.h>
#include <stdint.h>

#include <algorithm>
#include <array>
#include <boost/lockfree/spsc_queue.hpp>

#include "bench/harness/channel.h"
#include "bench/harness/cpu.h"
#include "bench/harness/shared.h"

namespace ringway::bench {

template <size_t kBytesOfMessage>
class BoostSpscPath {
 public:
  static constexpr size_t kBytes = kBytesOfMessage;

 private:
  static constexpr size_t kMessages = std::clamp<size_t>((size_t{256} << 10) / kBytes, 8, 4096);
  using Queue = boost::lockfree::spsc_queue<Message<kBytes>, boost::lockfree::capacity<kMessages>>;
  using Queues = std::array<Queue, 2>;

 public:
  class End {
   public:
    static constexpr bool kInPlace = false;

    End(Queue& out, Queue& in) : out_(out), in_(in) {}

    template <typename Write>
    void Send(Write write) {
      write(buffers_.source().data());
      while (!out_.push(buffers_.source())) SpinUntilRoom();
    }

    template <typename Read>
    void Receive(Read read) {
      while (!in_.pop(buffers_.target())) Spin();
      read(buffers_.target().data());
    }

   private:
    Queue& out_;
    Queue& in_;
    CopyBuffers<kBytes> buffers_;
  };

  End Open(Side side) { return End((*queues_)[Index(side)], (*queues_)[Index(Other(side))]); }

 private:
  Shared<Queues> queues_;
};

}  // namespace ringway::bench

#endif  // BENCH_PATHS_BOOST_SPSC_H_
