// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_ROUTE_ROUTE_END_H_
#define ENGINE_ROUTE_ROUTE_END_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/biased_lock.h"
#include "engine/base/handle_table.h"
#include "engine/route/binding.h"
#include "engine/route/forwarder.h"
#include "engine/route/record_layout.h"
#include "engine/route/route_types.h"
#include "engine/route/waiter.h"
#include "ipcz/ipcz.h"
#include "ring/lane_reader.h"
#include "ring/lane_writer.h"
#include "ring/wake.h"

namespace ringway {

class Link;
class Node;

// Everything that producers of one portal share. Under its lock.
struct alignas(64) PutSide {
  BiasedLock lock;
  LaneWriter writer;
  OutBlock lane;       // the writer's memory
  WakeMemory readers;  // what was answered of the peer's reading side
  uint64_t parcels = 0;
  uint64_t bytes = 0;
  uint64_t seen_consumed_parcels = 0;  // of the peer, when a limit asked last
  uint64_t seen_consumed_bytes = 0;
  struct Retired {
    uint64_t position;  // free once the peer's head is here
    OutBlock block;
  };
  std::vector<Retired> retired;  // by position
  uint64_t lanes_grown = 0;
  uint64_t wakes_sent = 0;
  uint64_t readies_sent = 0;
  // A two-phase put in progress: in a block, or in a private buffer.
  bool two_phase = false;
  bool two_phase_ending = false;  // by a thread that puts handles meanwhile
  size_t two_phase_capacity = 0;
  OutBlock two_phase_block;
  std::unique_ptr<std::byte[]> two_phase_buffer;
  size_t two_phase_buffer_bytes = 0;
  Ref<Binding> two_phase_moved;  // whose memory the block is, if the route moved since
  // A lane set aside for a parcel that must not fail for want of memory.
  OutBlock spare;
  // Threads between the first message for a parcel with handles and its record;
  // the out-lane is not switched meanwhile, but by the last of them, to `next`.
  uint32_t in_progress = 0;
  Ref<Binding> next;
  bool ended = false;  // the out-lane has its end mark

  // Whether the limits admit a parcel beside those that were put, by what was
  // last seen of the peer.
  bool Fits(uint64_t num_bytes, const PutLimits& limits) const {
    const uint64_t queued = bytes - seen_consumed_bytes;
    return parcels - seen_consumed_parcels < limits.parcels && queued <= limits.bytes &&
           num_bytes <= limits.bytes - queued;
  }
  // Counts a parcel and puts its record aside. RouteEnd::ShowPutTotals() and
  // writer.Publish() follow.
  void PutAside(uint64_t offset, uint64_t record_bytes, RecordKind kind, uint8_t flags,
                uint64_t second, uint64_t payload_bytes) {
    ++parcels;
    bytes += payload_bytes;
    writer.PutAside(offset, record_bytes, kind, flags, second);
  }
  // What lay in that memory lies elsewhere.
  void Move(const MovedMemory& moved);
  void Clear();
};

// Everything that consumers of one portal share. Under its lock.
struct alignas(64) GetSide {
  BiasedLock lock;
  std::vector<Ref<Binding>> sources;  // in the order in which they are read
  Cursor front;                       // the next parcel to get
  uint64_t parcels = 0;               // consumed ever
  uint64_t bytes = 0;
  // How far the queue has been counted, and what lies between; if nothing does,
  // counting starts at the front.
  Cursor ahead;
  uint64_t ahead_parcels = 0;
  uint64_t ahead_bytes = 0;
  // The front parcel, if part of it was taken.
  uint64_t front_bytes_taken = 0;
  bool front_claimed = false;  // its attachments are those below
  Attachments front_attachments;
  bool two_phase = false;
  ParcelView two_phase_view;
  WakeMemory writers;  // what was answered of the peer's writing side
  std::vector<Trap> traps;
  uint64_t next_trap = 0;
  std::vector<Ref<Waiter>> waiters;
  uint32_t parked_readers = 0;
  uint32_t parked_writers = 0;
  // What parked writers wait for, as totals the peer consumed; kNever: nothing.
  uint64_t room_parcels = kNever;
  uint64_t room_bytes = kNever;
  uint32_t ready_readers = 0;  // waiters that are to be told by message
  uint32_t ready_writers = 0;
  bool sink = false;     // the portal is closed; what arrives is destroyed
  uint64_t drained = 0;  // parcels destroyed since
  bool done = false;     // ... and nothing more will
  bool lost = false;     // a link of one of the sources
  // If what arrives is forwarded: by whom, and how many parcels were, ever.
  // `parcels` and `bytes` then are what the far end has consumed.
  Ref<Forwarder> relay;
  uint64_t relayed = 0;
  std::vector<Cursor> resumes;  // where in-lanes go on in which another end has read
  // What the peer had consumed when the route moved last; its new block may
  // not say so yet.
  uint64_t consumed_before = 0;
  uint64_t consumed_bytes_before = 0;
  bool relayed_here = false;           // a relay waits for this portal to be taken
  uint32_t links_crossed = 0;          // since somebody had the portal
  bool awaits_lane = false;            // another in-lane will follow the last one's `moved`
  bool next_lost = false;              // it would have, but will not
  bool ends_moved = false;             // the relay's neighbours were asked to go around it
  std::vector<Ref<Binding>> finished;  // read to their ends, and not the current one

