// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What does a call of the interface layer cost: between processes, within one, and with a large
// argument? Beside it: a virtual call, Cap'n Proto and sd-bus.

#include <stddef.h>
#include <stdint.h>

#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bench/cases.h"
#include "bench/harness/clock.h"
#include "bench/harness/rate.h"
#include "bench/harness/roles.h"
#include "bench/harness/sampler.h"
#include "bench/harness/shared.h"
#include "bench/paths/call.h"
#include "bench/paths/socket_call.h"

namespace ringway::bench {
namespace {

// Two ints go in and one comes out: as many bytes as the smallest messages of other paths.
constexpr size_t kBytesOfAdd = 8;

// Times `add(a, b)`, and checks each sum.
template <class Add>
Measurement TimeAdds(const Pace& pace, Add add) {
  Sampler sampler(pace);
  int32_t number = 0;
  for (bool more = true; more;) {
    number = (number + 1) & 0xffffff;
    const uint64_t start = Ticks();
    if (add(number, 1) != number + 1)
      Fail("the sum of call " + std::to_string(number) + " is wrong");
    more = sampler.Add(start, Ticks());
  }
  return sampler.Finish();
}

class AddServer : public Server<AddServer, Calls> {
 public:
  long Handle(Calls::Add, CallContext&, int a, int b, int& sum) { return sum = a + b, RW_EOK; }
  long Handle(Calls::Take, CallContext&, ArrayRef<const uint64_t>) { return -RW_ENOSYS; }
  long Handle(Calls::End, CallContext&) { return done = true, RW_EOK; }
  bool done = false;
};

int Add(const Cap<Calls>& calls, int a, int b) {
  int sum = 0;
  const long status = calls.Call<Calls::Add>(a, b, sum);
  if (status != RW_EOK) Fail("a call failed: " + std::to_string(status));
  return sum;
}

template <RingwayWaitMode kMode>
Outcome RunCalls(const Pace& pace) {
  PortalFds fds;
  const Shared<Measurement> found;
  const Role measure = [&] {
    CallEnd end(fds.Take(Side::kFirst), Side::kFirst);
    const Cap<Calls> calls = CallsOf(end, kMode);
    *found = TimeAdds(pace, [&](int a, int b) { return Add(calls, a, b); });
    calls.Call<Calls::End>();
    Meet();
  };
  const Role serve = [&] {
    AddServer server;
    ServeCalls(CallEnd(fds.Take(Side::kSecond), Side::kSecond), server, kMode);
    Meet();
  };
  return RunCase({measure, serve}, pace, found);
}

template <const SocketCall& kCall, KernelWait kWait>
Outcome RunSocketCalls(const Pace& pace) {
  StreamFds ends;
  const Shared<Measurement> found;
  const Role measure = [&] {
    const UniqueFd socket = ends.Take(Side::kFirst);
    kCall.use(socket, kWait, [&](const AddCall& add) { *found = TimeAdds(pace, add); });
    ShutDown(socket);
    Meet();
  };
  const Role serve = [&] {
    kCall.serve(ends.Take(Side::kSecond), kWait);
    Meet();
  };
  return RunCase({measure, serve}, pace, found);
}

// What lies between two looks at the clock, where one call is too short for one.
constexpr size_t kBatch = 1024;

template <class Add>
Measurement TimeBatches(const Pace& pace, Add add) {
  Measurement found = TimeAdds(pace, [&](int number, int) {
    for (size_t i = 0; i < kBatch; ++i) {
      if (add(number, static_cast<int>(i)) != number + static_cast<int>(i)) Fail("a sum is wrong");
    }
    return number + 1;
  });
  found.items *= kBatch;
  found.p50_ns /= kBatch;
  found.p99_ns /= kBatch;
  return found;
}

Outcome RunInOneProcess(const Pace& pace, const std::function<Measurement()>& measure) {
  const Shared<Measurement> found;
  return RunCase({[&] { *found = measure(); }}, pace, found);
}

Outcome RunLocalCalls(const Pace& pace) {
  return RunInOneProcess(pace, [&] {
    AddServer server;
    const Cap<Calls> calls = server.cap();
    return TimeBatches(pace, [&](int a, int b) { return Add(calls, a, b); });
  });
}

class Adder {
 public:
  virtual ~Adder() = default;
  virtual long Add(int a, int b, int& sum) = 0;
};
class AdderImpl final : public Adder {
  long Add(int a, int b, int& sum) override { return sum = a + b, RW_EOK; }
};

Outcome RunVirtualCalls(const Pace& pace) {
  return RunInOneProcess(pace, [&] {
    const auto owner = std::make_unique<AdderImpl>();
    return TimeBatches(pace, [&](int a, int b) {
      Adder* adder = owner.get();
      asm volatile("" : "+r"(adder));  // of whatever class
      int sum = 0;
      if (adder->Add(a, b, sum) != RW_EOK) Fail("a virtual call failed");
      return sum;
    });
  });
}

// Takes messages as arguments, each of which is read once, where it is.
template <size_t kBytes, bool kInPlace>
class TakeServer : public Server<TakeServer<kBytes, kInPlace>, Calls> {
 public:
  long Handle(Calls::Add, CallContext&, int, int, int&) { return -RW_ENOSYS; }
  long Handle(Calls::Take, CallContext&, ArrayRef<const uint64_t> message) {
    if (message.size() != kBytes / 8) return -RW_EMSGTOOLONG;
    check.Read(reinterpret_cast<const std::byte*>(message.data));
    return RW_EOK;
  }
  long Handle(Calls::End, CallContext&) { return done = true, RW_EOK; }

