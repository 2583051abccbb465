// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/paths/portal.h"

#include <utility>

#include "ringway/driver_linux.h"

namespace ringway::bench {

const IpczAPI& Ipcz() {
  static const IpczAPI api = [] {
    IpczAPI table = {};
    table.size = sizeof(table);
    Require(IpczGetAPI(&table), "IpczGetAPI");
    return table;
  }();
  return api;
}

const RingwayExtensions& RingwayApi() {
  static const RingwayExtensions extensions = [] {
    RingwayExtensions table = {};
    table.size = sizeof(table);
    Require(RingwayGetExtensions(&table), "RingwayGetExtensions");
    return table;
  }();
  return extensions;
}

PortalFds::PortalFds() {
  std::array<IpczDriverHandle, 2> transports = {};
  Require(RingwayLinuxCreateTransportPair(&transports[0], &transports[1]), "CreateTransportPair");
  for (size_t i = 0; i < 2; ++i) {
    int fd = -1;
    Require(RingwayLinuxTransportToFd(transports[i], &fd), "TransportToFd");
    fds_[i] = UniqueFd(fd);
  }
}

IpczHandle MakeNode(bool broker) {
  IpczHandle node = IPCZ_INVALID_HANDLE;
  Require(Ipcz().CreateNode(RingwayLinuxDriver(), IPCZ_INVALID_DRIVER_HANDLE,
                            broker ? IPCZ_CREATE_NODE_AS_BROKER : IPCZ_NO_FLAGS, nullptr, &node),
          "CreateNode");
  return node;
}

IpczHandle ConnectTo(IpczHandle node, UniqueFd transport_fd, bool broker) {
  IpczDriverHandle transport = IPCZ_INVALID_DRIVER_HANDLE;
  Require(RingwayLinuxTransportFromFd(transport_fd.Release(), &transport), "TransportFromFd");
  IpczHandle portal = IPCZ_INVALID_HANDLE;
  Require(
      Ipcz().ConnectNode(node, transport, 1, broker ? IPCZ_NO_FLAGS : IPCZ_CONNECT_NODE_TO_BROKER,
                         nullptr, &portal),
      "ConnectNode");
  // One parcel each way: once it is here, the way back is open too.
  Require(Ipcz().Put(portal, nullptr, 0, nullptr, 0, IPCZ_NO_FLAGS, nullptr), "Put");
  TakeParcel<PortalWait::kAdaptive>(portal, "Get", [&] {
    size_t bytes = 0;
    return Ipcz().Get(portal, IPCZ_NO_FLAGS, nullptr, nullptr, &bytes, nullptr, nullptr, nullptr);
  });
  return portal;
}

PortalEnd::PortalEnd(UniqueFd transport, Side side)
    : node_(MakeNode(side == Side::kFirst)),
      portal_(ConnectTo(node_, std::move(transport), side == Side::kFirst)) {}

PortalEnd::PortalEnd(PortalEnd&& other) noexcept
    : node_(std::exchange(other.node_, IPCZ_INVALID_HANDLE)),
      portal_(std::exchange(other.portal_, IPCZ_INVALID_HANDLE)) {}

PortalEnd::~PortalEnd() {
  if (portal_ != IPCZ_INVALID_HANDLE) Ipcz().Close(portal_, IPCZ_NO_FLAGS, nullptr);
  if (node_ != IPCZ_INVALID_HANDLE) Ipcz().Close(node_, IPCZ_NO_FLAGS, nullptr);
}

}  // namespace ringway::bench
