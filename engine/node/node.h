// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_NODE_NODE_H_
#define ENGINE_NODE_NODE_H_

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "engine/base/handle_table.h"
#include "engine/link/driver_port.h"
#include "engine/link/link.h"
#include "engine/node/box.h"
#include "engine/node/introductions.h"
#include "engine/node/loans.h"
#include "engine/node/node_layout.h"
#include "ringway/ringway.h"

namespace ringway {

// Gives a line to the log handler of this process, if there is one.
void Log(int severity, const std::string& text);
void SetLogHandler(RingwayLogHandler handler, void* context);

// A node: its driver, its links, and what they have in common.
class Node final : public HandleObject {
 public:
  static constexpr HandleKind kHandleKind = HandleKind::kNode;

  Node(Ref<DriverPort> driver, bool broker);
  ~Node() override;

  const Ref<DriverPort>& driver() const { return driver_; }
  bool is_broker() const { return broker_; }
  const uint64_t* name() const { return name_.data(); }
  const Key& key() const { return name_; }

  // Checks flags against what this node is, and translates them for Link.
  // INVALID_ARGUMENT when they do not go together.
  IpczResult ConnectFlags(IpczConnectNodeFlags flags, uint32_t* connect_flags);

  void ConnectFailed(uint32_t connect_flags);

  void AddLink(Ref<Link> link);
  void RemoveLink(Link& link);
  void OnLinkUp(Link& link, uint32_t peer_flags);

  // Ends all links. Portals stay as they are and see their peers closed.
  void Shutdown();

  // Portals leave the node one transfer at a time: it locks several of them.
  std::mutex& transfer_mutex() { return transfer_mutex_; }

  Loans& loans() { return loans_; }
  void SetDelegate(Ref<Link> link);

  uint64_t NextLinkNumber() { return next_link_.fetch_add(1, kCount); }
  Ref<Link> LinkOfNumber(uint64_t number);
  Ref<Link> LinkOfPeer(const Key& peer, uint64_t peers_number);
  // A link that is up to the node of that name, or null.
  Ref<Link> LinkTo(const Key& name);
  // The one that is up to our broker, or null.
  Ref<Link> LinkToBroker();
  // Of a broker: the links that are up to its clients and to other brokers, the
  // one to the node of that name, or null, and whether that is a client, or we.
  std::vector<Ref<Link>> LinksInNetwork();
  Ref<Link> LinkInNetwork(const Key& name);
  bool IsOurs(const Key& name);
  Introductions& introductions() { return introductions_; }
  SeekBody NewSearch(const Key& seeker, const Key& wanted) const;
  // A link by a transport from somebody who knows us both; 0: there is none.
  void ConnectTo(const Key& name, IpczDriverHandle transport, uint32_t role);
  // Asks the broker for such a link, on behalf of an end that `edge` told to go
  // there; the end is told again when there is one. False: there is no broker, or such a link.
  bool AskForLinkTo(const Key& name, Ref<RouteEnd> end, Ref<Binding> edge, const Key& key);
  void NoLinkTo(const Key& name);
  void PokeNeighbours();
  // What the broker was to relay to that node will not arrive any more.
  void LoseRelaysTo(const Key& name);
  // Ends that await an attachment with a key, from a link to that node.
  void Await(const Key& key, const Key& from, Ref<RouteEnd> end);
  Ref<RouteEnd> TakeAwaited(const Key& key, const Key& from);
  // Of that key only, if it is given.
  bool Unawait(const RouteEnd& end, const Key* key = nullptr);

  // Quotas of one link.
  uint64_t link_bytes_max() const { return uint64_t{64} << 30; }
  uint64_t peer_segments_max() const { return 4096; }

  void CountPortal(int by) { page_->portals.fetch_add(static_cast<uint64_t>(by), kCount); }
  void CountRelay(int by) { page_->relays.fetch_add(static_cast<uint64_t>(by), kCount); }
  void CountMessageSent() { page_->messages_sent.fetch_add(1, kCount); }
  void CountMessageReceived() { page_->messages_received.fetch_add(1, kCount); }
  void CountLinkRefused() { page_->links_refused.fetch_add(1, kCount); }
  void CountLinkBroken() { page_->links_broken.fetch_add(1, kCount); }
  void ReadCounters(RingwayNodeCounters* counters);

 private:
  static constexpr std::memory_order kCount = std::memory_order_relaxed;

  const Ref<DriverPort> driver_;
  const bool broker_;
  Key name_ = {};

  std::mutex mutex_;
  std::vector<Ref<Link>> links_;  // in the order in which they were made
  struct Awaited {
    Key from;
    Ref<RouteEnd> end;
  };
  std::map<Key, Awaited> awaited_;
  struct AskedFor {
    Ref<RouteEnd> end;
    Ref<Binding> edge;
    Key key;
  };
  Ref<Link> BrokerLink();                 // under mutex_, as is
  Ref<Link> FindLinkTo(const Key& name);  // ... this
  std::map<Key, std::vector<AskedFor>> asked_for_;
  bool has_broker_ = false;
  bool closed_ = false;
  std::mutex transfer_mutex_;
  Loans loans_;
  Introductions introductions_{*this};
  std::atomic<uint64_t> next_link_{1};

  DriverPort::OwnMemory page_memory_;
  NodePage private_page_ = {};
  NodePage* page_ = &private_page_;  // in page_memory_, if that is to be seen from outside
};

}  // namespace ringway

#endif  // ENGINE_NODE_NODE_H_
