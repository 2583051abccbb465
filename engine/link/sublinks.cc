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
  sublinks_.Add(index);
  *sublink = index;
  return true;
}

void Link::Unreserve(uint32_t sublink) {
  Sublink unlisted;
  std::lock_guard lock(mutex_);
  unlisted = sublinks_.Remove(sublink);
  free_sublinks_.push_back(sublink);
}

Ref<Binding> Link::Enter(const Ref<RouteEnd>& end, uint64_t* memory_needed) {
  std::lock_guard entering(entering_mutex_);
  uint32_t index = 0;
  RouteEndBlock* own = nullptr;
  if (!Reserve(&index, &own, memory_needed)) return nullptr;
  Ref<Binding> binding = MakeRef<Binding>(Ref<Link>(this), index, own);
  std::lock_guard lock(mutex_);
  if (state_ != State::kDown) List(end, binding);
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
  List(std::move(end), binding);
  return true;
}

void Link::Reassign(const Binding& binding, Ref<RouteEnd> end) {
  std::lock_guard lock(mutex_);
  // The old end is kept by who calls us.
  if (Sublink* const found = sublinks_.Find(binding.sublink())) found->end = std::move(end);
}

void Link::Leave(const Binding& edge, std::vector<OutBlock> blocks) {
  std::lock_guard lock(mutex_);
  if (Sublink* const found = sublinks_.Find(edge.sublink())) found->left = std::move(blocks);
}

Resolved Link::PrepareAccept(uint32_t sublink, uint64_t* memory_needed) {
  if (sublink < kInitialPortalsMax || sublink % 2 == 0 || sublink >= kRouteEndsMax) {
    return Resolved::kPeerBroken;
  }
  {
    std::lock_guard lock(mutex_);
    const Sublink* const found = sublinks_.Find(sublink);
    if (found && found->taken()) return Resolved::kPeerBroken;
  }
  // An honest peer made its own end first; so a number costs us what it cost it.
  const RouteEndBlock* peer;
  if (peer_memory_.RouteEnd(PeerSublink(sublink), &peer) != Resolved::kOk) {
    return Resolved::kPeerBroken;
  }
  if (memory_->RouteEnd(sublink, memory_needed)) return Resolved::kOk;
  // What arrived before the peer went away is taken in, though our end is told to nobody.
  if (!cannot_send()) return Resolved::kPending;
  return memory_->MakePrivateRouteEnd(sublink) ? Resolved::kOk : Resolved::kPeerBroken;
}

IpczResult Link::ProvideToAccept(uint64_t bytes) {
  const IpczResult provided = memory_->Provide(bytes);
  return provided == IPCZ_RESULT_NOT_FOUND && cannot_send() ? IPCZ_RESULT_OK : provided;
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
      const Sublink* const listed = sublinks_.Find(descriptor.sublink);
      fresh = !listed || !listed->taken();
      if (fresh) List(end, end->binding_ref());
      if (fresh) end->binding().ShowOpen();
    } else {
      TakeEarlyObjects(end->binding());  // of a record that has arrived, too
    }
  }
  if (down) end->binding().SetGone();
  return fresh ? end : nullptr;
}

void Link::List(Ref<RouteEnd> end, Ref<Binding> binding) {
  TakeEarlyObjects(*binding);
  Sublink& sublink = sublinks_.Add(binding->sublink());
  sublink.end = std::move(end);
  sublink.binding = std::move(binding);
}

// Those that were faster than what names their sublink.
void Link::TakeEarlyObjects(Binding& binding) {
  if (unclaimed_.empty()) return;
  const auto early = unclaimed_.find(binding.sublink());
  if (early == unclaimed_.end()) return;
  binding.batches().TakeOver(early->second);
  unclaimed_.erase(early);
}

bool Link::KeepObjects(uint32_t index, uint64_t batch, Attachments& boxes) {
  std::lock_guard lock(mutex_);
  const Sublink* const found = sublinks_.Find(index);
  if (found && found->binding) return found->binding->batches().Add(batch, boxes);
  return unclaimed_.try_emplace(index, objects_here_).first->second.Add(batch, boxes);
}

Ref<RouteEnd> Link::EndOf(uint32_t sublink) {
  std::lock_guard lock(mutex_);
  const Sublink* const found = sublinks_.Find(sublink);
  return found ? found->end : nullptr;
}

size_t Link::route_ends() const {
  std::lock_guard lock(mutex_);
  return sublinks_.size();
}

std::vector<Ref<RouteEnd>> Link::Ends() {
  std::lock_guard lock(mutex_);
  std::vector<Ref<RouteEnd>> ends;
  ends.reserve(sublinks_.size());
  sublinks_.ForEach([&](const Sublink& sublink) {
    if (sublink.end) ends.push_back(sublink.end);
  });
  return ends;
}

// Once both sides are done, neither reads what the other one has there.
void Link::RouteDone(RouteEnd& end, Binding& edge) {
  const uint32_t index = edge.sublink();
  bool say_now = end.HasGotMuch();
  Finished finished;
  {
    std::lock_guard lock(mutex_);
    Sublink* const found = sublinks_.Find(index);
    if (!found || found->end.get() != &end || found->done) return;
    found->done = true;
    if (index < kInitialPortalsMax) return;  // stays until the link ends
    if (found->peer_done) finished = Unlist(index);
    freed_.push_back(PeerSublink(index));
    say_now |= freed_.size() >= FreedBody::kMax;
  }
  FinishSublink(index, finished);
  if (say_now) FlushFreed(0);
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
  Finished finished;
  Ref<RouteEnd> end;
  Ref<Binding> edge;
  {
    std::lock_guard lock(mutex_);
    // What names one that the peer gave out, a parcel or an Attach, may be unread yet.
    Sublink* const found = IsOurs(index) ? sublinks_.Find(index) : &sublinks_.Add(index);
    if (!found || found->peer_done) return false;
    found->peer_done = true;
    if (found->done) {
      finished = Unlist(index);
    } else {
      end = found->end;
      edge = found->binding;
    }
  }
  FinishSublink(index, finished);
  if (!end) return true;
  if (end->IsOpenIn(*edge)) return false;  // it cannot have read to an end
  end->PeerChanged();                      // a sink that rests
  return true;
}

// Under mutex_; what it gives is to be dropped without.
Link::Finished Link::Unlist(uint32_t index) {
  Finished finished{sublinks_.Remove(index), {}};
  if (!unclaimed_.empty()) finished.unclaimed = unclaimed_.extract(index);
  return finished;
}

void Link::FinishSublink(uint32_t index, const Finished& finished) {
  const Sublink& sublink = finished.sublink;
  if (!sublink.done) return;
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
