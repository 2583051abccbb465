// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/route/route_end.h"

#include <mutex>

#include "engine/link/link.h"
#include "engine/node/node.h"
#include "engine/route/record_layout.h"

namespace ringway {

namespace {

// Route ends that are not in use. Their memory stays what it is, so that a
// thread with a stale handle finds a lock and no handle.
struct Pool {
  SpinLock mutex;
  std::vector<RouteEnd*> free;

  static Pool& Get() {
    static Pool* const pool = new Pool;  // outlives every thread that may still call
    return *pool;
  }
};

}  // namespace

RouteEnd::RouteEnd() : HandleObject(kHandleKind) {}
RouteEnd::~RouteEnd() = default;

Ref<RouteEnd> RouteEnd::Create(Ref<Node> node) {
  Pool& pool = Pool::Get();
  RouteEnd* end = nullptr;
  {
    std::lock_guard lock(pool.mutex);
    if (!pool.free.empty()) {
      end = pool.free.back();
      pool.free.pop_back();
    }
  }
  if (!end) end = new RouteEnd;
  end->node_ = std::move(node);
  end->node_->CountPortal(1);
  return Ref<RouteEnd>(end);
}

void RouteEnd::Dispose() {
  node_->CountPortal(-1);
  Ref<Binding> binding;
  Ref<Node> node;
  std::vector<Ref<Binding>> sources;
  Attachments attachments;
  {
    // A thread with a stale handle may hold a lock for a moment.
    std::scoped_lock lock(put.lock, get.lock);
    std::swap(node, node_);
    std::swap(binding, binding_);
    // The usual one is held here, and the vector's memory stays for the next route.
    if (get.sources.size() == 1 && get.sources.front() == binding) {
      get.sources.clear();
    } else {
      sources.swap(get.sources);
    }
    attachments.swap(get.front_attachments);
    put.Clear();
    get.Clear();
  }
  Destroy(std::move(attachments));
  Pool& pool = Pool::Get();
  std::lock_guard lock(pool.mutex);
  pool.free.push_back(this);
}

void PutSide::Clear() {
  writer = LaneWriter();
  lane = OutBlock();
  readers = WakeMemory();
  parcels = bytes = seen_consumed_parcels = seen_consumed_bytes = 0;
  retired.clear();
  lanes_grown = wakes_sent = readies_sent = 0;
  two_phase = two_phase_ending = false;
  two_phase_capacity = 0;
  two_phase_block = OutBlock();
  two_phase_buffer.reset();
  two_phase_buffer_bytes = 0;
  two_phase_moved = nullptr;
  spare = OutBlock();
  in_progress = 0;
  next = nullptr;
  ended = false;
}

void PutSide::Move(const MovedMemory& moved) {
  if (writer.valid()) {
    writer.MoveTo(LaneMemory(moved.Of(writer.memory().At(0)), writer.capacity()));
  }
  for (OutBlock* block : {&lane, &spare, &two_phase_block}) {
    block->address = moved.Of(block->address);
  }
  for (Retired& each : retired) each.block.address = moved.Of(each.block.address);
}

void GetSide::Clear() {
  front = ahead = Cursor();
  parcels = bytes = ahead_parcels = ahead_bytes = front_bytes_taken = drained = 0;
  front_claimed = two_phase = sink = done = lost = false;
  writers = WakeMemory();
  two_phase_view = ParcelView();
  room_parcels = room_bytes = kNever;
  traps.clear();
  waiters.clear();
  relay = nullptr;
  relayed = 0;
  awaits_lane = next_lost = ends_moved = relayed_here = false;
  links_crossed = 0;
  resumes.clear();
  consumed_before = consumed_bytes_before = 0;
  finished.clear();
  parked_readers = parked_writers = ready_readers = ready_writers = 0;
}

void RouteEnd::Bind(Ref<Binding> binding) {
  binding_ = std::move(binding);
  get.sources.assign(1, binding_);
}

void RouteEnd::Resume(const HandleDescriptor& descriptor) {
  put.parcels = descriptor.parcels_put;
  put.bytes = descriptor.bytes_put;
  get.parcels = descriptor.parcels_consumed;
  get.bytes = descriptor.bytes_consumed;
  get.links_crossed = descriptor.links_crossed + 1;
  get.relayed_here = (descriptor.flags & kDescribesRelayed) != 0;
  PublishTotals();
}

void RouteEnd::PublishTotals() {
  RouteEndBlock& own = binding_->own();
  // Hints for limits and queries.
  own.producer.parcels.store(put.parcels, std::memory_order_relaxed);
  own.producer.bytes.store(put.bytes, std::memory_order_relaxed);
  own.consumer.parcels.store(get.parcels, std::memory_order_relaxed);
  own.consumer.bytes.store(get.bytes, std::memory_order_relaxed);
}

IpczHandle RouteEnd::Publish() {
  get.links_crossed = 0;
  const IpczHandle handle = HandleTable::Get().Add(Ref<HandleObject>(this));
  SetHandle(handle);  // nobody else knows it yet
  return handle;
}

void RouteEnd::LookAtLinks() {
  std::vector<Ref<Link>> ended;
  {
    std::lock_guard lock(get.lock);
    if (!binding_ || get.done) return;
    const auto look = [&](const Binding& edge) {
      if (!edge.is_local() && !edge.gone() && edge.link()->down()) ended.emplace_back(edge.link());
    };
    for (const Ref<Binding>& source : get.sources) look(*source);
    look(*binding_);
  }
  for (const Ref<Link>& link : ended) PeerGone(*link);
}

void RouteEnd::PeerGone(Link& link) {
  bool ours = false;
  bool awaited = false;
  Ref<Binding> left;  // to a relay that we have gone around, and still read from
  {
    std::lock_guard lock(get.lock);
    if (!binding_ || get.done) return;
    for (const Ref<Binding>& binding : get.sources) {
      if (binding->link() != &link) continue;
      binding->SetGone();
      ours = true;
    }
    if (binding_->link() == &link) {
      binding_->SetGone();
      ours = true;
      awaited = std::exchange(get.awaits_lane, false);  // who would say who comes is gone
    }
    if (!ours) return;
    get.lost = true;
    const size_t count = get.sources.size();
    if (count > 1 && get.sources.back()->link() == &link) left = get.sources[count - 2];
  }
  if (awaited) node_->Unawait(*this);
  // Whom we went to may not know yet that we did, and waits for us.
  if (left) left->Say(MessageType::kBroken);
  PeerChanged();
}

}  // namespace ringway
