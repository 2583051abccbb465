// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/cmd/session.h"

#include <algorithm>
#include <cstring>

#include "engine/cmd/api.h"
#include "engine/cmd/listener.h"
#include "ringway/driver_linux.h"

namespace ringway::cmd {

namespace {

constexpr uint64_t kSecondNs = 1'000'000'000;
// How long a listener lets one connection be silent before it turns to the
// next, and how long the connecting side bears with that.
constexpr uint64_t kListenerPatienceNs = 5 * kSecondNs;
constexpr uint64_t kConnectorPatienceNs = 10 * kSecondNs;
// The portals of a link that goes down close one after the other.
constexpr uint64_t kFarewellPatienceNs = kSecondNs;

Hello OurHello(uint32_t mode, RingwayWaitMode wait_mode) {
  Hello hello = {};
  hello.magic = kHelloMagic;
  hello.version = kCommandVersion;
  hello.mode = mode;
  hello.wait_mode = wait_mode;
  return hello;
}

Failure ExplainConnect(const std::string& name, IpczResult result) {
  switch (result) {
    case IPCZ_RESULT_NOT_FOUND:
      return {"nobody listens there",
              "start 'ringway listen " + name + "' first, or wait longer with --timeout"};
    case IPCZ_RESULT_PERMISSION_DENIED:
      return {"permission denied", "only those who may write to the socket file can connect"};
    case IPCZ_RESULT_RESOURCE_EXHAUSTED:
      return {"no descriptors or no memory left", "see 'ulimit -n' and the free space"};
    default:
      return {std::string("the driver answered ") + NameOf(result), "choose another name"};
  }
}

// Some lines of the engine say by themselves what to try.
Failure ExplainLinkError(const std::string& line) {
  const bool has_hint = !line.empty() && line.back() == ')';
  return {line, has_hint ? "" : "use the same Ringway on both sides"};
}

}  // namespace

Session::Session(const std::string& name) : what_("listen on '" + name + "'") {
  Listener listener(what_, name);
  CreateNode(IPCZ_CREATE_NODE_AS_BROKER);
  for (;;) {
    Link(listener.Accept(), IPCZ_NO_FLAGS);
    Failure failure;
    const Greeted greeted =
        Greet(OurHello(kModeListen, 0), NowNs() + kListenerPatienceNs, &failure);
    if (greeted == Greeted::kYes) return;
    if (greeted == Greeted::kFailed) {
      listener.Close();
      Fail(what_, failure);
    }
    // Whoever only looks whether the name is taken connects and leaves. The
    // next connection should not have to wait for one that says nothing.
    ClosePortals();
  }
}

Session::Session(const std::string& name, double timeout_s, uint32_t mode,
                 RingwayWaitMode wait_mode)
    : what_("connect to '" + name + "'") {
  IpczDriverHandle transport = IPCZ_INVALID_DRIVER_HANDLE;
  const auto timeout_ns = static_cast<uint64_t>(timeout_s * static_cast<double>(kSecondNs));
  const IpczResult result = RingwayLinuxConnect(name.c_str(), timeout_ns, &transport, nullptr);
  if (result != IPCZ_RESULT_OK) Fail(what_, ExplainConnect(name, result));
  CreateNode(IPCZ_NO_FLAGS);
  Link(transport, IPCZ_CONNECT_NODE_TO_BROKER);
  Failure failure = {"the listener left before it answered",
                     "it may be serving somebody else: start another 'ringway listen'"};
  const uint64_t deadline_ns = NowNs() + kConnectorPatienceNs;
  const Greeted greeted = Greet(OurHello(mode, wait_mode), deadline_ns, &failure);
  if (greeted == Greeted::kYes) return;
  if (NowNs() >= deadline_ns) {
    failure = {"no answer within 10 seconds",
               "is that a 'ringway listen', and is it neither stopped nor busy?"};
  }
  Fail(what_, failure);
}

Session::~Session() {
  ClosePortals();
  Ipcz().Close(node_, IPCZ_NO_FLAGS, nullptr);
}

void Session::CreateNode(IpczCreateNodeFlags flags) {
  RememberLinkErrors();
  const IpczResult result =
      Ipcz().CreateNode(RingwayLinuxDriver(), IPCZ_INVALID_DRIVER_HANDLE, flags, nullptr, &node_);
  if (result != IPCZ_RESULT_OK) FailCall("create a node", result);
}

void Session::Link(IpczDriverHandle transport, IpczConnectNodeFlags flags) {
  TakeLinkError();
  const IpczResult result =
      Ipcz().ConnectNode(node_, transport, kPortals, flags, nullptr, portals_.data());
  if (result == IPCZ_RESULT_OK) return;
  Fail(what_, std::string("no shared memory for the connection: ") + NameOf(result),
       "see 'ulimit -n', 'ulimit -v' and the free memory");
}

void Session::ClosePortals() {
  for (IpczHandle& portal : portals_) {
    if (portal != IPCZ_INVALID_HANDLE) Ipcz().Close(portal, IPCZ_NO_FLAGS, nullptr);
    portal = IPCZ_INVALID_HANDLE;
  }
}

Session::Greeted Session::Greet(const Hello& hello, uint64_t deadline_ns, Failure* failure) {
  // If the peer is gone already, we shall hear of it below.
  Ipcz().Put(control(), &hello, sizeof(hello), nullptr, 0, IPCZ_NO_FLAGS, nullptr);
  if (!WaitFor(control(), RINGWAY_WAIT_READABLE, 0, deadline_ns)) return Greeted::kNobody;
  std::array<std::byte, 4096> words;
  size_t num_bytes = words.size();
  const IpczResult result = Ipcz().Get(control(), IPCZ_GET_PARTIAL, nullptr, words.data(),
                                       &num_bytes, nullptr, nullptr, nullptr);
  if (result != IPCZ_RESULT_OK) {
    const std::string link_error = TakeLinkError();
    if (link_error.empty()) return Greeted::kNobody;
    *failure = ExplainLinkError(link_error);
    return Greeted::kFailed;
  }
  std::memcpy(&peer_, words.data(), std::min(num_bytes, sizeof(peer_)));
  if (num_bytes < kHelloBytesMin) peer_.magic = 0;
  if (peer_.version == kCommandVersion && num_bytes != sizeof(peer_)) peer_.magic = 0;
  const bool we_listen = hello.mode == kModeListen;
  if (peer_.magic != kHelloMagic) {
    *failure = {"the peer is no ringway command", "connect 'listen' with 'connect' or 'ping' only"};
  } else if (peer_.version != kCommandVersion) {
    *failure = {"the peer's command speaks version " + std::to_string(peer_.version) +
                    ", ours speaks " + std::to_string(kCommandVersion),
                "use the same Ringway on both sides"};
  } else if (we_listen ? peer_.mode != kModeStream && peer_.mode != kModePing
                       : peer_.mode != kModeListen) {
    *failure = {"the peer wants mode " + std::to_string(peer_.mode) + ", which is none here",
                "connect 'listen' with 'connect' or 'ping' only"};
  } else {
    return Greeted::kYes;
  }
  return Greeted::kFailed;
}

void Session::Say(const Farewell& farewell) {
  // A peer that is gone needs none.
  Ipcz().Put(control(), &farewell, sizeof(farewell), nullptr, 0, IPCZ_NO_FLAGS, nullptr);
}

std::optional<Farewell> Session::TakeFarewell() {
  Farewell farewell;
  size_t num_bytes = sizeof(farewell);
  const IpczResult result = Ipcz().Get(control(), IPCZ_NO_FLAGS, nullptr, &farewell, &num_bytes,
                                       nullptr, nullptr, nullptr);
  if (result == IPCZ_RESULT_UNAVAILABLE || result == IPCZ_RESULT_NOT_FOUND) return std::nullopt;
  if (result != IPCZ_RESULT_OK || num_bytes != sizeof(farewell)) {
    Fail(what_, "the peer said something that is no farewell",
         "use the same Ringway on both sides");
  }
  return farewell;
}

Failure Session::WhyPeerLeft() {
  WaitFor(control(), RINGWAY_WAIT_READABLE, 0, NowNs() + kFarewellPatienceNs);
  if (const std::optional<Farewell> farewell = TakeFarewell()) {
    if (farewell->kind != kFarewellDone) return Explain(*farewell);
  }
  if (const std::string link_error = TakeLinkError(); !link_error.empty()) {
    return ExplainLinkError(link_error);
  }
  return {"the peer went away before the end",
          "it was killed or failed, and what came so far is incomplete"};
}

Failure Session::Explain(const Farewell& farewell) {
  const std::string error = std::strerror(farewell.error_number);
  switch (farewell.kind) {
    case kFarewellInputFailed:
      return {"the peer gave up, for it cannot read its standard input: " + error,
              "what came so far is incomplete"};
    case kFarewellOutputFailed:
      return {"the peer gave up, for it cannot write its standard output: " + error,
              "look at what reads there"};
    default:
      return {"the peer gave up", "its own message says why"};
  }
}

}  // namespace ringway::cmd
