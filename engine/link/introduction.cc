// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// How nodes get links to each other: a node that has links to both makes a
// transport between them. docs/protocol.md, "Introductions".

#include "engine/link/link.h"
#include "engine/node/node.h"
#include "engine/route/route_end.h"

namespace ringway {

// As what we may take the other node; 0: not at all. Our broker may introduce
// anyone. Who shares a broker with us may introduce that, and who has us as
// broker may introduce who shares us.
uint32_t Link::RoleInIntroduction(uint32_t flags) const {
  const bool from_broker = (connect_flags_ & kConnectToBroker) != 0;
  const bool from_sharer = (connect_flags_ & kConnectInheritsBroker) != 0;
  const bool we_are_broker = (connect_flags_ & kConnectIsBroker) != 0;
  if (from_broker && flags == 0) return kConnectIntroduced;
  if (from_sharer && flags == kIntroducesBroker) return kConnectIntroduced | kConnectToBroker;
  if (we_are_broker && flags == kIntroducesToBroker) return kConnectIntroduced | kConnectIsBroker;
  return 0;
}

// A client needs one link to each other node, and another one when that is lost.
bool Link::MayIntroduceTo(const Key& name) {
  constexpr uint32_t kIntroductionsMax = 16;
  std::lock_guard lock(mutex_);
  return (connect_flags_ & kConnectIsBroker) != 0 && ++introductions_[name] <= kIntroductionsMax;
}

bool Link::OnIntroduction(Message& message) {
  const auto body = message.body<IntroductionBody>();
  const Key name = {body.node[0], body.node[1]};
  if (message.type() == MessageType::kNoIntroduction) {
    node_->NoLinkTo(name);
    return true;
  }
  if (message.type() == MessageType::kRequestIntroduction) {
    const Ref<Link> other = MayIntroduceTo(name) ? node_->LinkTo(name) : nullptr;
    // Who does not take us for its broker would refuse.
    const bool ours = other && (other->connect_flags_ & kConnectIsBroker) != 0;
    if (!ours || other.get() == this || !Introduce(*this, 0, *other, 0)) {
      static_cast<void>(Send(MessageBuilder(MessageType::kNoIntroduction,
                                            IntroductionBody{{name[0], name[1]}, 0, 0})));
    }
    return true;
  }
  const uint32_t role = RoleInIntroduction(body.flags);
  if (role == 0) {
    Break("an introduction that is not its to make");
    return false;
  }
  const IpczDriverHandle transport = message.TakeObject(0, transport_);
  std::vector<Ref<RouteEnd>> none;
  if (transport == IPCZ_INVALID_DRIVER_HANDLE ||
      Link::Connect(node_, transport, role, 0, &none, name) != IPCZ_RESULT_OK) {
    driver_->Close(transport);
    node_->NoLinkTo(name);
  }
  return true;
}

bool Link::Introduce(Link& a, uint32_t flags_to_a, Link& b, uint32_t flags_to_b) {
  IpczDriverHandle transports[2] = {};
  const DriverPort& driver = *a.driver_;
  const Ref<Transport> held[2] = {a.OpenTransport(), b.OpenTransport()};
  if (!held[0] || !held[1]) return false;
  if (driver.table().CreateTransports(a.transport_, b.transport_, IPCZ_NO_FLAGS, nullptr,
                                      &transports[0], &transports[1]) != IPCZ_RESULT_OK) {
    return false;
  }
  const auto body = [](const Link& other, uint32_t flags) {
    return IntroductionBody{{other.peer_name_[0], other.peer_name_[1]}, flags, 0};
  };
  MessageBuilder to_a(MessageType::kIntroduce, body(b, flags_to_a));
  MessageBuilder to_b(MessageType::kIntroduce, body(a, flags_to_b));
  const bool first = to_a.AddObject(driver, a.transport_, transports[0]) == IPCZ_RESULT_OK;
  const bool second = to_b.AddObject(driver, b.transport_, transports[1]) == IPCZ_RESULT_OK;
  if (!first) driver.Close(transports[0]);
  if (!second) driver.Close(transports[1]);
  // Whoever gets an end whose other end was closed finds that out by itself.
  if (first) static_cast<void>(a.Send(std::move(to_a)));
  if (second) static_cast<void>(b.Send(std::move(to_b)));
  return first && second;
}

}  // namespace ringway
