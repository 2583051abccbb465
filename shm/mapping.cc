// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "shm/mapping.h"

#include <sys/mman.h>
#include <unistd.h>

#include <utility>

namespace ringway {
namespace {

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

}  // namespace

OsResult<Mapping> Mapping::Map(int fd, size_t num_bytes, Access access) {
  const int protection = access == Access::kReadWrite ? PROT_READ | PROT_WRITE : PROT_READ;
  void* address = mmap(nullptr, num_bytes, protection, MAP_SHARED, fd, 0);
  if (address == MAP_FAILED) return LastOsError("mmap");
  Mapping mapping(address, num_bytes);
  if (madvise(address, num_bytes, MADV_DONTFORK) != 0) return LastOsError("madvise");
  return mapping;
}

Mapping::Mapping(Mapping&& other) noexcept
    : address_(std::exchange(other.address_, nullptr)),
      num_bytes_(std::exchange(other.num_bytes_, 0)) {}

Mapping& Mapping::operator=(Mapping&& other) noexcept {
  std::swap(address_, other.address_);
  std::swap(num_bytes_, other.num_bytes_);
  return *this;
}

Mapping::~Mapping() {
  if (address_ != nullptr) munmap(address_, num_bytes_);
}

void Mapping::AdviseHugePages() { madvise(address_, num_bytes_, MADV_HUGEPAGE); }

bool Mapping::Prefault() {
  if (madvise(address_, num_bytes_, MADV_POPULATE_WRITE) == 0) return true;
  if (errno != EINVAL) return false;  // EINVAL: kernels before 5.14 do not know the advice.
  const size_t page_bytes = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  volatile unsigned char* bytes = static_cast<volatile unsigned char*>(address_);
  for (size_t offset = 0; offset < num_bytes_; offset += page_bytes) bytes[offset] = 0;
  return true;
}

}  // namespace ringway
