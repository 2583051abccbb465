// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/route/relay.h"

#include <algorithm>

#include "engine/link/link.h"
#include "engine/node/node.h"
#include "engine/portal/portal.h"

namespace ringway {

namespace {

// What a relay forwards and the far end has not consumed; the rest waits in the
// memory of whoever put it. A larger parcel goes alone.
constexpr uint64_t kForwardedParcelsMax = 1 << 16;
constexpr uint64_t kForwardedBytesMax = 64 << 20;

// A portal that crosses more links goes round in its own route.
constexpr uint32_t kLinksCrossedMax = 1024;

bool GoesRound(const Attachments& attachments) {
  return std::any_of(attachments.begin(), attachments.end(), [](const auto& attachment) {
    if (attachment->kind() != HandleKind::kPortal) return false;
    auto& portal = static_cast<RouteEnd&>(*attachment);
    std::lock_guard lock(portal.get.lock);
    return portal.get.links_crossed > kLinksCrossedMax;
  });
}

}  // namespace

void Relay::Couple(const Ref<RouteEnd>& first, const Ref<RouteEnd>& second) {
  const Ref<Relay> relay(new Relay(first, second));
  uint64_t put;
  {
    std::scoped_lock lock(first->put.lock, first->get.lock);
    first->get.relay = relay;
    first->get.relayed = first->get.parcels;
    put = first->put.parcels;
  }
  {
    std::lock_guard lock(second->get.lock);
    second->get.relay = relay;
    second->get.relayed = put;
  }
  first->node()->CountRelay(1);
  relay->Run();
  first->PokeNeighbour(false);
}

Relay::~Relay() { ends_[0]->node()->CountRelay(-1); }

void Relay::Run() {
  const Ref<Relay> self(this);
  {
    std::lock_guard lock(mutex_);
    again_ = true;
    if (running_) return;
    running_ = true;
  }
  for (;;) {
    {
      std::lock_guard lock(mutex_);
      running_ = again_;
      if (!running_) return;
      again_ = false;
    }
    bool spent = true;  // whoever called us may have answered what was armed
    while (RunOnce(spent)) spent = false;
    if (!ended_ && !TrySplice()) TryRemove();
  }
}

// True if an end was armed anew: what came before its peer could see that must
// be found now.
bool Relay::RunOnce(bool spent) {
  if (ended_) return false;
  for (int from = 0; from < 2; ++from) {
    if (moved_[from]) {
      TellIfLost(from);
      continue;
    }
    const Forwarded forwarded = Forward(from);
    ended_ = forwarded == Forwarded::kEnded;
    if (ended_) {
      Uncouple();
      return false;
    }
    moved_[from] = forwarded == Forwarded::kMoved;
  }
  ended_ = moved_[0] && moved_[1];
  if (ended_) {
    Finish();
    return false;
  }
  bool armed = false;
  for (int side = 0; side < 2; ++side) {
    ForwardCounts(*ends_[1 - side], *ends_[side]);
    ShowHops(*ends_[1 - side], *ends_[side]);
    RouteEnd& end = *ends_[side];
    Ref<Binding> unfenced;
    {
      std::lock_guard lock(end.get.lock);
      if (!end.Rearm(spent)) continue;
      if (end.FenceArmed()) unfenced = end.binding_ref();
    }
    if (unfenced) unfenced->driver().SleeperBarrier();
    armed = true;
  }
  return armed;
}

// Under the lock of that end: whether a peer that is gone left more than it had
// memory for. Then its lane has no end.
bool Relay::ForwardsInVain(int from, const ParcelView& view) {
  const RouteEnd& in = *ends_[from];
  const Binding& source = *in.get.sources[in.get.front.source];
  if (source.is_local() || !source.gone()) return false;
  left_[from] += view.record.header.bytes;
  return left_[from] > source.link()->peer_memory().bytes();
}

Relay::Forwarded Relay::Forward(int from) {
  RouteEnd& in = *ends_[from];
  RouteEnd& out = *ends_[1 - from];
  for (;;) {
    ParcelView view;
    PutContents contents;
    Attachments attachments;
    Ref<Binding> source;
    Found found;
    auto claimed = RouteEnd::ClaimResult::kOk;
    uint64_t memory_needed = 0;
    {
      std::lock_guard lock(in.get.lock);
      found = in.Front(&view);
      source = in.get.sources[in.get.front.source];
      if (found == Found::kParcel && ForwardsInVain(from, view)) found = Found::kClosed;
      if (found == Found::kParcel) claimed = in.ClaimAttachments(view, &memory_needed);
      if (claimed == RouteEnd::ClaimResult::kPeerBroken) found = Found::kPeerBroken;
      if (found == Found::kNothing) return Forwarded::kAll;
      if (found == Found::kClosed) return Forwarded::kEnded;
      if (found == Found::kMoved) break;
      // Of a parcel that was got in part before the portal was sent, the rest.
      attachments = in.get.front_attachments;
      contents.data = view.payload + in.get.front_bytes_taken;
      contents.num_bytes = view.bytes - in.get.front_bytes_taken;
    }
    if (found == Found::kPeerBroken) {
      source->Break("a record that cannot be");
      if (!source->gone()) return Forwarded::kEnded;
      continue;
    }
    if (claimed == RouteEnd::ClaimResult::kNeedsMemory) {
      if (source->link()->ProvideToAccept(memory_needed) == IPCZ_RESULT_OK) continue;
      starved_ = !source->memory().may_provide();
      return starved_ ? Forwarded::kEnded : Forwarded::kNoRoom;
    }
    // The payload stays where it is until our head passes it.
    const PutLimits limits = {kForwardedParcelsMax,
                              std::max<uint64_t>(kForwardedBytesMax, contents.num_bytes)};
    const bool passes = !dropped_[from] && !GoesRound(attachments);
    const IpczResult result =
        passes ? PutAttachments(out, contents, attachments, limits) : IPCZ_RESULT_NOT_FOUND;
    if (result == IPCZ_RESULT_RESOURCE_EXHAUSTED) return WaitForRoom(out);
    if (passes && result == IPCZ_RESULT_NOT_FOUND) {
      // Its peer has closed, or its link is about to end: then nothing behind this may
      // arrive either.
      dropped_[from] = true;
      out.EndPuts();
    }
    {
      std::lock_guard lock(in.get.lock);
      in.ConsumeRelayed(view);
    }
    if (result != IPCZ_RESULT_OK) {
      Destroy(std::move(attachments));
      if (result != IPCZ_RESULT_NOT_FOUND) return Forwarded::kEnded;
    }
  }
  // Nothing more comes to `in`.
  return PassOnMoved(out) ? Forwarded::kMoved : WaitForRoom(out);
}

// A parcel, or a mark, waits for memory or for what the far end will consume. If
// neither can come, the route ends.
Relay::Forwarded Relay::WaitForRoom(RouteEnd& out) {
  Ref<Binding> binding;
  bool consumed;
  {
    std::scoped_lock lock(out.put.lock, out.get.lock);
    binding = out.binding_ref();
    consumed = out.ConsumedByPeer() >= out.put.parcels;
  }
  starved_ = consumed && !binding->memory().may_provide();
  return starved_ ? Forwarded::kEnded : Forwarded::kNoRoom;
}

// Who went around us died, or has lost whom it went to: whoever still waits for it
// need not any longer.
void Relay::TellIfLost(int from) {
  if (moved_[1 - from] || told_) return;
  bool lost;
  {
    std::lock_guard lock(ends_[from]->get.lock);
    lost = ends_[from]->binding().gone();
  }
  Key key;
  {
    std::lock_guard lock(mutex_);
    lost = lost || lost_[from];
    key = key_;
  }
  if (!lost) return;
  Ref<Binding> other;
  {
    std::lock_guard lock(ends_[1 - from]->get.lock);
    other = ends_[1 - from]->binding_ref();
  }
  told_ = true;
  other->Say(MessageType::kBroken, key);
}

// Whether there is an out-lane, so that its mark needs no more memory, or none needed.
bool Relay::MakeLane(RouteEnd& out) {
  for (;;) {
    Ref<Binding> binding;
    uint64_t memory_needed = 0;
    {
      std::lock_guard lock(out.put.lock);
      if (out.put.ended || out.put.writer.valid()) return true;
      if (out.Grow(kEndMarkBytes, &memory_needed) != RouteEnd::PutResult::kNeedsMemory) return true;
      binding = out.binding_ref();
    }
    if (binding->memory().Provide(memory_needed) == IPCZ_RESULT_OK) continue;
    return binding->gone();  // then nobody reads it
  }
}

// Ends the out-lane like the in-lane that came to its end.
bool Relay::PassOnMoved(RouteEnd& out) {
  if (!MakeLane(out)) return false;
  WakeActions actions;
  {
    std::lock_guard lock(out.put.lock);
    if (out.put.ended || !out.put.writer.valid()) return true;
    out.put.writer.End(RecordKind::kMoved, 0);
    out.put.ended = true;
    out.LookAtReaders(true, &actions);
  }
  RouteEnd::Perform(actions);
  return true;
}

// What the far end behind `out` consumed was consumed of what came through `in`.
void Relay::ForwardCounts(RouteEnd& out, RouteEnd& in) {
  uint64_t parcels;
  uint64_t bytes;
  {
    std::lock_guard lock(out.get.lock);
    parcels = out.ConsumedByPeer();
    bytes = out.BytesConsumedByPeer();
  }
  WakeActions actions;
  {
    std::lock_guard lock(in.get.lock);
    // Not before what was consumed earlier, nor beyond what was forwarded.
    parcels = std::min(parcels, in.get.relayed);
    if (parcels <= in.get.parcels && bytes <= in.get.bytes) return;
    in.get.parcels = std::max(in.get.parcels, parcels);
    in.get.bytes = std::max(in.get.bytes, bytes);
    in.ShowConsumed();
    in.LookAtWriters(false, &actions);
  }
  RouteEnd::Perform(actions);
}

// For those who ask how long their route is.
void Relay::ShowHops(RouteEnd& out, RouteEnd& in) {
  constexpr uint32_t kHopsMax = 1 << 16;  // what a peer says is a hint
  uint32_t hops;
  {
    std::lock_guard lock(out.get.lock);
    hops = std::min(out.HopsBeyond(), kHopsMax) + 1;
  }
  std::lock_guard lock(in.get.lock);
  in.binding().own().attention.hops.store(hops, std::memory_order_relaxed);  // a hint
}

// One of the far ends has closed, or is lost: nothing can reach it, so what
// still comes from the other one is destroyed like at any closed portal.
void Relay::Uncouple() {
  bool moving;
  {
    std::lock_guard lock(mutex_);
    moving = step_ > Step::kLocking;
  }
  GiveUp(Step::kBypassing, true);
  Ref<Binding> edges[2];
  bool lost = starved_;
  for (int side = 0; side < 2; ++side) {
    std::lock_guard lock(ends_[side]->get.lock);
    edges[side] = ends_[side]->binding_ref();
    lost = lost || edges[side]->gone();
    ends_[side]->get.relay = nullptr;
  }
  for (const Ref<RouteEnd>& end : ends_) end->Close();
  if (!moving || !lost) return;
  // Who has gone around us already goes no further than to our end, though what is
  // behind that may be whole.
  for (const Ref<Binding>& edge : edges) edge->Say(MessageType::kBroken);
}

}  // namespace ringway
