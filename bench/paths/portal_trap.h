// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Round trips that trap handlers make on their own: no thread of the application takes part.

#ifndef BENCH_PATHS_PORTAL_TRAP_H_
#define BENCH_PATHS_PORTAL_TRAP_H_

#include <semaphore.h>
#include <stddef.h>
#include <stdint.h>

#include <string>
#include <vector>

#include "bench/harness/round_trip.h"
#include "bench/paths/portal.h"

namespace ringway::bench {

// Has `Talker` (Ping or Pong) answer each parcel of a portal from the portal's trap.
template <size_t kBytes, typename Talker>
class TrapLoop {
 public:
  TrapLoop(IpczHandle portal, Talker& talker) : portal_(portal), talker_(talker) {
    sem_init(&done_, 0, 0);
  }
  ~TrapLoop() { sem_destroy(&done_); }
  TrapLoop(const TrapLoop&) = delete;
  TrapLoop& operator=(const TrapLoop&) = delete;

  // Returns when the talker is done. `begin` says that it speaks first.
  void Run(bool begin) {
    if (begin) Put();
    Listen();
    while (sem_wait(&done_) != 0) {
    }
  }

 private:
  static void OnTrap(const IpczTrapEvent* event) {
    auto* loop = reinterpret_cast<TrapLoop*>(event->context);
    loop->Listen();
  }

  // Answers what is there and sets the trap for what comes.
  void Listen() {
    const IpczTrapConditions conditions = {.size = sizeof(conditions),
                                           .flags = IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS,
                                           .min_local_parcels = 0,
                                           .min_local_bytes = 0,
                                           .max_remote_parcels = 0,
                                           .max_remote_bytes = 0};
    IpczResult result;
    do {
      while (Get()) {
        if (talker_.Read(message_.data())) Put();
        if (talker_.done()) {
          sem_post(&done_);
          return;
        }
      }
      result = Ipcz().Trap(portal_, &conditions, &OnTrap, reinterpret_cast<uintptr_t>(this),
                           IPCZ_NO_FLAGS, nullptr, nullptr, nullptr);
    } while (result == IPCZ_RESULT_FAILED_PRECONDITION);
    Require(result, "Trap");
  }

  bool Get() {
    size_t bytes = kBytes;
    const IpczResult result = Ipcz().Get(portal_, IPCZ_NO_FLAGS, nullptr, message_.data(), &bytes,
                                         nullptr, nullptr, nullptr);
    if (result == IPCZ_RESULT_UNAVAILABLE) return false;
    Require(result, "Get");
    if (bytes != kBytes) Fail("a parcel of " + std::to_string(bytes) + " bytes arrived");
    return true;
  }

  void Put() {
    talker_.Write(message_.data());
    Require(Ipcz().Put(portal_, message_.data(), kBytes, nullptr, 0, IPCZ_NO_FLAGS, nullptr),
            "Put");
  }

  IpczHandle portal_;
  Talker& talker_;
  std::vector<std::byte> message_ = std::vector<std::byte>(kBytes);
  sem_t done_;
};

template <size_t kBytes>
Outcome RunTrapRoundTrip(const Pace& pace) {
  PortalFds fds;
  const Shared<Measurement> found;
  const Role measure = [&] {
    const PortalEnd end(fds.Take(Side::kFirst), Side::kFirst);
    Ping<kBytes> ping(pace);
    TrapLoop<kBytes, Ping<kBytes>>(end.portal(), ping).Run(true);
    *found = ping.Finish();
    Meet();
  };
  const Role echo = [&] {
    const PortalEnd end(fds.Take(Side::kSecond), Side::kSecond);
    Pong<kBytes> pong;
    TrapLoop<kBytes, Pong<kBytes>>(end.portal(), pong).Run(false);
    Meet();
  };
  return RunCase({measure, echo}, pace, found);
}

}  // namespace ringway::bench

#endif  // BENCH_PATHS_PORTAL_TRAP_H_
