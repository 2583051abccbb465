// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef TESTS_SUPPORT_SYNC_DRIVER_H_
#define TESTS_SUPPORT_SYNC_DRIVER_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "ipcz/ipcz.h"

// A driver within one process that does everything at once: an activity handler
// runs inside the Transmit() of the other side, on its thread, also when that
// side is in a handler itself. It has no extension. Its memory is the heap, with
// one mapping for all, so that thread sanitizers see what happens.
//
// There are variants. With asynchronous transports, handlers run on threads of
// the driver's. With brokered ones, what travels between two nodes that are no
// brokers is bytes only. And a node may be unable to allocate memory. As calls to
// a driver do not say which node they are for, each kind of node has its table.

namespace ringway::testing {

enum class SyncNode { kBroker, kPlain, kWithoutMemory };
const IpczDriver* SyncDriver(SyncNode node = SyncNode::kPlain);

// What a transport, and all that are made from it, are like.
struct SyncWire {
  bool asynchronous = false;
  bool brokered = false;
};
void CreateSyncTransports(IpczDriverHandle* first, IpczDriverHandle* second,
                          const SyncWire& wire = {}, bool first_is_broker = true,
                          bool second_is_broker = false);

// An object to be boxed, and what it says. TakeBlob() consumes it. One that is not
// serializable cannot travel.
IpczDriverHandle MakeBlob(const std::string& text, bool serializable = true);
std::string TakeBlob(IpczDriverHandle blob);

// Objects of all kinds that were not closed.
size_t OpenSyncObjects();
// The deepest nesting of handlers on one thread since the last call.
size_t TakeDeepestSyncNesting();

// Memory is 64-aligned; with `offset`, a multiple of 8, that much less.
void SetSyncMemoryOffset(size_t offset);

// Held mode, as long as there is one of these, on one thread: a handler runs only
// when it is told to, with one item. So whoever tells chooses in which order what
// several endpoints have got is delivered. `seed` is for random bytes, too.
class SyncHold {
 public:
  explicit SyncHold(uint64_t seed);
  ~SyncHold();
  SyncHold(const SyncHold&) = delete;
  SyncHold& operator=(const SyncHold&) = delete;

  // Transports that are activated from now on are those of that node.
  void Enter(size_t node);
  // Endpoints at which something waits; in the order in which they came to wait.
  size_t Waiting() const;
  // Delivers the next item of one of them. The node whose it is.
  size_t DeliverOne(size_t which);
  // As if a node's process died: none of its handlers is called any more, and
  // its peers get an error behind what they were sent.
  void Kill(size_t node);
  // Ends one of the connections that both sides have activated: each gets an error
  // behind what it was sent. False: there is none. `nodes`: whose it was.
  bool Cut(size_t which, size_t (&nodes)[2]);
  // When killed nodes are only to be freed: what their transports still owe them.
  void Bury();

  // False: there is no held mode.
  static bool RandomBytes(size_t num_bytes, void* buffer);
};

}  // namespace ringway::testing

#endif  // TESTS_SUPPORT_SYNC_DRIVER_H_
