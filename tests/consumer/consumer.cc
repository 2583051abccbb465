// Sends one parcel between two portals of one node, as a project outside this repository would.
#include <cstdio>
#include <cstring>
#include <initializer_list>

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

bool Works() {
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
  const bool works = Works();
  std::puts(works ? "OK" : "FAILED");
  return works ? 0 : 1;
}
