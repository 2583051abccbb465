// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#ifndef DRIVER_LINUX_DRIVER_H_
#define DRIVER_LINUX_DRIVER_H_

#include "ipcz/ipcz.h"
#include "ringway/driver_extension.h"

namespace ringway::driver {

// The driver and its extension as a table of C functions. Valid for the life of the process.
const RingwayDriver& GetTable();

// Two connected transports. RESOURCE_EXHAUSTED when there are no descriptors.
IpczResult CreateTransportPair(IpczDriverHandle* first, IpczDriverHandle* second);

}  // namespace ringway::driver

#endif  // DRIVER_LINUX_DRIVER_H_
