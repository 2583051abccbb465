// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef RINGWAY_OBJECT_H_
#define RINGWAY_OBJECT_H_

#include <utility>

#include "ringway/served.h"
#include "ringway/target.h"

namespace ringway {
inline namespace api {

// What all interfaces are: something that can be called. Part of a Cap<>.
class Object {
 public:
  Object() = default;
  Object(const Object&) = delete;  // a Cap<> is what moves
  Object& operator=(const Object&) = delete;

  const Target& target() const { return target_; }
  const CallOptions& options() const { return options_; }

 private:
  template <class T>
  friend class Cap;

  void Take(Object& other) {
    target_ = std::move(other.target_);
    options_ = other.options_;
    send_rights_ = other.send_rights_;
  }

  Target target_;
  CallOptions options_;
  Rights send_rights_ = kAllRights;
};

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_OBJECT_H_
