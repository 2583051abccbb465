// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/send_queue.h"

#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>
#include <utility>

#include "driver_linux/scm_rights.h"

namespace ringway::driver {
namespace {

using Outcome = SendQueue::Outcome;

// Small frames that have to wait share a chunk up to this size, and so a system call.
constexpr size_t kSharedChunkBytes = size_t{64} << 10;

// What one Flush() sends at most, so that one busy transport does not keep the others waiting.
constexpr size_t kFlushBytesMax = size_t{4} << 20;

constexpr std::array<std::byte, 8> kPadding = {};

iovec ToIovec(std::span<const std::byte> bytes) {
  return {const_cast<std::byte*>(bytes.data()), bytes.size()};
}

ssize_t SendChunk(int socket, const SendQueue::Chunk& chunk) {
  const std::span<const std::byte> rest = std::span(chunk.bytes).subspan(chunk.sent_bytes);
  const iovec bytes = ToIovec(rest);
  const bool credentials = chunk.credentials && chunk.sent_bytes == 0;
  return SendWithRights(socket, {&bytes, 1}, chunk.descriptors, credentials);
}

}  // namespace

Outcome SendQueue::SendMessage(int socket, std::span<const std::byte> payload,
                               std::vector<UniqueFd> descriptors) {
  const FrameHeader header = {
      kFrameMagic, kWireVersion,  kFrameMessage, static_cast<uint32_t>(descriptors.size()),
      0,           payload.size()};
  return SendFrame(socket, header, payload, std::move(descriptors), false);
}

Outcome SendQueue::SendHello(int socket, bool active) {
  const FrameHeader header = {
      kFrameMagic, kWireVersion, kFrameHello, 0, active ? kHelloActive : 0, 0};
  return SendFrame(socket, header, {}, {}, active);
}

Outcome SendQueue::SendFlags(int socket, uint16_t type, uint32_t flags) {
  return SendFrame(socket, {kFrameMagic, kWireVersion, type, 0, flags, 0}, {}, {}, false);
}

Outcome SendQueue::SendOffer(int socket, const ChannelOffer& offer, UniqueFd memory) {
  const FrameHeader header = {kFrameMagic, kWireVersion, kFrameOffer, 1, 0, sizeof(offer)};
  std::vector<UniqueFd> descriptors;
  descriptors.push_back(std::move(memory));
  return SendFrame(socket, header, std::as_bytes(std::span(&offer, 1)), std::move(descriptors),
                   false);
}

Outcome SendQueue::SendHandles(int socket, std::vector<UniqueFd> descriptors) {
  const FrameHeader header = {
      kFrameMagic, kWireVersion, kFrameHandles, static_cast<uint32_t>(descriptors.size()), 0, 0};
  return SendFrame(socket, header, {}, std::move(descriptors), false);
}

Outcome SendQueue::SendFrame(int socket, const FrameHeader& header,
                             std::span<const std::byte> payload, std::vector<UniqueFd> descriptors,
                             bool credentials) {
  const std::span<const std::byte> head = std::as_bytes(std::span(&header, 1));
  const std::span<const std::byte> padding =
      std::span(kPadding).first(PadTo8(payload.size()) - payload.size());
  size_t sent_bytes = 0;
  Outcome outcome = Outcome::kFull;  // unless the kernel says otherwise
  const bool has_one_batch = descriptors.size() <= kDescriptorsPerBatch;
  const bool flushes = chunks_.empty() && !has_one_batch;
  if (chunks_.empty() && has_one_batch) {
    const std::array<iovec, 3> bytes = {ToIovec(head), ToIovec(payload), ToIovec(padding)};
    const ssize_t sent = SendWithRights(socket, bytes, descriptors, credentials);
    if (sent < 0) outcome = OutcomeOf(static_cast<int>(-sent));
    if (outcome == Outcome::kBroken) return outcome;
    sent_bytes = sent < 0 ? 0 : static_cast<size_t>(sent);
    if (sent_bytes == head.size() + payload.size() + padding.size()) return Outcome::kSent;
  }
  if (sent_bytes == 0) {
    QueueHead(head, std::move(descriptors), credentials);
    Queue(payload);
    Queue(padding);
  } else {
    size_t skipped_bytes = sent_bytes;
    for (const std::span<const std::byte> part : {head, payload, padding}) {
      const size_t skipped_here = std::min(skipped_bytes, part.size());
      skipped_bytes -= skipped_here;
      Queue(part.subspan(skipped_here));
    }
  }
  return flushes ? Flush(socket) : outcome;
}

// The header and the carriers, each with its batch of descriptors.
void SendQueue::QueueHead(std::span<const std::byte> head, std::vector<UniqueFd> descriptors,
                          bool credentials) {
  if (descriptors.empty() && !credentials) return Queue(head);
  for (size_t first = 0; first == 0 || first < descriptors.size(); first += kDescriptorsPerBatch) {
    const size_t count = std::min(kDescriptorsPerBatch, descriptors.size() - first);
    const auto batch = std::make_move_iterator(descriptors.begin()) + static_cast<ptrdiff_t>(first);
    Chunk chunk;
    chunk.credentials = credentials && first == 0;
    chunk.descriptors.assign(batch, batch + static_cast<ptrdiff_t>(count));
    const std::span<const std::byte> bytes = first == 0 ? head : std::span(kPadding).first(1);
    chunk.bytes.assign(bytes.begin(), bytes.end());
    chunks_.push_back(std::move(chunk));
  }
  const size_t carrier_count = CarrierCount(descriptors.size());
  Queue(std::span(kPadding).first(PadTo8(carrier_count) - carrier_count));
}

void SendQueue::Queue(std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  if (chunks_.empty() || chunks_.back().bytes.size() + bytes.size() > kSharedChunkBytes) {
    chunks_.emplace_back();
  }
  std::vector<std::byte>& last = chunks_.back().bytes;
  last.insert(last.end(), bytes.begin(), bytes.end());
}

Outcome SendQueue::OutcomeOf(int error) {
  switch (error) {
    case EAGAIN:
      return Outcome::kFull;
    case ENOBUFS:
    case ENOMEM:
    case ETOOMANYREFS:
      return Outcome::kStarved;
    default:
      error_ = error;
      return Outcome::kBroken;
  }
}

Outcome SendQueue::Flush(int socket) {
  size_t flushed_bytes = 0;
  while (!chunks_.empty()) {
    if (flushed_bytes >= kFlushBytesMax) return Outcome::kFull;
    Chunk& chunk = chunks_.front();
    const ssize_t sent = SendChunk(socket, chunk);
    if (sent < 0) return OutcomeOf(static_cast<int>(-sent));
    // They went with the first byte.
    chunk.descriptors.clear();
    flushed_bytes += static_cast<size_t>(sent);
    chunk.sent_bytes += static_cast<size_t>(sent);
    if (chunk.sent_bytes < chunk.bytes.size()) return Outcome::kFull;
    chunks_.pop_front();
  }
  return Outcome::kSent;
}

}  // namespace ringway::driver
