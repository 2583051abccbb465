// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#ifndef DRIVER_LINUX_SEND_QUEUE_H_
#define DRIVER_LINUX_SEND_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "driver_linux/transport_layout.h"
#include "shm/unique_fd.h"

namespace ringway::driver {

// What a transport still has to send, in order. As long as the socket takes everything at once,
// nothing is queued or copied. After a partial send it goes on with the very next byte.
//
// A transport's lock guards it.
class SendQueue {
 public:
  enum class Outcome {
    kSent,     // nothing is queued
    kFull,     // go on once the socket is writable
    kStarved,  // the kernel lacks memory, or too many descriptors are in flight: go on a little
               // later
    kBroken,   // nobody will ever receive more
  };

  // Bytes that go out with the first of them carrying the descriptors (at most
  // kDescriptorsPerBatch).
  struct Chunk {
    std::vector<std::byte> bytes;
    std::vector<UniqueFd> descriptors;
    size_t sent_bytes = 0;
    bool credentials = false;
  };

  // Sends a frame or queues what is left of it. The caller has seen to it that `payload` and
  // `descriptors` are within the bounds of transport_layout.h.
  Outcome SendMessage(int socket, std::span<const std::byte> payload,
                      std::vector<UniqueFd> descriptors);
  Outcome SendHello(int socket, bool active);

  // A frame of another type, with neither payload nor descriptors, with one, or with the other.
  Outcome SendFlags(int socket, uint16_t type, uint32_t flags = 0);
  Outcome SendOffer(int socket, const ChannelOffer& offer, UniqueFd memory);
  Outcome SendHandles(int socket, std::vector<UniqueFd> descriptors);

  Outcome Flush(int socket);

  // Why it is kBroken.
  int error() const { return error_; }

  bool empty() const { return chunks_.empty(); }
  void Clear() { chunks_.clear(); }

  // For an endpoint that moves to another process. Only the first chunk may be partly sent, and it
  // then has no descriptors any more.
  const std::deque<Chunk>& chunks() const { return chunks_; }
  std::deque<Chunk> TakeChunks() { return std::move(chunks_); }
  explicit SendQueue(std::deque<Chunk> chunks) : chunks_(std::move(chunks)) {}
  SendQueue() = default;

 private:
  Outcome SendFrame(int socket, const FrameHeader& header, std::span<const std::byte> payload,
                    std::vector<UniqueFd> descriptors, bool credentials);
  void QueueHead(std::span<const std::byte> head, std::vector<UniqueFd> descriptors,
                 bool credentials);
  void Queue(std::span<const std::byte> bytes);

  Outcome OutcomeOf(int error);

  std::deque<Chunk> chunks_;
  int error_ = 0;
};

}  // namespace ringway::driver

#endif  // DRIVER_LINUX_SEND_QUEUE_H_
