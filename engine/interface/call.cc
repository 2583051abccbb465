// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "ringway/call.h"

#include "ringway/errors.h"
#include "ringway/interface.h"
#include "ringway/loop.h"
#include "ringway/meta.h"

namespace ringway {
inline namespace api {

Tag Unhandled(int64_t status) { return {status, true, status != -RW_ELOOP}; }

namespace {

// Reads the header. `from_transport` if the reply is none.
Tag ReadReply(ReplySlot* slot) {
  const std::span<const std::byte> bytes = slot->message->bytes();
  ReplyHeader header;
  if (bytes.size() < sizeof(header)) return {-RW_EMSGTOOSHORT, true};
  std::memcpy(&header, bytes.data(), sizeof(header));
  if (slot->message->over_quota()) return {-RW_ENOBUFS, true};
  if (header.version != kMessageVersion || header.kind != kKindReply ||
      header.attachments != slot->message->num_handles()) {
    return {-RW_EPROTO, true};
  }
  // An error has no outputs.
  if (header.status < 0 && bytes.size() != sizeof(header)) return {-RW_EPROTO, true};
  slot->presence = header.presence;
  return {header.status, false, (header.flags & kReplyUnhandled) != 0};
}

// Whether the reply comes on the portal that is attached.
bool IsMoved(const IncomingMessage& message) {
  const std::span<const std::byte> bytes = message.bytes();
  return message.num_handles() == 1 && bytes.size() == sizeof(ReplyHeader) &&
         std::to_integer<uint8_t>(bytes[offsetof(ReplyHeader, kind)]) == kKindReplyMoved;
}

// Waits for a reply on a portal that ends here.
int64_t AwaitMoved(Portal portal, Loop* loop, uint32_t transaction, const CallOptions& options,
                   IncomingMessage* reply) {
  if (!loop) {
    const int64_t status = ReceiveUntil(portal.get(), options, reply);
    return status != RW_EOK || reply->MakePrivate() ? status : -RW_ENOMEM;
  }
  const auto connection = std::make_shared<Connection>(std::move(portal), transaction - 1);
  Connection::Waiter waiter;
  connection->Enlist(&waiter, reply);
  loop->ReadReplies(connection);
  const int64_t status = connection->Await(&waiter, options);
  loop->StopReading(*connection);
  return status;
}

Tag AwaitReply(Connection& connection, const CallOptions& options, ReplySlot* slot) {
  IncomingMessage& message = *slot->message;
  const uint32_t transaction = slot->waiter.transaction;
  int64_t status = connection.Await(&slot->waiter, options);
  for (int hops = 0; status == RW_EOK; ++hops) {
    if (!IsMoved(message)) [[likely]]
      return ReadReply(slot);
    if (hops == kHopsMax) return {-RW_ELOOP, true};
    Portal moved(message.TakeHandle(0).Release());
    message.Release();
    status = AwaitMoved(std::move(moved), connection.loop(), transaction, options, &message);
  }
  return {status, true};
}

// After Expect(), or Enlist().
int64_t SendExpected(Connection& connection, OutgoingMessage& request, size_t num_bytes,
                     ReplySlot* slot) {
  const uint32_t transaction = slot->waiter.transaction;
  std::memcpy(request.data() + offsetof(RequestHeader, transaction), &transaction,
              sizeof(transaction));
  const int64_t status = request.Send(connection.portal(), num_bytes);
  if (status != RW_EOK) {
    connection.Forget(&slot->waiter);
  } else {
    slot->connection = &connection;
  }
  return status;
}

}  // namespace

Tag SendAndAwait(const Target& target, OutgoingMessage& request, size_t num_bytes,
                 const CallOptions& options, ReplySlot* slot) {
  Connection& connection = *target.remote();
  int64_t status = connection.Expect(&slot->waiter, slot->message);
  if (status == RW_EOK) status = SendExpected(connection, request, num_bytes, slot);
  if (status != RW_EOK) return {status, true};
  return AwaitReply(connection, options, slot);
}

Tag AwaitLocal(LocalReplyChannel& channel, const CallOptions& options, ReplySlot* slot) {
  const int64_t status = channel.Await(options, slot->message);
  return status == RW_EOK ? ReadReply(slot) : Tag{status, true};
}

Tag StartedCall::Send(const Target& to, OutgoingMessage& request, size_t num_bytes) {
  connection = to.remote_ref();
  connection->Enlist(&slot.waiter, &message);
  const int64_t status = SendExpected(*connection, request, num_bytes, &slot);
  slot.connection = nullptr;  // ReplyHold does that
  is_sent = status == RW_EOK;
  return {status, true};
}

Tag StartedCall::Await() {
  if (channel) return AwaitLocal(*channel, options, &slot);
  if (!is_sent) return tag;
  const Tag answer = AwaitReply(*connection, options, &slot);
  // A view is in the way, and the reply still to come.
  is_sent = answer.from_transport && answer.status == -RW_EBUSY;
  return answer;
}

namespace {

// Callers of this process.
const Admission kOurs;
const CallChain kOurselves{Identity{}};

}  // namespace

LocalCall::LocalCall(const Object& object, const MethodKey& key, uint8_t kind, bool one_way)
    : found_(Find(object.target().local(), key)),
      context_(found_.object, kOurs, kOurselves, kind, found_.hops) {
  if (!one_way) context_.local_channel_ = &channel;
}

Resolved LocalCall::Find(Served* object, const MethodKey& key) {
  Resolved found;
  if (!object) {
    found.error = -RW_ENOENT;
    return found;
  }
  if (key.interface == kMetaId) {
    found.entry = MetaMethod(key.opcode);
    found.object = object;
    return found;
  }
  return Resolve(*object, key, 0);
}

Tag LocalCall::Encoded(OutgoingMessage& request, size_t num_bytes, ReplySlot* slot) {
  RequestHeader header;
  std::memcpy(&header, request.data(), sizeof(header));
  IncomingMessage incoming;
  incoming.Borrow({request.data(), num_bytes});
  incoming.set_home(request.home());
  for (size_t i = 0; i < header.attachments; ++i) incoming.AddHandle(request.TakeHandle(i));
  OutgoingMessage reply;
  Invocation invocation = {incoming, header.presence, reply, IPCZ_INVALID_HANDLE};
  const int64_t status = found_.entry->wire(found_.self, context_, invocation);
  if (channel) return {0, false};
  if (!WantsReply(header.kind)) return {0, false};
  if (status < 0) return {status == -RW_ENOREPLY ? -RW_ECANCELED : status, false};
  LocalReplyChannel at_once;
  Reply answer(&at_once, 0);
  answer.Send(status, invocation.reply_presence, reply, invocation.reply_bytes);
  return AwaitLocal(at_once, CallOptions(), slot);
}

int64_t CapIntoPortal(Target target, Rights rights, Deadline deadline, Handle* portal) {
  if (rights == kAllRights || target.is_local()) {
    return std::move(target).IntoPortal(rights, portal);
  }
  const Cap<Meta> meta(std::move(target));
  Handle clone;
  const long status = meta.Until(deadline).Call<Meta::Clone>(rights, clone);
  if (status < 0) return status;
  *portal = std::move(clone);
  return RW_EOK;
}

}  // namespace api
}  // namespace ringway
