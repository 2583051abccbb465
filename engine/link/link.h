// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_LINK_LINK_H_
#define ENGINE_LINK_LINK_H_

#include <deque>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/link/driver_port.h"
#include "engine/link/link_memory.h"
#include "engine/link/message.h"
#include "engine/link/peer_memory.h"
#include "engine/link/sublink_table.h"
#include "engine/route/binding.h"
#include "engine/route/record_layout.h"
#include "ipcz/ipcz.h"
#include "ring/base/lock.h"

namespace ringway {

class Node;
class RouteEnd;

// Route ends below this index are the initial portals, with the same index on
// both sides. Above, a side gives out even indexes, and the peer's index of the
// same route is the odd one behind it.
inline constexpr uint32_t kInitialPortalsMax = 16;
inline constexpr uint32_t PeerSublink(uint32_t sublink) {
  return sublink < kInitialPortalsMax ? sublink : sublink ^ 1;
}

// The connection of a node with one other: a transport for messages and
// handles, and both sides' segments. It lives as long as a route or the
// transport refers to it.
class Link final : public RefCounted, private LinkMemory::Announcer {
 public:
  // Takes over `transport` if the result is OK, activates it and sends the
  // first message. `ends` gets the initial portals, without handles.
  static IpczResult Connect(Ref<Node> node, IpczDriverHandle transport, uint32_t connect_flags,
                            size_t num_initial_portals, std::vector<Ref<RouteEnd>>* ends,
                            const Key& introduced_to = {});
  ~Link() override;

  Node* node() const { return node_.get(); }
  const Ref<DriverPort>& driver() const { return driver_; }
  const Ref<LinkMemory>& memory() const { return memory_; }
  PeerMemory& peer_memory() { return peer_memory_; }
  // Both sides' sleepers issue barriers; fixed early.
  bool may_omit_fences() const { return may_omit_fences_.load(std::memory_order_relaxed); }
  bool up() const;
  size_t route_ends() const;
  // Ended routes are given back many at a time; this asks both sides not to wait.
  void GiveBackEnded();
  std::vector<Ref<RouteEnd>> Ends();
  bool down() const;
  bool cannot_send() const;                    // it is down, or will be once all has been delivered
  uint64_t number() const { return number_; }  // in messages that come through the broker

  // --- Sublinks (sublinks.cc)
  // Reserves a sublink for a portal to be sent; false: Provide(*memory_needed).
  bool Reserve(uint32_t* sublink, RouteEndBlock** own, uint64_t* memory_needed);
  void Unreserve(uint32_t sublink);
  // Gives a reserved sublink its route end. False: the link has ended.
  bool Assign(const Ref<Binding>& binding, Ref<RouteEnd> end);
  // The end is another one of this node from now on.
  void Reassign(const Binding& binding, Ref<RouteEnd> end);
  // Both for an end that is to go on in this link: null if Provide(*memory_needed)
  // must come first. If the link is down already, its end is not told.
  Ref<Binding> Enter(const Ref<RouteEnd>& end, uint64_t* memory_needed);
  void Withdraw(Binding& binding);
  // Takes in a portal that a record describes. kPending: ProvideToAccept(*memory_needed).
  Resolved PrepareAccept(uint32_t sublink, uint64_t* memory_needed);
  IpczResult ProvideToAccept(uint64_t bytes);
  Ref<RouteEnd> Accept(const HandleDescriptor& descriptor);
  // A closed end, or one that has moved on, has read all there is in `edge`.
  void RouteDone(RouteEnd& end, Binding& edge);
  // Keeps the lanes and blocks of an end that moves on until the peer has read them.
  void Leave(const Binding& edge, std::vector<OutBlock> blocks);
  const Key& peer_name() const { return peer_name_; }  // once up()
  uint32_t connect_flags() const { return connect_flags_; }
  // Of the two sides, one; see RolesAgree(). Between brokers it shows in OnConnect().
  bool gives_initial_tokens() const {
    return to_client() || (connect_flags_ & kConnectSharesBroker) != 0;
  }
  // What the peer is to us, as a broker.
  bool to_client() const { return RoleIs(kConnectIsBroker); }
  bool to_other_broker() const { return RoleIs(kConnectIsBroker | kConnectToBroker); }
  const Ref<Batches::Quota>& objects_here() const { return objects_here_; }

