// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "shm/memfd.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <limits>
#include <string>
#include <utility>

namespace ringway {
namespace {

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif
#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

constexpr int kLoanSeals = F_SEAL_SHRINK | F_SEAL_GROW;
constexpr int kSharedSeals = kLoanSeals | F_SEAL_SEAL;
constexpr int kOwnedSeals = kSharedSeals | F_SEAL_FUTURE_WRITE;
constexpr size_t kHugePageBytes = size_t{2} << 20;
constexpr size_t kSurelyAvailableBytes = size_t{64} << 20;
constexpr std::streamsize kLineBytesMax = 256;
constexpr size_t kRegionBytesMax = size_t{std::numeric_limits<off_t>::max()};

OsResult<UniqueFd> CreateMemfd(unsigned int extra_flags) {
  const unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING | extra_flags;
  // Newer kernels may be set to refuse memory that could be executed; older ones do not know the
  // flag.
  UniqueFd fd(memfd_create("ringway", flags | MFD_NOEXEC_SEAL));
  if (!fd.valid() && errno == EINVAL) fd.Reset(memfd_create("ringway", flags));
  if (!fd.valid()) return LastOsError("memfd_create");
  return fd;
}

// Whether the machine has that much to give. fallocate() does not look ahead: asked for too much,
// it takes all there is and leaves it to the kernel's OOM killer to end it.
bool CanHave(size_t num_bytes) {
  if (num_bytes < kSurelyAvailableBytes) return true;
  std::ifstream file("/proc/meminfo");
  for (std::string name; file >> name; file.ignore(kLineBytesMax, '\n')) {
    uint64_t available_kib = 0;
    if (name == "MemAvailable:" && file >> available_kib) return num_bytes / 1024 < available_kib;
  }
  const auto page_count = static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES));
  return num_bytes / static_cast<uint64_t>(sysconf(_SC_PAGESIZE)) < page_count;
}

OsError AddSeals(int fd, int seals) {
  if (fcntl(fd, F_ADD_SEALS, seals) != 0) return LastOsError("fcntl(F_ADD_SEALS)");
  return {};
}

}  // namespace

OsResult<OwnedMemory> Memfd::Create(size_t num_bytes, int seals, unsigned int memfd_flags,
                                    MemoryOptions options) {
  if (num_bytes == 0 || num_bytes > kRegionBytesMax) return OsError{"memfd_create", EINVAL};
  if (!CanHave(num_bytes)) return OsError{"fallocate", ENOMEM};
  OsResult<UniqueFd> fd = CreateMemfd(memfd_flags);
  if (!fd.ok()) return fd.error();
  const off_t length = static_cast<off_t>(num_bytes);
  if (ftruncate(fd->get(), length) != 0) return LastOsError("ftruncate");

  OsResult<Mapping> mapping = Mapping();
  const bool advise_huge = options.huge_pages && (memfd_flags & MFD_HUGETLB) == 0;
  if (seals == kOwnedSeals || options.huge_pages || options.prefault) {
    mapping = Mapping::Map(fd->get(), num_bytes, Mapping::Access::kReadWrite);
    if (!mapping.ok()) return mapping.error();
  }
  // fallocate() would take small pages, so huge ones have to come first.
  if (advise_huge) mapping->AdviseHugePages();
  if (advise_huge && !mapping->Prefault()) return LastOsError("madvise");
  // Without this a full tmpfs is a SIGBUS at some later access.
  if (fallocate(fd->get(), 0, 0, length) != 0) return LastOsError("fallocate");
  if (options.prefault && !mapping->Prefault()) return LastOsError("madvise");

  if (const OsError error = AddSeals(fd->get(), seals); error.number != 0) return error;
  const bool writable = (seals & F_SEAL_FUTURE_WRITE) == 0;
  return OwnedMemory{Memfd(std::move(*fd), num_bytes, writable), std::move(*mapping)};
}

OsResult<OwnedMemory> Memfd::CreateAnyPages(size_t num_bytes, int seals, MemoryOptions options) {
  if (options.huge_pages && num_bytes % kHugePageBytes == 0) {
    OsResult<OwnedMemory> memory = Create(num_bytes, seals, MFD_HUGETLB, options);
    if (memory.ok()) return memory;
  }
  return Create(num_bytes, seals, 0, options);
}

