// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/frame_reader.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace ringway::driver {
namespace {

constexpr size_t kBufferBytes = size_t{64} << 10;     // as long as frames are not larger
constexpr size_t kBufferBytesKept = size_t{1} << 20;  // larger ones are given back
constexpr size_t kReadBytesMin = size_t{4} << 10;

// What a frame of each type may have.
struct Shape {
  uint32_t flags;
  uint32_t descriptor_count_min;
  uint32_t descriptor_count_max;
  uint64_t payload_bytes_min;
  uint64_t payload_bytes_max;
};

Shape ShapeOf(uint16_t type) {
  constexpr auto kMany = static_cast<uint32_t>(kDescriptorsPerFrameMax);
  switch (type) {
    case kFrameHello:
      return {kHelloActive, 0, 0, 0, 0};
    case kFrameMessage:
      return {0, 0, kMany, 0, MessageBytesMax()};
    case kFrameOffer:
      return {0, 1, 1, sizeof(ChannelOffer), sizeof(ChannelOffer)};
    case kFrameAnswer:
      return {kAnswerYes, 0, 0, 0, 0};
    case kFrameHandles:
      return {0, 1, kMany, 0, 0};
    default:  // kFrameSwitch, kFrameWake
      return {0, 0, 0, 0, 0};
  }
}

}  // namespace

uint64_t MessageBytesMax() {
  static const uint64_t limit = static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) *
                                static_cast<uint64_t>(sysconf(_SC_PAGESIZE)) / 2;
  return std::min(limit, kPayloadBytesMax);
}

std::span<std::byte> FrameReader::PrepareRead() {
  if (begin_ == end_ || buffer_.capacity() - end_ < kBufferBytes / 2) {
    if (begin_ != 0) std::memmove(buffer_.data(), buffer_.data() + begin_, pending_bytes());
    end_ -= begin_;
    begin_ = 0;
  }
  // A buffer that a large frame needed is given back.
  if (buffer_.capacity() > kBufferBytesKept && end_ < kBufferBytes / 2 &&
      !buffer_.Resize(kBufferBytes))
    return {};
  // Doubling what has really arrived: what the peer announces costs nothing until it comes.
  if (buffer_.capacity() - end_ < kReadBytesMin &&
      !buffer_.Resize(std::max(kBufferBytes, 2 * buffer_.capacity())))
    return {};
  return {buffer_.data() + end_, buffer_.capacity() - end_};
}

void FrameReader::Commit(size_t num_bytes, Received* received) {
  end_ += num_bytes;
  has_lost_ |= received->truncated();
  for (size_t i = 0; i < received->descriptors().size(); ++i) {
    descriptors_.push_back(received->Take(i));
  }
}

FrameReader::Next FrameReader::Read(Frame* frame) {
  if (is_broken_) return Next::kBroken;
  const size_t available = pending_bytes();
  if (available < sizeof(FrameHeader)) {
    const size_t descriptor_count_max = available == 0 ? 0 : kDescriptorsPerBatch;
    if (descriptors_.size() > descriptor_count_max)
      return Break("descriptors that nobody declared");
    return Next::kIncomplete;
  }
  FrameHeader header;
  std::memcpy(&header, buffer_.data() + begin_, sizeof(header));
  if (!CheckHeader(header)) return Next::kBroken;
  const size_t descriptor_count = header.descriptor_count;
  const uint64_t frame_bytes = FrameBytes(descriptor_count, header.payload_bytes);
  if (available < frame_bytes) {
    if (descriptors_.size() > descriptor_count) return Break("more descriptors than declared");
    return Next::kIncomplete;
  }
  frame->descriptor_is_lost = false;
  if (descriptors_.size() < descriptor_count) {
    if (!has_lost_) return Break("fewer descriptors than declared");
    if (header.type != kFrameOffer) {
      return Break("descriptors were lost: this process has too many open");
    }
    has_lost_ = false;
    frame->descriptor_is_lost = true;
  }

  frame->type = header.type;
  frame->flags = header.flags;
  frame->payload = {buffer_.data() + begin_ + PayloadOffset(descriptor_count),
                    static_cast<size_t>(header.payload_bytes)};
  frame->descriptors.clear();
  const size_t taken_count = frame->descriptor_is_lost ? 0 : descriptor_count;
  frame->descriptors.reserve(taken_count);
  for (size_t i = 0; i < taken_count; ++i) {
    frame->descriptors.push_back(std::move(descriptors_.front()));
    descriptors_.pop_front();
  }
  begin_ += static_cast<size_t>(frame_bytes);
  has_hello_ = true;
  return Next::kFrame;
}

bool FrameReader::CheckHeader(const FrameHeader& header) {
  const Shape shape = ShapeOf(header.type);
  if (header.magic != kFrameMagic) {
    Break("the peer is no Ringway transport, or its bytes were damaged");
  } else if (header.version != kWireVersion) {
    Break("the peer's transport speaks wire version " + std::to_string(header.version) +
          ", this one version " + std::to_string(kWireVersion));
  } else if (header.type < kFrameHello || header.type > kFrameTypeLast) {
    Break("unknown type of frame");
  } else if (header.type != kFrameHello && !has_hello_) {
    Break("a message before the hello");
  } else if ((header.flags & ~shape.flags) != 0) {
    Break("unknown flags");
  } else if (header.descriptor_count < shape.descriptor_count_min ||
             header.descriptor_count > shape.descriptor_count_max) {
    Break("too many or too few descriptors for the type of frame");
  } else if (header.payload_bytes < shape.payload_bytes_min ||
             header.payload_bytes > shape.payload_bytes_max) {
    Break("a frame larger than its type, or this machine, can have it");
  }
  return !is_broken_;
}

FrameReader::Next FrameReader::Break(std::string reason) {
  is_broken_ = true;
  reason_ = std::move(reason);
  descriptors_.clear();
  return Next::kBroken;
}

}  // namespace ringway::driver
