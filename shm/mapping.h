// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#ifndef SHM_MAPPING_H_
#define SHM_MAPPING_H_

#include <cstddef>

#include "shm/os_result.h"

namespace ringway {

// Owns one mapping of shared memory. A forked child does not inherit it, so that a child which
// never execs can neither write what its parent alone may write nor keep the memory alive.
class Mapping {
 public:
  enum class Access { kReadOnly, kReadWrite };

  // The caller vouches that `fd` has `num_bytes` bytes which nobody can take away (memfd.h does).
  static OsResult<Mapping> Map(int fd, size_t num_bytes, Access access);

  Mapping() = default;
  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&& other) noexcept;
  ~Mapping();

  void* address() const { return address_; }
  size_t num_bytes() const { return num_bytes_; }

  // Asks for huge pages. Only a hint: the kernel may have none, or not offer them for memfds.
  void AdviseHugePages();

  // Brings all pages of a fresh writable mapping into the page tables, so that the first access to
  // each does not fault. False when there is no memory for them. Not for memory that others use
  // already.
  bool Prefault();

 private:
  Mapping(void* address, size_t num_bytes) : address_(address), num_bytes_(num_bytes) {}

  void* address_ = nullptr;
  size_t num_bytes_ = 0;
};

}  // namespace ringway

#endif  // SHM_MAPPING_H_
