// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_LINK_PEER_MEMORY_H_
#define ENGINE_LINK_PEER_MEMORY_H_

#include <atomic>
#include <mutex>
#include <unordered_map>

#include "engine/link/driver_port.h"
#include "ring/base/lock.h"
#include "shm/segment_layout.h"

namespace ringway {

// A mapped segment. Whoever reads in it holds it: the peer may drop it early.
class PeerSegment final : public RefCounted {
 public:
  PeerSegment(Ref<DriverPort> driver, const DriverPort::PeerMapping& mapping)
      : driver_(std::move(driver)), mapping_(mapping) {}
  ~PeerSegment() override { driver_->Close(mapping_.mapping); }
  const std::byte* address() const { return mapping_.address; }
  uint64_t num_bytes() const { return mapping_.num_bytes; }

 private:
  const Ref<DriverPort> driver_;
  const DriverPort::PeerMapping mapping_;
};

// A lane or block of the peer's.
struct PeerBlock {
  const std::byte* address = nullptr;
  uint64_t capacity = 0;
  Ref<PeerSegment> segment;  // null: within the node
};

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
  PeerMemory(const PeerMemory&) = delete;
  PeerMemory& operator=(const PeerMemory&) = delete;

  // Takes over segment `id`, whose memory object is consumed. False if it is
  // not what the peer says.
  bool Add(uint32_t id, uint64_t bytes, IpczDriverHandle memory);
  // Forgets a segment. False if there is none, or if route ends lie in it.
  bool Remove(uint32_t id);

  // The lane or block of at least `bytes` (0: as many as the word says) that
  // `word` names.
  Resolved Resolve(uint64_t word, uint64_t bytes, PeerBlock* block) const;

  // The peer's route end `index`. kPending until the peer has made its page.
  Resolved RouteEnd(uint32_t index, const RouteEndBlock** block);

  // The peer's number of the link, once segment 0 is here.
  uint64_t link_number() const;

  uint64_t segments() const;
  // Of all segments there ever were.
  uint64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }  // a limit

 private:
  struct Segment {
    Ref<PeerSegment> mapped;
    bool has_route_ends = false;  // stays as long as the link
  };

  const Ref<DriverPort> driver_;
  mutable SpinLock mutex_;
  std::unordered_map<uint32_t, Segment> segments_;
  std::atomic<uint64_t> bytes_{0};
  // Segment 0's header, for route ends that are looked for on every Put.
  std::atomic<const SegmentHeader*> header_{nullptr};
};

}  // namespace ringway

#endif  // ENGINE_LINK_PEER_MEMORY_H_
