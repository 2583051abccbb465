// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Sends pings and tells what became of them. Its parent, the job, may close it at any time.

#ifndef DOCS_EXAMPLES_PINGER_H_
#define DOCS_EXAMPLES_PINGER_H_

#include <cstddef>
#include <cstdint>
#include <functional>

#include "docs/examples/roles.h"
#include "ringway/job.h"
#include "ringway/xfer.h"

namespace ringway::examples {

// What became of a ping: 0, or -RW_ETIMEDOUT.
using PingResult = std::function<void(uint32_t sequence, int64_t status)>;

class Pinger : public Counted {
 public:
  struct Options {
    uint64_t timeout_ns;  // for each reply; the next ping follows then
    size_t bytes;         // of each ping
    uint32_t count;
  };
  Pinger(Loop& loop, const Options& options, PingResult result);

  long Deliver(ArrayRef<const std::byte> data, const XferMetadata& metadata);
  long Progress(JobProgress& progress);
  void Close(int64_t reason);

  // Sends the first ping.
  void Start();

  Endpoint job;
  Endpoint xfer;

 private:
  void Send();
  void Expired();

  Loop& loop_;
  const Options options_;
  const PingResult result_;
  uint32_t sequence_ = 0;
  uint32_t answered_ = 0;
  bool pending_ = false;
  bool closed_ = false;
};

// Makes a pinger, plugs it in, and starts it: 0, or an error. -RW_EINVAL if the timeout is 0.
int64_t MakePinger(Loop& loop, Cap<Plugging> job, Cap<Plugging> xfer,
                   const Pinger::Options& options, PingResult result);

}  // namespace ringway::examples

#endif  // DOCS_EXAMPLES_PINGER_H_
