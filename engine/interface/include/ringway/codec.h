// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// How parameters become bytes: a pass that counts, one that writes, one that
// reads. A parameter describes itself once, as a template over the first two.

#ifndef RINGWAY_CODEC_H_
#define RINGWAY_CODEC_H_

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <utility>

#include "ringway/errors.h"
#include "ringway/message.h"
#include "ringway/wire_type.h"

namespace ringway {
inline namespace api {

template <class T>
inline constexpr size_t kWireAlign = std::min(alignof(T), kPayloadAlign);

constexpr size_t AlignUp(size_t at, size_t align) { return (at + align - 1) & ~(align - 1); }

// Of many elements, none lies across two cache lines: that takes a fifth longer.
template <class T>
constexpr size_t ElementsAlign(size_t count) {
  return count * sizeof(T) >= kLargeArrayBytes ? kLargeArrayAlign : kWireAlign<T>;
}

// Counts.
class Sizer {
 public:
  explicit constexpr Sizer(size_t at) : at_(at) {}

  template <class T>
  constexpr void Value(const T&) {
    at_ = AlignUp(at_, kWireAlign<T>) + sizeof(T);
  }
  template <class T>
  constexpr void Elements(const T*, size_t count) {
    AlignFor<T>(count);
    at_ += count * sizeof(T);
  }
  // To where so many elements would begin.
  template <class T>
  constexpr void AlignFor(size_t count) {
    at_ = AlignUp(at_, ElementsAlign<T>(count));
  }
  template <class T, class Write>
  constexpr void Fill(size_t count, Write&) {
    Elements(static_cast<const T*>(nullptr), count);
  }
  void Attach(Handle&&) {}
  void Present(size_t) {}
  static constexpr bool kWrites = false;

  constexpr size_t at() const { return at_; }

 private:
  size_t at_;
};

// Writes into memory that was reserved by the size that a Sizer counted.
class Writer {
 public:
  Writer(OutgoingMessage* message, size_t at) : message_(message), at_(at) {}

  template <class T>
  void Value(const T& value) {
    static_assert(kIsWireType<T>,
                  "holds pointers, padding or a bool, or is not trivially copyable");
    Align(kWireAlign<T>);
    std::memcpy(message_->data() + at_, &value, sizeof(T));
    at_ += sizeof(T);
  }
  // The elements may lie further on in the same memory.
  template <class T>
  void Elements(const T* data, size_t count) {
    static_assert(kIsWireType<T>,
                  "holds pointers, padding or a bool, or is not trivially copyable");
    Align(ElementsAlign<T>(count));
    std::byte* to = message_->data() + at_;
    if (count != 0 && reinterpret_cast<const std::byte*>(data) != to) {
      std::memmove(to, data, count * sizeof(T));
    }
    at_ += count * sizeof(T);
  }
  // Elements that `write` puts where they go, unless the message is not sent anyway. Those that it
  // leaves alone show nothing of this process.
  template <class T, class Write>
  void Fill(size_t count, Write& write) {
    static_assert(kIsWireType<T>,
                  "holds pointers, padding or a bool, or is not trivially copyable");
    static_assert(alignof(T) <= kPayloadAlign, "elements of a message are 8-aligned at most");
    Align(ElementsAlign<T>(count));
    std::byte* const to = message_->data() + at_;
    at_ += count * sizeof(T);
    if (status_ != 0) return;
    if (!message_->is_draft()) std::memset(to, 0, count * sizeof(T));
    write(std::span<T>(reinterpret_cast<T*>(to), count));
  }
  void Attach(Handle&& handle, const NodeAndDriver& home = {}) {
    if (home.driver) message_->set_home(home);
    if (!message_->AddHandle(std::move(handle))) Fail(-RW_ENOBUFS);
  }
  void Present(size_t index) { presence_ |= uint32_t{1} << index; }
  void Fail(int64_t status) {
    if (status_ == 0) status_ = status;
  }
  static constexpr bool kWrites = true;

  size_t at() const { return at_; }
  uint32_t presence() const { return presence_; }
  int64_t status() const { return status_; }

 private:
  // What is skipped must not show what was in this memory before.
  void Align(size_t align) {
    const size_t aligned = AlignUp(at_, align);
    if (aligned != at_) std::memset(message_->data() + at_, 0, aligned - at_);
    at_ = aligned;
  }

  OutgoingMessage* message_;
  size_t at_;
  uint32_t presence_ = 0;
  int64_t status_ = 0;
};

// Reads what a peer sent. Each byte is read once. After the first failure all
// reads give zeros, and Finish() says what it was.
class Reader {
 public:
  Reader(IncomingMessage* message, size_t at, uint32_t presence)
      : message_(message), at_(at), size_(message->bytes().size()), presence_(presence) {
    if (at_ > size_) Fail(-RW_EMSGTOOSHORT);
  }

  template <class T>
  T Value() {
    static_assert(kIsWireType<T>,
                  "holds pointers, padding or a bool, or is not trivially copyable");
    if constexpr (std::is_same_v<T, bool>) {
      const auto byte = Value<uint8_t>();
      if (byte > 1) Fail(-RW_EPROTO);
      return byte == 1;
    } else {
      std::array<std::byte, sizeof(T)> value = {};
      if (const std::byte* from = Place(kWireAlign<T>, sizeof(T), 1)) {
        std::memcpy(value.data(), from, sizeof(T));
      }
      return std::bit_cast<T>(value);
    }
  }

  // The elements where they are; null after a failure.
  template <class T>
  const T* Elements(size_t count) {
    static_assert(kIsWireType<T>,
                  "holds pointers, padding or a bool, or is not trivially copyable");
    static_assert(!std::is_same_v<T, bool>, "what a peer sends may be no bool: use uint8_t");
    static_assert(alignof(T) <= kPayloadAlign, "elements of a message are 8-aligned at most");
    return reinterpret_cast<const T*>(Place(ElementsAlign<T>(count), sizeof(T), count));
  }

  // Where boxes of the message belong.
  const NodeAndDriver& home() const { return message_->home(); }
  Handle TakeHandle() {
    if (next_handle_ == message_->num_handles()) {
      Fail(-RW_EMSGMISSARG);
      return Handle();
    }
    return message_->TakeHandle(next_handle_++);
  }
  // Bytes that were not read yet.
  size_t left() const { return size_ - std::min(at_, size_); }
  bool IsPresent(size_t index) const { return (presence_ >> index & 1) != 0; }
  void Fail(int64_t status) {
    if (status_ == 0) status_ = status;
  }

  // 0 if everything could be read and nothing is left.
  int64_t Finish() {
    if (at_ != size_) Fail(-RW_EMSGTOOLONG);
    if (next_handle_ != message_->num_handles()) Fail(-RW_EPROTO);
    return status_;
  }

 private:
  const std::byte* Place(size_t align, size_t size, size_t count) {
    const size_t at = AlignUp(at_, align);
    if (status_ != 0 || at > size_ || count > (size_ - at) / size) {
      Fail(-RW_EMSGTOOSHORT);
      return nullptr;
    }
    at_ = at + count * size;
    return message_->bytes().data() + at;
  }

  IncomingMessage* message_;
  size_t at_;
  size_t size_;
  size_t next_handle_ = 0;
  uint32_t presence_;
  int64_t status_ = 0;
};

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_CODEC_H_
