// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// How nodes get links to each other: a node that has links to both makes a
// transport between them. docs/protocol.md, "Introductions".

#include "engine/link/link.h"
#include "engine/node/node.h"
#include "engine/route/route_end.h"

namespace ringway {

namespace {

constexpr uint32_t kIntroductionsMax = 16;

IntroductionBody IntroductionOf(const Key& name, uint32_t flags) {
  return {{name[0], name[1]}, flags, 0};
}

}  // namespace

// As what we may take the other node; 0: not at all. Our broker may introduce
// anyone. Who shares a broker with us may introduce that, and who has us as
// broker may introduce who shares us.
uint32_t Link::RoleInIntroduction(uint32_t flags) const {
  const bool from_broker = (connect_flags_ & kConnectToBroker) != 0;
  const bool from_sharer = (connect_flags_ & kConnectInheritsBroker) != 0;
  if (from_broker && flags == 0) return kConnectIntroduced;
  if (from_sharer && flags == kIntroducesBroker) return kConnectIntroduced | kConnectToBroker;
  if (to_client() && flags == kIntroducesToBroker) return kConnectIntroduced | kConnectIsBroker;
  return 0;
}

// A client needs one link to each other node, and another one when that is lost.
bool Link::MayBeIntroducedTo(const Key& name) const {
  std::lock_guard lock(mutex_);
  const auto known = introduced_.find(name);
  return known == introduced_.end() || to_other_broker() || known->second < kIntroductionsMax;
}

void Link::NoteIntroduced(const Key& name, bool asked) {
  std::lock_guard lock(mutex_);
  introduced_[name] += asked ? 1 : 0;
}

bool Link::ForgetIntroduced(const Key& name) {
  std::lock_guard lock(mutex_);
  return introduced_.erase(name) != 0;
}

bool Link::OnIntroduction(Message& message) {
  const auto body = message.body<IntroductionBody>();
  const Key name = KeyOf(body.node);
  switch (message.type()) {
    case MessageType::kRequestIntroduction:
      if (!to_client()) break;
      node_->introductions().Seek(Ref<Link>(this), node_->NewSearch(peer_name_, name));
      return true;
    case MessageType::kNoIntroduction:
      if ((connect_flags_ & kConnectToBroker) == 0) break;
      return OnNoIntroduction(name, body.flags);
    default:
      const uint32_t role = RoleInIntroduction(body.flags);
      if (role == 0) break;
      node_->ConnectTo(name, message.TakeObject(0, transport_), role);
      return true;
  }
  Break("an introduction that is not its to make");
  return false;
}

bool Link::OnNoIntroduction(const Key& name, uint32_t flags) {
  if (name == node_->key()) {
    node_->PokeNeighbours();  // the broker can introduce us from now on
  } else if ((flags & kIntroductionLost) == 0) {
    node_->NoLinkTo(name);
  } else if (to_other_broker()) {
    node_->introductions().OnLost(*this, name);
  } else {
    node_->LoseRelaysTo(name);
  }
  return true;
}

// A broker may neither speak for our own nodes nor answer what it was not asked.
bool Link::OnSearch(Message& message) {
  if (message.type() == MessageType::kSeek) {
    const auto body = message.body<SeekBody>();
    // Where brokers are connected in a ring, one of ours may come back.
    const bool may_seek =
        !node_->IsOurs(KeyOf(body.seeker)) || node_->introductions().Knows(KeyOf(body.id));
    if (to_other_broker() && may_seek) {
      node_->introductions().Seek(Ref<Link>(this), body);
      return true;
    }
  } else if (to_other_broker()) {
    const IpczDriverHandle transport =
        message.objects() == 0 ? IPCZ_INVALID_DRIVER_HANDLE : message.TakeObject(0, transport_);
    const Key id = KeyOf(message.body<FoundBody>().id);
    if (node_->introductions().OnFound(*this, id, transport)) return true;
  }
  Break("a search that is not its to make");
  return false;
}

bool Link::MakeTransport(Link& a, Link& b, IpczDriverHandle ends[2]) {
  const Ref<Transport> held[2] = {a.OpenTransport(), b.OpenTransport()};
  return held[0] && held[1] &&
         a.driver_->table().CreateTransports(a.transport_, b.transport_, IPCZ_NO_FLAGS, nullptr,
                                             &ends[0], &ends[1]) == IPCZ_RESULT_OK;
}

void Link::Introduce(Link& a, uint32_t flags_to_a, Link& b, uint32_t flags_to_b) {
  IpczDriverHandle ends[2] = {};
  if (!MakeTransport(a, b, ends)) return;
  // Whoever gets an end whose other end was closed finds that out by itself.
  static_cast<void>(a.GiveIntroduction(b.peer_name_, flags_to_a, ends[0]));
  static_cast<void>(b.GiveIntroduction(a.peer_name_, flags_to_b, ends[1]));
}

bool Link::GiveIntroduction(const Key& name, uint32_t flags, IpczDriverHandle transport) {
  NoteIntroduced(name, false);
  return Give(MessageBuilder(MessageType::kIntroduce, IntroductionOf(name, flags)), transport);
}

bool Link::GiveAnswer(const SeekBody& body, IpczDriverHandle transport) {
  const Key wanted = KeyOf(body.wanted);
  NoteIntroduced(wanted, true);
  if (to_client()) return GiveIntroduction(wanted, 0, transport);
  return Give(MessageBuilder(MessageType::kFound, FoundBody{{body.id[0], body.id[1]}}), transport);
}

void Link::SayNotFound(const SeekBody& body) {
  if (to_client()) return SayNoIntroduction(KeyOf(body.wanted), 0);
  const FoundBody answer = {{body.id[0], body.id[1]}};
  static_cast<void>(Send(MessageBuilder(MessageType::kFound, answer)));
}

void Link::SayNoIntroduction(const Key& name, uint32_t flags) {
  static_cast<void>(
      Send(MessageBuilder(MessageType::kNoIntroduction, IntroductionOf(name, flags))));
}

// False: it was not sent, and closed.
bool Link::Give(MessageBuilder message, IpczDriverHandle transport) {
  if (AddDirectly(&message, transport) == IPCZ_RESULT_OK) {
    return Send(std::move(message)) == IPCZ_RESULT_OK;
  }
  driver_->Close(transport);
  return false;
}

}  // namespace ringway
