// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The drivers of tests/support/sync_driver.h under the conformance suite. RW_SYNC
// says which one: any of "asynchronous", "brokered" and "delegated".

#include <cstdlib>
#include <string>

#include "tests/driver/conformance.h"
#include "tests/support/sync_driver.h"

namespace ringway::testing {
namespace {

bool Is(const char* word) {
  const char* told = std::getenv("RW_SYNC");
  return told != nullptr && std::string(told).find(word) != std::string::npos;
}

SyncWire Wire() { return {Is("asynchronous"), Is("brokered")}; }

// A broker's end and another's, which may pass everything.
void CreatePair(IpczDriverHandle* first, IpczDriverHandle* second) {
  CreateSyncTransports(first, second, Wire(), true, false);
}

void CreateBrokeredPair(IpczDriverHandle* first, IpczDriverHandle* second) {
  CreateSyncTransports(first, second, Wire(), false, false);
}

}  // namespace

const DriverUnderTest& TestedDriver() {
  static const DriverUnderTest tested = [] {
    DriverUnderTest driver = {};
    driver.driver = SyncDriver(Is("delegated") ? SyncNode::kWithoutMemory : SyncNode::kPlain);
    driver.create_pair = CreatePair;
    if (Is("delegated")) driver.delegate = SyncDriver(SyncNode::kBroker);
    if (Is("brokered")) driver.create_brokered_pair = CreateBrokeredPair;
    return driver;
  }();
  return tested;
}

}  // namespace ringway::testing
