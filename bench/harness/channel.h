// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The shape that all paths share, so that one loop measures each of them.
//
// A Path is made before the roles are forked and holds what they have in common. Each role opens
// its Channel on it: one side of a two-way path for messages of `kBytes` bytes.

#ifndef BENCH_HARNESS_CHANNEL_H_
#define BENCH_HARNESS_CHANNEL_H_

#include <stddef.h>
#include <stdint.h>

#include <array>
#include <concepts>
#include <memory>

#include "bench/harness/payload.h"

namespace ringway::bench {

enum class Side : size_t { kFirst = 0, kSecond = 1 };

constexpr size_t Index(Side side) { return static_cast<size_t>(side); }
constexpr Side Other(Side side) { return side == Side::kFirst ? Side::kSecond : Side::kFirst; }

template <size_t kBytes>
class Message {
 public:
  Message() = default;
  Message(const Message& other) { CopyMessage<kBytes>(data(), other.data()); }
  Message& operator=(const Message& other) {
    CopyMessage<kBytes>(data(), other.data());
    return *this;
  }

  std::byte* data() { return bytes_.data(); }
  const std::byte* data() const { return bytes_.data(); }

 private:
  std::array<std::byte, kBytes> bytes_;
};

// Where a copying channel's messages come from and go to.
template <size_t kBytes>
class CopyBuffers {
 public:
  CopyBuffers() { WriteWhole<kBytes>(source().data(), 0); }
  Message<kBytes>& source() { return pair_->source; }
  Message<kBytes>& target() { return pair_->target; }

 private:
  struct Pair {
    alignas(64) Message<kBytes> source;
    alignas(64) Message<kBytes> target;
  };
  std::unique_ptr<Pair> pair_ = std::make_unique<Pair>();
};

struct WriteMessage {  // stands for any callable of this shape
  void operator()(std::byte* message) const;
};
struct ReadMessage {
  void operator()(const std::byte* message) const;
};

template <typename C>
concept Channel = requires(C channel, WriteMessage write, ReadMessage read) {
  // Whether a message is written straight into the path and read there. If not, it is written into
  // a buffer that keeps what the message before left in it, at first WriteWhole() with stamp 0.
  { C::kInPlace } -> std::convertible_to<bool>;
  // Waits until there is room, has `write` write one message, and sends it. A channel with Flush()
  // may keep messages back until that is called.
  channel.Send(write);
  // Waits until a message is there, and has `read` read all that this look found, in order.
  channel.Receive(read);
};

template <typename P>
concept Path = requires(P path, Side side) {
  { P::kBytes } -> std::convertible_to<size_t>;
  { path.Open(side) } -> Channel;
};

template <typename C>
void FlushIfAny(C& channel) {
  if constexpr (requires { channel.Flush(); }) channel.Flush();
}

}  // namespace ringway::bench

#endif  // BENCH_HARNESS_CHANNEL_H_
