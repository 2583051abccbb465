// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#ifndef DRIVER_LINUX_REACTOR_H_
#define DRIVER_LINUX_REACTOR_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "driver_linux/options.h"
#include "driver_linux/polled_clients.h"
#include "driver_linux/poller.h"
#include "driver_linux/reactor_client.h"
#include "driver_linux/statistics.h"
#include "ring/base/spin_budget.h"
#include "shm/os_result.h"
#include "shm/unique_fd.h"

namespace ringway::driver {

// One thread that waits for all transports of the process. It starts with the first client and
// ends, with all it has opened, when the last is detached.
//
// Its lock is taken while a transport's is held, never the other way round, and never during a call
// to a client.
class Reactor {
 public:
  using Choice = BackEnd;
  using Clock = std::chrono::steady_clock;
  using ClientPtr = std::shared_ptr<ReactorClient>;

  Reactor(Statistics* statistics, Options* options) : statistics_(statistics), options_(options) {}

  // Which back end to use. False, and no effect, while the thread runs.
  bool Choose(Choice choice);

  // Whether there ever was a client.
  bool was_used() const;

  // From any thread: begins to work for `client`, first with a call to OnWork().
  // Fails when the thread cannot be started.
  OsError Attach(ClientPtr client);

  // From any thread: has the reactor call OnWork() of a client that is attached.
  void Post(ClientPtr client);

  // The rest is for clients, on the reactor's thread.

  // Ends the work for a client, which has no watches any more.
  void Detach() { --attached_count_; }

  // Watches `fd` for `events` until Unwatch(). At most one watch for each descriptor. Returns its
  // token, or 0 when the kernel refuses.
  uint64_t Watch(ClientPtr client, uint32_t source, int fd, uint32_t events);
  void Unwatch(uint64_t token);

  void CallAt(Clock::time_point time, ClientPtr client);

  // Tells the client, once, when the word is woken or has not, or no longer, that value. Returns
  // its token, or 0 where the back end cannot wait for words.
  uint64_t WatchWord(ClientPtr client, uint32_t source, const std::atomic<uint32_t>* word,
                     uint32_t value);
  void UnwatchWord(uint64_t token);

  // From any thread: wakes who waits for the word, soon. False where the kernel refuses.
  bool WakeWord(const std::atomic<uint32_t>* word);

  // Calls OnPoll() again and again, as long as there is work and for a while longer.
  void StartPolling(ClientPtr client) { polled_.Add(std::move(client)); }
  void StopPolling(const ReactorClient* client) { polled_.Remove(client); }

  // Ends the thread, if it can be done soon: nothing shall run while the process is being torn
  // down.
  void StopAtExit();

 private:
  struct WatchEntry {
    ClientPtr client;
    uint32_t source;
    int fd;
    uint32_t events;
  };
  struct Work {
    ClientPtr client;
    bool attach;
  };
  struct WordEntry {
    ClientPtr client;
    uint32_t source;
  };
  enum class Phase { kStopped, kStarting, kFailed, kRunning };

  void PostLocked(ClientPtr client, bool attach);
  OsError StartLocked(ClientPtr client, std::unique_lock<std::mutex>& lock);
  OsResult<std::unique_ptr<Poller>> CreatePoller(Choice choice);
  void UsePoller(std::unique_ptr<Poller> poller);
  void ThreadMain(Choice choice);
  void Run();
  bool StaysAwake();
  void Sleep();
  void WaitOnce(int64_t timeout_ns);
  bool RunPosted();
  void TakeWakeLocked();
  void RunTimers();
  bool StopIfIdle();
  void FailStartLocked(OsError error);
  void StopLocked();
  bool Downgrade();
  int64_t TimeoutNs() const;
  void Dispatch(const Poller::Event& event);
  void FlushWakes();

  Statistics* const statistics_;
  Options* const options_;

  mutable std::mutex mutex_;
  std::condition_variable phase_changed_;
  Phase phase_ = Phase::kStopped;
  bool was_used_ = false;
  bool exiting_ = false;
  OsError start_error_;
  std::vector<Work> posted_;
  std::vector<Work> taken_;  // the thread's
  UniqueFd wake_;            // an eventfd; readable when posted_ has news
  bool wake_pending_ = false;
  bool asleep_ = false;                // or about to be: posted work must wake the thread
  std::atomic<bool> has_news_{false};  // of posted_ or exiting_, for a look without the lock
  std::thread::id thread_id_;

  // Below: used by the reactor's thread alone.
  std::unique_ptr<Poller> poller_;
  UniqueFd spare_;  // gives up its place when epoll has to take over and no descriptor is left
  uint64_t attached_count_ = 0;
  uint64_t last_token_ = 0;
  std::unordered_map<uint64_t, WatchEntry> watches_;  // by token
  std::unordered_map<uint64_t, WordEntry> words_;     // by token
  std::vector<const std::atomic<uint32_t>*> wakes_;   // to be sent by this turn
  std::multimap<Clock::time_point, ClientPtr> timers_;
  PolledClients polled_;
  SpinBudget spin_;
  uint64_t spin_ns_ = 0;  // for how long to look for work this time
  Clock::time_point last_work_;
  Clock::time_point last_wait_;
};

}  // namespace ringway::driver

#endif  // DRIVER_LINUX_REACTOR_H_
