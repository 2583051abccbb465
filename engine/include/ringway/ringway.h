// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

// What Ringway offers beyond ipcz/ipcz.h: several parcels per call, waiting
// for portals with a deadline, counters, and a log callback.
//
// Obtain the table once:
//
//   struct RingwayExtensions rw = {sizeof(rw)};
//   if (RingwayGetExtensions(&rw) != IPCZ_RESULT_OK) ...
//
// All calls may be made from any thread; see ipcz/ipcz.h on Close().
// Compiles as C99 and C++11.

#ifndef RINGWAY_RINGWAY_H_
#define RINGWAY_RINGWAY_H_

#include <stddef.h>
#include <stdint.h>

#include "ipcz/ipcz.h"

#define RINGWAY_VERSION_MAJOR 0
#define RINGWAY_VERSION_MINOR 1
#define RINGWAY_VERSION_PATCH 0

// A parcel to put: bytes only. Parcels with handles go through Put().
struct IPCZ_ALIGN(8) RingwayParcel {
  const void* data;
  size_t num_bytes;
};

// Where in the caller's buffer one received parcel lies.
struct IPCZ_ALIGN(8) RingwayReceivedParcel {
  size_t offset;  // from the start of the buffer, 8-aligned
  size_t num_bytes;
};

// What Wait() waits for, given per portal, and what it reports.
typedef uint32_t RingwayWaitFlags;

// A parcel can be taken from the portal.
#define RINGWAY_WAIT_READABLE IPCZ_FLAG_BIT(0)
// The opposite portal is closed. Always reported, whether asked for or not.
#define RINGWAY_WAIT_PEER_CLOSED IPCZ_FLAG_BIT(1)
// The portal's queue on the other side holds fewer bytes than
// `max_remote_bytes` and fewer parcels than `max_remote_parcels`.
#define RINGWAY_WAIT_WRITABLE IPCZ_FLAG_BIT(2)

struct IPCZ_ALIGN(8) RingwayWaitItem {
  IpczHandle portal;
  RingwayWaitFlags wanted;     // in: any of RINGWAY_WAIT_*
  RingwayWaitFlags satisfied;  // out: those that hold; 0 if none
  size_t max_remote_parcels;   // in: for RINGWAY_WAIT_WRITABLE; SIZE_MAX: any
  size_t max_remote_bytes;     // in: for RINGWAY_WAIT_WRITABLE; SIZE_MAX: any
};

// How Wait() passes the time. Adaptive when none is given: it looks for a
// while that follows from how soon earlier waits ended, then sleeps.
typedef uint32_t RingwayWaitMode;
#define RINGWAY_WAIT_MODE_POLL IPCZ_FLAG_BIT(0)  // never sleep
#define RINGWAY_WAIT_MODE_PARK IPCZ_FLAG_BIT(1)  // sleep at once

// For `deadline_ns`: never.
#define RINGWAY_NO_DEADLINE UINT64_MAX

// Where a portal's parcels go: to a portal of the same node, straight to another
// node, or first to nodes that forward them (or to a part of this one that does).
#define RINGWAY_ROUTE_LOCAL ((uint64_t)1)
#define RINGWAY_ROUTE_DIRECT ((uint64_t)2)
#define RINGWAY_ROUTE_RELAYED ((uint64_t)3)

// Counters of a portal. Parcels and bytes count from the creation of the
// portal pair; a figure that the portal's route cannot know is 0.
struct IPCZ_ALIGN(8) RingwayPortalCounters {
  size_t size;  // set by the caller
  uint64_t parcels_put;
  uint64_t bytes_put;
  uint64_t parcels_got;
  uint64_t bytes_got;
  uint64_t lane_bytes_out;  // capacity of the lane written to now; 0: none yet
  uint64_t lane_bytes_in;   // capacity of the lane read from now; 0: none yet
  uint64_t lanes_grown;     // how often the outgoing lane was replaced
  uint64_t wakes_sent;      // sleeping threads of the other side that were woken
  uint64_t readies_sent;    // messages sent because the other side has traps
  uint64_t route;           // RINGWAY_ROUTE_*, as far as the nodes on the way have said
  uint64_t hops;            // how often it is forwarded before the opposite portal; 0 if it is
                            // not relayed
  // What waits, as QueryPortalStatus() counts it: here, and at the opposite portal.
  uint64_t local_parcels;
  uint64_t local_bytes;
  uint64_t remote_parcels;
  uint64_t remote_bytes;
};

