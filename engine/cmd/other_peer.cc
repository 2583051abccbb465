// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// For cmd_test.py: a peer that is not quite one.
//
//   other_peer wire|command|stranger listen|connect NAME
//
// wire: its node speaks another version of the wire. command: its node is of
// ours, and its command of another version. stranger: it has a portal, and
// something else to say there. Ends when the other side does.

#include <unistd.h>

#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "engine/cmd/api.h"
#include "engine/cmd/command_layout.h"
#include "engine/cmd/failure.h"
#include "ringway/driver_linux.h"

namespace ringway::cmd {

namespace {

constexpr uint64_t kPatienceNs = 10'000'000'000;
constexpr size_t kWireVersionOffset = 16;  // in a connect message: header, magic, version
constexpr uint32_t kOtherVersion = 99;

IpczDriverHandle Meet(const std::string& side, const std::string& name) {
  IpczDriverHandle transport = IPCZ_INVALID_DRIVER_HANDLE;
  IpczResult result;
  if (side == "connect") {
    result = RingwayLinuxConnect(name.c_str(), kPatienceNs, &transport, nullptr);
  } else {
    RingwayLinuxListener* listener = nullptr;
    result = RingwayLinuxListen(name.c_str(), &listener);
    if (result != IPCZ_RESULT_OK) FailCall("listen", result);
    result = RingwayLinuxAccept(listener, kPatienceNs, &transport, nullptr);
    RingwayLinuxCloseListener(listener);
  }
  if (result != IPCZ_RESULT_OK) FailCall(side, result);
  return transport;
}

// Sends the peer's first message back, as if from a node of another version.
IpczResult IPCZ_API OnActivity(IpczHandle transport, const void* data, size_t num_bytes,
                               const IpczDriverHandle* handles, size_t num_handles,
                               IpczTransportActivityFlags flags, const void*) {
  if (flags != IPCZ_NO_FLAGS) _exit(0);
  const auto* bytes = static_cast<const char*>(data);
  std::vector<char> message(bytes, bytes + num_bytes);
  if (num_bytes < kWireVersionOffset + sizeof(kOtherVersion)) _exit(1);
  std::memcpy(message.data() + kWireVersionOffset, &kOtherVersion, sizeof(kOtherVersion));
  return RingwayLinuxDriver()->Transmit(transport, message.data(), message.size(), handles,
                                        num_handles, IPCZ_NO_FLAGS, nullptr);
}

void SpeakOtherWire(IpczDriverHandle transport) {
  const IpczResult result = RingwayLinuxDriver()->ActivateTransport(
      transport, transport, &OnActivity, IPCZ_NO_FLAGS, nullptr);
  if (result != IPCZ_RESULT_OK) FailCall("activate", result);
  for (;;) pause();
}

void SpeakOtherCommand(IpczDriverHandle transport, bool listens, bool stranger) {
  IpczHandle node = IPCZ_INVALID_HANDLE;
  IpczResult result =
      Ipcz().CreateNode(RingwayLinuxDriver(), IPCZ_INVALID_DRIVER_HANDLE,
                        listens ? IPCZ_CREATE_NODE_AS_BROKER : IPCZ_NO_FLAGS, nullptr, &node);
  if (result != IPCZ_RESULT_OK) FailCall("create a node", result);
  std::array<IpczHandle, kPortals> portals;
  result = Ipcz().ConnectNode(node, transport, kPortals,
                              listens ? IPCZ_NO_FLAGS : IPCZ_CONNECT_NODE_TO_BROKER, nullptr,
                              portals.data());
  if (result != IPCZ_RESULT_OK) FailCall("connect", result);
  Hello hello = {};
  hello.magic = stranger ? 0 : kHelloMagic;
  hello.version = kOtherVersion;
  // Short enough for any version to have sent it.
  Ipcz().Put(portals[kControlPortal], &hello, kHelloBytesMin, nullptr, 0, IPCZ_NO_FLAGS, nullptr);
  WaitFor(portals[kControlPortal], RINGWAY_WAIT_PEER_CLOSED, 0, NowNs() + kPatienceNs);
}

}  // namespace

}  // namespace ringway::cmd

int main(int argc, char** argv) {
  if (argc != 4) ringway::cmd::Fail("other_peer", "three arguments are needed", "see its source");
  const std::string what = argv[1];
  const std::string side = argv[2];
  const IpczDriverHandle transport = ringway::cmd::Meet(side, argv[3]);
  if (what == "wire") ringway::cmd::SpeakOtherWire(transport);
  ringway::cmd::SpeakOtherCommand(transport, side == "listen", what == "stranger");
  return 0;
}
