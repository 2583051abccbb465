// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/node/node.h"

#include <algorithm>
#include <new>
#include <shared_mutex>

#include "engine/route/route_end.h"

namespace ringway {

namespace {

struct LogSink {
  std::shared_mutex mutex;
  RingwayLogHandler handler = nullptr;
  void* context = nullptr;

  static LogSink& Get() {
    static LogSink* const sink = new LogSink;  // outlives every thread that may still log
    return *sink;
  }
};

}  // namespace

void Log(int severity, const std::string& text) {
  LogSink& sink = LogSink::Get();
  std::shared_lock lock(sink.mutex);
  if (sink.handler) sink.handler(severity, text.c_str(), sink.context);
}

void SetLogHandler(RingwayLogHandler handler, void* context) {
  LogSink& sink = LogSink::Get();
  std::unique_lock lock(sink.mutex);
  sink.handler = handler;
  sink.context = context;
}

Node::Node(Ref<DriverPort> driver, bool broker)
    : HandleObject(kHandleKind), driver_(std::move(driver)), broker_(broker) {
  // A name that is not random is still a name: nothing is trusted because of it.
  static_cast<void>(driver_->Random(name_.data(), sizeof(name_)));
  if (!driver_->shows_memory() ||
      driver_->Allocate(sizeof(NodePage), &page_memory_) != IPCZ_RESULT_OK) {
    return;  // works as well, and is not shown
  }
  driver_->Close(page_memory_.memory);
  page_ = new (page_memory_.address) NodePage{};
  page_->layout_version = kLayoutVersion;
  page_->flags = broker ? kNodeIsBroker : 0;
  std::copy(name_.begin(), name_.end(), page_->name);
  page_->magic = kNodeMagic;
}

Node::~Node() { driver_->Close(page_memory_.mapping); }

IpczResult Node::ConnectFlags(IpczConnectNodeFlags flags, uint32_t* connect_flags) {
  constexpr IpczConnectNodeFlags kKnown =
      IPCZ_CONNECT_NODE_TO_BROKER | IPCZ_CONNECT_NODE_INHERIT_BROKER |
      IPCZ_CONNECT_NODE_SHARE_BROKER | IPCZ_CONNECT_NODE_TO_ALLOCATION_DELEGATE;
  const bool to_broker = (flags & IPCZ_CONNECT_NODE_TO_BROKER) != 0;
  const bool inherits = (flags & IPCZ_CONNECT_NODE_INHERIT_BROKER) != 0;
  const bool shares = (flags & IPCZ_CONNECT_NODE_SHARE_BROKER) != 0;
  if ((flags & ~kKnown) != 0) return IPCZ_RESULT_INVALID_ARGUMENT;
  if (to_broker + inherits + shares > 1) return IPCZ_RESULT_INVALID_ARGUMENT;
  std::lock_guard lock(mutex_);
  if (closed_) return IPCZ_RESULT_INVALID_ARGUMENT;
  if (broker_ && (inherits || shares)) return IPCZ_RESULT_INVALID_ARGUMENT;
  if (has_broker_ && (inherits || to_broker)) return IPCZ_RESULT_INVALID_ARGUMENT;
  if (shares && !has_broker_) return IPCZ_RESULT_INVALID_ARGUMENT;
  // We cannot share what we do not have, and a second broker would be one too
  // many; the role is taken now, so that two connections do not both get it.
  if (!broker_ && (to_broker || inherits)) has_broker_ = true;
  *connect_flags = (broker_ ? kConnectIsBroker : 0) | (to_broker ? kConnectToBroker : 0) |
                   (inherits ? kConnectInheritsBroker : 0) | (shares ? kConnectSharesBroker : 0);
  if ((flags & IPCZ_CONNECT_NODE_TO_ALLOCATION_DELEGATE) != 0) {
    *connect_flags |= kConnectToDelegate;
    loans_.Expect();
  }
  return IPCZ_RESULT_OK;
}

void Node::ConnectFailed(uint32_t connect_flags) {
  if ((connect_flags & kConnectToDelegate) != 0) loans_.NoDelegate();
  const bool took_broker = (connect_flags & (kConnectToBroker | kConnectInheritsBroker)) != 0;
  std::lock_guard lock(mutex_);
  if (!broker_ && took_broker) has_broker_ = false;
}

void Node::AddLink(Ref<Link> link) {
  bool closed;
  {
    std::lock_guard lock(mutex_);
    closed = closed_;
    if (!closed) links_.push_back(link);
  }
  if (closed) link->Down();
}

void Node::RemoveLink(Link& link) {
  std::vector<Key> asked;
  std::vector<Ref<Link>> relaying;
  {
    std::lock_guard lock(mutex_);
    std::erase(links_, Ref<Link>(&link));
    if (!BrokerLink()) {
      for (const auto& [name, each] : asked_for_) asked.push_back(name);
      // What the broker had not handed on yet is lost.
      for (const Ref<Link>& each : links_) {
        if (each->relays()) relaying.push_back(each);
      }
    }
  }
  loans_.OnLinkEnded(link);
  introductions_.OnLinkEnded(link);
  for (const Key& name : asked) NoLinkTo(name);
  for (const Ref<Link>& each : relaying) each->Down();
}

void Node::SetDelegate(Ref<Link> link) {
  {
    std::lock_guard lock(mutex_);
    for (const Ref<Link>& each : links_) each->memory()->SetBorrows();
  }
  loans_.SetDelegate(std::move(link));
}

Ref<Link> Node::LinkOfNumber(uint64_t number) {
  std::lock_guard lock(mutex_);
  for (const Ref<Link>& link : links_) {
    if (link->number() == number) return link;
  }
  return nullptr;
}

Ref<Link> Node::LinkOfPeer(const Key& peer, uint64_t peers_number) {
  std::lock_guard lock(mutex_);
  for (const Ref<Link>& link : links_) {
    if (link->IsTo(peer, peers_number)) return link;
  }
  return nullptr;
}

Ref<Link> Node::LinkToBroker() {
  std::lock_guard lock(mutex_);
  return BrokerLink();
}

std::vector<Ref<Link>> Node::LinksInNetwork() {
  std::vector<Ref<Link>> links;
  std::lock_guard lock(mutex_);
  for (const Ref<Link>& link : links_) {
    if (link->up() && (link->to_client() || link->to_other_broker())) links.push_back(link);
  }
  return links;
}

Ref<Link> Node::LinkInNetwork(const Key& name) {
  for (const Ref<Link>& link : LinksInNetwork()) {
    if (link->peer_name() == name) return link;
  }
  return nullptr;
}

bool Node::IsOurs(const Key& name) {
  const Ref<Link> link = LinkInNetwork(name);
  return name == key() || (link && link->to_client());
}

SeekBody Node::NewSearch(const Key& seeker, const Key& wanted) const {
  SeekBody body = {{}, {seeker[0], seeker[1]}, {wanted[0], wanted[1]}, 0, 0};
  // One that is not random may find its likes on the way, and then fails.
  static_cast<void>(driver_->Random(body.id, sizeof(body.id)));
  return body;
}

void Node::ConnectTo(const Key& name, IpczDriverHandle transport, uint32_t role) {
  std::vector<Ref<RouteEnd>> none;
  if (transport == IPCZ_INVALID_DRIVER_HANDLE ||
      Link::Connect(Ref<Node>(this), transport, role, 0, &none, name) != IPCZ_RESULT_OK) {
    driver_->Close(transport);
    NoLinkTo(name);
  }
}

Ref<Link> Node::LinkTo(const Key& name) {
  std::lock_guard lock(mutex_);
  return FindLinkTo(name);
}

Ref<Link> Node::FindLinkTo(const Key& name) {
  for (const Ref<Link>& link : links_) {
    if (link->up() && link->peer_name() == name) return link;
  }
  return nullptr;
}

void Node::Await(const Key& key, const Key& from, Ref<RouteEnd> end) {
  std::lock_guard lock(mutex_);
  awaited_[key] = {from, std::move(end)};
}

Ref<RouteEnd> Node::TakeAwaited(const Key& key, const Key& from) {
  std::lock_guard lock(mutex_);
  const auto found = awaited_.find(key);
  if (found == awaited_.end() || found->second.from != from) return nullptr;
  Ref<RouteEnd> end = std::move(found->second.end);
  awaited_.erase(found);
  return end;
}

bool Node::Unawait(const RouteEnd& end, const Key* key) {
  Ref<RouteEnd> dropped;
  std::lock_guard lock(mutex_);
  for (auto each = awaited_.begin(); each != awaited_.end(); ++each) {
    if (each->second.end.get() != &end || (key && each->first != *key)) continue;
    dropped = std::move(each->second.end);
    awaited_.erase(each);
    return true;
  }
  return false;
}

void Node::OnLinkUp(Link& link, uint32_t peer_flags) {
  const bool peer_is_broker = (peer_flags & kConnectIsBroker) != 0;
  Log(RINGWAY_LOG_INFO, peer_is_broker ? "connected to a broker" : "connected to a node");
  std::vector<Ref<Link>> sharing;
  Ref<Link> broker;
  std::vector<AskedFor> asked;
  {
    std::lock_guard lock(mutex_);
    broker = BrokerLink();
    for (const Ref<Link>& each : links_) {
      const bool is_new = each.get() == &link || broker.get() == &link;
      if (is_new && each->up() && (each->connect_flags() & kConnectSharesBroker) != 0) {
        sharing.push_back(each);
      }
    }
    if (auto found = asked_for_.extract(link.peer_name())) asked = std::move(found.mapped());
  }
  for (const Ref<Link>& each : sharing) {
    if (broker) Link::Introduce(*broker, kIntroducesToBroker, *each, kIntroducesBroker);
  }
  for (const AskedFor& each : asked) {
    each.end->OnRouteMessage(each.edge, MessageType::kBypass, each.key, link.peer_name());
  }
  if (broker.get() != &link) return;
  if (broker_) return PokeNeighbours();
  // It answers once it knows us.
  const IntroductionBody ourselves = {{name_[0], name_[1]}, 0, 0};
  static_cast<void>(link.Send(MessageBuilder(MessageType::kRequestIntroduction, ourselves)));
}

// Relays may have found that we cannot be reached, or cannot reach others.
void Node::PokeNeighbours() {
  std::vector<Ref<Link>> links;
  {
    std::lock_guard lock(mutex_);
    links = links_;
  }
  for (const Ref<Link>& each : links) {
    if (!each->up()) continue;  // its Connect comes first
    for (const Ref<RouteEnd>& end : each->Ends()) end->PokeNeighbour(true);
  }
}

Ref<Link> Node::BrokerLink() {
  for (const Ref<Link>& link : links_) {
    if ((link->connect_flags() & kConnectToBroker) != 0 && link->up()) return link;
  }
  return nullptr;
}

bool Node::AskForLinkTo(const Key& name, Ref<RouteEnd> end, Ref<Binding> edge, const Key& key) {
  Ref<Link> broker;
  bool first;
  {
    std::lock_guard lock(mutex_);
    broker = BrokerLink();
    if (!broker || FindLinkTo(name)) return false;  // OnLinkUp() comes later, or came before
    std::vector<AskedFor>& asked = asked_for_[name];
    first = asked.empty();
    asked.push_back({std::move(end), std::move(edge), key});
  }
  if (!first) return true;
  if (broker_) {
    introductions_.Seek(nullptr, NewSearch(name_, name));
    return true;
  }
  const IntroductionBody body = {{name[0], name[1]}, 0, 0};
  const bool sent =
      broker->Send(MessageBuilder(MessageType::kRequestIntroduction, body)) == IPCZ_RESULT_OK;
  if (!sent) NoLinkTo(name);
  return true;
}

void Node::NoLinkTo(const Key& name) {
  std::vector<AskedFor> asked;
  {
    std::lock_guard lock(mutex_);
    if (auto found = asked_for_.extract(name)) asked = std::move(found.mapped());
  }
  const bool there =
      LinkTo(name).get() != nullptr;  // another one, that the node itself has asked for
  for (const AskedFor& each : asked) {
    if (there) {
      each.end->OnRouteMessage(each.edge, MessageType::kBypass, each.key, name);
    } else {
      each.edge->Say(MessageType::kBypassNo, each.key);
    }
  }
}

void Node::LoseRelaysTo(const Key& name) {
  std::vector<Ref<Link>> lost;
  {
    std::lock_guard lock(mutex_);
    for (const Ref<Link>& link : links_) {
      if (link->up() && link->peer_name() == name && link->relays()) lost.push_back(link);
    }
  }
  for (const Ref<Link>& link : lost) {
    Log(RINGWAY_LOG_ERROR, "link ended: the broker cannot relay objects to that node any more");
    link->Down();
  }
}

void Node::Shutdown() {
  std::vector<Ref<Link>> links;
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
    links = links_;
  }
  for (const Ref<Link>& link : links) link->Down();
}

void Node::ReadCounters(RingwayNodeCounters* counters) {
  counters->portals = page_->portals.load(kCount);
  counters->relays = page_->relays.load(kCount);
  counters->messages_sent = page_->messages_sent.load(kCount);
  counters->messages_received = page_->messages_received.load(kCount);
  counters->links_refused = page_->links_refused.load(kCount);
  counters->links_broken = page_->links_broken.load(kCount);
  counters->links = counters->route_ends = 0;
  counters->segments = counters->segment_bytes = counters->peer_segments = 0;
  std::vector<Ref<Link>> links;
  {
    std::lock_guard lock(mutex_);
    links = links_;
  }
  for (const Ref<Link>& link : links) link->GiveBackEnded();
  std::lock_guard lock(mutex_);
  for (const Ref<Link>& link : links_) {
    if (link->up()) ++counters->links;
    counters->route_ends += link->route_ends();
    counters->segments += link->memory()->segments();
    counters->segment_bytes += link->memory()->segment_bytes();
    counters->peer_segments += link->peer_memory().segments();
  }
}

}  // namespace ringway
