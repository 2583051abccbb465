// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What becomes of a route end when a node dies through which something was still
// under way to it, though it goes on elsewhere by now. docs/protocol.md, "Death".

#include <algorithm>
#include <utility>

#include "engine/link/link.h"
#include "engine/node/node.h"
#include "engine/route/route_end.h"

namespace ringway {

// Under get.lock: whether an in-lane lost its end, and the next of those that
// follow it.
bool RouteEnd::IsCut(size_t* behind) {
  Cursor cursor = get.front;
  ParcelView view;
  Found found;
  bool endless = false;
  while (!endless && (found = Peek(&cursor, &view)) == Found::kParcel) {
    cursor.position = view.record.end();
    const Binding& source = *get.sources[cursor.source];
    const uint64_t from = cursor.source == get.front.source ? get.front.position : 0;
    // More than the peer has memory for: its lane has no end at all.
    endless = !source.is_local() && cursor.position - from > source.link()->peer_memory().bytes();
  }
  *behind = cursor.source + 1;
  const bool last = *behind == get.sources.size();
  return endless || (found == Found::kClosed && (!last || get.sources[cursor.source]->gone()));
}

void RouteEnd::OnGap() {
  {
    std::lock_guard lock(get.lock);
    get.lost = true;
  }
  PeerChanged();
}

// What lies behind the gap cannot be got: it goes to an end of nobody's, which
// is closed. So it is destroyed, and whoever puts there sees that.
void RouteEnd::CutOff() {
  const Ref<RouteEnd> nobody = Create(node_);
  std::unique_lock one_at_a_time(node_->transfer_mutex());
  {
    std::scoped_lock lock(put.lock, get.lock);
    size_t behind;
    if (!binding_ || get.done || get.sink || !IsCut(&behind)) return;
    get.lost = false;
    get.awaits_lane = false;
    if (behind == get.sources.size()) return;
    const auto first = get.sources.begin() + static_cast<ptrdiff_t>(behind);
    const bool switched = std::find(first, get.sources.end(), binding_) != get.sources.end();
    nobody->binding_ = get.sources.back();
    nobody->get.sources.assign(first, get.sources.end());
    nobody->get.front = StartOf(behind);
    nobody->get.front.source = 0;
    for (const Cursor& each : get.resumes) {
      if (each.source <= behind) continue;
      nobody->get.resumes.push_back(each);
      nobody->get.resumes.back().source -= behind;
    }
    nobody->get.ends_moved = true;  // it ends where it would go on elsewhere
    get.sources.erase(first, get.sources.end());
    std::erase_if(get.resumes, [behind](const Cursor& each) { return each.source >= behind; });
    get.ahead = Cursor();  // counts anew, to the gap
    get.ahead_parcels = get.ahead_bytes = 0;
    put.next = nullptr;
    if (switched) LeaveOutLaneTo(*nobody);
  }
  for (const Ref<Binding>& edge : nobody->get.sources) {
    if (!edge->is_local()) edge->link()->Reassign(*edge, nobody);
  }
  one_at_a_time.unlock();
  static_cast<void>(node_->Unawait(*this));
  nobody->LookAtLinks();
  nobody->Close();
}

// Under both locks. We are in a pair of our own from now on, with a closed peer.
void RouteEnd::LeaveOutLaneTo(RouteEnd& nobody) {
  const Ref<LocalPair> pair = MakeRef<LocalPair>(node_->driver());
  // [route.closed] Pairs with Binding::PeerClosed(), in this process.
  pair->blocks[1].attention.state.store(kRouteClosed, std::memory_order_release);
  if (put.two_phase && !put.two_phase_moved) put.two_phase_moved = binding_;
  nobody.put.writer = put.writer;
  nobody.put.lane = std::exchange(put.lane, OutBlock());
  nobody.put.retired = std::move(put.retired);
  nobody.put.spare = std::exchange(put.spare, OutBlock());
  nobody.put.ended = put.ended;
  nobody.put.readers = put.readers;
  nobody.get.writers = get.writers;
  put.writer = LaneWriter();
  put.retired.clear();
  put.readers = WakeMemory();
  get.writers = WakeMemory();
  RememberConsumed();
  binding_ = MakeRef<Binding>(pair, 0);
  PublishTotals();
}

}  // namespace ringway
