// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_LINK_PEER_MEMORY_H_
#define ENGINE_LINK_PEER_MEMORY_H_

#include <atomic>
#include <mutex>
#include <unordered_map>

#include "engine/link/driver_port.h"
#include "shm/segment_layout.h"

namespace ringway {

enum class Resolved {
  kOk,
  kPending,     // names a segment that has not arrived yet
  kPeerBroken,  // names what cannot be
};

// The segments of a link that the peer writes, mapped for reading. All that is
// found in them is untrusted.
class PeerMemory {
 public:
  explicit PeerMemory(Ref<DriverPort> driver) : driver_(std::move(driver)) {}
  ~PeerMemory();
  PeerMemory(const PeerMemory&) = delete;
  PeerMemory& operator=(const PeerMemory&) = delete;

  // Takes over segment `id`, whose memory object is consumed. False if it is
  // not what the peer says.
  bool Add(uint32_t id, uint64_t bytes, IpczDriverHandle memory);
  // Forgets a segment. False if there is none (or it is segment 0).
  bool Remove(uint32_t id);

  // The lane or block of at least `bytes` (0: as many as the word says) that
  // `word` names; its size in `*capacity`.
  Resolved Resolve(uint64_t word, uint64_t bytes, const std::byte** address,
                   uint64_t* capacity) const;

  // The peer's route end `index`. kPending until the peer has made its page.
  Resolved RouteEnd(uint32_t index, const RouteEndBlock** block) const;

  uint64_t segments() const;

 private:
  struct Segment {
    DriverPort::PeerMapping peer;
  };

  const Ref<DriverPort> driver_;
  mutable std::mutex mutex_;
  std::unordered_map<uint32_t, Segment> segments_;
  // Segment 0's header, for route ends that are looked for on every Put.
  std::atomic<const SegmentHeader*> header_{nullptr};
};

}  // namespace ringway

#endif  // ENGINE_LINK_PEER_MEMORY_H_
