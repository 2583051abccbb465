// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/reactor.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "driver_linux/epoll_poller.h"
#include "driver_linux/futex_poller.h"
#include "driver_linux/io_uring_poller.h"
#include "driver_linux/words.h"
#include "ring/base/fence.h"

namespace ringway::driver {
namespace {

using std::chrono::nanoseconds;

constexpr uint64_t kWakeToken = 1;
constexpr size_t kEventsPerTurn = 64;

// While it is awake: how often to look for other work than that of polled clients.
constexpr auto kLookEvery = std::chrono::microseconds(100);

// Work that comes this soon after other work says nothing about whether looking for it pays.
constexpr uint64_t kShortIdleNs = 500;

// Turns with work after which one looks at the clock.
constexpr int kTurnsPerClock = 8;

// Whose thread this is.
thread_local Reactor* t_reactor = nullptr;

constexpr auto kExitPatience = std::chrono::seconds(1);

}  // namespace

bool Reactor::Choose(Choice choice) {
  std::lock_guard lock(mutex_);
  if (phase_ != Phase::kStopped) return false;
  options_->back_end = choice;
  return true;
}

bool Reactor::was_used() const {
  std::lock_guard lock(mutex_);
  return was_used_;
}

OsError Reactor::Attach(ClientPtr client) {
  std::unique_lock lock(mutex_);
  if (exiting_) return {"exit", ECANCELED};
  was_used_ = true;
  phase_changed_.wait(lock, [&] { return phase_ == Phase::kStopped || phase_ == Phase::kRunning; });
  if (phase_ == Phase::kRunning) {
    PostLocked(std::move(client), true);
    return {};
  }
  return StartLocked(std::move(client), lock);
}

void Reactor::Post(ClientPtr client) {
  std::lock_guard lock(mutex_);
  // Otherwise the thread ended with the process; clients that are attached keep it running.
  if (phase_ == Phase::kRunning) PostLocked(std::move(client), false);
}

void Reactor::PostLocked(ClientPtr client, bool attach) {
  posted_.push_back({std::move(client), attach});
  has_news_.store(true, std::memory_order_relaxed);  // the lock, which follows, orders
  if (wake_pending_ || !asleep_ || thread_id_ == std::this_thread::get_id()) return;
  wake_pending_ = true;
  const uint64_t one = 1;
  statistics_->system_calls.Add();
  [[maybe_unused]] const ssize_t written = write(wake_.get(), &one, sizeof(one));
}

OsError Reactor::StartLocked(ClientPtr client, std::unique_lock<std::mutex>& lock) {
  wake_.Reset(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake_.valid()) return LastOsError("eventfd");
  // Before the thread starts, or it would find nothing to do and end.
  posted_.push_back({std::move(client), true});
  has_news_.store(true, std::memory_order_relaxed);  // the thread starts after it
  phase_ = Phase::kStarting;
  // The program's signals are handled by the program's threads.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    std::thread(&Reactor::ThreadMain, this, options_->back_end.load()).detach();
  } catch (const std::system_error& error) {
    FailStartLocked({"pthread_create", error.code().value()});
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  phase_changed_.wait(lock, [&] { return phase_ != Phase::kStarting; });
  if (phase_ != Phase::kFailed) return {};
  phase_ = Phase::kStopped;
  phase_changed_.notify_all();
  return start_error_;
}

OsResult<std::unique_ptr<Poller>> Reactor::CreatePoller(Choice choice) {
  const bool takes_any = choice == Choice::kAuto || choice == Choice::kSocket;
  if (takes_any || choice == Choice::kIoUring || choice == Choice::kIoUringFutex) {
    OsResult<std::unique_ptr<Poller>> poller =
        IoUringPoller::Create(statistics_, choice != Choice::kIoUring, options_->sqpoll_idle_ms);
    if (poller.ok()) return poller;
  }
  if (choice == Choice::kFutex) {
    OsResult<std::unique_ptr<Poller>> poller = FutexPoller::Create(statistics_);
    if (poller.ok()) return poller;
  }
  return EpollPoller::Create(statistics_);
}

void Reactor::UsePoller(std::unique_ptr<Poller> poller) {
  poller_ = std::move(poller);
  statistics_->reactor_back_end.Set(poller_->back_end());
  statistics_->poller_waits_on_words.Set(poller_->waits_on_words() ? 1 : 0);
}

void Reactor::ThreadMain(Choice choice) {
  pthread_setname_np(pthread_self(), "ringway-io");
  t_reactor = this;
  {
    OsResult<std::unique_ptr<Poller>> poller = CreatePoller(choice);
    std::lock_guard lock(mutex_);
    if (!poller.ok()) return FailStartLocked(poller.error());
    UsePoller(std::move(*poller));
    if (!poller_->Add(kWakeToken, wake_.get(), POLLIN)) {
      return FailStartLocked(LastOsError("epoll_ctl"));
    }
    spare_.Reset(open("/", O_PATH | O_CLOEXEC));
    spin_ = SpinBudget(options_->spin_ns);
    last_token_ = kWakeToken;
    attached_count_ = 0;
    phase_ = Phase::kRunning;
    thread_id_ = std::this_thread::get_id();
    phase_changed_.notify_all();
  }
  Run();
}

void Reactor::Run() {
  for (;;) {
    if (!RunPosted()) return;
    FlushWakes();
    if (attached_count_ == 0 && StopIfIdle()) return;
    StaysAwake() ? WaitOnce(0) : Sleep();
    RunTimers();
  }
}

// Polls until there is work for others than the polled clients, or it is time to look for some.
// False once nothing has been found for so long that it is time to sleep.
bool Reactor::StaysAwake() {
  bool had_work = false;
  for (int turns = 0; !polled_.empty();) {
    const bool has_work = polled_.Poll();
    FlushWakes();
    // Relaxed: the lock orders what is done then.
    const bool has_news = has_news_.load(std::memory_order_relaxed);
    // A look at the clock costs as much as a small message.
    had_work |= has_work;
    if (has_work && !has_news && ++turns < kTurnsPerClock) continue;
    turns = 0;
    const Clock::time_point now = Clock::now();
    const uint64_t idle_ns =
        static_cast<uint64_t>(std::max<int64_t>(0, nanoseconds(now - last_work_).count()));
    if (had_work) {
      if (idle_ns > kShortIdleNs) {
        spin_.Report(true);
        spin_ns_ = spin_.ns();
      }
      last_work_ = now;
      had_work = false;
    } else if (idle_ns > spin_ns_) {
      spin_.Report(false);
      return false;
    } else {
      CpuRelax();
    }
    if (has_news || now - last_wait_ > kLookEvery) return true;
  }
  return false;
}

void Reactor::Sleep() {
  if (!polled_.empty() && polled_.ArmAll()) return;
  if (attached_count_ == 0) return;
  {
    std::lock_guard lock(mutex_);
    if (!posted_.empty() || exiting_) return;
    asleep_ = true;
  }
  WaitOnce(TimeoutNs());
  std::lock_guard lock(mutex_);
  asleep_ = false;
}

void Reactor::WaitOnce(int64_t timeout_ns) {
  std::array<Poller::Event, kEventsPerTurn> events;
  const int count = poller_->Wait(events, timeout_ns);
  last_wait_ = Clock::now();
  if (timeout_ns != 0) {
    last_work_ = last_wait_;
    spin_ns_ = spin_.ns();
  }
  if (count < 0 && !Downgrade()) {
    // No way to wait is left, so only time can tell; try again and again.
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  for (int i = 0; i < count; ++i) Dispatch(events[static_cast<size_t>(i)]);
}

// False once the thread has to end.
bool Reactor::RunPosted() {
  if (!has_news_.load(std::memory_order_relaxed)) return true;  // Sleep() looks under the lock
  for (;;) {
    taken_.clear();
    {
      std::lock_guard lock(mutex_);
      if (exiting_) {
        StopLocked();
        return false;
      }
      TakeWakeLocked();
      has_news_.store(false, std::memory_order_relaxed);  // under the lock
      taken_.swap(posted_);
    }
    // What is posted meanwhile on this very thread wakes nobody, so look again.
    if (taken_.empty()) return true;
    for (const Work& work : taken_) {
      if (work.attach) ++attached_count_;
      work.client->OnWork();
    }
  }
}

void Reactor::TakeWakeLocked() {
  if (!std::exchange(wake_pending_, false)) return;
  uint64_t count;
  statistics_->system_calls.Add();
  [[maybe_unused]] const ssize_t taken = read(wake_.get(), &count, sizeof(count));
}

bool Reactor::StopIfIdle() {
  std::lock_guard lock(mutex_);
  if (!posted_.empty()) return false;
  StopLocked();
  return true;
}

void Reactor::FailStartLocked(OsError error) {
  StopLocked();
  start_error_ = error;
  phase_ = Phase::kFailed;
}

void Reactor::StopLocked() {
  posted_.clear();
  poller_.reset();
  spare_.Reset();
  wake_.Reset();
  wake_pending_ = false;
  has_news_.store(false, std::memory_order_relaxed);  // under the lock
  asleep_ = false;
  polled_.Clear();
  words_.clear();
  wakes_.clear();
  watches_.clear();
  timers_.clear();
  thread_id_ = {};
  phase_ = Phase::kStopped;
  phase_changed_.notify_all();
}

void Reactor::StopAtExit() {
  std::unique_lock lock(mutex_);
  if (phase_ != Phase::kRunning || thread_id_ == std::this_thread::get_id()) return;
  exiting_ = true;
  has_news_.store(true, std::memory_order_relaxed);  // the lock, which follows, orders
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_.get(), &one, sizeof(one));
  phase_changed_.wait_for(lock, kExitPatience, [&] { return phase_ == Phase::kStopped; });
}

// io_uring can be taken away at any time (by a seccomp filter, say). What is watched is known here,
// and readiness cannot be lost, so another poller simply goes on.
bool Reactor::Downgrade() {
  spare_.Reset();
  OsResult<std::unique_ptr<Poller>> poller = EpollPoller::Create(statistics_);
  if (!poller.ok()) return false;
  UsePoller(std::move(*poller));
  poller_->Add(kWakeToken, wake_.get(), POLLIN);
  for (const auto& [token, watch] : watches_) poller_->Add(token, watch.fd, watch.events);
  // Who waits for a word looks for itself, and then waits in another way.
  for (const auto& [token, word] : std::exchange(words_, {})) word.client->OnReady(word.source, 0);
  return true;
}

uint64_t Reactor::Watch(ClientPtr client, uint32_t source, int fd, uint32_t events) {
  const uint64_t token = ++last_token_;
  if (!poller_->Add(token, fd, events)) return 0;
  watches_.emplace(token, WatchEntry{std::move(client), source, fd, events});
  return token;
}

void Reactor::Unwatch(uint64_t token) {
  const auto found = watches_.find(token);
  if (found == watches_.end()) return;
  poller_->Remove(token, found->second.fd);
  watches_.erase(found);
}

void Reactor::Dispatch(const Poller::Event& event) {
  // The wake descriptor is emptied with the work that it announces. Others may be unwatched by now.
  if (const auto word = words_.find(event.token); word != words_.end()) {
    const WordEntry entry = std::move(word->second);
    words_.erase(word);
    return entry.client->OnReady(entry.source, 0);
  }
  const auto found = watches_.find(event.token);
  if (found == watches_.end()) return;
  const ClientPtr client = found->second.client;
  client->OnReady(found->second.source, event.events);
}

uint64_t Reactor::WatchWord(ClientPtr client, uint32_t source, const std::atomic<uint32_t>* word,
                            uint32_t value) {
  const uint64_t token = ++last_token_;
  if (!poller_->AddWord(token, word, value)) {
    statistics_->poller_waits_on_words.Set(poller_->waits_on_words() ? 1 : 0);
    return 0;
  }
  words_.emplace(token, WordEntry{std::move(client), source});
  return token;
}

void Reactor::UnwatchWord(uint64_t token) {
  if (words_.erase(token) != 0) poller_->RemoveWord(token);
}

// On the reactor's thread all wakes of a turn go out together.
bool Reactor::WakeWord(const std::atomic<uint32_t>* word) {
  if (t_reactor != this || !poller_->waits_on_words()) {
    statistics_->system_calls.Add();
    return FutexWake(word);
  }
  wakes_.push_back(word);
  return true;
}

void Reactor::FlushWakes() {
  if (wakes_.empty()) return;
  const std::vector<const std::atomic<uint32_t>*> wakes = std::exchange(wakes_, {});
  if (poller_->Wake(wakes)) return;
  for (const std::atomic<uint32_t>* word : wakes) {
    statistics_->system_calls.Add();
    FutexWake(word);
  }
}

void Reactor::CallAt(Clock::time_point time, ClientPtr client) {
  timers_.emplace(time, std::move(client));
}

void Reactor::RunTimers() {
  while (!timers_.empty() && timers_.begin()->first <= Clock::now()) {
    const ClientPtr client = std::move(timers_.begin()->second);
    timers_.erase(timers_.begin());
    client->OnWork();
  }
}

int64_t Reactor::TimeoutNs() const {
  if (timers_.empty()) return -1;
  const auto left = timers_.begin()->first - Clock::now();
  return std::max<int64_t>(0, std::chrono::duration_cast<nanoseconds>(left).count());
}

}  // namespace ringway::driver
