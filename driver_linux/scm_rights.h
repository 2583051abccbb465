// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#ifndef DRIVER_LINUX_SCM_RIGHTS_H_
#define DRIVER_LINUX_SCM_RIGHTS_H_

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <span>
#include <utility>

#include "driver_linux/transport_layout.h"
#include "shm/unique_fd.h"

namespace ringway::driver {

// Sends what the socket takes now, never waiting and without SIGPIPE. The descriptors (at most
// kDescriptorsPerBatch) and, if asked for, proof of who we are go with the first byte; they remain
// the caller's. Returns the number of bytes taken, or -errno.
ssize_t SendWithRights(int socket, std::span<const iovec> bytes,
                       std::span<const UniqueFd> descriptors, bool credentials);

// What came with received bytes. Descriptors that nobody takes out are closed.
class Received {
 public:
  Received() = default;
  Received(const Received&) = delete;
  Received& operator=(const Received&) = delete;
  ~Received();

  std::span<const int> descriptors() const { return {descriptors_.data(), descriptor_count_}; }

  // Hands out descriptors()[index], once.
  UniqueFd Take(size_t index) { return UniqueFd(std::exchange(descriptors_[index], -1)); }

  // Whether the kernel dropped descriptors: we had no room for all of them.
  bool truncated() const { return truncated_; }

  // The process that sent these bytes, as the kernel says. 0 if it does not say.
  pid_t sender() const { return sender_; }

 private:
  friend ssize_t ReceiveWithRights(int socket, std::span<std::byte> space, Received* received);

  void TakeControl(const msghdr& message);

  std::array<int, kDescriptorsPerBatch>
      descriptors_;  // only the first descriptor_count_ have values
  size_t descriptor_count_ = 0;
  bool truncated_ = false;
  pid_t sender_ = 0;
};

// Receives what is there, never waiting. Returns the number of bytes (0: the peer has ended), or
// -errno.
ssize_t ReceiveWithRights(int socket, std::span<std::byte> space, Received* received);

}  // namespace ringway::driver

#endif  // DRIVER_LINUX_SCM_RIGHTS_H_
