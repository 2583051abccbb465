// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The sublinks of a link: which route ends it carries, from the descriptor
// that makes one to the two Freed messages after which its index is used again.

#include <cstring>

#include "engine/link/link.h"
#include "engine/node/node.h"
#include "engine/route/route_end.h"

namespace ringway {

namespace {

bool IsOurs(uint32_t sublink) { return sublink >= kInitialPortalsMax && sublink % 2 == 0; }

}  // namespace

// What is left there is of the last route, and the peer will not touch it any more.
bool Link::PeerHasCleared(uint32_t index) {
  const RouteEndBlock* peer;
  if (peer_memory_.RouteEnd(PeerSublink(index), &peer) != Resolved::kOk) return false;
  // [route.freed] Pairs with FinishSublink().
  return peer->attention.state.load(std::memory_order_acquire) == kRouteFreed;
}

bool Link::Reserve(uint32_t* sublink, RouteEndBlock** own, uint64_t* memory_needed) {
  std::lock_guard lock(mutex_);
  if (free_sublinks_.empty() && !left_sublinks_.empty() && PeerHasCleared(left_sublinks_.front())) {
    free_sublinks_.push_back(left_sublinks_.front());
    left_sublinks_.pop_front();
  }
  const bool reused = !free_sublinks_.empty();
  const uint32_t index = reused ? free_sublinks_.back() : next_sublink_;
  if (index >= kRouteEndsMax - 1) {
    *memory_needed = kLaneBytesMax;  // there are no more; no memory will help
    return false;
  }
  *own = memory_->RouteEnd(index, memory_needed);
  if (!*own) return false;
  if (reused) {
    free_sublinks_.pop_back();
  } else {
    next_sublink_ += 2;
  }
  sublinks_[index] = Sublink{};
  *sublink = index;
  return true;
}

void Link::Unreserve(uint32_t sublink) {
  std::lock_guard lock(mutex_);
  sublinks_.erase(sublink);
  free_sublinks_.push_back(sublink);
}

Ref<Binding> Link::Enter(const Ref<RouteEnd>& end, uint64_t* memory_needed) {
  std::lock_guard entering(entering_mutex_);
  uint32_t index = 0;
  RouteEndBlock* own = nullptr;
  if (!Reserve(&index, &own, memory_needed)) return nullptr;
  Ref<Binding> binding = MakeRef<Binding>(Ref<Link>(this), index, own);
  std::lock_guard lock(mutex_);
  if (state_ != State::kDown) sublinks_[index] = Sublink{end, binding, {}};
  return binding;
}

void Link::Withdraw(Binding& binding) {
  std::lock_guard entering(entering_mutex_);
  std::memset(static_cast<void*>(&binding.own()), 0, sizeof(RouteEndBlock));
  Unreserve(binding.sublink());
}

bool Link::Assign(const Ref<Binding>& binding, Ref<RouteEnd> end) {
  std::lock_guard lock(mutex_);
  if (state_ == State::kDown) return false;
  Sublink& sublink = sublinks_[binding->sublink()];
  sublink.end = std::move(end);
  sublink.binding = binding;
  return true;
}

void Link::Reassign(const Binding& binding, Ref<RouteEnd> end) {
  std::lock_guard lock(mutex_);
  const auto found = sublinks_.find(binding.sublink());
  // The old end is kept by who calls us.
  if (found != sublinks_.end()) found->second.end = std::move(end);
}

void Link::Leave(const Binding& edge, std::vector<OutBlock> blocks) {
  std::lock_guard lock(mutex_);
  const auto found = sublinks_.find(edge.sublink());
  if (found != sublinks_.end()) found->second.left = std::move(blocks);
}

Resolved Link::PrepareAccept(uint32_t sublink, uint64_t* memory_needed) {
  if (sublink < kInitialPortalsMax || sublink % 2 == 0 || sublink >= kRouteEndsMax) {
    return Resolved::kPeerBroken;
  }
  {
    std::lock_guard lock(mutex_);
    const auto found = sublinks_.find(sublink);
    if (found != sublinks_.end() && found->second.taken()) return Resolved::kPeerBroken;
  }
  // An honest peer made its own end first; so a number costs us what it cost it.
  const RouteEndBlock* peer;
  if (peer_memory_.RouteEnd(PeerSublink(sublink), &peer) != Resolved::kOk) {
    return Resolved::kPeerBroken;
  }
  return memory_->RouteEnd(sublink, memory_needed) ? Resolved::kOk : Resolved::kPending;
}

Ref<RouteEnd> Link::Accept(const HandleDescriptor& descriptor) {
  std::lock_guard entering(entering_mutex_);
  uint64_t unused;
  RouteEndBlock* own = memory_->RouteEnd(descriptor.sublink, &unused);
  Ref<RouteEnd> end = RouteEnd::Create(node_);
  end->Bind(MakeRef<Binding>(Ref<Link>(this), descriptor.sublink, own));
  end->Resume(descriptor);
  bool down;
  bool fresh = true;
  {
    std::lock_guard lock(mutex_);
    down = state_ == State::kDown;
    if (!down) {
      Sublink& sublink = sublinks_[descriptor.sublink];
      fresh = !sublink.taken();
      if (fresh) {
        sublink.end = end;
        sublink.binding = end->binding_ref();
        sublink.binding->ShowOpen();
      }
    }
    unclaimed_.erase(descriptor.sublink);
  }
  if (down) end->binding().SetGone();
  return fresh ? end : nullptr;
}

Ref<Batches> Link::BatchesOf(uint32_t sublink) {
  std::lock_guard lock(mutex_);
  const auto found = sublinks_.find(sublink);
  if (found != sublinks_.end() && found->second.binding) {
    return Ref<Batches>(&found->second.binding->batches());
  }
  Ref<Batches>& batches = unclaimed_[sublink];
  if (!batches) batches = MakeRef<Batches>(objects_here_);
  return batches;
}

Ref<RouteEnd> Link::EndOf(uint32_t sublink) {
  std::lock_guard lock(mutex_);
  const auto found = sublinks_.find(sublink);
  return found == sublinks_.end() ? nullptr : found->second.end;
}

size_t Link::route_ends() const {
  std::lock_guard lock(mutex_);
  return sublinks_.size();
}

std::vector<Ref<RouteEnd>> Link::Ends() {
  std::lock_guard lock(mutex_);
  std::vector<Ref<RouteEnd>> ends;
  ends.reserve(sublinks_.size());
  for (auto& [index, sublink] : sublinks_) {
    if (sublink.end) ends.push_back(sublink.end);
  }
  return ends;
}

// Once both sides are done, neither reads what the other one has there.
void Link::RouteDone(RouteEnd& end, Binding& edge) {
  const uint32_t index = edge.sublink();
  bool finish = false;
  {
    std::lock_guard lock(mutex_);
    const auto found = sublinks_.find(index);
    if (found == sublinks_.end() || found->second.end.get() != &end || found->second.done) return;
    found->second.done = true;
    finish = found->second.peer_done;
    if (index < kInitialPortalsMax) return;  // stays until the link ends
  }
  if (finish) FinishSublink(index);
  SayFreed(index, end.HasGotMuch());
}

void Link::SayFreed(uint32_t index, bool at_once) {
  {
    std::lock_guard lock(mutex_);
    freed_.push_back(PeerSublink(index));
    at_once = at_once || freed_.size() >= FreedBody::kMax;
  }
  if (at_once) FlushFreed(0);
}

void Link::FlushFreed(uint32_t flags) {
  for (;;) {
    FreedBody body = {0, flags, announced(), {}};
    {
      std::lock_guard lock(mutex_);
      if (freed_.empty() && flags == 0) return;
      for (; body.count < FreedBody::kMax && !freed_.empty(); freed_.pop_back()) {
        body.sublinks[body.count++] = freed_.back();
      }
    }
    static_cast<void>(Send(MessageBuilder(MessageType::kFreed, body)));
    flags = 0;
  }
}

void Link::GiveBackEnded() {
  bool any;
  {
    std::lock_guard lock(mutex_);
    any = state_ == State::kUp && sublinks_.size() > initial_portals_;
  }
  FlushFreed(any ? kFreedAnswer : 0);
}

bool Link::OnFreed(const FreedBody& body) {
  bool known = body.count <= FreedBody::kMax;
  for (uint32_t i = 0; known && i < body.count; ++i) known = OnFreed(body.sublinks[i]);
  if (!known) Break("the end of a route that has not ended");
  if (known && (body.flags & kFreedAnswer) != 0) FlushFreed(0);
  return known;
}

bool Link::OnFreed(uint32_t index) {
  const RouteEndBlock* peer;
  if (index < kInitialPortalsMax || index >= kRouteEndsMax ||
      peer_memory_.RouteEnd(PeerSublink(index), &peer) != Resolved::kOk) {
    return false;
  }
  bool finish;
  Ref<RouteEnd> end;
  Ref<Binding> edge;
  {
    std::lock_guard lock(mutex_);
    auto found = sublinks_.find(index);
    if (found == sublinks_.end() && !IsOurs(index)) {
      // What names it, a parcel or an Attach, may be unread yet.
      found = sublinks_.try_emplace(index).first;
    }
    if (found == sublinks_.end() || found->second.peer_done) return false;
    found->second.peer_done = true;
    finish = found->second.done;
    end = found->second.end;
    edge = found->second.binding;
  }
  if (finish) {
    FinishSublink(index);
  } else if (end) {
    if (end->IsOpenIn(*edge)) return false;  // it cannot have read to an end
    end->PeerChanged();                      // a sink that rests
  }
  return true;
}

void Link::FinishSublink(uint32_t index) {
  Sublink sublink;
  Ref<Batches> unclaimed;
  {
    std::lock_guard lock(mutex_);
    const auto found = sublinks_.find(index);
    if (found == sublinks_.end()) return;
    sublink = std::move(found->second);
    sublinks_.erase(found);
    if (const auto node = unclaimed_.extract(index)) unclaimed = node.mapped();
  }
  for (const OutBlock& block : sublink.left) memory_->Free(block);
  if (sublink.end) sublink.end->ReleaseLanes(*sublink.binding);
  {
    std::lock_guard entering(entering_mutex_);
    uint64_t unused;
    RouteEndBlock* own = memory_->RouteEnd(index, &unused);
    if (!own) return;
    std::memset(static_cast<void*>(own), 0, sizeof(*own));
    // [route.freed] Pairs with PeerHasCleared(): nothing of the old route is left.
    if (!IsOurs(index)) own->attention.state.store(kRouteFreed, std::memory_order_release);
  }
  if (!IsOurs(index)) return;
  std::lock_guard lock(mutex_);
  left_sublinks_.push_back(index);
}

}  // namespace ringway
