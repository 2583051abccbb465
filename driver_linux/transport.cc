// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/transport.h"

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

namespace ringway::driver {
namespace {

using Outcome = SendQueue::Outcome;

constexpr uint32_t kReadEvents = POLLIN | POLLRDHUP;

// What is read from one transport before the others have their turn, and what is read at most from
// one whose peer is dead: more than a socket holds can only come from someone who is not.
constexpr size_t kTurnBytesMax = size_t{1} << 20;
constexpr size_t kDrainBytesMax = size_t{64} << 20;

constexpr auto kStarvedRetry = std::chrono::milliseconds(2);
constexpr auto kLingerMax = std::chrono::seconds(30);

std::string Explain(const char* what, int error) {
  return std::string(what) + ": " + std::strerror(error);
}

}  // namespace

Transport::Transport(Endpoint endpoint)
    : Object(kKind), queue_(std::move(endpoint.pending)), socket_(std::move(endpoint.socket)) {}

void Transport::AdoptSocket(UniqueFd socket) {
  std::lock_guard lock(mutex_);
  socket_ = std::move(socket);
}

IpczResult Transport::Activate(IpczHandle engine_handle, IpczTransportActivityHandler handler) {
  std::lock_guard lock(mutex_);
  if (state_ != State::kNew) return IPCZ_RESULT_FAILED_PRECONDITION;
  engine_handle_ = engine_handle;
  handler_ = handler;
  AskForSender(socket_.get(), true);
  // The reactor's first call waits for the lock.
  if (CurrentProcess().reactor.Attach(shared_from_this()).number != 0) {
    return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  }
  state_ = State::kActive;
  SayHello(true);
  return IPCZ_RESULT_OK;
}

IpczResult Transport::Deactivate() {
  std::lock_guard lock(mutex_);
  if (state_ == State::kNew || state_ == State::kGone) return IPCZ_RESULT_FAILED_PRECONDITION;
  if (state_ == State::kActive) {
    state_ = State::kStopping;
    CurrentProcess().reactor.Post(shared_from_this());
  }
  return IPCZ_RESULT_OK;
}

IpczResult Transport::Transmit(std::span<const std::byte> payload,
                               std::vector<UniqueFd> descriptors) {
  if (payload.size() > kPayloadBytesMax || descriptors.size() > kDescriptorsPerFrameMax) {
    return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  }
  Statistics& statistics = CurrentProcess().statistics;
  const size_t handle_count = descriptors.size();
  std::lock_guard lock(mutex_);
  if (!TakesMessages()) return IPCZ_RESULT_FAILED_PRECONDITION;
  if (!hello_sent_) SayHello(false);
  const bool was_idle = queue_.empty();
  if (!was_idle && state_ == State::kNew) Account(queue_.Flush(socket_.get()), false);
  if (send_broken_) return IPCZ_RESULT_UNAVAILABLE;
  Outcome outcome = Outcome::kBroken;
  try {
    outcome = queue_.SendMessage(socket_.get(), payload, std::move(descriptors));
  } catch (const std::bad_alloc&) {
    // Half a frame may be under way, and the other half is lost.
  }
  Account(outcome, was_idle);
  if (send_broken_) return IPCZ_RESULT_UNAVAILABLE;
  statistics.messages_sent.Add();
  statistics.bytes_sent.Add(payload.size());
  statistics.handles_sent.Add(handle_count);
  return IPCZ_RESULT_OK;
}

void Transport::SayHello(bool active) {
  hello_sent_ = true;
  const bool was_idle = queue_.empty();
  Account(queue_.SendHello(socket_.get(), active), was_idle);
}

// Has the reactor see to what could not be sent at once, unless it does so already.
void Transport::Account(Outcome outcome, bool was_idle) {
  if (outcome == Outcome::kSent) return;
  if (outcome == Outcome::kBroken) {
    send_broken_ = true;
    queue_.Clear();
  } else if (!was_idle) {
    return;
  }
  if (state_ == State::kActive) CurrentProcess().reactor.Post(shared_from_this());
}

Transport::EndpointSize Transport::MeasureLocked() const {
  EndpointSize size;
  for (const SendQueue::Chunk& chunk : queue_.chunks()) {
    size.num_bytes += chunk.bytes.size() - chunk.sent_bytes;
    size.num_descriptors += chunk.descriptors.size();
    ++size.num_chunks;
  }
  return size;
}

IpczResult Transport::Measure(EndpointSize* size) {
  std::lock_guard lock(mutex_);
  if (state_ != State::kNew) return IPCZ_RESULT_FAILED_PRECONDITION;
  if (!queue_.empty()) Account(queue_.Flush(socket_.get()), false);
  *size = MeasureLocked();
  return IPCZ_RESULT_OK;
}

IpczResult Transport::TakeEndpoint(const EndpointSize& size_max, Endpoint* endpoint) {
  std::lock_guard lock(mutex_);
  if (state_ != State::kNew) return IPCZ_RESULT_FAILED_PRECONDITION;
  const EndpointSize size = MeasureLocked();
  if (size.num_bytes > size_max.num_bytes || size.num_descriptors > size_max.num_descriptors ||
      size.num_chunks > size_max.num_chunks) {
    return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  }
  state_ = State::kGone;
  endpoint->socket = std::move(socket_);
  endpoint->pending = std::move(queue_);
  return IPCZ_RESULT_OK;
}

void Transport::OnHandleClosed() {
  std::lock_guard lock(mutex_);
  Reactor& reactor = CurrentProcess().reactor;
  if (state_ == State::kActive) {
    state_ = State::kStopping;
    reactor.Post(shared_from_this());
  } else if (state_ == State::kNew) {
    if (!queue_.empty()) Account(queue_.Flush(socket_.get()), false);
    state_ = State::kStopping;
    if (queue_.empty() || reactor.Attach(shared_from_this()).number != 0) CloseSocketLocked();
  }
}

// The shutdown tells the peer even where a forked child still holds the socket too.
void Transport::CloseSocketLocked() {
  if (!socket_.valid()) return;
  shutdown(socket_.get(), SHUT_RDWR);
  socket_.Reset();
  queue_.Clear();
  CurrentProcess().statistics.system_calls.Add(2);
}

// From here on: on the reactor's thread.

bool Transport::IsActive() {
  std::lock_guard lock(mutex_);
  return state_ == State::kActive;
}

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
    if (state == State::kStopped) return Linger();
    if (has_failed_) return;
    if (is_broken || peer_is_gone_) {
      // What the peer had sent before is still delivered.
      ReadAvailable(kDrainBytesMax, true);
      return Fail(is_broken ? Explain("the peer takes no more messages", error)
                            : "the peer's process has ended");
    }
    Flush();
  } catch (const std::bad_alloc&) {
    Fail("out of memory");
  }
}

