// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "ringway/connections.h"

namespace ringway {
inline namespace api {

namespace {

bool IsLive(const Target& target) {
  IpczPortalStatus status = {};
  status.size = sizeof(status);
  const IpczResult result =
      Ipcz().QueryPortalStatus(target.remote()->portal(), IPCZ_NO_FLAGS, nullptr, &status);
  return result == IPCZ_RESULT_OK && (status.flags & IPCZ_PORTAL_STATUS_PEER_CLOSED) == 0;
}

}  // namespace

void ConnectionTable::End(Slot& slot) {
  ++slot.generation;
  slot.target = Target();
}

bool ConnectionTable::IsInUse(ConnectionId id) const {
  return id.slot < slots_.size() && id.generation % 2 == 1 &&
         slots_[id.slot].generation == id.generation;
}

// What is connected to a server that has died makes room for the next.
bool ConnectionTable::FindLive(const ServerKey& key, ConnectionId* id) {
  for (uint32_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[i];
    if (slot.generation % 2 == 0 || slot.key != key) continue;
    if (!IsLive(slot.target)) {
      End(slot);
      continue;
    }
    *id = {i, slot.generation};
    return true;
  }
  return false;
}

int64_t ConnectionTable::Connect(const ServerKey& key, ConnectionId* id, Deadline deadline) {
  {
    std::lock_guard lock(mutex_);
    if (FindLive(key, id)) return RW_EOK;
  }
  Portal portal;
  const int64_t status = names_.ConnectPortal(key, &portal, deadline);
  std::lock_guard lock(mutex_);
  // Another thread may have been faster, with the last connection that was to be had.
  if (FindLive(key, id)) return RW_EOK;
  if (status != RW_EOK) return status;
  uint32_t free = 0;
  // One whose generations are used up stays free.
  const auto is_usable = [](const Slot& slot) {
    return slot.generation % 2 == 0 && slot.generation < UINT32_MAX - 1;
  };
  while (free < slots_.size() && !is_usable(slots_[free])) ++free;
  if (free == slots_.size()) slots_.emplace_back();
  Slot& slot = slots_[free];
  ++slot.generation;
  slot.key = key;
  slot.target = Target(std::move(portal));
  *id = {free, slot.generation};
  return RW_EOK;
}

int64_t ConnectionTable::Disconnect(ConnectionId id) {
  std::lock_guard lock(mutex_);
  if (!IsInUse(id)) return -RW_ESTALE;
  End(slots_[id.slot]);
  return RW_EOK;
}

int64_t ConnectionTable::Find(ConnectionId id, Target* target) const {
  std::lock_guard lock(mutex_);
  if (!IsInUse(id)) return -RW_ESTALE;
  *target = slots_[id.slot].target;
  return RW_EOK;
}

int64_t ConnectionTable::Find(ConnectionId id, Messenger* messenger) const {
  Target target;
  const int64_t status = Find(id, &target);
  if (status == RW_EOK) *messenger = Messenger(std::move(target));
  return status;
}

}  // namespace api
}  // namespace ringway
