// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Every result of BeginPut(), EndPut(), BeginGet() and EndGet().

#include <gtest/gtest.h>

#include <cstring>

#include "tests/support/modes.h"

namespace ringway::testing {
namespace {

class TwoPhaseTest : public ModesTest {
 protected:
  IpczResult BeginPut(IpczHandle portal, size_t* bytes, void** data,
                      const IpczPutLimits* limits = nullptr, IpczBeginPutFlags flags = 0) {
    const IpczBeginPutOptions options = {sizeof(options), limits};
    return Api().BeginPut(portal, flags, limits ? &options : nullptr, bytes, data);
  }
  IpczResult EndPut(IpczHandle portal, size_t bytes, std::vector<IpczHandle> handles = {}) {
    return Api().EndPut(portal, bytes, handles.data(), handles.size(), IPCZ_NO_FLAGS, nullptr);
  }
  IpczResult AbortPut(IpczHandle portal) {
    return Api().EndPut(portal, SIZE_MAX, nullptr, 77, IPCZ_END_PUT_ABORT, nullptr);
  }
  IpczResult EndGet(IpczHandle portal, size_t bytes, size_t count = 0,
                    IpczHandle* handles = nullptr) {
    return Api().EndGet(portal, bytes, count, IPCZ_NO_FLAGS, nullptr, handles, nullptr);
  }
  IpczResult AbortGet(IpczHandle portal) {
    return Api().EndGet(portal, SIZE_MAX, SIZE_MAX, IPCZ_END_GET_ABORT, nullptr, nullptr, nullptr);
  }
  // What a two-phase get shows, once there is a parcel; the get stays in progress.
  std::string BeginView(IpczHandle portal, size_t* count = nullptr) {
    const void* data = nullptr;
    size_t bytes = 0;
    size_t handles = 0;
    IpczResult result = IPCZ_RESULT_UNAVAILABLE;
    Eventually([&] {
      result = Api().BeginGet(portal, 0, nullptr, &data, &bytes, &handles);
      return result != IPCZ_RESULT_UNAVAILABLE;
    });
    EXPECT_EQ(result, IPCZ_RESULT_OK);
    if (count) *count = handles;
    return std::string(static_cast<const char*>(data), bytes);
  }
};

TEST_P(TwoPhaseTest, BeginPutRefusesBadArguments) {
  size_t bytes = 8;
  void* data = nullptr;
  EXPECT_EQ(BeginPut(a_, &bytes, nullptr), IPCZ_RESULT_INVALID_ARGUMENT);
  IpczBeginPutOptions options = {sizeof(options) - 1, nullptr};
  EXPECT_EQ(Api().BeginPut(a_, 0, &options, &bytes, &data), IPCZ_RESULT_INVALID_ARGUMENT);
  IpczPutLimits limits = {sizeof(limits) - 1, 9, 9};
  EXPECT_EQ(BeginPut(a_, &bytes, &data, &limits), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(EndPut(a_, 0), IPCZ_RESULT_FAILED_PRECONDITION) << "none of them began";
  EXPECT_EQ(AbortPut(a_), IPCZ_RESULT_FAILED_PRECONDITION);
}

TEST_P(TwoPhaseTest, ABufferOfAnySizeCanBeSentInPartAndNotBeyond) {
  for (const size_t size :
       {size_t{1}, size_t{2047}, size_t{2048}, size_t{70'000}, size_t{3} << 20}) {
    size_t capacity = size;
    void* data = nullptr;
    ASSERT_EQ(BeginPut(a_, &capacity, &data), IPCZ_RESULT_OK);
    ASSERT_GE(capacity, size);
    std::memset(data, 'w', capacity);
    EXPECT_EQ(BeginPut(a_, &capacity, &data), IPCZ_RESULT_ALREADY_EXISTS);
    EXPECT_EQ(EndPut(a_, capacity + 1), IPCZ_RESULT_INVALID_ARGUMENT);
    EXPECT_EQ(Api().EndPut(a_, 1, nullptr, 1, 0, nullptr), IPCZ_RESULT_INVALID_ARGUMENT);
    EXPECT_EQ(EndPut(a_, 1, {0}), IPCZ_RESULT_INVALID_ARGUMENT);
    ASSERT_EQ(EndPut(a_, size / 2 + 1), IPCZ_RESULT_OK) << "it was still in progress";
    EXPECT_EQ(EndPut(a_, 0), IPCZ_RESULT_FAILED_PRECONDITION);
    EXPECT_EQ(BeginView(b_), std::string(size / 2 + 1, 'w'));
    EXPECT_EQ(EndGet(b_, size / 2 + 1), IPCZ_RESULT_OK);
  }
}

TEST_P(TwoPhaseTest, NothingCanBeSentToo) {
  ASSERT_EQ(Api().BeginPut(a_, 0, nullptr, nullptr, nullptr), IPCZ_RESULT_OK);
  ASSERT_EQ(EndPut(a_, 0), IPCZ_RESULT_OK);
  size_t zero = 0;
  ASSERT_EQ(BeginPut(a_, &zero, nullptr), IPCZ_RESULT_OK);
  const IpczHandle box = MakeBox(node_a_, "alone");
  ASSERT_EQ(EndPut(a_, 0, {box}), IPCZ_RESULT_OK);
  ASSERT_TRUE(Eventually([&] { return Status(b_).num_local_parcels == 2; }));
  EXPECT_EQ(Api().BeginGet(b_, 0, nullptr, nullptr, nullptr, nullptr), IPCZ_RESULT_OK);
  EXPECT_EQ(EndGet(b_, 0), IPCZ_RESULT_OK);
  size_t count = 0;
  EXPECT_EQ(Api().BeginGet(b_, 0, nullptr, nullptr, nullptr, &count), IPCZ_RESULT_OK);
  IpczHandle received;
  ASSERT_EQ(EndGet(b_, 0, 1, &received), IPCZ_RESULT_OK);
  EXPECT_EQ(TextIn(received), "alone");
}

TEST_P(TwoPhaseTest, AnAbortedPutLeavesNothing) {
  for (const size_t size : {size_t{10}, size_t{100'000}}) {
    size_t bytes = size;
    void* data = nullptr;
    ASSERT_EQ(BeginPut(a_, &bytes, &data), IPCZ_RESULT_OK);
    ASSERT_EQ(AbortPut(a_), IPCZ_RESULT_OK);
    EXPECT_EQ(AbortPut(a_), IPCZ_RESULT_FAILED_PRECONDITION);
  }
  ASSERT_EQ(Put(a_, "only this"), IPCZ_RESULT_OK);
  EXPECT_EQ(WaitGet(b_).data, "only this");
  EXPECT_EQ(Get(b_).result, IPCZ_RESULT_UNAVAILABLE);
}

TEST_P(TwoPhaseTest, EndPutCarriesHandlesAndKeepsThemOnFailure) {
  const std::vector<IpczHandle> boxes = {MakeBox(node_a_, "0"), MakeBox(node_a_, "1")};
  for (const size_t size : {size_t{5}, size_t{50'000}}) {
    size_t bytes = size;
    void* data = nullptr;
    ASSERT_EQ(BeginPut(a_, &bytes, &data), IPCZ_RESULT_OK);
    std::memset(data, 'h', size);
    EXPECT_EQ(EndPut(a_, size, {boxes[0], a_}), IPCZ_RESULT_INVALID_ARGUMENT);
    EXPECT_EQ(EndPut(a_, bytes + 1, {boxes[0]}), IPCZ_RESULT_INVALID_ARGUMENT);
    ASSERT_EQ(EndPut(a_, size, {boxes[size == 5 ? 0 : 1]}), IPCZ_RESULT_OK);
    const Parcel parcel = WaitGet(b_);
    EXPECT_EQ(parcel.data, std::string(size, 'h'));
    ASSERT_EQ(parcel.handles.size(), 1u);
    EXPECT_EQ(TextIn(parcel.handles[0]), size == 5 ? "0" : "1");
  }
}

TEST_P(TwoPhaseTest, APeerThatClosesMeanwhileIsNotFound) {
  const auto [a, b] = Pair();
  size_t bytes = 5000;
  void* data = nullptr;
  ASSERT_EQ(BeginPut(a, &bytes, &data), IPCZ_RESULT_OK);
  Close(b);
  ASSERT_TRUE(Eventually([&] { return PeerClosed(a); }));
  const IpczHandle box = MakeBox(node_a_, "mine");
  EXPECT_EQ(EndPut(a, 5), IPCZ_RESULT_NOT_FOUND);
  EXPECT_EQ(EndPut(a, 5, {box}), IPCZ_RESULT_NOT_FOUND);
  EXPECT_EQ(TextIn(box), "mine");
  std::memset(data, 'x', bytes);
  EXPECT_EQ(AbortPut(a), IPCZ_RESULT_OK) << "it was still in progress";
  EXPECT_EQ(BeginPut(a, &bytes, &data), IPCZ_RESULT_NOT_FOUND);
  Close(a);
}

TEST_P(TwoPhaseTest, APortalInATwoPhaseOperationStays) {
  IpczHandle pair[2];
  ASSERT_EQ(Api().OpenPortals(node_a_, 0, nullptr, &pair[0], &pair[1]), IPCZ_RESULT_OK);
  size_t bytes = 3;
  void* data = nullptr;
  ASSERT_EQ(BeginPut(pair[0], &bytes, &data), IPCZ_RESULT_OK);
  std::memcpy(data, "abc", 3);
  EXPECT_EQ(Put(a_, "", {pair[0]}), IPCZ_RESULT_INVALID_ARGUMENT);
  ASSERT_EQ(EndPut(pair[0], 3), IPCZ_RESULT_OK);
  EXPECT_EQ(BeginView(pair[1]), "abc");
  EXPECT_EQ(Put(a_, "", {pair[1]}), IPCZ_RESULT_INVALID_ARGUMENT);
  ASSERT_EQ(AbortGet(pair[1]), IPCZ_RESULT_OK);
  ASSERT_EQ(Put(a_, "", {pair[1]}), IPCZ_RESULT_OK);
  const IpczHandle received = WaitGet(b_).handles.at(0);
  EXPECT_EQ(WaitGet(received).data, "abc");
  Close(pair[0]);
  Close(received);
}

// The buffer of a two-phase put stays good when the peer's portal is sent away.
TEST_P(TwoPhaseTest, APutOutlivesTheMoveOfItsPeer) {
  for (const size_t size : {size_t{100}, size_t{100'000}}) {
    IpczHandle kept;
    IpczHandle sent;
    ASSERT_EQ(Api().OpenPortals(node_a_, 0, nullptr, &kept, &sent), IPCZ_RESULT_OK);
    size_t bytes = size;
    void* data = nullptr;
    ASSERT_EQ(BeginPut(kept, &bytes, &data), IPCZ_RESULT_OK);
    ASSERT_EQ(Put(a_, "", {sent}), IPCZ_RESULT_OK);
    const IpczHandle received = WaitGet(b_).handles.at(0);
    std::memset(data, 'm', size);
    ASSERT_EQ(EndPut(kept, size), IPCZ_RESULT_OK);
    EXPECT_EQ(WaitGet(received).data, std::string(size, 'm'));
    Close(kept);
    Close(received);
  }
}

TEST_P(TwoPhaseTest, BeginGetWantsToTellWhatThereIs) {
  EXPECT_EQ(Api().BeginGet(b_, 0, nullptr, nullptr, nullptr, nullptr), IPCZ_RESULT_UNAVAILABLE);
  EXPECT_EQ(EndGet(b_, 0), IPCZ_RESULT_FAILED_PRECONDITION);
  EXPECT_EQ(AbortGet(b_), IPCZ_RESULT_FAILED_PRECONDITION);
  ASSERT_EQ(Put(a_, "text", {MakeBox(node_a_, "box")}), IPCZ_RESULT_OK);
  ASSERT_TRUE(Eventually([&] { return Status(b_).num_local_parcels == 1; }));
  const void* data;
  size_t bytes;
  size_t count;
  EXPECT_EQ(Api().BeginGet(b_, 0, nullptr, nullptr, &bytes, &count),
            IPCZ_RESULT_RESOURCE_EXHAUSTED);
  EXPECT_EQ(Api().BeginGet(b_, 0, nullptr, &data, nullptr, &count), IPCZ_RESULT_RESOURCE_EXHAUSTED);
  EXPECT_EQ(Api().BeginGet(b_, 0, nullptr, &data, &bytes, nullptr), IPCZ_RESULT_RESOURCE_EXHAUSTED);
  EXPECT_EQ(EndGet(b_, 0), IPCZ_RESULT_FAILED_PRECONDITION) << "none of them began";
  ASSERT_EQ(Api().BeginGet(b_, 0, nullptr, &data, &bytes, &count), IPCZ_RESULT_OK);
  EXPECT_EQ(bytes, 4u);
  EXPECT_EQ(count, 1u);
  EXPECT_EQ(Api().BeginGet(b_, 0, nullptr, &data, &bytes, &count), IPCZ_RESULT_ALREADY_EXISTS);
  EXPECT_EQ(Get(b_).result, IPCZ_RESULT_ALREADY_EXISTS);
  EXPECT_EQ(EndGet(b_, 5), IPCZ_RESULT_OUT_OF_RANGE);
  IpczHandle handles[2];
  EXPECT_EQ(EndGet(b_, 4, 2, handles), IPCZ_RESULT_OUT_OF_RANGE);
  EXPECT_EQ(EndGet(b_, 4, 1, nullptr), IPCZ_RESULT_INVALID_ARGUMENT);
  ASSERT_EQ(EndGet(b_, 4, 1, handles), IPCZ_RESULT_OK) << "it was still in progress";
  EXPECT_EQ(TextIn(handles[0]), "box");
  EXPECT_EQ(Get(b_).result, IPCZ_RESULT_UNAVAILABLE);
}

TEST_P(TwoPhaseTest, WhatEndGetLeavesIsNext) {
  std::string text(30'000, 't');
  for (size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>('a' + i % 26);
  ASSERT_EQ(Put(a_, text, {MakeBox(node_a_, "0"), MakeBox(node_a_, "1")}), IPCZ_RESULT_OK);
  size_t count = 0;
  EXPECT_EQ(BeginView(b_, &count), text);
  EXPECT_EQ(count, 2u);
  ASSERT_EQ(AbortGet(b_), IPCZ_RESULT_OK);
  IpczHandle handle;
  EXPECT_EQ(BeginView(b_, &count), text) << "an aborted get changes nothing";
  ASSERT_EQ(EndGet(b_, 1000, 1, &handle), IPCZ_RESULT_OK);
  EXPECT_EQ(TextIn(handle), "0");
  EXPECT_EQ(Status(b_).num_local_bytes, text.size() - 1000);
  EXPECT_EQ(BeginView(b_, &count), text.substr(1000));
  EXPECT_EQ(count, 1u);
  ASSERT_EQ(EndGet(b_, text.size() - 1000), IPCZ_RESULT_OK);
  EXPECT_EQ(BeginView(b_, &count), "");
  ASSERT_EQ(EndGet(b_, 0, 1, &handle), IPCZ_RESULT_OK);
  EXPECT_EQ(TextIn(handle), "1");
  EXPECT_EQ(Get(b_).result, IPCZ_RESULT_UNAVAILABLE);
}

// However much is put meanwhile, and wherever the lane grows to.
TEST_P(TwoPhaseTest, AViewStaysWhileTheLaneGoesOn) {
  ASSERT_EQ(Put(a_, std::string(700, 'v')), IPCZ_RESULT_OK);
  const void* data = nullptr;
  size_t bytes = 0;
  size_t count = 0;
  ASSERT_TRUE(Eventually([&] { return Status(b_).num_local_parcels == 1; }));
  ASSERT_EQ(Api().BeginGet(b_, 0, nullptr, &data, &bytes, &count), IPCZ_RESULT_OK);
  for (int i = 0; i < 5000; ++i) ASSERT_EQ(Put(a_, std::string(900, 'n')), IPCZ_RESULT_OK);
  EXPECT_EQ(std::string(static_cast<const char*>(data), bytes), std::string(700, 'v'));
  EXPECT_EQ(EndGet(b_, bytes), IPCZ_RESULT_OK);
  for (int i = 0; i < 5000; ++i) ASSERT_EQ(WaitGet(b_).data.size(), 900u) << i;
}

TEST_P(TwoPhaseTest, WhatWasPutThereAndNotSentIsNotSeen) {
  for (const size_t size : {100, 2047, 2048, 70'000}) {
    // From 2 KiB on, what another node is sent is written where it can see it from the start.
    if (is_remote() && size >= 2048) break;
    size_t capacity = size;
    void* data = nullptr;
    for (int i = 0; i < 3; ++i) {
      ASSERT_EQ(BeginPut(a_, &capacity, &data), IPCZ_RESULT_OK);
      EXPECT_EQ(std::string(static_cast<char*>(data), capacity), std::string(size, '\0'));
      std::memset(data, 'w', capacity);
      ASSERT_EQ(AbortPut(a_), IPCZ_RESULT_OK);
    }
  }
}

TEST_P(TwoPhaseTest, AViewOutlivesThePeer) {
  const auto [a, b] = Pair();
  ASSERT_EQ(Put(a, std::string(200'000, 'v')), IPCZ_RESULT_OK);
  ASSERT_TRUE(Eventually([&] { return Status(b).num_local_parcels == 1; }));
  const void* data = nullptr;
  size_t bytes = 0;
  ASSERT_EQ(Api().BeginGet(b, 0, nullptr, &data, &bytes, nullptr), IPCZ_RESULT_OK);
  Close(a);
  if (is_remote()) Close(node_a_);
  ASSERT_TRUE(Eventually([&] { return PeerClosed(b); }));
  EXPECT_EQ(std::string(static_cast<const char*>(data), bytes), std::string(200'000, 'v'));
  EXPECT_EQ(EndGet(b, bytes), IPCZ_RESULT_OK);
  EXPECT_EQ(Api().BeginGet(b, 0, nullptr, &data, &bytes, nullptr), IPCZ_RESULT_NOT_FOUND);
  Close(b);
}

TEST_P(TwoPhaseTest, ClosingEndsWhatIsInProgress) {
  const auto [a, b] = Pair();
  ASSERT_EQ(Put(a, std::string(5000, 'c')), IPCZ_RESULT_OK);
  size_t bytes = 50'000;
  void* data = nullptr;
  ASSERT_EQ(BeginPut(a, &bytes, &data), IPCZ_RESULT_OK);
  BeginView(b);
  Close(a);
  Close(b);
  EXPECT_EQ(EndPut(a, 0), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(EndGet(b, 0), IPCZ_RESULT_INVALID_ARGUMENT);
}

INSTANTIATE_TEST_SUITE_P(Where, TwoPhaseTest, RW_ALL_MODES, ModeName);

}  // namespace
}  // namespace ringway::testing
