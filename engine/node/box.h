// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_NODE_BOX_H_
#define ENGINE_NODE_BOX_H_

#include <mutex>

#include "engine/base/handle_table.h"
#include "engine/link/driver_port.h"

namespace ringway {

class Link;

// A driver object that the application holds by a handle, or that is on its way.
class Box final : public HandleObject {
 public:
  static constexpr HandleKind kHandleKind = HandleKind::kBox;

  Box(Ref<DriverPort> driver, IpczDriverHandle object)
      : HandleObject(kHandleKind), driver_(std::move(driver)), object_(object) {}
  ~Box() override { driver_->Close(object_); }

  // The driver object, which stays in the box; 0 if it was taken.
  IpczDriverHandle Peek() {
    std::lock_guard lock(mutex_);
    return object_;
  }
  IpczDriverHandle Take() {
    std::lock_guard lock(mutex_);
    return std::exchange(object_, IPCZ_INVALID_DRIVER_HANDLE);
  }
  void Restore(IpczDriverHandle object) {
    std::lock_guard lock(mutex_);
    object_ = object;
  }
  const Ref<DriverPort>& driver() const { return driver_; }

 private:
  const Ref<DriverPort> driver_;
  std::mutex mutex_;
  IpczDriverHandle object_;
};

}  // namespace ringway

#endif  // ENGINE_NODE_BOX_H_
