// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Messages whose objects the driver does not carry between two nodes that are no
// brokers: they go to the broker, which hands them on. docs/protocol.md, "Relayed
// objects".

#include "engine/link/link.h"
#include "engine/node/node.h"

namespace ringway {

namespace {

constexpr size_t kEarlyMax = 4096;  // as many as segments

bool MayBeRelayed(uint32_t type) {
  switch (static_cast<MessageType>(type)) {
    case MessageType::kAddSegment:
    case MessageType::kDropSegment:
    case MessageType::kObjects:
    case MessageType::kProvideMemory:
      return true;
    default:
      return false;
  }
}

}  // namespace

bool Link::IsTo(const Key& peer, uint64_t peers_number) const {
  std::lock_guard lock(mutex_);
  return state_ == State::kUp && peer_name_ == peer && peers_number_ == peers_number;
}

// Null if there is none, or if this is the link to it.
Ref<Link> Link::RelayingBroker() const {
  if (node_->is_broker()) return nullptr;
  const Ref<Link> broker = node_->LinkToBroker();
  return broker.get() == this ? nullptr : broker;
}

// Serializes for the peer or, if the driver has it so, for the broker.
IpczResult Link::AddObject(MessageBuilder* message, IpczDriverHandle object) {
  if (!relays()) {
    const IpczResult result = AddDirectly(message, object);
    if (result != IPCZ_RESULT_PERMISSION_DENIED) return result;
  }
  const Ref<Link> broker = RelayingBroker();
  if (!broker) return IPCZ_RESULT_PERMISSION_DENIED;
  message->SetRelayed();
  return broker->AddDirectly(message, object);
}

IpczResult Link::AddDirectly(MessageBuilder* message, IpczDriverHandle object) const {
  const Ref<Transport> transport = OpenTransport();
  if (!transport) return IPCZ_RESULT_NOT_FOUND;
  return message->AddObject(*driver_, transport->handle, object);
}

IpczResult Link::SendRelayed(MessageBuilder message) {
  relays_.store(true, std::memory_order_relaxed);  // a lock follows
  bool down;
  {
    std::lock_guard lock(mutex_);
    down = state_ == State::kDown;
    if (!down && (state_ == State::kConnecting || !held_.empty())) {
      held_.push_back(std::move(message));
      return IPCZ_RESULT_OK;
    }
  }
  if (!down) return RelayNow(&message);
  message.Drop(*driver_);
  return IPCZ_RESULT_NOT_FOUND;
}

IpczResult Link::RelayNow(MessageBuilder* message) {
  const Ref<Link> broker = RelayingBroker();
  RelayBody body = {};
  body.destination[0] = peer_name_[0];
  body.destination[1] = peer_name_[1];
  body.source[0] = node_->name()[0];
  body.source[1] = node_->name()[1];
  body.link = peers_number_;
  MessageBuilder relayed = message->Relay(body);
  if (broker) {
    const IpczResult sent = broker->Send(std::move(relayed));
    if (sent == IPCZ_RESULT_OK) return sent;
  } else {
    relayed.Drop(*driver_);
  }
  Log(RINGWAY_LOG_ERROR, "link ended: there is no broker any more to relay objects");
  Down();
  return IPCZ_RESULT_NOT_FOUND;
}

// The peer is known now. What comes meanwhile queues behind what waits.
void Link::SendHeld() {
  for (;;) {
    std::optional<MessageBuilder> next;
    {
      std::lock_guard lock(mutex_);
      if (held_.empty()) return;
      next.emplace(std::move(held_.front()));
    }
    if (RelayNow(&*next) != IPCZ_RESULT_OK) return;
    std::lock_guard lock(mutex_);
    if (!held_.empty()) held_.pop_front();
  }
}

bool Link::OnRelay(Message& message) {
  auto body = message.body<RelayBody>();
  const Key source = KeyOf(body.source);
  // Of our own network nobody else speaks for a node.
  const bool its_own = to_client() ? source == peer_name_
                                   : (connect_flags_ & kConnectToBroker) != 0 &&
                                         !(to_other_broker() && node_->IsOurs(source));
  if (!its_own || !MayBeRelayed(body.type)) {
    Break("a relayed message that is not its to send");
    return false;
  }
  if (to_client()) body.brokers = 0;
  if (KeyOf(body.destination) != node_->key()) return PassOn(body, message);
  std::vector<IpczDriverHandle> objects;
  for (size_t i = 0; i < message.objects(); ++i) {
    objects.push_back(message.TakeObject(i, transport_));
  }
  Message inner(body, std::move(objects), driver_);
  // A link that has ended needs nothing any more.
  if (const Ref<Link> link = node_->LinkOfNumber(body.link)) {
    static_cast<void>(link->Receive(std::move(inner)));
  }
  return true;
}

// As a broker, towards the node it is for.
bool Link::PassOn(RelayBody body, Message& message) {
  const Ref<Link> next = node_->introductions().WayTo(KeyOf(body.destination));
  bool passed = next && next.get() != this && body.brokers < kBrokersMax;
  ++body.brokers;
  if (passed) {
    MessageBuilder on(MessageType::kRelay, body);
    for (size_t i = 0; i < message.objects() && passed; ++i) {
      const IpczDriverHandle object = message.TakeObject(i, transport_);
      passed =
          object != IPCZ_INVALID_DRIVER_HANDLE && next->AddDirectly(&on, object) == IPCZ_RESULT_OK;
      if (!passed) driver_->Close(object);
    }
    if (passed) {
      passed = next->Send(std::move(on)) == IPCZ_RESULT_OK;
    } else {
      on.Drop(*driver_);
    }
  }
  if (passed) return true;
  Log(RINGWAY_LOG_WARNING, "objects dropped that could not be relayed");
  static_cast<void>(Send(MessageBuilder(MessageType::kNotRelayed, body)));
  return true;
}

// The peer of one of our links waits for something that will never come.
bool Link::OnNotRelayed(const RelayBody& body) {
  if ((connect_flags_ & kConnectToBroker) == 0) {
    Break("the end of a relayed message from a node that is no broker");
    return false;
  }
  const Key source = KeyOf(body.source);
  if (source != node_->key()) {
    const Ref<Link> back = node_->introductions().WayTo(source);
    if (back && back.get() != this) {
      static_cast<void>(back->Send(MessageBuilder(MessageType::kNotRelayed, body)));
    }
    return true;
  }
  if (const Ref<Link> link = node_->LinkOfPeer(KeyOf(body.destination), body.link)) {
    Log(RINGWAY_LOG_ERROR, "link ended: the broker could not relay an object");
    link->Down();
  }
  return true;
}

// One that came through our broker for this link.
bool Link::OnRelayed(Message& message) {
  if (!up()) {
    if (early_.size() < kEarlyMax) {
      early_.push_back(std::move(message));
      return true;
    }
    Break("more by way of the broker than it may before its connect message");
    return false;
  }
  // Someone else gave the number of this link; that is not the peer's fault.
  if (message.source() != peer_name_) return true;
  switch (message.type()) {
    case MessageType::kAddSegment:
      return OnAddSegment(message);
    case MessageType::kDropSegment:
      return OnDropSegment(message);
    case MessageType::kObjects:
      return OnObjects(message);
    default:
      return OnMemoryMessage(message);
  }
}

}  // namespace ringway
