// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "docs/examples/roles.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>

#include "ringway/driver_linux.h"

namespace ringway::examples {

namespace {

// Where a started process finds its transport.
constexpr int kTransportFd = 3;

Node MakeNode(IpczCreateNodeFlags flags) {
  Result<Node> node = Node::Create(RingwayLinuxDriver(), flags);
  if (!node) Fail("cannot create a node");
  return *std::move(node);
}

Portal Link(Node& node, IpczDriverHandle transport, IpczConnectNodeFlags flags) {
  Result<std::vector<Portal>> portals = node.Connect(transport, 1, flags);
  if (!portals) Fail("cannot connect the node");
  return std::move((*portals)[0]);
}

}  // namespace

void Fail(const char* what) {
  std::fprintf(stderr, "example: %s\n", what);
  std::exit(1);
}

void Say(const char* format, ...) {
  va_list values;
  va_start(values, format);
  std::vprintf(format, values);
  va_end(values);
  std::fflush(stdout);
}

Node MakeFirstNode() { return MakeNode(IPCZ_CREATE_NODE_AS_BROKER); }

Role::Role(Node& node, const char* name) {
  IpczDriverHandle ours = 0;
  IpczDriverHandle theirs = 0;
  int fd = -1;
  if (RingwayLinuxCreateTransportPair(&ours, &theirs) != IPCZ_RESULT_OK ||
      RingwayLinuxTransportToFd(theirs, &fd) != IPCZ_RESULT_OK) {
    Fail("cannot make a transport");
  }
  pid_ = fork();
  if (pid_ < 0) Fail("cannot start a process");
  if (pid_ == 0) {
    // A descriptor that is duplicated onto itself would stay one that exec closes.
    const bool kept = fd == kTransportFd ? fcntl(fd, F_SETFD, 0) == 0 : dup2(fd, kTransportFd) >= 0;
    if (kept) execl("/proc/self/exe", "example", name, nullptr);
    _exit(127);
  }
  close(fd);
  portal = Link(node, ours, IPCZ_NO_FLAGS);
}

Role::~Role() {
  portal.Close();
  int status = 0;
  if (waitpid(pid_, &status, 0) != pid_ || status != 0) Fail("a process failed");
}

int RunRole(const std::function<void(Loop&, Portal)>& serve) {
  IpczDriverHandle transport = 0;
  if (RingwayLinuxTransportFromFd(kTransportFd, &transport) != IPCZ_RESULT_OK) {
    Fail("this role is for a process that the program starts itself");
  }
  Node node = MakeNode(IPCZ_NO_FLAGS);
  Loop loop(node);
  serve(loop, Link(node, transport, IPCZ_CONNECT_NODE_TO_BROKER));
  Counted::none_left = [&] { loop.Stop(); };
  loop.set_hooks({{}, [&](IpczHandle, int64_t) {
                    if (Counted::count() == 0) loop.Stop();
                  }});
  loop.Run();
  Counted::none_left = {};
  return 0;
}

int Main(int argc, char** argv, const std::map<std::string, int (*)()>& parts) {
  const auto part = parts.find(argc == 2 ? argv[1] : "");
  if (part != parts.end()) return part->second();
  std::fprintf(stderr, "usage: %s one|three\n", argv[0]);
  return 2;
}

}  // namespace ringway::examples
