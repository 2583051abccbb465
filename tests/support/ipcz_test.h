// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef TESTS_SUPPORT_IPCZ_TEST_H_
#define TESTS_SUPPORT_IPCZ_TEST_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "ipcz/ipcz.h"
#include "ringway/driver_linux.h"
#include "ringway/ringway.h"
#include "tests/support/sync_driver.h"

namespace ringway::testing {

// The tables that tests use. Entries may be put before the engine's (node_process.h).
inline IpczAPI& ApiTable() {
  static IpczAPI api = [] {
    IpczAPI table = {};
    table.size = sizeof(table);
    if (IpczGetAPI(&table) != IPCZ_RESULT_OK) std::abort();
    return table;
  }();
  return api;
}
inline const IpczAPI& Api() { return ApiTable(); }

inline RingwayExtensions& ExtensionsTable() {
  static RingwayExtensions extensions = [] {
    RingwayExtensions table = {};
    table.size = sizeof(table);
    if (RingwayGetExtensions(&table) != IPCZ_RESULT_OK) std::abort();
    return table;
  }();
  return extensions;
}
inline const RingwayExtensions& Extensions() { return ExtensionsTable(); }

// Looks again until `condition` holds or `seconds` have passed.
inline bool Eventually(const std::function<bool()>& condition, double seconds = 20) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::microseconds(100));
  }
  return true;
}

// Closing is not waited for by the driver: what its thread still holds at exit
// would look like a leak. Called at the end of every test program.
void AwaitClosed();

inline IpczResult Put(IpczHandle portal, const std::string& text,
                      std::vector<IpczHandle> handles = {},
                      const IpczPutOptions* options = nullptr) {
  return Api().Put(portal, text.data(), text.size(), handles.data(), handles.size(), IPCZ_NO_FLAGS,
                   options);
}

struct Parcel {
  IpczResult result;
  std::string data;
  std::vector<IpczHandle> handles;
};

inline Parcel Get(IpczHandle portal, IpczHandle* validator = nullptr) {
  Parcel parcel = {};
  size_t bytes = 0;
  size_t handles = 0;
  parcel.result =
      Api().Get(portal, IPCZ_NO_FLAGS, nullptr, nullptr, &bytes, nullptr, &handles, validator);
  if (parcel.result != IPCZ_RESULT_RESOURCE_EXHAUSTED) return parcel;
  parcel.data.resize(bytes);
  parcel.handles.resize(handles);
  parcel.result = Api().Get(portal, IPCZ_NO_FLAGS, nullptr, parcel.data.data(), &bytes,
                            parcel.handles.data(), &handles, validator);
  return parcel;
}

// As Get(), but waits for a parcel or the end.
inline Parcel WaitGet(IpczHandle portal) {
  Parcel parcel = {};
  Eventually([&] {
    parcel = Get(portal);
    return parcel.result != IPCZ_RESULT_UNAVAILABLE;
  });
  return parcel;
}

inline IpczPortalStatus Status(IpczHandle portal) {
  IpczPortalStatus status = {};
  status.size = sizeof(status);
  Api().QueryPortalStatus(portal, IPCZ_NO_FLAGS, nullptr, &status);
  return status;
}

inline bool PeerClosed(IpczHandle portal) {
  return (Status(portal).flags & IPCZ_PORTAL_STATUS_PEER_CLOSED) != 0;
}

inline void Close(IpczHandle handle) { Api().Close(handle, IPCZ_NO_FLAGS, nullptr); }

// Two nodes of this process, connected by a driver, with initial portals.
struct NodePair {
  explicit NodePair(const IpczDriver* driver, IpczDriverHandle first, IpczDriverHandle second,
                    size_t num_portals = 2)
      : a(num_portals), b(num_portals) {
    Api().CreateNode(driver, 0, IPCZ_CREATE_NODE_AS_BROKER, nullptr, &broker);
    Api().CreateNode(driver, 0, IPCZ_NO_FLAGS, nullptr, &other);
    connected_broker =
        Api().ConnectNode(broker, first, num_portals, IPCZ_NO_FLAGS, nullptr, a.data());
    connected_other = Api().ConnectNode(other, second, num_portals, IPCZ_CONNECT_NODE_TO_BROKER,
                                        nullptr, b.data());
  }
  NodePair(const NodePair&) = delete;
  NodePair& operator=(const NodePair&) = delete;
  ~NodePair() {
    for (const IpczHandle portal : a) Close(portal);
    for (const IpczHandle portal : b) Close(portal);
    Close(broker);
    Close(other);
  }

  static NodePair Linux(size_t num_portals = 2) {
    IpczDriverHandle transports[2] = {};
    RingwayLinuxCreateTransportPair(&transports[0], &transports[1]);
    return NodePair(RingwayLinuxDriver(), transports[0], transports[1], num_portals);
  }

  static NodePair Sync(size_t num_portals = 2) {
    IpczDriverHandle transports[2] = {};
    CreateSyncTransports(&transports[0], &transports[1]);
    return NodePair(SyncDriver(), transports[0], transports[1], num_portals);
  }

  IpczHandle broker = 0;
  IpczHandle other = 0;
  IpczResult connected_broker = 0;
  IpczResult connected_other = 0;
  std::vector<IpczHandle> a;
  std::vector<IpczHandle> b;
};

}  // namespace ringway::testing

#endif  // TESTS_SUPPORT_IPCZ_TEST_H_