OsResult<Memfd> Memfd::CreateShared(size_t num_bytes, MemoryOptions options) {
  OsResult<OwnedMemory> memory = CreateAnyPages(num_bytes, kSharedSeals, options);
  if (!memory.ok()) return memory.error();
  return std::move(memory->memfd);
}

OsResult<OwnedMemory> Memfd::CreateOwned(size_t num_bytes, MemoryOptions options) {
  return CreateAnyPages(num_bytes, kOwnedSeals, options);
}

OsResult<Memfd> Memfd::CreateLoan(size_t num_bytes) {
  OsResult<OwnedMemory> memory = CreateAnyPages(num_bytes, kLoanSeals, {});
  if (!memory.ok()) return memory.error();
  memory->memfd.loan_ = true;
  return std::move(memory->memfd);
}

OsResult<Mapping> Memfd::MapLoan() {
  if (!loan_ || !IsBacked()) return OsError{"fcntl(F_GET_SEALS)", EPERM};
  OsResult<Mapping> mapping = Mapping::Map(fd_.get(), num_bytes_, Mapping::Access::kReadWrite);
  if (!mapping.ok()) return mapping.error();
  if (const OsError error = AddSeals(fd_.get(), kOwnedSeals); error.number != 0) return error;
  loan_ = writable_ = false;
  return mapping;
}

OsResult<Memfd> Memfd::Adopt(UniqueFd fd, size_t num_bytes) {
  return AdoptSealed(std::move(fd), num_bytes, kSharedSeals);
}

OsResult<Memfd> Memfd::AdoptLoan(UniqueFd fd, size_t num_bytes) {
  OsResult<Memfd> memfd = AdoptSealed(std::move(fd), num_bytes, kLoanSeals);
  if (memfd.ok()) memfd->loan_ = true;
  return memfd;
}

OsResult<Memfd> Memfd::AdoptSealed(UniqueFd fd, size_t num_bytes, int seals_needed) {
  const int seals = fcntl(fd.get(), F_GET_SEALS);
  if (seals < 0) return LastOsError("fcntl(F_GET_SEALS)");
  if ((seals & seals_needed) != seals_needed) return OsError{"fcntl(F_GET_SEALS)", EPERM};
  struct stat status;
  if (fstat(fd.get(), &status) != 0) return LastOsError("fstat");
  // The size is final only because the seals were seen first.
  if (num_bytes == 0 || status.st_size < 0 || num_bytes > static_cast<uint64_t>(status.st_size)) {
    return OsError{"fstat", EINVAL};
  }
  const bool writable = (seals & (F_SEAL_FUTURE_WRITE | F_SEAL_WRITE)) == 0;
  return Memfd(std::move(fd), num_bytes, writable);
}

bool Memfd::IsBacked() const {
  constexpr uint64_t kStatBlockBytes = 512;
  struct stat status;
  return fstat(fd_.get(), &status) == 0 &&
         static_cast<uint64_t>(status.st_blocks) * kStatBlockBytes >= num_bytes_;
}

OsResult<Mapping> Memfd::Map() const {
  return Mapping::Map(fd_.get(), num_bytes_,
                      writable_ ? Mapping::Access::kReadWrite : Mapping::Access::kReadOnly);
}

OsResult<Mapping> Memfd::MapReadOnly() const {
  return Mapping::Map(fd_.get(), num_bytes_, Mapping::Access::kReadOnly);
}

OsResult<Mapping> Memfd::MapPeers() const {
  if (writable_ || is_loan()) return OsError{"fcntl(F_GET_SEALS)", EPERM};
  if (!IsBacked()) return OsError{"fstat", EPERM};  // and stays so: it cannot be punched
  return MapReadOnly();
}

OsResult<Memfd> Memfd::Duplicate() const {
  UniqueFd fd(fcntl(fd_.get(), F_DUPFD_CLOEXEC, 0));
  if (!fd.valid()) return LastOsError("fcntl(F_DUPFD_CLOEXEC)");
  Memfd duplicate(std::move(fd), num_bytes_, writable_);
  duplicate.loan_ = loan_;
  return duplicate;
}

}  // namespace ringway
