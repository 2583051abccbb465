// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Where a call goes: to an object of this process, or through a portal.

#ifndef RINGWAY_TARGET_H_
#define RINGWAY_TARGET_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

#include "ringway/errors.h"
#include "ringway/message.h"
#include "ringway/portal.h"
#include "ringway/result.h"

namespace ringway {
inline namespace api {

class Loop;
class Served;

// How long a call may take and how its thread waits.
struct CallOptions {
  Deadline deadline = Deadline::Never();
  RingwayWaitMode mode = 0;
};

// The client's end of a portal. Any number of threads may call at once: one of
// them reads the replies, for the others as well; or a loop does.
class Connection {
 public:
  // A call, from before its request is sent until its reply is there.
  struct Waiter {
    IncomingMessage* reply = nullptr;
    uint32_t transaction = 0;
    bool leads = false;   // it reads
    bool listed = false;  // in waiters_; one that leads from the start need not be
    bool done = false;
    bool stays = false;  // listed when Await() says -RW_EBUSY, to be awaited again or forgotten
    Waiter* next = nullptr;
    Waiter** at = nullptr;  // what points to it in the list
  };

  // The first call gets the number after `transaction`.
  explicit Connection(Portal portal, uint32_t transaction = 0)
      : portal_(std::move(portal)), state_(transaction * kOneCall) {}

  IpczHandle portal() const { return portal_.get(); }

  // Before the request is sent: gives the call its number, and keeps its reply
  // even if another thread finds it. Await() or Forget() follows soon, for the
  // caller may be the one who reads. -RW_EBUSY: see KeepsView().
  int64_t Expect(Waiter* waiter, IncomingMessage* reply) {
    uint64_t state = state_.load();
    if ((state & kFlags) != 0 ||
        !state_.compare_exchange_strong(state, state + kOneCall + kReading)) [[unlikely]] {
      if ((state & kView) != 0) return -RW_EBUSY;
      Enlist(waiter, reply);
      return RW_EOK;
    }
    waiter->reply = reply;
    waiter->transaction = static_cast<uint32_t>(state / kOneCall) + 1;
    waiter->leads = true;
    return RW_EOK;
  }
  // As Expect(), for a call that does not read its reply itself, or not alone, or later. Any
  // number may be listed; replies that come in the order of their calls are found at once.
  void Enlist(Waiter* waiter, IncomingMessage* reply);
  // Waits for the reply. 0, or an error of the transport. A reply that is still
  // in the portal (not is_private()) keeps other calls waiting, until Done().
  int64_t Await(Waiter* waiter, const CallOptions& options);
  // The request could not be sent, or nobody is to wait for the reply.
  void Forget(Waiter* waiter);
  void Done(IncomingMessage* reply);

  // A large reply that its receiver goes on looking at. Meanwhile calls are not
  // sent, and waiting for a reply fails, with -RW_EBUSY. Ended by Done().
  void KeepsView();

  // From now on `loop` reads the replies, by ReadOne(); no thread may wait for one yet. A call on
  // its thread, or while nobody runs it, lets it go on meanwhile. Null: calls, also those under
  // way, fail with `status`.
  void ReadBy(Loop* loop, int64_t status = 0);
  Loop* loop();
  // The next reply, for the call that waits for it. As IncomingMessage::Receive().
  int64_t ReadOne();

  // The portal itself, when nobody else has this connection.
  Portal TakePortal() { return std::move(portal_); }

 private:
  // Parts of state_; its upper half is the number of the last call.
  static constexpr uint64_t kReading = 1;  // somebody reads, or a reply occupies the portal
  static constexpr uint64_t kView = 2;     // ... which its receiver goes on looking at
  static constexpr uint64_t kListed = 4;   // waiters_ are to be asked: it changes under mutex_ only
  static constexpr uint64_t kFlags = kReading | kView | kListed;
  static constexpr uint64_t kOneCall = uint64_t{1} << 32;

  bool IsSet(uint64_t flag) const { return (state_.load() & flag) != 0; }
  void EndReading();
  void Remove(Waiter* waiter);
  int64_t Follow(std::unique_lock<std::mutex>& lock, Waiter* waiter, Deadline deadline);
  void HandOver(IncomingMessage* reply);
  int64_t AwaitLoop(Waiter* waiter, const CallOptions& options);

  Portal portal_;
  // A thread that is alone with the connection changes this, and nothing else.
  std::atomic<uint64_t> state_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Waiter* waiters_ = nullptr;  // the first call first
  Waiter** end_ = &waiters_;
  // Whether a loop reads, from the first time on; then kReading and kListed are always set.
  std::atomic<bool> by_loop_ = false;
  Loop* loop_ = nullptr;
  int64_t ended_ = 0;
};

// Receives the next message of `portal`, waiting as `options` say. 0 or an error.
int64_t ReceiveUntil(IpczHandle portal, const CallOptions& options, IncomingMessage* message);

// Where the objects of this process are, for targets that outlive them.
struct ServedSlot {
  std::atomic<Served*> object;
};

class Target {
 public:
  Target() = default;
  explicit Target(Portal portal) : remote_(std::make_shared<Connection>(std::move(portal))) {}
  explicit Target(std::shared_ptr<ServedSlot> local) : local_(std::move(local)) {}

  explicit operator bool() const { return remote_ || local_; }
  bool operator==(const Target&) const = default;
  bool is_local() const { return local_ != nullptr; }
  // The object, if it is in this process and was not destroyed.
  Served* local() const { return local_ ? local_->object.load() : nullptr; }
  Connection* remote() const { return remote_.get(); }
  const std::shared_ptr<Connection>& remote_ref() const { return remote_; }

  // The portal to this target, to be sent to somebody. -RW_EBUSY when others
  // use the same connection; a local object gets a fresh portal with `rights`
  // from the loop that serves it, -RW_EINVAL when there is none.
  int64_t IntoPortal(uint32_t rights, Handle* portal) &&;

 private:
  std::shared_ptr<Connection> remote_;
  std::shared_ptr<ServedSlot> local_;
};

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_TARGET_H_
