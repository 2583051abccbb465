// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Sends messages that are known by their number only to a server, mostly one
// with an Inbox. A declared method with the same parameters sends the same bytes.

#ifndef RINGWAY_MESSENGER_H_
#define RINGWAY_MESSENGER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "ringway/inbox.h"

namespace ringway {
inline namespace api {

// Of messages without a reply, so many may wait at a server for each of its connections.
inline constexpr size_t kQueueMax = 128;

class Messenger {
 public:
  // What a blocking scalar was answered with.
  struct Answer {
    int64_t status = 0;
    size_t num_words = 0;
    std::array<uint64_t, kReplyWordsMax> words = {};
  };

  Messenger() = default;
  explicit Messenger(Portal portal, InterfaceId interface = kMessagesId)
      : Messenger(Target(std::move(portal)), interface) {}
  explicit Messenger(Target target, InterfaceId interface = kMessagesId)
      : target_(std::move(target)), interface_(interface) {}

  const Target& target() const { return target_; }

  // Four words, and no reply. Waits while kQueueMax messages wait: -RW_ETIMEDOUT.
  int64_t SendScalar(uint32_t id, const Words& words, Deadline deadline = Deadline::Never()) const;
  // Does not wait: -RW_EAGAIN.
  int64_t TrySendScalar(uint32_t id, const Words& words) const;
  // Four words, and 1, 2 or 5 come back, or a status only.
  Answer Ask(uint32_t id, const Words& words, Deadline deadline = Deadline::Never()) const;

  // The status of the reply. `bytes` becomes what came back, if that is 0 or more.
  int64_t LendMemory(uint32_t id, Lend memory, Deadline deadline = Deadline::Never()) const;
  int64_t LendMutable(uint32_t id, std::span<std::byte>& bytes,
                      Deadline deadline = Deadline::Never()) const;
  // Takes the memory on success, and only then. Waits, or not, as scalars do.
  int64_t MoveMemory(uint32_t id, Memory& memory, Deadline deadline = Deadline::Never()) const;
  int64_t TryMoveMemory(uint32_t id, Memory& memory) const;

 private:
  RequestHeader HeaderFor(uint8_t kind, uint32_t id) const;
  int64_t SendOrWait(OutgoingMessage& message, size_t num_bytes, Deadline deadline) const;
  int64_t SendWords(uint32_t id, const Words& words, Deadline deadline) const;
  int64_t SendMoved(uint32_t id, Memory& memory, Deadline deadline) const;
  template <class Put, class Read, class Commit>
  int64_t Exchange(uint8_t kind, uint32_t id, Deadline deadline, const Put& put, const Read& read,
                   const Commit& commit) const;

  Target target_;
  InterfaceId interface_ = kMessagesId;
};

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_MESSENGER_H_
