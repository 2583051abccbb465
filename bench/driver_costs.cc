// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What the Linux driver enters the kernel for: system calls a message in a flood, beside a plain
// socket driver, and what it costs to wake 64 processes whose driver threads sleep, on each back
// end.

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bench/harness/clock.h"
#include "bench/harness/fail.h"
#include "bench/harness/shared.h"
#include "bench/harness/statistics.h"
#include "bench/paths/foreign_core.h"
#include "ringway/driver_extension.h"
#include "ringway/driver_linux.h"

namespace ringway::bench {
namespace {

using std::chrono::milliseconds;
using testing::ForeignCore;

constexpr size_t kPeers = 64;

RingwayDriverStatistics Statistics() {
  RingwayDriverStatistics statistics = {};
  statistics.size = sizeof(statistics);
  RingwayFindDriverExtension(RingwayLinuxDriver())->QueryStatistics(&statistics);
  return statistics;
}

// In a process of its own, since the driver's options are for a whole process.
pid_t Start(const std::function<void()>& body) {
  const pid_t child = fork();
  if (child < 0) FailErrno("fork");
  if (child != 0) return child;
  body();
  _exit(0);
}

void Finish(pid_t child) {
  int status = 0;
  if (waitpid(child, &status, 0) != child || status != 0) Fail("another process has failed");
}

// --- System calls a message.

struct FloodPage {
  alignas(64) std::atomic<uint64_t> received{0};
  alignas(64) std::atomic<uint64_t> system_calls{0};  // of both sides
};

// One side of a flood of `num_messages`, within the window of the flood that is measured.
template <ForeignDriver kDriver>
void FloodOneSide(ForeignLink<kDriver>& link, FloodPage& page, uint64_t num_messages, Side side) {
  // Relaxed: the count itself is all that is told.
  const auto received = [&] { return page.received.load(std::memory_order_relaxed); };
  {
    ForeignCore core = link.Open(side);
    const auto on_parcel = [&](const std::byte*, size_t) {
      page.received.store(received() + 1, std::memory_order_relaxed);
    };
    Require(core.Activate(on_parcel, [] {}), "Activate");
    for (uint64_t sent = 0; side == Side::kFirst && sent < num_messages; ++sent) {
      while (sent - received() > kForeignWindow) std::this_thread::yield();
      Put(core, &sent, sizeof(sent));
    }
    while (received() < num_messages) std::this_thread::sleep_for(milliseconds(1));
  }
  page.system_calls += kDriver == ForeignDriver::kSocketPark ? testing::SocketSystemCalls()
                                                             : Statistics().system_calls;
}

template <ForeignDriver kDriver>
double CallsPerMessage(uint64_t num_messages) {
  ForeignLink<kDriver> link;
  const Shared<FloodPage> page;
  std::vector<pid_t> sides;
  for (const Side side : {Side::kFirst, Side::kSecond}) {
    sides.push_back(Start([&] { FloodOneSide(link, *page, num_messages, side); }));
  }
  for (const pid_t side : sides) Finish(side);
  return static_cast<double>(page->system_calls) / static_cast<double>(num_messages);
}

// --- The cost of a wake.

struct WakePage {
  alignas(64) std::atomic<uint64_t> woken{0};
  double round_ns = 0;  // of a round that wakes all, less one that wakes none
  uint64_t calls_least = UINT64_MAX;
  uint64_t rounds = 0;
};

void SetOptions(uint64_t back_end, uint64_t spin_ns) {
  RingwayLinuxOptions options = {};
  options.size = sizeof(options);
  Require(RingwayLinuxGetOptions(&options), "RingwayLinuxGetOptions");
  options.back_end = back_end;
  options.spin_ns = spin_ns;
  options.upgrade_after = 0;
  Require(RingwayLinuxSetOptions(&options), "RingwayLinuxSetOptions");
}

std::unique_ptr<ForeignCore> CoreOn(int fd) {
  IpczDriverHandle transport;
  Require(RingwayLinuxTransportFromFd(fd, &transport), "RingwayLinuxTransportFromFd");
  return std::make_unique<ForeignCore>(RingwayLinuxDriver(), transport);
}

// Its driver's thread sleeps at once after each message.
void Sleep(int fd, uint64_t back_end, WakePage& page) {
  if (dup2(fd, STDERR_FILENO + 1) < 0) FailErrno("dup2");
  close_range(STDERR_FILENO + 2, ~0u, 0);
  SetOptions(back_end, 0);
  const std::unique_ptr<ForeignCore> core = CoreOn(STDERR_FILENO + 1);
  Event ended;
  const auto on_parcel = [&](const std::byte*, size_t) { ++page.woken; };
  Require(core->Activate(on_parcel, [&] { ended.Tell(); }), "Activate");
  ended.Wait();
}

// Sends to all peers from a handler, on the driver's thread, which then wakes them together. A
// message to itself and back shows when that is done: it is looked at after the wakes at the latest
// on its second way.
class Waker {
 public:
  Waker(const std::array<int, kPeers>& fds, uint64_t back_end, WakePage& page) : page_(page) {
    SetOptions(back_end, UINT64_MAX);
    for (const int fd : fds) {
      peers_.push_back(CoreOn(fd));
      Require(peers_.back()->Activate([](const std::byte*, size_t) {}, [] {}), "Activate");
    }
    IpczDriverHandle own[2];
    Require(RingwayLinuxCreateTransportPair(&own[0], &own[1]), "RingwayLinuxCreateTransportPair");
    echo_ = std::make_unique<ForeignCore>(RingwayLinuxDriver(), own[0]);
    own_ = std::make_unique<ForeignCore>(RingwayLinuxDriver(), own[1]);
    const auto echo = [this](const std::byte* data, size_t size) { Put(*echo_, data, size); };
    Require(echo_->Activate(echo, [] {}), "Activate");
    Require(own_->Activate([this](const std::byte*, size_t) { OnOwn(); }, [] {}), "Activate");
  }

