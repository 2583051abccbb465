// Copyright 2022 The Chromium Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.
//
// Copyright 2026 The Ringway Authors (the wording of this header)
//
// The ipcz interface, version 0: messaging between processes over endpoints
// that can move, while in use, from one process to another.
//
// The names, the values and the layouts below are an ABI which the authors of
// ipcz declared stable, and which tests/abi asserts row by row. A program or a
// driver compiled against another faithful copy of this interface works with
// this one unchanged. Needs C99 or C++11, or anything later.
//
// Terms
// -----
// Node     One participant. Usually a process creates exactly one, but a
//          process may hold several, and they treat each other as strangers.
// Portal   A messaging endpoint, owned by a node and always born as one half
//          of a pair. What is put into one half is got, in the same order,
//          from the other half: its peer, or opposite. The halves may start
//          out in one node or in two, and either may be sent to another node
//          through some other portal without losing a message.
// Parcel   One message: bytes, and handles to objects which travel along. The
//          objects are portals or boxes.
// Trap     A one-shot request to be called once a portal's state meets a
//          condition: a parcel came, the peer went away, a queue drained.
// Driver   A table of functions, supplied by the application, which does the
//          work that depends on the operating system: moving bytes and
//          objects between processes, allocating shared memory, randomness.
// Box      An envelope that turns any object of the driver into something a
//          parcel can carry. The driver knows how to flatten the object for
//          the journey and rebuild it; Box() and Unbox() convert.
//
// How nodes find each other
// -------------------------
// One node of a network is its broker. It takes part in the steps that need
// trust or privilege, such as introducing two nodes to each other, so it
// belongs in the process which the others have most reason to trust: the one
// that launched them, typically.
//
// The application links each other node to ONE node that is already part of
// the network, by a call to ConnectNode() on both ends of a driver transport.
// Such a link starts with some portal pairs, usable as soon as the call
// returns. All further links appear by themselves, where portals need them.
//
// Take a broker A, to which B and C have each been connected:
//
//        B o-----------------o A o-----------------o C
//
// B opens a pair with OpenPortals() and sends one half through its portal to
// A. Its peer is still in B, so A and B now share two pairs:
//
//        B o-----------------o A o-----------------o C
//        B o-----------------o A
//
// A passes that half on to C. B and C were never connected by the application,
// and still the pair now spans them, over a direct link that ipcz set up:
//
//        B o-----------------o A o-----------------o C
//        B o---------------------------------------o C
//
// Threads
// -------
// Every function of IpczAPI may be called from any thread at any time, also on
// the same object from several threads at once, with one exception: Close()
// must be the last use of its handle (see there). Handlers of traps may run on
// any thread that can change the portal (see Trap()). Calls into the driver
// may come from any thread that calls ipcz and from any thread on which the
// driver reports activity.
//
// Sizes, flags and options
// ------------------------
// Each struct begins with its own size in bytes, which tells a newer ipcz from
// an older caller. Whoever creates the struct sets it to sizeof its type,
// before the call. Where a function has no flags or options yet, pass
// IPCZ_NO_FLAGS and null: the parameters are room for later versions.

#ifndef IPCZ_INCLUDE_IPCZ_IPCZ_H_
#define IPCZ_INCLUDE_IPCZ_IPCZ_H_

#include <stddef.h>
#include <stdint.h>

// The empty set, for any parameter or field that takes flags.
#define IPCZ_NO_FLAGS ((uint32_t)0)

// The flag whose only set bit is number `bit`, counted from 0.
#define IPCZ_FLAG_BIT(bit) ((uint32_t)(1u << (bit)))

// Names an object of ipcz: a node, a portal, a box or a validator. The value
// means nothing to anyone else and is only good in the process that got it.
typedef uintptr_t IpczHandle;

// Never the handle of any object. The reverse does not hold: a value other
// than zero can be invalid too.
#define IPCZ_INVALID_HANDLE ((IpczHandle)0)

// What a call came to: one of the values below. Zero is success everywhere;
// the exact sense of the others is given with each function.
typedef int IpczResult;

// The numbering is the one of Google's canonical status codes.
#define IPCZ_RESULT_OK ((IpczResult)0)
#define IPCZ_RESULT_CANCELLED ((IpczResult)1)
#define IPCZ_RESULT_UNKNOWN ((IpczResult)2)
#define IPCZ_RESULT_INVALID_ARGUMENT ((IpczResult)3)
#define IPCZ_RESULT_DEADLINE_EXCEEDED ((IpczResult)4)
#define IPCZ_RESULT_NOT_FOUND ((IpczResult)5)
#define IPCZ_RESULT_ALREADY_EXISTS ((IpczResult)6)
#define IPCZ_RESULT_PERMISSION_DENIED ((IpczResult)7)
#define IPCZ_RESULT_RESOURCE_EXHAUSTED ((IpczResult)8)
#define IPCZ_RESULT_FAILED_PRECONDITION ((IpczResult)9)
#define IPCZ_RESULT_ABORTED ((IpczResult)10)
#define IPCZ_RESULT_OUT_OF_RANGE ((IpczResult)11)
#define IPCZ_RESULT_UNIMPLEMENTED ((IpczResult)12)
#define IPCZ_RESULT_INTERNAL ((IpczResult)13)
#define IPCZ_RESULT_UNAVAILABLE ((IpczResult)14)
#define IPCZ_RESULT_DATA_LOSS ((IpczResult)15)

// Goes between `struct` and the name, and gives the type an alignment of at
// least `alignment` bytes in every language and compiler supported.
#if defined(__cplusplus)
#define IPCZ_ALIGN(alignment) alignas(alignment)
#elif defined(__GNUC__)
#define IPCZ_ALIGN(alignment) __attribute__((aligned(alignment)))
#elif defined(_MSC_VER)
#define IPCZ_ALIGN(alignment) __declspec(align(alignment))
#else
#error "IPCZ_ALIGN() has no definition for this compiler."
#endif

// `value` rounded up to a multiple of `alignment`; a constant expression if
// both are constants. `alignment` need not be a power of two.
#define IPCZ_ALIGNED(value, alignment) ((((value) + ((alignment)-1)) / (alignment)) * (alignment))

// The calling convention, or another annotation the compiler needs, of every
// function in the tables below. Empty except on Windows; define
// IPCZ_API_OVERRIDE before including this header to choose another.
#if defined(IPCZ_API_OVERRIDE)
#define IPCZ_API IPCZ_API_OVERRIDE
#elif defined(_WIN32)
#define IPCZ_API __cdecl
#else
#define IPCZ_API
#endif

