// Sends one parcel between two portals of one node, and calls an object through an interface of its
// own, as a project outside this repository would.
#include <cstdio>
#include <cstring>
#include <initializer_list>
#include <thread>

#include "doubler_client.h"
#include "doubler_server.h"
#include "ipcz/ipcz.h"
#include "ringway/driver_linux.h"

#ifndef LIBURING_OF_THE_CONSUMER
#error "@liburing of this workspace was not the one that Ringway used"
#endif

namespace {

bool SendsOneParcel(const IpczAPI& ipcz, IpczHandle sender, IpczHandle receiver) {
  const char sent[] = "parcel";
  char received[sizeof sent] = {};
  size_t bytes = sizeof received;
  return ipcz.Put(sender, sent, sizeof sent, nullptr, 0, IPCZ_NO_FLAGS, nullptr) ==
             IPCZ_RESULT_OK &&
         ipcz.Get(receiver, IPCZ_NO_FLAGS, nullptr, received, &bytes, nullptr, nullptr, nullptr) ==
             IPCZ_RESULT_OK &&
         bytes == sizeof sent && std::memcmp(sent, received, bytes) == 0;
}

class server_Doubler : public consumer::Doubler {
  long twice(int number, int* result) override { return *result = 2 * number, RW_EOK; }
};

bool CallsAnObject() {
  auto node = ringway::Node::Create(RingwayLinuxDriver());
  if (!node) return false;
  server_Doubler object;
  consumer::Doubler::Served served(object);
  ringway::Loop loop(*node);
  auto portal = loop.Open(served);
  if (!portal) return false;
  consumer::client_Doubler doubler(*std::move(portal));
  std::thread server([&] { loop.Run(); });
  int result = 0;
  const long status = doubler.twice(21, &result);
  loop.Stop();
  server.join();
  return status == RW_EOK && result == 42;
}

bool SendsParcels() {
  IpczAPI ipcz = {};
  ipcz.size = sizeof ipcz;
  if (IpczGetAPI(&ipcz) != IPCZ_RESULT_OK) return false;
  IpczHandle node, portals[2];
  if (ipcz.CreateNode(RingwayLinuxDriver(), IPCZ_INVALID_DRIVER_HANDLE, IPCZ_CREATE_NODE_AS_BROKER,
                      nullptr, &node) != IPCZ_RESULT_OK ||
      ipcz.OpenPortals(node, IPCZ_NO_FLAGS, nullptr, &portals[0], &portals[1]) != IPCZ_RESULT_OK) {
    return false;
  }
  bool works = SendsOneParcel(ipcz, portals[0], portals[1]);
  for (IpczHandle handle : {portals[0], portals[1], node}) {
    works &= ipcz.Close(handle, IPCZ_NO_FLAGS, nullptr) == IPCZ_RESULT_OK;
  }
  return works;
}

}  // namespace

int main() {
  const bool works = SendsParcels() && CallsAnObject();
  std::puts(works ? "OK" : "FAILED");
  return works ? 0 : 1;
}
