// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef TESTS_INTERFACE_NAMES_HOST_H_
#define TESTS_INTERFACE_NAMES_HOST_H_

#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "ringway/driver_linux.h"
#include "ringway/name_service.h"
#include "ringway/names.h"
#include "tests/support/process.h"

namespace ringway::testing {

inline Node MakeNode(IpczCreateNodeFlags flags = IPCZ_NO_FLAGS) {
  Result<Node> node = Node::Create(RingwayLinuxDriver(), flags);
  if (!node) std::abort();
  return *std::move(node);
}

inline Names JoinOrDie(Node& node, IpczDriverHandle transport) {
  Result<Names> names = Names::Join(node, transport);
  if (!names) std::abort();
  return *std::move(names);
}

// This process as the host of the names.
class NamesHost {
 public:
  NamesHost() : thread_([this] { service_.Run(); }) {}
  ~NamesHost() {
    service_.Stop();
    thread_.join();
  }

  // A child process of the test, which joins with what it was given as a transport.
  std::unique_ptr<Process> Start(const char* body, std::vector<std::string> arguments = {}) {
    Process::Options options;
    options.arguments = std::move(arguments);
    auto process = std::make_unique<Process>(body, std::move(options));
    if (service_.Admit(process->TakeTransport(), process->pid(), getuid(), getgid()) !=
        IPCZ_RESULT_OK) {
      std::abort();
    }
    return process;
  }
  // A node of this process, called `pid`.
  Names Join(Node& node, int32_t pid) {
    IpczDriverHandle here;
    IpczDriverHandle there;
    if (RingwayLinuxCreateTransportPair(&here, &there) != IPCZ_RESULT_OK ||
        service_.Admit(here, pid, 1000, 100) != IPCZ_RESULT_OK) {
      std::abort();
    }
    return JoinOrDie(node, there);
  }

 private:
  Node node_ = MakeNode(IPCZ_CREATE_NODE_AS_BROKER);
  NameService service_{node_};
  std::thread thread_;
};

// A node that has joined, with a loop that runs.
class Joined {
 public:
  Joined(NamesHost& host, int32_t pid) : names(host.Join(node, pid)) {}
  ~Joined() { Stop(); }
  void Stop() {
    loop.Stop();
    if (thread_.joinable()) thread_.join();
  }

  Node node = MakeNode();
  Names names;
  Loop loop{node};

 private:
  std::thread thread_{[this] { loop.Run(); }};
};

}  // namespace ringway::testing

#endif  // TESTS_INTERFACE_NAMES_HOST_H_
