// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#ifndef DRIVER_LINUX_REACTOR_CLIENT_H_
#define DRIVER_LINUX_REACTOR_CLIENT_H_

#include <cstdint>

namespace ringway::driver {

// Something the reactor works for. All calls come on the reactor's thread, one at a time, and no
// lock of the driver is held.
class ReactorClient {
 public:
  virtual ~ReactorClient() = default;

  // Somebody called Attach() or Post(), or the time of CallAt() has come.
  virtual void OnWork() = 0;

  // What is watched as `source` is ready for `events` (as for poll()).
  virtual void OnReady(uint32_t source, uint32_t events) = 0;

  // For clients that are polled: looks for work in shared memory, does some of it, and says whether
  // there was any.
  virtual bool OnPoll() { return false; }

  // Nobody will call OnPoll() any more: has peers wake this process. After a barrier that orders
  // this before it, OnLook() says whether there is work nevertheless; the client then goes on being
  // polled.
  virtual void OnArm() {}
  virtual bool OnLook() { return false; }
};

}  // namespace ringway::driver

#endif  // DRIVER_LINUX_REACTOR_CLIENT_H_
