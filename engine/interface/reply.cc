// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "ringway/reply.h"

#include <chrono>
#include <cstring>
#include <span>

#include "ringway/target.h"

namespace ringway {
inline namespace api {

Reply Reply::Owning(std::shared_ptr<ReplyChannel> channel, uint32_t transaction) {
  Reply reply(channel.get(), transaction);
  reply.kept_ = std::move(channel);
  return reply;
}

int64_t Reply::Send(int64_t status, uint8_t flags) {
  OutgoingMessage message;
  const int64_t reserved = message.Reserve(IPCZ_INVALID_HANDLE, sizeof(ReplyHeader));
  if (reserved != RW_EOK) return reserved;
  return Send(status, 0, message, sizeof(ReplyHeader), flags);
}

int64_t Reply::Send(int64_t status, uint32_t presence, OutgoingMessage& message, size_t num_bytes,
                    uint8_t flags) {
  if (!channel_) return -RW_EINVAL;
  const ReplyHeader header = {kMessageVersion,
                              kKindReply,
                              static_cast<uint8_t>(message.num_handles()),
                              flags,
                              transaction_,
                              status,
                              presence,
                              0};
  StoreHeader(message.data(), header);
  const int64_t sent = channel_->Send(message, num_bytes);
  if (sent == RW_EOK || sent == -RW_ECONNRESET) {
    channel_ = nullptr;
    kept_.reset();
  } else if (num_bytes != sizeof(header)) {
    // Something in it cannot be sent: then at least the caller is told.
    static_cast<void>(Send(sent));
  }
  return sent;
}

int64_t Reply::IntoPortal(Handle* portal) {
  if (!channel_ || channel_->node() == IPCZ_INVALID_HANDLE) return -RW_EINVAL;
  IpczHandle ours = IPCZ_INVALID_HANDLE;
  IpczHandle theirs = IPCZ_INVALID_HANDLE;
  const IpczResult opened =
      Ipcz().OpenPortals(channel_->node(), IPCZ_NO_FLAGS, nullptr, &ours, &theirs);
  if (opened != IPCZ_RESULT_OK) return ErrorOf(opened);
  Handle kept(ours);
  OutgoingMessage message;
  int64_t status = message.Reserve(IPCZ_INVALID_HANDLE, sizeof(ReplyHeader));
  if (!message.AddHandle(Handle(theirs))) status = -RW_ENOBUFS;
  if (status != RW_EOK) return status;
  const ReplyHeader header = {kMessageVersion, kKindReplyMoved, 1, 0, transaction_, 0, 0, 0};
  StoreHeader(message.data(), header);
  status = channel_->Send(message, sizeof(header));
  if (status != RW_EOK) return status;
  channel_ = nullptr;
  kept_.reset();
  *portal = std::move(kept);
  return RW_EOK;
}

int64_t LocalReplyChannel::Send(OutgoingMessage& message, size_t num_bytes) {
  std::lock_guard lock(mutex_);
  words_.resize((num_bytes + sizeof(uint64_t) - 1) / sizeof(uint64_t));
  std::memcpy(words_.data(), message.data(), num_bytes);
  num_bytes_ = num_bytes;
  for (size_t i = 0; i < message.num_handles(); ++i) handles_.push_back(message.TakeHandle(i));
  sent_ = true;
  changed_.notify_all();
  return RW_EOK;
}

int64_t LocalReplyChannel::Await(const CallOptions& options, IncomingMessage* reply) {
  std::unique_lock lock(mutex_);
  while (!sent_) {
    if (options.deadline.ns() == RINGWAY_NO_DEADLINE) {
      changed_.wait(lock);
      continue;
    }
    const std::chrono::steady_clock::time_point end{
        std::chrono::nanoseconds(options.deadline.ns())};
    if (changed_.wait_until(lock, end) == std::cv_status::timeout && !sent_) return -RW_ETIMEDOUT;
  }
  if (!reply->Copy(std::as_bytes(std::span(words_)).first(num_bytes_))) return -RW_ENOMEM;
  for (Handle& handle : handles_) reply->AddHandle(std::move(handle));
  return RW_EOK;
}

}  // namespace api
}  // namespace ringway
