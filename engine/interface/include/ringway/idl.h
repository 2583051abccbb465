/* Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.
 *
 * What code that ringway-idl made needs, and what programs in C need beside
 * it: capabilities, served objects and loops. docs/idl.md.
 *
 * Functions that return a long return RW_EOK or more, or a negated error of
 * ringway/errors.h; a null argument is -RW_EINVAL. They may be called from any
 * thread, but destroying something while another thread uses it is the
 * caller's mistake. Compiles as C99 and C++20. */

#ifndef RINGWAY_IDL_H_
#define RINGWAY_IDL_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipcz/ipcz.h"
#include "ringway/errors.h"

#ifdef __cplusplus
extern "C" {
#endif

/* For a handle that goes in and that nobody takes. None is allowed. */
void RingwayHandleClose(IpczHandle handle);

/* A capability: where calls to an object go. */
typedef struct RingwayCap RingwayCap;
/* An object that can be served; made by server_create_X(). */
typedef struct RingwayServed RingwayServed;
/* Receives requests and hands them to objects. */
typedef struct RingwayLoop RingwayLoop;

/* Links the node, which is no broker and was made with that driver, to the process that hosts the
 * names, and makes those the names of this process. Takes the transport on success. The node
 * outlives the servers. */
long RingwayJoinNames(IpczHandle node, const struct IpczDriver* driver, IpczDriverHandle transport);

/* To the server of that name, waiting for it to appear: -RW_ETIMEDOUT; with 0, -RW_ENOENT at once.
 * UINT64_MAX: for ever. */
long RingwayCapConnect(const char* name, uint64_t timeout_ns, RingwayCap** cap);
/* Takes the portal, whose peer is served somewhere; on failure too. */
long RingwayCapCreate(IpczHandle portal, RingwayCap** cap);
/* To an object of this process, without a portal. Calls after its end get -RW_ENOENT. */
long RingwayCapTo(RingwayServed* served, RingwayCap** cap);
/* How long each call may take; UINT64_MAX, the default: for ever. -RW_ETIMEDOUT. */
long RingwayCapSetTimeout(RingwayCap* cap, uint64_t timeout_ns);
/* Null is allowed. */
void RingwayCapDestroy(RingwayCap* cap);

/* Serves the object to all who connect to `name`, on the calling thread, until
 * RingwayStopServing(). -RW_EEXIST: the name is taken; -RW_ENOENT: no names were joined. */
long RingwayServeNamed(RingwayServed* served, const char* name);
/* Ends all such calls that are under way. */
void RingwayStopServing(void);
/* Calls that are still to come get -RW_ENOENT. Null is allowed. */
void RingwayServedDestroy(RingwayServed* served);

/* For servers without a name. The node was made with that driver, and outlives the loop. */
long RingwayLoopCreate(IpczHandle node, const struct IpczDriver* driver, RingwayLoop** loop);
/* Null is allowed. */
void RingwayLoopDestroy(RingwayLoop* loop);
/* Serves the object to who has the peer of `portal`. Takes the portal; on failure too. */
long RingwayLoopServe(RingwayLoop* loop, IpczHandle portal, RingwayServed* served);
/* On the calling thread, until it is stopped. */
long RingwayLoopRun(RingwayLoop* loop);
long RingwayLoopStop(RingwayLoop* loop);

/* Serves `object`, a pointer to a `type` or, in C++, to what derives from that,
 * under a name: see RingwayServeNamed(). */
#ifdef __cplusplus
#define RW_SERVER_LOOP_FOR(type, object, name) ::ringway::serve<type>(*(object), (name))
#else
#define RW_SERVER_LOOP_FOR(type, object, name) server_loop_for_##type((object), (name))
#endif

#ifdef __cplusplus
}  // extern "C"

#include <span>
#include <string>
#include <utility>

#include "ringway/idl_support.h"
#include "ringway/interface.h"
#include "ringway/serve.h"
#include "ringway/server.h"
#include "ringway/text.h"
#endif

#endif /* RINGWAY_IDL_H_ */
