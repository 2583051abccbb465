// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>
#include <kj/exception.h>

#include <string>

#include "bench/harness/fail.h"
#include "bench/paths/adder.capnp.h"
#include "bench/paths/socket_call.h"

namespace ringway::bench {
namespace {

class AdderServer final : public rpc::Adder::Server {
  kj::Promise<void> add(AddContext context) override {
    context.getResults().setSum(context.getParams().getA() + context.getParams().getB());
    return kj::READY_NOW;
  }
};

// Calls `body(stream, io.waitScope)` within an event loop.
template <class Body>
void WithStream(const UniqueFd& socket, Body body) {
  const auto run = [&] {
    kj::AsyncIoContext io = kj::setupAsyncIo();
    kj::Own<kj::AsyncIoStream> stream = io.lowLevelProvider->wrapSocketFd(
        socket.get(), kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC);
    body(*stream, io.waitScope);
  };
  KJ_IF_MAYBE (exception, kj::runCatchingExceptions(run)) {
    Fail(std::string("Cap'n Proto: ") + exception->getDescription().cStr());
  }
}

template <class Promise>
auto Await(Promise promise, KernelWait wait, kj::WaitScope& scope) {
  while (wait == KernelWait::kPoll && !promise.poll(scope)) {
  }
  return promise.wait(scope);
}

void Serve(const UniqueFd& socket, KernelWait wait) {
  WithStream(socket, [&](kj::AsyncIoStream& stream, kj::WaitScope& scope) {
    capnp::TwoPartyClient server(stream, kj::heap<AdderServer>(),
                                 capnp::rpc::twoparty::Side::SERVER);
    Await(server.onDisconnect(), wait, scope);
  });
}

void Use(const UniqueFd& socket, KernelWait wait, const std::function<void(const AddCall&)>& body) {
  WithStream(socket, [&](kj::AsyncIoStream& stream, kj::WaitScope& scope) {
    capnp::TwoPartyClient client(stream);
    rpc::Adder::Client adder = client.bootstrap().castAs<rpc::Adder>();
    body([&](int32_t a, int32_t b) {
      auto request = adder.addRequest();
      request.setA(a);
      request.setB(b);
      return Await(request.send(), wait, scope).getSum();
    });
  });
}

}  // namespace

const SocketCall kCapnpCall = {.serve = Serve, .use = Use};

}  // namespace ringway::bench
