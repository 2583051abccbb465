// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#ifndef DRIVER_LINUX_ENDPOINT_H_
#define DRIVER_LINUX_ENDPOINT_H_

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "shm/os_result.h"
#include "shm/unique_fd.h"

namespace ringway::driver {

// A socket that listens under a name: a path, or "@abstract". A path appears in the file system
// only once somebody listens there, so whoever finds a socket that refuses connections knows that
// it is stale.
class Listener {
 public:
  // Fails with EADDRINUSE when somebody listens there, or when the path is something else than a
  // socket.
  static OsResult<Listener> Listen(std::string_view name);

  Listener(Listener&& other)
      : socket_(std::move(other.socket_)),
        stop_(std::move(other.stop_)),
        path_(std::exchange(other.path_, {})),
        device_(other.device_),
        inode_(other.inode_) {}
  ~Listener();

  // Waits for the next connection. Fails with ETIMEDOUT, and with ECANCELED once Stop() was called.
  OsResult<UniqueFd> Accept(uint64_t timeout_ns);

  void Stop();

 private:
  Listener(UniqueFd socket, UniqueFd stop) : socket_(std::move(socket)), stop_(std::move(stop)) {}

  OsError Publish(const std::string& path);

  UniqueFd socket_;
  UniqueFd stop_;     // an eventfd, readable once stopped
  std::string path_;  // of our socket file, if there is one
  uint64_t device_ = 0;
  uint64_t inode_ = 0;
};

// Connects to a name, waiting up to `timeout_ns` for somebody to listen there. Fails with ENOENT or
// ECONNREFUSED when nobody did, EAGAIN when there are too many who want to connect.
OsResult<UniqueFd> ConnectTo(std::string_view name, uint64_t timeout_ns);

// Who is on the other side, as the kernel saw it at connect or listen.
ucred PeerCredentials(int socket);

}  // namespace ringway::driver

#endif  // DRIVER_LINUX_ENDPOINT_H_
