// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include <fcntl.h>
#include <string.h>
#include <systemd/sd-bus.h>

#include <memory>
#include <string>

#include "bench/harness/fail.h"
#include "bench/paths/socket_call.h"

namespace ringway::bench {
namespace {

constexpr const char* kPath = "/adder";
constexpr const char* kInterface = "ringway.bench.Adder";

// Fails unless a call of sd-bus, which return what is not negative or -errno, went well.
int RequireBus(int result, const char* call) {
  if (result < 0) Fail(std::string("sd-bus: ") + call + ": " + strerror(-result));
  return result;
}

using Bus = std::unique_ptr<sd_bus, decltype([](sd_bus* bus) { sd_bus_flush_close_unref(bus); })>;
using Message =
    std::unique_ptr<sd_bus_message, decltype([](sd_bus_message* m) { sd_bus_message_unref(m); })>;

// One end of a connection without a daemon.
Bus BusOn(const UniqueFd& socket, bool server) {
  sd_bus* made = nullptr;
  RequireBus(sd_bus_new(&made), "sd_bus_new");
  Bus bus(made);
  const int fd = fcntl(socket.get(), F_DUPFD_CLOEXEC, 0);  // which the bus closes
  if (fd < 0) FailErrno("fcntl");
  RequireBus(sd_bus_set_fd(bus.get(), fd, fd), "sd_bus_set_fd");
  if (server) {
    sd_id128_t id;
    RequireBus(sd_id128_randomize(&id), "sd_id128_randomize");
    RequireBus(sd_bus_set_server(bus.get(), true, id), "sd_bus_set_server");
  }
  RequireBus(sd_bus_start(bus.get()), "sd_bus_start");
  return bus;
}

int Add(sd_bus_message* call, void*, sd_bus_error*) {
  int32_t a = 0;
  int32_t b = 0;
  const int result = sd_bus_message_read(call, "ii", &a, &b);
  return result < 0 ? result : sd_bus_reply_method_return(call, "i", a + b);
}

const sd_bus_vtable kAdder[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Add", "ii", "i", Add, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};

void Serve(const UniqueFd& socket, KernelWait wait) {
  const Bus bus = BusOn(socket, true);
  RequireBus(sd_bus_add_object_vtable(bus.get(), nullptr, kPath, kInterface, kAdder, nullptr),
             "sd_bus_add_object_vtable");
  while (sd_bus_is_open(bus.get()) > 0) {
    const int done = RequireBus(sd_bus_process(bus.get(), nullptr), "sd_bus_process");
    if (done == 0 && wait == KernelWait::kPark) {
      RequireBus(sd_bus_wait(bus.get(), UINT64_MAX), "sd_bus_wait");
    }
  }
}

int32_t SumIn(sd_bus_message* reply) {
  if (const sd_bus_error* error = sd_bus_message_get_error(reply)) {
    Fail(std::string("sd-bus: ") + error->name + ": " + error->message);
  }
  int32_t sum = 0;
  RequireBus(sd_bus_message_read(reply, "i", &sum), "sd_bus_message_read");
  return sum;
}

int32_t CallParked(sd_bus* bus, int32_t a, int32_t b) {
  sd_bus_message* reply = nullptr;
  RequireBus(
      sd_bus_call_method(bus, nullptr, kPath, kInterface, "Add", nullptr, &reply, "ii", a, b),
      "sd_bus_call_method");
  return SumIn(Message(reply).get());
}

int32_t CallPolling(sd_bus* bus, int32_t a, int32_t b) {
  Message reply;
  const sd_bus_message_handler_t keep = [](sd_bus_message* message, void* to, sd_bus_error*) {
    static_cast<Message*>(to)->reset(sd_bus_message_ref(message));
    return 1;
  };
  RequireBus(sd_bus_call_method_async(bus, nullptr, nullptr, kPath, kInterface, "Add", keep, &reply,
                                      "ii", a, b),
             "sd_bus_call_method_async");
  while (reply == nullptr) RequireBus(sd_bus_process(bus, nullptr), "sd_bus_process");
  return SumIn(reply.get());
}

void Use(const UniqueFd& socket, KernelWait wait, const std::function<void(const AddCall&)>& body) {
  const Bus bus = BusOn(socket, false);
  body([&](int32_t a, int32_t b) {
    return wait == KernelWait::kPoll ? CallPolling(bus.get(), a, b) : CallParked(bus.get(), a, b);
  });
}

}  // namespace

const SocketCall kSdBusCall = {.serve = Serve, .use = Use};

}  // namespace ringway::bench