#if defined(__cplusplus)
extern "C" {
#endif

// Names an object of the driver: a transport, a region of shared memory, a
// mapping of one, or anything else the driver chooses to hand out. ipcz passes
// it back to the driver and never looks into it.
typedef uintptr_t IpczDriverHandle;

// Never the handle of any object of a driver.
#define IPCZ_INVALID_DRIVER_HANDLE ((IpczDriverHandle)0)

// IPCZ_TRANSPORT_ACTIVITY_* flags, with which a driver qualifies a call to an
// activity handler.
typedef uint32_t IpczTransportActivityFlags;

// The transport has failed beyond recovery, and ipcz ought to drop it. While
// the transport stays active the driver may say so any number of times; as a
// rule ipcz asks for deactivation right after the first.
#define IPCZ_TRANSPORT_ACTIVITY_ERROR IPCZ_FLAG_BIT(0)

// The last call this handler will ever get for the transport. The driver makes
// it after DeactivateTransport(), once its cleaning up is over and it is sure
// to invoke the handler no more. On receipt ipcz frees what it kept for the
// transport.
#define IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED IPCZ_FLAG_BIT(1)

// How a driver tells ipcz that something arrived on a transport, that the
// transport broke, or that its deactivation is complete. ipcz gives the driver
// both this function and the handle to call it with in ActivateTransport().
//
// `transport` is that handle. The driver's transport holds it exclusively,
// from activation until the call with IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED.
//
// `data` and `num_bytes` are the bytes of one transmission, `driver_handles`
// and `num_driver_handles` the driver objects that came along with them.
//
// `flags` are any of IPCZ_TRANSPORT_ACTIVITY_*. An unrecoverable I/O error is
// reported with IPCZ_TRANSPORT_ACTIVITY_ERROR, whereupon ipcz calls
// DeactivateTransport().
//
// `options` has no use yet. Pass null.
//
// Thread rule: calls for one value of `transport` must never overlap. The
// driver has to see to that; if it does not, the behavior is undefined.
typedef IpczResult(IPCZ_API* IpczTransportActivityHandler)(
    IpczHandle transport,                    // in
    const void* data,                        // in
    size_t num_bytes,                        // in
    const IpczDriverHandle* driver_handles,  // in
    size_t num_driver_handles,               // in
    IpczTransportActivityFlags flags,        // in
    const void* options);                    // in

// What GetSharedMemoryInfo() of a driver reports.
struct IPCZ_ALIGN(8) IpczSharedMemoryInfo {
  // sizeof this struct. ipcz sets it before it calls the driver.
  size_t size;

  // Length of the region, in bytes.
  size_t region_num_bytes;
};

// The driver: the functions through which ipcz does I/O. The application fills
// in the table, or takes one ready-made, and gives it to CreateNode(). So the
// embedder alone decides by which means of the operating system nodes talk,
// and on which threads their I/O is done.
//
// Two parties call these functions. ipcz does, above all to make the
// transports that join nodes it introduces to each other; and so does the
// application, for instance to make the transport of a first ConnectNode().
//
// In every function `flags` and `options` have no meaning yet and arrive as
// IPCZ_NO_FLAGS and null. Success is IPCZ_RESULT_OK; where no other result is
// described, anything else is a failure.
struct IPCZ_ALIGN(8) IpczDriver {
  // sizeof this struct, to be set by the application before any function of
  // ipcz sees the table. More than that in a table that goes on after this
  // struct; see ringway/driver_extension.h.
  size_t size;

  // Releases the object of the driver that `handle` names, on behalf of ipcz.
  IpczResult(IPCZ_API* Close)(IpczDriverHandle handle,  // in
                              uint32_t flags,           // in
                              const void* options);     // in

  // Takes the object `handle` apart, into bytes and into other driver handles
  // that can be transmitted as they are, so that it can be sent over
  // `transport`. Every transport and every shared memory object that ipcz gets
  // from this driver has to be serializable, and so has everything else that
  // applications are meant to box and put into portals.
  //
  // `data` and `handles` are buffers for the two parts. On entry `*num_bytes`
  // and `*num_handles` are their capacities, where a null pointer stands for a
  // capacity of zero; a buffer of capacity zero may itself be null. On return
  // each of the two that is not null has been set to exactly what the object
  // needs (to 8, say, for an object of 8 bytes), both on success and when the
  // capacity falls short, but not in the three failures listed first.
  //
  // Returns:
  //
  //   IPCZ_RESULT_INVALID_ARGUMENT  No such object, or one that can never be
  //       serialized. No other argument counts then, `transport` included.
  //
  //   IPCZ_RESULT_ABORTED  The object is serializable, but whether it works
  //       out depends on the transport, and `transport` is
  //       IPCZ_INVALID_DRIVER_HANDLE. ipcz asks in this way whether an object
  //       has any chance at all, before it knows where it will go.
  //
  //   IPCZ_RESULT_PERMISSION_DENIED  The object is serializable or can be
  //       transmitted as it is, and `transport` is valid, but what would come
  //       out cannot pass over this transport: neither of its ends has the
  //       privilege, or other means, for a direct transfer. The remaining
  //       arguments are ignored. ipcz may try again by way of a broker, which
  //       may be able to do more.
  //
  //   IPCZ_RESULT_RESOURCE_EXHAUSTED  One of the capacities is too small. The
  //       contents of both buffers are left as they were.
  //
  //   IPCZ_RESULT_OK  Both buffers hold the object's serialized form, and
  //       `handle` now belongs to the driver again: ipcz does not use it any
  //       further. The exception is a `handle` which the driver returns as
  //       part of `handles`, to say that it needed no taking apart.
  //
  // Any outcome other than the first three tells ipcz that the object is
  // serializable and that it can be transmitted in the end.
  IpczResult(IPCZ_API* Serialize)(IpczDriverHandle handle,     // in
                                  IpczDriverHandle transport,  // in
                                  uint32_t flags,              // in
                                  const void* options,         // in
                                  void* data,                  // out
                                  size_t* num_bytes,           // in/out
                                  IpczDriverHandle* handles,   // out
                                  size_t* num_handles);        // in/out

  // Puts an object together again, from the `num_bytes` bytes at `data` and
  // the `num_driver_handles` handles at `driver_handles` which a Serialize()
  // produced and which reached this node over `transport`.
  //
  // IPCZ_RESULT_OK means that `*handle` names the new object. Every other
  // result is an error and leaves `*handle` alone.
  IpczResult(IPCZ_API* Deserialize)(const void* data,                        // in
                                    size_t num_bytes,                        // in
                                    const IpczDriverHandle* driver_handles,  // in
                                    size_t num_driver_handles,               // in
                                    IpczDriverHandle transport,              // in
                                    uint32_t flags,                          // in
                                    const void* options,                     // in
                                    IpczDriverHandle* handle);               // out

  // Makes two transports which are the ends of one bidirectional connection,
  // in order to link two other nodes directly: the one at the far side of
  // `transport0` and the one at the far side of `transport1`. They are context
  // in case the driver needs any. ipcz will send `*new_transport0` over
  // `transport0`, and `*new_transport1` over `transport1`.
  //
  // Results other than IPCZ_RESULT_OK are errors, with both outputs untouched.
  IpczResult(IPCZ_API* CreateTransports)(IpczDriverHandle transport0,        // in
                                         IpczDriverHandle transport1,        // in
                                         uint32_t flags,                     // in
                                         const void* options,                // in
                                         IpczDriverHandle* new_transport0,   // out
                                         IpczDriverHandle* new_transport1);  // out

  // Starts a transport. `driver_transport` is the driver's own handle for it,
  // which the application gave to ConnectNode() or the driver returned from
  // CreateTransports(). The driver reports what arrives, and what happens to
  // the transport, by calling `activity_handler` with `transport`.
  //
  // Whatever monitoring and scheduling the driver needs must be in place when
  // this returns, because ipcz may call Transmit() on `driver_transport` from
  // then on. After IPCZ_RESULT_OK the transport sends and receives until ipcz
  // passes `driver_transport` to Close(). After any other result ipcz drops
  // the transport.
  //
  // Thread rule: the driver must never let two calls of `activity_handler` for
  // this transport overlap, since ipcz processes what comes in strictly in
  // its order.
  //
  // A driver may force its own transport to be torn down, by calling
  // `activity_handler` with IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED unasked.
  IpczResult(IPCZ_API* ActivateTransport)(IpczDriverHandle driver_transport,              // in
                                          IpczHandle transport,                           // in
                                          IpczTransportActivityHandler activity_handler,  // in
                                          uint32_t flags,                                 // in
                                          const void* options);                           // in

  // Asks the driver to stop `driver_transport`. The driver must begin at once
  // but may finish later. When it has finished it calls the activity handler
  // once more, with IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED, and from there on
  // never again for this transport.
  //
  // A deactivated transport may still be used in other calls by ipcz, until it
  // is released through the driver's Close().
  IpczResult(IPCZ_API* DeactivateTransport)(IpczDriverHandle driver_transport,  // in
                                            uint32_t flags,                     // in
                                            const void* options);               // in

  // Sends one transmission over `driver_transport`: `num_bytes` bytes at
  // `data` together with `num_driver_handles` objects at `driver_handles`. The
  // objects came out of this driver's Serialize(), so the driver can be
  // expected to transmit them directly.
  //
  // The far end's driver calls its activity handler once per transmission, in
  // the order of the Transmit() calls; getting the data and the objects there
  // is entirely up to the driver. A transmission with neither bytes nor
  // handles is legal: it does no more than wake the other node.
  //
  // Any result other than IPCZ_RESULT_OK means the driver could not do it, and
  // makes ipcz sever the connection.
  IpczResult(IPCZ_API* Transmit)(IpczDriverHandle driver_transport,       // in
                                 const void* data,                        // in
                                 size_t num_bytes,                        // in
                                 const IpczDriverHandle* driver_handles,  // in
                                 size_t num_driver_handles,               // in
                                 uint32_t flags,                          // in
                                 const void* options);                    // in

  // Tells the driver that the application has rejected, by Reject(), a parcel
  // that came from another node. `transport` is the transport that delivered
  // it; `context` is the value the application passed to Reject().
  IpczResult(IPCZ_API* ReportBadTransportActivity)(IpczDriverHandle transport,  // in
                                                   uintptr_t context,           // in
                                                   uint32_t flags,              // in
                                                   const void* options);        // in

  // Creates a region of shared memory of `num_bytes` bytes. `*driver_memory`
  // receives a handle that names it in further calls.
  IpczResult(IPCZ_API* AllocateSharedMemory)(size_t num_bytes,                  // in
                                             uint32_t flags,                    // in
                                             const void* options,               // in
                                             IpczDriverHandle* driver_memory);  // out

  // Describes the region `driver_memory` in `*info`, whose `size` field the
  // caller has set.
  IpczResult(IPCZ_API* GetSharedMemoryInfo)(IpczDriverHandle driver_memory,      // in
                                            uint32_t flags,                      // in
                                            const void* options,                 // in
                                            struct IpczSharedMemoryInfo* info);  // out

  // Makes a second handle, `*new_driver_memory`, to the region that
  // `driver_memory` names. The memory is the same; the handles are independent
  // and are closed separately.
  IpczResult(IPCZ_API* DuplicateSharedMemory)(IpczDriverHandle driver_memory,        // in
                                              uint32_t flags,                        // in
                                              const void* options,                   // in
                                              IpczDriverHandle* new_driver_memory);  // out

  // Maps the region `driver_memory` into this process. On success `*address`
  // is where it starts, and `*driver_mapping` is a handle whose Close() unmaps
  // it.
  //
  // The mapping must not depend on `driver_memory`: it stays good when that
  // handle is closed, until `*driver_mapping` is closed as well.
  IpczResult(IPCZ_API* MapSharedMemory)(IpczDriverHandle driver_memory,     // in
                                        uint32_t flags,                     // in
                                        const void* options,                // in
                                        void** address,                     // out
                                        IpczDriverHandle* driver_mapping);  // out

  // Fills `buffer` with `num_bytes` random bytes. ipcz uses them for names that
  // a stranger must not be able to guess.
  IpczResult(IPCZ_API* GenerateRandomBytes)(size_t num_bytes,     // in
                                            uint32_t flags,       // in
                                            const void* options,  // in
                                            void* buffer);        // out
};

// IPCZ_CREATE_NODE_* flags, for CreateNode().
typedef uint32_t IpczCreateNodeFlags;

// Makes the new node the broker of its network. Every network needs one, and
// usually it is the first node of an application's main process or of a
// system-wide coordinating service, whose children, or processes that trust it
// for another reason, contain the others.
//
// A broker introduces nodes to each other and at times relays data and driver
// objects for nodes of lesser privilege. Its process should therefore be
// fairly trusted: it need not have special privileges, but it should not be
// held back by a sandbox, nor handle risky input.
//
// A broker offers the application no functions beyond those of other nodes,
// and needs no special care except at its end; see Close().
#define IPCZ_CREATE_NODE_AS_BROKER IPCZ_FLAG_BIT(0)

// IPCZ_CONNECT_NODE_* flags, for ConnectNode().
typedef uint32_t IpczConnectNodeFlags;

// The node at the other end is to be taken for a broker and is trusted as one.
// Never set this when that process is not trusted.
#define IPCZ_CONNECT_NODE_TO_BROKER IPCZ_FLAG_BIT(0)

// The node at the other end is no broker but already has a link to one, and
// the calling node takes over that broker as its own. It must trust the other
// node, must have no broker from an earlier ConnectNode(), and the other end
// must pass IPCZ_CONNECT_NODE_SHARE_BROKER.
#define IPCZ_CONNECT_NODE_INHERIT_BROKER IPCZ_FLAG_BIT(1)

// The counterpart: the calling node has a broker and lets the other node take
// it over. The other end must pass IPCZ_CONNECT_NODE_INHERIT_BROKER.
#define IPCZ_CONNECT_NODE_SHARE_BROKER IPCZ_FLAG_BIT(2)

// The calling node cannot, or may not, allocate shared memory, and has the
// node at the other end do it instead. ipcz allocates such memory now and then
// for the links between nodes. In most places, many sandboxes among them, the
// driver can do that by itself, safely; where it cannot, a node that is
// trusted (as a rule the broker) has to step in. With this flag that holds for
// every allocation ipcz makes on the calling node's account.
#define IPCZ_CONNECT_NODE_TO_ALLOCATION_DELEGATE IPCZ_FLAG_BIT(3)

// Bounds on the receiver's queue, which a Put() or BeginPut() can be made to
// respect, through IpczPutOptions or IpczBeginPutOptions.
struct IPCZ_ALIGN(8) IpczPutLimits {
  // sizeof this struct; set by the caller.
  size_t size;

  // Most parcels that may wait unread in the receiving portal's queue, the new
  // one included. A put that would make them more is refused with
  // IPCZ_RESULT_RESOURCE_EXHAUSTED.
  size_t max_queued_parcels;

  // The same for the bytes of data in all parcels waiting there together.
  size_t max_queued_bytes;
};

// Optional input of Put().
struct IPCZ_ALIGN(8) IpczPutOptions {
  // sizeof this struct; set by the caller.
  size_t size;

  // Limits this Put() has to respect, or null for none.
  const struct IpczPutLimits* limits;
};

// IPCZ_BEGIN_PUT_* flags, for BeginPut().
typedef uint32_t IpczBeginPutFlags;

// The caller would rather have a smaller buffer than none. When a smaller
// chunk suits the implementation better, or when the requested size breaks the
// byte limit of the call, BeginPut() may then lower `*num_bytes` to a size it
// accepts and succeed, where it would otherwise answer
// IPCZ_RESULT_RESOURCE_EXHAUSTED.
#define IPCZ_BEGIN_PUT_ALLOW_PARTIAL IPCZ_FLAG_BIT(0)

// Optional input of BeginPut().
struct IPCZ_ALIGN(8) IpczBeginPutOptions {
  // sizeof this struct; set by the caller.
  size_t size;

  // Limits this BeginPut() has to respect, or null for none.
  const struct IpczPutLimits* limits;
};

// IPCZ_END_PUT_* flags, for EndPut().
typedef uint32_t IpczEndPutFlags;

// Gives up the two-phase put in progress. No parcel goes into the portal.
#define IPCZ_END_PUT_ABORT IPCZ_FLAG_BIT(0)

// IPCZ_GET_* flags, for Get().
typedef uint32_t IpczGetFlags;

// The caller accepts a part of the next parcel. Where the buffers are too
// small for all of it, Get() fills them, answers IPCZ_RESULT_OK and leaves the
// rest, in place of answering IPCZ_RESULT_RESOURCE_EXHAUSTED.
#define IPCZ_GET_PARTIAL IPCZ_FLAG_BIT(0)

// IPCZ_END_GET_* flags, for EndGet().
typedef uint32_t IpczEndGetFlags;

// Gives up the two-phase get in progress. The portal keeps all of the parcel.
#define IPCZ_END_GET_ABORT IPCZ_FLAG_BIT(0)

// IPCZ_UNBOX_* flags, for Unbox().
typedef uint32_t IpczUnboxFlags;

// Only looks: the box survives and keeps owning the driver object, whose
// handle is lent to the caller.
#define IPCZ_UNBOX_PEEK IPCZ_FLAG_BIT(0)

// IPCZ_PORTAL_STATUS_* flags, in the `flags` of an IpczPortalStatus.
typedef uint32_t IpczPortalStatusFlags;

// The opposite portal is closed. From here on every put into this portal fails
// with IPCZ_RESULT_NOT_FOUND; gets fail with it too as soon as no parcel is
// left to be retrieved.
#define IPCZ_PORTAL_STATUS_PEER_CLOSED IPCZ_FLAG_BIT(0)

// The opposite portal is closed and nothing more will come from it: this
// portal has had its day. Put() and Get() on it answer IPCZ_RESULT_NOT_FOUND
// for good.
#define IPCZ_PORTAL_STATUS_DEAD IPCZ_FLAG_BIT(1)

// The state of a portal, as QueryPortalStatus() and Trap() report it and as
// the handler of a trap finds it in its IpczTrapEvent.
struct IPCZ_ALIGN(8) IpczPortalStatus {
  // sizeof this struct; set by the caller before passing it to a function.
  size_t size;

  // Any combination of IPCZ_PORTAL_STATUS_*.
  IpczPortalStatusFlags flags;

  // Parcels waiting in this portal to be retrieved.
  size_t num_local_parcels;

  // Bytes of data not yet retrieved in all of those parcels together.
  size_t num_local_bytes;

  // Parcels waiting in the opposite portal to be retrieved.
  size_t num_remote_parcels;

  // Bytes of data not yet retrieved in all of those parcels together.
  size_t num_remote_bytes;
};

// IPCZ_TRAP_* flags: which conditions a trap is to observe, or which of them
// have set it off.
//
// A condition is either level-triggered: it holds for as long as the portal is
// in a certain state; or edge-triggered: it exists only in the moment of a
// change. A trap cannot be installed while a level-triggered condition it asks
// for holds; Trap() then fails and says which.
typedef uint32_t IpczTrapConditionFlags;

// The observed portal itself was closed. Every trap observes this, whether its
// IpczTrapConditions say so or not, and gets an event with this flag if its
// portal is closed while it is installed. Edge-triggered in effect: from that
// moment neither the portal nor the trap exists any more.
#define IPCZ_TRAP_REMOVED IPCZ_FLAG_BIT(0)

// The opposite portal is closed. What programs need is more often
// IPCZ_TRAP_DEAD. Level-triggered.
#define IPCZ_TRAP_PEER_CLOSED IPCZ_FLAG_BIT(1)

// The opposite portal is closed and no parcel is left to retrieve here, so
// that there will never be one again. Level-triggered.
#define IPCZ_TRAP_DEAD IPCZ_FLAG_BIT(2)

// More than `min_local_parcels` parcels wait in this portal. Level-triggered.
#define IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS IPCZ_FLAG_BIT(3)

// More than `min_local_bytes` bytes wait in this portal. Level-triggered.
#define IPCZ_TRAP_ABOVE_MIN_LOCAL_BYTES IPCZ_FLAG_BIT(4)

// Fewer than `max_remote_parcels` parcels wait in the opposite portal.
// Level-triggered.
#define IPCZ_TRAP_BELOW_MAX_REMOTE_PARCELS IPCZ_FLAG_BIT(5)

// Fewer than `max_remote_bytes` bytes wait in the opposite portal.
// Level-triggered.
#define IPCZ_TRAP_BELOW_MAX_REMOTE_BYTES IPCZ_FLAG_BIT(6)

// The number of parcels waiting in this portal grew, by one or by more.
// Edge-triggered.
#define IPCZ_TRAP_NEW_LOCAL_PARCEL IPCZ_FLAG_BIT(7)

// The number of parcels waiting in the opposite portal shrank, by one or by
// more. Edge-triggered.
#define IPCZ_TRAP_CONSUMED_REMOTE_PARCEL IPCZ_FLAG_BIT(8)

// What a trap waits for: any one of the conditions in `flags`. The thresholds
// are strict, and each of them counts only if its flag is set.
struct IPCZ_ALIGN(8) IpczTrapConditions {
  // sizeof this struct; set by the caller before Trap().
  size_t size;

  // Any combination of IPCZ_TRAP_*.
  IpczTrapConditionFlags flags;

  // For IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS.
  size_t min_local_parcels;

  // For IPCZ_TRAP_ABOVE_MIN_LOCAL_BYTES.
  size_t min_local_bytes;

  // For IPCZ_TRAP_BELOW_MAX_REMOTE_PARCELS.
  size_t max_remote_parcels;

  // For IPCZ_TRAP_BELOW_MAX_REMOTE_BYTES.
  size_t max_remote_bytes;
};

// What the handler of a trap is told.
struct IPCZ_ALIGN(8) IpczTrapEvent {
  // Size of the struct in bytes; set by ipcz, it says which version this is.
  size_t size;

  // The `context` that was given to Trap().
  uintptr_t context;

  // The condition or conditions that set off the trap.
  IpczTrapConditionFlags condition_flags;

  // The portal's state at this time. Owned by ipcz: the pointer is good only
  // until the handler returns.
  const struct IpczPortalStatus* status;
};

// A function of the application, called when a trap goes off. `event` is
// owned by ipcz and may be read until the handler returns. See Trap() for the
// threads on which this may happen.
typedef void(IPCZ_API* IpczTrapEventHandler)(const struct IpczTrapEvent* event);

// The functions of ipcz. IpczGetAPI() fills in this table.
//
// Parameters come in the same order everywhere, roughly from input to output:
// the object acted upon, where there is one; plain inputs; flags; options;
// values that are both input and output; plain outputs.
//
// Neither order nor signature of an entry will ever change. New entries are
// appended, and `size` then tells which are there.
//
// Where several results could apply, the checks run in this order: the handle,
// the other arguments, the state of the portal (a two-phase operation), the
// peer, limits, and last whether there is a parcel. Besides the results listed
// for a function, IPCZ_RESULT_RESOURCE_EXHAUSTED may also report that a quota
// of the implementation was reached.
struct IPCZ_ALIGN(8) IpczAPI {
  // sizeof this struct, set by the application before it calls IpczGetAPI();
  // afterwards, how much of the struct was filled in.
  size_t size;

  // Gives up `handle` and releases what it names: closes a portal, destroys a
  // node, drops a validator, or hands the object in a box back to the driver,
  // through the Close() of the driver's table.
  //
  // The one function that is NOT thread-safe. The application has to make sure
  // that no other thread is using `handle` while this runs, or ever uses it
  // again.
  //
  // Closing is done when the call returns, and it never blocks; consequences
  // elsewhere may follow later. The peer of a closed portal may have a trap
  // that goes off, for example.
  //
  // Without its broker, a network of nodes loses functions piecemeal: once a
  // broker node is destroyed, portals and driver objects may at any time begin
  // to fail to travel between the nodes that remain.
  //
  // `flags` must be IPCZ_NO_FLAGS and `options` null; neither has a use yet.
  //
  // Returns:
  //
  //   IPCZ_RESULT_OK  The object existed and is closed.
  //
  //   IPCZ_RESULT_INVALID_ARGUMENT  `handle` is invalid.
  IpczResult(IPCZ_API* Close)(IpczHandle handle,     // in
                              uint32_t flags,        // in
                              const void* options);  // in

  // Creates a node. One per process is the normal case. Several in one process
  // are legal too, and of use in tests and wherever a system of many processes
  // is to be imitated in one. All other functions act on a node or on
  // something that belongs to a node.
  //
  // `driver` does all I/O of the node with other nodes. Nodes can only be
  // linked if their drivers are the same or made to work together.
  //
  // `driver_node` stays with the node for all its life, and tells the driver
  // which node a call concerns. It is the driver's to define;
  // IPCZ_INVALID_DRIVER_HANDLE if the driver has no need of it.
  //
  // `flags` is IPCZ_NO_FLAGS, or IPCZ_CREATE_NODE_AS_BROKER to make this node
  // the broker of the network it will be part of.
  //
  // `options` must be null; it has no use yet.
  //
  // `node` receives the new node's handle. The caller owns it; see Close().
  //
  // Returns:
  //
  //   IPCZ_RESULT_OK  `*node` is a new node.
  //
  //   IPCZ_RESULT_INVALID_ARGUMENT  `node` is null, or `driver` is null or
  //       not a valid table.
  //
  //   IPCZ_RESULT_UNIMPLEMENTED  ipcz cannot work properly in this build or in
  //       this environment; atomics of 32 or 64 bits that are not lock-free
  //       would be such a case.
  IpczResult(IPCZ_API* CreateNode)(const struct IpczDriver* driver,  // in
                                   IpczDriverHandle driver_node,     // in
                                   IpczCreateNodeFlags flags,        // in
                                   const void* options,              // in
                                   IpczHandle* node);                // out

  // Links `node` to another node over `driver_transport`, one end of a
  // transport of the driver. To bring the other end to the other node, where a
  // ConnectNode() of its own must be called with it, is the application's
  // task. If the call is going to succeed, the driver's ActivateTransport()
  // is called for the transport before it returns.
  //
  // The link comes with `num_initial_portals` portals, put into the array
  // `initial_portals`. The first of them is the peer of the first on the other
  // side, and so on. They exist when the call returns and can be used at once,
  // although the link as such may be completed later, depending on the driver.
  // If the two sides ask for different numbers, those that one side has in
  // excess act as portals whose peer was closed.
  //
  // Who provides the broker is said by `flags`:
  //
  // - IPCZ_CONNECT_NODE_TO_BROKER: the other node is a broker. If `node` is
  //   one too, their networks act as a single one while both brokers live:
  //   nodes of either can find, and talk directly to, nodes of the other. Each
  //   broker remains the only one of its own network, but they share what is
  //   needed to introduce nodes across.
  // - Two nodes neither of which is a broker have to agree on a common one:
  //   the side that has none so far passes IPCZ_CONNECT_NODE_INHERIT_BROKER,
  //   and the side that is already part of a broker's network passes
  //   IPCZ_CONNECT_NODE_SHARE_BROKER. Nothing else can link them.
  //
  // IPCZ_CONNECT_NODE_TO_ALLOCATION_DELEGATE leaves all allocation of shared
  // memory for ipcz to the other node. It is meant only for a caller confined
  // to an environment in which it cannot allocate any itself.
  //
  // `options` must be null; it has no use yet.
  //
  // Returns:
  //
  //   IPCZ_RESULT_OK  The arguments are valid and the link is being set up.
  //       All `num_initial_portals` elements of `initial_portals` hold portals
  //       that the caller owns and may use at once. The link can still fail
  //       after this, where the driver sets it up asynchronously; then all of
  //       these portals act as if their peer had been closed.
  //
  //   IPCZ_RESULT_INVALID_ARGUMENT  `node` is invalid, `driver_transport` is
  //       IPCZ_INVALID_DRIVER_HANDLE, no portals are asked for, there is no
  //       array to put them into, or `flags` has flags that are not valid for
  //       this node or not valid together.
  //
  //   IPCZ_RESULT_OUT_OF_RANGE  `num_initial_portals` is more than this
  //       implementation supports, which may be any number from 8 upwards.
  IpczResult(IPCZ_API* ConnectNode)(IpczHandle node,                    // in
                                    IpczDriverHandle driver_transport,  // in
                                    size_t num_initial_portals,         // in
                                    IpczConnectNodeFlags flags,         // in
                                    const void* options,                // in
                                    IpczHandle* initial_portals);       // out

  // Opens a pair of portals, both owned by `node`: each the opposite of the
  // other. What Put(), or BeginPut() and EndPut(), place into one, Get(), or
  // BeginGet() and EndGet(), retrieve from the other in the same order. For
  // pairs that span two nodes from the start see ConnectNode().
  //
  // `flags` must be IPCZ_NO_FLAGS and `options` null; neither has a use yet.
  //
  // Returns:
  //
  //   IPCZ_RESULT_OK  `*portal0` and `*portal1` are the new portals, owned by
  //       the caller and entangled until one of them is closed.
  //
  //   IPCZ_RESULT_INVALID_ARGUMENT  `node` is invalid, or `portal0` or
  //       `portal1` is null.
  IpczResult(IPCZ_API* OpenPortals)(IpczHandle node,       // in
                                    uint32_t flags,        // in
                                    const void* options,   // in
                                    IpczHandle* portal0,   // out
                                    IpczHandle* portal1);  // out

  // Joins two portals back to back, so that both vanish and the two peers they
  // leave behind become each other's peer. Given two pairs
  //
  //     A o---o B     and     C o---o D
  //
  // the merge of B with C leaves one pair
  //
  //     A o-----------o D
  //
  // in which D gets all that was or will be put into A, and A gets all that
  // was or will be put into D.
  //
  // `first` and `second` must be different portals, not each other's peer, and
  // unused: nothing put into them, nothing got out of them. Their peers, on
  // the other hand, may have been used in any way.
  //
  // `flags` must be IPCZ_NO_FLAGS and `options` null; neither has a use yet.
  //
  // Returns:
  //
  //   IPCZ_RESULT_OK  The portals are merged. Both handles are consumed and no
  //       longer valid. All parcels reach the remaining peers, those under way
  //       or queued at the time of the merge included.
  //
  //   IPCZ_RESULT_INVALID_ARGUMENT  `first` or `second` is invalid, or they
  //       are the same portal, or each other's peer.
  //
  //   IPCZ_RESULT_FAILED_PRECONDITION  A parcel was put into, or got from, one
  //       of the two before.
  IpczResult(IPCZ_API* MergePortals)(IpczHandle first,      // in
                                     IpczHandle second,     // in
                                     uint32_t flags,        // in
                                     const void* options);  // in

  // Reports the state of `portal`: what waits unread in it and in its
  // opposite, and whether the opposite is closed.
  //
  // Whoever holds either portal, on any thread of any process, can change the
  // state at any time. So the answer may be out of date before the call
  // returns.
  //
  // `flags` must be IPCZ_NO_FLAGS and `options` null; neither has a use yet.
  //
  // `status` receives the answer. Its `size` must be set.
  //
  // Returns:
  //
  //   IPCZ_RESULT_OK  `*status` is filled in.
  //
  //   IPCZ_RESULT_INVALID_ARGUMENT  `portal` is invalid, or `status` is null
  //       or its `size` is wrong.
  IpczResult(IPCZ_API* QueryPortalStatus)(IpczHandle portal,                 // in
                                          uint32_t flags,                    // in
                                          const void* options,               // in
                                          struct IpczPortalStatus* status);  // out

  // Sends a parcel: `num_bytes` bytes, copied from `data`, and the
  // `num_handles` objects in `handles`. Either part may be empty. Gets on the
  // opposite portal retrieve parcels in the order of the puts. Whether a
  // parcel can be retrieved at once or only some time later depends on the
  // driver and on where the portals are.
  //
  // To write straight into the portal's memory instead of having data copied
  // there, use BeginPut() and EndPut().
  //
  // Ownership: on IPCZ_RESULT_OK, and only then, ipcz takes all of `handles`;
  // the caller must not use them any more. On any other result each of them
  // still belongs to the caller.
  //
  // `flags` must be IPCZ_NO_FLAGS; there are none yet.
  //
  // `options` may be null, or contain limits to respect.
  //
  // Returns:
  //
  //   IPCZ_RESULT_OK  The data and the handles are in the portal, as one new
  //       parcel.
  //
  //   IPCZ_RESULT_INVALID_ARGUMENT  `portal` is invalid; `data` is null
  //       although `num_bytes` is not zero; `handles` is null although
  //       `num_handles` is not zero; `options` is neither null nor valid; a
  //       handle in `handles` is invalid or cannot be serialized; or it is
  //       `portal` itself, or the opposite of `portal` in the same node.
  //
  //   IPCZ_RESULT_NOT_FOUND  The opposite portal is known to be closed, so
  //       that nothing put here would ever arrive.
  //
  //   IPCZ_RESULT_RESOURCE_EXHAUSTED  The parcel would break one of the limits
  //       in `options->limits`.
  IpczResult(IPCZ_API* Put)(IpczHandle portal,                      // in
                            const void* data,                       // in
                            size_t num_bytes,                       // in
                            const IpczHandle* handles,              // in
                            size_t num_handles,                     // in
                            uint32_t flags,                         // in
                            const struct IpczPutOptions* options);  // in

  // Starts a two-phase put: obtains a buffer in the memory of `portal`, for
  // the application to write the data of its next parcel into. That saves the
  // copy a Put() makes. EndPut() completes the operation and is also where the
  // parcel's handles are given. Until then no other two-phase put can be started
  // on `portal`; a plain Put() succeeds, and its parcel comes first.
  //
  // `flags` is IPCZ_NO_FLAGS or IPCZ_BEGIN_PUT_ALLOW_PARTIAL.
  //
  // `options` may be null, or contain limits, which act as in Put(). With the
  // flag, however, a size that would break only the byte limit is no failure:
  // `*num_bytes` may then be lowered to what the portal has room for, so that
  // EndPut() can send at least a part of the data.
  //
  // `num_bytes` points, on entry, to the number of bytes the caller would like
  // to send, and on success to the capacity of the buffer. The capacity may be
  // more than was asked for; it is less only with the flag.
  //
  // `data` receives the address of the buffer. The buffer belongs to ipcz and
  // is the caller's to write until EndPut().
  //
  // Returns:
  //
  //   IPCZ_RESULT_OK  The operation is in progress, with `*data` and
  //       `*num_bytes` set as described. An EndPut() has to follow before the
  //       next Put() or BeginPut() on `portal`.
  //
  //   IPCZ_RESULT_INVALID_ARGUMENT  `portal` is invalid; `data` is null
  //       although `*num_bytes` is not zero; or `options` is neither null nor
  //       valid.
  //
  //   IPCZ_RESULT_ALREADY_EXISTS  A two-phase put is in progress on `portal`
  //       already.
  //
  //   IPCZ_RESULT_NOT_FOUND  The opposite portal is known to be closed, so
  //       that nothing put here would ever arrive.
  //
  //   IPCZ_RESULT_RESOURCE_EXHAUSTED  A parcel of `*num_bytes` bytes would
  //       break the limit on parcels in `options->limits`, or the one on bytes
  //       and IPCZ_BEGIN_PUT_ALLOW_PARTIAL is not set.
  IpczResult(IPCZ_API* BeginPut)(IpczHandle portal,                          // in
                                 IpczBeginPutFlags flags,                    // in
                                 const struct IpczBeginPutOptions* options,  // in
                                 size_t* num_bytes,                          // in/out
                                 void** data);                               // out

  // Completes or aborts the two-phase put that the last successful BeginPut()
  // started on `portal`.
  //
  // `num_bytes_produced` is how many bytes, from the start of the buffer, the
  // application has written and wants to send.
  //
  // `handles` and `num_handles` are as in Put(), and so is their ownership:
  // taken by ipcz on IPCZ_RESULT_OK, left to the caller on any other result.
  //
  // `flags` is IPCZ_NO_FLAGS, or IPCZ_END_PUT_ABORT to give up the operation
  // without a parcel; if one is in progress, all other arguments are then
  // ignored.
  //
  // `options` must be null; it has no use yet.
  //
  // Returns:
  //
  //   IPCZ_RESULT_OK  The operation is over. Unless it was aborted, data and
  //       handles are in a new parcel on the way to the opposite portal.
  //
  //   IPCZ_RESULT_INVALID_ARGUMENT  `portal` is invalid; `handles` is null
  //       although `num_handles` is not zero; `num_bytes_produced` is more
  //       than the capacity from BeginPut(); or a handle in `handles` is
  //       invalid or cannot be serialized.
  //
  //   IPCZ_RESULT_FAILED_PRECONDITION  No two-phase put is in progress on
  //       `portal`.
  //
  //   IPCZ_RESULT_NOT_FOUND  The opposite portal is known to be closed, so
  //       that nothing put here would ever arrive.
  //
  // After a failure the operation is still in progress, and EndPut() has to be
  // called again, to abort it or with better arguments. After
  // IPCZ_RESULT_FAILED_PRECONDITION there is none to end.
  IpczResult(IPCZ_API* EndPut)(IpczHandle portal,          // in
                               size_t num_bytes_produced,  // in
                               const IpczHandle* handles,  // in
                               size_t num_handles,         // in
                               IpczEndPutFlags flags,      // in
                               const void* options);       // in

  // Retrieves the next parcel of `portal`, or with IPCZ_GET_PARTIAL a part of
  // it.
  //
  // `flags` is IPCZ_NO_FLAGS or IPCZ_GET_PARTIAL.
  //
  // `options` must be null; it has no use yet.
  //
  // `data` and `handles` are buffers of the caller, into which the data and
  // the handles are copied. On entry `*num_bytes` and `*num_handles` are their
  // capacities, in bytes and in handles. A null `num_bytes` or `num_handles`
  // stands for zero; a null buffer must have capacity zero. To read from the
  // portal's memory without a copy, use BeginGet() and EndGet().
  //
  // `validator` may be null. Otherwise a successful call stores a new handle
  // there, with which the application can complain later about what this call
  // gave it; see Reject(). The caller owns it; see Close().
  //
  // A parcel that is too large for the buffers is not touched: the call
  // reports the capacities it takes. With IPCZ_GET_PARTIAL the call succeeds
  // whenever there is a parcel, and takes from it as much as fits.
  //
  // Returns:
  //
  //   IPCZ_RESULT_OK  Data and handles are in the buffers, and those of
  //       `*num_bytes` and `*num_handles` which exist say how much of each was
  //       taken. All handles retrieved belong to the caller.
  //
  //   IPCZ_RESULT_INVALID_ARGUMENT  `portal` is invalid; `data` is null
  //       although `*num_bytes` is not zero; or `handles` is null although
  //       `*num_handles` is not zero.
  //
  //   IPCZ_RESULT_ALREADY_EXISTS  A two-phase get is in progress on `portal`.
  //
  //   IPCZ_RESULT_NOT_FOUND  No parcel is left and the opposite portal is
  //       known to be closed: there will never be one again.
  //
  //   IPCZ_RESULT_UNAVAILABLE  No parcel is waiting now. Wait for one before
  //       the next attempt; a Trap() can tell when.
  //
  //   IPCZ_RESULT_RESOURCE_EXHAUSTED  The next parcel has more data or more
  //       handles than fit, and IPCZ_GET_PARTIAL is not set. Those of
  //       `*num_bytes` and `*num_handles` which exist are set to the least
  //       capacity with which this call would have succeeded, so that the
  //       caller can make room and try again.
  IpczResult(IPCZ_API* Get)(IpczHandle portal,       // in
                            IpczGetFlags flags,      // in
                            const void* options,     // in
                            void* data,              // out
                            size_t* num_bytes,       // in/out
                            IpczHandle* handles,     // out
                            size_t* num_handles,     // in/out
                            IpczHandle* validator);  // out

  // Starts a two-phase get: gives the application a view of the next parcel's
  // data in the memory of `portal`, which saves the copy a Get() makes. Until
  // EndGet() every other get on `portal`, of either kind, fails with
  // IPCZ_RESULT_ALREADY_EXISTS.
  //
  // CAUTION: the process that sent the parcel may still be able to write to
  // the memory behind the view, even while it is being read. Unless that
  // process is trusted, copy the data out first, and then check and use the
  // copy: what was checked in place may be something else when it is used.
  //
  // `flags` must be IPCZ_NO_FLAGS and `options` null; neither has a use yet.
  //
  // `data` and `num_bytes` receive the address and the length in bytes of the
  // view, which is read-only, owned by ipcz, and valid until EndGet(). They
  // may be null only if the parcel carries no data.
  //
  // `num_handles` receives the number of handles the parcel carries, which is
  // how many EndGet() can retrieve. It may be null only if there are none.
  //
  // Returns:
  //
  //   IPCZ_RESULT_OK  The operation is in progress, and the outputs that are
  //       not null are set.
  //
  //   IPCZ_RESULT_INVALID_ARGUMENT  `portal` is invalid.
  //
  //   IPCZ_RESULT_ALREADY_EXISTS  A two-phase get is in progress on `portal`
  //       already.
  //
  //   IPCZ_RESULT_NOT_FOUND  No parcel is left and the opposite portal is
  //       known to be closed: there will never be one again.
  //
  //   IPCZ_RESULT_UNAVAILABLE  No parcel is waiting now. Wait for one before
  //       the next attempt; a Trap() can tell when.
  //
  //   IPCZ_RESULT_RESOURCE_EXHAUSTED  The parcel has data, but `data` or
  //       `num_bytes` is null; or it has handles, but `num_handles` is null.
  IpczResult(IPCZ_API* BeginGet)(IpczHandle portal,     // in
                                 uint32_t flags,        // in
                                 const void* options,   // in
                                 const void** data,     // out
                                 size_t* num_bytes,     // out
                                 size_t* num_handles);  // out

  // Completes or aborts the two-phase get that the last successful BeginGet()
  // started on `portal`.
  //
  // `num_bytes_consumed` is how many bytes, from the start of the view, the
  // application is done with. What remains stays at the front of the queue.
  //
  // `num_handles` is how many handles to retrieve into the array `handles`. It
  // must not be more than BeginGet() announced.
  //
  // `flags` is IPCZ_NO_FLAGS, or IPCZ_END_GET_ABORT to give up the operation
  // and leave the parcel as it was; if one is in progress, all other arguments
  // are then ignored.
  //
  // `options` must be null; it has no use yet.
  //
  // `validator` may be null. Otherwise a call that succeeds without
  // IPCZ_END_GET_ABORT stores a new handle there, as in Get(); see Reject().
  //
  // Returns:
  //
  //   IPCZ_RESULT_OK  The operation is over. Unless it was aborted, exactly
  //       `num_handles` handles are in `handles` and belong to the caller. If
  //       a part of the parcel was not consumed, the next get finds that part,
  //       unchanged.
  //
  //   IPCZ_RESULT_INVALID_ARGUMENT  `portal` is invalid, or `handles` is null
  //       although `num_handles` is not zero.
  //
  //   IPCZ_RESULT_OUT_OF_RANGE  `num_bytes_consumed` or `num_handles` is more
  //       than BeginGet() reported.
  //
  //   IPCZ_RESULT_FAILED_PRECONDITION  No two-phase get is in progress on
  //       `portal`.
  IpczResult(IPCZ_API* EndGet)(IpczHandle portal,          // in
                               size_t num_bytes_consumed,  // in
                               size_t num_handles,         // in
                               IpczEndGetFlags flags,      // in
                               const void* options,        // in
                               IpczHandle* handles,        // out
                               IpczHandle* validator);     // out

  // Asks for one call of `handler` as soon as any of `conditions` is met on
  // `portal`, or the portal is closed: IPCZ_TRAP_REMOVED is always observed.
  //
  // The handler is called exactly once for each trap installed, because each
  // is either set off by its conditions or, at the latest, removed when the
  // portal is closed, and told so with IPCZ_TRAP_REMOVED. The trap is gone
  // before its handler starts; to go on observing, install another.
  //
  // Thread rule: the handler runs on any thread that can change the portal's
  // state, which may be one that is in a call of ipcz on this portal, or one
  // on which the driver reports activity to the portal's node.
  //
  // `context` is the application's; the handler finds it in its event.
  //
  // `flags` must be IPCZ_NO_FLAGS and `options` null; neither has a use yet.
  //
  // `satisfied_condition_flags` and `status` may be null. They are written to
  // only if the trap could not be installed because something it was to wait
  // for holds already. The `size` of `status` must be set.
  //
  // Returns:
  //
  //   IPCZ_RESULT_OK  The trap is installed. Neither
  //       `satisfied_condition_flags` nor `status` was touched.
  //
  //   IPCZ_RESULT_INVALID_ARGUMENT  `portal` is invalid; `conditions` does not
  //       point to valid conditions; there is no `handler`; or a `status` is
  //       given whose `size` is wrong.
  //
  //   IPCZ_RESULT_FAILED_PRECONDITION  A condition is met already, so no trap
  //       was installed and `handler` will not be called. Of the two outputs,
  //       `*satisfied_condition_flags` (if not null) has those flags of
  //       `conditions` which are met, and `*status` (if not null) the last
  //       known state of the portal.
  IpczResult(IPCZ_API* Trap)(IpczHandle portal,                                  // in
                             const struct IpczTrapConditions* conditions,        // in
                             IpczTrapEventHandler handler,                       // in
                             uintptr_t context,                                  // in
                             uint32_t flags,                                     // in
                             const void* options,                                // in
                             IpczTrapConditionFlags* satisfied_condition_flags,  // out
                             struct IpczPortalStatus* status);                   // out

  // Says that a parcel did not pass the application's own checks. `validator`
  // stands for the parcel and came from the Get() or EndGet() that retrieved
  // it. If the parcel came from another node, and only then, the driver is
  // told, by its ReportBadTransportActivity().
  //
  // `context` means nothing to ipcz; it is passed on to the driver.
  //
  // `flags` must be IPCZ_NO_FLAGS and `options` null; neither has a use yet.
  //
  // Returns:
  //
  //   IPCZ_RESULT_OK  The driver was told.
  //
  //   IPCZ_RESULT_INVALID_ARGUMENT  `validator` is not a validator that Get()
  //       or EndGet() returned.
  //
  //   IPCZ_RESULT_FAILED_PRECONDITION  The parcel did not come from another
  //       node.
  IpczResult(IPCZ_API* Reject)(IpczHandle validator,  // in
                               uintptr_t context,     // in
                               uint32_t flags,        // in
                               const void* options);  // in

  // Wraps the object `driver_handle`, of the driver of `node`, in a box. A box
  // goes into parcels like any other handle, provided that the driver can
  // serialize what it contains. This is how a driver brings kinds of objects
  // of its own into the system.
  //
  // `flags` must be IPCZ_NO_FLAGS and `options` null; neither has a use yet.
  //
  // Returns:
  //
  //   IPCZ_RESULT_OK  `*handle` is the box, owned by the caller. The object
  //       belongs to the box, until Unbox() takes it out or the box is closed.
  //
  //   IPCZ_RESULT_INVALID_ARGUMENT  `node` or `driver_handle` is invalid, or
  //       `handle` is null. The object still belongs to the caller.
  IpczResult(IPCZ_API* Box)(IpczHandle node,                 // in
                            IpczDriverHandle driver_handle,  // in
                            uint32_t flags,                  // in
                            const void* options,             // in
                            IpczHandle* handle);             // out

  // Takes the driver's object out of the box `handle`.
  //
  // `flags` is IPCZ_NO_FLAGS, which consumes the box and makes the object the
  // caller's; or IPCZ_UNBOX_PEEK, which leaves the object in the box and only
  // tells its handle, to be used no longer than the box exists.
  //
  // `options` must be null; it has no use yet.
  //
  // Returns:
  //
  //   IPCZ_RESULT_OK  `*driver_handle` is the driver's handle of the object.
  //
  //   IPCZ_RESULT_INVALID_ARGUMENT  `handle` is invalid or not a box, or
  //       `driver_handle` is null.
  IpczResult(IPCZ_API* Unbox)(IpczHandle handle,                 // in
                              IpczUnboxFlags flags,              // in
                              const void* options,               // in
                              IpczDriverHandle* driver_handle);  // out
};

// A function that fills in a table of ipcz functions: the type of IpczGetAPI()
// below, for programs that look it up at run time instead of linking to it.
//
// `api` is the caller's table. Its `size` must be set to sizeof the struct as
// the caller knows it. On success `api->size` is how much was filled in, and
// so tells the version of the implementation. That is never more than it was:
// a caller built against an older version gets the functions of that version,
// and one built against a newer version finds `size` lowered to what there is.
//
// Version 0 is the table as it stands in this header.
//
// Returns:
//
//   IPCZ_RESULT_OK  `*api` is filled in, up to the new `api->size`.
//
//   IPCZ_RESULT_INVALID_ARGUMENT  `api` is null, or `api->size` is too small
//       for the table of version 0.
typedef IpczResult(IPCZ_API* IpczGetAPIFn)(struct IpczAPI* api);

// Keeps the function below visible to other modules when the code around it is
// compiled with hidden visibility.
#if defined(__GNUC__)
#define RW_IPCZ_EXPORT __attribute__((visibility("default")))
#else
#define RW_IPCZ_EXPORT
#endif

// The implementation. An IpczGetAPIFn, as described there.
RW_IPCZ_EXPORT IpczResult IPCZ_API IpczGetAPI(struct IpczAPI* api);  // in/out

#undef RW_IPCZ_EXPORT

#if defined(__cplusplus)
}  // extern "C"
#endif

#endif  // IPCZ_INCLUDE_IPCZ_IPCZ_H_
