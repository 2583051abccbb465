// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What an idle pair of portals across two processes costs: the growth of both
// processes' proportional memory (Pss of smaps_rollup: shared pages count by
// half) over many pairs, divided by their number.

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

#include "bench/harness/memory_use.h"
#include "ipcz/ipcz.h"
#include "ringway/driver_linux.h"
#include "ringway/ringway.h"

namespace {

IpczAPI api = {};
RingwayExtensions extensions = {};

[[noreturn]] void Fail(const char* what) {
  std::fprintf(stderr, "ringway: idle pairs: %s failed (is there enough memory?)\n", what);
  std::exit(1);
}

void Check(bool ok, const char* what) {
  if (!ok) Fail(what);
}

void WaitReadable(IpczHandle portal) {
  RingwayWaitItem item = {portal, RINGWAY_WAIT_READABLE, 0, 0, 0};
  Check(extensions.Wait(&item, 1, 0, RINGWAY_NO_DEADLINE) == IPCZ_RESULT_OK &&
            (item.satisfied & RINGWAY_WAIT_READABLE) != 0,
        "waiting for the other process");
}

uint64_t GetNumber(IpczHandle portal, IpczHandle* handle) {
  WaitReadable(portal);
  uint64_t number = 0;
  size_t bytes = sizeof(number);
  size_t handles = handle ? 1 : 0;
  Check(api.Get(portal, IPCZ_NO_FLAGS, nullptr, &number, &bytes, handle, &handles, nullptr) ==
            IPCZ_RESULT_OK,
        "Get");
  return number;
}

void PutNumber(IpczHandle portal, uint64_t number, const IpczHandle* handle) {
  Check(api.Put(portal, &number, sizeof(number), handle, handle ? 1 : 0, IPCZ_NO_FLAGS, nullptr) ==
            IPCZ_RESULT_OK,
        "Put");
}

// Both sides: their portal of the connection, the number of pairs, and whether
// each pair has carried a parcel both ways before it fell idle.
void Child(IpczHandle link, uint64_t pairs, bool used) {
  std::vector<IpczHandle> portals(pairs);
  GetNumber(link, nullptr);
  const uint64_t before = ringway::bench::ProportionalMemory();
  PutNumber(link, 0, nullptr);
  for (IpczHandle& portal : portals) {
    GetNumber(link, &portal);
    if (used) PutNumber(portal, GetNumber(portal, nullptr), nullptr);
  }
  PutNumber(link, 0, nullptr);
  GetNumber(link, nullptr);
  PutNumber(link, ringway::bench::ProportionalMemory() - before, nullptr);
  GetNumber(link, nullptr);
}

void Parent(IpczHandle node, IpczHandle link, uint64_t pairs, bool used) {
  std::vector<IpczHandle> portals(pairs);
  PutNumber(link, 0, nullptr);
  GetNumber(link, nullptr);
  const uint64_t before = ringway::bench::ProportionalMemory();
  for (IpczHandle& portal : portals) {
    IpczHandle sent;
    Check(api.OpenPortals(node, IPCZ_NO_FLAGS, nullptr, &portal, &sent) == IPCZ_RESULT_OK,
          "OpenPortals");
    PutNumber(link, 0, &sent);
    if (used) {
      PutNumber(portal, 1, nullptr);
      GetNumber(portal, nullptr);
    }
  }
  GetNumber(link, nullptr);
  PutNumber(link, 0, nullptr);
  const uint64_t theirs = GetNumber(link, nullptr);
  const uint64_t ours = ringway::bench::ProportionalMemory() - before;
  std::printf("%s pairs: %llu, PSS of both processes: %.2f KiB a pair (%.2f + %.2f)\n",
              used ? "used" : "fresh", static_cast<unsigned long long>(pairs),
              static_cast<double>(ours + theirs) / 1024 / static_cast<double>(pairs),
              static_cast<double>(ours) / 1024 / static_cast<double>(pairs),
              static_cast<double>(theirs) / 1024 / static_cast<double>(pairs));
  PutNumber(link, 0, nullptr);
}

void Measure(uint64_t pairs, bool used) {
  int fds[2];
  Check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0, "socketpair");
  const pid_t child = fork();
  Check(child >= 0, "fork");
  const bool parent = child != 0;
  close(fds[parent ? 1 : 0]);
  IpczDriverHandle transport;
  Check(RingwayLinuxTransportFromFd(fds[parent ? 0 : 1], &transport) == IPCZ_RESULT_OK,
        "a descriptor's transport");
  IpczHandle node;
  IpczHandle link;
  Check(api.CreateNode(RingwayLinuxDriver(), 0, parent ? IPCZ_CREATE_NODE_AS_BROKER : IPCZ_NO_FLAGS,
                       nullptr, &node) == IPCZ_RESULT_OK,
        "CreateNode");
  Check(api.ConnectNode(node, transport, 1, parent ? IPCZ_NO_FLAGS : IPCZ_CONNECT_NODE_TO_BROKER,
                        nullptr, &link) == IPCZ_RESULT_OK,
        "ConnectNode");
  if (!parent) {
    Child(link, pairs, used);
    _exit(0);
  }
  Parent(node, link, pairs, used);
  int status = 0;
  waitpid(child, &status, 0);
  Check(status == 0, "the other process");
  api.Close(link, IPCZ_NO_FLAGS, nullptr);
  api.Close(node, IPCZ_NO_FLAGS, nullptr);
}

}  // namespace

int main(int argc, char** argv) {
  const uint64_t pairs = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 10000;
  if (argc > 2 || pairs == 0) {
    std::fprintf(stderr,
                 "ringway: idle_pairs: wrong arguments (give the number of pairs, or nothing)\n");
    return 2;
  }
  api.size = sizeof(api);
  extensions.size = sizeof(extensions);
  Check(IpczGetAPI(&api) == IPCZ_RESULT_OK && RingwayGetExtensions(&extensions) == IPCZ_RESULT_OK,
        "the API tables");
  for (const bool used : {false, true}) {
    // Each in processes of its own, so that memory freed by the first is not reused.
    const pid_t run = fork();
    if (run == 0) {
      Measure(pairs, used);
      return 0;
    }
    int status = 0;
    waitpid(run, &status, 0);
    if (status != 0) return 1;
  }
}
