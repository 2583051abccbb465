// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef TESTS_SUPPORT_SYNC_DRIVER_H_
#define TESTS_SUPPORT_SYNC_DRIVER_H_

#include <cstddef>
#include <string>

#include "ipcz/ipcz.h"

// A driver within one process that does everything at once: an activity handler
// runs inside the Transmit() of the other side, on its thread, also when that
// side is in a handler itself. It has no extension. Its memory is the heap, with
// one mapping for all, so that thread sanitizers see what happens.

namespace ringway::testing {

const IpczDriver* SyncDriver();

void CreateSyncTransports(IpczDriverHandle* first, IpczDriverHandle* second);

// An object to be boxed, and what it says. TakeBlob() consumes it. One that is not
// serializable cannot travel.
IpczDriverHandle MakeBlob(const std::string& text, bool serializable = true);
std::string TakeBlob(IpczDriverHandle blob);

// Objects of all kinds that were not closed.
size_t OpenSyncObjects();
// The deepest nesting of handlers on one thread since the last call.
size_t TakeDeepestSyncNesting();

// Memory is 64-aligned; with `offset`, a multiple of 8, that much less.
void SetSyncMemoryOffset(size_t offset);

}  // namespace ringway::testing

#endif  // TESTS_SUPPORT_SYNC_DRIVER_H_
