// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

// What callers do, on any thread. transport_io.cc is what the reactor's thread does,
// transport_channel.cc what both do with a channel.

#include "driver_linux/transport.h"

#include <sys/socket.h>

#include <new>
#include <utility>

#include "driver_linux/peer_process.h"
#include "driver_linux/process.h"

namespace ringway::driver {
namespace {

using Outcome = SendQueue::Outcome;

// A message larger than this is worth a channel at once.
constexpr size_t kUpgradeBytes = size_t{4} << 10;

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
  until_upgrade_ = CurrentProcess().options.upgrade_after;
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
  if (send_broken_) return IPCZ_RESULT_UNAVAILABLE;
  const bool was_idle = !HasUnsent();
  const bool has_channel = channel_ && channel_->is_open;
  Outcome outcome = Outcome::kBroken;
  try {
    outcome = has_channel ? SendOverChannel(payload, std::move(descriptors))
                          : SendOverSocket(payload, std::move(descriptors));
  } catch (const std::bad_alloc&) {
    // Half a message may be under way, and the other half is lost.
  }
  Account(outcome, was_idle);
  if (send_broken_) return IPCZ_RESULT_UNAVAILABLE;
  if (!has_channel) statistics.socket_messages_sent.Add();
  statistics.messages_sent.Add();
  statistics.bytes_sent.Add(payload.size());
  if (handle_count != 0) statistics.handles_sent.Add(handle_count);
  return IPCZ_RESULT_OK;
}

Outcome Transport::SendOverSocket(std::span<const std::byte> payload,
                                  std::vector<UniqueFd> descriptors) {
  if (!hello_sent_) SayHello(false);
  if (!queue_.empty() && state_ == State::kNew) Account(queue_.Flush(socket_.get()), false);
  if (send_broken_) return Outcome::kBroken;
  const Outcome outcome = queue_.SendMessage(socket_.get(), payload, std::move(descriptors));
  CountForUpgrade(payload.size());
  return outcome;
}

// Asks the reactor for a channel once this transport has something to say.
void Transport::CountForUpgrade(size_t num_bytes) {
  if (until_upgrade_ == 0) return;
  until_upgrade_ = num_bytes > kUpgradeBytes ? 0 : until_upgrade_ - 1;
  if (until_upgrade_ == 0 && state_ == State::kActive) {
    CurrentProcess().reactor.Post(shared_from_this());
  }
}

void Transport::SayHello(bool active) {
  hello_sent_ = true;
  const bool was_idle = queue_.empty();
  Account(queue_.SendHello(socket_.get(), active), was_idle);
}

// Has the reactor see to what could not be sent at once, unless it does so already.
void Transport::Account(Outcome outcome, bool was_idle) {
  if (outcome == Outcome::kSent && !HasUnsent()) return;
  if (outcome == Outcome::kBroken) {
    BreakSending();
  } else if (!was_idle) {
    return;
  }
  if (state_ == State::kActive) CurrentProcess().reactor.Post(shared_from_this());
}

Outcome Transport::BreakSending() {
  send_broken_ = true;
  queue_.Clear();
  if (channel_) channel_->pending.clear();
  is_stuck_ = false;
  return Outcome::kBroken;
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
  channel_.reset();
  CurrentProcess().statistics.system_calls.Add(2);
}

}  // namespace ringway::driver
