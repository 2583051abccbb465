/* Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE. */

#include "docs/examples/calculator/join.h"

#include "ipcz/ipcz.h"
#include "ringway/driver_linux.h"
#include "ringway/idl.h"

#define CONNECT_TIMEOUT_NS 10000000000u

long JoinNames(const char* endpoint) {
  struct IpczAPI ipcz = {.size = sizeof(ipcz)};
  if (IpczGetAPI(&ipcz) != IPCZ_RESULT_OK) return -RW_EIO;
  IpczHandle node;
  if (ipcz.CreateNode(RingwayLinuxDriver(), IPCZ_INVALID_DRIVER_HANDLE, IPCZ_NO_FLAGS, NULL,
                      &node) != IPCZ_RESULT_OK) {
    return -RW_ENOMEM;
  }
  IpczDriverHandle transport;
  if (RingwayLinuxConnect(endpoint, CONNECT_TIMEOUT_NS, &transport, NULL) != IPCZ_RESULT_OK) {
    return -RW_ENOENT;
  }
  return RingwayJoinNames(node, RingwayLinuxDriver(), transport);
}
