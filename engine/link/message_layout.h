// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The messages that nodes send each other over transports. A message is its
// header, a body of a size that follows from its type, one ObjectHeader per
// driver object, and the objects' bytes; the objects' driver handles travel
// beside it, in order. docs/protocol.md, "Messages".

#ifndef ENGINE_LINK_MESSAGE_LAYOUT_H_
#define ENGINE_LINK_MESSAGE_LAYOUT_H_

#include <cstddef>
#include <cstdint>

namespace ringway {

// Bumped by any change that a peer can notice, together with kLayoutVersion
// for what lies in segments. Peers of different versions refuse each other.
inline constexpr uint32_t kWireVersion = 4;
inline constexpr uint64_t kConnectMagic = 0x3159415747'4e4952;  // "RINGWAY1"

enum class MessageType : uint32_t {
  kConnect = 1,
  kAddSegment = 2,
  kDropSegment = 3,
  kReady = 4,
  kObjects = 5,
  kFreed = 6,
  kRequestIntroduction = 7,
  kIntroduce = 8,
  kNoIntroduction = 9,
  kRequestMemory = 10,
  kProvideMemory = 11,
  kRelay = 12,
  kNotRelayed = 13,
  kSeek = 14,
  kFound = 15,
  // Relays that remove themselves (docs/protocol.md, "Moving").
  kWant = 16,
  kTok = 17,
  kExpect = 18,
  kExpectOk = 19,
  kExpectNo = 20,
  kBypass = 21,
  kBypassNo = 22,
  kAttach = 23,
  kCancel = 24,
  kBroken = 25,
  kPoke = 26,
};

struct MessageHeader {
  uint32_t type;
  uint32_t objects;
};
static_assert(sizeof(MessageHeader) == 8);

struct ObjectHeader {
  uint32_t bytes;
  uint32_t handles;
};
static_assert(sizeof(ObjectHeader) == 8);

// What the sender is and asked for, in ConnectBody::flags.
inline constexpr uint32_t kConnectIsBroker = 1;
inline constexpr uint32_t kConnectToBroker = 2;
inline constexpr uint32_t kConnectInheritsBroker = 4;
inline constexpr uint32_t kConnectSharesBroker = 8;
inline constexpr uint32_t kConnectToDelegate = 16;
inline constexpr uint32_t kConnectHasBarrier = 32;  // sleepers issue process-wide barriers
inline constexpr uint32_t kConnectIntroduced = 64;  // the transport came from a third node
inline constexpr uint32_t kConnectFlagsKnown = 127;

// First in each direction; carries the memory object of segment 0, unless that
// comes later like other segments (`segment_bytes` is 0). `link` is the sender's
// number of the link. Magic and version stay where they are in all versions.
struct ConnectBody {
  uint64_t magic;
  uint32_t wire_version;
  uint32_t layout_version;
  uint64_t name[2];
  uint32_t flags;
  uint32_t initial_portals;
  uint64_t segment_bytes;
  uint64_t link;
};
static_assert(sizeof(ConnectBody) == 56);
static_assert(offsetof(ConnectBody, wire_version) == 8);

// A segment that records may name from now on; carries its memory object.
struct AddSegmentBody {
  uint32_t segment;
  uint32_t reserved;
  uint64_t bytes;
};
static_assert(sizeof(AddSegmentBody) == 16);

// No record names the segment any more.
struct DropSegmentBody {
  uint32_t segment;
  uint32_t reserved;
};
static_assert(sizeof(DropSegmentBody) == 8);

// An armed generation of the receiver's `sublink` was met.
struct ReadyBody {
  uint32_t sublink;
  uint32_t reserved;
};
static_assert(sizeof(ReadyBody) == 8);

// The objects of a record that reaches `sublink`, or has.
struct ObjectsBody {
  uint32_t sublink;
  uint32_t reserved;
  uint64_t batch;
};
static_assert(sizeof(ObjectsBody) == 16);

// How many segments and batches the sender had told the peer of or was about to,
// when it sent this; the receiver lets it wait until it has as many of both.
struct Announced {
  uint32_t segments;
  uint32_t batches;
};
static_assert(sizeof(Announced) == 8);

// The sender's ends of these are closed and have read everything: see "Sublinks".
struct FreedBody {
  static constexpr uint32_t kMax = 60;
  uint32_t count;
  uint32_t flags;  // kFreedAnswer
  Announced announced;
  uint32_t sublinks[kMax];
};
static_assert(sizeof(FreedBody) == 256);

// The receiver is to say at once what it has not said yet.
inline constexpr uint32_t kFreedAnswer = 1;

// Introductions: who wants a link, or gets one. With kIntroduce comes a transport.
struct IntroductionBody {
  uint64_t node[2];
  uint32_t flags;
  uint32_t reserved;
};
static_assert(sizeof(IntroductionBody) == 24);

// IntroductionBody::flags, for kIntroduce.
inline constexpr uint32_t kIntroducesBroker = 1;    // that node is to be your broker
inline constexpr uint32_t kIntroducesToBroker = 2;  // you are to be that node's broker
// ... and for kNoIntroduction, unasked.
inline constexpr uint32_t kIntroductionLost = 4;  // I do not reach that node any more

// From a broker to another one: the node `seeker`, of the sender's network or
// beyond, is to get a link to `wanted`. Answered once, under the same id.
struct SeekBody {
  uint64_t id[2];
  uint64_t seeker[2];
  uint64_t wanted[2];
  uint32_t brokers;  // that it has passed
  uint32_t reserved;
};
static_assert(sizeof(SeekBody) == 56);

// The answer: with one end of a transport, or without if there is no such node.
struct FoundBody {
  uint64_t id[2];
};
static_assert(sizeof(FoundBody) == 16);

// To an allocation delegate, and what it answers under the same id: with the
// memory, or without if there is none.
struct MemoryBody {
  uint64_t id;
  uint64_t bytes;
};
static_assert(sizeof(MemoryBody) == 16);

// A message that carries objects from one node to another by way of their
// broker: the names of both, the receiver's number of the link that it belongs
// to, and its type and body. Comes back without its objects as kNotRelayed.
struct RelayBody {
  uint64_t destination[2];
  uint64_t source[2];
  uint64_t link;
  uint32_t type;
  uint32_t brokers;  // that it has passed
  uint64_t body[2];  // as long as the type says
};
static_assert(sizeof(RelayBody) == 64);
inline constexpr uint32_t kBrokersMax = 16;  // that a message of one of them passes

// All messages of moving routes.
struct RouteBody {
  uint64_t edge;
  Announced announced;
  uint64_t key[2];
  uint64_t node[2];
};
static_assert(sizeof(RouteBody) == 48);

inline constexpr uint32_t kObjectBytesMax = 1 << 20;     // serialized, one object
inline constexpr uint32_t kMessageObjectsMax = 0xffff;   // one message
inline constexpr uint64_t kUnclaimedObjectsMax = 16384;  // one link

}  // namespace ringway

#endif  // ENGINE_LINK_MESSAGE_LAYOUT_H_