  FloodCheck<kBytes, kInPlace> check;
  bool done = false;
};

void Expect(long status) {
  if (status != RW_EOK) Fail("a call failed: " + std::to_string(status));
}

// One at a time, each with a copy of the client's message.
template <size_t kBytes>
class WaitingCalls {
 public:
  static constexpr bool kInPlace = false;

  explicit WaitingCalls(const Cap<Calls>& calls) : calls_(calls) { WriteWhole<kBytes>(bytes(), 0); }
  void Send(uint64_t stamp) {
    WriteEnds<kBytes>(bytes(), stamp);
    Expect(calls_.Call<Calls::Take>(message_));
  }
  void Flush() {}

 private:
  std::byte* bytes() { return reinterpret_cast<std::byte*>(message_.data()); }

  const Cap<Calls>& calls_;
  std::vector<uint64_t> message_ = std::vector<uint64_t>(kBytes / 8);
};

// As many at a time as the rings beside them hold, each message written where it is sent from.
template <size_t kBytes>
class StartedCalls {
 public:
  static constexpr bool kInPlace = true;

  explicit StartedCalls(const Cap<Calls>& calls) : calls_(calls) {}
  void Send(uint64_t stamp) {
    if (under_way_.size() == kFloodLimits<kBytes>.max_queued_parcels) WaitForFirst();
    const auto write = [stamp](std::span<uint64_t> to) {
      WriteWhole<kBytes>(reinterpret_cast<std::byte*>(to.data()), stamp);
    };
    under_way_.push_back(calls_.Start<Calls::Take>(Fill<uint64_t>(kBytes / 8, write)));
  }
  void Flush() {
    while (!under_way_.empty()) WaitForFirst();
  }

 private:
  void WaitForFirst() {
    Expect(under_way_.front().Wait());
    under_way_.pop_front();
  }

  const Cap<Calls>& calls_;
  std::deque<Pending<Calls::Take>> under_way_;
};

template <size_t kBytes, template <size_t> typename Way>
Outcome RunLargeCalls(const Pace& pace) {
  PortalFds fds;
  const Shared<Measurement> found;
  const Role send = [&] {
    CallEnd end(fds.Take(Side::kFirst), Side::kFirst);
    const Cap<Calls> calls = CallsOf(end, RINGWAY_WAIT_MODE_POLL);
    Way<kBytes> way(calls);
    FloodStamps stamps(pace);
    for (uint64_t stamp = 0; (stamp & kLastMark) == 0;) {
      stamp = stamps.Next(1);
      way.Send(stamp);
    }
    way.Flush();
    calls.Call<Calls::End>();
    Meet();
  };
  const Role serve = [&] {
    TakeServer<kBytes, Way<kBytes>::kInPlace> server;
    ServeCalls(CallEnd(fds.Take(Side::kSecond), Side::kSecond), server, RINGWAY_WAIT_MODE_POLL);
    *found = server.check.Finish();
    Meet();
  };
  return RunCase({send, serve}, pace, found);
}

Case AddCase(const std::string& path, std::function<Outcome(const Pace&)> run) {
  return {CaseName("roundtrip/" + path, kBytesOfAdd), kBytesOfAdd, std::move(run)};
}

}  // namespace

void AddCalls(Cases& cases) {
  cases.push_back(AddCase("call/poll", RunCalls<RINGWAY_WAIT_MODE_POLL>));
  cases.push_back(AddCase("call/park", RunCalls<RINGWAY_WAIT_MODE_PARK>));
  cases.push_back(AddCase("capnp/poll", RunSocketCalls<kCapnpCall, KernelWait::kPoll>));
  cases.push_back(AddCase("capnp/park", RunSocketCalls<kCapnpCall, KernelWait::kPark>));
  cases.push_back(AddCase("sd_bus/poll", RunSocketCalls<kSdBusCall, KernelWait::kPoll>));
  cases.push_back(AddCase("sd_bus/park", RunSocketCalls<kSdBusCall, KernelWait::kPark>));
  cases.push_back(AddCase("call_local/poll", RunLocalCalls));
  cases.push_back(AddCase("call_virtual/poll", RunVirtualCalls));
  constexpr size_t kLarge = size_t{1} << 20;
  cases.push_back({CaseName("rate/call", kLarge), kLarge, RunLargeCalls<kLarge, StartedCalls>});
  cases.push_back(
      {CaseName("rate/call_waiting", kLarge), kLarge, RunLargeCalls<kLarge, WaitingCalls>});
}

}  // namespace ringway::bench
