// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "tests/multinode/kill_victim.h"

#include <thread>

#include "tests/multinode/kill_parcels.h"
#include "tests/support/process.h"

namespace ringway::testing {

namespace {

constexpr IpczPutLimits kLimits = {sizeof(IpczPutLimits), kInFlightMax, SIZE_MAX};
constexpr IpczPutOptions kOptions = {sizeof(IpczPutOptions), &kLimits};

int AsCount(IpczResult result, int count) {
  if (result == IPCZ_RESULT_OK) return count;
  return result == IPCZ_RESULT_RESOURCE_EXHAUSTED ? 0 : -1;
}

int PutTwoPhase(IpczHandle portal, uint64_t number) {
  const IpczBeginPutOptions options = {sizeof(options), &kLimits};
  size_t size = SizeOfParcel(number);
  void* data = nullptr;
  const IpczResult begun = Api().BeginPut(portal, IPCZ_NO_FLAGS, &options, &size, &data);
  if (begun != IPCZ_RESULT_OK) return AsCount(begun, 0);
  FillParcel(number, static_cast<char*>(data), SizeOfParcel(number));
  const IpczResult ended =
      Api().EndPut(portal, SizeOfParcel(number), nullptr, 0, IPCZ_NO_FLAGS, nullptr);
  if (ended != IPCZ_RESULT_OK) Api().EndPut(portal, 0, nullptr, 0, IPCZ_END_PUT_ABORT, nullptr);
  return AsCount(ended, 1);
}

int PutSeveral(IpczHandle portal, uint64_t number) {
  std::string data[kPutAtOnceMax];
  RingwayParcel parcels[kPutAtOnceMax];
  size_t count = 0;
  for (; count < kPutAtOnceMax && !CarriesBox(number + count); ++count) {
    data[count] = MakeParcel(number + count);
    parcels[count] = {data[count].data(), data[count].size()};
  }
  size_t done = 0;
  const IpczResult result =
      Extensions().PutMany(portal, parcels, count, IPCZ_NO_FLAGS, &kOptions, &done);
  return done != 0 ? static_cast<int>(done) : AsCount(result, 0);
}

}  // namespace

int PutInSomeWay(IpczHandle node, IpczHandle portal, uint64_t number) {
  if (CarriesBox(number)) {
    const IpczHandle box = BoxWithNumber(node, number);
    const IpczResult result = Put(portal, MakeParcel(number), {box}, &kOptions);
    if (result != IPCZ_RESULT_OK) Close(box);
    return AsCount(result, 1);
  }
  if (number % 5 == 0) return PutTwoPhase(portal, number);
  if (number % 3 == 0) return PutSeveral(portal, number);
  return AsCount(Put(portal, MakeParcel(number), {}, &kOptions), 1);
}

namespace {

void Produce(ChildContext& child, IpczHandle node, IpczHandle portal) {
  for (uint64_t number = 1;;) {
    const int put = PutInSomeWay(node, portal, number);
    if (put < 0) return;
    if (put == 0) std::this_thread::yield();
    number += static_cast<uint64_t>(put);
    child.page->committed.store(number - 1);
  }
}

void Consume(ChildContext& child, IpczHandle portal) {
  for (;;) {
    const Parcel parcel = Get(portal);
    if (parcel.result == IPCZ_RESULT_NOT_FOUND) return;
    if (parcel.result != IPCZ_RESULT_OK) {
      std::this_thread::yield();
      continue;
    }
    for (const IpczHandle handle : parcel.handles) Close(handle);
    if (child.page->got.fetch_add(1) % 16 == 0) {
      std::this_thread::sleep_for(std::chrono::microseconds(300));  // so that some wait
    }
  }
}

void Echo(ChildContext& child, IpczHandle portal) {
  for (;;) {
    Parcel parcel = Get(portal);
    if (parcel.result == IPCZ_RESULT_NOT_FOUND) return;
    if (parcel.result != IPCZ_RESULT_OK) {
      std::this_thread::yield();
      continue;
    }
    child.page->got.fetch_add(1);
    IpczResult put;
    while ((put = Put(portal, parcel.data, parcel.handles, &kOptions)) ==
           IPCZ_RESULT_RESOURCE_EXHAUSTED) {
      std::this_thread::yield();
    }
    if (put != IPCZ_RESULT_OK) return;
    child.page->committed.fetch_add(1);
  }
}

}  // namespace

RW_CHILD(Victim) {
  const auto role = static_cast<VictimRole>(child.number(0));
  const bool broker = child.number(1) != 0;
  IpczHandle node;
  IpczHandle portal;
  Api().CreateNode(RingwayLinuxDriver(), 0, broker ? IPCZ_CREATE_NODE_AS_BROKER : IPCZ_NO_FLAGS,
                   nullptr, &node);
  if (Api().ConnectNode(node, child.transport, 1,
                        broker ? IPCZ_NO_FLAGS : IPCZ_CONNECT_NODE_TO_BROKER, nullptr,
                        &portal) != IPCZ_RESULT_OK) {
    return 1;
  }
  child.page->phase.store(1);
  if (role == VictimRole::kProduces) Produce(child, node, portal);
  if (role == VictimRole::kConsumes) Consume(child, portal);
  if (role == VictimRole::kEchoes) Echo(child, portal);
  return 2;  // only a kill ends it in time
}

}  // namespace ringway::testing
