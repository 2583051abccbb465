// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/io_uring_poller.h"

#include <poll.h>

#include <cerrno>
#include <climits>
#include <utility>

#include "ringway/driver_extension.h"

namespace ringway::driver {
namespace {

// No more: kernels count the ring's memory among what all processes of a user may lock together,
// and where that is 8 MiB there are a thousand rings of this size.
constexpr unsigned kEntryCount = 64;
constexpr uint64_t kNoToken = 0;  // the operation that cancels another

// Debian 12's liburing knows these, but headers of older kernels may not.
#ifndef IORING_SETUP_TASKRUN_FLAG
#define IORING_SETUP_TASKRUN_FLAG (1U << 9)
#define IORING_SQ_TASKRUN (1U << 2)
#endif
#ifndef IORING_SETUP_SINGLE_ISSUER
#define IORING_SETUP_SINGLE_ISSUER (1U << 12)
#endif
#ifndef IORING_SETUP_DEFER_TASKRUN
#define IORING_SETUP_DEFER_TASKRUN (1U << 13)
#endif

// Nor does liburing know these operations, of kernel 6.7.
constexpr uint8_t kOpFutexWait = 51;
constexpr uint8_t kOpFutexWake = 52;
constexpr int kFutex32 = 2;
constexpr uint64_t kFutexAnyBit = 0xffffffff;

void PrepareFutex(io_uring_sqe* submission, uint8_t operation, const std::atomic<uint32_t>* word,
                  uint64_t value) {
  io_uring_prep_nop(submission);
  submission->opcode = operation;
  submission->fd = kFutex32;
  submission->addr = reinterpret_cast<uintptr_t>(word);
  submission->addr2 = value;
  submission->addr3 = kFutexAnyBit;
}

bool HasFutexOperations(io_uring* ring) {
  io_uring_probe* probe = io_uring_get_probe_ring(ring);
  if (probe == nullptr) return false;
  const auto has = [&](uint8_t operation) {
    return operation <= probe->last_op &&
           (probe->ops[operation].flags & IO_URING_OP_SUPPORTED) != 0;
  };
  const bool has_both = has(kOpFutexWait) && has(kOpFutexWake);
  io_uring_free_probe(probe);
  return has_both;
}

// Both are needed for waiting with a timeout and without losing completions.
constexpr unsigned kFeatures = IORING_FEAT_EXT_ARG | IORING_FEAT_NODROP;

int SetUp(io_uring* ring, unsigned flags, uint32_t sqpoll_idle_ms = 0) {
  io_uring_params params = {};
  params.flags = flags;
  params.sq_thread_idle = sqpoll_idle_ms;
  const int result = io_uring_queue_init_params(kEntryCount, ring, &params);
  if (result != 0) return result;
  if ((params.features & kFeatures) == kFeatures) return 0;
  io_uring_queue_exit(ring);
  return -ENOSYS;
}

// Conditions that pass; everything else means that the ring has been taken from us.
bool IsPassing(int error) {
  return error == ETIME || error == EINTR || error == EAGAIN || error == EBUSY;
}

}  // namespace

OsResult<std::unique_ptr<Poller>> IoUringPoller::Create(Statistics* statistics, bool with_words,
                                                        uint32_t sqpoll_idle_ms) {
  io_uring ring;
  int result = -EINVAL;
  if (sqpoll_idle_ms != 0) result = SetUp(&ring, IORING_SETUP_SQPOLL, sqpoll_idle_ms);
  // The first flags spare interrupts of the waiting thread, and looks that find nothing are no
  // system calls, but they need kernel 6.1.
  if (result != 0) {
    result = SetUp(
        &ring, IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_TASKRUN_FLAG);
  }
  if (result == -EINVAL) result = SetUp(&ring, 0);
  if (result != 0) return OsError{"io_uring_setup", -result};
  const bool has_words = with_words && HasFutexOperations(&ring);
  return std::unique_ptr<Poller>(new IoUringPoller(ring, statistics, has_words));
}

IoUringPoller::IoUringPoller(const io_uring& ring, Statistics* statistics, bool has_words)
    : ring_(ring),
      statistics_(statistics),
      has_thread_((ring.flags & IORING_SETUP_SQPOLL) != 0),
      has_words_(has_words) {
  statistics_->has_sqpoll.Set(has_thread_ ? 1 : 0);
}

IoUringPoller::~IoUringPoller() {
  io_uring_queue_exit(&ring_);
  statistics_->has_sqpoll.Set(0);
}

bool IoUringPoller::Add(uint64_t token, int fd, uint32_t events) {
  watches_.emplace(token, Watch{fd, events, nullptr, 0});
  unarmed_.push_back(token);
  return true;
}

bool IoUringPoller::AddWord(uint64_t token, const std::atomic<uint32_t>* word, uint32_t value) {
  if (!has_words_) return false;
  watches_.emplace(token, Watch{kWord, 0, word, value});
  unarmed_.push_back(token);
  return true;
}

// The kernel refers to the memory itself, not to where it is mapped.
void IoUringPoller::RemoveWord(uint64_t token) {
  if (watches_.erase(token) == 0) return;
  io_uring_sqe* submission = NextSubmission();
  if (submission == nullptr) return;
  io_uring_prep_cancel64(submission, token, 0);
  io_uring_sqe_set_data64(submission, kNoToken);
}

bool IoUringPoller::Wake(std::span<const std::atomic<uint32_t>* const> words) {
  if (!has_words_) return false;
  for (const std::atomic<uint32_t>* word : words) {
    io_uring_sqe* submission = NextSubmission();
    if (submission == nullptr) return false;
    PrepareFutex(submission, kOpFutexWake, word, INT_MAX);
    io_uring_sqe_set_data64(submission, kNoToken);
  }
  return Submit() >= 0;
}

void IoUringPoller::Remove(uint64_t token, int) {
  watches_.erase(token);
  // Without a place in the queue the operation stays until its descriptor is ready, and is ignored
  // then.
  io_uring_sqe* submission = NextSubmission();
  if (submission == nullptr) return;
  io_uring_prep_poll_remove(submission, token);
  io_uring_sqe_set_data64(submission, kNoToken);
}

io_uring_sqe* IoUringPoller::NextSubmission() {
  io_uring_sqe* submission = io_uring_get_sqe(&ring_);
  if (submission != nullptr) return submission;
  Submit();
  submission = io_uring_get_sqe(&ring_);
  // The kernel's thread takes its time, and waits for it may end early.
  for (int error = 0; has_thread_ && submission == nullptr && (error >= 0 || error == -EINTR);) {
    statistics_->system_calls.Add();
    error = io_uring_sqring_wait(&ring_);
    submission = io_uring_get_sqe(&ring_);
  }
  return submission;
}

int IoUringPoller::Submit() {
  const bool is_asleep =
      has_thread_ && (IO_URING_READ_ONCE(*ring_.sq.kflags) & IORING_SQ_NEED_WAKEUP) != 0;
  if (!has_thread_ || is_asleep) statistics_->system_calls.Add();
  return io_uring_submit(&ring_);
}

bool IoUringPoller::SubmitUnarmed() {
  while (!unarmed_.empty()) {
    const auto found = watches_.find(unarmed_.back());
    if (found != watches_.end()) {
      io_uring_sqe* submission = NextSubmission();
      if (submission == nullptr) return false;
      const Watch& watch = found->second;
      if (watch.fd == kWord) {
        PrepareFutex(submission, kOpFutexWait, watch.word, watch.value);
      } else {
        io_uring_prep_poll_add(submission, watch.fd, watch.events);
      }
      io_uring_sqe_set_data64(submission, found->first);
    }
    unarmed_.pop_back();
  }
  return true;
}

int IoUringPoller::Wait(std::span<Event> events, int64_t timeout_ns) {
  // The ring takes no more operations: that is not supposed to happen, but epoll can go on.
  if (!SubmitUnarmed()) return -ENOSPC;
  if (timeout_ns == 0 && IsQuiet()) return Reap(events);
  if (has_thread_ && timeout_ns == 0) {
    const int submitted = Submit();
    return submitted < 0 && !IsPassing(-submitted) ? submitted : Reap(events);
  }
  __kernel_timespec timeout = {timeout_ns / 1'000'000'000, timeout_ns % 1'000'000'000};
  io_uring_cqe* completion = nullptr;
  statistics_->system_calls.Add();
  const int result = io_uring_submit_and_wait_timeout(&ring_, &completion, 1,
                                                      timeout_ns < 0 ? nullptr : &timeout, nullptr);
  if (result < 0 && !IsPassing(-result)) return result;
  return Reap(events);
}

// Whether the kernel has nothing to be asked for.
bool IoUringPoller::IsQuiet() const {
  const unsigned flags = IO_URING_READ_ONCE(*ring_.sq.kflags);
  return (ring_.flags & IORING_SETUP_TASKRUN_FLAG) != 0 && io_uring_sq_ready(&ring_) == 0 &&
         (flags & (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW)) == 0;
}

int IoUringPoller::Reap(std::span<Event> events) {
  size_t count = 0;
  unsigned seen = 0;
  unsigned head;
  io_uring_cqe* completion;
  io_uring_for_each_cqe(&ring_, head, completion) {
    if (count == events.size()) break;
    ++seen;
    const uint64_t token = io_uring_cqe_get_data64(completion);
    const auto watch = watches_.find(token);
    if (watch == watches_.end()) continue;
    if (watch->second.fd == kWord) {
      // EAGAIN: it has another value. Others mean that words have to be watched in another way.
      has_words_ &= completion->res >= 0 || IsPassing(-completion->res);
      watches_.erase(watch);
      events[count++] = {token, 0};
      continue;
    }
    const uint32_t ready =
        completion->res < 0 ? uint32_t{POLLNVAL} : static_cast<uint32_t>(completion->res);
    events[count++] = {token, ready};
    unarmed_.push_back(token);
  }
  io_uring_cq_advance(&ring_, seen);
  return static_cast<int>(count);
}

uint64_t IoUringPoller::back_end() const { return RINGWAY_REACTOR_IO_URING; }

}  // namespace ringway::driver
