// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/serialization.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "driver_linux/object_layout.h"
#include "driver_linux/test_support.h"
#include "driver_linux/transport_layout.h"
#include "shm/memfd.h"
#include "shm/unique_fd.h"

namespace ringway::driver::testing {
namespace {

class SerializationTest : public ::testing::Test {
 protected:
  SerializationTest() : descriptors_before_(MeasureFootprint().descriptors) {}
  ~SerializationTest() override {
    EXPECT_TRUE(Eventually([&] { return MeasureFootprint().descriptors <= descriptors_before_; }));
  }

  const size_t descriptors_before_;
};

IpczDriverHandle NewMemory() {
  IpczDriverHandle memory = IPCZ_INVALID_DRIVER_HANDLE;
  EXPECT_EQ(Driver().AllocateSharedMemory(4096, 0, nullptr, &memory), IPCZ_RESULT_OK);
  return memory;
}

IpczDriverHandle Wrap(UniqueFd fd) {
  IpczDriverHandle file = IPCZ_INVALID_DRIVER_HANDLE;
  EXPECT_EQ(RingwayLinuxWrapFd(fd.Release(), &file), IPCZ_RESULT_OK);
  return file;
}

IpczDriverHandle WrapMemfd(size_t num_bytes) {
  OsResult<Memfd> memfd = Memfd::CreateShared(num_bytes);
  EXPECT_TRUE(memfd.ok());
  return Wrap(memfd->TakeFd());
}

std::string Header(uint16_t type, uint64_t num_bytes = 0, uint32_t chunk_count = 0) {
  const SerializedObject header = {kObjectMagic, kWireVersion, type, num_bytes, chunk_count, 0};
  return std::string(reinterpret_cast<const char*>(&header), sizeof(header));
}

// Deserializes what must be refused, whereby it must take the handles nevertheless.
void ExpectRefused(std::string data, std::vector<IpczDriverHandle> handles) {
  IpczDriverHandle object = 1234;
  EXPECT_EQ(Deserialize({data, handles}, IPCZ_INVALID_DRIVER_HANDLE, &object),
            IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(object, 1234u);
  for (const IpczDriverHandle handle : handles) {
    EXPECT_EQ(Close(handle), IPCZ_RESULT_INVALID_ARGUMENT);
  }
}

TEST_F(SerializationTest, TheNullProbeNeverSaysOk) {
  Pair pair, moved;
  for (const IpczDriverHandle object : {NewMemory(), MakeFile(), moved.first.Release()}) {
    const IpczDriverHandle transport = pair.first.transport();
    EXPECT_EQ(Driver().Serialize(object, transport, 0, nullptr, nullptr, nullptr, nullptr, nullptr),
              IPCZ_RESULT_RESOURCE_EXHAUSTED);
    // Without a transport: it can be done.
    size_t num_bytes = 17, num_handles = 18;
    EXPECT_EQ(Driver().Serialize(object, IPCZ_INVALID_DRIVER_HANDLE, 0, nullptr, nullptr,
                                 &num_bytes, nullptr, &num_handles),
              IPCZ_RESULT_ABORTED);
    EXPECT_EQ(num_bytes, 17u);
    EXPECT_EQ(num_handles, 18u);
    // Too little of either leaves the buffers alone and tells the need.
    char data[64] = "untouched";
    IpczDriverHandle handles[1] = {99};
    for (const size_t num_bytes_given : {0, 23, 64}) {
      num_bytes = num_bytes_given;
      num_handles = num_bytes_given == 64 ? 0 : 1;
      EXPECT_EQ(Driver().Serialize(object, transport, 0, nullptr, data, &num_bytes, handles,
                                   &num_handles),
                IPCZ_RESULT_RESOURCE_EXHAUSTED);
      EXPECT_EQ(num_bytes, sizeof(SerializedObject));
      EXPECT_EQ(num_handles, 1u);
    }
    EXPECT_STREQ(data, "untouched");
    EXPECT_EQ(handles[0], 99u);
    // The object is still there, and more than enough is enough.
    num_bytes = 64;
    EXPECT_EQ(
        Driver().Serialize(object, transport, 0, nullptr, data, &num_bytes, handles, &num_handles),
        IPCZ_RESULT_OK);
    EXPECT_EQ(num_bytes, sizeof(SerializedObject));
    Close(handles[0]);
  }
}

TEST_F(SerializationTest, RefusesWhatCannotTravel) {
  Pair pair;
  const IpczDriverHandle transport = pair.first.transport();
  IpczDriverHandle memory = NewMemory(), mapping;
  void* address;
  ASSERT_EQ(Driver().MapSharedMemory(memory, 0, nullptr, &address, &mapping), IPCZ_RESULT_OK);
  const auto probe = [](IpczDriverHandle object, IpczDriverHandle to) {
    return Driver().Serialize(object, to, 0, nullptr, nullptr, nullptr, nullptr, nullptr);
  };
  for (const IpczDriverHandle to : {transport, IPCZ_INVALID_DRIVER_HANDLE}) {
    EXPECT_EQ(probe(mapping, to), IPCZ_RESULT_INVALID_ARGUMENT);
    EXPECT_EQ(probe(IPCZ_INVALID_DRIVER_HANDLE, to), IPCZ_RESULT_INVALID_ARGUMENT);
    EXPECT_EQ(probe(4711, to), IPCZ_RESULT_INVALID_ARGUMENT);
  }
  EXPECT_EQ(probe(transport, transport), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(probe(memory, mapping), IPCZ_RESULT_INVALID_ARGUMENT);
  Pair active;
  ASSERT_EQ(active.first.Activate(), IPCZ_RESULT_OK);
  EXPECT_EQ(probe(active.first.transport(), transport), IPCZ_RESULT_INVALID_ARGUMENT);
  Close(memory);
  Close(mapping);
}

TEST_F(SerializationTest, ObjectsCanBeSerializedAgainAndAgain) {
  Pair pair, moved;
  const IpczDriverHandle transport = pair.first.transport();
  IpczDriverHandle file = MakeFileWith("text");
  IpczDriverHandle memory = NewMemory();
  IpczDriverHandle endpoint = moved.first.Release();
  for (int round = 0; round < 3; ++round) {
    for (IpczDriverHandle* object : {&file, &memory, &endpoint}) {
      const Engine::Message message = Serialize(*object, transport);
      ASSERT_EQ(message.handles.size(), 1u);
      ASSERT_EQ(Deserialize(message, transport, object), IPCZ_RESULT_OK);
    }
  }
  EXPECT_EQ(ReadFile(file), "text");
  IpczSharedMemoryInfo info = {sizeof(info), 0};
  EXPECT_EQ(Driver().GetSharedMemoryInfo(memory, 0, nullptr, &info), IPCZ_RESULT_OK);
  EXPECT_EQ(info.region_num_bytes, 4096u);
  Close(memory);
  moved.first.set_transport(endpoint);
  ASSERT_EQ(moved.first.Activate(), IPCZ_RESULT_OK);
  ASSERT_EQ(moved.second.Activate(), IPCZ_RESULT_OK);
  ASSERT_EQ(moved.second.Send("hello"), IPCZ_RESULT_OK);
  EXPECT_EQ(NextData(&moved.first), "hello");
}

TEST_F(SerializationTest, WhatWasTransmittedMovesAlong) {
  Pair pair, moved;
  const std::string large = Pattern(1 << 20, 1);
  IpczDriverHandle endpoint = moved.first.Release();
  const auto transmit = [&](const std::string& data, std::vector<IpczDriverHandle> handles) {
    ASSERT_EQ(Driver().Transmit(endpoint, data.data(), data.size(), handles.data(), handles.size(),
                                0, nullptr),
              IPCZ_RESULT_OK);
  };
  for (int round = 0; round < 3; ++round) {
    transmit("before " + std::to_string(round), {MakeFileWith(std::to_string(round))});
    transmit(large, {});
    const Engine::Message message = Serialize(endpoint, pair.first.transport());
    ASSERT_FALSE(message.handles.empty());
    ASSERT_EQ(Deserialize(message, pair.first.transport(), &endpoint), IPCZ_RESULT_OK);
  }
  // A lone descriptor has no place for it.
  int fd;
  EXPECT_EQ(RingwayLinuxTransportToFd(endpoint, &fd), IPCZ_RESULT_RESOURCE_EXHAUSTED);
  moved.first.set_transport(endpoint);
  ASSERT_EQ(moved.first.Activate(), IPCZ_RESULT_OK);
  ASSERT_EQ(moved.second.Activate(), IPCZ_RESULT_OK);
  for (int round = 0; round < 3; ++round) {
    Engine::Message message;
    ASSERT_TRUE(moved.second.WaitForMessage(&message));
    EXPECT_EQ(message.data, "before " + std::to_string(round));
    ASSERT_EQ(message.handles.size(), 1u);
    EXPECT_EQ(ReadFile(message.handles[0]), std::to_string(round));
    EXPECT_TRUE(NextData(&moved.second) == large);
  }
}

TEST_F(SerializationTest, RefusesDescriptorsOfAnotherKind) {
  const auto file = [] { return MakeFileWith("x"); };
  ExpectRefused(Header(kSerializedMemory, 4096), {file()});
  ExpectRefused(Header(kSerializedTransport), {file()});
  ExpectRefused(Header(kSerializedTransport), {WrapMemfd(4096)});
  ExpectRefused(Header(kSerializedTransport),
                {Wrap(UniqueFd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)))});
  ExpectRefused(Header(kSerializedTransport),
                {Wrap(UniqueFd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)))});
  // Handles that are no files at all.
  ExpectRefused(Header(kSerializedMemory, 4096), {NewMemory()});
  Pair pair;
  ExpectRefused(Header(kSerializedTransport), {pair.first.Release()});
}

