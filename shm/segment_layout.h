// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What stands at the start of every segment, and where a route end lies.
// docs/protocol.md, "Segments".

#ifndef SHM_SEGMENT_LAYOUT_H_
#define SHM_SEGMENT_LAYOUT_H_

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "ring/ring_layout.h"

namespace ringway {

inline constexpr uint64_t kSegmentMagic = 0x31474553'57474e52;  // "RNGWSEG1"

// Bumped by any change to a *_layout.h file that another process can see.
inline constexpr uint32_t kLayoutVersion = 3;

// Route ends lie in pages: page k holds kRouteEndsFirstPage << k of them, so
// that their number is not fixed and no route end ever moves.
inline constexpr uint32_t kRouteEndsFirstPage = 64;
inline constexpr uint32_t kRoutePages = 16;
inline constexpr uint32_t kRouteEndsMax = kRouteEndsFirstPage * ((1u << kRoutePages) - 1);

// What `ringway inspect` is told of a link; the engine reads nothing of it.
struct alignas(64) LinkLine {
  uint64_t node[2];                    // the name of the node that writes this
  std::atomic<uint64_t> peer_node[2];  // of the other one, once the link is up
  std::atomic<uint64_t> peer_link;     // SegmentHeader::link of the other side's segments
  uint32_t connect_flags;              // ConnectBody::flags
  std::atomic<uint32_t> state;         // kLinkConnecting, ...
  uint64_t reserved[2];
};
static_assert(sizeof(LinkLine) == 64);
static_assert(offsetof(LinkLine, peer_node) == 16);
static_assert(offsetof(LinkLine, peer_link) == 32);
static_assert(offsetof(LinkLine, connect_flags) == 40);
static_assert(offsetof(LinkLine, state) == 44);

inline constexpr uint32_t kLinkConnecting = 1;
inline constexpr uint32_t kLinkUp = 2;
inline constexpr uint32_t kLinkDown = 3;

struct alignas(64) SegmentHeader {
  uint64_t magic;
  uint32_t layout_version;
  uint32_t segment;  // its id: 0 for the first of a link
  uint64_t bytes;    // of the whole segment
  uint64_t link;     // the same in all segments of a link's side, and known to both sides only
  uint64_t reserved[4];
  // Only in segment 0: where the pages of route ends lie (a LaneRef whose
  // capacity is that of the page); 0: not there yet.
  std::atomic<uint64_t> route_pages[kRoutePages];
  LinkLine link_line;  // likewise
};
static_assert(offsetof(SegmentHeader, layout_version) == 8);
static_assert(offsetof(SegmentHeader, segment) == 12);
static_assert(offsetof(SegmentHeader, bytes) == 16);
static_assert(offsetof(SegmentHeader, link) == 24);
static_assert(offsetof(SegmentHeader, route_pages) == 64);
static_assert(offsetof(SegmentHeader, link_line) == 64 + 8 * kRoutePages);
static_assert(sizeof(SegmentHeader) == 256);

// Where route end `index` lies. `index` is below kRouteEndsMax.
struct RouteEndPlace {
  uint32_t page;
  uint32_t slot;
};

inline constexpr RouteEndPlace PlaceOfRouteEnd(uint32_t index) {
  const uint32_t unit = index / kRouteEndsFirstPage + 1;
  const uint32_t page = static_cast<uint32_t>(std::bit_width(unit)) - 1;
  return {page, index - kRouteEndsFirstPage * ((1u << page) - 1)};
}

inline constexpr uint32_t RouteEndsInPage(uint32_t page) { return kRouteEndsFirstPage << page; }

// Pages are powers of two, as all blocks are.
inline constexpr uint32_t Log2RoutePageBytes(uint32_t page) {
  return static_cast<uint32_t>(
      std::bit_width(uint64_t{RouteEndsInPage(page)} * sizeof(RouteEndBlock) - 1));
}

static_assert(PlaceOfRouteEnd(0).page == 0 && PlaceOfRouteEnd(63).page == 0);
static_assert(PlaceOfRouteEnd(64).page == 1 && PlaceOfRouteEnd(64).slot == 0);
static_assert(PlaceOfRouteEnd(kRouteEndsMax - 1).page == kRoutePages - 1);

}  // namespace ringway

#endif  // SHM_SEGMENT_LAYOUT_H_