  // Counts the front parcel as taken. RouteEnd::ShowGetTotals() follows.
  void Take(const LaneRecord& record, uint64_t payload_bytes) {
    ++parcels;
    bytes += payload_bytes - front_bytes_taken;
    Step(record, payload_bytes);
  }
  void Step(const LaneRecord& record, uint64_t payload_bytes) {
    front.position = record.end();
    if (ahead_parcels != 0) {
      --ahead_parcels;
      ahead_bytes -= payload_bytes;
    }
    front_bytes_taken = 0;
    front_claimed = false;
  }
  void Clear();
};

// What to do for the other side once no lock is held.
struct WakeActions {
  Ref<Binding> binding;  // null: nothing
  Ref<Binding> left;     // a relay there waits for room; null: none does
  bool readers_word = false;
  bool writers_word = false;
  bool ready = false;                // traps, or for a local peer anything
  std::vector<Ref<RouteEnd>> taken;  // portals whose relays wait for that
};

// A parcel to put: its bytes, or a block that holds them already, and what its
// record says of its handles.
struct PutContents {
  const void* data = nullptr;
  uint64_t num_bytes = 0;
  const OutBlock* block = nullptr;
  uint32_t handles = 0;
  uint32_t objects = 0;  // of them, those that come in the batch
  uint64_t batch = 0;
  std::span<const HandleDescriptor> descriptors;
};

// One end of a route: a portal as long as it has a handle; afterwards a sink,
// or on its way in a parcel. Its memory is never freed, only used again, so
// that a stale handle can be looked at safely.
class RouteEnd final : public HandleObject {
 public:
  static constexpr HandleKind kHandleKind = HandleKind::kPortal;

  static Ref<RouteEnd> Create(Ref<Node> node);
  void Bind(Ref<Binding> binding);
  // Goes on with the totals that a portal had before it was sent here.
  void Resume(const HandleDescriptor& descriptor);
  void PublishTotals();

  // The portal of a handle, not held; lock it and ask it for its handle.
  static RouteEnd* Find(IpczHandle handle) {
    return static_cast<RouteEnd*>(HandleTable::Get().FindPortal(handle));
  }

  Node* node() const { return node_.get(); }
  Binding& binding() const { return *binding_; }
  Ref<Binding> binding_ref() const { return binding_; }

  // The portal's handle; 0 while it has none. Changed under both locks, so
  // either suffices to ask.
  IpczHandle handle() const { return handle_.load(std::memory_order_relaxed); }
  void SetHandle(IpczHandle handle) { handle_.store(handle, std::memory_order_relaxed); }
  // A new handle for this end; 0 if there is none left.
  IpczHandle Publish();

  PutSide put;
  GetSide get;

