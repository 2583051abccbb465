// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Loops: what they run and when, and what does not stop them (rows C10 and C11 of
// docs/interfaces.md).

#include "ringway/loop.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "ringway/meta.h"
#include "tests/interface/calc.h"
#include "tests/interface/local_node.h"
#include "tests/interface/served_node.h"

namespace ringway::testing {
namespace {

constexpr uint64_t kLongNs = 20'000'000'000;

bool Answers(const Cap<Calc>& calc) {
  int sum = 0;
  return calc.Until(Deadline::In(kLongNs)).Call<Calc::Add>(2, 3, sum) > 0 && sum == 5;
}

TEST(LoopTest, TimeoutsRunInTheirOrder) {
  LocalNode local;
  Loop loop(local.node());
  std::string order;
  const uint64_t start = Deadline::In(0).ns();
  loop.AddTimeout(Deadline::At(start + 2'000'000), [&] { order += "b"; });
  loop.AddTimeout(Deadline::At(start + 1'000'000), [&] { order += "a"; });
  loop.AddTimeout(Deadline::At(start + 3'000'000), [&] { loop.Stop(); });
  loop.Run();
  EXPECT_EQ(order, "ab");
}

// Each request brings the next one.
TEST(LoopTest, TimeoutsRunAlthoughThereAlwaysIsARequest) {
  LocalNode local;
  Loop loop(local.node());
  class Restless : public Server<Restless, Calc> {
   public:
    long Handle(Calc::Add, CallContext&, int, int, int&) { return 0; }
    long Handle(Calc::Neg, CallContext&, uint32_t, uint32_t&) { return 0; }
    long Handle(Calc::Divide, CallContext&, int, int, int&) { return 0; }
    long Handle(Calc::Reset, CallContext&, int so_far) {
      // Far fewer are handled in the time that the timeout has.
      return so_far < 10'000'000 ? self.Call<Calc::Reset>(so_far + 1) : 0;
    }
    Cap<Calc> self;
  } server;
  server.self = Cap<Calc>(*loop.Open(server));
  server.self.Call<Calc::Reset>(0);
  bool ran = false;
  loop.AddTimeout(Deadline::In(1'000'000), [&] {
    ran = true;
    loop.Stop();
  });
  const Deadline end = Deadline::In(2'000'000'000);
  while (!ran && !end.HasPassed()) loop.RunOnce(end);
  EXPECT_TRUE(ran);
}

TEST(LoopTest, HooksSeeWaitsAndPortalsThatEnd) {
  LocalNode local;
  Loop loop(local.node());
  CalcServer server;
  int waits = 0;
  int64_t ended = 0;
  loop.set_hooks({[&] { ++waits; }, [&](IpczHandle, int64_t error) { ended = error; }});
  Result<Portal> portal = loop.Open(server);
  ASSERT_TRUE(portal);
  EXPECT_EQ(loop.RunOnce(Deadline::In(1'000'000)), -RW_ETIMEDOUT);
  EXPECT_GE(waits, 1);
  portal->Close();
  EXPECT_EQ(loop.RunOnce(Deadline::In(1'000'000)), -RW_ETIMEDOUT);
  EXPECT_EQ(ended, -RW_ECONNRESET);
}

TEST(LoopTest, EndpointsThatWereSetAsideAreServedByName) {
  ServedNode node;
  CalcServer server;
  Result<std::pair<Portal, Portal>> pair = node.node().OpenPortals();
  ASSERT_TRUE(pair);
  node.loop().AddEndpoint("server", std::move(pair->first));
  EXPECT_EQ(node.loop().ServeNamed("nobody", server), -RW_ENOENT);
  EXPECT_EQ(node.loop().ServeNamed("server", server), 0);
  EXPECT_EQ(node.loop().ServeNamed("server", server), -RW_ENOENT);
  EXPECT_TRUE(Answers(Cap<Calc>(std::move(pair->second))));
}

// A client that never reads keeps nobody else waiting.
TEST(LoopTest, AStalledClientDoesNotBlockTheServer) {
  ServedNode node;
  CalcServer server;
  Portal stalled = node.RawConnect(server, Place::kOtherNode);
  const RequestHeader header = {kMessageVersion, kKindCall,    0, 0, 1, kOpcodeOf<Calc::Neg>, 0,
                                Calc::kId.high,  Calc::kId.low};
  const std::array<std::byte, 4> operand = {};
  std::vector<std::byte> request(sizeof(header) + operand.size());
  std::memcpy(request.data(), &header, sizeof(header));
  for (int i = 0; i < 20'000; ++i) ASSERT_EQ(stalled.Put(request), IPCZ_RESULT_OK);
  EXPECT_TRUE(Answers(node.Connect<Calc>(server, Place::kSameNode)));
  EXPECT_TRUE(Eventually([&] { return Status(stalled.get()).num_local_parcels == 20'000; }));
}

// What a peer sends as a portal may be a box; and a program may serve what is no portal.
TEST(LoopTest, WhatIsNoPortalEndsAloneHoweverManyThereAre) {
  LocalNode local;
  CalcServer server;
  std::vector<Cap<Calc>> clients;
  for (int count = 0; count < 8; ++count) {
    Loop loop(local.node());
    std::vector<int64_t> ended;
    loop.set_hooks({{}, [&](IpczHandle, int64_t error) { ended.push_back(error); }});
    clients.clear();
    for (int i = 0; i < count; ++i) clients.emplace_back(*loop.Open(server));
    Result<Handle> box = local.node().Box(MakeBlob("no portal"));
    ASSERT_TRUE(box);
    loop.Serve(Portal(box->Release()), server);
    loop.Serve(Portal(), server);
    std::thread thread([&] { loop.Run(); });
    for (const Cap<Calc>& client : clients) EXPECT_TRUE(Answers(client)) << count;
    loop.AddTimeout(Deadline::In(1'000'000), [&] { loop.Stop(); });
    thread.join();
    EXPECT_EQ(ended, (std::vector<int64_t>{-RW_EINVAL, -RW_EINVAL})) << count;
  }
}

TEST(LoopTest, WhatOutlivesItsLoopIsNotServedAnyMore) {
  LocalNode local;
  CalcServer server;
  CalcServer hosted;
  CalcServer moved;
  Loop second(local.node());
  {
    Loop loop(local.node());
    Result<Portal> portal = loop.Open(server);
    loop.Host(hosted);
    loop.Host(moved);
    second.Host(moved);
    EXPECT_EQ(server.loop(), &loop);
  }
  EXPECT_EQ(server.loop(), nullptr);
  EXPECT_EQ(hosted.loop(), nullptr);
  EXPECT_EQ(moved.loop(), &second);
  Handle clone;
  EXPECT_EQ(CapReinterpretCast<Meta>(server.cap()).Call<Meta::Clone>(kAllRights, clone),
            -RW_EINVAL);
  EXPECT_EQ(CapIntoPortal(hosted.target(), kAllRights, Deadline::Never(), &clone), -RW_EINVAL);
}

// Waits for a reply in the handler, so that the loop goes on meanwhile.
class Waiting : public Server<Waiting, Calc> {
 public:
  explicit Waiting(Loop& loop) : loop_(loop) {}
  long Handle(Calc::Add, CallContext&, int, int, int&) {
    return loop_.RunIfFree(Deadline::In(1'000'000));
  }
  long Handle(Calc::Neg, CallContext&, uint32_t, uint32_t&) { return 0; }
  long Handle(Calc::Divide, CallContext&, int, int, int&) { return 0; }
  long Handle(Calc::Reset, CallContext&, int) { return loop_.RunIfFree(Deadline::In(1'000'000)); }

 private:
  Loop& loop_;
};

TEST(LoopTest, APortalEndsOnceAlthoughAHandlerLetTheLoopGoOn) {
  LocalNode local;
  Loop loop(local.node());
  Waiting server(loop);
  int ended = 0;
  loop.set_hooks({{}, [&](IpczHandle, int64_t) { ++ended; }});
  {
    const Cap<Calc> calc(*loop.Open(server));
    ASSERT_EQ(calc.Call<Calc::Reset>(0), 0);
  }
  for (int i = 0; i < 3; ++i) loop.RunOnce(Deadline::In(1'000'000));
  EXPECT_EQ(ended, 1);
}

struct Failing : Interface<Failing> {
  static constexpr InterfaceId kId = IdOf("ringway.test.Failing");
  using Throw = Method<Failing, "throw", long(int, int&)>;
  using Give = Method<Failing, "give", long(bool, Out<ringway::Handle>)>;
  using Rpcs = ringway::Rpcs<Throw, Give>;
};
class FailingServer : public Server<FailingServer, Failing> {
 public:
  explicit FailingServer(Node& node) : closed_(node.OpenPortals()->first.get()) {}
  long Handle(Failing::Throw, CallContext& context, int what, int& result) {
    result = 5;
    if (what == 1) throw std::bad_alloc();
    if (what == 2) throw std::system_error(RW_EPIPE, std::generic_category());
    if (what == 3) throw std::system_error(RW_ENOENT, std::system_category());
    if (what == 4) throw std::system_error(7, std::iostream_category());
    if (what == 5) throw std::runtime_error("why");
    if (what == 6) {
      taken_ = context.TakeReply();
      has_taken = true;
      throw std::runtime_error("with the reply");
    }
    if (what == 7) throw "no exception of the library's";
    return 0;
  }
  // A handle that cannot be sent, at once or later.
  long Handle(Failing::Give, CallContext& context, bool later, ringway::Handle& given) {
    if (!later) {
      given.Reset(closed_);
      return 0;
    }
    sent = ReplyWith<Failing::Give>(context.TakeReply(), 0, ringway::Handle(closed_));
    return -RW_ENOREPLY;
  }
  void Drop() { taken_ = {}; }
  std::atomic<int64_t> sent = 0;
  std::atomic<bool> has_taken = false;

 private:
  const IpczHandle closed_;
  Reply taken_;
};

class FailingTest : public ::testing::TestWithParam<Place> {
 protected:
  ServedNode node_;
  FailingServer server_{node_.node()};
  Cap<Failing> client_ = node_.Connect<Failing>(server_, GetParam()).Until(Deadline::In(kLongNs));
};
INSTANTIATE_TEST_SUITE_P(, FailingTest, RW_BY_MESSAGE, PlaceName);

TEST_P(FailingTest, WhatAHandlerThrowsIsAnErrorForItsCaller) {
  const int64_t statuses[] = {0, -RW_ENOMEM, -RW_EPIPE, -RW_ENOENT, -RW_EIO, -RW_ECANCELED};
  for (int what = 0; what < 6; ++what) {
    int result = 1;
    EXPECT_EQ(client_.Call<Failing::Throw>(what, result), statuses[what]) << what;
    EXPECT_EQ(result, what == 0 ? 5 : 1);
  }
  int untouched = 1;
  EXPECT_EQ(client_.Call<Failing::Throw>(7, untouched), -RW_ECANCELED);
  EXPECT_EQ(untouched, 1);
  // The reply that it took is still to come.
  int result = 1;
  EXPECT_EQ(client_.Until(Deadline::In(10'000'000)).Call<Failing::Throw>(6, result), -RW_ETIMEDOUT);
  ASSERT_TRUE(Eventually([&] { return server_.has_taken.load(); }));
  server_.Drop();
  EXPECT_EQ(client_.Call<Failing::Throw>(0, result), 0);
}

TEST_P(FailingTest, OutputsThatCannotBeSentAreAnErrorForTheCaller) {
  for (const bool later : {false, true}) {
    ringway::Handle given;
    EXPECT_EQ(client_.Call<Failing::Give>(later, given), -RW_EINVAL) << later;
  }
  EXPECT_TRUE(Eventually([&] { return server_.sent == -RW_EINVAL; }));
}

// Ends in a handler: by itself, or only for those who call.
class Ending : public Server<Ending, Calc> {
 public:
  Ending(Loop& loop, std::unique_ptr<Ending>* self) : loop_(loop), self_(self) {}
  long Handle(Calc::Add, CallContext&, int, int, int& sum) {
    self_->reset();
    sum = 5;
    return 1;
  }
  long Handle(Calc::Neg, CallContext&, uint32_t, uint32_t&) {
    loop_.Unregister(*this);
    return 2;
  }
  long Handle(Calc::Divide, CallContext&, int, int, int&) { return 0; }
  long Handle(Calc::Reset, CallContext&, int) { return 0; }

 private:
  Loop& loop_;
  std::unique_ptr<Ending>* self_;
};

class EndingTest : public ::testing::TestWithParam<Place> {};
INSTANTIATE_TEST_SUITE_P(, EndingTest, RW_ALL_PLACES, PlaceName);

TEST_P(EndingTest, AnObjectMayEndInItsOwnHandler) {
  ServedNode node;
  std::unique_ptr<Ending> object;
  object = std::make_unique<Ending>(node.loop(), &object);
  const auto calc = node.Connect<Calc>(*object, GetParam());
  EXPECT_TRUE(Answers(calc));
  int sum = 0;
  EXPECT_EQ(calc.Call<Calc::Add>(2, 3, sum), -RW_ENOENT);
  EXPECT_FALSE(object);
}

TEST_P(EndingTest, AnObjectMayBeUnregisteredInItsOwnHandler) {
  ServedNode node;
  Ending object(node.loop(), nullptr);
  const auto calc = node.Connect<Calc>(object, GetParam());
  uint32_t result = 0;
  EXPECT_EQ(calc.Call<Calc::Neg>(1u, &result), 2);
  EXPECT_EQ(calc.Call<Calc::Neg>(1u, &result), -RW_ENOENT);
}

}  // namespace
}  // namespace ringway::testing
