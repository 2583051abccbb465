// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_ROUTE_FORWARDER_H_
#define ENGINE_ROUTE_FORWARDER_H_

#include "engine/base/ref.h"
#include "engine/link/message_layout.h"
#include "engine/route/edge_token.h"

namespace ringway {

class RouteEnd;

// Takes on what arrives at a route end without a portal; see Relay. All are
// called with no locks held.
class Forwarder : public RefCounted {
 public:
  // Something may have changed at the end.
  virtual void Run() = 0;
  // The end goes on in another edge.
  virtual void EndMoved() = 0;
  // Who went around us at the end has lost whom it went to.
  virtual void EndLost(const RouteEnd& end) = 0;
  // Answers of neighbours to the relay's wish to remove itself.
  virtual void OnToken() = 0;
  virtual void OnPoke(bool moved) = 0;  // `moved`: the neighbour is another one
  virtual void OnAnswer(MessageType answer, const Key& key) = 0;
};

}  // namespace ringway

#endif  // ENGINE_ROUTE_FORWARDER_H_
