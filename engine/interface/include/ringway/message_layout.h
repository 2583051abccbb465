// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The bytes at the start of each parcel between a client and a server. Little
// endian. docs/interfaces.md, "On the wire".

#ifndef RINGWAY_MESSAGE_LAYOUT_H_
#define RINGWAY_MESSAGE_LAYOUT_H_

#include <cstddef>
#include <cstdint>

namespace ringway {
inline namespace api {

// Raised when a message of before would be misread.
inline constexpr uint8_t kMessageVersion = 1;

inline constexpr uint8_t kKindOneWay = 1;   // no reply
inline constexpr uint8_t kKindCall = 2;     // a reply is waited for
inline constexpr uint8_t kKindLend = 3;     // a call; memory that the caller leaves alone meanwhile
inline constexpr uint8_t kKindLendMut = 4;  // a call; the memory comes back changed
inline constexpr uint8_t kKindMove = 5;     // no reply; the memory is the receiver's
inline constexpr uint8_t kKindReply = 16;
inline constexpr uint8_t kKindReplyMoved = 17;  // the reply comes on the attached portal instead
// Set in a request's kind: its last attachment is the portal for the reply.
inline constexpr uint8_t kKindWithReplyPortal = 0x80;
// Set in a request's kind: it was forwarded. Behind its parameters, unaligned, is an Identity for
// each process it came from, its origin first, and a u32: how many these are.
inline constexpr uint8_t kKindForwarded = 0x40;

struct RequestHeader {
  uint8_t version;
  uint8_t kind;
  uint8_t attachments;  // handles in the parcel
  uint8_t hops;         // how often it was handed on
  uint32_t transaction;
  uint32_t opcode;
  uint32_t presence;  // bit i: the optional parameter i is there
  uint64_t interface_high;
  uint64_t interface_low;
};
static_assert(offsetof(RequestHeader, version) == 0 && offsetof(RequestHeader, kind) == 1);
static_assert(offsetof(RequestHeader, attachments) == 2 && offsetof(RequestHeader, hops) == 3);
static_assert(offsetof(RequestHeader, transaction) == 4 && offsetof(RequestHeader, opcode) == 8);
static_assert(offsetof(RequestHeader, presence) == 12);
static_assert(offsetof(RequestHeader, interface_high) == 16);
static_assert(offsetof(RequestHeader, interface_low) == 24 && sizeof(RequestHeader) == 32);

// Of the kinds of requests.
constexpr bool WantsReply(uint8_t kind) { return kind != kKindOneWay && kind != kKindMove; }

// Without what else is set in it.
constexpr uint8_t KindOf(const RequestHeader& header) {
  return header.kind & static_cast<uint8_t>(~(kKindWithReplyPortal | kKindForwarded));
}

// Set in a reply's flags: there was no handler for the request, so that its caller may have a
// default.
inline constexpr uint8_t kReplyUnhandled = 1;

struct ReplyHeader {
  uint8_t version;
  uint8_t kind;
  uint8_t attachments;
  uint8_t flags;  // kReplyUnhandled
  uint32_t transaction;
  int64_t status;
  uint32_t presence;
  uint32_t reserved1;  // 0
};
static_assert(offsetof(ReplyHeader, version) == 0 && offsetof(ReplyHeader, kind) == 1);
static_assert(offsetof(ReplyHeader, attachments) == 2 && offsetof(ReplyHeader, flags) == 3);
static_assert(offsetof(ReplyHeader, transaction) == 4 && offsetof(ReplyHeader, status) == 8);
static_assert(offsetof(ReplyHeader, presence) == 16 && offsetof(ReplyHeader, reserved1) == 20);
static_assert(sizeof(ReplyHeader) == 24);

// Who a process is, as the process that hosts the names says.
struct Identity {
  uint64_t client;  // number of its session there, never given twice; 0: not known
  int32_t pid;      // as the kernel says when it connects, like the next two
  uint32_t uid;
  uint32_t gid;
  uint32_t reserved;  // 0

  bool operator==(const Identity&) const = default;
};
static_assert(offsetof(Identity, client) == 0 && offsetof(Identity, pid) == 8);
static_assert(offsetof(Identity, uid) == 12 && offsetof(Identity, gid) == 16);
static_assert(offsetof(Identity, reserved) == 20 && sizeof(Identity) == 24);

// Parameters are aligned to their own size, from the end of the header, and to this at most.
inline constexpr size_t kPayloadAlign = 8;
// ... but the elements of an array of so many bytes or more begin at a multiple of this, from the
// start of the message.
inline constexpr size_t kLargeArrayBytes = 4096;
inline constexpr size_t kLargeArrayAlign = 64;
static_assert(sizeof(RequestHeader) % kPayloadAlign == 0 &&
              sizeof(ReplyHeader) % kPayloadAlign == 0);

inline constexpr size_t kAttachmentsMax = 16;
inline constexpr uint8_t kHopsMax = 16;
inline constexpr size_t kForwardersMax = kHopsMax;
inline constexpr size_t kReplyBytesMax = size_t{64} << 20;

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_MESSAGE_LAYOUT_H_
