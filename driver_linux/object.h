// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#ifndef DRIVER_LINUX_OBJECT_H_
#define DRIVER_LINUX_OBJECT_H_

#include <cstddef>
#include <cstdint>

namespace ringway::driver {

enum class Kind : uint8_t { kTransport, kMemory, kMapping, kFile };
inline constexpr size_t kKindCount = 4;

// What a driver handle stands for. The registry keeps it alive while the handle is open; who works
// on it at that moment keeps it alive a little longer. Each subclass has a constant kKind.
class Object {
 public:
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  virtual ~Object() = default;

  Kind kind() const { return kind_; }

  // Its handle was closed, and can never be used again.
  virtual void OnHandleClosed() {}

 protected:
  explicit Object(Kind kind) : kind_(kind) {}

 private:
  const Kind kind_;
};

}  // namespace ringway::driver

#endif  // DRIVER_LINUX_OBJECT_H_
