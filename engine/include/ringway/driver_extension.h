// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

// What a driver may offer an engine beyond IpczDriver. A driver that offers it
// hands out a table that starts with its IpczDriver, whose `size` then is that
// of the whole RingwayDriver. An engine looks for the extension with
// RingwayFindDriverExtension() and works without it when it is not there.
//
// Compiles as C99 and C++11.

#ifndef RINGWAY_DRIVER_EXTENSION_H_
#define RINGWAY_DRIVER_EXTENSION_H_

#include <stddef.h>
#include <stdint.h>

#include "ipcz/ipcz.h"

// First word of an extension: "RWDRVEXT" read as a little-endian number.
#define RINGWAY_DRIVER_EXTENSION_MAGIC ((uint64_t)0x5458455652445752)

// A 32-bit word somewhere in mapped memory (shared or private) and the value a
// waiter saw there. The word is only ever read by a waiting thread.
struct IPCZ_ALIGN(8) RingwayWord {
  const volatile void* address;  // 4-aligned
  uint32_t value;                // the value last seen
};

// The most words one WaitWords() call takes.
#define RINGWAY_WAIT_WORDS_MAX ((size_t)127)

// Flags of AllocateOwnedMemory(). Huge pages are used where the machine has them, and ordinary ones
// otherwise. Prefaulting brings all pages into the page tables at once, not at their first access.
#define RINGWAY_MEMORY_HUGE_PAGES IPCZ_FLAG_BIT(0)
#define RINGWAY_MEMORY_PREFAULT IPCZ_FLAG_BIT(1)

// Counters of a driver, summed over this process. All since its start.
struct IPCZ_ALIGN(8) RingwayDriverStatistics {
  size_t size;  // set by the caller
  uint64_t messages_sent;
  uint64_t messages_received;
  uint64_t bytes_sent;
  uint64_t bytes_received;
  uint64_t handles_sent;
  uint64_t handles_received;
  uint64_t system_calls;      // made by the driver on behalf of transports
  uint64_t words_woken;       // WakeWord() calls
  uint64_t word_waits;        // WaitWords() calls that slept
  uint64_t barriers;          // Barrier() calls
  uint64_t open_transports;   // now, not since the start
  uint64_t open_memories;     // now
  uint64_t open_mappings;     // now
  uint64_t reactor_back_end;  // RINGWAY_REACTOR_*

  // Each is filled in if `size` has room for it.
  uint64_t back_end;               // RINGWAY_DRIVER_BACK_END_*, now
  uint64_t channel_messages_sent;  // of messages_sent: through shared memory
  uint64_t wakes_sent;             // to a peer that was asleep
  uint64_t wakes_suppressed;       // messages through shared memory that needed none
  uint64_t has_sqpoll;             // now: 1 if a thread of the kernel's takes submissions
};

#define RINGWAY_REACTOR_NONE ((uint64_t)0)      // no transport was ever active
#define RINGWAY_REACTOR_EPOLL ((uint64_t)1)     // epoll, no io_uring
#define RINGWAY_REACTOR_IO_URING ((uint64_t)2)  // io_uring

// What carries messages and wakes who sleeps. SOCKET: everything over sockets. The others: shared
// memory, and who sleeps is woken through its socket (EPOLL, IO_URING) or a futex (the others).
#define RINGWAY_DRIVER_BACK_END_NONE ((uint64_t)0)  // no transport was ever active
#define RINGWAY_DRIVER_BACK_END_SOCKET ((uint64_t)1)
#define RINGWAY_DRIVER_BACK_END_EPOLL ((uint64_t)2)
#define RINGWAY_DRIVER_BACK_END_FUTEX ((uint64_t)3)     // futex calls, descriptors by epoll
#define RINGWAY_DRIVER_BACK_END_IO_URING ((uint64_t)4)  // io_uring without futex operations
#define RINGWAY_DRIVER_BACK_END_IO_URING_FUTEX ((uint64_t)5)