  // --- put.cc: all under put.lock
  enum class PutResult { kOk, kNeedsMemory, kLimit, kClosed, kTooLarge, kPeerBroken };
  // Publishes a parcel of bytes; `memory_needed` is set for kNeedsMemory.
  PutResult PutBytes(const void* data, size_t num_bytes, const PutLimits& limits,
                     uint64_t* memory_needed);
  PutResult PutParcel(const PutContents& contents, uint64_t* memory_needed);
  PutResult Admit(uint64_t num_bytes, PutLimits limits);
  // Room for a record of `bytes`, growing the lane if need be.
  PutResult Reserve(uint64_t bytes, uint64_t* offset, uint64_t* memory_needed);
  // A block for a payload, taken from the out-memory.
  PutResult AllocateBlock(uint64_t bytes, OutBlock* block, uint64_t* memory_needed);
  // Before publishing, so that a count of what is queued is never too small.
  void ShowPutTotals() {
    ProducerLine& line = binding_->own().producer;
    line.parcels.store(put.parcels, std::memory_order_relaxed);  // hints for limits and queries
    line.bytes.store(put.bytes, std::memory_order_relaxed);
  }
  void Retire(OutBlock block);
  void Reclaim();
  // After publishing: what the peer's reading side wants.
  void LookAtReaders(bool end_mark, WakeActions* actions) {
    binding_->PutFence();  // [wake.fence] between our header and their generation
    const RouteEndBlock* peer = binding_->peer();
    uint64_t seen;
    if (!peer || !put.readers.Look(peer->attention.readers, &seen)) [[likely]]
      return;
    AnswerReaders(*peer, seen, end_mark, actions);
  }
  void AnswerReaders(const RouteEndBlock& peer, uint64_t seen, bool end_mark, WakeActions* actions);

  // --- deliver.cc: all under get.lock
  Found Peek(Cursor* cursor, ParcelView* view);
  // The next parcel to get.
  Found Front(ParcelView* view);
  // Consumes the front parcel (`view`).
  void Consume(const ParcelView& view, WakeActions* actions) {
    get.Take(view.record, view.bytes);
    ShowGetTotals();
    LookAtWriters(false, actions);
  }
  // As Consume(), for a parcel that was forwarded: it is for others to consume.
  void ConsumeRelayed(const ParcelView& view) {
    get.Step(view.record, view.bytes);
    get.front_attachments.clear();
    ++get.relayed;
    ShowHead();
  }
  // After taking parcels: their room can be used again.
  void ShowGetTotals() {
    ShowConsumed();
    ShowHead();
  }
  void ShowConsumed() {
    ConsumerLine& totals = binding_->own().consumer;
    totals.parcels.store(get.parcels, std::memory_order_relaxed);  // hints for limits and queries
    totals.bytes.store(get.bytes, std::memory_order_relaxed);
  }
  void ShowHead() {
    // [lane.head] Pairs with the producer's Reserve(): we have read what it will
    // write over.
    get.sources.front()->own().consumer.head.store(get.front.position, std::memory_order_release);
  }
  // Counts what is queued, and says what follows it.
  Found CountAhead();
  IpczPortalStatus Status();
  // After consuming: what the peer's writing side wants.
  void LookAtWriters(bool end_mark, WakeActions* actions) {
    if (get.sources.front() != binding_) [[unlikely]]
      LookAtRelayLeft(actions);
    binding_->GetFence();  // [wake.fence] between our counts and their generation
    const RouteEndBlock* peer = binding_->peer();
    uint64_t seen;
    if (!peer || !get.writers.Look(peer->attention.writers, &seen)) [[likely]]
      return;
    AnswerWriters(*peer, seen, end_mark, actions);
  }
  void LookAtRelayLeft(WakeActions* actions);
  void AnswerWriters(const RouteEndBlock& peer, uint64_t seen, bool end_mark, WakeActions* actions);
  // Relays between here and the far end, as the peer says.
  uint32_t HopsBeyond() const {
    const RouteEndBlock* peer = binding_->peer();
    return peer ? peer->attention.hops.load(std::memory_order_relaxed) : 0;  // a hint
  }
  uint64_t ConsumedByPeer() const;
  uint64_t BytesConsumedByPeer() const;

  // --- transfer.cc: under get.lock
  enum class ClaimResult { kOk, kNeedsMemory, kPeerBroken };
  // Takes in the handles of the front parcel, into get.front_attachments.
  ClaimResult ClaimAttachments(const ParcelView& view, uint64_t* memory_needed);
  ClaimResult Claim(const ParcelView& view, uint64_t* memory_needed);

