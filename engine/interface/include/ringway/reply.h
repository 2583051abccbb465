// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef RINGWAY_REPLY_H_
#define RINGWAY_REPLY_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "ringway/errors.h"
#include "ringway/message.h"
#include "ringway/portal.h"

namespace ringway {
inline namespace api {

struct CallOptions;

// The way back to a caller: its own portal, a portal for one reply, or memory.
class ReplyChannel : public std::enable_shared_from_this<ReplyChannel> {
 public:
  virtual ~ReplyChannel() = default;
  // Where large replies are made; none if they cannot be made in place.
  virtual IpczHandle portal() const = 0;
  virtual int64_t Send(OutgoingMessage& message, size_t num_bytes) = 0;
  // The node of the portal, for Reply::IntoPortal().
  virtual IpczHandle node() const = 0;

  // Whoever sends requests here was told that the endpoint behind closed, which is why it may close
  // in turn: no news.
  bool is_closed() const { return closed_.load(); }
  void set_closed(bool closed) { closed_ = closed; }
  // They said that they leave; without that, the end of the portal is the end of their process.
  bool is_left() const { return left_.load(); }
  void set_left() { left_ = true; }
  // The object behind is to hear of its end: Served::ChannelEnded().
  bool is_watched() const { return watched_.load(); }
  void set_watched() { watched_ = true; }

 private:
  std::atomic<bool> closed_ = false;
  std::atomic<bool> left_ = false;
  std::atomic<bool> watched_ = false;
};

// The reply that a caller waits for. Whoever has it answers it once; when it is
// dropped, the caller gets -RW_ECANCELED. Any thread may answer.
class Reply {
 public:
  Reply() = default;
  Reply(ReplyChannel* channel, uint32_t transaction)
      : channel_(channel), transaction_(transaction) {}
  Reply(Reply&& other) noexcept
      : kept_(std::move(other.kept_)),
        channel_(std::exchange(other.channel_, nullptr)),
        transaction_(other.transaction_) {}
  Reply& operator=(Reply&& other) noexcept {
    if (this != &other) {
      Drop();
      kept_ = std::move(other.kept_);
      channel_ = std::exchange(other.channel_, nullptr);
      transaction_ = other.transaction_;
    }
    return *this;
  }
  ~Reply() { Drop(); }

  // False: already answered, or the caller waits for none.
  explicit operator bool() const { return channel_ != nullptr; }
  uint32_t transaction() const { return transaction_; }
  ReplyChannel* channel() const { return channel_; }

  // Answers with a status and no outputs; with outputs see ReplyWith<Method>().
  // -RW_EINVAL if that was done before. Outputs that cannot be sent: the error, which the caller
  // then has as well.
  int64_t Send(int64_t status, uint8_t flags = 0);
  int64_t Send(int64_t status, uint32_t presence, OutgoingMessage& message, size_t num_bytes,
               uint8_t flags = 0);

  // Turns this into a portal that another process may answer on. The caller
  // is told to wait there.
  int64_t IntoPortal(Handle* portal);

  // Makes the channel live as long as this reply.
  void Keep() { kept_ = channel_ ? channel_->shared_from_this() : nullptr; }
  // Keeps the channel of a reply that has no other owner.
  static Reply Owning(std::shared_ptr<ReplyChannel> channel, uint32_t transaction);

 private:
  // The caller may be gone as well; there is nobody to tell then.
  void Drop() {
    if (channel_) static_cast<void>(Send(-RW_ECANCELED));
  }

  std::shared_ptr<ReplyChannel> kept_;
  ReplyChannel* channel_ = nullptr;
  uint32_t transaction_ = 0;
};

// A portal on which one reply is sent.
class ReplyPortalChannel final : public ReplyChannel {
 public:
  ReplyPortalChannel(Portal portal, IpczHandle node) : portal_(std::move(portal)), node_(node) {}
  IpczHandle portal() const override { return portal_.get(); }
  IpczHandle node() const override { return node_; }
  int64_t Send(OutgoingMessage& message, size_t num_bytes) override {
    return message.Send(portal_.get(), num_bytes);
  }

 private:
  Portal portal_;
  IpczHandle node_;
};

// The reply of an object of this process to a call that was not encoded.
class LocalReplyChannel final : public ReplyChannel {
 public:
  IpczHandle portal() const override { return IPCZ_INVALID_HANDLE; }
  IpczHandle node() const override { return IPCZ_INVALID_HANDLE; }
  int64_t Send(OutgoingMessage& message, size_t num_bytes) override;
  // Waits for it.
  int64_t Await(const CallOptions& options, IncomingMessage* reply);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool sent_ = false;
  std::vector<uint64_t> words_;  // the bytes, 8-aligned
  size_t num_bytes_ = 0;
  std::vector<Handle> handles_;
};

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_REPLY_H_