  // --- Introductions (introduction.cc)
  // Gives the peers of two links of one node a transport to each other, and what
  // to take each other for.
  static void Introduce(Link& a, uint32_t flags_to_a, Link& b, uint32_t flags_to_b);
  static bool MakeTransport(Link& a, Link& b, IpczDriverHandle ends[2]);
  // One end of a transport for the peer, unasked or as it was asked for. False: it
  // was not sent, and is closed.
  bool GiveIntroduction(const Key& name, uint32_t flags, IpczDriverHandle transport);
  bool GiveAnswer(const SeekBody& body, IpczDriverHandle transport);
  void SayNotFound(const SeekBody& body);
  void SayNoIntroduction(const Key& name, uint32_t flags);
  // Whom the peer has been told of by us, and how often because it asked.
  bool MayBeIntroducedTo(const Key& name) const;
  void NoteIntroduced(const Key& name, bool asked);
  bool ForgetIntroduced(const Key& name);

  // --- Messages. No locks held.
  void SendReady(uint32_t sublink);
  // Segments and batches that the peer has been or will be told of; see RouteBody.
  Announced announced() const {
    // Whatever counts on them comes after them.
    return {announced_segments_.load(std::memory_order_relaxed),
            announced_batches_.load(std::memory_order_relaxed)};
  }
  uint64_t NextBatch();
  // Serializes the boxes' objects into `message`; all or none.
  IpczResult SerializeBoxes(const Attachments& boxes, MessageBuilder* message);
  IpczResult Send(MessageBuilder message);
  IpczDriverHandle transport_for_reports() const { return transport_; }

  // --- Objects that the driver carries to and from brokers only (relayed.cc)
  bool relays() const { return relays_.load(std::memory_order_relaxed); }  // once is enough
  bool IsTo(const Key& peer, uint64_t peers_number) const;

  // --- Borrowed memory (loans.cc)
  // Segment `segment` moves into memory that the delegate gave; 0: it has none.
  void TakeLoan(uint32_t segment, IpczDriverHandle memory);
  // Gives the peer what it asked for as `id`; 0: there is none.
  void Lend(uint64_t id, uint64_t bytes, IpczDriverHandle memory);
  void AskForLoan(uint64_t id, uint64_t bytes);

  // Ends the link: quietly, or because the peer did `what`. Its routes see
  // their peers closed once what was there is read.
  void Down();
  void Break(const std::string& what);

 private:
  // The driver's handle, closed once nobody transmits any more.
  struct Transport : RefCounted {
    Transport(Ref<DriverPort> port, IpczDriverHandle transport)
        : driver(std::move(port)), handle(transport) {}
    ~Transport() override { driver->Close(handle); }
    const Ref<DriverPort> driver;
    const IpczDriverHandle handle;
  };

  enum class State { kConnecting, kUp, kDown };

  using Sublink = SublinkTable::Sublink;

  Link(Ref<Node> node, IpczDriverHandle transport, uint32_t connect_flags);

