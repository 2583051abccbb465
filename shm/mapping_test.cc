// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "shm/mapping.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "shm/unique_fd.h"

namespace ringway {
namespace {

constexpr size_t kBytes = 3 * 4096;

UniqueFd NewMemory() {
  UniqueFd fd(memfd_create("mapping_test", MFD_CLOEXEC));
  EXPECT_EQ(ftruncate(fd.get(), kBytes), 0);
  return fd;
}

bool IsMapped(const void* address) {
  unsigned char resident;
  return mincore(const_cast<void*>(address), 4096, &resident) == 0;
}

TEST(MappingTest, SharesBytesAndUnmaps) {
  const UniqueFd fd = NewMemory();
  const void* address;
  {
    OsResult<Mapping> writer = Mapping::Map(fd.get(), kBytes, Mapping::Access::kReadWrite);
    OsResult<Mapping> reader = Mapping::Map(fd.get(), kBytes, Mapping::Access::kReadOnly);
    ASSERT_TRUE(writer.ok() && reader.ok());
    EXPECT_EQ(writer->num_bytes(), kBytes);
    std::memcpy(writer->address(), "abc", 4);
    EXPECT_STREQ(static_cast<const char*>(reader->address()), "abc");
    address = writer->address();
    const Mapping moved = std::move(*writer);
    EXPECT_EQ(moved.address(), address);
    EXPECT_TRUE(IsMapped(address));
  }
  EXPECT_FALSE(IsMapped(address));
}

TEST(MappingTest, ReportsWhatFailed) {
  OsResult<Mapping> mapping = Mapping::Map(-1, kBytes, Mapping::Access::kReadOnly);
  ASSERT_FALSE(mapping.ok());
  EXPECT_STREQ(mapping.error().call, "mmap");
  EXPECT_EQ(mapping.error().number, EBADF);
}

TEST(MappingTest, AForkedChildDoesNotInheritIt) {
  const UniqueFd fd = NewMemory();
  OsResult<Mapping> mapping = Mapping::Map(fd.get(), kBytes, Mapping::Access::kReadWrite);
  ASSERT_TRUE(mapping.ok());
  const pid_t child = fork();
  if (child == 0) _exit(IsMapped(mapping->address()) ? 1 : 0);
  int status;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST(MappingTest, PrefaultBringsPagesIn) {
  const UniqueFd fd = NewMemory();
  OsResult<Mapping> mapping = Mapping::Map(fd.get(), kBytes, Mapping::Access::kReadWrite);
  ASSERT_TRUE(mapping.ok());
  EXPECT_TRUE(mapping->Prefault());
  unsigned char resident[3] = {};
  ASSERT_EQ(mincore(mapping->address(), kBytes, resident), 0);
  for (const unsigned char page : resident) EXPECT_EQ(page & 1, 1);
}

}  // namespace
}  // namespace ringway
