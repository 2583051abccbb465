// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// For inspect_test.py: a process that has something to show.
//
//   inspected PORTALS
//
// Two nodes with a link that has that many pairs of portals besides the initial
// one, and one pair within the broker. The broker has put 3 parcels of 5 bytes
// into each pair, and one of each has been taken. Says "ready", and then puts
// one more parcel into the first pair for each line it reads.

#include <cstdio>
#include <string>
#include <vector>

#include "engine/cmd/api.h"
#include "engine/cmd/failure.h"
#include "ringway/driver_linux.h"

namespace ringway::cmd {

namespace {

constexpr char kText[] = "12345";

void Must(const std::string& what, IpczResult result) {
  if (result != IPCZ_RESULT_OK) FailCall(what, result);
}

void Put(IpczHandle portal, const IpczHandle* handles, size_t num_handles) {
  Must("put",
       Ipcz().Put(portal, kText, sizeof(kText) - 1, handles, num_handles, IPCZ_NO_FLAGS, nullptr));
}

// Takes a parcel, and the handle that is in it, if one is expected.
void Get(IpczHandle portal, IpczHandle* handle) {
  WaitFor(portal, RINGWAY_WAIT_READABLE, 0, RINGWAY_NO_DEADLINE);
  char text[sizeof(kText)];
  size_t num_bytes = sizeof(text);
  size_t num_handles = handle ? 1 : 0;
  Must("get",
       Ipcz().Get(portal, IPCZ_NO_FLAGS, nullptr, text, &num_bytes, handle, &num_handles, nullptr));
}

void Run(size_t num_portals) {
  IpczDriverHandle transports[2];
  IpczHandle nodes[2];
  IpczHandle links[2];
  Must("make transports", RingwayLinuxCreateTransportPair(&transports[0], &transports[1]));
  for (size_t i = 0; i < 2; ++i) {
    Must("make a node", Ipcz().CreateNode(RingwayLinuxDriver(), 0,
                                          i == 0 ? IPCZ_CREATE_NODE_AS_BROKER : IPCZ_NO_FLAGS,
                                          nullptr, &nodes[i]));
    Must("connect", Ipcz().ConnectNode(nodes[i], transports[i], 1,
                                       i == 0 ? IPCZ_NO_FLAGS : IPCZ_CONNECT_NODE_TO_BROKER,
                                       nullptr, &links[i]));
  }
  std::vector<IpczHandle> kept(num_portals + 1);
  for (IpczHandle& portal : kept) {
    IpczHandle other;
    Must("open portals", Ipcz().OpenPortals(nodes[0], IPCZ_NO_FLAGS, nullptr, &portal, &other));
    if (&portal != &kept.back()) {
      Put(links[0], &other, 1);
      Get(links[1], &other);
    }
    for (int i = 0; i < 3; ++i) Put(portal, nullptr, 0);
    Get(other, nullptr);
  }
  std::puts("ready");
  std::fflush(stdout);
  for (int c = std::getchar(); c != EOF; c = std::getchar()) {
    if (c != '\n') continue;
    Put(kept.front(), nullptr, 0);
    std::puts("put");
    std::fflush(stdout);
  }
}

}  // namespace

}  // namespace ringway::cmd

int main(int argc, char** argv) {
  ringway::cmd::Run(argc == 2 ? std::stoul(argv[1]) : 1);
  return 0;
}
