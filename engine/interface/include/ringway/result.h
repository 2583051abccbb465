// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What calls of the C++ API answer in place of exceptions.

#ifndef RINGWAY_RESULT_H_
#define RINGWAY_RESULT_H_

#include <cstdint>
#include <optional>
#include <utility>

#include "ipcz/ipcz.h"
#include "ringway/ringway.h"

// The inline namespace keeps these names apart from those inside the engine.
namespace ringway {
inline namespace api {

// A value, or the reason why there is none: an IpczResult other than OK.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)), result_(IPCZ_RESULT_OK) {}
  static Result Failure(IpczResult result) { return Result(Failed{result}); }

  bool ok() const { return result_ == IPCZ_RESULT_OK; }
  explicit operator bool() const { return ok(); }
  IpczResult result() const { return result_; }

  // Only when ok().
  T& operator*() & { return *value_; }
  T&& operator*() && { return *std::move(value_); }
  T* operator->() { return &*value_; }

 private:
  struct Failed {
    IpczResult result;
  };
  explicit Result(Failed failed) : result_(failed.result) {}

  std::optional<T> value_;
  IpczResult result_;
};

// A point of CLOCK_MONOTONIC until which a call may wait.
class Deadline {
 public:
  static constexpr Deadline Never() { return Deadline(RINGWAY_NO_DEADLINE); }
  // Only looks.
  static constexpr Deadline Now() { return Deadline(0); }
  static Deadline In(uint64_t timeout_ns);
  static constexpr Deadline At(uint64_t monotonic_ns) { return Deadline(monotonic_ns); }

  constexpr uint64_t ns() const { return ns_; }
  bool HasPassed() const;

 private:
  explicit constexpr Deadline(uint64_t ns) : ns_(ns) {}
  uint64_t ns_;
};

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_RESULT_H_
