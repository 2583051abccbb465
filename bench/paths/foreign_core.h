// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// A core of the original's kind, which transmits each parcel and dispatches it on its driver's
// thread, on the Linux driver and on a plain socket driver.

#ifndef BENCH_PATHS_FOREIGN_CORE_H_
#define BENCH_PATHS_FOREIGN_CORE_H_

#include <semaphore.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <string>

#include "bench/harness/channel.h"
#include "bench/harness/cpu.h"
#include "bench/harness/fail.h"
#include "bench/harness/rate.h"
#include "bench/harness/roles.h"
#include "bench/harness/round_trip.h"
#include "bench/harness/shared.h"
#include "ringway/driver_linux.h"
#include "shm/unique_fd.h"
#include "tests/support/foreign_core.h"
#include "tests/support/socket_driver.h"

namespace ringway::bench {

enum class ForeignDriver { kRingwayPoll, kRingwayAdaptive, kSocketPoll, kSocketPark };

// One link between two roles: made before they are forked, opened by each of them.
template <ForeignDriver kDriver>
class ForeignLink {
 public:
  ForeignLink() {
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) FailErrno("socketpair");
    for (size_t i = 0; i < 2; ++i) ends_[i].Reset(fds[i]);
  }

  testing::ForeignCore Open(Side side) {
    ends_[Index(Other(side))].Reset();
    const int fd = ends_[Index(side)].Release();
    if constexpr (kDriver == ForeignDriver::kSocketPoll || kDriver == ForeignDriver::kSocketPark) {
      constexpr auto kWait = kDriver == ForeignDriver::kSocketPoll ? testing::SocketWait::kPoll
                                                                   : testing::SocketWait::kPark;
      return {testing::SocketDriver(), testing::SocketTransportFromFd(fd, kWait)};
    } else {
      RingwayLinuxOptions options = {};
      options.size = sizeof(options);
      Check(RingwayLinuxGetOptions(&options));
      if (kDriver == ForeignDriver::kRingwayPoll) options.spin_ns = UINT64_MAX;
      Check(RingwayLinuxSetOptions(&options));
      IpczDriverHandle transport = IPCZ_INVALID_DRIVER_HANDLE;
      Check(RingwayLinuxTransportFromFd(fd, &transport));
      return {RingwayLinuxDriver(), transport};
    }
  }

 private:
  static void Check(IpczResult result) {
    if (result != IPCZ_RESULT_OK) Fail("the driver says " + std::to_string(result));
  }

  std::array<UniqueFd, 2> ends_;
};

// Waits for what happens on the driver's thread.
class Event {
 public:
  Event() { sem_init(&happened_, 0, 0); }
  ~Event() { sem_destroy(&happened_); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  void Tell() { sem_post(&happened_); }
  void Wait() {
    while (sem_wait(&happened_) != 0) {
    }
  }

 private:
  sem_t happened_;
};

inline void Put(testing::ForeignCore& core, const void* data, size_t num_bytes) {
  const IpczResult result = core.Put(data, num_bytes);
  if (result != IPCZ_RESULT_OK) Fail("Transmit says " + std::to_string(result));
}

inline void FailOnEnd() { Fail("the link has ended"); }

// Has `Talker` (Ping or Pong) answer each parcel from the driver's thread.
template <size_t kBytes, typename Talker>
void TalkAsForeignCore(testing::ForeignCore& core, Talker& talker, bool begin) {
  Event done;
  Message<kBytes> message;
  const auto put = [&] {
    talker.Write(message.data());
    Put(core, message.data(), kBytes);
  };
  const IpczResult result = core.Activate(
      [&](const std::byte* data, size_t num_bytes) {
        if (num_bytes != kBytes) Fail("a parcel of another size arrived");
        if (talker.Read(data)) put();
        if (talker.done()) done.Tell();
      },
      [&] {
        if (!talker.done()) FailOnEnd();
      });
  if (result != IPCZ_RESULT_OK) Fail("Activate says " + std::to_string(result));
  if (begin) put();
  done.Wait();
}

template <size_t kBytes, ForeignDriver kDriver>
Outcome RunForeignRoundTrip(const Pace& pace) {
  ForeignLink<kDriver> link;
  const Shared<Measurement> found;
  const Role measure = [&] {
    testing::ForeignCore core = link.Open(Side::kFirst);
    Ping<kBytes> ping(pace);
    TalkAsForeignCore<kBytes>(core, ping, true);
    *found = ping.Finish();
    Meet();
  };
  const Role echo = [&] {
    testing::ForeignCore core = link.Open(Side::kSecond);
    Pong<kBytes> pong;
    TalkAsForeignCore<kBytes>(core, pong, false);
    Meet();
  };
  return RunCase({measure, echo}, pace, found);
}

// How many parcels the receiver has got. The sender keeps within a window, as neither driver limits
// what it queues.
struct ForeignProgress {
  alignas(64) std::atomic<uint64_t> received{0};
};
constexpr uint64_t kForeignWindow = 8192;
constexpr uint64_t kForeignReportEvery = 64;

template <size_t kBytes, ForeignDriver kDriver>
Outcome RunForeignRate(const Pace& pace) {
  ForeignLink<kDriver> link;
  const Shared<Measurement> found;
  const Shared<ForeignProgress> progress;
  const Role send = [&] {
    testing::ForeignCore core = link.Open(Side::kFirst);
    if (core.Activate([](const std::byte*, size_t) {}, [] {}) != 0) Fail("Activate");
    FloodStamps stamps(pace);
    Message<kBytes> message;
    WriteWhole<kBytes>(message.data(), 0);
    uint64_t stamp = 0;
    for (uint64_t sent = 0; (stamp & kLastMark) == 0; ++sent) {
      while (sent - progress->received.load(std::memory_order_relaxed) > kForeignWindow) Spin();
      stamp = stamps.Next(1024);
      WriteEnds<kBytes>(message.data(), stamp);
      Put(core, message.data(), kBytes);
    }
    Meet();
  };
  const Role receive = [&] {
    testing::ForeignCore core = link.Open(Side::kSecond);
    FloodCheck<kBytes, false> check;
    Event done;
    uint64_t received = 0;
    const auto on_parcel = [&](const std::byte* data, size_t num_bytes) {
      if (num_bytes != kBytes) Fail("a parcel of another size arrived");
      check.Read(data);
      if (++received % kForeignReportEvery == 0) {
        progress->received.store(received, std::memory_order_relaxed);
      }
      if (check.done()) done.Tell();
    };
    if (core.Activate(on_parcel, [] {}) != 0) Fail("Activate");
    done.Wait();
    *found = check.Finish();
    Meet();
  };
  return RunCase({send, receive}, pace, found);
}

}  // namespace ringway::bench

#endif  // BENCH_PATHS_FOREIGN_CORE_H_
