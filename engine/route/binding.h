// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_ROUTE_BINDING_H_
#define ENGINE_ROUTE_BINDING_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

#include "engine/base/handle_table.h"
#include "engine/base/ref.h"
#include "engine/link/driver_port.h"
#include "engine/link/message_layout.h"
#include "engine/link/peer_memory.h"
#include "engine/route/edge_token.h"
#include "engine/route/out_memory.h"
#include "ring/base/fence.h"
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
class Batches : public RefCounted {
 public:
  // How many objects wait to be claimed, on all lanes of a link together.
  struct Quota : RefCounted {
    std::atomic<uint64_t> objects{0};
  };

  explicit Batches(Ref<Quota> quota = nullptr) : quota_(std::move(quota)) {}
  ~Batches() override;
  // False if the batch is there already.
  bool Add(uint64_t batch, Attachments attachments);
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
  mutable std::mutex mutex_;
  std::map<uint64_t, Attachments> arrived_;
};

// What two portals of one node share: both sides' blocks and their memory.
struct LocalPair : public RefCounted {
  RouteEndBlock blocks[2] = {};
  const Ref<LocalMemory> memory = MakeRef<LocalMemory>();
  const Ref<Batches> batches[2] = {MakeRef<Batches>(), MakeRef<Batches>()};  // towards side i

  // The portal at side i; null once it closed or left the node.
  Ref<RouteEnd> End(int side);
  void SetEnd(int side, Ref<RouteEnd> end);

 private:
  std::mutex mutex_;
  Ref<RouteEnd> ends_[2];
};

// Where a route end's lanes are: across a link, as one of its sublinks, or
// within the node. An end keeps its binding until its route moves.
class Binding : public RefCounted {
 public:
  Binding(Ref<LocalPair> pair, int side, Ref<DriverPort> driver);
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
  Batches& batches() const { return *batches_; }  // that arrive here
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

  // The link lists the end of this edge, so that messages about it find it.
  void ShowOpen();

  // Whether the peer puts no more. All it put before is visible then.
  bool PeerClosed() const {
    if (gone()) return true;
    const RouteEndBlock* block = peer();
    // [route.closed] Pairs with RouteEnd::Close(): its last parcels are visible.
    return block && block->attention.state.load(std::memory_order_acquire) == kRouteClosed;
  }

  // Between a publication and the look at the other side's wake word.
  void PublisherFence() const {
    if (needs_fence_.load(std::memory_order_relaxed)) {  // a late answer costs a fence
      FullFence();
    } else {
      CompilerFence();
    }
  }

  // The peer's sleepers issue barriers that reach us, and ours them.
  void DropFence() { needs_fence_.store(false, std::memory_order_relaxed); }

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

  const Ref<Link> link_;
  const Ref<LocalPair> pair_;
  const uint32_t sublink_ = 0;
  const int side_ = 0;
  std::atomic<bool> needs_fence_;
  std::atomic<RouteEndBlock*> own_;
  const Ref<OutMemory> memory_;
  const Ref<Batches> batches_;
  const Ref<DriverPort> driver_;
  mutable std::atomic<const RouteEndBlock*> peer_{nullptr};
  std::atomic<bool> gone_{false};
  EdgeToken token_;
};

}  // namespace ringway

#endif  // ENGINE_ROUTE_BINDING_H_
