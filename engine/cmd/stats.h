// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What --stats prints to standard error.

#ifndef ENGINE_CMD_STATS_H_
#define ENGINE_CMD_STATS_H_

#include <atomic>
#include <cstdint>

#include "engine/cmd/session.h"
#include "ringway/ringway.h"

namespace ringway::cmd {

// One direction of a stream. Counted by one thread, read by any.
class StreamCounts {
 public:
  StreamCounts();
  void Add(uint64_t num_bytes);
  void Finish();  // no more will come

  bool finished() const { return finished_ns_ != 0; }
  uint64_t bytes() const { return bytes_; }
  uint64_t parcels() const { return parcels_; }
  double seconds() const;  // until the end, or until now

 private:
  const uint64_t started_ns_;
  std::atomic<uint64_t> finished_ns_ = 0;
  std::atomic<uint64_t> bytes_ = 0;
  std::atomic<uint64_t> parcels_ = 0;
};

// To be read while the peer is still there: they are about connections that are up.
RingwayNodeCounters ReadNodeCounters(const Session& session);

void PrintStreamStats(const Session& session, const RingwayNodeCounters& node,
                      const StreamCounts& sent, const StreamCounts& received);
void PrintPingStats(const Session& session, const RingwayNodeCounters& node);

}  // namespace ringway::cmd

#endif  // ENGINE_CMD_STATS_H_
