// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What two ringway commands say to each other, over the two portals their
// connection starts with.
//
// kControlPortal: each side's first parcel is a Hello. A side's Farewell is its
// last one: that it has written out all it received, or why it gives up.
// kDataPortal, streaming: what the side reads from its standard input, in
// parcels of at least one byte; an empty parcel is the end of the stream.
// kDataPortal, pinging: any parcels, which the listener puts back as they are.

#ifndef ENGINE_CMD_COMMAND_LAYOUT_H_
#define ENGINE_CMD_COMMAND_LAYOUT_H_

#include <cstddef>
#include <cstdint>

namespace ringway::cmd {

inline constexpr size_t kControlPortal = 0;
inline constexpr size_t kDataPortal = 1;
inline constexpr size_t kPortals = 2;

// Bumped by any change that the other side can notice. This is about the
// command only; nodes compare the version of their wire before.
inline constexpr uint32_t kCommandVersion = 1;
inline constexpr uint64_t kHelloMagic = 0x646e616d6d6f6372;  // "rcommand"

// What the sender of a Hello came for.
inline constexpr uint32_t kModeListen = 1;  // whatever the connecting side wants
inline constexpr uint32_t kModeStream = 2;
inline constexpr uint32_t kModePing = 3;

// Magic and version stay where they are in all versions.
struct Hello {
  uint64_t magic;
  uint32_t version;
  uint32_t mode;
  uint32_t wait_mode;  // pinging: how both sides wait, a RingwayWaitMode
  uint32_t reserved;
};
static_assert(offsetof(Hello, version) == 8 && offsetof(Hello, mode) == 12);
static_assert(offsetof(Hello, wait_mode) == 16 && sizeof(Hello) == 24);
inline constexpr size_t kHelloBytesMin = offsetof(Hello, mode);

inline constexpr uint32_t kFarewellDone = 1;
inline constexpr uint32_t kFarewellInputFailed = 2;
inline constexpr uint32_t kFarewellOutputFailed = 3;

struct Farewell {
  uint32_t kind;
  int32_t error_number;  // when something failed
  uint64_t bytes;        // done: how many of the other side's bytes were written out
};
static_assert(offsetof(Farewell, error_number) == 4 && offsetof(Farewell, bytes) == 8);
static_assert(sizeof(Farewell) == 16);

}  // namespace ringway::cmd

#endif  // ENGINE_CMD_COMMAND_LAYOUT_H_
