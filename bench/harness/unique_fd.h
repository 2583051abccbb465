// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef BENCH_HARNESS_UNIQUE_FD_H_
#define BENCH_HARNESS_UNIQUE_FD_H_

#include <unistd.h>

#include <utility>

namespace ringway::bench {

class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.Release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~UniqueFd() {
    if (fd_ >= 0) close(fd_);
  }

  int get() const { return fd_; }
  int Release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

}  // namespace ringway::bench

#endif  // BENCH_HARNESS_UNIQUE_FD_H_
