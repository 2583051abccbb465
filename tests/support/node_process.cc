// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "tests/support/node_process.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <utility>

namespace ringway::testing {

namespace {

// A handle is a slot and its generation above. The top byte is free until a slot
// was used 2^24 times, and here says in which process the handle is.
constexpr int kTagShift = 56;
constexpr IpczHandle kUntagged = (IpczHandle{1} << kTagShift) - 1;
constexpr IpczHandle kUnknown = ~IpczHandle{0};
constexpr size_t kTags = 256;

struct Processes {
  std::mutex mutex;
  uint64_t started = 0;
  std::array<std::pair<uint64_t, NodeProcess*>, kTags> by_tag = {};  // with their numbers

  static Processes& Get() {
    static Processes processes;
    return processes;
  }
};

IpczHandle TagOf(uint64_t number) { return 1 + number % (kTags - 1); }

bool IsThere(uint64_t number) {
  Processes& all = Processes::Get();
  std::lock_guard lock(all.mutex);
  return all.by_tag[TagOf(number)].first == number;
}

uint64_t NextNumber() {
  Processes& all = Processes::Get();
  std::lock_guard lock(all.mutex);
  return ++all.started;
}

// The thread's connections, by the numbers of processes.
using Connections = std::map<uint64_t, std::shared_ptr<Connection>>;
Connections& MyConnections() {
  thread_local Connections connections;
  return connections;
}

void RunHandler(Message* event) {
  const auto handler = reinterpret_cast<IpczTrapEventHandler>(event->Take());
  IpczTrapEvent ours = {};
  ours.size = event->Take();
  ours.context = event->Take();
  ours.condition_flags = static_cast<IpczTrapConditionFlags>(event->Take());
  const std::string status = event->TakeBytes().value();
  ours.status = reinterpret_cast<const IpczPortalStatus*>(status.data());
  handler(&ours);
}

template <typename T>
T* Pointer(uint64_t argument) {
  return reinterpret_cast<T*>(argument);
}

void Check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "node_process: %s\n", what);
  std::abort();
}

}  // namespace

NodeProcess::NodeProcess(int patience_seconds)
    : NodeProcess(Connection::CreatePair(), patience_seconds) {}

NodeProcess::NodeProcess(std::pair<std::shared_ptr<Connection>, int> control, int patience_seconds)
    : number_(NextNumber()),
      tag_(TagOf(number_) << kTagShift),
      control_(std::move(control.first)),
      process_("HostsANode", {{std::to_string(patience_seconds)}, control.second, false, {}}) {
  Processes& all = Processes::Get();
  std::lock_guard lock(all.mutex);
  auto& place = all.by_tag[TagOf(number_)];
  Check(place.second == nullptr, "too many processes at once");
  place = {number_, this};
  handlers_ = std::thread([this, events = Connect()] { RunHandlers(events); });
}

NodeProcess::~NodeProcess() {
  control_->End();
  const int status = process_.Wait();
  EXPECT_EQ(status, 0) << "of a node's process";
  if (status == -1) process_.Signal(SIGKILL);
  handlers_.join();
  MyConnections().erase(number_);
  Processes& all = Processes::Get();
  std::lock_guard lock(all.mutex);
  all.by_tag[TagOf(number_)] = {};
}

IpczHandle NodeProcess::CreateNode(IpczCreateNodeFlags flags) {
  IpczHandle node = IPCZ_INVALID_HANDLE;
  const uint64_t arguments[] = {0, 0, flags, 0, reinterpret_cast<uint64_t>(&node)};
  EXPECT_EQ(CallIn(*this, Entry<&IpczAPI::CreateNode>::number, arguments), IPCZ_RESULT_OK);
  return node;
}

std::shared_ptr<Connection> NodeProcess::Connect() {
  auto [ours, theirs] = Connection::CreatePair();
  Message message(NodeMessage::kConnection);
  message.AddDescriptor(theirs);
  control_->Send(std::move(message));
  return ours;
}

