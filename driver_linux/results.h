// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#ifndef DRIVER_LINUX_RESULTS_H_
#define DRIVER_LINUX_RESULTS_H_

#include <cerrno>
#include <new>

#include "ipcz/ipcz.h"
#include "shm/os_result.h"

namespace ringway::driver {

// What the ABI calls the failure of a system call.
inline IpczResult ToIpczResult(const OsError& error) {
  switch (error.number) {
    case 0:
      return IPCZ_RESULT_OK;
    case ENOENT:
    case ENOTDIR:
    case ECONNREFUSED:
      return IPCZ_RESULT_NOT_FOUND;
    case EADDRINUSE:
    case EEXIST:
      return IPCZ_RESULT_ALREADY_EXISTS;
    case EACCES:
    case EPERM:
    case EROFS:
      return IPCZ_RESULT_PERMISSION_DENIED;
    case ETIMEDOUT:
      return IPCZ_RESULT_DEADLINE_EXCEEDED;
    case ECANCELED:
      return IPCZ_RESULT_CANCELLED;
    case EINVAL:
    case EBADF:
    case ENAMETOOLONG:
    case ELOOP:
    case EPROTOTYPE:
    case ENOTSOCK:
      return IPCZ_RESULT_INVALID_ARGUMENT;
    case ENOSYS:
      return IPCZ_RESULT_UNIMPLEMENTED;
    default:
      return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  }
}

// Likewise of calls about memory, where a refused mapping is a matter of resources but a refused
// seal is not.
inline IpczResult ToMemoryResult(const OsError& error) {
  switch (error.number) {
    case EPERM:
      return IPCZ_RESULT_PERMISSION_DENIED;
    case ENOSYS:
      return IPCZ_RESULT_UNIMPLEMENTED;
    default:
      return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  }
}

// Runs what is behind an entry point of the C ABI, which no exception may leave. Running out of
// memory is the only one there is.
template <typename Function>
IpczResult GuardAbi(Function function) noexcept {
  try {
    return function();
  } catch (const std::bad_alloc&) {
    return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  }
}

}  // namespace ringway::driver

#endif  // DRIVER_LINUX_RESULTS_H_
