// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What the process that hosts the names, servers and clients say to each other.
// ringway/names.h is for servers and clients, ringway/name_service.h for the host.

#ifndef RINGWAY_NAME_DIRECTORY_H_
#define RINGWAY_NAME_DIRECTORY_H_

#include <cstddef>
#include <cstdint>

#include "ringway/identity.h"
#include "ringway/interface.h"
#include "ringway/server_id.h"

namespace ringway {
inline namespace api {

inline constexpr size_t kNameBytesMax = 64;
// Of connections: anyone may connect.
inline constexpr uint32_t kNoLimit = UINT32_MAX;

// A server, as the host sees it.
struct Connector : Interface<Connector> {
  static constexpr InterfaceId kId = IdOf("ringway.Connector");
  // A client has connected: its portal, who it is, and the number of the connection.
  using Connect = Method<Connector, "connect", long(Handle, Identity, uint64_t), SendOnly>;
  using Rpcs = ringway::Rpcs<Connect>;
};

// A registered server's line to the host. Closing its portal ends the registration.
struct Registration : Interface<Registration> {
  static constexpr InterfaceId kId = IdOf("ringway.Registration");
  // The connection of that number has ended; it no longer counts.
  using Ended = Method<Registration, "ended", long(uint64_t), SendOnly>;
  using Rpcs = ringway::Rpcs<Ended>;
};

// What each process asks the host, by a name or, with an empty name, by an id.
struct NameDirectory : Interface<NameDirectory> {
  static constexpr InterfaceId kId = IdOf("ringway.NameDirectory");
  // A server with a name, an id or both, and how many connections it admits at a time.
  // -RW_EEXIST: one of them is taken. -RW_EINVAL: the name is too long or holds control
  // characters, or there is neither. -RW_ENOMEM: this process has too many.
  using Register =
      Method<NameDirectory, "register",
             long(String<>, ServerId, uint32_t, Cap<Connector>, Out<Cap<Registration>>)>;
  // A portal to the server, and who it is; waits that many nanoseconds for it to appear.
  // -RW_EUSERS: it has all the connections it admits. -RW_ENOENT, -RW_ETIMEDOUT: it is not there.
  using Connect =
      Method<NameDirectory, "connect", long(String<>, ServerId, uint64_t, Out<Handle>, Identity&)>;
  // 1 if each server that has a limit has that many connections, else 0.
  using AllTaken = Method<NameDirectory, "all_taken", long()>;
  using Rpcs = ringway::Rpcs<Register, Connect, AllTaken>;
};

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_NAME_DIRECTORY_H_
