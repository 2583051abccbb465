// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

#include "driver_linux/memory_objects.h"
#include "driver_linux/peer_process.h"
#include "driver_linux/process.h"
#include "driver_linux/transport.h"

namespace ringway::driver {
namespace {

using Outcome = SendQueue::Outcome;

constexpr uint32_t kReadEvents = POLLIN | POLLRDHUP;
constexpr uint32_t kEndEvents = POLLRDHUP | POLLHUP | POLLERR;

constexpr auto kStarvedRetry = std::chrono::milliseconds(2);
constexpr auto kLingerMax = std::chrono::seconds(30);

std::string Explain(const char* what, int error) {
  return error == 0 ? what : std::string(what) + ": " + std::strerror(error);
}

}  // namespace

bool Transport::IsActive() { return state_ == State::kActive; }

void Transport::OnWork() {
  State state;
  bool is_broken;
  int error;
  {
    std::lock_guard lock(mutex_);
    state = state_;
    is_broken = send_broken_;
    error = queue_.error();
  }
  try {
    if (state == State::kStopping) return Stop();
    if (state == State::kStopped) return Linger(false);
    if (has_failed_) return;
    if (is_broken || peer_is_gone_) {
      // What the peer had sent before is still delivered.
      ReadAvailable(kDrainBytesMax, true);
      return End(is_broken ? Explain("the peer takes no more messages", error)
                           : "the peer's process has ended");
    }
    Flush();
    Upgrade();
  } catch (const std::bad_alloc&) {
    Fail("out of memory");
  }
}

void Transport::OnReady(uint32_t source, uint32_t events) {
  try {
    if (!IsActive() && source == kAnswered) return;
    if (!IsActive()) return Linger((events & kEndEvents) != 0);
    if (source == kAnswered) {
      answered_token_ = 0;
      return CurrentProcess().reactor.StartPolling(shared_from_this());
    }
    if (source == kPeerProcess) {
      peer_is_gone_ = true;
      return OnWork();
    }
    if ((events & POLLNVAL) != 0) return Fail("the socket cannot be watched");
    if ((events & POLLOUT) != 0) Flush();
    if ((events & ~uint32_t{POLLOUT}) == 0 || has_failed_) return;
    const bool has_ended = (events & kEndEvents) != 0;
    ReadAvailable(has_ended ? kDrainBytesMax : kTurnBytesMax, has_ended);
    if (IsReadingChannel()) CurrentProcess().reactor.StartPolling(shared_from_this());
  } catch (const std::bad_alloc&) {
    Fail("out of memory");
  }
}

// False when the transport cannot go on.
bool Transport::WatchSocket(uint32_t events) {
  if (events == watched_events_) return true;
  Reactor& reactor = CurrentProcess().reactor;
  if (socket_token_ != 0) reactor.Unwatch(std::exchange(socket_token_, 0));
  watched_events_ = events;
  if (events != 0)
    socket_token_ = reactor.Watch(shared_from_this(), kSocket, socket_.get(), events);
  return events == 0 || socket_token_ != 0;
}

void Transport::UnwatchAll() {
  WatchSocket(0);
  Reactor& reactor = CurrentProcess().reactor;
  reactor.StopPolling(this);
  if (answered_token_ != 0) reactor.UnwatchWord(std::exchange(answered_token_, 0));
  if (peer_token_ != 0) reactor.Unwatch(std::exchange(peer_token_, 0));
  peer_process_.Reset();
}

// Sends what is queued and sees to the rest.
void Transport::Flush() {
  bool has_unsent;
  const Outcome outcome = FlushQueue(&has_unsent);
  if (outcome == Outcome::kBroken) return CurrentProcess().reactor.Post(shared_from_this());
  if (is_stuck_) CurrentProcess().reactor.StartPolling(shared_from_this());
  const uint32_t write_event = outcome == Outcome::kFull ? POLLOUT : 0;
  if (!WatchSocket(kReadEvents | write_event)) return Fail("the socket cannot be watched");
  if (outcome == Outcome::kStarved) RetryLater();
}

Outcome Transport::FlushQueue(bool* has_unsent) {
  std::lock_guard lock(mutex_);
  const Outcome outcome = send_broken_ ? Outcome::kBroken : FlushLocked();
  if (outcome == Outcome::kBroken) BreakSending();
  *has_unsent = HasUnsent();
  return outcome;
}

void Transport::RetryLater() {
  const Reactor::Clock::time_point now = Reactor::Clock::now();
  if (retry_time_ > now) return;  // is planned already
  retry_time_ = now + kStarvedRetry;
  CurrentProcess().reactor.CallAt(retry_time_, shared_from_this());
}

// Reads until the socket seems empty or, to see its end, until it says so.
void Transport::ReadAvailable(size_t num_bytes_max, bool until_end) {
  for (size_t total_bytes = 0; total_bytes < num_bytes_max;) {
    const std::span<std::byte> space = reader_.PrepareRead();
    if (space.empty()) return Fail("out of memory");
    Received received;
    const ssize_t result = ReceiveWithRights(socket_.get(), space, &received);
    if (result == -EAGAIN) return;
    // A reset also means that it did not read all we had sent.
    if (result == 0 || result == -ECONNRESET) return End("the peer has closed its end");
    if (result < 0) return Fail(Explain("receiving failed", static_cast<int>(-result)));
    const size_t num_bytes = static_cast<size_t>(result);
    // The kernel ends a read at descriptors and at changes of the sender, though there may be more.
    const bool may_have_more =
        num_bytes == space.size() || !received.descriptors().empty() || received.sender() != 0;
    total_bytes += num_bytes;
    reader_.Commit(num_bytes, &received);
    if (!ReadFrames(received.sender())) return;
    if (!may_have_more && !until_end) return;
  }
}

// False when there is nothing more to read, for whatever reason.
bool Transport::ReadFrames(pid_t sender) {
  for (;;) {
    FrameReader::Frame frame;
    switch (reader_.Read(&frame)) {
      case FrameReader::Next::kIncomplete:
        return true;
      case FrameReader::Next::kBroken:
        Fail(reader_.reason());
        return false;
      case FrameReader::Next::kFrame:
        if (!TakeFrame(&frame, sender)) return false;
    }
  }
}

// Likewise.
bool Transport::TakeFrame(FrameReader::Frame* frame, pid_t sender) {
  switch (frame->type) {
    case kFrameHello:
      if ((frame->flags & kHelloActive) == 0) break;
      WatchPeer(sender);
      peer_is_active_ = true;
      Upgrade();
      break;
    case kFrameMessage:
      if (!IsReadingChannel()) return Deliver(frame->payload, std::move(frame->descriptors));
      Fail("a message beside the lane");
      break;
    case kFrameOffer:
      return TakeOffer(frame);
    case kFrameAnswer:
      return TakeAnswer((frame->flags & kAnswerYes) != 0);
    case kFrameSwitch:
      return TakeSwitch();
    case kFrameHandles:
      return TakeHandles(std::move(frame->descriptors));
    default:  // kFrameWake: OnReady() starts to look at the channel
      break;
  }
  return !has_failed_;
}

bool Transport::Deliver(std::span<const std::byte> payload, std::vector<UniqueFd> descriptors) {
  if (!IsActive()) return false;
  Process& process = CurrentProcess();
  std::vector<IpczDriverHandle> handles;
  if (!WrapDescriptors(&descriptors, &handles)) {
    Fail("out of memory");
    return false;
  }
  process.statistics.messages_received.Add();
  process.statistics.bytes_received.Add(payload.size());
  if (!handles.empty()) process.statistics.handles_received.Add(handles.size());
  const void* data = payload.empty() ? nullptr : payload.data();
  const IpczResult result = handler_(engine_handle_, data, payload.size(), handles.data(),
                                     handles.size(), IPCZ_NO_FLAGS, nullptr);
  if (result == IPCZ_RESULT_OK || result == IPCZ_RESULT_UNIMPLEMENTED) return IsActive();
  Fail("the handler refused a message");
  return false;
}

// Where the process cannot be watched (no descriptor left, or a kernel before 5.3), the socket has
// to do.
void Transport::WatchPeer(pid_t pid) {
  AskForSender(socket_.get(), false);
  if (pid <= 0 || pid == getpid() || peer_token_ != 0) return;
  Reactor& reactor = CurrentProcess().reactor;
  OsResult<UniqueFd> process = OpenProcess(pid);
  if (process.ok()) {
    peer_process_ = std::move(*process);
    peer_token_ = reactor.Watch(shared_from_this(), kPeerProcess, peer_process_.get(), POLLIN);
  } else if (process.error().number == ESRCH) {
    peer_is_gone_ = true;
    reactor.Post(shared_from_this());
  }
}

// As Fail(), after what the peer has committed.
void Transport::End(const std::string& reason) {
  if (IsReadingChannel()) ReadChannel(kDrainBytesMax);
  Fail(reason);
}

// Ends the link: from now on nothing is read or sent. The engine deactivates in answer.
void Transport::Fail(const std::string& reason) {
  if (std::exchange(has_failed_, true)) return;
  UnwatchAll();
  {
    std::lock_guard lock(mutex_);
    BreakSending();
    if (state_ != State::kActive) return;
    shutdown(socket_.get(), SHUT_RDWR);
  }
  CurrentProcess().last_failure.Set(reason);
  handler_(engine_handle_, nullptr, 0, nullptr, 0, IPCZ_TRANSPORT_ACTIVITY_ERROR, nullptr);
}

void Transport::Stop() {
  UnwatchAll();
  bool has_unsent;
  const Outcome outcome = FlushQueue(&has_unsent);
  const bool is_done = !has_unsent || outcome == Outcome::kBroken;
  {
    std::lock_guard lock(mutex_);
    state_ = State::kStopped;
    if (is_done) CloseSocketLocked();
  }
  Reactor& reactor = CurrentProcess().reactor;
  if (handler_ != nullptr) {
    handler_(engine_handle_, nullptr, 0, nullptr, 0, IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED, nullptr);
  }
  if (is_done) return reactor.Detach();
  linger_deadline_ = Reactor::Clock::now() + kLingerMax;
  reactor.CallAt(linger_deadline_, shared_from_this());
  Linger(false);
}

// Goes on sending what was transmitted before the end.
void Transport::Linger(bool peer_is_gone) {
  {
    std::lock_guard lock(mutex_);
    if (state_ != State::kStopped || !socket_.valid()) return;
  }
  bool has_unsent;
  const Outcome outcome = FlushQueue(&has_unsent);
  const bool is_full = outcome == Outcome::kFull;
  if (has_unsent && !is_full) RetryLater();
  if (has_unsent && !(peer_is_gone && !is_full) && Reactor::Clock::now() < linger_deadline_ &&
      WatchSocket(is_full ? POLLOUT : POLLRDHUP)) {
    return;
  }
  WatchSocket(0);
  {
    std::lock_guard lock(mutex_);
    CloseSocketLocked();
  }
  CurrentProcess().reactor.Detach();
}

}  // namespace ringway::driver
