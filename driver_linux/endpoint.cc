// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/endpoint.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <thread>
#include <utility>

namespace ringway::driver {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr size_t kNameBytesMax = sizeof(sockaddr_un::sun_path) - 1;
constexpr int kBacklog = 4096;
constexpr int kPublishAttemptsMax = 16;
constexpr milliseconds kLockPatience{1000};
constexpr milliseconds kConnectPauseMax{16};

struct Address {
  sockaddr_un data = {};
  socklen_t num_bytes = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&data); }
};

bool IsAbstract(std::string_view name) { return name[0] == '@'; }

OsResult<Address> ToAddress(std::string_view name) {
  if (name.empty() || name == "@") return OsError{"name", EINVAL};
  if (name.size() > kNameBytesMax) return OsError{"name", ENAMETOOLONG};
  Address address;
  address.data.sun_family = AF_UNIX;
  std::memcpy(address.data.sun_path, name.data(), name.size());
  size_t path_bytes = name.size() + 1;
  if (IsAbstract(name)) {
    address.data.sun_path[0] = '\0';
    path_bytes = name.size();
  }
  address.num_bytes = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path_bytes);
  return address;
}

OsResult<UniqueFd> NewSocket() {
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return LastOsError("socket");
  return socket;
}

// How long is left of a timeout that began at `start`; all of it is left when it is for ever.
nanoseconds Left(Clock::time_point start, uint64_t timeout_ns) {
  if (timeout_ns > static_cast<uint64_t>(nanoseconds::max().count())) return nanoseconds::max();
  const nanoseconds passed = Clock::now() - start;
  return std::max(nanoseconds(0), nanoseconds(static_cast<int64_t>(timeout_ns)) - passed);
}

std::string DirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return "./";
  return path.substr(0, slash + 1);
}

std::string TemporaryName() {
  uint32_t random = 0;
  if (getrandom(&random, sizeof(random), 0) < 0) random = static_cast<uint32_t>(getpid());
  char name[16];
  snprintf(name, sizeof(name), ".rw%08x", random);
  return name;
}

enum class Occupant { kNobody, kStale, kSomebody };

Occupant Probe(const std::string& path) {
  struct stat status;
  if (lstat(path.c_str(), &status) != 0) {
    return errno == ENOENT ? Occupant::kNobody : Occupant::kSomebody;
  }
  OsResult<Address> address = ToAddress(path);
  OsResult<UniqueFd> socket = NewSocket();
  if (!S_ISSOCK(status.st_mode) || !address.ok() || !socket.ok()) return Occupant::kSomebody;
  if (connect(socket->get(), address->get(), address->num_bytes) == 0) {
    return Occupant::kSomebody;
  }
  if (errno == ENOENT) return Occupant::kNobody;
  return errno == ECONNREFUSED ? Occupant::kStale : Occupant::kSomebody;
}