#if defined(__cplusplus)
extern "C" {
#endif

struct IPCZ_ALIGN(8) RingwayDriverExtension {
  uint64_t magic;  // RINGWAY_DRIVER_EXTENSION_MAGIC
  size_t size;     // of this structure, so that later versions can add to it

  // Allocates `num_bytes` of zeroed shared memory that this process alone can
  // ever write: it is mapped readable and writable here at `*address`, and
  // whoever else receives `*memory` can only map it readable. All pages are
  // backed before this returns. `*mapping` and `*memory` are closed separately
  // with the driver's Close().
  // Returns RESOURCE_EXHAUSTED when there is no memory, no descriptor or no
  // address space; UNIMPLEMENTED when the kernel refuses to seal.
  IpczResult(IPCZ_API* AllocateOwnedMemory)(size_t num_bytes, uint32_t flags, const void* options,
                                            IpczDriverHandle* memory, void** address,
                                            IpczDriverHandle* mapping);

  // Maps memory received from a peer for reading, after checking that it can
  // neither shrink nor be smaller than it says: its seals and its real size.
  // `*num_bytes` gets the size. Does not consume `memory`.
  // Returns PERMISSION_DENIED when the seals are not all there or it has holes,
  // INVALID_ARGUMENT when `memory` is no memory, RESOURCE_EXHAUSTED when it
  // cannot be mapped.
  IpczResult(IPCZ_API* MapPeerMemory)(IpczDriverHandle memory, uint32_t flags, const void* options,
                                      const void** address, size_t* num_bytes,
                                      IpczDriverHandle* mapping);

  // Puts the calling thread to sleep until one of `num_words` (1 to
  // RINGWAY_WAIT_WORDS_MAX) no longer holds its value, is woken, or
  // `timeout_ns` has passed (UINT64_MAX: for ever). May return early for no
  // reason, so callers look again.
  // Returns OK, DEADLINE_EXCEEDED, or INVALID_ARGUMENT.
  IpczResult(IPCZ_API* WaitWords)(const struct RingwayWord* words, size_t num_words,
                                  uint64_t timeout_ns);

  // Wakes every thread, in any process, that waits on the word at `address`,
  // which may be mapped read-only here. One system call.
  IpczResult(IPCZ_API* WakeWord)(const volatile void* address);

  // A full memory barrier on every running thread of every process whose
  // driver answers OK here. While BarrierAvailable() is nonzero, this call
  // works. The side that sleeps calls it, so that the side that publishes
  // needs no fence of its own.
  uint32_t(IPCZ_API* BarrierAvailable)(void);
  IpczResult(IPCZ_API* Barrier)(void);

  IpczResult(IPCZ_API* QueryStatistics)(struct RingwayDriverStatistics* statistics);

  // The same as AllocateOwnedMemory() in two halves, for a process that has its
  // memory allocated by another one: that one allocates and sends `*memory`, and
  // the first that maps a loan is the only one that can ever write to it by the
  // time it sends it on. All pages are backed.
  // AllocateLoan() returns as AllocateOwnedMemory() does. MapLoan() returns
  // INVALID_ARGUMENT when `memory` is no loan, RESOURCE_EXHAUSTED when it cannot
  // be mapped, UNIMPLEMENTED when the kernel refuses to seal.
  IpczResult(IPCZ_API* AllocateLoan)(size_t num_bytes, uint32_t flags, const void* options,
                                     IpczDriverHandle* memory);
  IpczResult(IPCZ_API* MapLoan)(IpczDriverHandle memory, uint32_t flags, const void* options,
                                void** address, IpczDriverHandle* mapping);
};

// A driver table together with its extension.
struct IPCZ_ALIGN(8) RingwayDriver {
  struct IpczDriver base;  // base.size == sizeof(struct RingwayDriver) or more
  struct RingwayDriverExtension extension;
};

#if defined(__cplusplus)
}  // extern "C"
#endif

// The extension of `driver`, or null if it has none (or one too small).
static inline const struct RingwayDriverExtension* RingwayFindDriverExtension(
    const struct IpczDriver* driver) {
  const struct RingwayDriver* extended = (const struct RingwayDriver*)(const void*)driver;
  if (driver->size < sizeof(struct RingwayDriver)) return NULL;
  if (extended->extension.magic != RINGWAY_DRIVER_EXTENSION_MAGIC) return NULL;
  if (extended->extension.size < sizeof(struct RingwayDriverExtension)) return NULL;
  return &extended->extension;
}

#endif  // RINGWAY_DRIVER_EXTENSION_H_
