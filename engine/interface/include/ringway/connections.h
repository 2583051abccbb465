// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef RINGWAY_CONNECTIONS_H_
#define RINGWAY_CONNECTIONS_H_

#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "ringway/messenger.h"
#include "ringway/names.h"

namespace ringway {
inline namespace api {

// A connection of this process, as a number. The number of one that was ended
// never stands for another.
struct ConnectionId {
  uint32_t slot = 0;
  uint32_t generation = 0;  // odd; 0: no connection

  bool operator==(const ConnectionId&) const = default;
};

// The connections of a process, one for each server. Any thread may call.
class ConnectionTable {
 public:
  // `names` outlives this.
  explicit ConnectionTable(const Names& names) : names_(names) {}

  // As Names::Connect(); but a server that this process is connected to already has the same id
  // again. If that server has died, its next one gets a new id.
  int64_t Connect(const ServerKey& key, ConnectionId* id, Deadline deadline = Deadline::Never());
  int64_t TryConnect(const ServerKey& key, ConnectionId* id) {
    return Connect(key, id, Deadline::Now());
  }

  // Ends a connection, when the calls that are under way have ended. -RW_ESTALE: it has ended.
  int64_t Disconnect(ConnectionId id);

  // What to call it with. -RW_ESTALE: it has ended. The connection of a server that died stays,
  // and calls fail with -RW_ECONNRESET.
  int64_t Find(ConnectionId id, Target* target) const;
  template <class I>
  int64_t Find(ConnectionId id, Cap<I>* cap) const {
    Target target;
    const int64_t status = Find(id, &target);
    if (status == RW_EOK) *cap = Cap<I>(std::move(target));
    return status;
  }
  int64_t Find(ConnectionId id, Messenger* messenger) const;

 private:
  struct Slot {
    uint32_t generation = 0;  // odd while it is in use
    ServerKey key = ServerId();
    Target target;
  };

  bool IsInUse(ConnectionId id) const;
  bool FindLive(const ServerKey& key, ConnectionId* id);
  static void End(Slot& slot);

  const Names& names_;
  mutable std::mutex mutex_;
  std::vector<Slot> slots_;
};

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_CONNECTIONS_H_
