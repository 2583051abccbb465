// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "ringway/endpoint.h"

#include <vector>

#include "ringway/errors.h"
#include "ringway/xfer.h"

namespace ringway {
inline namespace api {

namespace {

constexpr ObjectTable kHandlesNothing = {};

EndpointOwner OwnerOfNull(Endpoint* endpoint) { return {endpoint, nullptr}; }

constexpr Descriptor kNull = {kHandlesNothing, &OwnerOfNull, nullptr};

// An endpoint does not have this destination any more.
void Leave(const Target& destination) {
  Connection* connection = destination.remote();
  Loop* loop = connection ? connection->loop() : nullptr;
  if (!loop) return;
  Cap<Plugging>(destination).Call<Plugging::Leave>();
  loop->StopReading(*connection);
}

// Other threads may be reading its replies.
bool IsShared(const Target& target) {
  return target.remote() && target.remote_ref().use_count() != 1;
}

}  // namespace

Endpoint::Endpoint(const Descriptor& descriptor) : Endpoint(descriptor, descriptor.owner(this)) {}

Endpoint::Endpoint(const Descriptor& descriptor, RefCounted* counter)
    : Endpoint(descriptor, EndpointOwner{descriptor.owner(this).object, counter}) {}

Endpoint::Endpoint(const Descriptor& descriptor, EndpointOwner owner)
    : Served(&descriptor.table, owner.object), descriptor_(descriptor), counter_(owner.counter) {}

Endpoint::~Endpoint() { Leave(destination_); }

Endpoint& Endpoint::Null() {
  // Never destroyed, so that those that are may still use it.
  static Endpoint& null = *new Endpoint(kNull, nullptr);
  return null;
}

std::shared_ptr<ServedSlot> Endpoint::Reference() const {
  if (!counter_) return slot();
  counter_->Hold();
  // The slot itself outlives the object, as whoever looks into it expects.
  return {slot().get(), [slot = slot(), counter = counter_](ServedSlot*) { counter->Drop(); }};
}

Target Endpoint::destination() const {
  std::lock_guard lock(mutex_);
  return destination_;
}

Target Endpoint::PassThrough() const {
  const bool passes = descriptor_.pass_through && &table() == &descriptor_.table;
  return passes ? descriptor_.pass_through(self())->destination() : Target();
}

void Endpoint::PlugInto(Target target, Loop* loop, std::shared_ptr<ReplyChannel> back) {
  if (this == &Null()) return;
  if (target.remote() && target != destination()) {
    loop->ReadReplies(target.remote_ref(), [slot = slot(), connection = target.remote()] {
      Served* endpoint = slot->object.load();
      if (endpoint) static_cast<Endpoint*>(endpoint)->Ended(connection);
    });
  }
  {
    std::lock_guard lock(mutex_);
    std::swap(destination_, target);
    back_ = back;
  }
  if (back) {
    back->set_closed(false);
    back->set_watched();
  }
  // Now `target` is what it was before; dropping it may end objects, perhaps this one.
  if (target != destination()) Leave(target);
}

void Endpoint::Plug(Endpoint& destination) {
  PlugInto(&destination == &Null() ? Target() : destination.target(), nullptr);
}

int64_t Endpoint::Plug(Loop& loop, Cap<Plugging> destination) {
  Target target = destination.TakeTarget();
  if (IsShared(target)) return -RW_EBUSY;
  PlugInto(std::move(target), &loop);
  return RW_EOK;
}

void Endpoint::Unplug() { PlugInto(Target(), nullptr); }

void Endpoint::PlugPlug(Endpoint& other) {
  Plug(other);
  other.Plug(*this);
}

int64_t Endpoint::PlugPlug(Loop& loop, Cap<Plugging> other) {
  Target target = other.TakeTarget();
  return IsShared(target) ? -RW_EBUSY : PlugPlug(std::move(target), &loop);
}

int64_t Endpoint::PlugPlug(Target target, Loop* loop) {
  if (this == &Null()) return RW_EOK;
  if (target.remote() && !loop) return -RW_ECONNRESET;
  Cap<Plugging> self = cap<Plugging>();
  std::shared_ptr<ReplyChannel> back;
  if (target.remote()) {
    Result<Portal> portal = loop->Open(*this, {}, &back);
    if (!portal) return ErrorOf(portal.result());
    back->set_watched();
    self = Cap<Plugging>(*std::move(portal));
  }
  PlugInto(target, loop);
  if (!target) return RW_EOK;
  const long status = Cap<Plugging>(target).Call<Plugging::Plug>(std::move(self), true);
  if (status < 0) {
    Unplug();
    return status;
  }
  std::lock_guard lock(mutex_);
  if (destination_ == target) back_ = back;
  return RW_EOK;
}

int64_t Endpoint::Insert(Endpoint& upper, Endpoint& lower) {
  Target behind = destination();
  Loop* loop = behind.remote() ? behind.remote()->loop() : nullptr;
  PlugPlug(upper);
  return lower.PlugPlug(std::move(behind), loop);
}

void Endpoint::Nullify() { set_table(&kHandlesNothing); }

void Endpoint::Reinit() { set_table(&descriptor_.table); }

void Endpoint::SendClose(const Target& target, int64_t reason) {
  if (target) Cap<Intf>(target).Call<Intf::Close>(reason);
}

void Endpoint::Close(int64_t reason) { SendClose(destination(), reason); }

void Endpoint::Shutdown(int64_t reason) {
  Nullify();
  Target target;
  std::shared_ptr<ReplyChannel> back;
  {
    std::lock_guard lock(mutex_);
    std::swap(destination_, target);
    back = std::exchange(back_, {}).lock();
  }
  if (back) back->set_closed(true);
  // From here on this may be gone.
  SendClose(target, reason);
  Leave(target);
}

void Endpoint::Restart(int64_t reason) {
  const std::shared_ptr<ServedSlot> held = Reference();
  Shutdown(reason);
  Reinit();
}

void Endpoint::Ended(const Connection* connection) {
  {
    std::lock_guard lock(mutex_);
    if (destination_.remote() != connection) return;
    back_.reset();
  }
  cap<Intf>().Call<Intf::Close>(-RW_ECONNRESET);
}

bool Endpoint::ChannelEnded(ReplyChannel& channel) {
  if (channel.is_left()) return false;
  Target destination;
  {
    std::lock_guard lock(mutex_);
    if (back_.lock().get() != &channel) return false;
    destination = destination_;
  }
  Loop* loop = destination.remote()->loop();
  if (loop) loop->StopReading(*destination.remote(), -RW_ECONNRESET);
  Ended(destination.remote());
  return true;
}

void ShutdownAll(int64_t reason, std::initializer_list<Endpoint*> endpoints) {
  std::vector<std::shared_ptr<ServedSlot>> held;
  for (Endpoint* endpoint : endpoints) {
    held.push_back(endpoint->Reference());
    endpoint->Nullify();
  }
  for (Endpoint* endpoint : endpoints) endpoint->Shutdown(reason);
}

void RestartAll(int64_t reason, std::initializer_list<Endpoint*> endpoints) {
  std::vector<std::shared_ptr<ServedSlot>> held;
  for (Endpoint* endpoint : endpoints) held.push_back(endpoint->Reference());
  ShutdownAll(reason, endpoints);
  for (Endpoint* endpoint : endpoints) endpoint->Reinit();
}

long EndpointHandlers::Handle(Plugging::Plug, CallContext& context, Cap<Plugging> peer,
                              bool is_sender) {
  auto& endpoint = static_cast<Endpoint&>(context.object());
  if (!peer.target().is_local() && !endpoint.loop()) return -RW_EINVAL;
  ReplyChannel* channel = is_sender ? context.channel() : nullptr;
  endpoint.PlugInto(peer.TakeTarget(), endpoint.loop(),
                    channel ? channel->shared_from_this() : nullptr);
  return RW_EOK;
}

long EndpointHandlers::Handle(Plugging::Redirect, CallContext& context, Cap<Plugging> peer) {
  auto& endpoint = static_cast<Endpoint&>(context.object());
  endpoint.Restart(0);
  const int64_t status = endpoint.PlugPlug(peer.TakeTarget(), endpoint.loop());
  if (status < 0) {
    endpoint.cap<Intf>().Call<Intf::Close>(status);
    return status;
  }
  endpoint.Call<Xfer::WindowChanged>();
  endpoint.cap<Xfer>().Call<Xfer::WindowChanged>();
  return RW_EOK;
}

long EndpointHandlers::Handle(Plugging::Leave, CallContext& context) {
  if (context.channel()) context.channel()->set_left();
  return RW_EOK;
}

long EndpointHandlers::Handle(Intf::Close, CallContext& context, int64_t reason) {
  static_cast<Endpoint&>(context.object()).Restart(reason);
  return RW_EOK;
}

}  // namespace api
}  // namespace ringway
