// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The process of a node (node_process.h): it makes the calls that it is told.

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/ipcz_test.h"
#include "tests/support/node_calls.h"
#include "tests/support/node_messages.h"
#include "tests/support/process.h"
#include "tests/support/shim_driver.h"

namespace ringway::testing {

namespace {

using enum ParameterKind;

constexpr int kLeftSomething = 90;  // a status

// The connection of whoever called this thread, if it runs a call.
thread_local Connection* caller = nullptr;
// For the other threads, one at a time.
std::mutex events_mutex;
std::shared_ptr<Connection> events;

// The buffers of two-phase puts.
std::mutex buffers_mutex;
std::map<IpczHandle, void*> buffers;

struct Handler {
  uint64_t handler;
  uint64_t context;
};

void Serve(Connection* connection);

// Returns when the handler has returned, as if it had been called here.
void OnEvent(const IpczTrapEvent* event) {
  const std::unique_ptr<Handler> handler(reinterpret_cast<Handler*>(event->context));
  Message message(NodeMessage::kEvent);
  message.Add(handler->handler);
  message.Add(event->size);
  message.Add(handler->context);
  message.Add(event->condition_flags);
  message.AddBytes(event->status, sizeof(*event->status));
  if (caller) {
    if (caller->Send(std::move(message))) Serve(caller);
    return;
  }
  std::lock_guard lock(events_mutex);
  if (events->Send(std::move(message))) Serve(events.get());
}

// A call's arguments, and where those are that are pointers.
class Arguments {
 public:
  Arguments(const NodeCall& call, Message* request) : call_(call) {
    for (size_t i = 0; i < call.parameters.size(); ++i) Decode(i, request);
  }

  Message Execute() {
    const IpczResult result = call_.execute(values_);
    if (result == IPCZ_RESULT_OK) {
      handler_.release();  // the trap has it
    } else if (buffer_) {
      std::lock_guard lock(buffers_mutex);
      buffers[values_[0]] = buffer_;
    }
    Message reply(NodeMessage::kReply);
    reply.Add(static_cast<uint64_t>(result));
    for (size_t i = 0; i < call_.parameters.size(); ++i) {
      Encode(i, result == IPCZ_RESULT_OK, &reply);
    }
    return reply;
  }

 private:
  void Point(size_t i, std::optional<std::string> bytes) {
    if (!bytes) return;
    memory_[i] = std::move(*bytes);
    values_[i] = reinterpret_cast<uint64_t>(memory_[i].data());
  }
  template <typename T>
  T At(size_t i) const {
    T value;
    std::memcpy(&value, memory_[i].data(), sizeof(value));
    return value;
  }

  void Decode(size_t i, Message* request) {
    switch (call_.parameters[i].kind) {
      case kValue:
      case kHandle:
        values_[i] = request->Take();
        return;
      case kDriver:
        values_[i] = reinterpret_cast<uint64_t>(RingwayLinuxDriver());
        return;
      case kArray:
      case kInOut:
      case kHandles:
      case kItems:
        return Point(i, request->TakeBytes());
      case kOut:
      case kHandlesOut: {
        const bool is_given = request->Take() != 0;
        const std::string room(request->Take(), '\0');
        return Point(i, is_given ? std::optional(room) : std::nullopt);
      }
      case kObjectOut:
      case kBuffer:
      case kView:
        if (request->Take() != 0) Point(i, std::string(sizeof(uint64_t), '\0'));
        return;
      case kParcels:
        return DecodeParcels(i, request);
      case kOptions:
        return DecodeOptions(i, request);
      case kTransport:
        RingwayLinuxTransportFromFd(request->TakeDescriptor(), &values_[i]);
        return;
      case kObject:
        RingwayLinuxWrapFd(request->TakeDescriptor(), &values_[i]);
        return;
      case kHandler:
        return DecodeHandler(i, request);
      case kContext:
        return DecodeContext(i, request);
      case kProduced:
        return DecodeProduced(i, request);
    }
  }

  void DecodeParcels(size_t i, Message* request) {
    if (request->Take() == 0) return;
    parcels_.resize(request->Take());
    std::vector<RingwayParcel> array;
    for (std::optional<std::string>& bytes : parcels_) {
      const uint64_t num_bytes = request->Take();
      bytes = request->TakeBytes();
      array.push_back({bytes ? bytes->data() : nullptr, num_bytes});
    }
    Point(i, std::string(reinterpret_cast<const char*>(array.data()),
                         array.size() * sizeof(RingwayParcel)));
  }

