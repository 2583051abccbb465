// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_ROUTE_WAITER_H_
#define ENGINE_ROUTE_WAITER_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "engine/base/ref.h"
#include "engine/link/driver_port.h"

namespace ringway {

// A thread in RingwayExtensions::Wait(), as the portals it waits for know it.
// It sleeps on its own word, which anyone in this process can change, and on
// words of peers, which change when they answer.
class Waiter : public RefCounted {
 public:
  explicit Waiter(Ref<DriverPort> driver) : driver_(std::move(driver)) {}

  // Makes the thread look again. From any thread, no locks held.
  void Kick();

  // To be taken before looking.
  uint32_t kicks() const { return kicks_.load(std::memory_order_acquire); }  // [waiter.kick]

  // Sleeps until kicked beyond `kicks`, some word of `words` changed or was
  // woken, or `timeout_ns` has passed. `words` needs room for one more.
  void Sleep(uint32_t kicks, std::vector<RingwayWord>* words, uint64_t timeout_ns);

 private:
  const Ref<DriverPort> driver_;
  std::atomic<uint32_t> kicks_{0};
  std::mutex mutex_;  // where the driver cannot wait on words
  std::condition_variable kicked_;
};

}  // namespace ringway

#endif  // ENGINE_ROUTE_WAITER_H_
