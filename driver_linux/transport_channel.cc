// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

// What a transport does with a channel: exchange memory, write, read, and sleep.

#include <cerrno>
#include <cstring>
#include <utility>

#include "driver_linux/process.h"
#include "driver_linux/transport.h"
#include "ring/base/fence.h"

namespace ringway::driver {
namespace {

using Outcome = SendQueue::Outcome;
using Next = ChannelReader::Next;

// What a part of a message counts for in a turn.
constexpr size_t kPartBytes = size_t{16} << 10;

// Whether the kernel, or a sandbox, will refuse the next one too.
bool IsRefusal(const OsError& error) {
  return error.number == EPERM || error.number == ENOSYS || error.number == EACCES ||
         error.number == EINVAL;
}

// Whether we had no room for memory that may be all right. Otherwise it is not what it has to be.
bool IsShortage(const OsError& error) {
  return error.number == EMFILE || error.number == ENFILE || error.number == ENOMEM;
}

}  // namespace

// --- With the lock held, on any thread.

Outcome Transport::SendOverChannel(std::span<const std::byte> payload,
                                   std::vector<UniqueFd> descriptors) {
  Channel& channel = *channel_;
  Channel::Pending rest;
  rest.descriptor_count = descriptors.size();
  if (HasUnsent()) {
    rest.descriptors = std::move(descriptors);
  } else if (descriptors.empty() ||
             queue_.SendHandles(socket_.get(), std::move(descriptors)) == Outcome::kSent) {
    size_t written = 0;
    const auto result = channel.writer.Write(payload, rest.descriptor_count, &written);
    if (result == ChannelWriter::Result::kPeerBroken) return Outcome::kBroken;
    if (written > 0 || result == ChannelWriter::Result::kDone) {
      LookForSleepers(channel.peers().wants_records, &channel.record_wakes);
    }
    if (result == ChannelWriter::Result::kDone) return Outcome::kSent;
    if (written > 0) rest.descriptor_count = 0;
    payload = payload.subspan(written);
  }
  rest.bytes.assign(payload.begin(), payload.end());
  channel.pending.push_back(std::move(rest));
  return FlushLocked();
}

// The socket comes first: descriptors arrive before the record that needs them, and records are
// visible only once the switch is on its way.
Outcome Transport::FlushLocked() {
  if (!queue_.empty()) {
    const Outcome outcome = queue_.Flush(socket_.get());
    if (outcome != Outcome::kSent) return outcome;
  }
  return channel_ && channel_->is_open ? FlushPending() : Outcome::kSent;
}

Outcome Transport::FlushPending() {
  Channel& channel = *channel_;
  Outcome outcome = Outcome::kSent;
  bool has_written = false;
  bool is_full = false;
  while (!channel.pending.empty() && !is_full && outcome == Outcome::kSent) {
    Channel::Pending& next = channel.pending.front();
    if (!next.descriptors.empty()) {
      outcome = queue_.SendHandles(socket_.get(), std::exchange(next.descriptors, {}));
      continue;
    }
    const size_t written_before = next.written;
    switch (channel.writer.Write(next.bytes, next.descriptor_count, &next.written)) {
      case ChannelWriter::Result::kDone:
        channel.pending.pop_front();
        has_written = true;
        break;
      case ChannelWriter::Result::kFull:
        has_written |= next.written != written_before;
        is_full = true;
        break;
      case ChannelWriter::Result::kPeerBroken:
        return Outcome::kBroken;
    }
  }
  is_stuck_ = is_full;
  if (has_written) LookForSleepers(channel.peers().wants_records, &channel.record_wakes);
  return is_full ? OfferLane() : outcome;
}

// A lane that is full is followed by a larger one, as soon as the peer has mapped that.
Outcome Transport::OfferLane() {
  Channel& channel = *channel_;
  if (!channel.may_grow || channel.is_growing || !queue_.empty() ||
      channel.writer.lane_log2() >= kChannelLaneLog2Max) {
    return Outcome::kSent;
  }
  UniqueFd memory;
  channel.may_grow = channel.CreateLane(&memory).number == 0;
  if (!channel.may_grow) return Outcome::kSent;
  channel.is_growing = true;
  return queue_.SendOffer(socket_.get(), {channel.next_lane_log2(), 0}, std::move(memory));
}

// To be called after something was published for the peer.
void Transport::LookForSleepers(const std::atomic<uint64_t>& word, WakeMemory* memory) {
  channel_->needs_fence ? FullFence() : CompilerFence();
  uint64_t seen = 0;
  if (!memory->Look(word, &seen)) return;
  if (memory->Wants(seen, WakeHalf::kParked)) {
    memory->Answer(seen, WakeHalf::kParked);
    Statistics& statistics = CurrentProcess().statistics;
    const bool is_record = memory == &channel_->record_wakes;
    (is_record ? statistics.record_wakes_sent : statistics.room_wakes_sent).Add();
    WakePeer();
  }
  memory->Settle(seen);
}

void Transport::WakePeer() {
  Process& process = CurrentProcess();
  std::atomic<uint32_t>& answered = channel_->own().answered;
  const uint32_t next = answered.load(std::memory_order_relaxed) + 1;  // only we write it
  // [channel.answered] Pairs with Transport::OnArm(): whoever sees the new value does not sleep.
  answered.store(next, std::memory_order_release);
  // Relaxed: stored before the generation that we have seen.
  const uint32_t wake_by = channel_->peers().wake_by.load(std::memory_order_relaxed);
  if (wake_by == kWakeByFutex && process.reactor.WakeWord(&answered)) return;
  // Otherwise the peer has the rest of a frame to read, which wakes it too.
  if (queue_.empty()) Account(queue_.SendFlags(socket_.get(), kFrameWake), true);
}

// --- On the reactor's thread.

// Begins to exchange memory, if it is time for that.
void Transport::Upgrade() {
  if (channel_ || channel_refused_ || !peer_is_active_ || has_failed_) return;
  {
    std::lock_guard lock(mutex_);
    if (until_upgrade_ != 0) return;
  }
  OfferMemory();
}

bool Transport::OfferMemory() {
  Process& process = CurrentProcess();
  if (channel_refused_ || !process.options.has_channels()) return false;
  auto channel = std::make_unique<Channel>();
  UniqueFd memory;
  const OsError error = channel->CreateOwn(&memory);
  if (error.number != 0) {
    channel_refused_ = true;
    if (IsRefusal(error)) process.options.is_memory_refused = true;
    return false;
  }
  const uint32_t flags = process.barrier.IsAvailable() ? kOfferHasBarrier : 0;
  std::lock_guard lock(mutex_);
  channel_ = std::move(channel);
  const bool was_idle = !HasUnsent();
  Account(queue_.SendOffer(socket_.get(), {kChannelLaneLog2First, flags}, std::move(memory)),
          was_idle);
  return true;
}

bool Transport::TakeOffer(FrameReader::Frame* frame) {
  ChannelOffer offer;
  std::memcpy(&offer, frame->payload.data(), sizeof(offer));
  UniqueFd memory = frame->descriptor_is_lost ? UniqueFd() : std::move(frame->descriptors[0]);
  if (channel_ && channel_->has_peers()) return TakeLane(std::move(memory), offer);
  if (!memory.valid() || (!channel_ && !OfferMemory())) {
    RefuseChannel();
    Answer(false);
    return !has_failed_;
  }
  const OsError error = channel_->MapPeers(std::move(memory), offer);
  if (error.number == 0) {
    Answer(true);
    OpenChannelIfReady();
  } else if (IsShortage(error)) {
    RefuseChannel();
    Answer(false);
  } else {
    Fail("what the peer offered is no memory that it alone can write");
  }
  return !has_failed_;
}

bool Transport::TakeLane(UniqueFd memory, const ChannelOffer& offer) {
  bool is_mapped = false;
  if (memory.valid()) {
    OsResult<Mapping> lane = Channel::MapLane(std::move(memory), offer);
    is_mapped = lane.ok();
    const bool is_lie = !is_mapped && !IsShortage(lane.error());
    if (is_lie || (is_mapped && !channel_->reader.AddLane(std::move(*lane), offer.lane_log2))) {
      Fail("the peer offered a lane that cannot be");
      return false;
    }
  }
  Answer(is_mapped);
  return !has_failed_;
}

void Transport::Answer(bool yes) {
  std::lock_guard lock(mutex_);
  const bool was_idle = !HasUnsent();
  Account(queue_.SendFlags(socket_.get(), kFrameAnswer, yes ? kAnswerYes : 0), was_idle);
}

// All goes over the socket for ever. The peer cannot have switched: it lacks our memory, or our
// answer.
void Transport::RefuseChannel() {
  channel_refused_ = true;
  std::lock_guard lock(mutex_);
  channel_.reset();
}

bool Transport::TakeAnswer(bool yes) {
  if (channel_refused_) return true;
  if (channel_ && !channel_->peer_has_ours) {
    channel_->peer_has_ours = yes;
    yes ? OpenChannelIfReady() : RefuseChannel();
    return !has_failed_;
  }
  bool was_growing = false;
  if (channel_) {
    std::lock_guard lock(mutex_);
    was_growing = std::exchange(channel_->is_growing, false);
    if (was_growing && yes) channel_->Grow();
    if (was_growing && !yes) channel_->ForgetLane();
    channel_->may_grow &= yes;
  }
  if (!was_growing) {
    Fail("an answer to nothing");
    return false;
  }
  Flush();
  return true;
}

void Transport::OpenChannelIfReady() {
  if (!channel_->has_peers() || !channel_->peer_has_ours) return;
  std::lock_guard lock(mutex_);
  channel_->needs_fence = !channel_->peer_has_barrier || !CurrentProcess().barrier.IsAvailable();
  channel_->BeginWriting();
  channel_->is_open = true;
  const bool was_idle = !HasUnsent();
  Account(queue_.SendFlags(socket_.get(), kFrameSwitch), was_idle);
}

bool Transport::TakeSwitch() {
  if (!channel_ || !channel_->has_peers() || channel_->is_reading) {
    Fail("a switch to no lane");
    return false;
  }
  channel_->is_reading = true;
  return true;
}

// An honest peer sends descriptors only after the message that the last ones belong to: it is there
// by now.
bool Transport::TakeHandles(std::vector<UniqueFd> descriptors) {
  if (IsReadingChannel() && channel_->reader.has_descriptors()) ReadChannel(kTurnBytesMax);
  if (has_failed_ || !IsActive()) return false;
  if (!IsReadingChannel() || !channel_->reader.AddDescriptors(std::move(descriptors))) {
    Fail("descriptors without a message");
    return false;
  }
  ReadChannel(kTurnBytesMax);
  return !has_failed_ && IsActive();
}

// Whether there was something.
bool Transport::ReadChannel(size_t num_bytes_max) {
  ChannelReader& reader = channel_->reader;
  ChannelReader::Message message;
  const size_t release_bytes = (size_t{1} << kChannelLaneLog2First) / 4;
  size_t total_bytes = 0;
  size_t released_bytes = 0;
  channel_->lacks_descriptors = false;
  while (total_bytes < num_bytes_max) {
    const Next next = reader.Read(&message);
    if (next == Next::kBroken || next == Next::kNoMemory) {
      Fail(next == Next::kBroken ? reader.reason() : "out of memory");
      return true;
    }
    channel_->lacks_descriptors = next == Next::kNeedsDescriptors;
    if (next == Next::kEmpty || next == Next::kNeedsDescriptors) break;
    total_bytes += kRecordPrefixBytes + (next == Next::kPart ? kPartBytes : message.payload.size());
    if (next == Next::kMessage && !Deliver(message.payload, std::move(message.descriptors))) {
      return true;
    }
    if (total_bytes - released_bytes < release_bytes) continue;
    released_bytes = total_bytes;
    ReleaseRead();
  }
  ReleaseRead();
  return total_bytes != 0;
}

// Tells the peer how far we have read, and wakes it if it waits for that.
void Transport::ReleaseRead() {
  if (!channel_->reader.Release()) return;
  std::lock_guard lock(mutex_);
  LookForSleepers(channel_->peers().wants_room, &channel_->room_wakes);
}

bool Transport::OnPoll() {
  if (!IsActive() || has_failed_ || !channel_) return false;
  bool has_worked = false;
  try {
    Disarm();
    if (IsReadingChannel()) {
      has_worked = ReadChannel(kTurnBytesMax);
      // They were sent before the message.
      if (IsReadingChannel() && channel_->lacks_descriptors) ReadAvailable(kTurnBytesMax, false);
    }
    if (!IsActive() || has_failed_ || !is_stuck_) return has_worked;
    bool has_room;
    {
      std::lock_guard lock(mutex_);
      has_room = channel_->writer.HasNewRoom();
    }
    if (has_room) Flush();
    return has_worked || has_room;
  } catch (const std::bad_alloc&) {
    Fail("out of memory");
    return false;
  }
}

void Transport::OnArm() {
  if (!channel_ || has_failed_) return;
  channel_->is_armed = true;
  ChannelHeader& own = channel_->own();
  if (channel_->has_peers() && answered_token_ == 0) {
    // [channel.answered] Pairs with Transport::WakePeer(). Before arming, so that a wake in between
    // is not slept through.
    const uint32_t answered = channel_->peers().answered.load(std::memory_order_acquire);
    answered_token_ = CurrentProcess().reactor.WatchWord(shared_from_this(), kAnswered,
                                                         &channel_->peers().answered, answered);
  }
  // Relaxed: published with the generations below.
  own.wake_by.store(answered_token_ != 0 ? kWakeByFutex : kWakeBySocket, std::memory_order_relaxed);
  if (channel_->is_reading) Arm(own.wants_records, WakeHalf::kParked);
  if (is_stuck_) Arm(own.wants_room, WakeHalf::kParked);
}

bool Transport::OnLook() {
  if (!channel_ || has_failed_) return false;
  bool has_work = channel_->is_reading && channel_->reader.HasMore();
  if (is_stuck_) {
    std::lock_guard lock(mutex_);
    has_work |= channel_->writer.HasNewRoom();
  }
  if (has_work) Disarm();
  return has_work;
}

void Transport::Disarm() {
  if (!channel_->is_armed) return;
  channel_->is_armed = false;
  ringway::Disarm(channel_->own().wants_records, WakeHalf::kParked);
  ringway::Disarm(channel_->own().wants_room, WakeHalf::kParked);
}

}  // namespace ringway::driver
