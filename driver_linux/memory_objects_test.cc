// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/memory_objects.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "driver_linux/process.h"
#include "driver_linux/test_support.h"

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

namespace ringway::driver::testing {
namespace {

TEST(MemoryObjectsTest, OnlyOwnedMemoryIsMappedAsAPeers) {
  OsResult<Memfd> shared = Memfd::CreateShared(4096);
  OsResult<OwnedMemory> owned = Memfd::CreateOwned(4096);
  ASSERT_TRUE(shared.ok() && owned.ok());
  EXPECT_EQ(Memory(std::move(*shared)).MapPeers().error().number, EPERM);
  EXPECT_TRUE(Memory(std::move(owned->memfd)).MapPeers().ok());
}

TEST(MemoryObjectsTest, RefusesMemoryWithHoles) {
  UniqueFd fd(memfd_create("foreign", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  ASSERT_EQ(fallocate(fd.get(), 0, 0, 12288), 0);
  ASSERT_EQ(fallocate(fd.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096, 4096), 0);
  const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL;
  ASSERT_EQ(fcntl(fd.get(), F_ADD_SEALS, seals), 0);
  EXPECT_NE(fallocate(fd.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096), 0);
  OsResult<Memfd> memfd = Memfd::Adopt(std::move(fd), 12288);
  ASSERT_TRUE(memfd.ok());
  EXPECT_EQ(Memory(std::move(*memfd)).MapPeers().error().number, EPERM);
}

TEST(MemoryObjectsTest, NothingIsLeftOnceTheDescriptorWasTaken) {
  OsResult<Memfd> memfd = Memfd::CreateShared(4096);
  ASSERT_TRUE(memfd.ok());
  Memory memory(std::move(*memfd));
  EXPECT_TRUE(memory.TakeFd().valid());
  EXPECT_FALSE(memory.TakeFd().valid());
  EXPECT_FALSE(memory.Map().ok());
  EXPECT_FALSE(memory.Duplicate().ok());
  EXPECT_EQ(memory.num_bytes(), 4096u);
}

TEST(MemoryObjectsTest, DescriptorsBecomeHandlesAndBack) {
  const size_t before = MeasureFootprint().descriptors;
  std::vector<UniqueFd> descriptors;
  for (int i = 0; i < 3; ++i) descriptors.emplace_back(dup(0));
  const int second = descriptors[1].get();
  std::vector<IpczDriverHandle> handles;
  ASSERT_TRUE(WrapDescriptors(&descriptors, &handles));
  ASSERT_EQ(handles.size(), 3u);
  descriptors.clear();
  ASSERT_TRUE(UnwrapDescriptors(handles, &descriptors));
  ASSERT_EQ(descriptors.size(), 3u);
  EXPECT_EQ(descriptors[1].get(), second);
  EXPECT_FALSE(UnwrapDescriptors(handles, &descriptors));
  EXPECT_EQ(MeasureFootprint().descriptors, before);
}

TEST(MemoryObjectsTest, AWrongHandleAmongTheOthersClosesThemAll) {
  const size_t before = MeasureFootprint().descriptors;
  IpczDriverHandle memory;
  ASSERT_EQ(Driver().AllocateSharedMemory(4096, 0, nullptr, &memory), IPCZ_RESULT_OK);
  const std::vector<IpczDriverHandle> handles = {MakeFile(), memory, MakeFile(), 1234};
  std::vector<UniqueFd> descriptors;
  EXPECT_FALSE(UnwrapDescriptors(handles, &descriptors));
  EXPECT_TRUE(descriptors.empty());
  EXPECT_EQ(MeasureFootprint().descriptors, before);
  for (const IpczDriverHandle handle : handles) {
    EXPECT_EQ(Close(handle), IPCZ_RESULT_INVALID_ARGUMENT);
  }
}

}  // namespace
}  // namespace ringway::driver::testing
