// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#ifndef DRIVER_LINUX_GROWING_BUFFER_H_
#define DRIVER_LINUX_GROWING_BUFFER_H_

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

namespace ringway::driver {

// Bytes that came from a peer, 16-aligned. It never throws, and growing is cheap where it is large:
// realloc() moves pages instead of copying their bytes.
class GrowingBuffer {
 public:
  std::byte* data() const { return bytes_.get(); }
  size_t capacity() const { return capacity_; }

  // False, and nothing has changed, when there is no memory.
  bool Resize(size_t capacity) {
    void* resized = std::realloc(bytes_.get(), capacity);
    if (resized == nullptr) return false;
    [[maybe_unused]] std::byte* old = bytes_.release();
    bytes_.reset(static_cast<std::byte*>(resized));
    capacity_ = capacity;
    return true;
  }

 private:
  struct Free {
    void operator()(std::byte* bytes) const { std::free(bytes); }
  };

  std::unique_ptr<std::byte[], Free> bytes_;
  size_t capacity_ = 0;
};

// A message may be as large as its sender can make it, but not so large that holding it would take
// this process, or the machine, down.
uint64_t MessageBytesMax();

}  // namespace ringway::driver

#endif  // DRIVER_LINUX_GROWING_BUFFER_H_
