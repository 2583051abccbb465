// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Servers and clients that find each other by name, through a process that
// hosts the names: `ringway names`, or any with a NameService.
//
//   RingwayLinuxConnect("@names", timeout_ns, &transport, nullptr);   // both
//   auto names = ringway::Names::Join(node, transport);
//
//   names->Register(loop, server, {.name = "calc", .limit = 10}, &registered);  // the server
//   loop.Run();
//
//   ringway::Cap<Calc> calc;                                          // the client
//   names->Connect("calc", &calc);

#ifndef RINGWAY_NAMES_H_
#define RINGWAY_NAMES_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "ringway/loop.h"
#include "ringway/name_directory.h"

namespace ringway {
inline namespace api {

// By what a server is found.
struct ServerKey {
  ServerKey(std::string_view with) : name(with) {}
  ServerKey(const char* with) : name(with) {}
  ServerKey(const std::string& with) : name(with) {}
  ServerKey(ServerId with) : id(with) {}

  bool operator==(const ServerKey&) const = default;

  std::string name;
  ServerId id;
};

// A server's place among the names, until this is destroyed. Connections that
// were made stay.
class Registered {
 public:
  Registered() = default;
  Registered(Registered&&) = default;
  Registered& operator=(Registered&& other) noexcept;
  ~Registered() { Withdraw(); }

  explicit operator bool() const { return seat_ != nullptr; }
  void Withdraw();

 private:
  friend class Names;
  struct Seat;
  class ConnectorServer;
  std::shared_ptr<Seat> seat_;
};

// How a server is offered.
struct Offer {
  std::string name = {};       // empty: found by its id only
  ServerId id = {};            // zero: found by its name only
  uint32_t limit = kNoLimit;   // of connections at a time
  Rights rights = kAllRights;  // of each client
  // Asked for each connection, on the loop's thread: may change what it is admitted with, or
  // refuse it. The identity in it is what the host of the names says.
  std::function<bool(Admission&)> admit = nullptr;
};

// A process's way to the names. Any thread may call. A name has 1 to 64 bytes and
// no control characters: else -RW_EINVAL.
class Names {
 public:
  Names() = default;
  explicit Names(Portal portal) : directory_(std::move(portal)) {}
  // Links the node, which is no broker, to the host of the names. Takes the transport on success.
  static Result<Names> Join(IpczHandle node, IpczDriverHandle transport);
  static Result<Names> Join(Node& node, IpczDriverHandle transport) {
    return Join(node.get(), transport);
  }

  explicit operator bool() const { return static_cast<bool>(directory_); }

  // Serves `object` on `loop` for all who connect. The loop may begin to run later.
  // -RW_EEXIST: name or id are taken.
  int64_t Register(Loop& loop, Served& object, const Offer& offer, Registered* registered) const;

  // Connects, and waits for the server to appear: -RW_ETIMEDOUT. -RW_EUSERS: it has all
  // the connections it admits. `server` tells who it is.
  template <class I>
  int64_t Connect(const ServerKey& key, Cap<I>* cap, Deadline deadline = Deadline::Never(),
                  Identity* server = nullptr) const {
    Portal portal;
    const int64_t status = ConnectPortal(key, &portal, deadline, server);
    if (status == RW_EOK) *cap = Cap<I>(std::move(portal));
    return status;
  }
  // The same without waiting: -RW_ENOENT.
  template <class I>
  int64_t TryConnect(const ServerKey& key, Cap<I>* cap, Identity* server = nullptr) const {
    return Connect(key, cap, Deadline::Now(), server);
  }
  int64_t ConnectPortal(const ServerKey& key, Portal* portal, Deadline deadline = Deadline::Never(),
                        Identity* server = nullptr) const;

  // 1 if each server with a limit has that many connections, so that whoever was to be
  // trusted with one has it; 0 if not.
  int64_t AllTaken() const { return directory_.Call<NameDirectory::AllTaken>(); }

  const Cap<NameDirectory>& directory() const { return directory_; }

 private:
  Cap<NameDirectory> directory_;
};

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_NAMES_H_
