// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/polled_clients.h"

#include <algorithm>
#include <utility>

#include "driver_linux/process.h"
#include "ring/base/fence.h"

namespace ringway::driver {
namespace {

// Orders the arming before the looks that follow, and every publisher's stores before its look at
// what was armed (docs/protocol.md, "Waking"): without a barrier in the kernel, publishers fence.
void SleeperBarrier() {
  ProcessBarrier& barrier = CurrentProcess().barrier;
  if (!barrier.IsAvailable()) return FullFence();
  CurrentProcess().statistics.system_calls.Add();
  if (!barrier.Execute()) WaitForOthersStores();
}

}  // namespace

void PolledClients::Add(std::shared_ptr<ReactorClient> client) {
  for (Entry& entry : entries_) {
    if (entry.client != client) continue;
    count_ += entry.is_removed;
    entry.is_removed = false;
    entry.idle_turns = 0;
    return;
  }
  entries_.push_back({std::move(client)});
  ++count_;
}

// Entries stay where they are, and alive, until nobody walks over them.
void PolledClients::Remove(const ReactorClient* client) {
  for (Entry& entry : entries_) {
    if (entry.client.get() != client || entry.is_removed) continue;
    entry.is_removed = true;
    --count_;
  }
}

void PolledClients::Clear() {
  entries_.clear();
  count_ = 0;
}

bool PolledClients::Poll() {
  bool had_work = false;
  // Clients may add others, and so move the entries.
  for (size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].is_removed) continue;
    const bool worked = entries_[i].client->OnPoll();
    had_work |= worked;
    Entry& entry = entries_[i];
    entry.idle_turns = worked ? 0 : entry.idle_turns + 1;
    has_idle_ |= entry.idle_turns >= kIdleTurns;
  }
  if (count_ != entries_.size()) Sweep();
  if (has_idle_ && had_work) ArmIdle();
  return had_work;
}

bool PolledClients::Arm(uint32_t idle_turns_min) {
  has_idle_ = false;
  for (Entry& entry : entries_) {
    if (!entry.is_removed && entry.idle_turns >= idle_turns_min) entry.client->OnArm();
  }
  SleeperBarrier();
  bool has_work = false;
  for (Entry& entry : entries_) {
    if (entry.is_removed || entry.idle_turns < idle_turns_min) continue;
    entry.idle_turns = 0;
    if (entry.client->OnLook()) {
      has_work = true;
    } else {
      entry.is_removed = true;
      --count_;
    }
  }
  Sweep();
  return has_work;
}

void PolledClients::Sweep() {
  std::erase_if(entries_, [](const Entry& entry) { return entry.is_removed; });
}

}  // namespace ringway::driver
