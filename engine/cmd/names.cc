// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/cmd/names.h"

#include <chrono>
#include <cstdio>
#include <string>
#include <thread>

#include "engine/cmd/failure.h"
#include "engine/cmd/listener.h"
#include "ringway/driver_linux.h"
#include "ringway/name_service.h"

namespace ringway::cmd {

namespace {

// For other processes to end and give back what there is too little of.
constexpr std::chrono::milliseconds kPause(100);

// Refuses one process; those that are here already are served all the same.
void Complain(const std::string& what, IpczResult result) {
  std::fprintf(stderr, "ringway: %s: cannot admit another process: %s (see 'ulimit -n')\n",
               what.c_str(), NameOf(result));
}

}  // namespace

void HostNames(const Options& options) {
  const std::string what = "names on '" + options.name + "'";
  Listener listener(what, options.name);
  Result<Node> node = Node::Create(RingwayLinuxDriver(), IPCZ_CREATE_NODE_AS_BROKER);
  if (!node) FailCall("create a node", node.result());
  NameService service(*node);
  std::thread serving([&] { service.Run(); });
  bool had_room = true;
  for (;;) {
    RingwayLinuxCredentials client = {sizeof(client), 0, 0, 0};
    IpczDriverHandle transport = IPCZ_INVALID_DRIVER_HANDLE;
    IpczResult result = listener.Accept(&transport, &client);
    if (result == IPCZ_RESULT_OK) {
      result = service.Admit(transport, client.pid, client.uid, client.gid);
      if (result != IPCZ_RESULT_OK) RingwayLinuxDriver()->Close(transport, 0, nullptr);
    }
    const bool has_room = result == IPCZ_RESULT_OK;
    if (!has_room && had_room) Complain(what, result);
    if (!has_room) std::this_thread::sleep_for(kPause);
    had_room = has_room;
  }
}

}  // namespace ringway::cmd
