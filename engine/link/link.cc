// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/link/link.h"

#include <algorithm>

#include "engine/node/node.h"
#include "engine/route/route_end.h"

namespace ringway {

Link::Link(Ref<Node> node, IpczDriverHandle transport, uint32_t connect_flags)
    : node_(std::move(node)),
      driver_(node_->driver()),
      transport_(transport),
      connect_flags_(connect_flags),
      number_(node_->NextLinkNumber()),
      memory_(MakeRef<LinkMemory>(driver_, node_->link_bytes_max(), node_->loans().borrows())),
      peer_memory_(driver_) {}

Link::~Link() = default;

IpczResult Link::Connect(Ref<Node> node, IpczDriverHandle transport, uint32_t connect_flags,
                         size_t num_initial_portals, std::vector<Ref<RouteEnd>>* ends,
                         const Key& introduced_to) {
  Ref<Link> link(new Link(std::move(node), transport, connect_flags));
  link->introduced_to_ = introduced_to;
  IpczDriverHandle memory = IPCZ_INVALID_DRIVER_HANDLE;
  const IpczResult started = link->memory_->Start(&memory);
  if (started != IPCZ_RESULT_OK) return started;
  if (memory == IPCZ_INVALID_DRIVER_HANDLE) link->CountBorrowed();
  link->Show(kLinkConnecting);
  for (uint32_t i = 0; i < num_initial_portals; ++i) {
    uint64_t unused;
    RouteEndBlock* own = link->memory_->RouteEnd(i, &unused);  // the first page fits segment 0
    Ref<RouteEnd> end = RouteEnd::Create(link->node_);
    end->Bind(MakeRef<Binding>(link, i, own));
    link->List(end, end->binding_ref());
    ends->push_back(std::move(end));
  }
  link->initial_portals_ = num_initial_portals;
  link->AddRef();  // the transport's; dropped once it is deactivated
  const auto context = reinterpret_cast<IpczHandle>(link.get());
  const IpczDriver& driver = link->driver_->table();
  const IpczResult activated =
      driver.ActivateTransport(transport, context, &OnActivity, IPCZ_NO_FLAGS, nullptr);
  if (activated != IPCZ_RESULT_OK) {
    link->driver_->Close(memory);
    for (Ref<RouteEnd>& end : *ends) end->binding().SetGone();
    ends->clear();
    link->sublinks_ = SublinkTable();
    link->Release();
    return activated == IPCZ_RESULT_RESOURCE_EXHAUSTED ? activated : IPCZ_RESULT_INVALID_ARGUMENT;
  }
  // From here on the transport is ours, and failure means a link that is down. It is
  // held until all is said, whenever the link ends.
  const Ref<Transport> held = MakeRef<Transport>(link->driver_, transport);
  {
    std::lock_guard lock(link->mutex_);
    link->open_transport_ = held;
  }
  link->memory_->SetAnnouncer(link.get());
  link->node_->AddLink(link);
  // The end may have come before there was anything for it to take back.
  Ref<Transport> ended;
  bool down;
  {
    std::lock_guard lock(link->mutex_);
    down = link->state_ == State::kDown;
    if (down) ended = std::move(link->open_transport_);
  }
  if (down) {
    link->memory_->SetAnnouncer(nullptr);
    link->node_->RemoveLink(*link);
  }
  if (ended) driver.DeactivateTransport(ended->handle, IPCZ_NO_FLAGS, nullptr);
  const IpczResult sent = link->SendConnect(memory);
  if (sent == IPCZ_RESULT_PERMISSION_DENIED) {
    Log(RINGWAY_LOG_ERROR,
        "link ended: its memory can only come by way of a broker, and this node has none yet "
        "(connect it to a broker)");
  }
  if (sent != IPCZ_RESULT_OK) link->Down();
  if ((connect_flags & kConnectToDelegate) != 0) link->node_->SetDelegate(link);
  if (memory == IPCZ_INVALID_DRIVER_HANDLE) link->Borrow(0, link->memory_->segment_bytes());
  // What has arrived meanwhile waited, so that no answer to it went before that.
  static_cast<void>(link->ReadInbox(nullptr));
  return IPCZ_RESULT_OK;
}

IpczResult Link::SendConnect(IpczDriverHandle memory) {
  ConnectBody body = {};
  body.magic = kConnectMagic;
  body.wire_version = kWireVersion;
  body.layout_version = kLayoutVersion;
  body.name[0] = node_->name()[0];
  body.name[1] = node_->name()[1];
  body.flags = connect_flags_ | (driver_->has_barrier() ? kConnectHasBarrier : 0);
  body.initial_portals = static_cast<uint32_t>(initial_portals_);
  body.segment_bytes = memory_->segment_bytes();
  body.link = number_;
  IpczResult result = IPCZ_RESULT_PERMISSION_DENIED;
  if (memory != IPCZ_INVALID_DRIVER_HANDLE) {
    MessageBuilder message(MessageType::kConnect, body);
    result = message.AddObject(*driver_, transport_, memory);
    if (result == IPCZ_RESULT_OK) return Send(std::move(message));
  }
  if (result == IPCZ_RESULT_PERMISSION_DENIED) {
    body.segment_bytes = 0;
    result = Send(MessageBuilder(MessageType::kConnect, body));
    if (result == IPCZ_RESULT_OK && memory != IPCZ_INVALID_DRIVER_HANDLE) {
      return AnnounceSegment(0, memory_->segment_bytes(), memory);
    }
  }
  driver_->Close(memory);
  return result;
}

void Link::Show(uint32_t link_state) {
  LinkLine& line = memory_->link_line();
  // All of it is a hint, for who looks from outside.
  constexpr std::memory_order kHint = std::memory_order_relaxed;
  if (link_state == kLinkConnecting) {
    line.connect_flags = connect_flags_;
    std::copy_n(node_->name(), 2, line.node);
  }
  if (link_state == kLinkUp) {
    line.peer_link.store(peer_memory_.link_number(), kHint);
    for (size_t i = 0; i < peer_name_.size(); ++i) line.peer_node[i].store(peer_name_[i], kHint);
  }
  line.state.store(link_state, kHint);
}

bool Link::up() const {
  std::lock_guard lock(mutex_);
  return state_ == State::kUp;
}

bool Link::down() const {
  std::lock_guard lock(mutex_);
  return state_ == State::kDown;
}

bool Link::cannot_send() const {
  std::lock_guard lock(mutex_);
  return cannot_send_ || state_ == State::kDown;
}

Ref<Link::Transport> Link::OpenTransport() const {
  std::lock_guard lock(mutex_);
  return open_transport_;
}

IpczResult Link::Send(MessageBuilder message) {
  if (message.type() == MessageType::kObjects) {
    announced_batches_.fetch_add(1, std::memory_order_relaxed);  // a count
  }
  if (message.relayed()) return SendRelayed(std::move(message));
  Ref<Transport> transport;
  {
    std::lock_guard lock(mutex_);
    if (!cannot_send_) transport = open_transport_;
  }
  if (!transport) {
    message.Drop(*driver_);
    return IPCZ_RESULT_NOT_FOUND;
  }
  const std::span<const std::byte> bytes = message.Finish();
  node_->CountMessageSent();
  const IpczResult result = driver_->Transmit(transport->handle, bytes, message.handles());
  // What the peer sent before it went away may still be on its way to us: the
  // driver reports the error once it has delivered that.
  if (result != IPCZ_RESULT_OK) {
    std::lock_guard lock(mutex_);
    cannot_send_ = true;
  }
  return result;
}

void Link::SendReady(uint32_t sublink) {
  // A link that is down needs no waking: its own end has woken everybody.
  static_cast<void>(Send(MessageBuilder(MessageType::kReady, ReadyBody{PeerSublink(sublink), 0})));
}

uint64_t Link::NextBatch() { return next_batch_.fetch_add(1, std::memory_order_relaxed); }

IpczResult Link::SerializeBoxes(const Attachments& boxes, MessageBuilder* message) {
  // Once relayed, always: so batches arrive in their order.
  if (!relays()) {
    const IpczResult result = SerializeEach(boxes, *this, message);
    if (result != IPCZ_RESULT_PERMISSION_DENIED) return result;
  }
  const Ref<Link> broker = RelayingBroker();
  if (!broker) return IPCZ_RESULT_PERMISSION_DENIED;
  message->SetRelayed();
  return SerializeEach(boxes, *broker, message);
}

IpczResult Link::SerializeEach(const Attachments& boxes, const Link& through,
                               MessageBuilder* message) {
  for (size_t i = 0; i < boxes.size(); ++i) {
    auto* box = static_cast<Box*>(boxes[i].get());
    const IpczDriverHandle object = box->Take();
    const IpczResult result = object == IPCZ_INVALID_DRIVER_HANDLE
                                  ? IPCZ_RESULT_INVALID_ARGUMENT
                                  : through.AddDirectly(message, object);
    if (result == IPCZ_RESULT_OK) continue;
    box->Restore(object);
    std::vector<IpczDriverHandle> objects;
    message->TakeBack(*driver_, &objects);
    for (size_t j = 0; j < objects.size(); ++j)
      static_cast<Box*>(boxes[j].get())->Restore(objects[j]);
    return result;
  }
  return IPCZ_RESULT_OK;
}

IpczResult Link::AnnounceSegment(uint32_t segment, uint64_t bytes, IpczDriverHandle memory) {
  return SendSegment(segment, bytes, memory, false);
}

IpczResult Link::SendSegment(uint32_t segment, uint64_t bytes, IpczDriverHandle memory,
                             bool counted) {
  MessageBuilder message(MessageType::kAddSegment, AddSegmentBody{segment, 0, bytes});
  const IpczResult result = AddObject(&message, memory);
  if (result != IPCZ_RESULT_OK) {
    driver_->Close(memory);
    return result;
  }
  if (!counted) announced_segments_.fetch_add(1, std::memory_order_relaxed);  // a count
  return Send(std::move(message));
}

void Link::WithdrawSegment(uint32_t segment) {
  MessageBuilder message(MessageType::kDropSegment, DropSegmentBody{segment, 0});
  if (relays()) message.SetRelayed();  // so that it does not overtake what brought the segment
  static_cast<void>(Send(std::move(message)));
}

IpczResult IPCZ_API Link::OnActivity(IpczHandle context, const void* data, size_t num_bytes,
                                     const IpczDriverHandle* handles, size_t num_handles,
                                     IpczTransportActivityFlags flags, const void*) {
  auto* link = reinterpret_cast<Link*>(context);
  if ((flags & IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED) != 0) {
    link->Down();
    link->Release();
    return IPCZ_RESULT_OK;
  }
  if ((flags & IPCZ_TRANSPORT_ACTIVITY_ERROR) != 0) {
    link->Down();
    return IPCZ_RESULT_OK;
  }
  return link->Receive(Message({static_cast<const std::byte*>(data), num_bytes},
                               {handles, num_handles}, link->driver_));
}

// A driver may call us from within one of our own calls to it. What arrives
// then waits until the outer frame is done with its message.
IpczResult Link::Receive(Message message) {
  node_->CountMessageReceived();
  {
    std::lock_guard lock(inbox_mutex_);
    if (receiving_) {
      inbox_.push_back(std::move(message));
      return IPCZ_RESULT_OK;
    }
    receiving_ = true;
  }
  return ReadInbox(&message);
}

bool Link::ReadMessage(Message& message) {
  if (message.Parse()) return Handle(message);
  Break("a message that is none");
  return false;
}

// With `receiving_` set: `first`, if there is one, and what waits.
IpczResult Link::ReadInbox(Message* first) {
  Ref<Link> self(this);
  const Ref<Transport> held = OpenTransport();  // objects are taken from it
  bool ok = !first || ReadMessage(*first);
  std::deque<Message> unread;  // freed without the lock
  for (;;) {
    std::optional<Message> next;
    {
      std::lock_guard lock(inbox_mutex_);
      if (inbox_.empty() || !ok) {
        receiving_ = false;
        unread.swap(inbox_);
        break;
      }
      next.emplace(std::move(inbox_.front()));
      inbox_.pop_front();
    }
    ok = ReadMessage(*next);
  }
  return ok ? IPCZ_RESULT_OK : IPCZ_RESULT_INVALID_ARGUMENT;
}

void Link::Down() {
  Ref<Link> self(this);
  Ref<Transport> transport;
  SublinkTable sublinks;
  std::deque<MessageBuilder> held;
  bool never_up;
  {
    std::lock_guard lock(mutex_);
    if (state_ == State::kDown) return;
    never_up = state_ == State::kConnecting;
    if (never_up) node_->CountLinkRefused();
    state_ = State::kDown;
    Show(kLinkDown);
    transport = std::move(open_transport_);
    std::swap(sublinks, sublinks_);
    held.swap(held_);
    // Objects that have arrived stay for records that have, too.
  }
  for (MessageBuilder& message : held) message.Drop(*driver_);
  memory_->SetAnnouncer(nullptr);
  node_->RemoveLink(*this);
  const Key& name = never_up ? introduced_to_ : peer_name_;
  if (name != Key{} && !node_->LinkTo(name)) node_->NoLinkTo(name);
  sublinks.ForEach([this](Sublink& sublink) {
    if (sublink.end) sublink.end->PeerGone(*this);
  });
  if (transport) {
    driver_->table().DeactivateTransport(transport->handle, IPCZ_NO_FLAGS, nullptr);
  }
}

void Link::Break(const std::string& what) {
  {
    std::lock_guard lock(mutex_);
    if (state_ == State::kDown) return;
  }
  node_->CountLinkBroken();
  Log(RINGWAY_LOG_ERROR, "link ended: the peer sent " + what);
  Down();
}

}  // namespace ringway
