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

// A message may be as large as its sender can make it, but not so large that holding it would take
// this process, or the machine, down.
uint64_t FrameBytesMax() {
  static const uint64_t limit = static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) *
                                static_cast<uint64_t>(sysconf(_SC_PAGESIZE)) / 2;
  return std::min(limit, kPayloadBytesMax);
}

}  // namespace

void FrameReader::Free::operator()(std::byte* bytes) const { std::free(bytes); }

std::span<std::byte> FrameReader::PrepareRead() {
  if (begin_ == end_ || capacity_ - end_ < kBufferBytes / 2) {
    if (begin_ != 0) std::memmove(buffer_.get(), buffer_.get() + begin_, pending_bytes());
    end_ -= begin_;
    begin_ = 0;
  }
  // A buffer that a large frame needed is given back.
  if (capacity_ > kBufferBytesKept && end_ < kBufferBytes / 2 && !Resize(kBufferBytes)) return {};
  // Doubling what has really arrived: what the peer announces costs nothing until it comes.
  if (capacity_ - end_ < kReadBytesMin && !Resize(std::max(kBufferBytes, 2 * capacity_))) return {};
  return {buffer_.get() + end_, capacity_ - end_};
}

// realloc() moves the pages of large buffers instead of copying their bytes.
bool FrameReader::Resize(size_t capacity) {
  void* resized = std::realloc(buffer_.get(), capacity);
  if (resized == nullptr) return false;
  [[maybe_unused]] std::byte* old = buffer_.release();
  buffer_.reset(static_cast<std::byte*>(resized));
  capacity_ = capacity;
  return true;
}

void FrameReader::Commit(size_t num_bytes, Received* received) {
  end_ += num_bytes;
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
  std::memcpy(&header, buffer_.get() + begin_, sizeof(header));
  if (!CheckHeader(header)) return Next::kBroken;
  const size_t descriptor_count = header.descriptor_count;
  const uint64_t frame_bytes = FrameBytes(descriptor_count, header.payload_bytes);
  if (available < frame_bytes) {
    if (descriptors_.size() > descriptor_count) return Break("more descriptors than declared");
    return Next::kIncomplete;
  }
  if (descriptors_.size() < descriptor_count) return Break("fewer descriptors than declared");

  frame->is_hello = header.type == kFrameHello;
  frame->peer_is_active = frame->is_hello && (header.flags & kHelloActive) != 0;
  frame->payload = {buffer_.get() + begin_ + PayloadOffset(descriptor_count),
                    static_cast<size_t>(header.payload_bytes)};
  frame->descriptors.clear();
  frame->descriptors.reserve(descriptor_count);
  for (size_t i = 0; i < descriptor_count; ++i) {
    frame->descriptors.push_back(std::move(descriptors_.front()));
    descriptors_.pop_front();
  }
  begin_ += static_cast<size_t>(frame_bytes);
  has_hello_ = true;
  return Next::kFrame;
}

bool FrameReader::CheckHeader(const FrameHeader& header) {
  if (header.magic != kFrameMagic) {
    Break("the peer is no Ringway transport, or its bytes were damaged");
  } else if (header.version != kWireVersion) {
    Break("the peer's transport speaks wire version " + std::to_string(header.version) +
          ", this one version " + std::to_string(kWireVersion));
  } else if (header.type != kFrameHello && header.type != kFrameMessage) {
    Break("unknown type of frame");
  } else if (header.type == kFrameMessage && !has_hello_) {
    Break("a message before the hello");
  } else if ((header.flags & ~(header.type == kFrameHello ? kHelloActive : 0)) != 0) {
    Break("unknown flags");
  } else if (header.type == kFrameHello && (header.payload_bytes | header.descriptor_count) != 0) {
    Break("a hello that is not empty");
  } else if (header.descriptor_count > kDescriptorsPerFrameMax) {
    Break("too many descriptors in one message");
  } else if (header.payload_bytes > FrameBytesMax()) {
    Break("a message larger than this machine can hold");
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