  static IpczResult IPCZ_API OnActivity(IpczHandle link, const void* data, size_t num_bytes,
                                        const IpczDriverHandle* handles, size_t num_handles,
                                        IpczTransportActivityFlags flags, const void* options);
  IpczResult Receive(Message message);
  IpczResult ReadInbox(Message* first);
  bool ReadMessage(Message& message);
  bool Handle(Message& message);
  bool WaitsForMemory(const Message& message);
  bool HasArrived(const Announced& announced) const;
  bool HandleWaiting();
  bool OnConnect(Message& message);
  bool OnAddSegment(Message& message);
  bool OnDropSegment(Message& message);
  bool OnObjects(Message& message);
  bool OnFreed(const FreedBody& body);
  bool OnFreed(uint32_t sublink);
  bool OnRoute(Message& message);
  bool OnAttach(const RouteBody& body);
  bool Attach(const Ref<Binding>& edge, Ref<RouteEnd> end);
  bool OnIntroduction(Message& message);
  bool OnNoIntroduction(const Key& name, uint32_t flags);
  bool OnSearch(Message& message);
  bool OnRelay(Message& message);
  bool OnNotRelayed(const RelayBody& body);
  bool OnRelayed(Message& message);
  bool PassOn(RelayBody body, Message& message);
  bool OnMemoryMessage(Message& message);
  bool RoleIs(uint32_t role) const {
    return (connect_flags_ & (kConnectIsBroker | kConnectToBroker)) == role;
  }
  bool Give(MessageBuilder message, IpczDriverHandle transport);
  uint32_t RoleInIntroduction(uint32_t flags) const;
  bool RolesAgree(uint32_t peer_flags, std::string* why) const;
  bool MayBe(const Key& name, std::string* why) const;
  bool GetUp(const ConnectBody& body, std::vector<std::pair<Ref<RouteEnd>, Ref<Binding>>>* excess);
  IpczResult SendConnect(IpczDriverHandle memory);
  void Show(uint32_t link_state);
  IpczResult SendSegment(uint32_t segment, uint64_t bytes, IpczDriverHandle memory, bool counted);
  Ref<Transport> OpenTransport() const;  // null once the link has ended
  IpczResult AddObject(MessageBuilder* message, IpczDriverHandle object);
  IpczResult AddDirectly(MessageBuilder* message, IpczDriverHandle object) const;
  IpczResult SerializeEach(const Attachments& boxes, const Link& through, MessageBuilder* message);
  Ref<Link> RelayingBroker() const;
  IpczResult SendRelayed(MessageBuilder message);
  IpczResult RelayNow(MessageBuilder* message);
  void SendHeld();
  bool MoveSegment(uint32_t segment, const DriverPort::OwnMemory& own, bool* moved);
  // A sublink that neither side uses any more, and objects that nobody claimed.
  struct Finished {
    Sublink sublink;
    std::unordered_map<uint32_t, Batches>::node_type unclaimed;
  };
  Finished Unlist(uint32_t sublink);
  void FinishSublink(uint32_t sublink, const Finished& finished);
  void FlushFreed(uint32_t flags);
  Ref<RouteEnd> EndOf(uint32_t sublink);
  void List(Ref<RouteEnd> end, Ref<Binding> binding);  // under mutex_, as is
  void TakeEarlyObjects(Binding& binding);             // ... this
  bool KeepObjects(uint32_t sublink, uint64_t batch, Attachments& boxes);
  bool PeerHasCleared(uint32_t sublink);  // under mutex_

  // LinkMemory::Announcer:
  IpczResult AnnounceSegment(uint32_t segment, uint64_t bytes, IpczDriverHandle memory) override;
  void WithdrawSegment(uint32_t segment) override;
  bool CanBorrow() const override;
  void Borrow(uint32_t segment, uint64_t bytes) override;
  void CountBorrowed() override;

  const Ref<Node> node_;
  const Ref<DriverPort> driver_;
  const IpczDriverHandle transport_;
  const uint32_t connect_flags_;
  const uint64_t number_;
  const Ref<LinkMemory> memory_;
  PeerMemory peer_memory_;
  std::atomic<bool> may_omit_fences_{false};
  std::atomic<uint64_t> next_batch_{1};
  std::atomic<uint32_t> announced_segments_{0};
  std::atomic<uint32_t> announced_batches_{0};
  std::atomic<bool> relays_{false};  // something was sent through the broker

  // Held while ends come that the link does not list yet, or their blocks go, as
  // borrowed segments move. After the locks of ends, before `mutex_`.
  SpinLock entering_mutex_;

  mutable SpinLock mutex_;
  State state_ = State::kConnecting;
  Key peer_name_ = {};
  Key introduced_to_ = {};
  uint64_t peers_number_ = 0;
  uint32_t peer_flags_ = 0;
  std::deque<MessageBuilder> held_;     // are to be relayed once the peer's number is known
  std::map<Key, uint32_t> introduced_;  // nodes that the peer was told of: how often it asked
  Ref<Transport> open_transport_;
  bool cannot_send_ = false;
  size_t initial_portals_ = 0;
  SublinkTable sublinks_;
  std::unordered_map<uint32_t, Batches> unclaimed_;  // for ends not taken in yet
  const Ref<Batches::Quota> objects_here_ = MakeRef<Batches::Quota>();
  uint32_t next_sublink_ = kInitialPortalsMax;
  std::vector<uint32_t> free_sublinks_;  // ours
  std::deque<uint32_t> left_sublinks_;   // ours; the peer may not have cleared its ends yet
  std::vector<uint32_t> freed_;          // the peer's names of what it was not told yet

  SpinLock inbox_mutex_;
  std::deque<Message> inbox_;
  Announced arrived_ = {};       // ever
  std::deque<Message> waiting_;  // until more of them have
  std::deque<Message> early_;    // relayed ones that were faster than the peer's first message
  bool receiving_ = true;        // until our first message is on its way
};

}  // namespace ringway

#endif  // ENGINE_LINK_LINK_H_