TEST_F(SerializationTest, RefusesMemoryThatIsNotWhatItSays) {
  ExpectRefused(Header(kSerializedMemory, 4097), {WrapMemfd(4096)});
  ExpectRefused(Header(kSerializedMemory, UINT64_MAX), {WrapMemfd(4096)});
  ExpectRefused(Header(kSerializedMemory, 0), {WrapMemfd(4096)});
}

TEST_F(SerializationTest, RefusesEverythingThatSerializeDoesNotWrite) {
  const std::string good = Header(kSerializedFile);
  ExpectRefused("", {});
  ExpectRefused("", {MakeFile()});
  ExpectRefused(good, {});
  ExpectRefused(good, {MakeFile(), MakeFile()});
  ExpectRefused(good + "x", {MakeFile()});
  ExpectRefused(good.substr(1), {MakeFile()});
  for (size_t i = 0; i < good.size(); ++i) {
    std::string wrong = good;
    wrong[i] ^= 0x40;
    ExpectRefused(wrong, {MakeFile()});
  }
  for (const uint16_t type : {0, 4, 0xffff}) ExpectRefused(Header(type), {MakeFile()});
}

IpczDriverHandle WrapSocket() {
  int raw[2];
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, raw), 0);
  close(raw[1]);
  return Wrap(UniqueFd(raw[0]));
}

