// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "ringway/messenger.h"

#include <algorithm>
#include <cstring>

namespace ringway {
inline namespace api {

RequestHeader Messenger::HeaderFor(uint8_t kind, uint32_t id) const {
  RequestHeader header = {};
  header.version = kMessageVersion;
  header.kind = kind;
  SetKey(&header, {interface_, id});
  return header;
}

// `deadline` in the past: -RW_EAGAIN when there is no room.
int64_t Messenger::SendOrWait(OutgoingMessage& message, size_t num_bytes, Deadline deadline) const {
  const IpczHandle portal = target_.remote()->portal();
  for (;;) {
    const int64_t sent = message.SendIfRoom(portal, num_bytes, kQueueMax);
    if (sent != -RW_EAGAIN || deadline.ns() == Deadline::Now().ns()) return sent;
    RingwayWaitItem item = {portal, RINGWAY_WAIT_WRITABLE, 0, kQueueMax, SIZE_MAX};
    const IpczResult waited = WaitAny({&item, 1}, deadline);
    if (waited != IPCZ_RESULT_OK) return ErrorOf(waited);
  }
}

int64_t Messenger::SendWords(uint32_t id, const Words& words, Deadline deadline) const {
  if (!target_.remote()) return -RW_EINVAL;
  OutgoingMessage message;
  const size_t num_bytes = sizeof(RequestHeader) + sizeof(words);
  const int64_t reserved = message.Reserve(IPCZ_INVALID_HANDLE, num_bytes);
  if (reserved != RW_EOK) return reserved;
  const RequestHeader header = HeaderFor(kKindOneWay, id);
  StoreHeader(message.data(), header);
  std::memcpy(message.data() + sizeof(header), words.data(), sizeof(words));
  return SendOrWait(message, num_bytes, deadline);
}

int64_t Messenger::SendScalar(uint32_t id, const Words& words, Deadline deadline) const {
  return SendWords(id, words, deadline);
}

int64_t Messenger::TrySendScalar(uint32_t id, const Words& words) const {
  return SendWords(id, words, Deadline::Now());
}

int64_t Messenger::SendMoved(uint32_t id, Memory& memory, Deadline deadline) const {
  if (!target_.remote()) return -RW_EINVAL;
  const bool in_box = memory.is_shared();
  Sizer sizer(sizeof(RequestHeader));
  PutMemory(sizer, in_box, memory.view());
  OutgoingMessage message;
  const int64_t reserved = message.Reserve(IPCZ_INVALID_HANDLE, sizer.at());
  if (reserved != RW_EOK) return reserved;
  Writer writer(&message, sizeof(RequestHeader));
  PutMemory(writer, in_box, memory.view());
  if (in_box) writer.Attach(memory.LendBox());
  RequestHeader header = HeaderFor(kKindMove, id);
  header.attachments = static_cast<uint8_t>(message.num_handles());
  StoreHeader(message.data(), header);
  const int64_t sent = SendOrWait(message, writer.at(), deadline);
  if (sent == RW_EOK) {
    memory.Reset();
  } else if (in_box) {
    memory.TakeBoxBack(message.TakeHandle(0));
  }
  return sent;
}

int64_t Messenger::MoveMemory(uint32_t id, Memory& memory, Deadline deadline) const {
  return SendMoved(id, memory, deadline);
}

int64_t Messenger::TryMoveMemory(uint32_t id, Memory& memory) const {
  return SendMoved(id, memory, Deadline::Now());
}

// Sends what `put` writes; has `read` read the reply, unless it is an error, and `commit` give out
// what was read, if all of it is good.
template <class Put, class Read, class Commit>
int64_t Messenger::Exchange(uint8_t kind, uint32_t id, Deadline deadline, const Put& put,
                            const Read& read, const Commit& commit) const {
  if (!target_.remote()) return -RW_EINVAL;
  Sizer sizer(sizeof(RequestHeader));
  put(sizer);
  OutgoingMessage request;
  const int64_t reserved = request.Reserve(target_.remote()->portal(), sizer.at());
  if (reserved != RW_EOK) return reserved;
  Writer writer(&request, sizeof(RequestHeader));
  put(writer);
  if (writer.status() != RW_EOK) return writer.status();
  RequestHeader header = HeaderFor(kind, id);
  header.attachments = static_cast<uint8_t>(request.num_handles());
  StoreHeader(request.data(), header);
  IncomingMessage reply;
  ReplySlot slot = {&reply};
  const Tag tag = SendAndAwait(target_, request, writer.at(), {deadline, 0}, &slot);
  if (!tag.ok()) return tag.status;
  Reader reader(&reply, sizeof(ReplyHeader), slot.presence);
  read(reader);
  const int64_t bad = reader.Finish();
  if (bad != RW_EOK) return bad;
  commit();
  return tag.status;
}

Messenger::Answer Messenger::Ask(uint32_t id, const Words& words, Deadline deadline) const {
  Answer read;
  Answer answer;
  answer.status = Exchange(
      kKindCall, id, deadline, [&](auto& sink) { sink.Elements(words.data(), words.size()); },
      [&](Reader& reader) {
        read.num_words = reader.left() / sizeof(uint64_t);
        if (read.num_words > kReplyWordsMax) return reader.Fail(-RW_EMSGTOOLONG);
        for (size_t i = 0; i < read.num_words; ++i) read.words[i] = reader.Value<uint64_t>();
      },
      [&] { answer = read; });
  return answer;
}

int64_t Messenger::LendMemory(uint32_t id, Lend memory, Deadline deadline) const {
  return Exchange(
      kKindLend, id, deadline, [&](auto& sink) { Param<Lend>::PutIn<0>(sink, memory); },
      [](Reader&) {}, [] {});
}

int64_t Messenger::LendMutable(uint32_t id, std::span<std::byte>& bytes, Deadline deadline) const {
  Param<LendMut>::State state;
  return Exchange(
      kKindLendMut, id, deadline, [&](auto& sink) { PutMemory(sink, false, bytes); },
      [&](Reader& reader) {
        Param<LendMut>::GetOut<0>(reader, state);
        const int64_t fits = Param<LendMut>::Admit(state, bytes);
        if (fits != RW_EOK) reader.Fail(fits);
      },
      [&] { Param<LendMut>::Commit(state, bytes); });
}

}  // namespace api
}  // namespace ringway
