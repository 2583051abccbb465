// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/peer_process.h"

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "driver_linux/process.h"

namespace ringway::driver {

void AskForSender(int socket, bool ask) {
  const int value = ask ? 1 : 0;
  CurrentProcess().statistics.system_calls.Add();
  setsockopt(socket, SOL_SOCKET, SO_PASSCRED, &value, sizeof(value));
}

OsResult<UniqueFd> OpenProcess(pid_t pid) {
  CurrentProcess().statistics.system_calls.Add();
  UniqueFd process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!process.valid()) return LastOsError("pidfd_open");
  return process;
}

}  // namespace ringway::driver
