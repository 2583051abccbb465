// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Hosts the names of servers, in the process of the broker. It makes the portals
// between clients and servers, so it is what tells each who the other one is.

#ifndef RINGWAY_NAME_SERVICE_H_
#define RINGWAY_NAME_SERVICE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "ringway/identity.h"
#include "ringway/loop.h"

namespace ringway {
inline namespace api {

class NameService {
 public:
  // What one process may have at a time: more are refused with -RW_ENOMEM.
  static constexpr size_t kServersMax = 128;
  static constexpr size_t kWaitingMax = 256;       // for servers to appear
  static constexpr size_t kConnectionsMax = 4096;  // that their servers have not called ended

  // `node` is a broker, and outlives this.
  explicit NameService(Node& node);
  ~NameService();

  // Links the node to a process that connected, and serves it. `pid`, `uid` and `gid` are the
  // kernel's word: RingwayLinuxCredentials. Takes the transport on success. Any thread.
  IpczResult Admit(IpczDriverHandle transport, int32_t pid, uint32_t uid, uint32_t gid);
  // Serves whoever has the peer of `portal`: a thread of this process, say.
  void Admit(Portal portal, int32_t pid, uint32_t uid, uint32_t gid);

  // On one thread, until Stop().
  void Run() { loop_.Run(); }
  void Stop() { loop_.Stop(); }

 private:
  class Directory;

  Node& node_;
  std::atomic<uint64_t> last_client_ = 0;
  std::unique_ptr<Directory> directory_;
  Loop loop_;  // ends first
};

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_NAME_SERVICE_H_
