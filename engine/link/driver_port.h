// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_LINK_DRIVER_PORT_H_
#define ENGINE_LINK_DRIVER_PORT_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "engine/base/ref.h"
#include "ipcz/ipcz.h"
#include "ringway/driver_extension.h"

namespace ringway {

// A node's driver: the only way in which the engine reaches the system. Calls
// pass through to the table, with the extension used where there is one. None
// is made with an engine lock held (docs/protocol.md, "Re-entrance").
class DriverPort : public RefCounted {
 public:
  DriverPort(const IpczDriver* table, IpczDriverHandle driver_node);

  const IpczDriver& table() const { return table_; }

  // Memory that this node writes.
  struct OwnMemory {
    IpczDriverHandle memory = IPCZ_INVALID_DRIVER_HANDLE;
    IpczDriverHandle mapping = IPCZ_INVALID_DRIVER_HANDLE;
    std::byte* address = nullptr;
  };
  IpczResult Allocate(size_t num_bytes, OwnMemory* result) const;

  // Memory for another node to write, and such memory at that node: `memory` is
  // then in `result`, and closed on failure.
  IpczDriverHandle AllocateLoan(size_t num_bytes) const;
  IpczResult TakeLoan(IpczDriverHandle memory, size_t num_bytes, OwnMemory* result) const;

  // Memory that the peer writes. Consumes `memory`.
  struct PeerMapping {
    IpczDriverHandle mapping = IPCZ_INVALID_DRIVER_HANDLE;
    const std::byte* address = nullptr;
    size_t num_bytes = 0;
  };
  IpczResult MapPeer(IpczDriverHandle memory, PeerMapping* result) const;

  // Serializes `object` for `transport`, appending to both. Consumes `object`
  // if the result is OK.
  IpczResult Serialize(IpczDriverHandle object, IpczDriverHandle transport,
                       std::vector<std::byte>* bytes, std::vector<IpczDriverHandle>* handles) const;

  // Whether `object` can travel at all; asks the driver without a transport.
  bool IsTransmissible(IpczDriverHandle object) const;

  // Consumes `handles` whatever the result.
  IpczResult Deserialize(std::span<const std::byte> bytes,
                         std::span<const IpczDriverHandle> handles, IpczDriverHandle transport,
                         IpczDriverHandle* object) const;

  // Consumes `handles` whatever the result.
  IpczResult Transmit(IpczDriverHandle transport, std::span<const std::byte> bytes,
                      std::span<const IpczDriverHandle> handles) const;

  void Close(IpczDriverHandle handle) const;
  bool Random(void* buffer, size_t num_bytes) const;

  // Whether `ringway inspect` finds what is allocated.
  bool shows_memory() const { return extension_ != nullptr; }

  // Waiting and waking on words, if the driver has it.
  bool can_wait_on_words() const { return extension_ != nullptr; }
  void WaitWords(std::span<const RingwayWord> words, uint64_t timeout_ns) const;
  void WakeWord(const void* address) const;

  // Whether a barrier of ours reaches every thread that may publish to us, and
  // a barrier of theirs reaches us, so that publishers need no fence.
  bool has_barrier() const { return has_barrier_; }
  // Orders our stores before our next loads, and everybody else's likewise.
  void SleeperBarrier() const;

 private:
  const IpczDriver& table_;
  const IpczDriverHandle driver_node_;
  const RingwayDriverExtension* const extension_;
  const bool has_barrier_;
};

}  // namespace ringway

#endif  // ENGINE_LINK_DRIVER_PORT_H_