// Removes a socket file that nobody listens on. Of several who try, one at a time looks and
// removes: the lock on the folder keeps them from removing what another has just put there.
OsError RemoveStale(const std::string& path) {
  const UniqueFd directory(open(DirectoryOf(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.valid()) return LastOsError("open");
  const Clock::time_point start = Clock::now();
  while (flock(directory.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK || Clock::now() - start > kLockPatience) return {"flock", EADDRINUSE};
    std::this_thread::sleep_for(milliseconds(1));
  }
  if (Probe(path) == Occupant::kStale && unlink(path.c_str()) != 0 && errno != ENOENT) {
    return LastOsError("unlink");
  }
  return {};
}

// Gives a listening socket's file its name, unless somebody has that name.
OsError MoveIntoPlace(const std::string& temporary, const std::string& path) {
  for (int attempt = 0; attempt < kPublishAttemptsMax; ++attempt) {
    if (renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0) {
      return {};
    }
    if (errno != EEXIST) return LastOsError("rename");
    switch (Probe(path)) {
      case Occupant::kNobody:
        continue;
      case Occupant::kSomebody:
        return {"bind", EADDRINUSE};
      case Occupant::kStale:
        if (const OsError error = RemoveStale(path); error.number != 0) return error;
    }
  }
  return {"bind", EADDRINUSE};
}

}  // namespace

OsResult<Listener> Listener::Listen(std::string_view name) {
  OsResult<Address> address = ToAddress(name);
  if (!address.ok()) return address.error();
  OsResult<UniqueFd> socket = NewSocket();
  if (!socket.ok()) return socket.error();
  UniqueFd stop(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!stop.valid()) return LastOsError("eventfd");
  Listener listener(std::move(*socket), std::move(stop));
  if (!IsAbstract(name)) {
    if (const OsError error = listener.Publish(std::string(name)); error.number != 0) return error;
    return listener;
  }
  if (bind(listener.socket_.get(), address->get(), address->num_bytes) != 0) {
    return LastOsError("bind");
  }
  if (listen(listener.socket_.get(), kBacklog) != 0) return LastOsError("listen");
  return listener;
}

OsError Listener::Publish(const std::string& path) {
  const std::string directory = DirectoryOf(path);
  const std::string name = TemporaryName();
  const std::string temporary = directory + name;
  UniqueFd folder;
  std::string bound = temporary;
  if (bound.size() > kNameBytesMax) {
    folder.Reset(open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!folder.valid()) return LastOsError("open");
    bound = "/proc/self/fd/" + std::to_string(folder.get()) + "/" + name;
  }
  OsResult<Address> address = ToAddress(bound);
  if (!address.ok()) return address.error();
  if (bind(socket_.get(), address->get(), address->num_bytes) != 0) return LastOsError("bind");
  OsError error;
  struct stat status;
  if (lstat(temporary.c_str(), &status) != 0) error = LastOsError("lstat");
  if (error.number == 0 && listen(socket_.get(), kBacklog) != 0) error = LastOsError("listen");
  if (error.number == 0) error = MoveIntoPlace(temporary, path);
  if (error.number != 0) {
    unlink(temporary.c_str());
    return error;
  }
  path_ = path;
  device_ = status.st_dev;
  inode_ = status.st_ino;
  return {};
}

Listener::~Listener() {
  if (path_.empty()) return;
  // By now the name may be someone else's.
  struct stat status;
  if (lstat(path_.c_str(), &status) == 0 && status.st_dev == device_ && status.st_ino == inode_) {
    unlink(path_.c_str());
  }
}

OsResult<UniqueFd> Listener::Accept(uint64_t timeout_ns) {
  const Clock::time_point start = Clock::now();
  for (;;) {
    std::array<pollfd, 2> ready = {pollfd{stop_.get(), POLLIN, 0},
                                   pollfd{socket_.get(), POLLIN, 0}};
    const nanoseconds left = Left(start, timeout_ns);
    const timespec timeout = {left.count() / 1'000'000'000, left.count() % 1'000'000'000};
    const int count = ppoll(ready.data(), ready.size(), &timeout, nullptr);
    if (count < 0 && errno != EINTR) return LastOsError("ppoll");
    if (count > 0 && ready[0].revents != 0) return OsError{"accept4", ECANCELED};
    if (count > 0) {
      UniqueFd socket(accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (socket.valid()) return socket;
      // Another thread was faster, or the peer has given up.
      if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) return LastOsError("accept4");
    }
    if (left == nanoseconds(0)) return OsError{"accept4", ETIMEDOUT};
  }
}

void Listener::Stop() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(stop_.get(), &one, sizeof(one));
}

OsResult<UniqueFd> ConnectTo(std::string_view name, uint64_t timeout_ns) {
  OsResult<Address> address = ToAddress(name);
  if (!address.ok()) return address.error();
  OsResult<UniqueFd> socket = NewSocket();
  if (!socket.ok()) return socket.error();
  const Clock::time_point start = Clock::now();
  nanoseconds pause = milliseconds(1);
  for (;;) {
    const nanoseconds left = Left(start, timeout_ns);
    if (connect(socket->get(), address->get(), address->num_bytes) == 0) return std::move(*socket);
    const OsError error = LastOsError("connect");
    if (error.number == EINTR) continue;
    const bool may_pass =
        error.number == ENOENT || error.number == ECONNREFUSED || error.number == EAGAIN;
    if (!may_pass || left == nanoseconds(0)) return error;
    std::this_thread::sleep_for(std::min(pause, left));
    pause = std::min<nanoseconds>(2 * pause, kConnectPauseMax);
  }
}

ucred PeerCredentials(int socket) {
  ucred credentials = {};
  socklen_t num_bytes = sizeof(credentials);
  getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &num_bytes);
  return credentials;
}

}  // namespace ringway::driver
