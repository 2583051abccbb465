// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What a link does with the messages of its peer. False ends the link.

#include <algorithm>

#include "engine/link/link.h"
#include "engine/node/node.h"
#include "engine/route/route_end.h"

namespace ringway {

namespace {

constexpr size_t kWaitingMax = 1 << 16;

}  // namespace

bool Link::Handle(Message& message) {
  if (message.relayed()) return OnRelayed(message);
  const bool connected = up();
  if (connected == (message.type() == MessageType::kConnect)) {
    Break(connected ? "a second connect message"
                    : "a message before its connect message (type " +
                          std::to_string(static_cast<uint32_t>(message.type())) + ")");
    return false;
  }
  if (WaitsForMemory(message)) {
    waiting_.push_back(std::move(message));
    if (waiting_.size() <= kWaitingMax) return true;
    Break("too much about memory that it has not sent");
    return false;
  }
  switch (message.type()) {
    case MessageType::kConnect:
      return OnConnect(message);
    case MessageType::kAddSegment:
      return OnAddSegment(message);
    case MessageType::kDropSegment:
      return OnDropSegment(message);
    case MessageType::kReady:
      if (Ref<RouteEnd> end = EndOf(message.body<ReadyBody>().sublink)) end->PeerChanged();
      return true;
    case MessageType::kObjects:
      return OnObjects(message);
    case MessageType::kFreed:
      return OnFreed(message.body<FreedBody>());
    case MessageType::kRequestIntroduction:
    case MessageType::kNoIntroduction:
    case MessageType::kIntroduce:
      return OnIntroduction(message);
    case MessageType::kSeek:
    case MessageType::kFound:
      return OnSearch(message);
    case MessageType::kRequestMemory:
    case MessageType::kProvideMemory:
      return OnMemoryMessage(message);
    case MessageType::kRelay:
      return OnRelay(message);
    case MessageType::kNotRelayed:
      return OnNotRelayed(message.body<RelayBody>());
    default:
      return OnRoute(message);
  }
}

// Messages about routes count on what was sent before them, which may take longer:
// through the broker, or because its memory was borrowed.
bool Link::WaitsForMemory(const Message& message) {
  switch (message.type()) {
    case MessageType::kReady:
      return !waiting_.empty();
    case MessageType::kFreed:
      return !waiting_.empty() || !HasArrived(message.body<FreedBody>().announced);
    default:
      return message.type() >= MessageType::kWant &&
             (!waiting_.empty() || !HasArrived(message.body<RouteBody>().announced));
  }
}

bool Link::HasArrived(const Announced& announced) const {
  const auto reached = [](uint32_t has, uint32_t count) {
    return static_cast<int32_t>(count - has) <= 0;
  };
  return reached(arrived_.segments, announced.segments) &&
         reached(arrived_.batches, announced.batches);
}

// False: the link has ended.
bool Link::HandleWaiting() {
  for (Message& waiting : std::exchange(waiting_, {})) {
    if (!Handle(waiting)) return false;
  }
  return true;
}

// A route may have ended here by the time its neighbours write about it.
bool Link::OnRoute(Message& message) {
  const auto body = message.body<RouteBody>();
  if (message.type() == MessageType::kAttach) return OnAttach(body);
  Ref<RouteEnd> end;
  Ref<Binding> edge;
  {
    std::lock_guard lock(mutex_);
    const Sublink* const found =
        body.edge < kRouteEndsMax ? sublinks_.Find(static_cast<uint32_t>(body.edge)) : nullptr;
    if (found) {
      end = found->end;
      edge = found->binding;
    }
  }
  if (end && edge) {
    end->OnRouteMessage(edge, message.type(), KeyOf(body.key), KeyOf(body.node));
  }
  return true;
}

bool Link::OnAttach(const RouteBody& body) {
  const auto sublink = static_cast<uint32_t>(body.edge);
  uint64_t memory_needed = 0;
  Resolved prepared;
  while ((prepared = PrepareAccept(sublink, &memory_needed)) == Resolved::kPending) {
    if (ProvideToAccept(memory_needed) != IPCZ_RESULT_OK) break;
  }
  if (prepared == Resolved::kPeerBroken || body.edge != sublink) {
    Break("an end that cannot be attached");
    return false;
  }
  const Ref<RouteEnd> end = node_->TakeAwaited(KeyOf(body.key), peer_name_);
  const Ref<RouteEnd> nobody = RouteEnd::Create(node_);
  Ref<Binding> edge;
  bool attached = false;
  {
    std::lock_guard entering(entering_mutex_);
    uint64_t unused;
    if (RouteEndBlock* own = memory_->RouteEnd(sublink, &unused)) {
      edge = MakeRef<Binding>(Ref<Link>(this), sublink, own);
      nobody->Bind(edge);
      attached = Attach(edge, end ? end : nobody);
    }
  }
  if (attached && end && end->MoveTo(nullptr, edge)) return true;
  if (attached) {
    // It finds a closed portal here, which destroys what is put into it.
    Reassign(*edge, nobody);
    nobody->LookAtLinks();
    nobody->Close();
  } else if (!edge) {
    Log(RINGWAY_LOG_ERROR, "link ended: no memory for an end that was attached");
    Down();
  }
  if (end) end->LoseNextLane();
  return attached;
}

// Lists an end that the peer has attached to. False: the link has ended.
bool Link::Attach(const Ref<Binding>& edge, Ref<RouteEnd> end) {
  std::lock_guard lock(mutex_);
  if (state_ == State::kDown) return false;
  List(std::move(end), edge);
  edge->ShowOpen();
  return true;
}

bool Link::RolesAgree(uint32_t peer_flags, std::string* why) const {
  const auto has = [](uint32_t flags, uint32_t flag) { return (flags & flag) != 0; };
  if (has(connect_flags_ & peer_flags, kConnectIntroduced)) return true;  // by who knows us both
  if (has(connect_flags_ | peer_flags, kConnectIntroduced)) {
    *why = "the other node was not introduced";
    return false;
  }
  const bool we_are_broker = has(connect_flags_, kConnectIsBroker);
  const bool peer_is_broker = has(peer_flags, kConnectIsBroker);
  const bool to_broker = has(connect_flags_, kConnectToBroker);
  if (to_broker && !peer_is_broker) {
    *why = "the other node is not a broker (one side must create its node as one)";
  } else if (!to_broker && peer_is_broker) {
    *why = "the other node is a broker (connect with IPCZ_CONNECT_NODE_TO_BROKER)";
  } else if (we_are_broker && !has(peer_flags, kConnectToBroker)) {
    *why = "the other node did not expect a broker";
  } else if (!we_are_broker && !peer_is_broker &&
             (has(connect_flags_, kConnectInheritsBroker) !=
                  has(peer_flags, kConnectSharesBroker) ||
              has(connect_flags_, kConnectSharesBroker) !=
                  has(peer_flags, kConnectInheritsBroker) ||
              !has(connect_flags_ | peer_flags, kConnectInheritsBroker))) {
    *why = "of two nodes that are no brokers one must inherit a broker and the other share it";
  }
  return why->empty();
}

// Names are not proven, but nobody gets what was meant for another one.
bool Link::MayBe(const Key& name, std::string* why) const {
  if (introduced_to_ != Key{} && name != introduced_to_) {
    *why = "the other node is not the one that was introduced";
  } else if (to_client() && node_->LinkInNetwork(name)) {
    *why = "a node of that name is connected already";
  }
  return why->empty();
}

// False: the link has ended. Initial portals that the peer does not have go to `excess`.
bool Link::GetUp(const ConnectBody& body,
                 std::vector<std::pair<Ref<RouteEnd>, Ref<Binding>>>* excess) {
  std::lock_guard lock(mutex_);
  if (state_ != State::kConnecting) return false;
  peer_name_ = KeyOf(body.name);
  peers_number_ = body.link;
  peer_flags_ = body.flags;
  for (uint32_t i = body.initial_portals; i < initial_portals_; ++i) {
    Sublink sublink = sublinks_.Remove(i);
    if (sublink.end) excess->emplace_back(std::move(sublink.end), std::move(sublink.binding));
  }
  // Of two brokers the names decide; nobody has asked for the tokens yet.
  if (to_other_broker() && node_->key() < peer_name_) {
    for (uint32_t i = 0; i < kInitialPortalsMax; ++i) {
      if (Sublink* const sublink = sublinks_.Find(i)) sublink->binding->token().Start(true);
    }
  }
  state_ = State::kUp;
  Show(kLinkUp);
  return true;
}

bool Link::OnConnect(Message& message) {
  const auto body = message.body<ConnectBody>();
  if (body.magic != kConnectMagic) {
    Break("something that is no connect message");
    return false;
  }
  if (body.wire_version != kWireVersion || body.layout_version != kLayoutVersion) {
    Log(RINGWAY_LOG_ERROR, "connection refused: the peer speaks wire version " +
                               std::to_string(body.wire_version) + "." +
                               std::to_string(body.layout_version) + ", we speak " +
                               std::to_string(kWireVersion) + "." + std::to_string(kLayoutVersion) +
                               " (use the same Ringway on both sides)");
    Down();
    return false;
  }
  std::string why;
  if (!RolesAgree(body.flags, &why) || !MayBe(KeyOf(body.name), &why)) {
    Log(RINGWAY_LOG_ERROR, "connection refused: " + why);
    Down();
    return false;
  }
  // The object is taken last: what is not taken is closed with the message.
  const auto has_memory = [&] {
    if (body.segment_bytes == 0) return message.objects() == 0;  // it comes later
    const IpczDriverHandle memory =
        message.objects() == 0 ? IPCZ_INVALID_DRIVER_HANDLE : message.TakeObject(0, transport_);
    return memory != IPCZ_INVALID_DRIVER_HANDLE && peer_memory_.Add(0, body.segment_bytes, memory);
  };
  if ((body.flags & ~kConnectFlagsKnown) != 0 || body.initial_portals > kInitialPortalsMax ||
      !has_memory()) {
    Break("a connect message that does not hold");
    return false;
  }
  std::vector<std::pair<Ref<RouteEnd>, Ref<Binding>>> excess;
  if (!GetUp(body, &excess)) return false;
  const bool fenceless = driver_->has_barrier() && (body.flags & kConnectHasBarrier) != 0;
  may_omit_fences_.store(fenceless, std::memory_order_relaxed);  // a wrong answer costs a fence
  for (auto& [end, binding] : excess) {
    end->PeerGone(*this);
    end->ReleaseLanes(*binding);
  }
  SendHeld();
  node_->OnLinkUp(*this, body.flags);
  for (Ref<RouteEnd>& end : Ends()) {
    if (fenceless) end->binding().AllowOmittingFences();
    end->LookAgain();
    end->PeerChanged();  // a sink sees what was put before there was a link
  }
  for (Message& early : std::exchange(early_, {})) {
    if (!OnRelayed(early)) return false;
  }
  return true;
}

bool Link::OnDropSegment(Message& message) {
  if (peer_memory_.Remove(message.body<DropSegmentBody>().segment)) return true;
  Break("the end of a segment that there is not");
  return false;
}

bool Link::OnAddSegment(Message& message) {
  const auto body = message.body<AddSegmentBody>();
  IpczDriverHandle memory = IPCZ_INVALID_DRIVER_HANDLE;
  if (peer_memory_.segments() >= node_->peer_segments_max() ||
      (memory = message.TakeObject(0, transport_)) == IPCZ_INVALID_DRIVER_HANDLE ||
      !peer_memory_.Add(body.segment, body.bytes, memory)) {
    Break("a segment that does not hold");
    return false;
  }
  // Records may have hidden because they name it, and route ends may lie in it.
  for (Ref<RouteEnd>& end : Ends()) {
    end->LookAgain();
    end->PeerChanged();
  }
  ++arrived_.segments;
  return HandleWaiting();
}

bool Link::OnObjects(Message& message) {
  const auto body = message.body<ObjectsBody>();
  Attachments boxes;
  for (size_t i = 0; i < message.objects(); ++i) {
    const IpczDriverHandle object = message.TakeObject(i, transport_);
    if (object == IPCZ_INVALID_DRIVER_HANDLE) {
      Break("an object that the driver refuses");
      return false;
    }
    boxes.push_back(MakeRef<Box>(driver_, object));
  }
  const uint32_t sublink = body.sublink;
  const uint64_t waiting = objects_here_->objects.load(std::memory_order_relaxed);  // a limit
  const bool ok = sublink < kRouteEndsMax && waiting + boxes.size() <= kUnclaimedObjectsMax;
  if (!ok || !KeepObjects(sublink, body.batch, boxes)) {
    Break("objects that nobody can claim");
    return false;
  }
  if (Ref<RouteEnd> end = EndOf(sublink)) end->PeerChanged();
  ++arrived_.batches;
  return HandleWaiting();
}

}  // namespace ringway
