// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_ROUTE_RELAY_H_
#define ENGINE_ROUTE_RELAY_H_

#include <mutex>

#include "engine/route/route_end.h"

namespace ringway {

// Two route ends of one node back to back: what arrives at one is put into the
// other. So a portal is sent on whose peer is on another node, and so portals
// are merged. The peers of the two ends see one route: what they put and what
// was consumed of it is counted from one end of it to the other.
class Relay final : public Forwarder {
 public:
  // Couples two ends that have no handle (any more), and starts. Either `first`
  // was in use so far and `second` is new, or neither was used.
  ~Relay() override;
  static void Couple(const Ref<RouteEnd>& first, const Ref<RouteEnd>& second);

  // Forwards what there is. A call while another thread is at it makes that
  // thread look again.
  void Run() override;

  // --- relay_removal.cc
  void EndMoved() override;
  void EndLost(const RouteEnd& end) override;
  void OnToken() override;
  void OnPoke(bool moved) override;
  void OnAnswer(MessageType answer, const Key& key) override;

 private:
  enum class Forwarded { kAll, kNoRoom, kMoved, kEnded };

  Relay(Ref<RouteEnd> first, Ref<RouteEnd> second) : ends_{std::move(first), std::move(second)} {}

  // How far the relay has come with its removal.
  enum class Step { kIdle, kLocking, kExpecting, kBypassing };

  bool RunOnce(bool spent);
  void TellIfLost(int from);
  static bool MakeLane(RouteEnd& out);
  static bool PassOnMoved(RouteEnd& out);
  Forwarded Forward(int from);
  Forwarded WaitForRoom(RouteEnd& out);
  bool ForwardsInVain(int from, const ParcelView& view);
  static void ForwardCounts(RouteEnd& out, RouteEnd& in);
  static void ShowHops(RouteEnd& out, RouteEnd& in);
  void Uncouple();
  bool FindEdges(Ref<Binding> edges[2]) const;
  void TryRemove();
  bool TrySplice();
  bool Splice(RouteEnd& near, RouteEnd& peer, RouteEnd& other);
  void LetEndsMove(bool let);
  void GiveUp(Step last, bool broken);
  void Finish();

  const Ref<RouteEnd> ends_[2];
  std::mutex mutex_;
  bool running_ = false;
  bool again_ = false;
  // These are the running thread's.
  bool ended_ = false;
  bool starved_ = false;   // what there is can never be forwarded, for want of memory
  bool told_ = false;      // that a neighbour died
  bool moved_[2] = {};     // what came to that end is all forwarded, and nothing follows
  bool dropped_[2] = {};   // something that came to that end could not be passed on
  uint64_t left_[2] = {};  // bytes of records that peers left which are gone
  // These are under mutex_.
  Step step_ = Step::kIdle;
  int locked_ = 0;  // tokens
  Key key_ = {};
  Key broken_key_ = {};    // the last one that was said to be broken
  Ref<Binding> edges_[2];  // in the order of their ids
  bool refused_ = false;   // the neighbours cannot reach each other
  bool poked_ = false;     // since we asked: a neighbour is another one now
  bool heard_ = false;     // ... or may be able to move now
  bool lost_[2] = {};      // who went around us has lost whom it went to
};

}  // namespace ringway

#endif  // ENGINE_ROUTE_RELAY_H_