TEST_F(SerializationTest, RefusesLyingChunks) {
  const auto transport = [](uint32_t count, std::vector<SerializedChunk> chunks, size_t num_bytes) {
    std::string data = Header(kSerializedTransport, 0, count);
    data.append(reinterpret_cast<const char*>(chunks.data()),
                chunks.size() * sizeof(SerializedChunk));
    return data.append(num_bytes, 'x');
  };
  ExpectRefused(transport(UINT32_MAX, {}, 0), {WrapSocket()});
  ExpectRefused(transport(1, {}, 15), {WrapSocket()});
  ExpectRefused(transport(1, {{9, 0, 0}}, 8), {WrapSocket()});
  ExpectRefused(transport(1, {{8, 0, 0}}, 9), {WrapSocket()});
  ExpectRefused(transport(1, {{UINT64_MAX, 0, 0}}, 8), {WrapSocket()});
  ExpectRefused(transport(1, {{0, 0, 0}}, 0), {WrapSocket()});
  ExpectRefused(transport(1, {{8, 0, 1}}, 8), {WrapSocket()});
  ExpectRefused(transport(1, {{8, 1, 0}}, 8), {WrapSocket()});
  ExpectRefused(transport(1, {{8, 254, 0}}, 8), {WrapSocket()});
  ExpectRefused(transport(1, {{8, 0, 0}}, 8), {WrapSocket(), MakeFile()});
  ExpectRefused(transport(0, {}, 1), {WrapSocket()});
}

TEST_F(SerializationTest, SurvivesRandomBytes) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 2000; ++round) {
    std::string data = Header(static_cast<uint16_t>(1 + random() % 3), random() % 2 * 4096,
                              static_cast<uint32_t>(random() % 3));
    data.append(random() % 64, '\x01');
    for (uint64_t flips = random() % 3; flips > 0; --flips) {
      data[random() % data.size()] = static_cast<char>(random());
    }
    std::vector<IpczDriverHandle> handles;
    for (uint64_t i = random() % 3; i > 0; --i) {
      handles.push_back(random() % 2 == 0 ? MakeFile() : WrapSocket());
    }
    IpczDriverHandle object;
    if (Deserialize({data, handles}, IPCZ_INVALID_DRIVER_HANDLE, &object) == IPCZ_RESULT_OK) {
      EXPECT_EQ(Close(object), IPCZ_RESULT_OK);
    }
  }
}

}  // namespace
}  // namespace ringway::driver::testing
