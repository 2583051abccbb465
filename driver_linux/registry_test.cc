// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/registry.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "driver_linux/memory_objects.h"

namespace ringway::driver {
namespace {

std::shared_ptr<File> NewFile() { return std::make_shared<File>(UniqueFd()); }

IpczDriverHandle Insert(Registry* registry) {
  IpczDriverHandle handle = IPCZ_INVALID_DRIVER_HANDLE;
  EXPECT_EQ(registry->Insert(NewFile(), &handle), IPCZ_RESULT_OK);
  return handle;
}

TEST(RegistryTest, FindsByHandleAndKind) {
  Registry registry(0);
  const auto file = NewFile();
  IpczDriverHandle handle;
  ASSERT_EQ(registry.Insert(file, &handle), IPCZ_RESULT_OK);
  EXPECT_NE(handle, IPCZ_INVALID_DRIVER_HANDLE);
  EXPECT_EQ(registry.Find<File>(handle), file);
  EXPECT_EQ(registry.Find<Memory>(handle), nullptr);
  EXPECT_EQ(registry.Take<Memory>(handle), nullptr);
  EXPECT_EQ(registry.CountOpen(Kind::kFile), 1u);
  EXPECT_EQ(registry.Take<File>(handle), file);
  EXPECT_EQ(registry.CountOpen(Kind::kFile), 0u);
}

TEST(RegistryTest, RefusesClosedHandlesThoughTheirSlotIsUsedAgain) {
  Registry registry(0);
  std::set<IpczDriverHandle> closed;
  for (int i = 0; i < 1000; ++i) {
    const IpczDriverHandle handle = Insert(&registry);
    EXPECT_EQ(closed.count(handle), 0u);
    EXPECT_TRUE(registry.Take(handle));
    EXPECT_FALSE(registry.Take(handle));
    closed.insert(handle);
  }
  const IpczDriverHandle open = Insert(&registry);
  for (const IpczDriverHandle handle : closed) EXPECT_FALSE(registry.FindObject(handle));
  EXPECT_TRUE(registry.FindObject(open));
}

TEST(RegistryTest, RefusesValuesThatWereNeverGivenOut) {
  Registry registry(0);
  const IpczDriverHandle handle = Insert(&registry);
  for (int bit = 0; bit < 64; ++bit) {
    EXPECT_FALSE(registry.FindObject(handle ^ (uint64_t{1} << bit))) << bit;
  }
  for (const IpczDriverHandle value :
       {uintptr_t{0}, uintptr_t{1}, UINTPTR_MAX, reinterpret_cast<uintptr_t>(&registry)}) {
    EXPECT_FALSE(registry.FindObject(value));
    EXPECT_EQ(registry.Refusal(value), IPCZ_RESULT_INVALID_ARGUMENT);
  }
}

TEST(RegistryTest, TellsInheritedHandlesFromWrongOnes) {
  Registry parent(0);
  Registry child(1);
  const IpczDriverHandle inherited = Insert(&parent);
  const IpczDriverHandle own = Insert(&child);
  EXPECT_FALSE(child.FindObject(inherited));
  EXPECT_EQ(child.Refusal(inherited), IPCZ_RESULT_FAILED_PRECONDITION);
  EXPECT_TRUE(child.Take(own));
  EXPECT_EQ(child.Refusal(own), IPCZ_RESULT_INVALID_ARGUMENT);
}

TEST(RegistryTest, OneOfManyTakersWins) {
  Registry registry(0);
  for (int round = 0; round < 200; ++round) {
    const IpczDriverHandle handle = Insert(&registry);
    Counter winners;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        if (registry.Take(handle)) winners.Add();
      });
    }
    for (std::thread& thread : threads) thread.join();
    ASSERT_EQ(winners.Get(), 1u);
  }
}

}  // namespace
}  // namespace ringway::driver
