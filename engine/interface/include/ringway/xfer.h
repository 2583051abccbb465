// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// A stream of data, or of datagrams, between two endpoints.

#ifndef RINGWAY_XFER_H_
#define RINGWAY_XFER_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "ringway/endpoint.h"

namespace ringway {
inline namespace api {

// Flags of XferMetadata.
inline constexpr uint32_t kXferAbsolute = 1;       // the offset counts from the start of the stream
inline constexpr uint32_t kXferOver = 2;           // the transfer is over
inline constexpr uint32_t kXferFinal = 4;          // nothing comes after this
inline constexpr uint32_t kXferCommandStatus = 8;  // a command or a status, not data
inline constexpr uint32_t kXferResponse = 16;      // a response

// An address of a socket, as the kernel has it; empty: none is given.
struct XferAddress {
  uint32_t length = 0;                 // as the sender says
  std::array<uint8_t, 28> bytes = {};  // as large as that of IPv6

  // What can be there of it, whatever the length says.
  std::span<const uint8_t> view() const {
    return std::span(bytes).first(std::min<size_t>(length, bytes.size()));
  }
};

struct XferMetadata {
  uint32_t flags = 0;
  uint32_t device = 0;  // the index of a network device; 0: none
  int64_t offset = 0;   // from the current position, unless kXferAbsolute
  XferAddress source = {};
  XferAddress destination = {};
};

struct Xfer : Interface<Xfer> {
  static constexpr InterfaceId kId = IdOf("ringway.Xfer");

  static int64_t Undeliverable(const Array<const std::byte>&, const XferMetadata&) {
    return -RW_EPIPE;
  }
  static int64_t Unlimited(uint64_t& bytes) {
    bytes = UINT64_MAX;
    return RW_EOK;
  }
  static int64_t Nothing() { return RW_EOK; }
  static int64_t NoHeadroom(uint64_t, uint64_t& headroom) {
    headroom = 0;
    return RW_EOK;
  }

  // Data, with what is to be known of it.
  using Deliver = Method<Xfer, "deliver", long(Array<const std::byte>, const XferMetadata&),
                         Default<&Undeliverable>>;
  // How many bytes may be delivered now.
  using Window = Method<Xfer, "window", long(uint64_t&), Default<&Unlimited>>;
  using WindowChanged = Method<Xfer, "window_changed", void(), SendOnly, Default<&Nothing>>;
  // How many bytes the receiver would like before a delivery of that length, for headers of its
  // own.
  using AllocBuffer = Method<Xfer, "alloc_buffer", long(uint64_t, uint64_t&), Default<&NoHeadroom>>;
  using Rpcs = ringway::Rpcs<Deliver, Window, WindowChanged, AllocBuffer>;
};

// Memory for a delivery, with room for headers in front.
class XferBuffer {
 public:
  XferBuffer() = default;
  XferBuffer(size_t headroom, size_t length);

  // False: there was no memory for so much.
  explicit operator bool() const { return memory_ != nullptr; }
  std::span<std::byte> bytes() const { return {memory_.get() + start_, end_ - start_}; }
  size_t headroom() const { return start_; }
  // Takes `count` bytes of the headroom in, and gives them; null when there are fewer.
  std::byte* Push(size_t count);
  // Leaves the first bytes out. False: there are fewer.
  bool Pull(size_t count);

 private:
  std::unique_ptr<std::byte[]> memory_;
  size_t start_ = 0;
  size_t end_ = 0;
};

// A buffer as the destination wants it; empty if it does not answer, or asks for too much.
inline constexpr uint64_t kHeadroomMax = 4096;
XferBuffer AllocXferBuffer(Endpoint& endpoint, size_t length);

// The buffer is consumed whatever comes of it.
int64_t Deliver(Endpoint& endpoint, XferBuffer buffer, const XferMetadata& metadata = {});
int64_t Deliver(Endpoint& endpoint, std::span<const std::byte> data,
                const XferMetadata& metadata = {});
// Moves the position: a delivery of nothing.
int64_t Seek(Endpoint& endpoint, int64_t offset);
// 0: nothing may be delivered, or the destination does not answer.
uint64_t Window(Endpoint& endpoint);

// For a receiver that needs its data in their order: -RW_EPROTO unless a delivery of `length` bytes
// begins at `*position`, which then is moved behind it. One of nothing may be anywhere.
int64_t CheckXferOrder(const XferMetadata& metadata, size_t length, uint64_t* position);

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_XFER_H_
