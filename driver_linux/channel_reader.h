// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#ifndef DRIVER_LINUX_CHANNEL_READER_H_
#define DRIVER_LINUX_CHANNEL_READER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "driver_linux/channel_layout.h"
#include "driver_linux/growing_buffer.h"
#include "ring/lane_reader.h"
#include "shm/mapping.h"
#include "shm/unique_fd.h"

namespace ringway::driver {

// Reads messages out of the peer's lane. Nothing that stands there is trusted: headers are copied
// and bounded, payloads are copied out before anybody looks at them. Used by the reactor's thread.
class ChannelReader {
 public:
  enum class Next {
    kMessage,
    kPart,              // of a message that is not complete: others may have their turn
    kEmpty,             // nothing more for now
    kNeedsDescriptors,  // the message is there, its descriptors are not
    kNoMemory,
    kBroken,  // the peer broke the rules: reason() says which
  };
  struct Message {
    std::span<const std::byte> payload;  // valid until the next Read()
    std::vector<UniqueFd> descriptors;
  };

  // `lane` is where the peer's first lane is mapped; `own` is where we tell how far we have read.
  void Begin(const void* lane, uint32_t lane_log2, ChannelHeader* own);

  bool has_begun() const { return own_ != nullptr; }

  // A lane in which the peer may go on. False unless it is larger than those before.
  bool AddLane(Mapping lane, uint32_t lane_log2);

  // Those of a message that follows. False when the ones before have not been used, as an honest
  // peer does not send ahead.
  bool AddDescriptors(std::vector<UniqueFd> descriptors);
  bool has_descriptors() const { return descriptors_.has_value(); }

  Next Read(Message* message);

  // Whether Read() would find more than it did the last time.
  bool HasMore() const;

  // Tells the peer how far we have read. True if that is news.
  bool Release();

  const char* reason() const { return reason_; }

 private:
  struct Lane {
    Mapping mapping;
    uint32_t log2;
  };

  Next Break(const char* reason);
  bool StepIntoNextLane(uint64_t base);
  Next Take(const LaneRecord& record, Message* message);
  bool Append(std::span<const std::byte> part);

  LaneReader lane_;
  Mapping grown_lane_;  // where lane_ is, unless it is the first
  ChannelHeader* own_ = nullptr;
  uint64_t position_ = 0;
  uint64_t released_ = 0;
  std::deque<Lane> next_lanes_;
  uint32_t last_lane_log2_ = 0;  // of all that were offered
  std::optional<std::vector<UniqueFd>> descriptors_;
  bool needs_descriptors_ = false;

  GrowingBuffer buffer_;
  size_t num_bytes_ = 0;     // of the message so far
  bool in_message_ = false;  // has a part of it been read?
  std::vector<UniqueFd> message_descriptors_;
  const char* reason_ = nullptr;
};

}  // namespace ringway::driver

#endif  // DRIVER_LINUX_CHANNEL_READER_H_
