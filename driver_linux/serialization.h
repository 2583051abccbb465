// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#ifndef DRIVER_LINUX_SERIALIZATION_H_
#define DRIVER_LINUX_SERIALIZATION_H_

#include <cstddef>
#include <span>

#include "driver_linux/transport.h"
#include "ipcz/ipcz.h"
#include "shm/unique_fd.h"

namespace ringway::driver {

// Capacities on input, the exact need on output.
struct SerializedSize {
  size_t num_bytes;
  size_t num_handles;
};

// IpczDriver::Serialize(), of which `size` holds both capacities. Turns a memory or transport into
// bytes and handles of files; a file becomes bytes and itself.
IpczResult SerializeObject(IpczDriverHandle handle, IpczDriverHandle transport, void* data,
                           IpczDriverHandle* handles, SerializedSize* size);

// IpczDriver::Deserialize(). The bytes and what the descriptors are come from a peer, and neither
// is believed: a descriptor becomes only what the kernel says it is. Consumes the handles whatever
// happens.
IpczResult DeserializeObject(std::span<const std::byte> data,
                             std::span<const IpczDriverHandle> handles, IpczDriverHandle* handle);

// A transport out of any descriptor. Fails unless it is a connected Unix stream socket, and then
// leaves `socket` alone.
bool IsTransportSocket(int socket);

}  // namespace ringway::driver

#endif  // DRIVER_LINUX_SERIALIZATION_H_
