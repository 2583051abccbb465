// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#ifndef DRIVER_LINUX_FRAME_READER_H_
#define DRIVER_LINUX_FRAME_READER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "driver_linux/growing_buffer.h"
#include "driver_linux/scm_rights.h"
#include "driver_linux/transport_layout.h"
#include "shm/unique_fd.h"

namespace ringway::driver {

// Cuts what a peer sends into frames. Nothing that arrives is trusted: every field is bounded
// before it is used, memory grows only with bytes that are really there, and descriptors nobody
// declared are refused.
class FrameReader {
 public:
  struct Frame {
    uint16_t type = 0;                   // kFrame...
    uint32_t flags = 0;                  // as its type allows
    bool descriptor_is_lost = false;     // of an offer: we had no room for its descriptor
    std::span<const std::byte> payload;  // 8-aligned; valid until the next PrepareRead()
    std::vector<UniqueFd> descriptors;
  };
  enum class Next { kFrame, kIncomplete, kBroken };

  FrameReader() = default;
  FrameReader(const FrameReader&) = delete;
  FrameReader& operator=(const FrameReader&) = delete;

  // Where the next bytes of the peer go. Empty when there is no memory.
  std::span<std::byte> PrepareRead();

  // Takes over `num_bytes` at the start of that space, and the descriptors that came with them.
  void Commit(size_t num_bytes, Received* received);

  // The next frame, if all of it is there. Call it until it has no more. Once the peer broke the
  // rules, reason() says which one, and there are no more frames.
  Next Read(Frame* frame);

  const std::string& reason() const { return reason_; }

 private:
  size_t pending_bytes() const { return end_ - begin_; }
  bool CheckHeader(const FrameHeader& header);
  Next Break(std::string reason);

  GrowingBuffer buffer_;
  size_t begin_ = 0;  // of the first frame that was not read; a multiple of 8
  size_t end_ = 0;    // of the bytes received
  bool has_hello_ = false;
  bool is_broken_ = false;
  bool has_lost_ = false;  // descriptors, of the frame that is now incomplete or of a later one
  std::deque<UniqueFd> descriptors_;
  std::string reason_;
};

}  // namespace ringway::driver

#endif  // DRIVER_LINUX_FRAME_READER_H_