  void Measure(uint64_t num_rounds) {
    std::vector<double> waking, idle;
    for (int i = 0; i < 50; ++i) Round(true);  // until all have exchanged memory
    for (uint64_t i = 0; i < num_rounds; ++i) {
      const uint64_t wakes_before = Statistics().wakes_sent;
      Round(true);
      if (Statistics().wakes_sent - wakes_before == kPeers) {
        waking.push_back(static_cast<double>(end_ns_ - begin_ns_));
        page_.calls_least = std::min(page_.calls_least, calls_);
      }
      Round(false);
      idle.push_back(static_cast<double>(end_ns_ - begin_ns_));
    }
    page_.rounds = waking.size();
    if (!waking.empty()) page_.round_ns = Median(waking) - Median(idle);
  }

 private:
  void Round(bool wakes) {
    wakes_ = wakes;
    const uint64_t woken = page_.woken + (wakes ? kPeers : 0);
    step_ = 0;
    const uint64_t go = 0;
    Put(*echo_, &go, sizeof(go));
    done_.Wait();
    while (page_.woken < woken) std::this_thread::sleep_for(std::chrono::microseconds(100));
    std::this_thread::sleep_for(milliseconds(2));  // all fall asleep
  }

  // Begins, and sees its own message come back twice.
  void OnOwn() {
    if (step_ == 0) {
      begin_ns_ = MonotonicNs();
      calls_ = Statistics().system_calls;
      for (size_t i = 0; wakes_ && i < kPeers; ++i) Put(*peers_[i], &i, sizeof(i));
    }
    if (++step_ < 3) return Put(*own_, &step_, sizeof(step_));
    calls_ = Statistics().system_calls - calls_;
    end_ns_ = MonotonicNs();
    done_.Tell();
  }

  WakePage& page_;
  std::vector<std::unique_ptr<ForeignCore>> peers_;
  bool wakes_ = false;
  uint64_t step_ = 0;
  uint64_t begin_ns_ = 0;
  uint64_t end_ns_ = 0;
  uint64_t calls_ = 0;
  Event done_;
  std::unique_ptr<ForeignCore> echo_;
  std::unique_ptr<ForeignCore> own_;
};

void ReportWakes(const char* name, uint64_t back_end, uint64_t num_rounds) {
  const Shared<WakePage> page;
  std::array<int, kPeers> near;
  std::vector<pid_t> processes;
  for (int& fd : near) {
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) FailErrno("socketpair");
    processes.push_back(Start([&] { Sleep(fds[1], back_end, *page); }));
    close(fds[1]);
    fd = fds[0];
  }
  processes.push_back(Start([&] {
    Waker(near, back_end, *page).Measure(num_rounds);
    if (Statistics().back_end != back_end) Fail(std::string(name) + " is not what was in use");
  }));
  for (const int fd : near) close(fd);
  for (const pid_t process : processes) Finish(process);
  if (page->rounds == 0) Fail(std::string(name) + ": no round found all peers asleep");
  std::printf("wakes, %s: %.2f us each, %llu system calls for %zu sleeping peers (%llu rounds)\n",
              name, page->round_ns / 1e3 / kPeers,
              static_cast<unsigned long long>(page->calls_least), kPeers,
              static_cast<unsigned long long>(page->rounds));
  std::fflush(stdout);
  // Beside the submission it looks for other work, once in 100 us.
  if (back_end == RINGWAY_DRIVER_BACK_END_IO_URING_FUTEX && page->calls_least > kPeers / 8) {
    Fail("peers were not woken together");
  }
}

}  // namespace

void ReportAll(uint64_t num_messages, uint64_t num_rounds) {
  std::printf(
      "system calls a message of 8 B, one way, both sides: driver %.5f, socket driver %.2f\n",
      CallsPerMessage<ForeignDriver::kRingwayAdaptive>(num_messages),
      CallsPerMessage<ForeignDriver::kSocketPark>(num_messages / 10));
  std::fflush(stdout);
  ReportWakes("io_uring with futex operations", RINGWAY_DRIVER_BACK_END_IO_URING_FUTEX, num_rounds);
  ReportWakes("futex calls", RINGWAY_DRIVER_BACK_END_FUTEX, num_rounds);
  ReportWakes("io_uring, frames over sockets", RINGWAY_DRIVER_BACK_END_IO_URING, num_rounds);
  ReportWakes("epoll, frames over sockets", RINGWAY_DRIVER_BACK_END_EPOLL, num_rounds);
}

}  // namespace ringway::bench

int main(int argc, char** argv) {
  const uint64_t messages = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 3'000'000;
  const uint64_t rounds = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 200;
  if (argc > 3 || messages < 10 || rounds == 0) {
    std::fprintf(
        stderr,
        "ringway: driver_costs: wrong arguments (give the number of messages and of rounds "
        "of wakes, or nothing)\n");
    return 2;
  }
  ringway::bench::ReportAll(messages, rounds);
}
