// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// A firewall of servers: docs/examples/firewall.md.

#include <array>
#include <cstdio>
#include <span>
#include <string>
#include <thread>

#include "docs/examples/processes.h"
#include "ringway/inbox.h"
#include "ringway/messenger.h"

namespace example {
namespace {

using ringway::Envelope;

// What anyone may ask of the network,
enum Net : uint32_t { kSubscribeWifiStats, kUnsubWifiStats };
// and what its connection manager can do.
enum Manager : uint32_t { kManagerSubscribe, kManagerUnsub, kManagerSetPassword };

struct Subscription {
  uint64_t interval_ms;
};

// The private server: its messages come from this process only.
void RunManager(ringway::Inbox& inbox) {
  uint64_t subscribers = 0;
  Envelope message;
  while (inbox.Receive(&message) == RW_EOK) {
    // Who asked, as the host of the names says; and who let it through.
    const auto origin = static_cast<uint64_t>(message.caller().origin().pid);
    const uint64_t forwarders = message.caller().forwarders().size();
    Envelope::View view;
    switch (message.id()) {
      case kManagerSubscribe:
        if (message.Look(&view) == RW_EOK && view.view().size() == sizeof(Subscription)) {
          ++subscribers;
        }
        view.Reset();
        message.Return(static_cast<int64_t>(subscribers));
        break;
      case kManagerUnsub: {
        const std::array<uint64_t, 5> answer = {--subscribers, origin, forwarders};
        message.ReturnWords(answer);
        break;
      }
      default:
        message.Return(-RW_ENOSYS);
    }
  }
}

// The process with both servers. Only the public one is registered.
void RunNet(const std::string& socket) {
  ringway::Node node = MakeNode();
  const ringway::Names names = Join(node, socket);
  ringway::Inbox manager_inbox(node);
  const ringway::Target manager(*manager_inbox.Open({.may_forward = true}));
  std::thread thread([&] { RunManager(manager_inbox); });

  ringway::Inbox net(node);
  ringway::Registered registered;
  Need(net.Register(names, {.name = "net", .limit = ringway::kNoLimit}, &registered) == RW_EOK,
       "to register");
  Envelope message;
  while (net.Receive(&message) == RW_EOK) {
    switch (message.id()) {
      case kSubscribeWifiStats:  // a lend; the kind of a message never changes
        message.Forward(manager, kManagerSubscribe);
        break;
      case kUnsubWifiStats:  // a blocking scalar
        message.Forward(manager, kManagerUnsub);
        break;
      default:
        message.Return(-RW_ENOSYS);
    }
  }
  thread.join();
}

void RunClient() {
  Host host;
  host.Start("net");
  ringway::Node node = MakeNode();
  const ringway::Names names = Join(node, host.socket());
  ringway::Portal portal;
  Need(names.ConnectPortal("net", &portal) == RW_EOK, "to connect to the server");
  const ringway::Messenger net(std::move(portal));

  const Subscription subscription = {.interval_ms = 100};
  const auto bytes = std::as_bytes(std::span(&subscription, 1));
  for (int i = 0; i < 2; ++i) {
    std::printf("subscribe: %ld\n", static_cast<long>(net.LendMemory(kSubscribeWifiStats, bytes)));
  }
  const ringway::Messenger::Answer answer = net.Ask(kUnsubWifiStats, {});
  std::printf("unsubscribe: %lu left, asked by %s, through %lu forwarder\n",
              static_cast<unsigned long>(answer.words[0]),
              answer.words[1] == static_cast<uint64_t>(getpid()) ? "this process" : "another one",
              static_cast<unsigned long>(answer.words[2]));
  const int64_t refused = net.Ask(kManagerSetPassword, {}).status;
  std::printf("set password: %ld\n", static_cast<long>(refused));
}

}  // namespace
}  // namespace example

int main(int argc, char** argv) {
  if (argc == 3 && std::string(argv[1]) == "net") {
    example::RunNet(argv[2]);
  } else {
    example::RunClient();
  }
}
