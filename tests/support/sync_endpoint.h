// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef TESTS_SUPPORT_SYNC_ENDPOINT_H_
#define TESTS_SUPPORT_SYNC_ENDPOINT_H_

// What the transports of the synchronous driver refer to; see sync_driver.h.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "ipcz/ipcz.h"
#include "tests/support/sync_driver.h"

namespace ringway::testing {

enum class SyncKind : uint64_t { kTransport = 1, kMemory, kMapping, kBlob };

struct SyncObject {
  explicit SyncObject(SyncKind the_kind) : kind(the_kind) { ++open; }
  virtual ~SyncObject() { --open; }
  static inline std::atomic<size_t> open{0};
  const SyncKind kind;
};

// What arrives at an endpoint.
struct SyncItem {
  IpczTransportActivityFlags flags = IPCZ_NO_FLAGS;
  std::vector<std::byte> bytes;
  std::vector<IpczDriverHandle> handles;
};

// One end of a connection, which both transports refer to.
class SyncEndpoint : public std::enable_shared_from_this<SyncEndpoint> {
 public:
  SyncEndpoint(const SyncWire& wire, bool of_broker) : wire_(wire), of_broker_(of_broker) {}
  ~SyncEndpoint();

  const SyncWire& wire() const { return wire_; }
  // Whether the node that has it is a broker.
  bool of_broker() const { return of_broker_.load(); }
  void SetOfBroker(bool of_broker) { of_broker_ = of_broker; }

  void SetPeer(const std::shared_ptr<SyncEndpoint>& peer) { peer_ = peer; }
  std::shared_ptr<SyncEndpoint> peer() { return peer_.lock(); }
  size_t node() const { return node_; }

  void Activate(IpczHandle engine, IpczTransportActivityHandler handler);
  // Calls the handler, unless another thread does and will go on with this.
  void Arrive(SyncItem item);
  void Deactivate();

  // On a thread of the driver's: hands over one item. False: there is no more now.
  bool RunScheduled();

  // --- Held mode
  void DeliverOne();
  bool active() const { return handler_ && !ended_; }
  bool HasOne() const { return handler_ && !queue_.empty(); }
  // The connection ends, for both sides, behind what is under way.
  void Cut();
  // Its node has died: nothing comes here any more but the end, and nothing goes.
  void Die();

  static void CloseHandles(SyncItem& item);
  static size_t TakeDeepestNesting();

 private:
  void Deliver(std::unique_lock<std::mutex>& lock);
  void CallHandler(std::unique_lock<std::mutex>& lock);

  const SyncWire wire_;
  std::atomic<bool> of_broker_;
  std::mutex mutex_;
  bool scheduled_ = false;  // is with the driver's threads
  std::weak_ptr<SyncEndpoint> peer_;
  IpczHandle engine_ = 0;
  IpczTransportActivityHandler handler_ = nullptr;
  bool ended_ = false;
  size_t depth_ = 0;
  std::thread::id owner_;
  std::deque<SyncItem> queue_;
  size_t node_ = 0;
};

}  // namespace ringway::testing

#endif  // TESTS_SUPPORT_SYNC_ENDPOINT_H_
