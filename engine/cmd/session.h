// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// A connection between two ringway commands, from the name to the first words.

#ifndef ENGINE_CMD_SESSION_H_
#define ENGINE_CMD_SESSION_H_

#include <array>
#include <optional>
#include <string>

#include "engine/cmd/command_layout.h"
#include "engine/cmd/failure.h"
#include "ipcz/ipcz.h"
#include "ringway/ringway.h"

namespace ringway::cmd {

class Session {
 public:
  // Waits for the first command that connects to `name` and is one of ours.
  // Ends the process when that cannot be.
  explicit Session(const std::string& name);

  // Connects to a listener, waiting `timeout_s` for it to appear. Ends the
  // process when that cannot be.
  Session(const std::string& name, double timeout_s, uint32_t mode, RingwayWaitMode wait_mode);

  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  IpczHandle node() const { return node_; }
  IpczHandle control() const { return portals_[kControlPortal]; }
  IpczHandle data() const { return portals_[kDataPortal]; }
  const Hello& peer() const { return peer_; }

  // Says what failed: "connect to '@demo'".
  const std::string& what() const { return what_; }

  // Says farewell. The peer gets it even if this process ends right after.
  void Say(const Farewell& farewell);

  // The peer's farewell, if it is there. Ends the process if it is none.
  std::optional<Farewell> TakeFarewell();

  // Why the peer gave up, given that its data portal is closed too early or
  // its farewell says so.
  Failure WhyPeerLeft();
  static Failure Explain(const Farewell& farewell);

 private:
  enum class Greeted { kYes, kNobody, kFailed };

  void CreateNode(IpczCreateNodeFlags flags);
  void Link(IpczDriverHandle transport, IpczConnectNodeFlags flags);
  Greeted Greet(const Hello& hello, uint64_t deadline_ns, Failure* failure);
  void ClosePortals();

  std::string what_;
  IpczHandle node_ = IPCZ_INVALID_HANDLE;
  std::array<IpczHandle, kPortals> portals_ = {};
  Hello peer_ = {};
};

}  // namespace ringway::cmd

#endif  // ENGINE_CMD_SESSION_H_
