// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Servers that receive their messages themselves, on any number of threads, and
// decide for each what becomes of it. Clients: ringway/messenger.h, or calls of
// methods, whose messages are the same.
//
//   ringway::Inbox inbox(node);
//   inbox.Register(names, {.name = "net"}, &registered);
//   ringway::Envelope message;
//   while (inbox.Receive(&message) == RW_EOK) {
//     switch (message.id()) {
//       case kSubscribe: message.Forward(manager, kManagerSubscribe); break;
//       case kAdd: message.ReadWords(&words); message.ReturnWords({{words[0] + words[1]}}); break;
//     }
//   }

#ifndef RINGWAY_INBOX_H_
#define RINGWAY_INBOX_H_

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>

#include "ringway/lend.h"
#include "ringway/names.h"

namespace ringway {
inline namespace api {

// Of messages that do not belong to a declared interface.
inline constexpr InterfaceId kMessagesId = IdOf("ringway.Messages");

using Words = std::array<uint64_t, 4>;
inline constexpr size_t kReplyWordsMax = 5;

// A message that was received. Dropped without an answer, its sender, if it waits for one, gets
// -RW_ECANCELED.
class Envelope {
 public:
  class View;

  Envelope();
  Envelope(Envelope&&) noexcept;
  Envelope& operator=(Envelope&&) noexcept;
  ~Envelope();

  // False: there is none, or it was answered, forwarded or taken. Then nothing else may be asked.
  explicit operator bool() const { return state_ != nullptr; }
  // kKindOneWay: a scalar. kKindCall: a blocking one. kKindLend, kKindLendMut, kKindMove: memory.
  uint8_t kind() const;
  InterfaceId interface() const;
  uint32_t id() const;  // the opcode
  const CallChain& caller() const;
  Rights rights() const;

  // The four words of a scalar. -RW_EPROTO: it is another message.
  int64_t ReadWords(Words* words) const;
  // The memory of a message that has some: -RW_EINVAL if it has none, another error if what is
  // there cannot be. While the view lives the message can be neither answered nor forwarded.
  int64_t Look(View* view);
  // Takes moved memory out; that is the end of the message.
  int64_t TakeMemory(Memory* memory);

  // Answers. -RW_EINVAL: no answer of that kind is waited for, and nothing has happened. -RW_EBUSY:
  // a view is live. Any other result ends the message.
  //   a blocking scalar: 1, 2 or 5 words
  int64_t ReturnWords(std::span<const uint64_t> words);
  //   any: a status, and for kKindLendMut, unless it is an error, the bytes as they are now
  int64_t Return(int64_t status = RW_EOK);

  // Sends the message on to another server, there as `id`, of the same kind and from the same
  // caller. Its reply goes straight back. On failure the message is as it was. -RW_EBUSY: a view
  // is live. -RW_ELOOP: it was forwarded too often. -RW_EINVAL: `to` is no portal.
  int64_t Forward(const Target& to, uint32_t id) {
    return state_ ? Forward(to, {interface(), id}) : -RW_EINVAL;
  }
  int64_t Forward(const Target& to, const MethodKey& as);
  template <class I>
  int64_t Forward(const Cap<I>& to, uint32_t id) {
    return Forward(to.target(), id);
  }

 private:
  friend class Inbox;
  struct State;
  static Envelope Of(Delivery& delivery, std::shared_ptr<std::atomic<size_t>> held);
  // 0 if somebody waits for an answer, and no view is live.
  int64_t MayAnswer() const;
  bool has_view() const { return state_.use_count() != 1; }

  std::shared_ptr<State> state_;  // its views have it, too
};

// The memory of a message, which lives until this ends. Bytes of kKindLendMut can be written; how
// many of them come back is up to Resize().
class Envelope::View {
 public:
  View() = default;
  View(View&& other) noexcept { *this = std::move(other); }
  View& operator=(View&& other) noexcept;
  ~View() { Reset(); }

  std::span<const std::byte> view() const { return view_; }
  // Empty if they cannot be written.
  std::span<std::byte> bytes() const;
  // -RW_EINVAL: they cannot. -RW_EMSGTOOLONG: there is no room for so many.
  int64_t Resize(size_t num_bytes);
  void Reset();

 private:
  friend class Envelope;
  std::shared_ptr<State> state_;
  std::span<const std::byte> view_;
};

// Where the messages of one server arrive: those of one client in their order.
class Inbox {
 public:
  explicit Inbox(const Node& node);
  ~Inbox();
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  // Receives on an existing portal of the node, or on a fresh one, whose peer it gives.
  void Admit(Portal portal, Admission admission = {});
  Result<Portal> Open(Admission admission = {});
  int64_t Register(const Names& names, const Offer& offer, Registered* registered);

  // The next message, for one of the threads that wait here. -RW_ETIMEDOUT; -RW_ECANCELED after
  // Stop(), as with all calls after Destroy().
  int64_t Receive(Envelope* message, Deadline deadline = Deadline::Never());
  void Stop();

  // Ends all connections: who still waits gets -RW_ECONNRESET. -RW_EBUSY while a message is held
  // or a thread receives, and nothing has happened.
  int64_t Destroy();

 private:
  class Gate;
  class Turn;
  std::shared_ptr<Loop> loop() const;

  std::shared_ptr<std::atomic<size_t>> held_;  // messages, by those who received them
  std::unique_ptr<Gate> gate_;
  mutable std::mutex mutex_;
  std::condition_variable free_;
  bool is_receiving_ = false;
  std::shared_ptr<Loop> loop_;  // none once destroyed; ends before the gate
};

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_INBOX_H_
