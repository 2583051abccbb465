// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "shm/memfd.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace ringway {
namespace {

constexpr size_t kBytes = 10'000;  // not a multiple of the page size

// A memfd as a peer might make it.
UniqueFd NewForeign(size_t num_bytes, int seals) {
  UniqueFd fd(memfd_create("foreign", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  EXPECT_EQ(ftruncate(fd.get(), static_cast<off_t>(num_bytes)), 0);
  EXPECT_EQ(fcntl(fd.get(), F_ADD_SEALS, seals), 0);
  return fd;
}

constexpr int kAllSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

int AdoptError(UniqueFd fd, size_t num_bytes) {
  OsResult<Memfd> memfd = Memfd::Adopt(std::move(fd), num_bytes);
  return memfd.ok() ? 0 : memfd.error().number;
}

TEST(MemfdTest, SharedMemoryIsExactBackedAndSealed) {
  OsResult<Memfd> memfd = Memfd::CreateShared(kBytes);
  ASSERT_TRUE(memfd.ok());
  EXPECT_EQ(memfd->num_bytes(), kBytes);
  EXPECT_TRUE(memfd->writable());
  const UniqueFd fd = memfd->TakeFd();
  struct stat status;
  ASSERT_EQ(fstat(fd.get(), &status), 0);
  EXPECT_EQ(status.st_size, static_cast<off_t>(kBytes));
  EXPECT_GE(status.st_blocks * 512, static_cast<off_t>(kBytes));
  EXPECT_NE(ftruncate(fd.get(), 1), 0);
  EXPECT_NE(ftruncate(fd.get(), 1 << 20), 0);
  EXPECT_NE(fcntl(fd.get(), F_ADD_SEALS, F_SEAL_WRITE), 0);
  EXPECT_EQ(fcntl(fd.get(), F_GETFD), FD_CLOEXEC);
}

TEST(MemfdTest, SharedMemoryCanBeWrittenThroughAnyMapping) {
  OsResult<Memfd> memfd = Memfd::CreateShared(kBytes);
  ASSERT_TRUE(memfd.ok());
  OsResult<Memfd> duplicate = memfd->Duplicate();
  ASSERT_TRUE(duplicate.ok());
  OsResult<Mapping> first = memfd->Map();
  OsResult<Mapping> second = duplicate->Map();
  ASSERT_TRUE(first.ok() && second.ok());
  std::strcpy(static_cast<char*>(first->address()), "one");
  EXPECT_STREQ(static_cast<char*>(second->address()), "one");
  std::strcpy(static_cast<char*>(second->address()), "two");
  EXPECT_STREQ(static_cast<char*>(first->address()), "two");
}

TEST(MemfdTest, OwnedMemoryCannotBeWrittenByWhoeverReceivesIt) {
  OsResult<OwnedMemory> owned = Memfd::CreateOwned(kBytes);
  ASSERT_TRUE(owned.ok());
  EXPECT_FALSE(owned->memfd.writable());
  OsResult<Mapping> reader = owned->memfd.Map();
  ASSERT_TRUE(reader.ok());
  std::strcpy(static_cast<char*>(owned->mapping.address()), "mine");
  EXPECT_STREQ(static_cast<char*>(reader->address()), "mine");
  EXPECT_NE(mprotect(reader->address(), 4096, PROT_READ | PROT_WRITE), 0);

  const UniqueFd fd = owned->memfd.TakeFd();
  EXPECT_EQ(mmap(nullptr, kBytes, PROT_WRITE, MAP_SHARED, fd.get(), 0), MAP_FAILED);
  EXPECT_NE(write(fd.get(), "x", 1), 1);
  EXPECT_NE(fallocate(fd.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096), 0);
  // A descriptor opened anew through /proc is no way round either.
  const std::string path = "/proc/self/fd/" + std::to_string(fd.get());
  const UniqueFd reopened(open(path.c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_TRUE(reopened.valid());
  EXPECT_EQ(mmap(nullptr, kBytes, PROT_WRITE, MAP_SHARED, reopened.get(), 0), MAP_FAILED);
  // Its owner still writes.
  std::strcpy(static_cast<char*>(owned->mapping.address()), "still");
  EXPECT_STREQ(static_cast<char*>(reader->address()), "still");
}

TEST(MemfdTest, AdoptsWhatTheOtherKindIs) {
  OsResult<Memfd> shared = Memfd::CreateShared(kBytes);
  OsResult<OwnedMemory> owned = Memfd::CreateOwned(kBytes);
  ASSERT_TRUE(shared.ok() && owned.ok());
  OsResult<Memfd> adopted_shared = Memfd::Adopt(shared->TakeFd(), kBytes);
  OsResult<Memfd> adopted_owned = Memfd::Adopt(owned->memfd.TakeFd(), kBytes);
  ASSERT_TRUE(adopted_shared.ok() && adopted_owned.ok());
  EXPECT_TRUE(adopted_shared->writable());
  EXPECT_FALSE(adopted_owned->writable());
}

TEST(MemfdTest, RefusesMemoryThatLacksASeal) {
  for (const int seal : {F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_SEAL}) {
    EXPECT_EQ(AdoptError(NewForeign(kBytes, kAllSeals & ~seal), kBytes), EPERM) << seal;
  }
  EXPECT_EQ(AdoptError(NewForeign(kBytes, kAllSeals), kBytes), 0);
}

TEST(MemfdTest, RefusesMemoryThatIsSmallerThanItClaims) {
  EXPECT_EQ(AdoptError(NewForeign(kBytes, kAllSeals), kBytes + 1), EINVAL);
  EXPECT_EQ(AdoptError(NewForeign(kBytes, kAllSeals), SIZE_MAX), EINVAL);
  EXPECT_EQ(AdoptError(NewForeign(kBytes, kAllSeals), 0), EINVAL);
}

TEST(MemfdTest, RefusesWhatIsNoMemory) {
  int fds[2];
  ASSERT_EQ(pipe2(fds, O_CLOEXEC), 0);
  const UniqueFd other_end(fds[1]);
  EXPECT_EQ(AdoptError(UniqueFd(fds[0]), kBytes), EINVAL);
  EXPECT_NE(AdoptError(UniqueFd(open("/proc/self/exe", O_RDONLY | O_CLOEXEC)), kBytes), 0);
  EXPECT_EQ(AdoptError(UniqueFd(), kBytes), EBADF);
}

TEST(MemfdTest, RefusesSizesThatCannotBe) {
  EXPECT_EQ(Memfd::CreateShared(0).error().number, EINVAL);
  EXPECT_EQ(Memfd::CreateShared(SIZE_MAX).error().number, EINVAL);
  EXPECT_EQ(Memfd::CreateShared(size_t{1} << 50).error().number, ENOMEM);
  EXPECT_EQ(Memfd::CreateOwned(size_t{1} << 50).error().number, ENOMEM);
}

TEST(MemfdTest, OptionsAreHintsOnly) {
  for (const size_t num_bytes : {kBytes, size_t{4} << 20}) {
    OsResult<OwnedMemory> owned = Memfd::CreateOwned(num_bytes, {true, true});
    ASSERT_TRUE(owned.ok()) << owned.error().call << " " << owned.error().number;
    auto* bytes = static_cast<char*>(owned->mapping.address());
    for (size_t i = 0; i < num_bytes; i += 1024) ASSERT_EQ(bytes[i], 0);
    bytes[num_bytes - 1] = 1;
    EXPECT_TRUE(Memfd::CreateShared(num_bytes, {true, false}).ok());
  }
}

}  // namespace
}  // namespace ringway
