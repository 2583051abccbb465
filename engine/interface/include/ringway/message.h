// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// A message that was received, and one that is being made. Both live on the
// stack of a call; only a large one has memory elsewhere: in the portal.

#ifndef RINGWAY_MESSAGE_H_
#define RINGWAY_MESSAGE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>

#include "ringway/message_layout.h"
#include "ringway/portal.h"

namespace ringway {
inline namespace api {

inline constexpr size_t kMessageInlineBytes = 1024;

// The error number that stands for a result of the C API; 0 for OK.
int64_t ErrorOf(IpczResult result);

// Stores a header at the start of a message, its bytes not one by one: whoever copies them next
// would wait for that. `last` is the fourth byte; `fields` are all behind that, in their order.
template <class Header, class... Fields>
void StoreFields(std::byte* to, const Header& header, uint8_t last, Fields Header::*... fields) {
  static_assert(sizeof(uint32_t) + (sizeof(Fields) + ...) == sizeof(Header));
  const uint32_t first = header.version | uint32_t{header.kind} << 8 |
                         uint32_t{header.attachments} << 16 | uint32_t{last} << 24;
  const auto store = [&to](const auto& value) {
    std::memcpy(to, &value, sizeof(value));
    to += sizeof(value);
  };
  store(first);
  (store(header.*fields), ...);
}
inline void StoreHeader(std::byte* to, const RequestHeader& header) {
  using H = RequestHeader;
  StoreFields(to, header, header.hops, &H::transaction, &H::opcode, &H::presence,
              &H::interface_high, &H::interface_low);
}
inline void StoreHeader(std::byte* to, const ReplyHeader& header) {
  using H = ReplyHeader;
  StoreFields(to, header, header.flags, &H::transaction, &H::status, &H::presence, &H::reserved1);
}

class IncomingMessage {
 public:
  IncomingMessage() {}
  ~IncomingMessage() { Release(); }
  IncomingMessage(const IncomingMessage&) = delete;
  IncomingMessage& operator=(const IncomingMessage&) = delete;

  // Takes the next parcel of `portal`. Up to kMessageInlineBytes are copied; a
  // larger parcel stays in the portal, and occupies it, until Release().
  // OK, UNAVAILABLE, NOT_FOUND, or another result of Get().
  IpczResult Receive(IpczHandle portal) {
    size_t num_bytes = inline_.size();
    size_t num_handles = handles_.size();
    const IpczResult result = Ipcz().Get(portal, IPCZ_NO_FLAGS, nullptr, inline_.data(), &num_bytes,
                                         handles_.data(), &num_handles, nullptr);
    if (result == IPCZ_RESULT_RESOURCE_EXHAUSTED) [[unlikely]]
      return ReceiveLarge(portal, num_handles);
    if (result != IPCZ_RESULT_OK) return result;
    bytes_ = {inline_.data(), num_bytes};
    num_handles_ = num_handles;
    return result;
  }
  // The same for bytes that did not come through a portal. They outlive this.
  void Borrow(std::span<const std::byte> bytes) { bytes_ = bytes; }
  // A copy of them. False: no memory.
  bool Copy(std::span<const std::byte> bytes);
  // Copies or takes over what `other` holds. For a reply that another thread received.
  void TakeFrom(IncomingMessage& other);
  // Copies what the sender could still change. False: no memory.
  bool MakePrivate();
  void Release() {
    if (pinned_ != IPCZ_INVALID_HANDLE || num_handles_ != 0) [[unlikely]]
      LetGo();
    bytes_ = {};
    over_quota_ = false;
  }
  // Forgets the last `num_bytes` of bytes().
  void DropTail(size_t num_bytes) { bytes_ = bytes_.first(bytes_.size() - num_bytes); }

  // 8-aligned.
  std::span<const std::byte> bytes() const { return bytes_; }
  // Where boxes among its handles belong; nowhere: memory in them cannot be mapped.
  const NodeAndDriver& home() const { return home_; }
  void set_home(const NodeAndDriver& home) { home_ = home; }
  bool is_private() const { return pinned_ == IPCZ_INVALID_HANDLE; }
  // More handles came than a message may carry; they are closed.
  bool over_quota() const { return over_quota_; }
  size_t num_handles() const { return num_handles_; }
  // Each handle can be taken once, and be put back.
  Handle TakeHandle(size_t index);
  void PutBack(size_t index, Handle handle) { handles_[index] = handle.Release(); }
  void AddHandle(Handle handle);
  // The last handle, which then no longer counts.
  Handle PopHandle();

 private:
  IpczResult ReceiveLarge(IpczHandle portal, size_t num_handles);
  void EndGet();
  void LetGo();
  void DropTooManyHandles(IpczHandle portal, size_t num_handles);

  std::span<const std::byte> bytes_;
  IpczHandle pinned_ = IPCZ_INVALID_HANDLE;
  size_t pinned_bytes_ = 0;
  size_t num_handles_ = 0;
  bool over_quota_ = false;
  NodeAndDriver home_;
  std::unique_ptr<std::byte[]> copy_;
  std::array<IpczHandle, kAttachmentsMax> handles_;
  alignas(kPayloadAlign) std::array<std::byte, kMessageInlineBytes> inline_;
};

class OutgoingMessage {
 public:
  OutgoingMessage() {}
  ~OutgoingMessage() {
    if (num_handles_ != 0 || draft_ != IPCZ_INVALID_HANDLE) [[unlikely]]
      Abandon();
  }
  OutgoingMessage(const OutgoingMessage&) = delete;
  OutgoingMessage& operator=(const OutgoingMessage&) = delete;

  // Memory for a message of at most `num_bytes`: here, or for a large one in
  // `portal`, from where it need not be copied. Once.
  int64_t Reserve(IpczHandle portal, size_t num_bytes) {
    if (num_bytes > inline_.size()) [[unlikely]]
      return ReserveLarge(portal, num_bytes);
    capacity_ = num_bytes;
    data_ = inline_.data();
    return 0;
  }
  std::byte* data() const { return data_; }
  size_t capacity() const { return capacity_; }
  // In the portal's memory, which shows nothing of this process that its peer may not see.
  bool is_draft() const { return draft_ != IPCZ_INVALID_HANDLE; }

  // A handle to send with it. False: there are too many.
  bool AddHandle(Handle handle);
  // Where boxes among them belong, for a receiver in this process.
  const NodeAndDriver& home() const { return home_; }
  void set_home(const NodeAndDriver& home) { home_ = home; }
  size_t num_handles() const { return num_handles_; }
  std::span<IpczHandle> handles() { return {handles_.data(), num_handles_}; }
  Handle TakeHandle(size_t index);

  // Sends the first `num_bytes`. The handles are taken on success.
  int64_t Send(IpczHandle portal, size_t num_bytes);
  // The same if less than `max_queued` parcels wait at the other side: -RW_EAGAIN. With memory
  // that was not reserved in the portal.
  int64_t SendIfRoom(IpczHandle portal, size_t num_bytes, size_t max_queued);

 private:
  int64_t ReserveLarge(IpczHandle portal, size_t num_bytes);
  void Abandon();

  std::byte* data_ = nullptr;
  size_t capacity_ = 0;
  size_t num_handles_ = 0;
  IpczHandle draft_ = IPCZ_INVALID_HANDLE;
  NodeAndDriver home_;
  std::unique_ptr<std::byte[]> heap_;
  std::array<IpczHandle, kAttachmentsMax> handles_;
  alignas(kPayloadAlign) std::array<std::byte, kMessageInlineBytes> inline_;
};

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_MESSAGE_H_