std::shared_ptr<Connection> NodeProcess::MyConnection() {
  Connections& all = MyConnections();
  if (const auto found = all.find(number_); found != all.end()) return found->second;
  std::erase_if(all, [](const auto& each) { return !IsThere(each.first); });
  std::lock_guard lock(mutex_);  // of control_
  return all[number_] = Connect();
}

void NodeProcess::RunHandlers(std::shared_ptr<Connection> connection) {
  // Handlers call on this connection, or they would not be part of the event there.
  MyConnections()[number_] = connection;
  for (Message event; connection->Receive(&event);) {
    RunHandler(&event);
    connection->Send(Message(NodeMessage::kHandled));
  }
}

NodeProcess* ProcessFor(const NodeCall& call, const uint64_t* arguments) {
  const Parameter& first = call.parameters[0];
  IpczHandle handle = IPCZ_INVALID_HANDLE;
  if (first.kind == ParameterKind::kHandle) {
    handle = arguments[0];
  } else if (first.kind == ParameterKind::kItems && arguments[0] != 0 &&
             CountOf(first, arguments) != 0) {
    handle = Pointer<const RingwayWaitItem>(arguments[0])->portal;
  }
  if (handle <= kUntagged) return nullptr;
  Processes& all = Processes::Get();
  std::lock_guard lock(all.mutex);
  return all.by_tag[handle >> kTagShift].second;
}

IpczResult CallIn(NodeProcess& process, size_t call, const uint64_t* arguments) {
  const std::vector<Parameter>& parameters = NodeCalls()[call].parameters;
  Message message(NodeMessage::kCall);
  message.Add(call);
  for (size_t i = 0; i < parameters.size(); ++i) {
    process.Encode(parameters[i], arguments, i, &message);
  }
  const std::shared_ptr<Connection> connection = process.MyConnection();
  bool is_there = connection->Send(std::move(message));
  while (is_there && (is_there = connection->Receive(&message)) &&
         message.type() == NodeMessage::kEvent) {
    RunHandler(&message);
    is_there = connection->Send(Message(NodeMessage::kHandled));
  }
  if (!is_there) {
    ADD_FAILURE() << "a node's process has ended";
    return IPCZ_RESULT_INTERNAL;
  }
  const auto result = static_cast<IpczResult>(message.Take());
  for (size_t i = 0; i < parameters.size(); ++i) {
    process.Decode(parameters[i], arguments, i, &message);
  }
  if (call == Entry<&IpczAPI::Close>::number && result == IPCZ_RESULT_OK) {
    std::lock_guard lock(process.mutex_);
    process.puts_.erase(arguments[0]);
    process.views_.erase(arguments[0]);
  }
  return result;
}

IpczHandle NodeProcess::ToTheirs(IpczHandle ours) const {
  if (ours == IPCZ_INVALID_HANDLE) return ours;
  return (ours & ~kUntagged) == tag_ ? ours & kUntagged : kUnknown;
}

IpczHandle NodeProcess::ToOurs(IpczHandle theirs) const {
  Check(theirs <= kUntagged, "a handle has no room for its process");
  return theirs | tag_;
}

void NodeProcess::EncodeArray(const void* data, size_t num_bytes, size_t stride,
                              Message* request) const {
  if (data == nullptr) return request->AddBytes(nullptr, 0);
  std::string elements(static_cast<const char*>(data), num_bytes);
  for (size_t at = 0; at < num_bytes; at += stride) {
    IpczHandle handle;
    std::memcpy(&handle, elements.data() + at, sizeof(handle));
    handle = ToTheirs(handle);
    std::memcpy(elements.data() + at, &handle, sizeof(handle));
  }
  request->AddBytes(elements.data(), num_bytes);
}

