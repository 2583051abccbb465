// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "tests/support/node_calls.h"

#include "tests/support/ipcz_test.h"

namespace ringway::testing {

namespace {

using enum ParameterKind;

constexpr Parameter kV = {};
constexpr Parameter kH = {kHandle};
constexpr Parameter kHOut = {kHandlesOut, sizeof(IpczHandle)};
constexpr Parameter kSize = {kInOut, sizeof(size_t)};

constexpr Parameter HandlesOf(size_t count_at) {
  return {kHandles, sizeof(IpczHandle), Counted::kByArgument, count_at};
}
constexpr Parameter HandlesOutOf(size_t count_at) {
  return {kHandlesOut, sizeof(IpczHandle), Counted::kByArgument, count_at};
}

// Adds a call, and itself to the table that callers use.
template <auto kMember, typename Table>
void Add(std::vector<NodeCall>& calls, Table& table, std::vector<Parameter> parameters) {
  Entry<kMember>::number = calls.size();
  calls.push_back({std::move(parameters), &Entry<kMember>::Execute});
  table.*kMember = &Entry<kMember>::Call;
}

void AddApi(std::vector<NodeCall>& calls) {
  IpczAPI& api = ApiTable();
  Add<&IpczAPI::Close>(calls, api, {kH, kV, kV});
  Add<&IpczAPI::CreateNode>(calls, api, {{kDriver}, kV, kV, kV, kHOut});
  Add<&IpczAPI::ConnectNode>(calls, api, {kH, {kTransport}, kV, kV, kV, HandlesOutOf(2)});
  Add<&IpczAPI::OpenPortals>(calls, api, {kH, kV, kV, kHOut, kHOut});
  Add<&IpczAPI::MergePortals>(calls, api, {kH, kH, kV, kV});
  Add<&IpczAPI::QueryPortalStatus>(calls, api, {kH, kV, kV, {kInOut, sizeof(IpczPortalStatus)}});
  Add<&IpczAPI::Put>(
      calls, api, {kH, {kArray, 1, Counted::kByArgument, 2}, kV, HandlesOf(4), kV, kV, {kOptions}});
  Add<&IpczAPI::BeginPut>(calls, api,
                          {kH, kV, {kOptions}, kSize, {kBuffer, 1, Counted::kByPointer, 3}});
  Add<&IpczAPI::EndPut>(calls, api, {kH, {kProduced}, HandlesOf(3), kV, kV, kV});
  Add<&IpczAPI::Get>(calls, api,
                     {kH,
                      kV,
                      kV,
                      {kOut, 1, Counted::kByPointer, 4},
                      kSize,
                      {kHandlesOut, sizeof(IpczHandle), Counted::kByPointer, 6},
                      kSize,
                      kHOut});
  Add<&IpczAPI::BeginGet>(calls, api,
                          {kH, kV, kV, {kView, 1, Counted::kByPointer, 4}, kSize, kSize});
  Add<&IpczAPI::EndGet>(calls, api, {kH, kV, kV, kV, kV, HandlesOutOf(2), kHOut});
  Add<&IpczAPI::Trap>(calls, api,
                      {kH,
                       {kArray, sizeof(IpczTrapConditions)},
                       {kHandler},
                       {kContext},
                       kV,
                       kV,
                       {kInOut, sizeof(IpczTrapConditionFlags)},
                       {kInOut, sizeof(IpczPortalStatus)}});
  Add<&IpczAPI::Reject>(calls, api, {kH, kV, kV, kV});
  Add<&IpczAPI::Box>(calls, api, {kH, {kObject}, kV, kV, kHOut});
  Add<&IpczAPI::Unbox>(calls, api, {kH, kV, kV, {kObjectOut}});
}

void AddExtensions(std::vector<NodeCall>& calls) {
  RingwayExtensions& extensions = ExtensionsTable();
  Add<&RingwayExtensions::PutMany>(
      calls, extensions, {kH, {kParcels, 1, Counted::kByArgument, 2}, kV, kV, {kOptions}, kSize});
  Add<&RingwayExtensions::GetMany>(calls, extensions,
                                   {kH,
                                    kV,
                                    kV,
                                    {kOut, 1, Counted::kByPointer, 4},
                                    kSize,
                                    {kOut, sizeof(RingwayReceivedParcel), Counted::kByPointer, 6},
                                    kSize});
  Add<&RingwayExtensions::Wait>(
      calls, extensions, {{kItems, sizeof(RingwayWaitItem), Counted::kByArgument, 1}, kV, kV, kV});
  Add<&RingwayExtensions::QueryPortalCounters>(calls, extensions,
                                               {kH, {kInOut, sizeof(RingwayPortalCounters)}});
  Add<&RingwayExtensions::QueryNodeCounters>(calls, extensions,
                                             {kH, {kInOut, sizeof(RingwayNodeCounters)}});
}

// Before any thread uses the tables.
[[maybe_unused]] const std::vector<NodeCall>& calls_are_there = NodeCalls();

}  // namespace

template <>
const IpczAPI& Engine() {
  static const IpczAPI engine = ApiTable();
  return engine;
}

template <>
const RingwayExtensions& Engine() {
  static const RingwayExtensions engine = ExtensionsTable();
  return engine;
}

const std::vector<NodeCall>& NodeCalls() {
  static const std::vector<NodeCall> calls = [] {
    Engine<IpczAPI>();
    Engine<RingwayExtensions>();
    std::vector<NodeCall> all;
    AddApi(all);
    AddExtensions(all);
    return all;
  }();
  return calls;
}

bool ReturnsBytes(ParameterKind kind) {
  return kind == kInOut || kind == kOut || kind == kHandlesOut || kind == kItems ||
         kind == kBuffer || kind == kView;
}

size_t CountOf(const Parameter& parameter, const uint64_t* arguments) {
  const uint64_t count = arguments[parameter.count_at];
  switch (parameter.counted) {
    case Counted::kOnce:
      return 1;
    case Counted::kByArgument:
      return count;
    case Counted::kByPointer:
      return count == 0 ? 0 : *reinterpret_cast<const size_t*>(count);
  }
  return 0;
}

}  // namespace ringway::testing
