// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "ringway/xfer.h"

#include <new>

namespace ringway {
inline namespace api {

XferBuffer::XferBuffer(size_t headroom, size_t length)
    : memory_(length > SIZE_MAX - headroom ? nullptr
                                           : new (std::nothrow) std::byte[headroom + length]),
      start_(headroom),
      end_(headroom + length) {}

std::byte* XferBuffer::Push(size_t count) {
  if (count > start_) return nullptr;
  start_ -= count;
  return memory_.get() + start_;
}

bool XferBuffer::Pull(size_t count) {
  if (count > end_ - start_) return false;
  start_ += count;
  return true;
}

XferBuffer AllocXferBuffer(Endpoint& endpoint, size_t length) {
  uint64_t headroom = 0;
  const long status = endpoint.Call<Xfer::AllocBuffer>(uint64_t{length}, headroom);
  if (status < 0 || headroom > kHeadroomMax) return XferBuffer();
  return XferBuffer(headroom, length);
}

int64_t Deliver(Endpoint& endpoint, XferBuffer buffer, const XferMetadata& metadata) {
  return Deliver(endpoint, std::span<const std::byte>(buffer.bytes()), metadata);
}

int64_t Deliver(Endpoint& endpoint, std::span<const std::byte> data, const XferMetadata& metadata) {
  return endpoint.Call<Xfer::Deliver>(data, metadata);
}

int64_t Seek(Endpoint& endpoint, int64_t offset) {
  XferMetadata metadata;
  metadata.flags = kXferAbsolute;
  metadata.offset = offset;
  return Deliver(endpoint, std::span<const std::byte>(), metadata);
}

uint64_t Window(Endpoint& endpoint) {
  uint64_t bytes = 0;
  return endpoint.Call<Xfer::Window>(bytes) < 0 ? 0 : bytes;
}

int64_t CheckXferOrder(const XferMetadata& metadata, size_t length, uint64_t* position) {
  if (length == 0) return RW_EOK;
  const uint64_t base = (metadata.flags & kXferAbsolute) != 0 ? 0 : *position;
  if (base + static_cast<uint64_t>(metadata.offset) != *position) return -RW_EPROTO;
  *position += length;
  return RW_EOK;
}

}  // namespace api
}  // namespace ringway