  void DecodeOptions(size_t i, Message* request) {
    Point(i, request->TakeBytes());
    const std::optional<std::string> limits = request->TakeBytes();
    if (!limits) return;
    limits_ = *limits;
    auto* options = reinterpret_cast<IpczPutOptions*>(values_[i]);
    options->limits = reinterpret_cast<const IpczPutLimits*>(limits_.data());
  }

  void DecodeHandler(size_t i, Message* request) {
    const uint64_t handler = request->Take();
    if (handler == 0) return;
    handler_ = std::make_unique<Handler>();
    handler_->handler = handler;
    values_[i] = reinterpret_cast<uint64_t>(&OnEvent);
  }

  void DecodeContext(size_t i, Message* request) {
    values_[i] = request->Take();
    if (!handler_) return;
    handler_->context = values_[i];
    values_[i] = reinterpret_cast<uint64_t>(handler_.get());
  }

  void DecodeProduced(size_t i, Message* request) {
    values_[i] = request->Take();
    const std::string bytes = request->TakeBytes().value();
    std::lock_guard lock(buffers_mutex);
    const auto found = buffers.find(values_[0]);
    if (found == buffers.end()) return;
    buffer_ = found->second;
    buffers.erase(found);
    if (!bytes.empty()) std::memcpy(buffer_, bytes.data(), bytes.size());
  }

  void Encode(size_t i, bool is_ok, Message* reply) {
    const Parameter& parameter = call_.parameters[i];
    const bool is_given = values_[i] != 0;
    if (parameter.kind == kObjectOut) {
      int fd;
      if (is_ok && RingwayLinuxUnwrapFd(At<uint64_t>(i), &fd) == IPCZ_RESULT_OK) {
        reply->AddDescriptor(fd);
      }
    }
    if (!ReturnsBytes(parameter.kind)) return;
    const bool is_always = parameter.kind == kInOut || parameter.kind == kItems;
    if (!is_given || (!is_ok && !is_always)) return reply->AddBytes(nullptr, 0);
    const size_t count = CountOf(parameter, values_);
    if (parameter.kind == kView) {
      const void* const view = At<const void*>(i);
      return reply->AddBytes(view ? view : "", count);
    }
    if (parameter.kind == kBuffer) {
      std::lock_guard lock(buffers_mutex);
      buffers[values_[0]] = At<void*>(i);
    }
    reply->AddBytes(memory_[i].data(), std::min(count * parameter.width, memory_[i].size()));
  }

  const NodeCall& call_;
  uint64_t values_[kArgumentsMax] = {};
  std::string memory_[kArgumentsMax];
  std::string limits_;
  std::vector<std::optional<std::string>> parcels_;
  std::unique_ptr<Handler> handler_;
  void* buffer_ = nullptr;  // of a put that ends
};

// Until what is answered is an event, or the caller is gone.
void Serve(Connection* connection) {
  Connection* const before = std::exchange(caller, connection);
  for (Message message; connection->Receive(&message);) {
    if (message.type() == NodeMessage::kHandled) break;
    const NodeCall& call = NodeCalls()[message.Take()];
    connection->Send(Arguments(call, &message).Execute());
  }
  caller = before;
}

// The driver has nothing open any more.
bool IsAllClosed(uint64_t patience_seconds) {
  return Eventually(
      [] {
        const RingwayDriverStatistics now = DriverStatistics();
        return (now.open_transports | now.open_memories | now.open_mappings) == 0;
      },
      static_cast<double>(patience_seconds));
}

}  // namespace

RW_CHILD(HostsANode) {
  Connection control(child.fd);
  std::vector<std::shared_ptr<Connection>> connections;
  std::vector<std::thread> threads;
  for (Message message; control.Receive(&message);) {
    const auto connection = std::make_shared<Connection>(message.TakeDescriptor());
    connections.push_back(connection);
    if (!events) {
      events = connection;
    } else {
      threads.emplace_back([connection] { Serve(connection.get()); });
    }
  }
  const bool is_all_closed = IsAllClosed(child.number(0));
  for (const auto& connection : connections) connection->End();
  for (std::thread& thread : threads) thread.join();
  return is_all_closed ? 0 : kLeftSomething;
}

}  // namespace ringway::testing
