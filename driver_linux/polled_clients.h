// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#ifndef DRIVER_LINUX_POLLED_CLIENTS_H_
#define DRIVER_LINUX_POLLED_CLIENTS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "driver_linux/reactor_client.h"

namespace ringway::driver {

// The clients whose shared memory the reactor looks at all the time. The others are armed: their
// peers wake the process. Used by the reactor's thread.
class PolledClients {
 public:
  bool empty() const { return count_ == 0; }

  void Add(std::shared_ptr<ReactorClient> client);
  void Remove(const ReactorClient* client);
  void Clear();

  // Gives each its turn. Whether one of them had work.
  bool Poll();

  // Arms all, or those alone that had nothing to do for long, and stops to poll them. Whether some
  // have work nevertheless and go on being polled.
  bool ArmAll() { return Arm(0); }
  bool ArmIdle() { return Arm(kIdleTurns); }

 private:
  // While others keep the reactor awake.
  static constexpr uint32_t kIdleTurns = 4096;

  struct Entry {
    std::shared_ptr<ReactorClient> client;
    uint32_t idle_turns = 0;
    bool is_removed = false;
  };

  bool Arm(uint32_t idle_turns_min);
  void Sweep();

  std::vector<Entry> entries_;
  size_t count_ = 0;  // of those that were not removed
  bool has_idle_ = false;
};

}  // namespace ringway::driver

#endif  // DRIVER_LINUX_POLLED_CLIENTS_H_
