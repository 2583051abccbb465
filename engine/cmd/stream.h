// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Standard input to the peer's standard output and the reverse, both at once.

#ifndef ENGINE_CMD_STREAM_H_
#define ENGINE_CMD_STREAM_H_

#include <atomic>
#include <cstdint>
#include <thread>

#include "engine/cmd/failure.h"
#include "engine/cmd/file_io.h"
#include "engine/cmd/session.h"
#include "engine/cmd/stats.h"

namespace ringway::cmd {

class Stream {
 public:
  Stream(Session& session, bool recv_only, bool stats);

  // Returns once the peer has written out all we sent, and we all it sent.
  // Otherwise ends the process.
  void Run();

 private:
  // The thread that reads standard input.
  void Send();
  // One parcel; false when that was the last one.
  bool SendChunk(size_t* chunk_bytes);
  void* BeginChunk(size_t num_bytes);
  void EndChunk(size_t num_bytes);
  void WaitForRoom(uint32_t attempts);

  // Takes all parcels that are there.
  void Receive();
  void EndOfPeersStream();
  // False when the control portal has ended without one.
  bool TakePeersFarewell();

  void PrintStats();
  [[noreturn]] void Abandon(const Failure& failure);
  // The reader finds out why the peer left; this thread need not.
  [[noreturn]] static void LeaveToReader();

  Session& session_;
  const bool recv_only_;
  const bool stats_;
  Input input_;
  StreamCounts sent_;
  StreamCounts received_;
  RingwayNodeCounters node_counters_ = {};  // once sent_ is finished
  std::thread sender_;
  // These are the reading thread's only.
  bool received_all_ = false;
  bool peer_done_ = false;
};

}  // namespace ringway::cmd

#endif  // ENGINE_CMD_STREAM_H_