void Transport::OnReady(uint32_t source, uint32_t events) {
  try {
    if (!IsActive()) return Linger();
    if (source == kPeerProcess) {
      peer_is_gone_ = true;
      return OnWork();
    }
    if ((events & POLLNVAL) != 0) return Fail("the socket cannot be watched");
    if ((events & POLLOUT) != 0) Flush();
    if ((events & ~uint32_t{POLLOUT}) == 0 || has_failed_) return;
    const bool has_ended = (events & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
    ReadAvailable(has_ended ? kDrainBytesMax : kTurnBytesMax, has_ended);
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
  if (peer_token_ != 0) CurrentProcess().reactor.Unwatch(std::exchange(peer_token_, 0));
  peer_process_.Reset();
}

// Sends what is queued and sees to the rest.
void Transport::Flush() {
  const Outcome outcome = FlushQueue();
  if (outcome == Outcome::kBroken) return CurrentProcess().reactor.Post(shared_from_this());
  const uint32_t write_event = outcome == Outcome::kFull ? POLLOUT : 0;
  if (!WatchSocket(kReadEvents | write_event)) return Fail("the socket cannot be watched");
  if (outcome == Outcome::kStarved) RetryLater();
}

Outcome Transport::FlushQueue() {
  std::lock_guard lock(mutex_);
  if (send_broken_) return Outcome::kBroken;
  const Outcome outcome = queue_.Flush(socket_.get());
  if (outcome == Outcome::kBroken) {
    send_broken_ = true;
    queue_.Clear();
  }
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
  Statistics& statistics = CurrentProcess().statistics;
  for (size_t total_bytes = 0; total_bytes < num_bytes_max;) {
    const std::span<std::byte> space = reader_.PrepareRead();
    if (space.empty()) return Fail("out of memory");
    Received received;
    const ssize_t result = ReceiveWithRights(socket_.get(), space, &received);
    if (result == -EAGAIN) return;
    // A reset also means that it did not read all we had sent.
    if (result == 0 || result == -ECONNRESET) return Fail("the peer has closed its end");
    if (result < 0) return Fail(Explain("receiving failed", static_cast<int>(-result)));
    if (received.truncated()) return Fail("descriptors were lost: this process has too many open");
    const size_t num_bytes = static_cast<size_t>(result);
    // The kernel ends a read at descriptors and at changes of the sender, though there may be more.
    const bool may_have_more =
        num_bytes == space.size() || !received.descriptors().empty() || received.sender() != 0;
    total_bytes += num_bytes;
    statistics.handles_received.Add(received.descriptors().size());
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
        if (!frame.is_hello && !Deliver(&frame)) return false;
        if (frame.peer_is_active) WatchPeer(sender);
    }
  }
}

bool Transport::Deliver(FrameReader::Frame* frame) {
  if (!IsActive()) return false;
  Process& process = CurrentProcess();
  std::vector<IpczDriverHandle> handles;
  if (!WrapDescriptors(&frame->descriptors, &handles)) {
    Fail("out of memory");
    return false;
  }
  process.statistics.messages_received.Add();
  process.statistics.bytes_received.Add(frame->payload.size());
  const void* data = frame->payload.empty() ? nullptr : frame->payload.data();
  const IpczResult result = handler_(engine_handle_, data, frame->payload.size(), handles.data(),
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

// Ends the link: from now on nothing is read or sent. The engine deactivates in answer.
void Transport::Fail(const std::string& reason) {
  if (std::exchange(has_failed_, true)) return;
  UnwatchAll();
  {
    std::lock_guard lock(mutex_);
    send_broken_ = true;
    queue_.Clear();
    if (state_ != State::kActive) return;
    shutdown(socket_.get(), SHUT_RDWR);
  }
  CurrentProcess().last_failure.Set(reason);
  handler_(engine_handle_, nullptr, 0, nullptr, 0, IPCZ_TRANSPORT_ACTIVITY_ERROR, nullptr);
}

void Transport::Stop() {
  UnwatchAll();
  const Outcome outcome = FlushQueue();
  const bool is_done = outcome == Outcome::kSent || outcome == Outcome::kBroken;
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
  Linger();
}

// Goes on sending what was transmitted before the end.
void Transport::Linger() {
  {
    std::lock_guard lock(mutex_);
    if (state_ != State::kStopped || !socket_.valid()) return;
  }
  const Outcome outcome = FlushQueue();
  const bool goes_on = outcome == Outcome::kFull || outcome == Outcome::kStarved;
  if (outcome == Outcome::kStarved) RetryLater();
  if (goes_on && Reactor::Clock::now() < linger_deadline_ &&
      WatchSocket(outcome == Outcome::kFull ? POLLOUT : 0)) {
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
