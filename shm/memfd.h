// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#ifndef SHM_MEMFD_H_
#define SHM_MEMFD_H_

#include <cstddef>
#include <cstdint>
#include <utility>

#include "shm/mapping.h"
#include "shm/os_result.h"
#include "shm/unique_fd.h"

namespace ringway {

struct OwnedMemory;

struct MemoryOptions {
  bool huge_pages = false;  // where the machine has them; ordinary pages otherwise
  bool prefault = false;    // see Mapping::Prefault()
};

// Sealed shared memory: its size never changes and nobody can change its seals. There are two
// kinds, and a loan, which becomes one of them.
//   shared  everyone who holds it may write
//   owned   only mappings made before it was sealed may write, and these stay in the process that
//   made it
//   loan    becomes owned by whoever maps it first, and seals it
// All its bytes are backed, so an access does not fault for want of memory. (A holder of the shared
// kind can still punch holes into it; for the owned kind FUTURE_WRITE prevents that.)
class Memfd {
 public:
  static OsResult<Memfd> CreateShared(size_t num_bytes, MemoryOptions options = {});
  static OsResult<OwnedMemory> CreateOwned(size_t num_bytes, MemoryOptions options = {});

  static OsResult<Memfd> CreateLoan(size_t num_bytes);

  // Takes memory that someone else made and that claims to have `num_bytes`. Both its seals and its
  // real size are checked: mapping more than there is would be SIGBUS at the first access. Fails
  // with EPERM when a seal lacks, EINVAL when it is no memory or smaller than it claims.
  static OsResult<Memfd> Adopt(UniqueFd fd, size_t num_bytes);
  static OsResult<Memfd> AdoptLoan(UniqueFd fd, size_t num_bytes);

  bool is_loan() const { return loan_; }
  // Maps a loan for writing and seals it: it is owned from now on.
  OsResult<Mapping> MapLoan();

  Memfd() = default;

  bool valid() const { return fd_.valid(); }
  size_t num_bytes() const { return num_bytes_; }

  // Whether new mappings may write, which is so for the shared kind.
  bool writable() const { return writable_; }

  // Whether all its bytes have memory. Reading a hole would take some from the reader, and be
  // SIGBUS where there is none.
  bool IsBacked() const;

  // Maps it: for reading, and also for writing if writable().
  OsResult<Mapping> Map() const;
  OsResult<Mapping> MapReadOnly() const;

  // Maps memory of the owned kind that somebody else made. Fails with EPERM unless nobody's later
  // mappings could write it either and all its bytes have memory.
  OsResult<Mapping> MapPeers() const;

  OsResult<Memfd> Duplicate() const;

  UniqueFd TakeFd() { return std::move(fd_); }

 private:
  Memfd(UniqueFd fd, size_t num_bytes, bool writable)
      : fd_(std::move(fd)), num_bytes_(num_bytes), writable_(writable) {}

  static OsResult<Memfd> AdoptSealed(UniqueFd fd, size_t num_bytes, int seals_needed);
  static OsResult<OwnedMemory> Create(size_t num_bytes, int seals, unsigned int memfd_flags,
                                      MemoryOptions options);
  static OsResult<OwnedMemory> CreateAnyPages(size_t num_bytes, int seals, MemoryOptions options);

  UniqueFd fd_;
  size_t num_bytes_ = 0;
  bool writable_ = false;
  bool loan_ = false;
};

struct OwnedMemory {
  Memfd memfd;      // for others, read-only
  Mapping mapping;  // the only one that may write
};

}  // namespace ringway

#endif  // SHM_MEMFD_H_
