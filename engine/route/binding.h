// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_ROUTE_BINDING_H_
#define ENGINE_ROUTE_BINDING_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <vector>

#include "engine/base/handle_table.h"
#include "engine/base/recycled.h"
#include "engine/base/ref.h"
#include "engine/link/driver_port.h"
#include "engine/link/message_layout.h"
#include "engine/link/peer_memory.h"
#include "engine/route/edge_token.h"
#include "engine/route/out_memory.h"
#include "ring/base/lock.h"
#include "ring/publisher_fence.h"
#include "ring/ring_layout.h"

namespace ringway {

class Link;
class RouteEnd;

// What a parcel carries beside bytes: a portal without a handle (RouteEnd) or
// a box.
using Attachments = std::vector<Ref<HandleObject>>;

// Closes portals and frees boxes that nobody will receive. No locks held.
void Destroy(Attachments attachments);

// Attachments that have arrived for records of one lane, by batch id.
class Batches {
 public:
  // How many objects wait to be claimed, on all lanes of a link together.
  struct Quota : RefCounted {
    std::atomic<uint64_t> objects{0};
  };

  explicit Batches(Ref<Quota> quota = nullptr) : quota_(std::move(quota)) {}
  ~Batches();
  // Takes `attachments`; false if the batch is there already.
  bool Add(uint64_t batch, Attachments& attachments);
  // All that is in `other`, which counts against the same quota.
  void TakeOver(Batches& other);
  // How many attachments the batch has; -1 if it has not arrived.
  int64_t SizeOf(uint64_t batch) const;
  Attachments Take(uint64_t batch);
  Attachments Copy(uint64_t batch) const;

 private:
  void Count(int64_t objects) {
    // A limit, not an order.
    if (quota_)
      quota_->objects.fetch_add(static_cast<uint64_t>(objects), std::memory_order_relaxed);
  }

  const Ref<Quota> quota_;
  mutable SpinLock mutex_;
  std::map<uint64_t, Attachments> arrived_;
};

// What two portals of one node share: both sides' blocks and their memory.
struct LocalPair final : public RefCounted, public Recycled<LocalPair> {
  explicit LocalPair(Ref<DriverPort> port) : driver(std::move(port)) {}

  const Ref<DriverPort> driver;
  RouteEndBlock blocks[2] = {};
  LocalMemory memory;
  Batches batches[2];  // towards side i

  // The portal at side i; null once it closed or left the node.
  Ref<RouteEnd> End(int side);
  void SetEnd(int side, Ref<RouteEnd> end);

 private:
  SpinLock mutex_;
  Ref<RouteEnd> ends_[2];
};

// Where a route end's lanes are: across a link, as one of its sublinks, or
// within the node. An end keeps its binding until its route moves.
class Binding final : public RefCounted, public Recycled<Binding> {
 public:
  Binding(Ref<LocalPair> pair, int side);
  Binding(Ref<Link> link, uint32_t sublink, RouteEndBlock* own);
  ~Binding() override;

  bool is_local() const { return pair_.get() != nullptr; }
  // Changes under all locks of the ends that use it only.
  RouteEndBlock& own() const { return *own_.load(std::memory_order_relaxed); }
  void MoveOwn(const MovedMemory& moved) {
    own_.store(moved.Of(&own()), std::memory_order_relaxed);  // the locks order it
  }
  Link* link() const { return link_.get(); }
  uint32_t sublink() const { return sublink_; }
  LocalPair* pair() const { return pair_.get(); }
  int side() const { return side_; }
  OutMemory& memory() const { return *memory_; }
  // Those that arrive here.
  Batches& batches() { return pair_ ? pair_->batches[side_] : batches_; }
  DriverPort& driver() const { return *driver_; }

  // As peer(), but does not look for it.
  const RouteEndBlock* known_peer() const {
    // [route.peer] Pairs with FindPeer(), as in peer().
    return peer_.load(std::memory_order_acquire);
  }

