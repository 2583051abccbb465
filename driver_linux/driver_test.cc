// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/driver.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <array>
#include <atomic>
#include <cstring>
#include <vector>

#include "driver_linux/object.h"
#include "driver_linux/test_support.h"

namespace ringway::driver::testing {
namespace {

constexpr size_t kRegionBytes = 65536 + 100;

IpczDriverHandle NewMemory(size_t num_bytes = kRegionBytes) {
  IpczDriverHandle memory = IPCZ_INVALID_DRIVER_HANDLE;
  EXPECT_EQ(Driver().AllocateSharedMemory(num_bytes, 0, nullptr, &memory), IPCZ_RESULT_OK);
  return memory;
}

size_t SizeOf(IpczDriverHandle memory) {
  IpczSharedMemoryInfo info = {sizeof(info), 0};
  EXPECT_EQ(Driver().GetSharedMemoryInfo(memory, 0, nullptr, &info), IPCZ_RESULT_OK);
  return info.region_num_bytes;
}

TEST(DriverTest, TableIsThatOfTheHeader) {
  const IpczDriver* driver = RingwayLinuxDriver();
  EXPECT_EQ(driver->size, sizeof(RingwayDriver));
  EXPECT_EQ(RingwayFindDriverExtension(driver), &Extension());
}

TEST(DriverTest, MemoryIsZeroedAlignedSharedAndExact) {
  const IpczDriverHandle memory = NewMemory();
  EXPECT_EQ(SizeOf(memory), kRegionBytes);
  IpczDriverHandle duplicate, mappings[2];
  ASSERT_EQ(Driver().DuplicateSharedMemory(memory, 0, nullptr, &duplicate), IPCZ_RESULT_OK);
  EXPECT_EQ(SizeOf(duplicate), kRegionBytes);
  void* addresses[2];
  ASSERT_EQ(Driver().MapSharedMemory(memory, 0, nullptr, &addresses[0], &mappings[0]),
            IPCZ_RESULT_OK);
  ASSERT_EQ(Driver().MapSharedMemory(duplicate, 0, nullptr, &addresses[1], &mappings[1]),
            IPCZ_RESULT_OK);
  // A mapping outlives what it maps.
  EXPECT_EQ(Close(memory), IPCZ_RESULT_OK);
  EXPECT_EQ(Close(duplicate), IPCZ_RESULT_OK);
  auto* first = static_cast<char*>(addresses[0]);
  auto* second = static_cast<char*>(addresses[1]);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(first) % 8, 0u);
  for (size_t i = 0; i < kRegionBytes; ++i) ASSERT_EQ(first[i], 0);
  std::strcpy(first + 65536, "end");
  EXPECT_STREQ(second + 65536, "end");
  std::strcpy(second, "start");
  EXPECT_STREQ(first, "start");
  EXPECT_EQ(Close(mappings[0]), IPCZ_RESULT_OK);
  EXPECT_EQ(Close(mappings[1]), IPCZ_RESULT_OK);
  EXPECT_EQ(Close(mappings[1]), IPCZ_RESULT_INVALID_ARGUMENT);
}

TEST(DriverTest, MemoryTravelsAndCanBeRelayed) {
  Pair pair;
  ASSERT_EQ(pair.first.Activate(), IPCZ_RESULT_OK);
  ASSERT_EQ(pair.second.Activate(), IPCZ_RESULT_OK);
  IpczDriverHandle memory = NewMemory();
  void* address;
  IpczDriverHandle mapping;
  ASSERT_EQ(Driver().MapSharedMemory(memory, 0, nullptr, &address, &mapping), IPCZ_RESULT_OK);
  std::strcpy(static_cast<char*>(address), "hello");
  Engine* ends[] = {&pair.first, &pair.second};
  for (int hop = 0; hop < 4; ++hop) {
    Engine& from = *ends[hop % 2];
    Engine& to = *ends[1 - hop % 2];
    const Engine::Message sent = Serialize(memory, from.transport());
    ASSERT_EQ(from.Send(sent.data, sent.handles), IPCZ_RESULT_OK);
    EXPECT_EQ(Close(memory), IPCZ_RESULT_INVALID_ARGUMENT);  // consumed
    Engine::Message received;
    ASSERT_TRUE(to.WaitForMessage(&received));
    ASSERT_EQ(Deserialize(received, to.transport(), &memory), IPCZ_RESULT_OK);
  }
  EXPECT_EQ(SizeOf(memory), kRegionBytes);
  void* later_address;
  IpczDriverHandle later_mapping;
  ASSERT_EQ(Driver().MapSharedMemory(memory, 0, nullptr, &later_address, &later_mapping),
            IPCZ_RESULT_OK);
  EXPECT_STREQ(static_cast<char*>(later_address), "hello");
  for (const IpczDriverHandle handle : {memory, mapping, later_mapping}) Close(handle);
}

TEST(DriverTest, OwnedMemoryIsReadOnlyForOthers) {
  Pair pair;
  ASSERT_EQ(pair.first.Activate(), IPCZ_RESULT_OK);
  ASSERT_EQ(pair.second.Activate(), IPCZ_RESULT_OK);
  IpczDriverHandle memory, mapping;
  void* address;
  ASSERT_EQ(Extension().AllocateOwnedMemory(kRegionBytes, 0, nullptr, &memory, &address, &mapping),
            IPCZ_RESULT_OK);
  std::strcpy(static_cast<char*>(address), "mine");
  const Engine::Message sent = Serialize(memory, pair.first.transport());
  ASSERT_EQ(pair.first.Send(sent.data, sent.handles), IPCZ_RESULT_OK);
  Engine::Message received;
  ASSERT_TRUE(pair.second.WaitForMessage(&received));
  ASSERT_EQ(Deserialize(received, pair.second.transport(), &memory), IPCZ_RESULT_OK);
  const void* peer_address;
  size_t num_bytes;
  IpczDriverHandle peer_mapping;
  ASSERT_EQ(Extension().MapPeerMemory(memory, 0, nullptr, &peer_address, &num_bytes, &peer_mapping),
            IPCZ_RESULT_OK);
  EXPECT_EQ(num_bytes, kRegionBytes);
  EXPECT_STREQ(static_cast<const char*>(peer_address), "mine");
  EXPECT_NE(mprotect(const_cast<void*>(peer_address), 4096, PROT_READ | PROT_WRITE), 0);
  for (const IpczDriverHandle handle : {memory, mapping, peer_mapping}) Close(handle);
}

TEST(DriverTest, PeerMemoryThatOthersMayWriteIsRefused) {
  const IpczDriverHandle memory = NewMemory();
  const void* address;
  size_t num_bytes;
  IpczDriverHandle mapping;
  EXPECT_EQ(Extension().MapPeerMemory(memory, 0, nullptr, &address, &num_bytes, &mapping),
            IPCZ_RESULT_PERMISSION_DENIED);
  Close(memory);
}

TEST(DriverTest, RandomBytesFillTheBuffer) {
  std::array<uint8_t, 1000> bytes = {};
  ASSERT_EQ(Driver().GenerateRandomBytes(bytes.size(), 0, nullptr, bytes.data()), IPCZ_RESULT_OK);
  size_t zero_count = 0;
  for (const uint8_t byte : bytes) zero_count += byte == 0;
  EXPECT_LT(zero_count, 50u);
}

// Calls every entry point that takes a handle, with this one.
void ExpectRefusedByAll(IpczDriverHandle handle, IpczDriverHandle good_transport,
                        Kind kind_to_skip) {
  const IpczDriver& driver = Driver();
  const auto handler = [](IpczHandle, const void*, size_t, const IpczDriverHandle*, size_t,
                          IpczTransportActivityFlags, const void*) -> IpczResult { return 0; };
  IpczDriverHandle out, out2;
  void* address;
  const void* const_address;
  size_t num_bytes;
  int fd;
  IpczSharedMemoryInfo info = {sizeof(info), 0};
  std::vector<IpczResult> results;
  if (kind_to_skip != Kind::kTransport) {
    results.push_back(driver.ActivateTransport(handle, 0, handler, 0, nullptr));
    results.push_back(driver.DeactivateTransport(handle, 0, nullptr));
    results.push_back(driver.Transmit(handle, "x", 1, nullptr, 0, 0, nullptr));
    results.push_back(driver.ReportBadTransportActivity(handle, 0, 0, nullptr));
    results.push_back(driver.CreateTransports(handle, good_transport, 0, nullptr, &out, &out2));
    results.push_back(driver.CreateTransports(good_transport, handle, 0, nullptr, &out, &out2));
    results.push_back(RingwayLinuxTransportToFd(handle, &fd));
  }
  if (kind_to_skip != Kind::kMemory) {
    results.push_back(driver.GetSharedMemoryInfo(handle, 0, nullptr, &info));
    results.push_back(driver.DuplicateSharedMemory(handle, 0, nullptr, &out));
    results.push_back(driver.MapSharedMemory(handle, 0, nullptr, &address, &out));
    results.push_back(
        Extension().MapPeerMemory(handle, 0, nullptr, &const_address, &num_bytes, &out));
  }
  if (kind_to_skip != Kind::kFile) results.push_back(RingwayLinuxUnwrapFd(handle, &fd));
  for (size_t i = 0; i < results.size(); ++i) {
    EXPECT_EQ(results[i], IPCZ_RESULT_INVALID_ARGUMENT) << "call " << i << " with " << handle;
  }
}

TEST(DriverTest, WrongHandlesAreRefusedByEveryCall) {
  Pair pair;
  const IpczDriverHandle transport = pair.first.transport();
  const IpczDriverHandle memory = NewMemory();
  const IpczDriverHandle file = MakeFile();
  IpczDriverHandle mapping;
  void* address;
  ASSERT_EQ(Driver().MapSharedMemory(memory, 0, nullptr, &address, &mapping), IPCZ_RESULT_OK);
  const IpczDriverHandle closed = MakeFile();
  Close(closed);
  ExpectRefusedByAll(transport, transport, Kind::kTransport);
  ExpectRefusedByAll(memory, transport, Kind::kMemory);
  ExpectRefusedByAll(file, transport, Kind::kFile);
  for (const IpczDriverHandle handle :
       {mapping, closed, IpczDriverHandle{1}, reinterpret_cast<IpczDriverHandle>(&pair)}) {
    ExpectRefusedByAll(handle, transport, Kind::kMapping);
  }
  EXPECT_EQ(Close(IPCZ_INVALID_DRIVER_HANDLE), IPCZ_RESULT_INVALID_ARGUMENT);
  for (const IpczDriverHandle handle : {memory, file, mapping}) {
    EXPECT_EQ(Close(handle), IPCZ_RESULT_OK);
  }
}

TEST(DriverTest, TransmitTakesTheHandlesWhateverHappens) {
  Pair pair;
  const size_t before = MeasureFootprint().descriptors;
  const auto attempt = [](IpczDriverHandle transport, std::vector<IpczDriverHandle> handles) {
    const IpczResult result =
        Driver().Transmit(transport, "x", 1, handles.data(), handles.size(), 0, nullptr);
    for (const IpczDriverHandle handle : handles) EXPECT_NE(Close(handle), IPCZ_RESULT_OK);
    return result;
  };
  EXPECT_EQ(attempt(1234, {MakeFile(), MakeFile()}), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(attempt(pair.first.transport(), {MakeFile(), NewMemory(), 99}),
            IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(MeasureFootprint().descriptors, before);
  Close(pair.second.Release());
  attempt(pair.first.transport(), {MakeFile()});
  EXPECT_EQ(attempt(pair.first.transport(), {MakeFile()}), IPCZ_RESULT_UNAVAILABLE);
  EXPECT_EQ(MeasureFootprint().descriptors, before - 1);
  // None of it reached the peer.
  EXPECT_EQ(Driver().Transmit(pair.first.transport(), nullptr, 1, nullptr, 0, 0, nullptr),
            IPCZ_RESULT_INVALID_ARGUMENT);
}

TEST(DriverTest, NullPointersAreRefused) {
  const IpczDriver& driver = Driver();
  Pair pair;
  const IpczDriverHandle transport = pair.first.transport();
  IpczDriverHandle handle;
  EXPECT_EQ(driver.AllocateSharedMemory(4096, 0, nullptr, nullptr), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(driver.AllocateSharedMemory(0, 0, nullptr, &handle), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(driver.CreateTransports(0, 0, 0, nullptr, &handle, nullptr),
            IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(driver.ActivateTransport(transport, 0, nullptr, 0, nullptr),
            IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(driver.GenerateRandomBytes(8, 0, nullptr, nullptr), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(driver.Deserialize(nullptr, 8, nullptr, 0, transport, 0, nullptr, &handle),
            IPCZ_RESULT_INVALID_ARGUMENT);
  const IpczDriverHandle memory = NewMemory();
  IpczSharedMemoryInfo info = {sizeof(info) - 1, 0};
  EXPECT_EQ(driver.GetSharedMemoryInfo(memory, 0, nullptr, &info), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(driver.MapSharedMemory(memory, 0, nullptr, nullptr, &handle),
            IPCZ_RESULT_INVALID_ARGUMENT);
  Close(memory);
  void* address;
  IpczDriverHandle mapping;
  EXPECT_EQ(Extension().AllocateOwnedMemory(4096, 1u << 7, nullptr, &handle, &address, &mapping),
            IPCZ_RESULT_INVALID_ARGUMENT);
}

TEST(DriverTest, ResourcesThatRanOutAreReportedAndItWorksAgain) {
  EXPECT_EQ(RunInChild([] {
              const IpczDriver& driver = Driver();
              IpczDriverHandle memory = NewMemory(), handle, other;
              void* address;
              if (driver.AllocateSharedMemory(size_t{1} << 50, 0, nullptr, &handle) !=
                  IPCZ_RESULT_RESOURCE_EXHAUSTED) {
                return 1;
              }
              rlimit limit;
              getrlimit(RLIMIT_NOFILE, &limit);
              const rlimit none = {0, limit.rlim_max};
              setrlimit(RLIMIT_NOFILE, &none);
              const IpczResult results[] = {
                  driver.AllocateSharedMemory(4096, 0, nullptr, &handle),
                  driver.DuplicateSharedMemory(memory, 0, nullptr, &handle),
                  driver.CreateTransports(0, 0, 0, nullptr, &handle, &other),
                  RingwayLinuxCreateTransportPair(&handle, &other),
                  Extension().AllocateOwnedMemory(4096, 0, nullptr, &handle, &address, &other)};
              for (const IpczResult result : results) {
                if (result != IPCZ_RESULT_RESOURCE_EXHAUSTED) return 2;
              }
              setrlimit(RLIMIT_NOFILE, &limit);
              Pair pair;
              setrlimit(RLIMIT_NOFILE, &none);
              if (pair.first.Activate() != IPCZ_RESULT_RESOURCE_EXHAUSTED) return 3;
              setrlimit(RLIMIT_NOFILE, &limit);
              if (pair.first.Activate() != IPCZ_RESULT_OK) return 4;
              if (pair.second.Activate() != IPCZ_RESULT_OK) return 5;
              if (pair.first.Send("x") != IPCZ_RESULT_OK) return 6;
              Engine::Message message;
              return pair.second.WaitForMessage(&message) ? 0 : 7;
            }),
            0);
}

TEST(DriverTest, StatisticsCountWhatHappened) {
  Pair pair;
  ASSERT_EQ(pair.first.Activate(), IPCZ_RESULT_OK);
  ASSERT_EQ(pair.second.Activate(), IPCZ_RESULT_OK);
  const IpczDriverHandle memory = NewMemory();
  const RingwayDriverStatistics before = Statistics();
  ASSERT_EQ(pair.first.Send("four", {MakeFile()}), IPCZ_RESULT_OK);
  NextData(&pair.second);
  const RingwayDriverStatistics after = Statistics();
  EXPECT_EQ(after.messages_sent - before.messages_sent, 1u);
  EXPECT_EQ(after.messages_received - before.messages_received, 1u);
  EXPECT_EQ(after.bytes_sent - before.bytes_sent, 4u);
  EXPECT_EQ(after.bytes_received - before.bytes_received, 4u);
  EXPECT_EQ(after.handles_sent - before.handles_sent, 1u);
  EXPECT_EQ(after.handles_received - before.handles_received, 1u);
  EXPECT_GT(after.system_calls, before.system_calls);
  EXPECT_EQ(after.open_transports, 2u);
  EXPECT_EQ(after.open_memories, 1u);
  EXPECT_EQ(after.open_mappings, 0u);
  Close(memory);
  RingwayDriverStatistics small = {};
  small.size = 8;
  EXPECT_EQ(Extension().QueryStatistics(&small), IPCZ_RESULT_INVALID_ARGUMENT);
}

}  // namespace
}  // namespace ringway::driver::testing
