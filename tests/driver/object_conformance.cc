// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Objects and memory: serializing, sending, mapping.

#include <cstring>
#include <utility>

#include "tests/driver/conformance.h"

namespace ringway::testing {
namespace {

const IpczDriver& Driver() { return *TestedDriver().driver; }

IpczDriverHandle NewMemory(size_t num_bytes) {
  const IpczDriver* delegate = TestedDriver().delegate;
  IpczDriverHandle memory = IPCZ_INVALID_DRIVER_HANDLE;
  EXPECT_EQ((delegate ? *delegate : Driver()).AllocateSharedMemory(num_bytes, 0, nullptr, &memory),
            IPCZ_RESULT_OK);
  return memory;
}

struct View {
  explicit View(IpczDriverHandle memory) {
    EXPECT_EQ(Driver().MapSharedMemory(memory, 0, nullptr, &address, &mapping), IPCZ_RESULT_OK);
  }
  ~View() { Driver().Close(mapping, 0, nullptr); }
  char* text() const { return static_cast<char*>(address); }
  void* address = nullptr;
  IpczDriverHandle mapping = IPCZ_INVALID_DRIVER_HANDLE;
};

size_t SizeOf(IpczDriverHandle memory) {
  IpczSharedMemoryInfo info = {sizeof(info), 0};
  EXPECT_EQ(Driver().GetSharedMemoryInfo(memory, 0, nullptr, &info), IPCZ_RESULT_OK);
  return info.region_num_bytes;
}

// As cores do: a probe for the sizes, which must hold.
Core::Parcel Serialize(IpczDriverHandle object, IpczDriverHandle transport) {
  size_t num_bytes = 0;
  size_t num_handles = 0;
  EXPECT_EQ(
      Driver().Serialize(object, transport, 0, nullptr, nullptr, &num_bytes, nullptr, &num_handles),
      IPCZ_RESULT_RESOURCE_EXHAUSTED);
  EXPECT_GE(num_bytes + num_handles, 1u);
  Core::Parcel parcel;
  parcel.data.resize(num_bytes);
  parcel.handles.resize(num_handles);
  EXPECT_EQ(Driver().Serialize(object, transport, 0, nullptr, parcel.data.data(), &num_bytes,
                               parcel.handles.data(), &num_handles),
            IPCZ_RESULT_OK);
  return parcel;
}

IpczDriverHandle Deserialize(const Core::Parcel& parcel, IpczDriverHandle transport) {
  IpczDriverHandle object = IPCZ_INVALID_DRIVER_HANDLE;
  EXPECT_EQ(Driver().Deserialize(parcel.data.data(), parcel.data.size(), parcel.handles.data(),
                                 parcel.handles.size(), transport, 0, nullptr, &object),
            IPCZ_RESULT_OK);
  return object;
}

void Send(Core& core, IpczDriverHandle object) {
  const Core::Parcel parcel = Serialize(object, core.transport());
  ASSERT_EQ(core.Send(parcel.data, parcel.handles), IPCZ_RESULT_OK);
}

IpczDriverHandle Receive(Core& core) {
  Core::Parcel parcel;
  EXPECT_TRUE(core.WaitNext(&parcel));
  return Deserialize(parcel, core.transport());
}

TEST(ObjectConformance, MemoryIsZeroedAlignedExactAndShared) {
  for (const size_t num_bytes : {size_t{64} << 10, size_t{192} << 10, size_t{4} << 20}) {
    const IpczDriverHandle memory = NewMemory(num_bytes);
    EXPECT_EQ(SizeOf(memory), num_bytes);
    IpczDriverHandle duplicate = IPCZ_INVALID_DRIVER_HANDLE;
    ASSERT_EQ(Driver().DuplicateSharedMemory(memory, 0, nullptr, &duplicate), IPCZ_RESULT_OK);
    {
      const View one(memory);
      const View other(duplicate);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(one.address) % 8, 0u);
      EXPECT_EQ(std::string_view(one.text(), num_bytes).find_first_not_of('\0'),
                std::string_view::npos);
      std::strcpy(one.text() + num_bytes - 8, "shared");
      EXPECT_STREQ(other.text() + num_bytes - 8, "shared");
      std::strcpy(other.text(), "back");
      EXPECT_STREQ(one.text(), "back");
    }
    Driver().Close(memory, 0, nullptr);
    EXPECT_EQ(SizeOf(duplicate), num_bytes);
    Driver().Close(duplicate, 0, nullptr);
  }
}

TEST(ObjectConformance, WhoHasADelegateIsRefusedMemory) {
  if (TestedDriver().delegate == nullptr) return;
  IpczDriverHandle memory = IPCZ_INVALID_DRIVER_HANDLE;
  EXPECT_EQ(Driver().AllocateSharedMemory(64 << 10, 0, nullptr, &memory),
            IPCZ_RESULT_RESOURCE_EXHAUSTED);
}

// The core then has a broker relay them.
TEST(ObjectConformance, BrokeredTransportsRefuseObjectsAndLeaveThem) {
  if (!TestedDriver().create_brokered_pair) return;
  std::pair<IpczDriverHandle, IpczDriverHandle> transports;
  TestedDriver().create_brokered_pair(&transports.first, &transports.second);
  CorePair pair(transports), moved;
  pair.Activate();
  const IpczDriverHandle memory = NewMemory(64 << 10);
  for (const IpczDriverHandle object : {memory, moved.first.transport()}) {
    std::byte data[256];
    size_t num_bytes = sizeof(data);
    IpczDriverHandle handles[4];
    size_t num_handles = 4;
    EXPECT_EQ(Driver().Serialize(object, pair.first.transport(), 0, nullptr, nullptr, nullptr,
                                 nullptr, nullptr),
              IPCZ_RESULT_PERMISSION_DENIED);
    EXPECT_EQ(Driver().Serialize(object, pair.first.transport(), 0, nullptr, data, &num_bytes,
                                 handles, &num_handles),
              IPCZ_RESULT_PERMISSION_DENIED);
  }
  EXPECT_EQ(SizeOf(memory), size_t{64} << 10);
  Driver().Close(memory, 0, nullptr);
  moved.Activate();
  ASSERT_EQ(moved.first.Send("still here"), IPCZ_RESULT_OK);
  EXPECT_EQ(moved.second.NextData(), "still here");
  ASSERT_EQ(pair.first.Send("bytes pass"), IPCZ_RESULT_OK);
  EXPECT_EQ(pair.second.NextData(), "bytes pass");
}

TEST(ObjectConformance, TheProbeNeverSaysOk) {
  CorePair pair, moved;
  const IpczDriverHandle memory = NewMemory(64 << 10);
  for (const IpczDriverHandle object : {memory, moved.first.transport()}) {
    EXPECT_EQ(Driver().Serialize(object, pair.first.transport(), 0, nullptr, nullptr, nullptr,
                                 nullptr, nullptr),
              IPCZ_RESULT_RESOURCE_EXHAUSTED);
    const IpczResult somehow = Driver().Serialize(object, IPCZ_INVALID_DRIVER_HANDLE, 0, nullptr,
                                                  nullptr, nullptr, nullptr, nullptr);
    EXPECT_TRUE(somehow == IPCZ_RESULT_ABORTED || somehow == IPCZ_RESULT_RESOURCE_EXHAUSTED)
        << somehow;
  }
  Driver().Close(memory, 0, nullptr);
}

TEST(ObjectConformance, ObjectsTravelAgainAndAgain) {
  CorePair pair;
  pair.Activate();
  IpczDriverHandle memory = NewMemory(64 << 10);
  std::strcpy(View(memory).text(), "kept");
  for (int round = 0; round < 20; ++round) {
    Send(round % 2 == 0 ? pair.first : pair.second, memory);
    memory = Receive(round % 2 == 0 ? pair.second : pair.first);
  }
  EXPECT_STREQ(View(memory).text(), "kept");
  Driver().Close(memory, 0, nullptr);
}

TEST(ObjectConformance, AnEndpointTravelsWithWhatWasSentThroughIt) {
  CorePair pair, moved;
  pair.Activate();
  ASSERT_EQ(moved.first.Send("first"), IPCZ_RESULT_OK);
  IpczDriverHandle endpoint = moved.first.Release();
  for (int round = 0; round < 3; ++round) {
    Send(round % 2 == 0 ? pair.first : pair.second, endpoint);
    endpoint = Receive(round % 2 == 0 ? pair.second : pair.first);
    const std::string text = std::to_string(round);
    ASSERT_EQ(Driver().Transmit(endpoint, text.data(), text.size(), nullptr, 0, 0, nullptr),
              IPCZ_RESULT_OK);
  }
  Core arrived(endpoint);
  ASSERT_EQ(moved.second.Activate(), IPCZ_RESULT_OK);
  ASSERT_EQ(arrived.Activate(), IPCZ_RESULT_OK);
  ASSERT_EQ(arrived.Send("last"), IPCZ_RESULT_OK);
  EXPECT_EQ(moved.second.NextData(), "first");
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(moved.second.NextData(), std::to_string(round));
  }
  EXPECT_EQ(moved.second.NextData(), "last");
}

