// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Servers that have a thread each and a name, as RW_SERVER_LOOP_FOR makes them.

#ifndef RINGWAY_SERVE_H_
#define RINGWAY_SERVE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "ringway/names.h"
#include "ringway/served.h"

namespace ringway {
inline namespace api {

// The node of this process that joined `names`: from now on the names of this
// process are those. It outlives the servers. Any thread may call these.
void UseNames(NodeAndDriver node, Names names);
// Null: there are none.
std::shared_ptr<const Names> NamesInUse();

// Serves `object` under `name` to all who connect, on the calling thread, until
// StopServing(). -RW_ENOENT: no names are in use; errors of Names::Register().
int64_t ServeNamed(Served& object, const std::string& name);
// Ends the calls of ServeNamed() that are under way.
void StopServing();

// The same for an object of a class that derives from I, which ringway-idl made.
// What is passed on is its part I: a pointer to that may differ from one to the object.
template <class I>
long serve(I& object, const std::string& name) {
  typename I::Served served(object);
  return ServeNamed(served, name);
}

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_SERVE_H_
