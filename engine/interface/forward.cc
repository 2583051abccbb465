// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "ringway/forward.h"

#include <cstring>
#include <memory>
#include <utility>

#include "ringway/errors.h"

namespace ringway {
inline namespace api {

namespace {

// Header, parameters, and those it came from.
void Compose(const RequestHeader& header, const CallChain& caller, const IncomingMessage& request,
             std::byte* to) {
  StoreHeader(to, header);
  const std::span<const std::byte> parameters = request.bytes().subspan(sizeof(header));
  std::memcpy(to + sizeof(header), parameters.data(), parameters.size());
  to += request.bytes().size();
  const std::span<const std::byte> chain = std::as_bytes(caller.chain());
  std::memcpy(to, chain.data(), chain.size());
  const auto length = static_cast<uint32_t>(caller.chain().size());
  std::memcpy(to + chain.size(), &length, sizeof(length));
}

}  // namespace

int64_t ForwardMessage(const Target& target, const RequestHeader& header, const CallChain& caller,
                       IncomingMessage& request, Reply* reply) {
  Connection* connection = target.remote();
  if (!connection) return -RW_EINVAL;
  const size_t num_handles = request.num_handles();
  if (caller.chain().size() > kForwardersMax) return -RW_ELOOP;
  if (*reply && num_handles == kAttachmentsMax) return -RW_ENOBUFS;
  const IpczHandle portal = connection->portal();
  OutgoingMessage message;
  const size_t num_bytes = request.bytes().size() + caller.chain().size_bytes() + sizeof(uint32_t);
  const int64_t reserved = message.Reserve(portal, num_bytes);
  if (reserved != RW_EOK) return reserved;
  const bool wants_reply = static_cast<bool>(*reply);
  const IpczHandle node = wants_reply ? reply->channel()->node() : IPCZ_INVALID_HANDLE;
  Handle reply_portal;
  if (wants_reply) {
    const int64_t moved = reply->IntoPortal(&reply_portal);
    if (moved != RW_EOK) return moved;
  }
  for (size_t i = 0; i < num_handles; ++i) message.AddHandle(request.TakeHandle(i));
  if (wants_reply) message.AddHandle(std::move(reply_portal));
  RequestHeader out = header;
  out.kind = KindOf(header) | kKindForwarded | (wants_reply ? kKindWithReplyPortal : uint8_t{0});
  out.attachments = static_cast<uint8_t>(message.num_handles());
  // As the caller knows it; the portal it waits on is its own, so no other call has the number.
  out.transaction = reply->transaction();
  Compose(out, caller, request, message.data());
  const int64_t sent = message.Send(portal, num_bytes);
  if (sent == RW_EOK) return RW_EOK;
  for (size_t i = 0; i < num_handles; ++i) request.PutBack(i, message.TakeHandle(i));
  if (wants_reply) {
    Portal back(message.TakeHandle(num_handles).Release());
    *reply =
        Reply::Owning(std::make_shared<ReplyPortalChannel>(std::move(back), node), out.transaction);
  }
  return sent;
}

}  // namespace api
}  // namespace ringway
