// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/paths/capnp_call.h"

#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>
#include <kj/io.h>

#include <utility>

#include "bench/paths/adder.capnp.h"

namespace ringway::bench {
namespace {

class AdderServer final : public rpc::Adder::Server {
  kj::Promise<void> add(AddContext context) override {
    context.getResults().setSum(context.getParams().getA() + context.getParams().getB());
    return kj::READY_NOW;
  }
};

kj::Own<kj::AsyncIoStream> Wrap(kj::AsyncIoContext& io, UniqueFd socket) {
  return io.lowLevelProvider->wrapSocketFd(kj::AutoCloseFd(socket.Release()),
                                           kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC);
}

}  // namespace

void ServeCapnpAdder(UniqueFd socket, CapnpWait wait) {
  kj::AsyncIoContext io = kj::setupAsyncIo();
  kj::Own<kj::AsyncIoStream> stream = Wrap(io, std::move(socket));
  capnp::TwoPartyClient server(*stream, kj::heap<AdderServer>(),
                               capnp::rpc::twoparty::Side::SERVER);
  kj::Promise<void> gone = server.onDisconnect();
  while (wait == CapnpWait::kPoll && !gone.poll(io.waitScope)) {
  }
  gone.wait(io.waitScope);
}

void UseCapnpAdder(
    UniqueFd socket, CapnpWait wait,
    const std::function<void(const std::function<int32_t(int32_t, int32_t)>&)>& use) {
  kj::AsyncIoContext io = kj::setupAsyncIo();
  kj::Own<kj::AsyncIoStream> stream = Wrap(io, std::move(socket));
  capnp::TwoPartyClient client(*stream);
  rpc::Adder::Client adder = client.bootstrap().castAs<rpc::Adder>();
  use([&](int32_t a, int32_t b) {
    auto request = adder.addRequest();
    request.setA(a);
    request.setB(b);
    auto reply = request.send();
    while (wait == CapnpWait::kPoll && !reply.poll(io.waitScope)) {
    }
    return reply.wait(io.waitScope).getSum();
  });
}

}  // namespace ringway::bench
