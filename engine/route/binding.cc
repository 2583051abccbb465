// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/route/binding.h"

#include "engine/link/link.h"
#include "engine/node/node.h"
#include "engine/route/route_end.h"

namespace ringway {

Batches::~Batches() {
  for (auto& [batch, attachments] : arrived_) {
    Count(-static_cast<int64_t>(attachments.size()));
    Destroy(std::move(attachments));
  }
}

bool Batches::Add(uint64_t batch, Attachments& attachments) {
  std::lock_guard lock(mutex_);
  const auto objects = static_cast<int64_t>(attachments.size());
  if (!arrived_.try_emplace(batch, std::move(attachments)).second) return false;
  Count(objects);
  return true;
}

void Batches::TakeOver(Batches& other) {
  std::scoped_lock lock(mutex_, other.mutex_);
  arrived_.merge(other.arrived_);
}

int64_t Batches::SizeOf(uint64_t batch) const {
  std::lock_guard lock(mutex_);
  const auto found = arrived_.find(batch);
  return found == arrived_.end() ? -1 : static_cast<int64_t>(found->second.size());
}

Attachments Batches::Take(uint64_t batch) {
  std::lock_guard lock(mutex_);
  const auto found = arrived_.find(batch);
  if (found == arrived_.end()) return {};
  Attachments attachments = std::move(found->second);
  arrived_.erase(found);
  Count(-static_cast<int64_t>(attachments.size()));
  return attachments;
}

Attachments Batches::Copy(uint64_t batch) const {
  std::lock_guard lock(mutex_);
  const auto found = arrived_.find(batch);
  return found == arrived_.end() ? Attachments() : found->second;
}

Ref<RouteEnd> LocalPair::End(int side) {
  std::lock_guard lock(mutex_);
  return ends_[side];
}

void LocalPair::SetEnd(int side, Ref<RouteEnd> end) {
  std::lock_guard lock(mutex_);
  std::swap(ends_[side], end);
  // The old one is dropped after the lock.
}

Binding::Binding(Ref<LocalPair> pair, int side)
    : pair_(std::move(pair)),
      side_(side),
      may_omit_fences_(pair_->driver->has_barrier()),
      own_(&pair_->blocks[side]),
      memory_(&pair_->memory),
      driver_(pair_->driver.get()),
      peer_(&pair_->blocks[1 - side]) {
  // The pair is not shared yet.
  own().attention.state.store(kRouteOpen, std::memory_order_relaxed);
}

Binding::Binding(Ref<Link> link, uint32_t sublink, RouteEndBlock* own)
    : link_(std::move(link)),
      sublink_(sublink),
      may_omit_fences_(link_->may_omit_fences()),
      own_(own),
      memory_(link_->memory().get()),
      driver_(link_->driver().get()),
      batches_(link_->objects_here()) {
  // Whoever gave out the index; of initial portals, one side.
  const bool initial = sublink < kInitialPortalsMax;
  const bool given_out = sublink % 2 == 0;
  token_.Start(initial ? link_->gives_initial_tokens() : given_out);
  if (initial || given_out) ShowOpen();
}

void Binding::ShowOpen() {
  // [route.open] Pairs with Relay::FindEdges(): messages about the edge find its end.
  own().attention.state.store(kRouteOpen, std::memory_order_release);
}

Binding::~Binding() = default;

const RouteEndBlock* Binding::FindPeer() const {
  const RouteEndBlock* block = nullptr;
  if (link_->peer_memory().RouteEnd(PeerSublink(sublink_), &block) != Resolved::kOk) return nullptr;
  // [route.peer] Pairs with peer(): the mapping is there before the pointer.
  peer_.store(block, std::memory_order_release);
  return block;
}

Resolved Binding::Resolve(uint64_t word, uint64_t bytes, PeerBlock* block) const {
  if (!pair_) return link_->peer_memory().Resolve(word, bytes, block);
  *block = {LocalMemory::AddressOf(word), LocalMemory::BytesOf(word), nullptr};
  return Resolved::kOk;
}

void Binding::Break(const char* what) const {
  if (link_) link_->Break(what);
}

void Binding::Say(MessageType type, const Key& key, const Key& node) const {
  if (!link_) return;
  const RouteBody body = {
      PeerSublink(sublink_), link_->announced(), {key[0], key[1]}, {node[0], node[1]}};
  static_cast<void>(link_->Send(MessageBuilder(type, body)));
}

}  // namespace ringway
