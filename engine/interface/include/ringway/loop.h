// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Receives requests on any number of portals and hands them to objects.

#ifndef RINGWAY_LOOP_H_
#define RINGWAY_LOOP_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "ringway/errors.h"
#include "ringway/portal.h"
#include "ringway/served.h"

namespace ringway {
inline namespace api {

// One thread runs it at a time. The other calls may come from any thread, and from
// handlers.
class Loop {
 public:
  // What a loop does around its waiting; all may be empty.
  struct Hooks {
    std::function<void()> before_wait;
    std::function<void(IpczHandle portal, int64_t error)> portal_ended;
  };

  explicit Loop(const Node& node, RingwayWaitMode mode = 0) : Loop(node.ref(), mode) {}
  explicit Loop(NodeAndDriver node, RingwayWaitMode mode = 0);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void set_hooks(Hooks hooks) { hooks_ = std::move(hooks); }

  // Serves `object` on an existing portal of the loop's node, for whoever has its peer.
  void Serve(Portal portal, Served& object, Admission admission = {});
  void Serve(Portal portal, Served& object, Rights rights) {
    Serve(std::move(portal), object, Admission{.rights = rights});
  }
  // Serves `object` on a fresh portal and gives its peer; and what its requests come through.
  Result<Portal> Open(Served& object, Admission admission = {},
                      std::shared_ptr<ReplyChannel>* channel = nullptr);
  Result<Portal> Open(Served& object, Rights rights) {
    return Open(object, Admission{.rights = rights});
  }

  // A capability to `object` that is sent to another process becomes a portal of this loop.
  void Host(Served& object);

  // An endpoint that was set aside under a name, for an object to be served on.
  void AddEndpoint(std::string name, Portal portal);
  // -RW_ENOENT if there is none of that name.
  int64_t ServeNamed(const std::string& name, Served& object, Rights rights = kAllRights);

  // Calls to `object` that are still to come get -RW_ENOENT.
  void Unregister(Served& object);

  // Reads the replies that come through `connection`, on which no call is under way yet, until
  // StopReading(), or until its peer is gone: then calls fail with -RW_ECONNRESET and `ended` is
  // called.
  void ReadReplies(std::shared_ptr<Connection> connection, std::function<void()> ended = {});
  // Calls fail with `status`.
  void StopReading(Connection& connection, int64_t status = -RW_ECANCELED);

  // Calls `action` once, at `deadline` or soon after.
  void AddTimeout(Deadline deadline, std::function<void()> action);

  // Handles what is there, after waiting for something until `deadline`. How many requests,
  // replies and timeouts that were; -RW_ETIMEDOUT; -RW_ECANCELED after Stop().
  int64_t RunOnce(Deadline deadline) { return RunSome(deadline, SIZE_MAX); }
  // The same, for at most so many requests.
  int64_t RunSome(Deadline deadline, size_t max_requests);
  // As RunOnce(), from within a handler or while no thread runs the loop; else -RW_EBUSY.
  // -RW_ELOOP: too many handlers wait within one another.
  int64_t RunIfFree(Deadline deadline);
  // Until Stop().
  void Run();
  void Stop();

 private:
  class Source;
  class Hold;
  class Endpoint;
  class Replies;

  std::shared_ptr<Endpoint> ServePortal(Portal portal, Served& object, Admission admission);
  void Add(std::shared_ptr<Source> source);
  void Admit();
  void Wake();
  int64_t Drain(Source& source, size_t max_requests);
  int64_t Turn(Deadline deadline, size_t max_requests);
  int64_t Sweep(size_t max_requests);
  int64_t SweepAll(size_t max_requests);
  int64_t Wait(Deadline deadline);
  // Looks into each portal by turns, and waits for nothing.
  bool Polls() const;
  int64_t RunTimeouts();
  // False: there is none.
  bool Forget(const std::function<bool(const Source&)>& is_wanted);

  const NodeAndDriver node_;
  const RingwayWaitMode mode_;
  const std::shared_ptr<LoopSlot> slot_;
  Hooks hooks_;
  Portal wake_;   // any thread puts
  Portal woken_;  // the running thread waits
  std::atomic<bool> stopped_ = false;

  // Held by the thread that runs the loop; again by what it runs while a handler waits.
  std::recursive_mutex running_;
  int depth_ = 0;
  std::vector<std::shared_ptr<Source>> sources_;
  std::vector<RingwayWaitItem> items_;  // of the same order; the last one is woken_
  size_t turn_ = 0;                     // whose turn it is

  std::mutex mutex_;
  std::vector<std::shared_ptr<Source>> fresh_;
  std::atomic<bool> has_fresh_ = false;
  std::multimap<uint64_t, std::function<void()>> timeouts_;
  std::atomic<bool> has_timeouts_ = false;  // so that a loop that has none asks nobody
  std::map<std::string, Portal> named_;
};

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_LOOP_H_
