// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef BENCH_HARNESS_SHARED_H_
#define BENCH_HARNESS_SHARED_H_

#include <sys/mman.h>
#include <unistd.h>

#include <new>

#include "bench/harness/fail.h"
#include "shm/unique_fd.h"

namespace ringway::bench {

// A `T` in a memfd that this process and those it forks later share.
template <typename T>
class Shared {
 public:
  Shared() : object_(new (Map()) T{}) {}
  ~Shared() { munmap(object_, sizeof(T)); }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;

  T* operator->() const { return object_; }
  T& operator*() const { return *object_; }

 private:
  static void* Map() {
    const UniqueFd memory(memfd_create("ringway-bench", MFD_CLOEXEC));
    if (memory.get() < 0 || ftruncate(memory.get(), sizeof(T)) != 0) FailErrno("memfd_create");
    void* address = mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
                         memory.get(), 0);
    if (address == MAP_FAILED) FailErrno("mmap");
    return address;
  }

  T* object_;
};

}  // namespace ringway::bench

#endif  // BENCH_HARNESS_SHARED_H_