  // --- wake.cc: no locks held
  static void Perform(const WakeActions& actions);
  static void Fire(const FiredTraps& fired);
  // Looks at traps and waiters again. `spent`: an armed generation was answered;
  // `changed`: what a sink finds, or who is gone, may have changed, too.
  void Evaluate(bool spent, bool changed = false);
  bool Rests() const;
  // Arms what traps, sinks and waiters still need; true if anew. Under get.lock.
  bool Rearm(bool spent);
  // After arming, under get.lock: true if the driver's barrier must follow, too,
  // before one looks again.
  bool FenceArmed() const;
  void PeerChanged();  // the peer says that something happened
  void LookAgain();    // more of the peer can be seen than before
  void PeerGone(Link& link);
  void LookAtLinks();  // one that ended meanwhile may not have found us there

  // Of what there was to get, so much that the peer's memory for it is waited for.
  bool HasGotMuch();
  // Whether what the end puts goes to `edge`, and will.
  bool IsOpenIn(const Binding& edge);

  // --- bypass.cc: no locks held
  // A message about an edge of this end. False: it breaks the protocol.
  void OnRouteMessage(const Ref<Binding>& edge, MessageType type, const Key& key, const Key& node);
  void OnPoke(bool moved);
  void LoseNextLane();  // what is awaited does not come
  // Goes on in `next` in both directions; what is under way in `edge` comes
  // first. False: cannot.
  bool MoveTo(Ref<Binding> edge, const Ref<Binding>& next);
  void FinishMove();
  void AfterMove(const Ref<Forwarder>& relay);
  void PokeNeighbour(bool moved);
  // Whoever attaches with `key`, from `node`, comes to this end.
  void BeAwaited(const Key& key, const Key& node);
  // Whether the end can move at all now. Under both locks.
  bool MayMove() const;
  // Whether the peer is on this node, with nothing under way from elsewhere; a
  // null one has closed. Under both locks.
  bool HasPeerHere(Ref<RouteEnd>* peer);
  // Whether a peer of this node is not about to move on. Under both locks.
  bool StaysHere();
  // relay_splice.cc
  void TakePlaceOf(RouteEnd& other, RouteEnd& near);

  // --- close.cc: no locks held
  void Close();
  void Drain();
  void EndPuts();
  // Tells the peers of the edges that were read to their ends.
  void FinishEdges();
  // Frees the lanes, which the peer has read to their ends, if they are in `edge`.
  void ReleaseLanes(const Binding& edge);
  // Under both locks: the portal leaves its handle, with what waited on it.
  void Detach(FiredTraps* removed, std::vector<Ref<Waiter>>* waiters);
  void AbortTwoPhasePut();

 private:
  RouteEnd();
  ~RouteEnd() override;
  void Dispose() override;

  bool DrainsInVain() const;
  bool DrainsNext();
  void EndOutLane(WakeActions* actions);
  void CutOff();
  Found FindNext(Cursor* cursor, ParcelView* view);
  Cursor StartOf(size_t source) const;
  Found StepIntoLane(Cursor* cursor, uint64_t word, uint64_t base);
  Found ViewRecord(Binding& source, const Cursor& cursor, const LaneRecord& record,
                   ParcelView* view);
  PutResult Grow(uint64_t record_bytes, uint64_t* memory_needed);
  bool Bypass(const Ref<Binding>& edge, const Key& key, const Key& node);
  bool AsksForLink(const Ref<Binding>& edge, const Key& key, const Key& node);
  bool JoinWithin(const Ref<Binding>& edge, const Key& key);
  void FinishEdge(Binding& edge);
  bool SwitchOut(uint64_t* memory_needed, WakeActions* actions);
  bool IsCut(size_t* behind);
  void OnGap();
  void LeaveOutLaneTo(RouteEnd& nobody);
  void RememberConsumed();

  friend class Transfer;
  // Under Node::transfer_mutex, of the transfer that has it locked.
  uint32_t move_ = kNoMove;  // which of its moves takes it away
  bool stays_ = false;       // as the other end of one that leaves
  static constexpr uint32_t kNoMove = ~uint32_t{0};
  friend class Relay;
  std::atomic<IpczHandle> handle_{0};
  Ref<Node> node_;
  Ref<Binding> binding_;
};

// The conditions of `trap` that hold; of the edge-triggered ones only if
// `edges`. Under GetSide::lock.
IpczTrapConditionFlags SatisfiedConditions(const RouteEnd& end, const Trap& trap,
                                           const IpczPortalStatus& status, bool edges);

}  // namespace ringway

#endif  // ENGINE_ROUTE_ROUTE_END_H_
