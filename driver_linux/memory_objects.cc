// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/memory_objects.h"

#include <cerrno>
#include <memory>
#include <new>

#include "driver_linux/process.h"

namespace ringway::driver {

OsResult<Memfd> Memory::Duplicate() const {
  std::lock_guard lock(mutex_);
  return memfd_.Duplicate();
}

OsResult<Mapping> Memory::Map() const {
  std::lock_guard lock(mutex_);
  return memfd_.Map();
}

OsResult<Mapping> Memory::MapPeers() const {
  std::lock_guard lock(mutex_);
  return memfd_.MapPeers();
}

OsResult<Mapping> Memory::MapLoan() {
  std::lock_guard lock(mutex_);
  return memfd_.MapLoan();
}

bool Memory::is_loan() const {
  std::lock_guard lock(mutex_);
  return memfd_.is_loan();
}

UniqueFd Memory::TakeFd() {
  std::lock_guard lock(mutex_);
  return memfd_.TakeFd();
}

bool WrapDescriptors(std::vector<UniqueFd>* descriptors, std::vector<IpczDriverHandle>* handles) {
  Registry& registry = CurrentProcess().registry;
  handles->reserve(descriptors->size());
  for (UniqueFd& descriptor : *descriptors) {
    IpczDriverHandle handle;
    const auto file = std::make_shared<File>(std::move(descriptor));
    if (registry.Insert(file, &handle) != IPCZ_RESULT_OK) {
      for (const IpczDriverHandle wrapped : *handles) registry.Take(wrapped);
      return false;
    }
    handles->push_back(handle);
  }
  return true;
}

bool UnwrapDescriptors(std::span<const IpczDriverHandle> handles,
                       std::vector<UniqueFd>* descriptors) {
  Registry& registry = CurrentProcess().registry;
  bool all_files = true;
  try {
    descriptors->reserve(handles.size());
  } catch (const std::bad_alloc&) {
    all_files = false;
  }
  for (const IpczDriverHandle handle : handles) {
    const std::shared_ptr<Object> object = registry.Take(handle);
    if (object) object->OnHandleClosed();
    all_files = all_files && object && object->kind() == Kind::kFile;
    if (all_files) descriptors->push_back(static_cast<File&>(*object).TakeFd());
  }
  if (!all_files) descriptors->clear();
  return all_files;
}

}  // namespace ringway::driver