void NodeProcess::Encode(const Parameter& parameter, const uint64_t* arguments, size_t index,
                         Message* request) {
  using enum ParameterKind;
  const uint64_t argument = arguments[index];
  const auto* data = Pointer<const char>(argument);
  const auto num_bytes = [&] { return CountOf(parameter, arguments) * parameter.width; };
  int fd = -1;
  switch (parameter.kind) {
    case kValue:
    case kHandler:
    case kContext:
      return request->Add(argument);
    case kDriver:
      return;
    case kHandle:
      return request->Add(ToTheirs(argument));
    case kArray:
    case kInOut:
      return request->AddBytes(data, num_bytes());
    case kHandles:
    case kItems:
      return EncodeArray(data, num_bytes(), parameter.width, request);
    case kOut:
    case kHandlesOut:
      request->Add(argument != 0);
      return request->Add(argument != 0 ? num_bytes() : 0);
    case kObjectOut:
    case kBuffer:
    case kView:
      return request->Add(argument != 0);
    case kParcels:
      request->Add(argument != 0);
      if (argument != 0) request->Add(num_bytes());
      for (size_t i = 0; argument != 0 && i < num_bytes(); ++i) {
        const RingwayParcel& parcel = Pointer<const RingwayParcel>(argument)[i];
        request->Add(parcel.num_bytes);
        request->AddBytes(parcel.data, parcel.num_bytes);
      }
      return;
    case kOptions: {
      const auto* options = Pointer<const IpczPutOptions>(argument);
      request->AddBytes(options, sizeof(*options));
      return request->AddBytes(options ? options->limits : nullptr, sizeof(IpczPutLimits));
    }
    case kTransport:
      EXPECT_EQ(RingwayLinuxTransportToFd(argument, &fd), IPCZ_RESULT_OK);
      return request->AddDescriptor(fd);
    case kObject:
      EXPECT_EQ(RingwayLinuxUnwrapFd(argument, &fd), IPCZ_RESULT_OK);
      return request->AddDescriptor(fd);
    case kProduced: {
      std::lock_guard lock(mutex_);
      const std::string& buffer = puts_[arguments[0]];
      request->Add(argument);
      return request->AddBytes(buffer.data(), std::min<uint64_t>(buffer.size(), argument));
    }
  }
}

void NodeProcess::Decode(const Parameter& parameter, const uint64_t* arguments, size_t index,
                         Message* reply) {
  using enum ParameterKind;
  const uint64_t argument = arguments[index];
  if (parameter.kind == kObjectOut) {
    const int fd = reply->TakeDescriptor();
    if (fd >= 0) {
      EXPECT_EQ(RingwayLinuxWrapFd(fd, Pointer<IpczDriverHandle>(argument)), IPCZ_RESULT_OK);
    }
    return;
  }
  if (!ReturnsBytes(parameter.kind)) return;
  const std::optional<std::string> bytes = reply->TakeBytes();
  if (!bytes) return;
  switch (parameter.kind) {
    case kInOut:
    case kOut:
      std::memcpy(Pointer<char>(argument), bytes->data(), bytes->size());
      return;
    case kHandlesOut:
      for (size_t i = 0; i < bytes->size() / sizeof(IpczHandle); ++i) {
        IpczHandle handle;
        std::memcpy(&handle, bytes->data() + i * sizeof(handle), sizeof(handle));
        if (handle != 0) Pointer<IpczHandle>(argument)[i] = ToOurs(handle);  // or it gave none
      }
      return;
    case kItems:
      for (size_t i = 0; i < bytes->size() / sizeof(RingwayWaitItem); ++i) {
        RingwayWaitItem item;
        std::memcpy(&item, bytes->data() + i * sizeof(item), sizeof(item));
        Pointer<RingwayWaitItem>(argument)[i].satisfied = item.satisfied;
      }
      return;
    case kBuffer: {
      std::lock_guard lock(mutex_);
      std::string& buffer = puts_[arguments[0]];
      buffer.assign(CountOf(parameter, arguments), '\0');
      *Pointer<void*>(argument) = buffer.data();
      return;
    }
    default: {  // kView
      std::lock_guard lock(mutex_);
      std::string& view = views_[arguments[0]];
      view = *bytes;
      *Pointer<const void*>(argument) = view.data();
    }
  }
}

}  // namespace ringway::testing