// Counters of a node.
struct IPCZ_ALIGN(8) RingwayNodeCounters {
  size_t size;             // set by the caller
  uint64_t links;          // connections that are up now
  uint64_t portals;        // open now
  uint64_t segments;       // shared memory segments we write, now
  uint64_t segment_bytes;  // their bytes
  uint64_t peer_segments;  // segments of peers that are mapped, now
  uint64_t messages_sent;  // control messages over transports
  uint64_t messages_received;
  uint64_t links_refused;  // connections that failed to come up
  uint64_t links_broken;   // links ended because the peer broke the protocol
  uint64_t relays;         // routes that are forwarded here, now
  uint64_t route_ends;     // ends of routes that the node's links carry, now
};

// Severity of a log line.
#define RINGWAY_LOG_INFO ((int)0)
#define RINGWAY_LOG_WARNING ((int)1)
#define RINGWAY_LOG_ERROR ((int)2)

#if defined(__cplusplus)
extern "C" {
#endif

// Called with one line without a newline. From any thread; must not call
// Ringway. The text is valid during the call only.
typedef void(IPCZ_API* RingwayLogHandler)(int severity, const char* text, void* context);

struct IPCZ_ALIGN(8) RingwayExtensions {
  size_t size;  // set by the caller to sizeof(struct RingwayExtensions)

  // Puts `num_parcels` parcels in order, as that many Put() calls would, but
  // with one publication. `*num_put` (may be null) gets how many were put.
  // With limits in `options`, as many leading parcels as the limits allow are
  // put. `flags` must be 0; `options` may be null.
  // Returns OK when all were put. Otherwise the result that Put() gives for
  // the first parcel not put: RESOURCE_EXHAUSTED (limits or memory), NOT_FOUND
  // (peer closed), INVALID_ARGUMENT (portal, null data with bytes, options).
  IpczResult(IPCZ_API* PutMany)(IpczHandle portal, const struct RingwayParcel* parcels,
                                size_t num_parcels, uint32_t flags,
                                const struct IpczPutOptions* options, size_t* num_put);

  // Takes as many whole parcels as are there and fit: at most `*num_parcels`,
  // at most `*num_bytes` bytes of `buffer` (each parcel starts 8-aligned from
  // the start of the buffer, which should be 8-aligned itself). Outputs how
  // many were taken and, in `*num_bytes`, the bytes of `buffer` used.
  // Parcels that carry handles are never taken here: the call stops before
  // one, and returns FAILED_PRECONDITION if it is the first.
  // Returns OK when at least one was taken; RESOURCE_EXHAUSTED when the first
  // does not fit, with its size in `*num_bytes`; UNAVAILABLE, NOT_FOUND,
  // ALREADY_EXISTS and INVALID_ARGUMENT as Get().
  IpczResult(IPCZ_API* GetMany)(IpczHandle portal, uint32_t flags, const void* options,
                                void* buffer, size_t* num_bytes,
                                struct RingwayReceivedParcel* parcels, size_t* num_parcels);

  // Waits until at least one item is satisfied or `deadline_ns` (CLOCK_MONOTONIC
  // nanoseconds; 0: only look; RINGWAY_NO_DEADLINE) has passed. The thread
  // sleeps on the lanes themselves where the driver can do that. Any number of
  // items. `mode` is 0 (adaptive) or one of RINGWAY_WAIT_MODE_*.
  // Returns OK when an item is satisfied; DEADLINE_EXCEEDED; INVALID_ARGUMENT
  // (no items, a bad portal, portals of different nodes, bad flags).
  // CANCELLED when a portal was closed or sent away during the wait.
  IpczResult(IPCZ_API* Wait)(struct RingwayWaitItem* items, size_t num_items, RingwayWaitMode mode,
                             uint64_t deadline_ns);

  // INVALID_ARGUMENT for a bad handle, null, or a `size` that is too small.
  IpczResult(IPCZ_API* QueryPortalCounters)(IpczHandle portal,
                                            struct RingwayPortalCounters* counters);
  IpczResult(IPCZ_API* QueryNodeCounters)(IpczHandle node, struct RingwayNodeCounters* counters);

  // Sets where this process's log lines go; null: nowhere, as at the start.
  IpczResult(IPCZ_API* SetLogHandler)(RingwayLogHandler handler, void* context);
};

// Fills `extensions` for callers built against this or an earlier version, as
// IpczGetAPI() does. INVALID_ARGUMENT if null or `size` is too small.
__attribute__((visibility("default"))) IpczResult IPCZ_API
RingwayGetExtensions(struct RingwayExtensions* extensions);

#if defined(__cplusplus)
}  // extern "C"
#endif

#endif  // RINGWAY_RINGWAY_H_
