// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "ringway/forward.h"

#include <cstring>

#include "ringway/errors.h"

namespace ringway {
inline namespace api {

int64_t ForwardMessage(const Target& target, const RequestHeader& header, IncomingMessage& request,
                       Reply* reply) {
  Connection* connection = target.remote();
  if (!connection) return -RW_EINVAL;
  const IpczHandle portal = connection->portal();
  OutgoingMessage message;
  const size_t num_bytes = request.bytes().size();
  const int64_t reserved = message.Reserve(portal, num_bytes);
  if (reserved != RW_EOK) return reserved;
  RequestHeader out = header;
  out.kind = header.kind & static_cast<uint8_t>(~kKindWithReplyPortal);
  std::memcpy(message.data() + sizeof(out), request.bytes().data() + sizeof(out),
              num_bytes - sizeof(out));
  for (size_t i = 0; i < request.num_handles(); ++i) message.AddHandle(request.TakeHandle(i));
  // As the caller knows it; the portal it waits on is its own, so no other call has the number.
  const uint32_t transaction = reply->transaction();
  out.transaction = transaction;
  if (*reply) {
    if (message.num_handles() == kAttachmentsMax) return -RW_ENOBUFS;
    const IpczHandle node = reply->channel()->node();
    Handle reply_portal;
    const int64_t moved = reply->IntoPortal(&reply_portal);
    if (moved != RW_EOK) return moved;
    message.AddHandle(std::move(reply_portal));
    out.kind |= kKindWithReplyPortal;
    out.attachments = static_cast<uint8_t>(message.num_handles());
    std::memcpy(message.data(), &out, sizeof(out));
    const int64_t sent = message.Send(portal, num_bytes);
    if (sent != RW_EOK) {
      Portal back(message.TakeHandle(message.num_handles() - 1).Release());
      *reply =
          Reply::Owning(std::make_shared<ReplyPortalChannel>(std::move(back), node), transaction);
    }
    return sent;
  }
  out.attachments = static_cast<uint8_t>(message.num_handles());
  std::memcpy(message.data(), &out, sizeof(out));
  return message.Send(portal, num_bytes);
}

}  // namespace api
}  // namespace ringway
