// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_ROUTE_TRANSFER_H_
#define ENGINE_ROUTE_TRANSFER_H_

#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/link/link.h"
#include "engine/route/record_layout.h"
#include "engine/route/route_end.h"

namespace ringway {

// Sends portals whose peers live on this node across a link: the peer's end is
// bound to a fresh sublink, and what was queued for the portal is put into that
// sublink's lane. Portals that lie in queued parcels go along.
class Transfer {
 public:
  explicit Transfer(Link& link) : link_(link) {}

  // All or nothing. `portals` have no handles any more. On success
  // `descriptors` gets one for each, which a record must carry to the peer.
  // RESOURCE_EXHAUSTED; UNIMPLEMENTED for a portal whose peer is on another
  // node (moving it on is the Routing work's).
  IpczResult Run(const std::vector<Ref<RouteEnd>>& portals,
                 std::vector<HandleDescriptor>* descriptors);

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
    Ref<RouteEnd> staying;
    bool stand_in = false;  // `staying` was made up: the peer has closed
    Ref<LocalPair> pair;
    Ref<Binding> binding;  // the new one of `staying`
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

  bool Gather(Ref<RouteEnd> portal);
  bool Allocate(uint64_t* memory_needed);
  void FreeAllocated();
  void Commit(Move& move);
  void WritePending(Move& move);
  HandleDescriptor Describe(const Move& move) const;
  void UnlockAll();

  Link& link_;
  std::vector<Move> moves_;
  std::unordered_map<RouteEnd*, size_t> move_of_;
  std::unordered_set<RouteEnd*> staying_;  // locked, as those that leave
  std::vector<LateObjects> late_;
};

}  // namespace ringway

#endif  // ENGINE_ROUTE_TRANSFER_H_
