// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/cmd/stream.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "engine/cmd/api.h"

namespace ringway::cmd {

namespace {

// A read goes straight into the parcel's memory. Chunks follow what the input
// gives at once: a terminal's lines should not take a quarter of a MiB each.
constexpr size_t kChunkBytesMin = size_t{4} << 10;
constexpr size_t kChunkBytesMax = size_t{256} << 10;

// What may wait unread on the other side, and how little of it has to be left
// before the writer goes on: not after every parcel, so that it sleeps less.
constexpr size_t kQueuedParcelsMax = 64;
constexpr size_t kQueuedBytesMax = size_t{4} << 20;
constexpr size_t kResumeParcels = kQueuedParcelsMax / 2;
constexpr size_t kResumeBytes = kQueuedBytesMax / 2;

// How often there may be room on the other side, but no memory on ours.
constexpr uint32_t kMemoryAttemptsMax = 1000;
constexpr useconds_t kMemoryPauseUs = 1000;

}  // namespace

Stream::Stream(Session& session, bool recv_only, bool stats)
    : session_(session), recv_only_(recv_only), stats_(stats) {}

void Stream::Run() {
  sender_ = std::thread(&Stream::Send, this);
  while (!received_all_ || !peer_done_) {
    std::array<RingwayWaitItem, 2> items;
    size_t num_items = 0;
    if (!received_all_) items[num_items++] = {session_.data(), RINGWAY_WAIT_READABLE, 0, 0, 0};
    if (!peer_done_) items[num_items++] = {session_.control(), RINGWAY_WAIT_READABLE, 0, 0, 0};
    const IpczResult result = Ringway().Wait(items.data(), num_items, 0, RINGWAY_NO_DEADLINE);
    if (result != IPCZ_RESULT_OK) FailCall("wait", result);
    const bool control_ended = !peer_done_ && !TakePeersFarewell();
    if (!received_all_) Receive();
    if (control_ended) Abandon(session_.WhyPeerLeft());
  }
  sender_.join();  // the peer has read to the end of what it sent
  PrintStats();
}

void Stream::Send() {
  size_t chunk_bytes = kChunkBytesMin;
  while (!recv_only_ && SendChunk(&chunk_bytes)) {
  }
  // Before the peer can know of the end, and leave.
  node_counters_ = ReadNodeCounters(session_);
  sent_.Finish();
  const IpczResult result =
      Ipcz().Put(session_.data(), nullptr, 0, nullptr, 0, IPCZ_NO_FLAGS, nullptr);
  // Without a peer, the reader finds that out.
  if (result != IPCZ_RESULT_OK && result != IPCZ_RESULT_NOT_FOUND) {
    FailCall("send the end of the stream", result);
  }
}

bool Stream::SendChunk(size_t* chunk_bytes) {
  void* const chunk = BeginChunk(*chunk_bytes);
  const ptrdiff_t got = input_.Read(chunk, *chunk_bytes);
  if (got <= 0) {
    Ipcz().EndPut(session_.data(), 0, nullptr, 0, IPCZ_END_PUT_ABORT, nullptr);
    if (got == 0) return false;
    const int error = static_cast<int>(-got);
    session_.Say({kFarewellInputFailed, error, 0});
    Abandon({std::string("cannot read standard input: ") + std::strerror(error),
             "give it something that can be read"});
  }
  const auto num_bytes = static_cast<size_t>(got);
  EndChunk(num_bytes);
  sent_.Add(num_bytes);
  if (num_bytes == *chunk_bytes) {
    *chunk_bytes = std::min(2 * *chunk_bytes, kChunkBytesMax);
  } else if (num_bytes < *chunk_bytes / 4) {
    *chunk_bytes = std::max(*chunk_bytes / 2, kChunkBytesMin);
  }
  return true;
}

void* Stream::BeginChunk(size_t num_bytes) {
  const IpczPutLimits limits = {sizeof(limits), kQueuedParcelsMax, kQueuedBytesMax};
  const IpczBeginPutOptions options = {sizeof(options), &limits};
  for (uint32_t attempts = 0;; ++attempts) {
    void* chunk = nullptr;
    size_t granted = num_bytes;
    const IpczResult result =
        Ipcz().BeginPut(session_.data(), IPCZ_NO_FLAGS, &options, &granted, &chunk);
    if (result == IPCZ_RESULT_OK) return chunk;
    if (result == IPCZ_RESULT_NOT_FOUND) LeaveToReader();
    if (result != IPCZ_RESULT_RESOURCE_EXHAUSTED) FailCall("begin a parcel", result);
    WaitForRoom(attempts);
  }
}

void Stream::WaitForRoom(uint32_t attempts) {
  RingwayWaitItem item = {session_.data(), RINGWAY_WAIT_WRITABLE, 0, kResumeParcels, kResumeBytes};
  // A second refusal in a row has to do with memory: pause, as nothing tells
  // when there will be some.
  if (attempts > kMemoryAttemptsMax) {
    Abandon({"no shared memory for the next part of the stream", "free some memory"});
  }
  if (attempts > 0) usleep(kMemoryPauseUs);
  const IpczResult result = Ringway().Wait(&item, 1, 0, RINGWAY_NO_DEADLINE);
  if (result != IPCZ_RESULT_OK) FailCall("wait for room", result);
}

void Stream::EndChunk(size_t num_bytes) {
  const IpczResult result =
      Ipcz().EndPut(session_.data(), num_bytes, nullptr, 0, IPCZ_NO_FLAGS, nullptr);
  if (result == IPCZ_RESULT_NOT_FOUND) LeaveToReader();
  if (result == IPCZ_RESULT_RESOURCE_EXHAUSTED) {
    Abandon({"no shared memory for the next part of the stream", "free some memory"});
  }
  if (result != IPCZ_RESULT_OK) FailCall("end a parcel", result);
}

void Stream::Receive() {
  while (!received_all_) {
    const void* data = nullptr;
    size_t num_bytes = 0;
    size_t num_handles = 0;
    const IpczResult result =
        Ipcz().BeginGet(session_.data(), IPCZ_NO_FLAGS, nullptr, &data, &num_bytes, &num_handles);
    if (result == IPCZ_RESULT_UNAVAILABLE) return;
    if (result == IPCZ_RESULT_NOT_FOUND) Abandon(session_.WhyPeerLeft());
    if (result != IPCZ_RESULT_OK) FailCall("begin to read a parcel", result);
    if (num_handles != 0) {
      Abandon({"the peer sent a parcel with handles", "use the same Ringway on both sides"});
    }
    if (const int error = WriteAll(data, num_bytes); error != 0) {
      session_.Say({kFarewellOutputFailed, error, 0});
      Abandon({std::string("cannot write standard output: ") + std::strerror(error),
               error == EPIPE ? "what reads there has ended" : "see where it leads"});
    }
    const IpczResult ended =
        Ipcz().EndGet(session_.data(), num_bytes, 0, IPCZ_NO_FLAGS, nullptr, nullptr, nullptr);
    if (ended != IPCZ_RESULT_OK) FailCall("finish reading a parcel", ended);
    if (num_bytes == 0) {
      EndOfPeersStream();
    } else {
      received_.Add(num_bytes);
    }
  }
}

void Stream::EndOfPeersStream() {
  received_.Finish();
  received_all_ = true;
  if (const int error = CloseOutput(); error != 0) {
    session_.Say({kFarewellOutputFailed, error, 0});
    Abandon({std::string("cannot finish standard output: ") + std::strerror(error),
             "see where it leads"});
  }
  session_.Say({kFarewellDone, 0, received_.bytes()});
  input_.GiveUpTerminal();
}

bool Stream::TakePeersFarewell() {
  const std::optional<Farewell> farewell = session_.TakeFarewell();
  if (!farewell) {
    IpczPortalStatus status = {};
    status.size = sizeof(status);
    Ipcz().QueryPortalStatus(session_.control(), IPCZ_NO_FLAGS, nullptr, &status);
    return (status.flags & IPCZ_PORTAL_STATUS_DEAD) == 0;
  }
  if (farewell->kind != kFarewellDone) Abandon(Session::Explain(*farewell));
  if (!sent_.finished() || farewell->bytes != sent_.bytes()) {
    Abandon({"the peer wrote out " + std::to_string(farewell->bytes) + " bytes, and " +
                 std::to_string(sent_.bytes()) + " were sent",
             "this is a fault in Ringway; please report it"});
  }
  peer_done_ = true;
  return true;
}

void Stream::PrintStats() {
  if (!stats_) return;
  const RingwayNodeCounters node = sent_.finished() ? node_counters_ : ReadNodeCounters(session_);
  PrintStreamStats(session_, node, sent_, received_);
}

void Stream::Abandon(const Failure& failure) {
  if (sent_.finished()) sender_.join();  // so this is the reader, and that does not block
  PrintStats();
  Fail(session_.what(), failure);
}

void Stream::LeaveToReader() {
  for (;;) pause();
}

}  // namespace ringway::cmd
