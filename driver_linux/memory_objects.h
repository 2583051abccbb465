// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#ifndef DRIVER_LINUX_MEMORY_OBJECTS_H_
#define DRIVER_LINUX_MEMORY_OBJECTS_H_

#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "driver_linux/object.h"
#include "ipcz/ipcz.h"
#include "shm/mapping.h"
#include "shm/memfd.h"
#include "shm/os_result.h"
#include "shm/unique_fd.h"

namespace ringway::driver {

// The objects that hold a descriptor or a mapping. Where something can be taken out, a lock sees to
// it that another thread which uses the object at that moment finds all of it or nothing.

class File final : public Object {
 public:
  static constexpr Kind kKind = Kind::kFile;

  explicit File(UniqueFd fd) : Object(kKind), fd_(std::move(fd)) {}

  // Only who has just opened the handle calls this,
  void AdoptFd(UniqueFd fd) { fd_ = std::move(fd); }

  // and only who has closed it calls this.
  UniqueFd TakeFd() { return std::move(fd_); }

 private:
  UniqueFd fd_;
};

class Memory final : public Object {
 public:
  static constexpr Kind kKind = Kind::kMemory;

  explicit Memory(Memfd memfd)
      : Object(kKind), num_bytes_(memfd.num_bytes()), memfd_(std::move(memfd)) {}

  size_t num_bytes() const { return num_bytes_; }

  OsResult<Memfd> Duplicate() const;
  OsResult<Mapping> Map() const;

  // Fails with EPERM unless nobody else's later mappings could write it either.
  OsResult<Mapping> MapPeers() const;

  // Of a loan, for who is to write it: see Memfd::MapLoan().
  OsResult<Mapping> MapLoan();
  bool is_loan() const;

  UniqueFd TakeFd();

 private:
  const size_t num_bytes_;
  mutable std::mutex mutex_;
  Memfd memfd_;
};

class MappingObject final : public Object {
 public:
  static constexpr Kind kKind = Kind::kMapping;

  explicit MappingObject(Mapping mapping) : Object(kKind), mapping_(std::move(mapping)) {}

 private:
  const Mapping mapping_;
};

// Gives each descriptor the handle of a File. False, with all of them closed, when there is no
// room.
bool WrapDescriptors(std::vector<UniqueFd>* descriptors, std::vector<IpczDriverHandle>* handles);

// Takes the files that these handles stand for, and closes the handles whatever they stand for.
// False, with everything closed, unless all are open files.
bool UnwrapDescriptors(std::span<const IpczDriverHandle> handles,
                       std::vector<UniqueFd>* descriptors);

}  // namespace ringway::driver

#endif  // DRIVER_LINUX_MEMORY_OBJECTS_H_
