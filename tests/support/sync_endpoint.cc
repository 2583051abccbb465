// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "tests/support/sync_endpoint.h"

#include <algorithm>

#include "tests/support/driver_threads.h"

namespace ringway::testing {

namespace {

std::atomic<size_t> deepest_nesting{0};
thread_local size_t nesting = 0;

// Held mode: see SyncHold.
struct Held {
  uint64_t random;
  size_t node = 0;
  std::vector<std::weak_ptr<SyncEndpoint>> active;     // by the time of their activation
  std::vector<std::shared_ptr<SyncEndpoint>> waiting;  // have something that can be delivered
  std::vector<std::shared_ptr<SyncEndpoint>> dead;     // of nodes that were killed

  void Note(const std::shared_ptr<SyncEndpoint>& end) {
    const bool listed = std::find(waiting.begin(), waiting.end(), end) != waiting.end();
    if (end->HasOne() && !listed) waiting.push_back(end);
  }
};
Held* held = nullptr;

}  // namespace

SyncEndpoint::~SyncEndpoint() {
  for (SyncItem& item : queue_) CloseHandles(item);
}

void SyncEndpoint::Activate(IpczHandle engine, IpczTransportActivityHandler handler) {
  std::unique_lock lock(mutex_);
  engine_ = engine;
  handler_ = handler;
  if (held && !wire_.asynchronous) {
    node_ = held->node;
    held->active.push_back(weak_from_this());
  }
  Deliver(lock);
}

void SyncEndpoint::Arrive(SyncItem item) {
  std::unique_lock lock(mutex_);
  if (ended_) return CloseHandles(item);
  queue_.push_back(std::move(item));
  Deliver(lock);
}

void SyncEndpoint::Deactivate() {
  std::unique_lock lock(mutex_);
  if (ended_) return;
  for (SyncItem& item : queue_) CloseHandles(item);
  queue_.clear();
  queue_.push_back({IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED, {}, {}});
  ended_ = true;
  Deliver(lock);
}

void SyncEndpoint::Cut() {
  Arrive({IPCZ_TRANSPORT_ACTIVITY_ERROR, {}, {}});
  if (const auto other = peer()) {
    other->Arrive({IPCZ_TRANSPORT_ACTIVITY_ERROR, {}, {}});
    other->SetPeer(nullptr);
  }
  SetPeer(nullptr);
}

void SyncEndpoint::Die() {
  if (ended_) return;
  Cut();
  std::deque<SyncItem> lost;
  lost.swap(queue_);
  for (SyncItem& item : lost) CloseHandles(item);
}

void SyncEndpoint::CloseHandles(SyncItem& item) {
  for (const IpczDriverHandle handle : item.handles) delete reinterpret_cast<SyncObject*>(handle);
  item.handles.clear();
}

size_t SyncEndpoint::TakeDeepestNesting() { return deepest_nesting.exchange(0); }

void SyncEndpoint::CallHandler(std::unique_lock<std::mutex>& lock) {
  const SyncItem item = std::move(queue_.front());
  queue_.pop_front();
  const IpczTransportActivityHandler handler = handler_;
  if ((item.flags & IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED) != 0) handler_ = nullptr;
  lock.unlock();
  ++nesting;
  size_t deepest = deepest_nesting.load();
  while (deepest < nesting && !deepest_nesting.compare_exchange_weak(deepest, nesting)) continue;
  const IpczResult result = handler(engine_, item.bytes.data(), item.bytes.size(),
                                    item.handles.data(), item.handles.size(), item.flags, nullptr);
  --nesting;
  lock.lock();
  const bool refused = result != IPCZ_RESULT_OK && result != IPCZ_RESULT_UNIMPLEMENTED;
  if (refused && item.flags == IPCZ_NO_FLAGS && !ended_) {
    for (SyncItem& left : queue_) CloseHandles(left);
    queue_.assign(1, {IPCZ_TRANSPORT_ACTIVITY_ERROR, {}, {}});
  }
}

bool SyncEndpoint::RunScheduled() {
  std::unique_lock lock(mutex_);
  if (handler_ && !queue_.empty()) CallHandler(lock);
  scheduled_ = handler_ && !queue_.empty();
  return scheduled_;
}

void SyncEndpoint::Deliver(std::unique_lock<std::mutex>& lock) {
  if (wire_.asynchronous) {
    if (scheduled_ || !handler_ || queue_.empty()) return;
    scheduled_ = true;
    return DriverThreads::Get().Schedule(shared_from_this());
  }
  if (held) return held->Note(shared_from_this());
  if (!handler_) return;
  if (depth_ != 0 && owner_ != std::this_thread::get_id()) return;
  owner_ = std::this_thread::get_id();
  ++depth_;
  while (!queue_.empty() && handler_) CallHandler(lock);
  --depth_;
}

void SyncEndpoint::DeliverOne() {
  std::unique_lock lock(mutex_);
  CallHandler(lock);
}

SyncHold::SyncHold(uint64_t seed) { held = new Held{seed, 0, {}, {}, {}}; }

SyncHold::~SyncHold() {
  Held* const last = std::exchange(held, nullptr);
  // What still waits is left alone: its nodes are in a state that nobody expects.
  if (last->waiting.empty()) delete last;
}

void SyncHold::Enter(size_t node) { held->node = node; }
size_t SyncHold::Waiting() const { return held->waiting.size(); }

size_t SyncHold::DeliverOne(size_t which) {
  const std::shared_ptr<SyncEndpoint> end = held->waiting[which];
  const size_t before = held->node;
  held->node = end->node();
  held->waiting.erase(held->waiting.begin() + static_cast<std::ptrdiff_t>(which));
  end->DeliverOne();
  held->Note(end);
  held->node = before;
  return end->node();
}

void SyncHold::Kill(size_t node) {
  const std::vector<std::weak_ptr<SyncEndpoint>> active = held->active;
  for (const std::weak_ptr<SyncEndpoint>& each : active) {
    const std::shared_ptr<SyncEndpoint> end = each.lock();
    if (!end || end->node() != node) continue;
    end->Die();
    std::erase(held->waiting, end);
    held->dead.push_back(end);
  }
}

bool SyncHold::Cut(size_t which, size_t (&nodes)[2]) {
  std::vector<std::shared_ptr<SyncEndpoint>> ends;
  for (const std::weak_ptr<SyncEndpoint>& each : held->active) {
    const std::shared_ptr<SyncEndpoint> end = each.lock();
    const std::shared_ptr<SyncEndpoint> peer = end ? end->peer() : nullptr;
    if (peer && end->active() && peer->active()) ends.push_back(end);
  }
  if (ends.empty()) return false;
  const std::shared_ptr<SyncEndpoint> end = ends[which % ends.size()];
  nodes[0] = end->node();
  nodes[1] = end->peer()->node();
  end->Cut();
  return true;
}

void SyncHold::Bury() {
  for (const std::shared_ptr<SyncEndpoint>& end : std::exchange(held->dead, {})) held->Note(end);
}

bool SyncHold::RandomBytes(size_t num_bytes, void* buffer) {
  if (!held) return false;
  auto* bytes = static_cast<unsigned char*>(buffer);
  for (size_t i = 0; i < num_bytes; ++i) {
    held->random = held->random * 6364136223846793005 + 1442695040888963407;
    bytes[i] = static_cast<unsigned char>(held->random >> 56);
  }
  return true;
}

}  // namespace ringway::testing
