// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#ifndef DRIVER_LINUX_PEER_PROCESS_H_
#define DRIVER_LINUX_PEER_PROCESS_H_

#include <sys/types.h>

#include "shm/os_result.h"
#include "shm/unique_fd.h"

namespace ringway::driver {

// A socket alone does not tell that the peer has died as long as a child that the peer forked holds
// it too. So a transport also watches the process that said hello, of which the kernel knows who it
// is. (Not SO_PEERCRED: on an inherited socketpair that names its creator, and it does not follow
// an endpoint that moved.)

// Has the kernel tell with everything received on `socket` which process sent it, or no longer.
void AskForSender(int socket, bool ask);

// A descriptor that is readable once the process has ended. Fails with ESRCH if it is gone already.
OsResult<UniqueFd> OpenProcess(pid_t pid);

}  // namespace ringway::driver

#endif  // DRIVER_LINUX_PEER_PROCESS_H_
