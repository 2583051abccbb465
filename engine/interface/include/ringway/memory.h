// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Bytes that go to another process without being copied, if its driver can do
// that: memory that one process writes once, and others read where it is.

#ifndef RINGWAY_MEMORY_H_
#define RINGWAY_MEMORY_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "ringway/portal.h"

namespace ringway {
inline namespace api {

// What is smaller is copied: a descriptor costs more than that.
inline constexpr size_t kSharedMemoryMin = size_t{64} << 10;

// Owns bytes. Whoever made them may write; those of another process can only be
// read, unless they came as a copy. Sealed: its size never changes, and nobody
// but its maker can ever map it for writing. The maker, though, may still write
// to what it has lent; a receiver that depends on what it has checked copies
// first, as with all that is looked at in place.
class Memory {
 public:
  Memory() = default;
  Memory(Memory&& other) noexcept { *this = std::move(other); }
  Memory& operator=(Memory&& other) noexcept;
  ~Memory() { Reset(); }

  // Zeros, sealed and to be shared if there are kSharedMemoryMin or more and the node's driver
  // has such memory; otherwise of this process. The node outlives it.
  static Result<Memory> Create(const Node& node, size_t num_bytes);
  // A copy, of this process. Nothing: no memory.
  static Result<Memory> CopyOf(std::span<const std::byte> bytes);

  explicit operator bool() const { return !view_.empty(); }
  std::span<const std::byte> view() const { return view_; }
  size_t size() const { return view_.size(); }
  // Empty if it cannot be written.
  std::span<std::byte> bytes();
  // Where its box belongs.
  const NodeAndDriver& home() const { return home_; }
  bool is_shared() const { return static_cast<bool>(box_); }
  // Keeps the first `num_bytes`, if there are more.
  void Truncate(size_t num_bytes) { view_ = view_.first(std::min(num_bytes, view_.size())); }
  void Reset();

  // For messages. A box with the memory, which stays ours, too;
  int64_t Duplicate(Handle* box) const;
  // or does not: it can be written no more.
  Handle IntoBox() &&;
  // Takes the box out while it is being sent, and puts it back if that failed.
  Handle LendBox() { return std::move(box_); }
  void TakeBoxBack(Handle box) { box_ = std::move(box); }
  // Memory that came in a box. -RW_EPROTO: it is none, not sealed, or smaller.
  static int64_t FromBox(Handle box, size_t num_bytes, const NodeAndDriver& home, Memory* memory);

 private:
  static Result<Memory> CreateShared(const Node& node, size_t num_bytes);

  std::span<const std::byte> view_;
  bool writable_ = false;
  std::unique_ptr<std::byte[]> heap_;
  // What is shared:
  Handle box_;
  NodeAndDriver home_;
  IpczDriverHandle mapping_ = IPCZ_INVALID_DRIVER_HANDLE;
};

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_MEMORY_H_
