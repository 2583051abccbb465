// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The transfers of portal_transfer.h, made by trap handlers: each end of each transfer waits in a
// trap of its portal, and the handler that ends one begins the next.

#ifndef BENCH_PATHS_PORTAL_TRANSFER_TRAP_H_
#define BENCH_PATHS_PORTAL_TRANSFER_TRAP_H_

#include <semaphore.h>
#include <stddef.h>
#include <stdint.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "bench/paths/portal_transfer.h"

namespace ringway::bench {

// Takes a parcel, or has `handler` called with `context` once there may be one.
inline std::optional<StampedParcel> GetStampOrTrap(IpczHandle portal, IpczTrapEventHandler handler,
                                                   void* context) {
  const IpczTrapConditions conditions = {.size = sizeof(conditions),
                                         .flags = IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS,
                                         .min_local_parcels = 0,
                                         .min_local_bytes = 0,
                                         .max_remote_parcels = 0,
                                         .max_remote_bytes = 0};
  for (;;) {
    if (const std::optional<StampedParcel> parcel = TryGetStamp(portal)) return parcel;
    const IpczResult result =
        Ipcz().Trap(portal, &conditions, handler, reinterpret_cast<uintptr_t>(context),
                    IPCZ_NO_FLAGS, nullptr, nullptr, nullptr);
    if (result == IPCZ_RESULT_OK) return std::nullopt;
    if (result != IPCZ_RESULT_FAILED_PRECONDITION) Require(result, "Trap");
  }
}

// Whoever waits for handlers to be done.
class Done {
 public:
  Done() { sem_init(&semaphore_, 0, 0); }
  ~Done() { sem_destroy(&semaphore_); }
  Done(const Done&) = delete;
  Done& operator=(const Done&) = delete;

  void Tell() { sem_post(&semaphore_); }
  void Await() {
    while (sem_wait(&semaphore_) != 0) {
    }
  }

 private:
  sem_t semaphore_;
};

// The side that opens pairs.
class TrapTransfers {
 public:
  TrapTransfers(const PortalEnd& end, const Pace& pace, size_t depth)
      : end_(end), sampler_(pace), lines_(depth) {}

  Measurement Run() {
    for (Line& line : lines_) {
      line.all = this;
      if (Begin(line)) GoOn(line);
    }
    done_.Await();
    PutLastStamp(end_, begun_);
    return sampler_.Finish();
  }

 private:
  // One transfer after the other.
  struct Line {
    TrapTransfers* all = nullptr;
    Transfer transfer;
  };

  static void OnTrap(const IpczTrapEvent* event) {
    auto* line = reinterpret_cast<Line*>(event->context);
    line->all->GoOn(*line);
  }

  // Once a trap is set, its handler may be at work on the line.
  void GoOn(Line& line) {
    while (const auto echo = GetStampOrTrap(line.transfer.portal, &OnTrap, &line)) {
      EndTransfer(line.transfer, *echo);
      Count(line.transfer);
      if (!Begin(line)) return;
    }
  }

  bool Begin(Line& line) {
    uint64_t stamp = 0;
    {
      const std::lock_guard lock(mutex_);
      if (!more_) return false;
      stamp = ++begun_;
    }
    line.transfer = BeginTransfer(end_, stamp);
    return true;
  }

  void Count(const Transfer& transfer) {
    const std::lock_guard lock(mutex_);
    if (more_) more_ = sampler_.Add(transfer.start, Ticks());
    if (++ended_ == begun_ && !more_) done_.Tell();
  }

  const PortalEnd& end_;
  std::mutex mutex_;
  OverlapSampler sampler_;
  bool more_ = true;
  uint64_t begun_ = 0;
  uint64_t ended_ = 0;
  std::vector<Line> lines_;
  Done done_;
};

// The side that echoes.
class TrapEchoes {
 public:
  explicit TrapEchoes(const PortalEnd& end) : end_(end) {}

  void Run() {
    Receive();
    done_.Await();
  }

 private:
  struct Guest {
    TrapEchoes* host;
    StampedParcel carrier;
  };

  static void OnCarrier(const IpczTrapEvent* event) {
    reinterpret_cast<TrapEchoes*>(event->context)->Receive();
  }
  static void OnPing(const IpczTrapEvent* event) {
    auto* guest = reinterpret_cast<Guest*>(event->context);
    guest->host->Echo(std::unique_ptr<Guest>(guest));
  }

  void Receive() {
    while (const auto carrier = GetStampOrTrap(end_.portal(), &OnCarrier, this)) {
      if (carrier->portal == IPCZ_INVALID_HANDLE) {
        RequireLast(*carrier, count_.load());
        return done_.Tell();
      }
      Echo(std::make_unique<Guest>(Guest{.host = this, .carrier = *carrier}));
    }
  }

  // A trap owns its guest until its handler is called.
  void Echo(std::unique_ptr<Guest> guest) {
    Guest* const waiting = guest.release();
    const auto ping = GetStampOrTrap(waiting->carrier.portal, &OnPing, waiting);
    if (!ping) return;
    guest.reset(waiting);
    ++count_;
    EchoTransfer(guest->carrier, *ping);
  }

  const PortalEnd& end_;
  std::atomic<uint64_t> count_ = 0;
  Done done_;
};

inline Outcome RunTrapTransfers(const Pace& pace, size_t depth) {
  PortalFds fds;
  const Shared<Measurement> found;
  const Role measure = [&] {
    const PortalEnd end(fds.Take(Side::kFirst), Side::kFirst);
    *found = TrapTransfers(end, pace, depth).Run();
    Meet();
  };
  const Role echo = [&] {
    const PortalEnd end(fds.Take(Side::kSecond), Side::kSecond);
    TrapEchoes(end).Run();
    Meet();
  };
  return RunCase({measure, echo}, pace, found);
}

}  // namespace ringway::bench

#endif  // BENCH_PATHS_PORTAL_TRANSFER_TRAP_H_
