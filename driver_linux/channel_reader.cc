// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/channel_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace ringway::driver {
namespace {

using Next = ChannelReader::Next;

constexpr size_t kBufferBytesMin = size_t{4} << 10;
constexpr size_t kBufferBytesKept = size_t{1} << 20;  // larger ones are given back

}  // namespace

void ChannelReader::Begin(const void* lane, uint32_t lane_log2, ChannelHeader* own) {
  lane_ = LaneReader(LaneMemory(lane, uint64_t{1} << lane_log2), 0);
  last_lane_log2_ = lane_log2;
  own_ = own;
}

bool ChannelReader::AddLane(Mapping lane, uint32_t lane_log2) {
  if (lane_log2 <= last_lane_log2_) return false;
  last_lane_log2_ = lane_log2;
  next_lanes_.push_back({std::move(lane), lane_log2});
  return true;
}

bool ChannelReader::AddDescriptors(std::vector<UniqueFd> descriptors) {
  if (descriptors_) return false;
  descriptors_ = std::move(descriptors);
  return true;
}

Next ChannelReader::Read(Message* message) {
  if (reason_ != nullptr) return Next::kBroken;
  if (!in_message_ && buffer_.capacity() > kBufferBytesKept) buffer_.Resize(kBufferBytesMin);
  for (;;) {
    uint64_t position = position_;
    LaneRecord record;
    switch (lane_.Peek(&position, &record)) {
      case PeekResult::kEmpty:
        return Next::kEmpty;
      case PeekResult::kPeerBroken:
        return Break("what stands in the lane is no record");
      case PeekResult::kRecord:
        break;
    }
    if (record.header.kind != RecordKind::kGrow) return Take(record, message);
    if (!StepIntoNextLane(record.end())) return Break("a lane goes on in one that was not offered");
  }
}

bool ChannelReader::StepIntoNextLane(uint64_t base) {
  if (next_lanes_.empty()) return false;
  Lane& next = next_lanes_.front();
  lane_ = LaneReader(LaneMemory(next.mapping.address(), uint64_t{1} << next.log2), base);
  grown_lane_ = std::move(next.mapping);
  next_lanes_.pop_front();
  position_ = base;
  return true;
}

Next ChannelReader::Take(const LaneRecord& record, Message* message) {
  const ChannelSecond second = ChannelSecond::Unpack(record.second);
  if (!record.header.IsPlain(RecordKind::kData) || second.Pack() != record.second ||
      second.payload_bytes > record.header.bytes - kRecordPrefixBytes ||
      (second.has_more && second.payload_bytes == 0) ||
      (in_message_ && second.descriptor_count != 0)) {
    return Break("a record that is no message");
  }
  needs_descriptors_ = second.descriptor_count != 0 && !descriptors_;
  if (needs_descriptors_) return Next::kNeedsDescriptors;
  if (second.descriptor_count != 0) {
    if (descriptors_->size() != second.descriptor_count) {
      return Break("another number of descriptors than declared");
    }
    message_descriptors_ = std::move(*descriptors_);
    descriptors_.reset();
  }
  if (num_bytes_ + second.payload_bytes > MessageBytesMax()) {
    return Break("a message larger than this machine can hold");
  }
  const std::byte* payload = lane_.memory().At(record.offset + kRecordPrefixBytes);
  if (!Append({payload, second.payload_bytes})) return Next::kNoMemory;
  position_ = record.end();
  in_message_ = second.has_more;
  if (in_message_) return Next::kPart;
  message->payload = {buffer_.data(), std::exchange(num_bytes_, 0)};
  message->descriptors = std::move(message_descriptors_);
  message_descriptors_.clear();
  return Next::kMessage;
}

bool ChannelReader::Append(std::span<const std::byte> part) {
  const size_t needed = num_bytes_ + part.size();
  if (needed > buffer_.capacity() &&
      !buffer_.Resize(std::max({kBufferBytesMin, needed, 2 * buffer_.capacity()}))) {
    return false;
  }
  if (!part.empty()) std::memcpy(buffer_.data() + num_bytes_, part.data(), part.size());
  num_bytes_ = needed;
  return true;
}

bool ChannelReader::HasMore() const {
  if (reason_ != nullptr) return false;
  uint64_t position = position_;
  LaneRecord record;
  if (lane_.Peek(&position, &record) == PeekResult::kEmpty) return false;
  return !needs_descriptors_ || descriptors_;
}

bool ChannelReader::Release() {
  if (released_ == position_) return false;
  released_ = position_;
  // [lane.head] Pairs with ChannelWriter::LoadHead(): our copies are done before the peer writes
  // over what we have read.
  own_->head.store(position_, std::memory_order_release);
  return true;
}

Next ChannelReader::Break(const char* reason) {
  reason_ = reason;
  return Next::kBroken;
}

}  // namespace ringway::driver
