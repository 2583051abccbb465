// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What examples of several processes share: the names are hosted here, and the
// program runs itself again for its other parts.

#ifndef DOCS_EXAMPLES_PROCESSES_H_
#define DOCS_EXAMPLES_PROCESSES_H_

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "ringway/driver_linux.h"
#include "ringway/name_service.h"
#include "ringway/names.h"

namespace example {

inline constexpr uint64_t kSecondNs = 1'000'000'000;

// For what an example cannot go on without.
inline void Need(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "example: %s failed\n", what);
  std::_Exit(1);
}

inline ringway::Node MakeNode(IpczCreateNodeFlags flags = IPCZ_NO_FLAGS) {
  auto node = ringway::Node::Create(RingwayLinuxDriver(), flags);
  Need(node.ok(), "to create a node");
  return *std::move(node);
}

// Joins the host of the names at `socket`.
inline ringway::Names Join(ringway::Node& node, const std::string& socket) {
  IpczDriverHandle transport;
  Need(RingwayLinuxConnect(socket.c_str(), 10 * kSecondNs, &transport, nullptr) == IPCZ_RESULT_OK,
       "to connect");
  auto names = ringway::Names::Join(node, transport);
  Need(names.ok(), "to join");
  return *std::move(names);
}

// Hosts the names, as `ringway names` does, and runs the other parts of this program:
// each is started as `PROGRAM PART SOCKET`, and killed at the end.
class Host {
 public:
  Host() {
    Need(RingwayLinuxListen(socket_.c_str(), &listener_) == IPCZ_RESULT_OK, "to listen");
    accepting_ = std::thread([this] { Accept(); });
    serving_ = std::thread([this] { service_.Run(); });
  }
  ~Host() {
    for (const pid_t part : parts_) kill(part, SIGKILL);
    for (const pid_t part : parts_) waitpid(part, nullptr, 0);
    RingwayLinuxStopListening(listener_);
    accepting_.join();
    RingwayLinuxCloseListener(listener_);
    rmdir(folder_.c_str());
    service_.Stop();
    serving_.join();
  }

  const std::string& socket() const { return socket_; }
  void Start(const std::string& part) {
    std::vector<std::string> words = {"/proc/self/exe", part, socket_};
    char* arguments[] = {words[0].data(), words[1].data(), words[2].data(), nullptr};
    pid_t pid;
    Need(posix_spawn(&pid, "/proc/self/exe", nullptr, nullptr, arguments, environ) == 0,
         "to start a process");
    parts_.push_back(pid);
  }

 private:
  void Accept() {
    RingwayLinuxCredentials who = {sizeof(who), 0, 0, 0};
    IpczDriverHandle transport;
    while (RingwayLinuxAccept(listener_, UINT64_MAX, &transport, &who) == IPCZ_RESULT_OK) {
      Need(service_.Admit(transport, who.pid, who.uid, who.gid) == IPCZ_RESULT_OK, "to admit");
    }
  }

  static std::string MakeFolder() {
    std::string folder = "/tmp/ringway-example-XXXXXX";
    Need(mkdtemp(folder.data()) != nullptr, "to make a folder");
    return folder;
  }

  const std::string folder_ = MakeFolder();
  const std::string socket_ = folder_ + "/names";
  RingwayLinuxListener* listener_ = nullptr;
  ringway::Node node_ = MakeNode(IPCZ_CREATE_NODE_AS_BROKER);
  ringway::NameService service_{node_};
  std::vector<pid_t> parts_;
  std::thread accepting_;
  std::thread serving_;
};

}  // namespace example

#endif  // DOCS_EXAMPLES_PROCESSES_H_
