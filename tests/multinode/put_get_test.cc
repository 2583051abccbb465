// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Every result of Put() and Get(), and parcels that are taken in parts.

#include <gtest/gtest.h>

#include "tests/support/modes.h"
#include "tests/support/shim_driver.h"

namespace ringway::testing {
namespace {

class PutGetTest : public ModesTest {
 protected:
  IpczResult GetInto(IpczHandle portal, void* data, size_t* bytes, IpczHandle* handles = nullptr,
                     size_t* count = nullptr, IpczGetFlags flags = IPCZ_NO_FLAGS) {
    return Api().Get(portal, flags, nullptr, data, bytes, handles, count, nullptr);
  }
  // A parcel has reached `portal`.
  bool Arrived(IpczHandle portal, size_t count = 1) {
    return Eventually([&] { return Status(portal).num_local_parcels >= count; });
  }
};

TEST_P(PutGetTest, PutRefusesBadArguments) {
  const IpczHandle box = MakeBox(node_a_, "kept");
  EXPECT_EQ(Api().Put(a_, nullptr, 1, nullptr, 0, 0, nullptr), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(Api().Put(a_, "x", 1, nullptr, 1, 0, nullptr), IPCZ_RESULT_INVALID_ARGUMENT);
  IpczPutOptions options = {0, nullptr};
  EXPECT_EQ(Put(a_, "x", {}, &options), IPCZ_RESULT_INVALID_ARGUMENT);
  options.size = sizeof(options) - 1;
  EXPECT_EQ(Put(a_, "x", {}, &options), IPCZ_RESULT_INVALID_ARGUMENT);
  options.size = sizeof(options);
  EXPECT_EQ(Put(a_, "x", {}, &options), IPCZ_RESULT_OK);
  IpczPutLimits limits = {sizeof(limits) - 1, 100, 100};
  options.limits = &limits;
  EXPECT_EQ(Put(a_, "x", {}, &options), IPCZ_RESULT_INVALID_ARGUMENT);
  limits.size = sizeof(limits);
  EXPECT_EQ(Put(a_, "x", {box}, &options), IPCZ_RESULT_OK);
  EXPECT_EQ(Api().Put(a_, nullptr, 0, nullptr, 0, 0, nullptr), IPCZ_RESULT_OK);
  ASSERT_TRUE(Arrived(b_, 3));
  EXPECT_EQ(Status(b_).num_local_parcels, 3u);
  EXPECT_EQ(Get(b_).data, "x");
  EXPECT_EQ(TextIn(Get(b_).handles.at(0)), "kept");
}

TEST_P(PutGetTest, PutRefusesHandlesThatCannotGoAndLeavesAllToTheCaller) {
  const IpczHandle box = MakeBox(node_a_, "mine");
  IpczHandle pair[2];
  IpczHandle closed[2];
  ASSERT_EQ(Api().OpenPortals(node_a_, 0, nullptr, &pair[0], &pair[1]), IPCZ_RESULT_OK);
  ASSERT_EQ(Api().OpenPortals(node_a_, 0, nullptr, &closed[0], &closed[1]), IPCZ_RESULT_OK);
  Close(closed[0]);
  Close(closed[1]);
  TrapLog log;
  ASSERT_EQ(log.Install(pair[1], Conditions(IPCZ_TRAP_NEW_LOCAL_PARCEL)), IPCZ_RESULT_OK);
  const std::vector<IpczHandle> bad = {0, a_, b_, node_a_, closed[0], box, pair[1], 77};
  for (const IpczHandle each : bad) {
    // `box` and pair[1] are bad where they come twice.
    EXPECT_EQ(Put(a_, "x", {box, pair[1], each}), IPCZ_RESULT_INVALID_ARGUMENT) << each;
    EXPECT_EQ(Put(a_, "x", {each, pair[1], box}), IPCZ_RESULT_INVALID_ARGUMENT) << each;
  }
  EXPECT_EQ(log.size(), 0u) << "the portal was sent away for a moment";
  ASSERT_EQ(Put(pair[0], "still here"), IPCZ_RESULT_OK);
  EXPECT_TRUE(log.WaitFor(1));
  EXPECT_EQ(log.at(0).flags, IPCZ_TRAP_NEW_LOCAL_PARCEL);
  EXPECT_EQ(Get(pair[1]).data, "still here");
  EXPECT_EQ(Get(b_).result, IPCZ_RESULT_UNAVAILABLE);
  ASSERT_EQ(Put(a_, "now", {box, pair[1]}), IPCZ_RESULT_OK);
  const Parcel parcel = WaitGet(b_);
  ASSERT_EQ(parcel.handles.size(), 2u);
  EXPECT_EQ(TextIn(parcel.handles[0]), "mine");
  Close(parcel.handles[1]);
  Close(pair[0]);
}

// A mapping of the Linux driver cannot travel, nor can such a blob.
TEST_P(PutGetTest, PutRefusesABoxThatCannotBeSerialized) {
  IpczDriverHandle object = 0;
  IpczDriverHandle memory = 0;
  if (is_sync()) {
    object = MakeBlob("stays", false);
  } else {
    void* address;
    ASSERT_EQ(
        LinuxTable().extension.AllocateOwnedMemory(4096, 0, nullptr, &memory, &address, &object),
        IPCZ_RESULT_OK);
  }
  const IpczHandle good = MakeBox(node_a_, "goes");
  IpczHandle box;
  ASSERT_EQ(Api().Box(node_a_, object, 0, nullptr, &box), IPCZ_RESULT_OK);
  EXPECT_EQ(Put(a_, "x", {good, box}), IPCZ_RESULT_INVALID_ARGUMENT);
  IpczDriverHandle peeked;
  EXPECT_EQ(Api().Unbox(box, IPCZ_UNBOX_PEEK, nullptr, &peeked), IPCZ_RESULT_OK);
  EXPECT_EQ(peeked, object);
  EXPECT_EQ(TextIn(good), "goes");
  Close(box);
  if (memory != 0) RingwayLinuxDriver()->Close(memory, 0, nullptr);
  EXPECT_EQ(Get(b_).result, IPCZ_RESULT_UNAVAILABLE);
}

TEST_P(PutGetTest, PutRefusesHandlesOfAnotherNode) {
  NodePair strangers = NodePair::Linux();
  IpczHandle box;
  ASSERT_EQ(Api().Box(strangers.other, MakeFile("foreign"), 0, nullptr, &box), IPCZ_RESULT_OK);
  IpczHandle pair[2];
  ASSERT_EQ(Api().OpenPortals(strangers.other, 0, nullptr, &pair[0], &pair[1]), IPCZ_RESULT_OK);
  EXPECT_EQ(Put(a_, "x", {pair[1]}), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(Put(a_, "x", {box}), IPCZ_RESULT_INVALID_ARGUMENT);
  IpczDriverHandle file;
  ASSERT_EQ(Api().Unbox(box, 0, nullptr, &file), IPCZ_RESULT_OK);
  EXPECT_EQ(TextOfFile(file), "foreign");
  EXPECT_EQ(Put(pair[0], "unharmed"), IPCZ_RESULT_OK);
  EXPECT_EQ(Get(pair[1]).data, "unharmed");
  Close(pair[0]);
  Close(pair[1]);
}

TEST_P(PutGetTest, PutToAClosedPeerIsNotFoundWhateverTheLimits) {
  const auto [a, b] = Pair();
  Close(b);
  ASSERT_TRUE(Eventually([&] { return PeerClosed(a); }));
  const IpczPutLimits limits = {sizeof(limits), 0, 0};
  const IpczPutOptions options = {sizeof(options), &limits};
  const IpczHandle box = MakeBox(node_a_, "mine");
  EXPECT_EQ(Put(a, "x"), IPCZ_RESULT_NOT_FOUND);
  EXPECT_EQ(Put(a, "x", {}, &options), IPCZ_RESULT_NOT_FOUND);
  EXPECT_EQ(Put(a, "x", {box}, &options), IPCZ_RESULT_NOT_FOUND);
  EXPECT_EQ(Put(a, "x", {box, 0}), IPCZ_RESULT_INVALID_ARGUMENT) << "arguments come first";
  EXPECT_EQ(Api().Put(a, nullptr, 1, nullptr, 0, 0, nullptr), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(TextIn(box), "mine");
  Close(a);
}

TEST_P(PutGetTest, GetRefusesBadArguments) {
  ASSERT_EQ(Put(a_, "four"), IPCZ_RESULT_OK);
  ASSERT_TRUE(Arrived(b_));
  size_t one = 1;
  EXPECT_EQ(GetInto(b_, nullptr, &one), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(GetInto(b_, nullptr, nullptr, nullptr, &one), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(one, 1u);
  EXPECT_EQ(Get(b_).data, "four");
}

TEST_P(PutGetTest, GetTellsTheCapacityItTakes) {
  const IpczHandle box = MakeBox(node_a_, "boxed");
  ASSERT_EQ(Put(a_, "0123456789", {box}), IPCZ_RESULT_OK);
  ASSERT_TRUE(Arrived(b_));
  char data[16] = {};
  IpczHandle handles[2] = {};
  for (const auto& [bytes_max, handles_max] : {std::pair<size_t, size_t>{0, 0}, {9, 1}, {10, 0}}) {
    size_t bytes = bytes_max;
    size_t count = handles_max;
    EXPECT_EQ(GetInto(b_, data, &bytes, handles, &count), IPCZ_RESULT_RESOURCE_EXHAUSTED);
    EXPECT_EQ(bytes, 10u);
    EXPECT_EQ(count, 1u);
  }
  size_t bytes = 16;
  EXPECT_EQ(GetInto(b_, data, &bytes), IPCZ_RESULT_RESOURCE_EXHAUSTED) << "no room for handles";
  size_t count = 2;
  EXPECT_EQ(GetInto(b_, nullptr, nullptr, handles, &count), IPCZ_RESULT_RESOURCE_EXHAUSTED);
  EXPECT_EQ(handles[0], 0u);
  bytes = 16;
  count = 2;
  EXPECT_EQ(GetInto(b_, data, &bytes, handles, &count), IPCZ_RESULT_OK);
  EXPECT_EQ(bytes, 10u);
  EXPECT_EQ(count, 1u);
  EXPECT_EQ(std::string(data), "0123456789");
  EXPECT_EQ(TextIn(handles[0]), "boxed");
}

TEST_P(PutGetTest, GetSaysWhetherMoreCanCome) {
  const auto [a, b] = Pair();
  EXPECT_EQ(Get(b).result, IPCZ_RESULT_UNAVAILABLE);
  ASSERT_EQ(Put(a, "last"), IPCZ_RESULT_OK);
  Close(a);
  ASSERT_TRUE(Eventually([&] { return PeerClosed(b); }));
  EXPECT_EQ(Status(b).flags, IPCZ_PORTAL_STATUS_PEER_CLOSED);
  EXPECT_EQ(Get(b).data, "last");
  EXPECT_EQ(Get(b).result, IPCZ_RESULT_NOT_FOUND);
  EXPECT_EQ(Status(b).flags, IPCZ_PORTAL_STATUS_PEER_CLOSED | IPCZ_PORTAL_STATUS_DEAD);
  Close(b);
}

TEST_P(PutGetTest, PartialGetsTakeBytesInPieces) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += static_cast<char>('a' + i % 26);
  for (const size_t size : {size_t{100}, size_t{5000}}) {
    ASSERT_EQ(Put(a_, text.substr(0, size)), IPCZ_RESULT_OK);
    ASSERT_TRUE(Arrived(b_));
    std::string got;
    for (size_t piece = 0; got.size() < size; ++piece) {
      EXPECT_EQ(Status(b_).num_local_parcels, 1u);
      EXPECT_EQ(Status(b_).num_local_bytes, size - got.size());
      char data[97];
      size_t bytes = piece % sizeof(data);
      ASSERT_EQ(GetInto(b_, data, &bytes, nullptr, nullptr, IPCZ_GET_PARTIAL), IPCZ_RESULT_OK);
      ASSERT_EQ(bytes, std::min(piece % sizeof(data), size - got.size()));
      got.append(data, bytes);
    }
    EXPECT_EQ(got, text.substr(0, size));
    EXPECT_EQ(Get(b_).result, IPCZ_RESULT_UNAVAILABLE);
    EXPECT_TRUE(Eventually([&] { return Status(a_).num_remote_bytes == 0; }));
  }
}

TEST_P(PutGetTest, PartialGetsTakeHandlesInPieces) {
  std::vector<IpczHandle> sent;
  for (int i = 0; i < 5; ++i) sent.push_back(MakeBox(node_a_, std::to_string(i)));
  ASSERT_EQ(Put(a_, "bytes", sent), IPCZ_RESULT_OK);
  ASSERT_TRUE(Arrived(b_));
  char data[8];
  IpczHandle handles[8];
  size_t bytes = 2;
  size_t count = 2;
  ASSERT_EQ(GetInto(b_, data, &bytes, handles, &count, IPCZ_GET_PARTIAL), IPCZ_RESULT_OK);
  EXPECT_EQ(std::string(data, bytes), "by");
  ASSERT_EQ(count, 2u);
  EXPECT_EQ(TextIn(handles[0]) + TextIn(handles[1]), "01");
  // All bytes, no handles: the parcel stays for its handles.
  bytes = 8;
  ASSERT_EQ(GetInto(b_, data, &bytes, nullptr, nullptr, IPCZ_GET_PARTIAL), IPCZ_RESULT_OK);
  EXPECT_EQ(std::string(data, bytes), "tes");
  EXPECT_EQ(Status(b_).num_local_parcels, 1u);
  EXPECT_EQ(Status(b_).num_local_bytes, 0u);
  count = 1;
  ASSERT_EQ(GetInto(b_, nullptr, nullptr, handles, &count, IPCZ_GET_PARTIAL), IPCZ_RESULT_OK);
  EXPECT_EQ(TextIn(handles[0]), "2");
  bytes = 8;
  count = 1;
  EXPECT_EQ(GetInto(b_, data, &bytes, handles, &count), IPCZ_RESULT_RESOURCE_EXHAUSTED);
  EXPECT_EQ(bytes, 0u);
  EXPECT_EQ(count, 2u);
  ASSERT_EQ(GetInto(b_, data, &bytes, handles, &count), IPCZ_RESULT_OK);
  EXPECT_EQ(TextIn(handles[0]) + TextIn(handles[1]), "34");
  EXPECT_EQ(GetInto(b_, data, &bytes, nullptr, nullptr, IPCZ_GET_PARTIAL), IPCZ_RESULT_UNAVAILABLE);
}

TEST_P(PutGetTest, APartialGetWithoutRoomTakesNothingButAnEmptyParcel) {
  ASSERT_EQ(Put(a_, "x"), IPCZ_RESULT_OK);
  ASSERT_EQ(Put(a_, ""), IPCZ_RESULT_OK);
  ASSERT_TRUE(Arrived(b_, 2));
  EXPECT_EQ(GetInto(b_, nullptr, nullptr, nullptr, nullptr, IPCZ_GET_PARTIAL), IPCZ_RESULT_OK);
  EXPECT_EQ(Status(b_).num_local_parcels, 2u);
  EXPECT_EQ(Get(b_).data, "x");
  EXPECT_EQ(GetInto(b_, nullptr, nullptr, nullptr, nullptr, IPCZ_GET_PARTIAL), IPCZ_RESULT_OK);
  EXPECT_EQ(Status(b_).num_local_parcels, 0u);
}

// The sizes that are copied in several ways, each into memory of just that size.
TEST_P(PutGetTest, SmallParcelsOfEverySizeArriveWithNothingBesideThem) {
  const auto text = [](size_t size) {
    std::string bytes(size, '\0');
    for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>('0' + i);
    return bytes;
  };
  constexpr size_t kSizes = 66;
  for (size_t size = 0; size < kSizes; ++size) ASSERT_EQ(Put(a_, text(size)), IPCZ_RESULT_OK);
  ASSERT_TRUE(Arrived(b_, kSizes));
  for (size_t size = 0; size < kSizes; ++size) {
    std::string data(size + kSizes, '.');
    size_t bytes = size;
    ASSERT_EQ(GetInto(b_, data.data(), &bytes), IPCZ_RESULT_OK) << size;
    EXPECT_EQ(bytes, size);
    EXPECT_EQ(data, text(size) + std::string(kSizes, '.'));
  }
}

// What is left of a parcel goes along with its portal, handles included.
TEST_P(PutGetTest, TheRestOfAPartialGetTravelsWithItsPortal) {
  IpczHandle kept;
  IpczHandle sent;
  IpczHandle inner[2];
  ASSERT_EQ(Api().OpenPortals(node_a_, 0, nullptr, &kept, &sent), IPCZ_RESULT_OK);
  ASSERT_EQ(Api().OpenPortals(node_a_, 0, nullptr, &inner[0], &inner[1]), IPCZ_RESULT_OK);
  const std::vector<IpczHandle> handles = {MakeBox(node_a_, "0"), MakeBox(node_a_, "1"), inner[1],
                                           MakeBox(node_a_, "3")};
  const std::string large(40'000, 'l');
  ASSERT_EQ(Put(kept, "abcdef" + large, handles), IPCZ_RESULT_OK);
  ASSERT_EQ(Put(kept, "next"), IPCZ_RESULT_OK);
  char data[3];
  size_t bytes = 3;
  IpczHandle first;
  size_t count = 1;
  ASSERT_EQ(GetInto(sent, data, &bytes, &first, &count, IPCZ_GET_PARTIAL), IPCZ_RESULT_OK);
  EXPECT_EQ(TextIn(first), "0");
  ASSERT_EQ(Put(a_, "", {sent}), IPCZ_RESULT_OK);
  const IpczHandle received = WaitGet(b_).handles.at(0);
  const Parcel rest = WaitGet(received);
  ASSERT_EQ(rest.result, IPCZ_RESULT_OK);
  EXPECT_EQ(rest.data, "def" + large);
  ASSERT_EQ(rest.handles.size(), 3u);
  EXPECT_EQ(TextIn(rest.handles[0]), "1");
  EXPECT_EQ(TextIn(rest.handles[2]), "3");
  ASSERT_EQ(Put(inner[0], "through both"), IPCZ_RESULT_OK);
  EXPECT_EQ(WaitGet(rest.handles[1]).data, "through both");
  EXPECT_EQ(WaitGet(received).data, "next");
  for (const IpczHandle handle : {kept, received, inner[0], rest.handles[1]}) Close(handle);
}

INSTANTIATE_TEST_SUITE_P(Where, PutGetTest, RW_ALL_MODES, ModeName);

}  // namespace
}  // namespace ringway::testing
