// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// A parent, a pinger and who answers: in one process, or in three. docs/examples/pinger.md.

#include "docs/examples/pinger.h"

namespace ringway::examples {
namespace {

// Sends everything back, except for the second ping.
class Echo : public Counted {
 public:
  Echo();
  long Take(ArrayRef<const std::byte> data, const XferMetadata&) {
    if (++count_ == 2) return RW_EOK;
    return Deliver(xfer, {data.data, data.size()});
  }
  void Close(int64_t reason) { xfer.Shutdown(reason); }
  Endpoint xfer;

 private:
  int count_ = 0;
};

class Parent : public Counted {
 public:
  explicit Parent(Loop& loop);
  void Close(int64_t reason) {
    Say("parent: the job is done, result %d\n", static_cast<int>(reason));
    job.Shutdown(reason);
    loop_.Stop();
  }
  Endpoint job;

 private:
  Loop& loop_;
};

constexpr Operation kEchoOperations[] = {kOperation<Xfer::Deliver, &Echo::Take>,
                                         kOperation<Intf::Close, &Echo::Close>};
constexpr Operation kParentOperations[] = {kOperation<Intf::Close, &Parent::Close>};
Echo::Echo() : xfer(kDescriptor<&Echo::xfer, kEchoOperations>) {}
Parent::Parent(Loop& loop) : job(kDescriptor<&Parent::job, kParentOperations>), loop_(loop) {}

void Tell(uint32_t sequence, int64_t status) {
  Say("pinger: ping %u: %s\n", sequence, status == RW_EOK ? "answered" : "no answer");
}

constexpr Pinger::Options kOptions = {200'000'000, 64, 3};

// What the process with the pinger offers.
struct Pingers : Interface<Pingers> {
  static constexpr InterfaceId kId = IdOf("ringway.examples.Pingers");
  using Make = Method<Pingers, "make", long(Cap<Plugging>, Cap<Plugging>)>;
  using Rpcs = ringway::Rpcs<Make>;
};
class PingersServer : public Server<PingersServer, Pingers> {
 public:
  long Handle(Pingers::Make, CallContext& context, Cap<Plugging> job, Cap<Plugging> xfer) {
    return MakePinger(*context.object().loop(), std::move(job), std::move(xfer), kOptions, &Tell);
  }
};

int One() {
  Node node = MakeFirstNode();
  Loop loop(node);
  const auto parent = MakeRef<Parent>(loop);
  if (MakePinger(loop, parent->job.cap<Plugging>(), MakeRef<Echo>()->xfer.cap<Plugging>(), kOptions,
                 &Tell) != RW_EOK) {
    Fail("no pinger could be made");
  }
  loop.Run();
  return 0;
}

int Three() {
  Node node = MakeFirstNode();
  Loop loop(node);
  const auto parent = MakeRef<Parent>(loop);
  loop.Host(parent->job);
  Role pinger(node, "pinger");
  Role echo(node, "echo");
  Cap<Pingers> pingers(std::move(pinger.portal));
  loop.ReadReplies(pingers.target().remote_ref());
  if (pingers.Call<Pingers::Make>(parent->job.cap<Plugging>(),
                                  Cap<Plugging>(std::move(echo.portal))) != RW_EOK) {
    Fail("no pinger could be made");
  }
  loop.Run();
  return 0;
}

int PingerRole() {
  PingersServer pingers;
  return RunRole([&](Loop& loop, Portal portal) { loop.Serve(std::move(portal), pingers); });
}

int EchoRole() {
  return RunRole(
      [](Loop& loop, Portal portal) { loop.Serve(std::move(portal), MakeRef<Echo>()->xfer); });
}

}  // namespace
}  // namespace ringway::examples

int main(int argc, char** argv) {
  using namespace ringway::examples;
  return Main(argc, argv,
              {{"one", &One}, {"three", &Three}, {"pinger", &PingerRole}, {"echo", &EchoRole}});
}