TEST(ObjectConformance, HandlesKeepTheirPlaceAmongMessages) {
  CorePair pair;
  pair.Activate();
  constexpr int kRounds = 100;
  for (int i = 0; i < kRounds; ++i) {
    const IpczDriverHandle memory = NewMemory(64 << 10);
    std::strcpy(View(memory).text(), std::to_string(i).c_str());
    Send(pair.first, memory);
    ASSERT_EQ(pair.first.Send("after " + std::to_string(i)), IPCZ_RESULT_OK);
  }
  for (int i = 0; i < kRounds; ++i) {
    const IpczDriverHandle memory = Receive(pair.second);
    EXPECT_EQ(View(memory).text(), std::to_string(i));
    Driver().Close(memory, 0, nullptr);
    EXPECT_EQ(pair.second.NextData(), "after " + std::to_string(i));
  }
}

// More than one message of the kernel takes.
TEST(ObjectConformance, ManyHandlesArriveInOneMessage) {
  CorePair pair;
  pair.Activate();
  constexpr size_t kCount = 300;
  std::vector<IpczDriverHandle> handles;
  std::string first_data;
  for (size_t i = 0; i < kCount; ++i) {
    const Core::Parcel parcel = Serialize(NewMemory(64 << 10), pair.first.transport());
    ASSERT_EQ(parcel.handles.size(), 1u);
    handles.push_back(parcel.handles[0]);
    first_data = parcel.data;
  }
  ASSERT_EQ(pair.first.Send(first_data, handles), IPCZ_RESULT_OK);
  Core::Parcel received;
  ASSERT_TRUE(pair.second.WaitNext(&received));
  ASSERT_EQ(received.handles.size(), kCount);
  for (const IpczDriverHandle handle : received.handles) {
    const IpczDriverHandle memory = Deserialize({first_data, {handle}}, pair.second.transport());
    EXPECT_EQ(SizeOf(memory), size_t{64} << 10);
    Driver().Close(memory, 0, nullptr);
  }
}

TEST(ObjectConformance, TransmitAndDeserializeOwnHandlesWhateverTheySay) {
  CorePair pair;
  pair.Activate();
  const Core::Parcel late = Serialize(NewMemory(64 << 10), pair.first.transport());
  const Core::Parcel malformed = Serialize(NewMemory(64 << 10), pair.first.transport());
  IpczDriverHandle object = IPCZ_INVALID_DRIVER_HANDLE;
  EXPECT_NE(Driver().Deserialize("?", 1, malformed.handles.data(), malformed.handles.size(),
                                 pair.first.transport(), 0, nullptr, &object),
            IPCZ_RESULT_OK);
  pair.first.Deactivate();
  EXPECT_TRUE(pair.first.WaitForDeactivated());
  pair.first.Send(late.data, late.handles);
}

}  // namespace
}  // namespace ringway::testing
