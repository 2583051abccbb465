// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#ifndef SHM_OS_RESULT_H_
#define SHM_OS_RESULT_H_

#include <cerrno>
#include <optional>
#include <utility>

namespace ringway {

// A system call that failed: which one, and its errno.
struct OsError {
  const char* call = "";
  int number = 0;
};

// The failure of `call`, which just set errno.
inline OsError LastOsError(const char* call) { return {call, errno}; }

// What a system call gave, or how it failed.
template <typename T>
class [[nodiscard]] OsResult {
 public:
  OsResult(T value) : value_(std::move(value)) {}  // NOLINT: a value is a result
  OsResult(OsError error) : error_(error) {}       // NOLINT: and so is an error

  bool ok() const { return value_.has_value(); }
  OsError error() const { return error_; }

  T& operator*() { return *value_; }
  T* operator->() { return &*value_; }

 private:
  std::optional<T> value_;
  OsError error_;
};

}  // namespace ringway

#endif  // SHM_OS_RESULT_H_
