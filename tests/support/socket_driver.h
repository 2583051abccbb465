// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef TESTS_SUPPORT_SOCKET_DRIVER_H_
#define TESTS_SUPPORT_SOCKET_DRIVER_H_

#include <cstdint>

#include "ipcz/ipcz.h"

namespace ringway::testing {

// What the Linux driver is measured against: a driver that sends each message
// with one call over a Unix stream socket, and has one thread for each transport,
// which takes as many messages with one call as are there. It does transports
// and bytes only: no objects, no memory, no descriptors.
const IpczDriver* SocketDriver();

enum class SocketWait {
  kPark,  // the thread sleeps in the kernel until there is something
  kPoll,  // it asks again and again
};

// Takes over `fd`, one end of a socketpair() of type SOCK_STREAM.
IpczDriverHandle SocketTransportFromFd(int fd, SocketWait wait);

// How often it has entered the kernel to send and to receive, in this process.
uint64_t SocketSystemCalls();

}  // namespace ringway::testing

#endif  // TESTS_SUPPORT_SOCKET_DRIVER_H_
