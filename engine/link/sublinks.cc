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

bool Link::Reserve(uint32_t* sublink, RouteEndBlock** own, uint64_t* memory_needed) {
  std::unique_lock lock(mutex_);
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

void Link::Assign(const Ref<Binding>& binding, Ref<RouteEnd> end) {
  {
    std::lock_guard lock(mutex_);
    if (state_ != State::kDown) {
      Sublink& sublink = sublinks_[binding->sublink()];
      sublink.end = std::move(end);
      sublink.binding = binding;
      return;
    }
  }
  end->PeerGone(*this);
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

// The side that gave out the index says first that it is done. The other side
// answers once it is done too, and has then cleared its block: so whoever uses
// the index again finds nothing of the old route.
void Link::RouteDone(RouteEnd& end, Binding& edge) {
  const uint32_t index = edge.sublink();
  bool say;
  bool finish = false;
  {
    std::lock_guard lock(mutex_);
    const auto found = sublinks_.find(index);
    if (found == sublinks_.end() || found->second.end.get() != &end || found->second.done) return;
    found->second.done = true;
    say = IsOurs(index);
    finish = !IsOurs(index) && found->second.peer_done;
    if (index < kInitialPortalsMax) return;  // stays until the link ends
  }
  if (say) {
    static_cast<void>(Send(MessageBuilder(MessageType::kFreed, FreedBody{PeerSublink(index), 0})));
  }
  if (finish) FinishSublink(index);
}

bool Link::OnFreed(uint32_t index) {
  const RouteEndBlock* peer;
  bool known = index >= kInitialPortalsMax && index < kRouteEndsMax &&
               peer_memory_.RouteEnd(PeerSublink(index), &peer) == Resolved::kOk;
  bool finish = false;
  if (known) {
    std::lock_guard lock(mutex_);
    auto found = sublinks_.find(index);
    if (found == sublinks_.end() && !IsOurs(index)) {
      // What names it, a parcel or an Attach, may be unread yet.
      found = sublinks_.try_emplace(index).first;
    }
    known = found != sublinks_.end() && !found->second.peer_done &&
            (!IsOurs(index) || found->second.done);
    if (known) {
      found->second.peer_done = true;
      finish = found->second.done;
    }
  }
  if (!known) {
    Break("the end of a route that has not ended");
    return false;
  }
  if (finish) FinishSublink(index);
  return true;
}

// Nobody here takes an end of the peer's: it is done as soon as the peer is.
void Link::RefuseSublink(uint32_t index, Ref<Binding> edge) {
  bool finish;
  {
    std::lock_guard lock(mutex_);
    if (state_ == State::kDown) return;
    Sublink& sublink = sublinks_[index];
    sublink.end = nullptr;
    sublink.binding = std::move(edge);
    sublink.done = true;
    finish = sublink.peer_done;
  }
  if (finish) FinishSublink(index);
}

void Link::FinishSublink(uint32_t index) {
  Sublink sublink;
  Ref<Batches> unclaimed;
  {
    std::lock_guard lock(mutex_);
    const auto found = sublinks_.find(index);
    if (found == sublinks_.end()) return;
    sublink.end = found->second.end;
    sublink.binding = found->second.binding;
    sublink.left = std::move(found->second.left);
    if (const auto node = unclaimed_.extract(index)) unclaimed = node.mapped();
  }
  for (const OutBlock& block : sublink.left) memory_->Free(block);
  if (sublink.end) sublink.end->ReleaseLanes(*sublink.binding);
  if (sublink.binding) {
    std::memset(static_cast<void*>(&sublink.binding->own()), 0, sizeof(RouteEndBlock));
  }
  {
    std::lock_guard lock(mutex_);
    sublinks_.erase(index);
    if (IsOurs(index)) free_sublinks_.push_back(index);
  }
  if (!IsOurs(index)) {
    static_cast<void>(Send(MessageBuilder(MessageType::kFreed, FreedBody{PeerSublink(index), 0})));
  }
}

}  // namespace ringway
