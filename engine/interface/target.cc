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

// The part of the headers of both directions that is the same.
bool TransactionOf(const IncomingMessage& message, uint32_t* transaction) {
  if (message.bytes().size() < sizeof(ReplyHeader)) return false;
  std::memcpy(transaction, message.bytes().data() + offsetof(ReplyHeader, transaction),
              sizeof(*transaction));
  return true;
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

void Connection::Remove(Waiter* waiter) {
  for (Waiter** at = &waiters_; *at; at = &(*at)->next) {
    if (*at == waiter) {
      *at = waiter->next;
      return;
    }
  }
}

// Waits while another thread reads. 0: look again.
int64_t Connection::Follow(std::unique_lock<std::mutex>& lock, Waiter* waiter, Deadline deadline) {
  if (view_) {
    Remove(waiter);
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

// `reader` has received a message: gives it to the thread that waits for it. A
// reply that nobody waits for any more is dropped.
void Connection::HandOver(Waiter* reader) {
  uint32_t transaction = 0;
  Waiter* waiter = waiters_;
  if (TransactionOf(*reader->reply, &transaction)) {
    while (waiter && waiter->transaction != transaction) waiter = waiter->next;
  } else {
    waiter = nullptr;
  }
  if (waiter && waiter != reader) {
    if (reader->reply->MakePrivate()) waiter->reply->TakeFrom(*reader->reply);
  }
  if (waiter != reader) reader->reply->Release();
  if (!waiter) return;
  waiter->done = true;
  Remove(waiter);
}

int64_t Connection::Expect(Waiter* waiter, IncomingMessage* reply) {
  std::lock_guard lock(mutex_);
  if (view_) return -RW_EBUSY;
  waiter->reply = reply;
  waiter->transaction = ++last_transaction_;
  waiter->leads = !reading_;
  reading_ = true;
  waiter->next = waiters_;
  waiters_ = waiter;
  return RW_EOK;
}

void Connection::Forget(Waiter* waiter) {
  std::lock_guard lock(mutex_);
  Remove(waiter);
  if (waiter->leads) reading_ = false;
  changed_.notify_all();
}

int64_t Connection::Await(Waiter* waiter, const CallOptions& options) {
  if (by_loop_) return AwaitLoop(waiter, options);
  std::unique_lock lock(mutex_, std::defer_lock);
  if (!waiter->leads) lock.lock();
  while (!waiter->done) {
    if (!waiter->leads) {
      if (reading_) {
        const int64_t status = Follow(lock, waiter, options.deadline);
        if (status != RW_EOK) return status;
        continue;
      }
      reading_ = waiter->leads = true;
      lock.unlock();
    }
    const int64_t status = ReceiveUntil(portal_.get(), options, waiter->reply);
    lock.lock();
    if (status == RW_EOK) HandOver(waiter);
    reading_ = waiter->done && !waiter->reply->is_private();
    waiter->leads = false;
    if (status != RW_EOK) Remove(waiter);
    if (waiters_) changed_.notify_all();
    if (status != RW_EOK) return status;
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
  reading_ = true;
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
  Waiter reader = {&message};
  std::lock_guard lock(mutex_);
  HandOver(&reader);
  changed_.notify_all();
  return RW_EOK;
}

void Connection::Done(IncomingMessage* reply) {
  if (reply->is_private()) return;
  reply->Release();
  std::lock_guard lock(mutex_);
  reading_ = false;
  view_ = false;
  changed_.notify_all();
}

void Connection::KeepsView() {
  std::lock_guard lock(mutex_);
  view_ = true;
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
