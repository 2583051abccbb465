// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

// Ringway's IpczDriver for Linux: transports over Unix sockets, shared memory
// in sealed memfds, and file descriptors that can be boxed. Works with any
// ipcz-style engine. Compiles as C99 and C++11.
//
// Calls that take a path take either a filesystem path ("/run/x.sock", "./x")
// or an abstract socket name, written with a leading '@' ("@x").
// All calls may be made from any thread.

#ifndef RINGWAY_DRIVER_LINUX_H_
#define RINGWAY_DRIVER_LINUX_H_

#include <stddef.h>
#include <stdint.h>

#include "ipcz/ipcz.h"

#if defined(__cplusplus)
extern "C" {
#endif

#define RINGWAY_LINUX_EXPORT __attribute__((visibility("default")))

// The driver table, valid for the life of the process. It is the first member
// of a struct RingwayDriver (ringway/driver_extension.h).
RINGWAY_LINUX_EXPORT const struct IpczDriver* IPCZ_API RingwayLinuxDriver(void);

// Creates two connected transports that belong to this process.
// RESOURCE_EXHAUSTED when there are no descriptors.
RINGWAY_LINUX_EXPORT IpczResult IPCZ_API RingwayLinuxCreateTransportPair(IpczDriverHandle* first,
                                                                         IpczDriverHandle* second);

// Turns a transport that was not activated into the one descriptor that stands
// for it (for example, to leave open in a child), and back. Both consume their
// argument on success. The descriptor is CLOEXEC; clear that to pass it on
// through exec. INVALID_ARGUMENT when it is no such thing;
// FAILED_PRECONDITION when the transport was activated already;
// RESOURCE_EXHAUSTED when more was transmitted than its socket holds.
RINGWAY_LINUX_EXPORT IpczResult IPCZ_API RingwayLinuxTransportToFd(IpczDriverHandle transport,
                                                                   int* fd);
RINGWAY_LINUX_EXPORT IpczResult IPCZ_API RingwayLinuxTransportFromFd(int fd,
                                                                     IpczDriverHandle* transport);

// Wraps any file descriptor as a driver object that Box() takes and portals
// carry, and takes it out again. Both consume their argument on success.
// INVALID_ARGUMENT when `fd` is not open or `file` is no wrapped descriptor.
RINGWAY_LINUX_EXPORT IpczResult IPCZ_API RingwayLinuxWrapFd(int fd, IpczDriverHandle* file);
RINGWAY_LINUX_EXPORT IpczResult IPCZ_API RingwayLinuxUnwrapFd(IpczDriverHandle file, int* fd);

// Named endpoints, so that unrelated processes meet.
typedef struct RingwayLinuxListener RingwayLinuxListener;

// Who is on the other side, as the kernel says (SO_PEERCRED): for a connection
// made through a name, the process that called connect or listen.
struct IPCZ_ALIGN(8) RingwayLinuxCredentials {
  size_t size;  // set by the caller
  int32_t pid;
  uint32_t uid;
  uint32_t gid;
};

// Starts to listen on `name`. ALREADY_EXISTS when someone listens there (a
// socket file nobody listens on any more is replaced); INVALID_ARGUMENT when
// the name is empty or longer than a socket address holds (107 bytes);
// PERMISSION_DENIED, NOT_FOUND (no such folder), RESOURCE_EXHAUSTED.
RINGWAY_LINUX_EXPORT IpczResult IPCZ_API RingwayLinuxListen(const char* name,
                                                            RingwayLinuxListener** listener);

// Waits up to `timeout_ns` (UINT64_MAX: for ever) for the next connection and
// gives its transport. `credentials` may be null. DEADLINE_EXCEEDED;
// CANCELLED once RingwayLinuxStopListening() was called.
RINGWAY_LINUX_EXPORT IpczResult IPCZ_API
RingwayLinuxAccept(RingwayLinuxListener* listener, uint64_t timeout_ns, IpczDriverHandle* transport,
                   struct RingwayLinuxCredentials* credentials);

// Makes current and later RingwayLinuxAccept() calls return CANCELLED.
RINGWAY_LINUX_EXPORT void IPCZ_API RingwayLinuxStopListening(RingwayLinuxListener* listener);

// Frees the listener and removes its socket file. No call may be in progress.
RINGWAY_LINUX_EXPORT void IPCZ_API RingwayLinuxCloseListener(RingwayLinuxListener* listener);

// Connects to `name`, waiting up to `timeout_ns` for someone to listen there
// (0: try once). NOT_FOUND when nobody does; PERMISSION_DENIED;
// INVALID_ARGUMENT; RESOURCE_EXHAUSTED. `credentials` may be null.
RINGWAY_LINUX_EXPORT IpczResult IPCZ_API
RingwayLinuxConnect(const char* name, uint64_t timeout_ns, IpczDriverHandle* transport,
                    struct RingwayLinuxCredentials* credentials);

// How the driver works in this process. Each has a default, of which the environment variables
// named here say otherwise; this call overrules them.
struct IPCZ_ALIGN(8) RingwayLinuxOptions {
  size_t size;  // set by the caller

  // RINGWAY_DRIVER_BACK_END_* of ringway/driver_extension.h: the best that may be used. NONE: what
  // the kernel has. It is downgraded where the kernel refuses, at start or later, and statistics
  // tell. RINGWAY_DRIVER_BACK_END=auto, io_uring_futex, io_uring, futex, epoll or socket.
  uint64_t back_end;

  // For how long, at most, the driver's thread looks for messages before it sleeps. It adapts, and
  // never does so with one processor. UINT64_MAX: always, it never sleeps.
  // RINGWAY_DRIVER_SPIN_US=N (microseconds) or always. Default: 50 us.
  uint64_t spin_ns;

  // After how many messages a transport begins to use shared memory (0: at once). A message of more
  // than 4 KiB counts for all of them. Default: 8.
  uint32_t upgrade_after;

  // With io_uring: a thread of the kernel's takes what is submitted (SQPOLL), and sleeps when
  // nothing came for so many milliseconds. It wants a processor for itself. 0: no such thread, as
  // where the kernel refuses one. RINGWAY_DRIVER_SQPOLL_MS=N. Default: 0.
  uint32_t sqpoll_idle_ms;
};

// To be called before the first transport is made: FAILED_PRECONDITION once one was active.
RINGWAY_LINUX_EXPORT IpczResult IPCZ_API
RingwayLinuxSetOptions(const struct RingwayLinuxOptions* options);
RINGWAY_LINUX_EXPORT IpczResult IPCZ_API
RingwayLinuxGetOptions(struct RingwayLinuxOptions* options);

// Chooses the reactor before the first transport is activated; later it has no
// effect and returns FAILED_PRECONDITION. The environment variable
// RINGWAY_REACTOR (auto, epoll, io_uring) has the same effect and yields to
// this call. Automatic: io_uring where the kernel allows it, epoll otherwise.
#define RINGWAY_LINUX_REACTOR_AUTO 0
#define RINGWAY_LINUX_REACTOR_EPOLL 1
#define RINGWAY_LINUX_REACTOR_IO_URING 2
RINGWAY_LINUX_EXPORT IpczResult IPCZ_API RingwayLinuxChooseReactor(int reactor);

// Tells in words why a transport of this process last ended with an error; asked
// from within an activity handler that was called with
// IPCZ_TRANSPORT_ACTIVITY_ERROR, why this one did. Copies as much of the text as
// fits into `text_size` bytes, always with a final NUL, and returns its length.
RINGWAY_LINUX_EXPORT size_t IPCZ_API RingwayLinuxLastTransportError(char* text, size_t text_size);

#if defined(__cplusplus)
}  // extern "C"
#endif

#endif  // RINGWAY_DRIVER_LINUX_H_