  // The peer's block; null as long as the peer has not made it.
  const RouteEndBlock* peer() const {
    // [route.peer] Pairs with FindPeer(): the block is mapped.
    const RouteEndBlock* peer = peer_.load(std::memory_order_acquire);
    return peer ? peer : FindPeer();
  }

  // Nothing more comes from the peer than what is there: its node died, broke
  // the protocol, or never had such a portal.
  bool gone() const { return gone_.load(std::memory_order_acquire); }  // [route.gone]
  // [route.gone] Pairs with gone(): what the link knew when it ended is visible.
  void SetGone() { gone_.store(true, std::memory_order_release); }

  // Under the get.lock of who reads here, once it is gone: where what is there ends.
  // A peer that lives, but has not heard yet that the link ended, may go on.
  bool EndsAt(uint64_t position) const { return position >= read_to_; }
  void EndAt(uint64_t position) { read_to_ = position; }

  // The link lists the end of this edge, so that messages about it find it.
  void ShowOpen();

  // Whether the peer puts no more. All it put before is visible then.
  bool PeerClosed() const {
    if (gone()) return true;
    const RouteEndBlock* block = peer();
    // [route.closed] Pairs with RouteEnd::Close(): its last parcels are visible.
    return block && block->attention.state.load(std::memory_order_acquire) == kRouteClosed;
  }

  // Between a publication and the look at the other side's wake word: of a parcel,
  // under the end's put.lock, and of consumption, under its get.lock.
  void PutFence() { put_fence_.Pass(own().producer.omits_fence, may_omit_fences()); }
  void GetFence() { get_fence_.Pass(own().consumer.omits_fence, may_omit_fences()); }
  // Who was woken will sleep again. Likewise.
  void OnReaderWoken() { put_fence_.OnAnswer(own().producer.omits_fence); }
  void OnWriterWoken() { get_fence_.OnAnswer(own().consumer.omits_fence); }

  // For a sleeper that has armed, and passed a fence: whether the peer counts on a
  // process-wide barrier of it. An unknown peer may.
  bool PeerOmitsFences() const {
    const RouteEndBlock* block = peer();
    return !block || OmitsFence(block->producer.omits_fence) ||
           OmitsFence(block->consumer.omits_fence);
  }

  // The peer's sleepers issue barriers that reach us, and ours them.
  void AllowOmittingFences() { may_omit_fences_.store(true, std::memory_order_relaxed); }

  // The bytes that a word of the peer names; see PeerMemory::Resolve().
  Resolved Resolve(uint64_t word, uint64_t bytes, PeerBlock* block) const;

  // The peer broke the protocol; see Link::Break(). No locks held.
  void Break(const char* what) const;

  // Of an edge, which a binding to a link is for relays.
  EdgeToken& token() { return token_; }
  // Sends a message about this edge; if the link is down, its end says all.
  void Say(MessageType type, const Key& key = {}, const Key& node = {}) const;

 private:
  [[gnu::noinline]] const RouteEndBlock* FindPeer() const;
  bool may_omit_fences() const {
    return may_omit_fences_.load(std::memory_order_relaxed);  // a late answer costs a fence
  }

  const Ref<Link> link_;
  const Ref<LocalPair> pair_;
  const uint32_t sublink_ = 0;
  const int side_ = 0;
  std::atomic<bool> may_omit_fences_;
  PublisherFence put_fence_;
  PublisherFence get_fence_;
  std::atomic<RouteEndBlock*> own_;
  OutMemory* const memory_;   // of the link or the pair, as
  DriverPort* const driver_;  // ... is this
  Batches batches_;           // of an edge across a link
  mutable std::atomic<const RouteEndBlock*> peer_{nullptr};
  std::atomic<bool> gone_{false};
  uint64_t read_to_ = kNever;
  EdgeToken token_;
};

}  // namespace ringway

#endif  // ENGINE_ROUTE_BINDING_H_
