// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#ifndef DRIVER_LINUX_CHANNEL_WRITER_H_
#define DRIVER_LINUX_CHANNEL_WRITER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "driver_linux/channel_layout.h"
#include "ring/lane_writer.h"

namespace ringway::driver {

// Writes messages into the lane that this side owns. A transport's lock guards it.
class ChannelWriter {
 public:
  enum class Result {
    kDone,
    kFull,        // go on when the peer has read
    kPeerBroken,  // the peer's head is where it cannot be
  };

  // `lane` is fresh memory of 2^lane_log2 bytes.
  void Begin(void* lane, uint32_t lane_log2, const ChannelHeader* peer) {
    lane_log2_ = lane_log2;
    peer_ = peer;
    lane_ = LaneWriter(LaneMemory(lane, uint64_t{1} << lane_log2), 0);
  }

  // Goes on in a larger lane, which the peer has mapped already.
  void Grow(void* lane, uint32_t lane_log2) {
    lane_log2_ = lane_log2;
    lane_.End(RecordKind::kGrow, 0);
    lane_ = LaneWriter(LaneMemory(lane, uint64_t{1} << lane_log2), lane_.position());
  }

  uint32_t lane_log2() const { return lane_log2_; }

  // Writes what has room of a message, of which the first `*written` bytes were written before.
  Result Write(std::span<const std::byte> payload, size_t descriptor_count, size_t* written) {
    // Small enough that the peer copies one part while the next is written.
    const size_t part_max = lane_.capacity() / 4 - kRecordPrefixBytes;
    do {
      const size_t part = std::min(payload.size() - *written, part_max);
      const uint64_t bytes = AlignRecord(kRecordPrefixBytes + part);
      uint64_t offset = 0;
      const ReserveResult room = lane_.Reserve(
          bytes, [this] { return LoadHead(); }, &offset);
      if (room == ReserveResult::kFull) return Result::kFull;
      if (room == ReserveResult::kPeerBroken) return Result::kPeerBroken;
      if (part > 0) {
        std::memcpy(lane_.memory().At(offset + kRecordPrefixBytes), payload.data() + *written,
                    part);
      }
      const ChannelSecond second = {static_cast<uint32_t>(part),
                                    static_cast<uint32_t>(*written == 0 ? descriptor_count : 0),
                                    part < payload.size() - *written};
      lane_.Commit(offset, bytes, RecordKind::kData, 0, second.Pack());
      *written += part;
    } while (*written < payload.size());
    return Result::kDone;
  }

  // Whether the peer has read something since the lane was full.
  bool HasNewRoom() const {
    // [lane.head] Pairs with ChannelReader::Release().
    return peer_->head.load(std::memory_order_acquire) != head_seen_;
  }

 private:
  uint64_t LoadHead() {
    // [lane.head] Pairs with ChannelReader::Release(): what is below has been copied.
    head_seen_ = peer_->head.load(std::memory_order_acquire);
    return head_seen_;
  }

  LaneWriter lane_;
  uint32_t lane_log2_ = 0;
  uint64_t head_seen_ = 0;
  const ChannelHeader* peer_ = nullptr;
};

}  // namespace ringway::driver

#endif  // DRIVER_LINUX_CHANNEL_WRITER_H_
