// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_ROUTE_TRANSFER_H_
#define ENGINE_ROUTE_TRANSFER_H_

#include <vector>

#include "engine/link/link.h"
#include "engine/route/record_layout.h"
#include "engine/route/route_end.h"

namespace ringway {

// Sends portals across a link. If a portal's peer lives on this node, the peer's
// end is bound to a fresh sublink, and what was queued for the portal is put
// into that sublink's lane; portals that lie in queued parcels go along.
// Otherwise the portal's end stays, and a Relay couples it to a new one.
class Transfer {
 public:
  explicit Transfer(Link& link) : link_(link) {}

  // All or nothing. The portals among `attachments` have no handles any more. On success
  // `descriptors` gets one for each, which a record must carry to the peer.
  // RESOURCE_EXHAUSTED.
  IpczResult Run(const Attachments& attachments, HandleDescriptors* descriptors);

  // What could not be done under locks. To be called after Run() succeeded.
  void Announce();
  // The record with the descriptors was not published after all.
  void Abandon();

 private:
  struct Pending {
    ParcelView view;
    Attachments attachments;
    OutBlock block;  // for a payload that has one
  };
  struct Move {
    Ref<RouteEnd> leaving;
    Ref<RouteEnd> staying;  // if relayed: the new end
    bool stand_in = false;  // `staying` was made up: the peer has closed
    bool relayed = false;
    bool locked_twice = false;  // `leaving` is locked as the one that stays of another move
    bool wants_look = false;    // somebody waits at `staying`
    std::vector<Ref<Binding>> finished;  // edges that `leaving` has read to their ends
    Ref<LocalPair> pair;                 // null if relayed
    Ref<Binding> binding;                // the new one of `staying`
    uint32_t sublink = 0;
    RouteEndBlock* own = nullptr;
    OutBlock lane;
    std::vector<Pending> pending;
  };
  struct LateObjects {
    uint32_t sublink;
    uint64_t batch;
    Attachments boxes;
  };

  void Gather(Ref<RouteEnd> portal);
  void GatherRelayed(Ref<RouteEnd> portal);
  bool Allocate(uint64_t* memory_needed);
  void FreeAllocated();
  void Commit(Move& move);
  void CommitRelayed(Move& move);
  void WritePending(Move& move);
  HandleDescriptor Describe(const Move& move) const;
  const Move& MoveOf(const RouteEnd& leaving) const { return moves_[leaving.move_]; }
  void UnlockAll();

  Link& link_;
  SmallVector<Move, 1> moves_;  // all locked
  size_t named_ = 0;            // the first of them: which the record is to name
  std::vector<LateObjects> late_;
};

}  // namespace ringway

#endif  // ENGINE_ROUTE_TRANSFER_H_
