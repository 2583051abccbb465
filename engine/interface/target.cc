// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "ringway/target.h"

#include <chrono>
#include <cstring>

#include "ringway/errors.h"
#include "ringway/loop.h"
#include "ringway/served.h"

namespace ringway {
inline namespace api {

namespace {

// The clock is asked only now and then by a thread that polls.
constexpr int kPollsPerLook = 256;

// How long a call waits for the thread that runs the loop before it looks whether one still does.
constexpr std::chrono::milliseconds kTurn{10};

// Whether a message, whoever it is for, is the reply to the call of that number.
bool Answers(const IncomingMessage& message, uint32_t transaction) {
  uint32_t number = 0;
  if (message.bytes().size() < sizeof(ReplyHeader)) return false;
  // The part of the headers of both directions that is the same.
  std::memcpy(&number, message.bytes().data() + offsetof(ReplyHeader, transaction), sizeof(number));
  return number == transaction;
}

}  // namespace

int64_t ReceiveUntil(IpczHandle portal, const CallOptions& options, IncomingMessage* message) {
  for (;;) {
    IpczResult result = IPCZ_RESULT_UNAVAILABLE;
    const int polls = options.mode == RINGWAY_WAIT_MODE_POLL ? kPollsPerLook : 1;
    for (int i = 0; i < polls && result == IPCZ_RESULT_UNAVAILABLE; ++i) {
      result = message->Receive(portal);
    }
    if (result != IPCZ_RESULT_UNAVAILABLE) return ErrorOf(result);
    if (options.mode == RINGWAY_WAIT_MODE_POLL) {
      if (options.deadline.HasPassed()) return -RW_ETIMEDOUT;
      continue;
    }
    RingwayWaitItem item = {portal, RINGWAY_WAIT_READABLE, 0, SIZE_MAX, SIZE_MAX};
    result = Extensions().Wait(&item, 1, options.mode, options.deadline.ns());
    if (result != IPCZ_RESULT_OK) return ErrorOf(result);
  }
}

void Connection::Enlist(Waiter* waiter, IncomingMessage* reply) {
  std::lock_guard lock(mutex_);
  state_.fetch_or(kListed);
  waiter->reply = reply;
  waiter->transaction = static_cast<uint32_t>(state_.fetch_add(kOneCall) / kOneCall) + 1;
  waiter->listed = true;
  waiter->next = nullptr;
  waiter->at = end_;
  *end_ = waiter;
  end_ = &waiter->next;
}

// With mutex_ held.
void Connection::Remove(Waiter* waiter) {
  if (!waiter->listed) return;
  *waiter->at = waiter->next;
  (waiter->next ? waiter->next->at : end_) = waiter->at;
  waiter->listed = false;
  if (!waiters_ && !by_loop_) state_.fetch_and(~kListed);
}

void Connection::Forget(Waiter* waiter) {
  {
    std::lock_guard lock(mutex_);
    Remove(waiter);
  }
  if (waiter->leads) EndReading();
}

void Connection::EndReading() {
  uint64_t state = state_.load();
  if ((state & kListed) == 0 && state_.compare_exchange_strong(state, state & ~(kReading | kView)))
      [[likely]] {
    return;
  }
  std::lock_guard lock(mutex_);
  state_.fetch_and(~(kReading | kView));
  changed_.notify_all();
}

// Waits while another thread reads. 0: look again.
int64_t Connection::Follow(std::unique_lock<std::mutex>& lock, Waiter* waiter, Deadline deadline) {
  if (IsSet(kView)) {
    if (!waiter->stays) Remove(waiter);
    return -RW_EBUSY;
  }
  if (deadline.ns() == RINGWAY_NO_DEADLINE) {
    changed_.wait(lock);
    return RW_EOK;
  }
  const std::chrono::steady_clock::time_point end{std::chrono::nanoseconds(deadline.ns())};
  if (changed_.wait_until(lock, end) == std::cv_status::no_timeout || waiter->done) return RW_EOK;
  Remove(waiter);
  return -RW_ETIMEDOUT;
}

// Gives a reply to the one who is listed for it. One that nobody waits for any more is dropped.
// With mutex_ held.
void Connection::HandOver(IncomingMessage* reply) {
  Waiter* waiter = waiters_;
  while (waiter && !Answers(*reply, waiter->transaction)) waiter = waiter->next;
  if (waiter) {
    if (reply->MakePrivate()) waiter->reply->TakeFrom(*reply);
    waiter->done = true;
    Remove(waiter);
  }
  reply->Release();
  changed_.notify_all();
}

int64_t Connection::Await(Waiter* waiter, const CallOptions& options) {
  if (by_loop_) return AwaitLoop(waiter, options);
  std::unique_lock lock(mutex_, std::defer_lock);
  if (!waiter->leads) lock.lock();
  while (!waiter->done) {
    if (!waiter->leads) {
      if (IsSet(kReading)) {
        const int64_t status = Follow(lock, waiter, options.deadline);
        if (status != RW_EOK) return status;
        continue;
      }
      state_.fetch_or(kReading);
      waiter->leads = true;
      lock.unlock();
    }
    const int64_t status = ReceiveUntil(portal_.get(), options, waiter->reply);
    waiter->done = status == RW_EOK && Answers(*waiter->reply, waiter->transaction);
    if (waiter->done && waiter->reply->is_private() && !waiter->listed) [[likely]] {
      EndReading();
      return RW_EOK;
    }
    lock.lock();
    if (status == RW_EOK && !waiter->done) {
      HandOver(waiter->reply);
      lock.unlock();
      continue;
    }
    Remove(waiter);
    lock.unlock();
    if (!waiter->done || waiter->reply->is_private()) EndReading();
    return status;
  }
  return RW_EOK;
}

int64_t Connection::AwaitLoop(Waiter* waiter, const CallOptions& options) {
  std::unique_lock lock(mutex_);
  while (!waiter->done) {
    Loop* loop = loop_;
    int64_t status = ended_;
    if (loop) {
      lock.unlock();
      status = loop->RunIfFree(options.deadline);
      lock.lock();
    }
    if (status == -RW_EBUSY && !waiter->done) {
      changed_.wait_for(lock, kTurn);
      status = options.deadline.HasPassed() ? -RW_ETIMEDOUT : RW_EOK;
    }
    if (status < 0 && !waiter->done) {
      Remove(waiter);
      return status;
    }
  }
  return RW_EOK;
}

void Connection::ReadBy(Loop* loop, int64_t status) {
  std::lock_guard lock(mutex_);
  by_loop_ = true;
  state_.fetch_or(kReading | kListed);
  loop_ = loop;
  ended_ = status;
  changed_.notify_all();
}

Loop* Connection::loop() {
  std::lock_guard lock(mutex_);
  return loop_;
}

int64_t Connection::ReadOne() {
  IncomingMessage message;
  const IpczResult received = message.Receive(portal_.get());
  if (received != IPCZ_RESULT_OK) return ErrorOf(received);
  std::lock_guard lock(mutex_);
  HandOver(&message);
  return RW_EOK;
}

void Connection::Done(IncomingMessage* reply) {
  if (reply->is_private()) return;
  reply->Release();
  EndReading();
}

void Connection::KeepsView() {
  std::lock_guard lock(mutex_);
  state_.fetch_or(kView);
  changed_.notify_all();
}

int64_t Target::IntoPortal(uint32_t rights, Handle* portal) && {
  if (remote_) {
    if (remote_.use_count() != 1) return -RW_EBUSY;
    portal->Reset(remote_->TakePortal().Release());
    remote_.reset();
    return RW_EOK;
  }
  Served* object = local();
  if (!object || !object->loop()) return -RW_EINVAL;
  Result<Portal> fresh = object->loop()->Open(*object, rights);
  if (!fresh) return ErrorOf(fresh.result());
  portal->Reset(fresh->Release());
  return RW_EOK;
}

}  // namespace api
}  // namespace ringway
