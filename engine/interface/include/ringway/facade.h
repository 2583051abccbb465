// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// A public server in front of private ones, which lets through what is listed.
//
//   ringway::Facade net;                                       // in the process with the secrets
//   net.Allow<Net::Stats, Manager::Stats>(manager.target());
//   names.Register(loop, net, {.name = "net"}, &registered);   // anyone may connect

#ifndef RINGWAY_FACADE_H_
#define RINGWAY_FACADE_H_

#include <map>
#include <type_traits>
#include <utility>
#include <vector>

#include "ringway/method.h"
#include "ringway/served.h"

namespace ringway {
inline namespace api {

// Which methods go where, and what they are called there. To be filled before it is used.
class AllowList {
 public:
  void Allow(const MethodKey& from, Target to, const MethodKey& as);
  // Where `key` goes, and what it is there; nowhere if it is not listed.
  Target Route(MethodKey& key) const;

 private:
  struct Passage {
    Target to;
    MethodKey as;
  };
  std::map<MethodKey, Passage> passages_;
};

// Messages that are listed go on, of whatever kind they are; their replies go straight back to the
// caller. Others get -RW_ENOSYS, or -RW_EBADPROTO if nothing of their interface is listed. A server
// that also has methods of its own overrides Served::Route() with an AllowList.
class Facade : public Served {
 public:
  Facade();

  // Before it is served. `to` may be a portal or an object of this process.
  void Allow(const MethodKey& from, Target to, const MethodKey& as);
  template <class From, class As = From>
  void Allow(Target to) {
    static_assert(std::is_same_v<typename From::Params, typename As::Params> &&
                      From::kOptions.send_only == As::kOptions.send_only,
                  "forwarding changes neither parameters nor the kind of a message");
    Allow(kKeyOf<From>, std::move(to), kKeyOf<As>);
  }

  Target Route(MethodKey& key) const override { return list_.Route(key); }

 private:
  AllowList list_;
  std::vector<InterfaceTable> interfaces_;  // of which something is listed; without methods
  ObjectTable table_;
};

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_FACADE_H_
