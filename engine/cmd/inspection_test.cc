// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/cmd/inspection.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <new>

#include "engine/node/node_layout.h"
#include "shm/segment_layout.h"

namespace ringway::cmd {
namespace {

constexpr uint64_t kSegmentBytes = 64 * 1024;
constexpr uint64_t kPageOffset = 4096;
constexpr uint64_t kOurLink = 0x1111;
constexpr uint64_t kPeerLink = 0x2222;

// Bytes of a process that are where they are.
class FakeProcess final : public ProcessMemory {
 public:
  struct Piece {
    std::unique_ptr<std::byte[]> bytes;
    uint64_t num_bytes;
    bool writable;
  };

  FakeProcess() {
    auto* page = new (Add(4096, true)) NodePage{};
    page->magic = kNodeMagic;
    page->layout_version = kLayoutVersion;
    page->flags = kNodeIsBroker;
    page->name[0] = 7;
    page->portals = 2;
    own_ = AddSegment(kOurLink, 0, true);
    own_->link_line.node[0] = 7;
    own_->link_line.peer_node[0] = 8;
    own_->link_line.peer_link = kPeerLink;
    own_->link_line.state = kLinkUp;
    peer_ = AddSegment(kPeerLink, 0, false);
    FillRoutes();
  }

  SegmentHeader* AddSegment(uint64_t link, uint32_t id, bool own) {
    auto* header = new (Add(kSegmentBytes, own)) SegmentHeader{};
    header->magic = kSegmentMagic;
    header->layout_version = kLayoutVersion;
    header->segment = id;
    header->bytes = kSegmentBytes;
    header->link = link;
    return header;
  }

  SegmentHeader& own() { return *own_; }
  SegmentHeader& peer() { return *peer_; }
  NodePage& node() { return *reinterpret_cast<NodePage*>(pieces_[0].bytes.get()); }
  static RouteEndBlock& End(SegmentHeader& header, uint32_t sublink) {
    auto* bytes = reinterpret_cast<std::byte*>(&header);
    return reinterpret_cast<RouteEndBlock*>(bytes + kPageOffset)[sublink];
  }
  std::vector<Piece>& pieces() { return pieces_; }

  std::vector<Region> Regions() const override {
    std::vector<Region> regions;
    for (size_t i = 0; i < pieces_.size(); ++i) {
      regions.push_back({(i + 1) << 32, pieces_[i].num_bytes, pieces_[i].writable, 100 + i});
    }
    return regions;
  }
  bool Read(uint64_t address, void* data, size_t num_bytes) const override {
    const uint64_t piece = (address >> 32) - 1;
    const uint64_t offset = address & 0xffffffff;
    // An address that no header could make the decoder compute.
    if (piece >= pieces_.size() || offset > pieces_[piece].num_bytes ||
        num_bytes > pieces_[piece].num_bytes - offset) {
      ++reads_outside_;
      return false;
    }
    std::memcpy(data, pieces_[piece].bytes.get() + offset, num_bytes);
    return true;
  }
  uint64_t reads_outside() const { return reads_outside_; }

 private:
  std::byte* Add(uint64_t num_bytes, bool writable) {
    pieces_.push_back({std::make_unique<std::byte[]>(num_bytes), num_bytes, writable});
    return pieces_.back().bytes.get();
  }

  void FillRoutes() {
    for (SegmentHeader* each : {own_, peer_}) {
      new (&End(*each, 0)) RouteEndBlock[RouteEndsInPage(0)]{};
      each->route_pages[0] = LaneRef{0, kPageOffset, Log2RoutePageBytes(0)}.Pack();
    }
    RouteEndBlock& ours = End(*own_, 16);
    RouteEndBlock& theirs = End(*peer_, 17);
    ours.attention.state = theirs.attention.state = kRouteOpen;
    ours.producer.parcels = 10;
    ours.producer.bytes = 1000;
    ours.producer.lane = LaneRef{0, 32768, 12}.Pack();
    theirs.consumer.parcels = 4;
    theirs.consumer.bytes = 400;
    theirs.producer.parcels = 6;
    theirs.producer.bytes = 60;
    ours.consumer.parcels = 6;
    ours.consumer.bytes = 60;
  }

  std::vector<Piece> pieces_;
  mutable uint64_t reads_outside_ = 0;
  SegmentHeader* own_ = nullptr;
  SegmentHeader* peer_ = nullptr;
};

bool HasFault(const Inspection& inspection, const std::string& text) {
  for (const std::string& fault : inspection.faults) {
    if (fault.find(text) != std::string::npos) return true;
  }
  return false;
}

TEST(InspectionTest, FindsNodesLinksAndRoutes) {
  const FakeProcess process;
  const Inspection inspection = Inspect(process);
  EXPECT_TRUE(inspection.faults.empty());
  ASSERT_EQ(inspection.nodes.size(), 1u);
  const NodeView& node = inspection.nodes[0];
  EXPECT_TRUE(node.broker);
  EXPECT_EQ(node.portals, 2u);
  ASSERT_EQ(node.links.size(), 1u);
  const LinkView& link = node.links[0];
  EXPECT_EQ(link.state, kLinkUp);
  EXPECT_EQ(link.peer, (NodeName{8, 0}));
  EXPECT_EQ(link.own.bytes, kSegmentBytes);
  EXPECT_EQ(link.peers.count, 1u);
  EXPECT_EQ(link.peers.first_inode, 102u);
  ASSERT_EQ(link.routes.size(), 1u);
  const RouteView& route = link.routes[0];
  EXPECT_EQ(route.sublink, 16u);
  EXPECT_FALSE(route.closed || route.peer_closed || route.relay);
  EXPECT_EQ(route.out.parcels, 10u);
  EXPECT_EQ(route.out.queued_parcels, 6u);
  EXPECT_EQ(route.out.queued_bytes, 600u);
  EXPECT_EQ(route.out.lane_bytes, 4096u);
  EXPECT_EQ(route.in.parcels, 6u);
  EXPECT_EQ(route.in.queued_parcels, 0u);
  EXPECT_EQ(route.in.lane_bytes, 0u);
}

TEST(InspectionTest, SaysWhatForwardsAndHowFarTheEndIs) {
  FakeProcess process;
  FakeProcess::End(process.own(), 16).attention.hops = 1;
  FakeProcess::End(process.peer(), 17).attention.hops = 3;
  FakeProcess::End(process.peer(), 17).attention.state = kRouteClosed;
  const Inspection inspection = Inspect(process);
  const RouteView& route = inspection.nodes.at(0).links.at(0).routes.at(0);
  EXPECT_TRUE(route.relay);
  EXPECT_TRUE(route.peer_closed);
  EXPECT_EQ(route.hops, 3u);
}

TEST(InspectionTest, PagesMayLieInLaterSegments) {
  FakeProcess process;
  SegmentHeader* second = process.AddSegment(kOurLink, 5, true);
  new (&FakeProcess::End(*second, 0)) RouteEndBlock[RouteEndsInPage(1)]{};
  FakeProcess::End(*second, 3).attention.state = kRouteOpen;
  process.own().route_pages[1] = LaneRef{5, kPageOffset, Log2RoutePageBytes(1)}.Pack();
  const Inspection inspection = Inspect(process);
  EXPECT_TRUE(inspection.faults.empty());
  const LinkView& link = inspection.nodes.at(0).links.at(0);
  ASSERT_EQ(link.routes.size(), 2u);
  EXPECT_EQ(link.routes[1].sublink, 67u);
  EXPECT_EQ(link.own.count, 2u);
}

TEST(InspectionTest, TheApplicationsOwnMemoryIsNoFault) {
  FakeProcess process;
  std::memset(static_cast<void*>(&process.own()), 0xa5, kSegmentBytes);
  const Inspection inspection = Inspect(process);
  EXPECT_TRUE(inspection.faults.empty());
  EXPECT_TRUE(inspection.nodes.at(0).links.empty());
}

TEST(InspectionTest, RefusesWhatCannotBe) {
  const auto fault = [](const auto& damage) {
    FakeProcess process;
    damage(process);
    const Inspection inspection = Inspect(process);
    EXPECT_EQ(process.reads_outside(), 0u);
    return inspection.faults.empty() ? "none" : inspection.faults[0];
  };
  using P = FakeProcess;
  EXPECT_EQ(
      fault([](P& p) { p.node().layout_version = 99; }),
      "a node has layout version 99, and this command reads " + std::to_string(kLayoutVersion));
  EXPECT_EQ(fault([](P& p) { p.own().bytes = kSegmentBytes + 1; }),
            "a segment has a header that cannot be");
  EXPECT_EQ(fault([](P& p) { p.own().bytes = 8; }), "a segment has a header that cannot be");
  EXPECT_EQ(fault([](P& p) { p.peer().segment = ~0u; }),
            "a segment of a peer has a header that cannot be");
  EXPECT_EQ(fault([](P& p) { p.AddSegment(kOurLink, 0, true); }),
            "a segment has the number of another one");
  EXPECT_EQ(fault([](P& p) { p.own().link_line.state = 9; }), "a link has state 9");
  EXPECT_EQ(fault([](P& p) { p.own().link_line.node[1] = 9; }), "a link belongs to no node");
  EXPECT_EQ(fault([](P& p) {
              p.own().route_pages[0] = LaneRef{3, 4096, 14}.Pack();
            }),
            "a page of portals lies nowhere");
  EXPECT_EQ(fault([](P& p) {
              p.own().route_pages[15] = LaneRef{0, 4096, 29}.Pack();
            }),
            "a page of portals lies nowhere");
  EXPECT_EQ(fault([](P& p) { p.peer().route_pages[0] = ~uint64_t{0}; }),
            "a peer's page of portals lies nowhere");
  EXPECT_EQ(fault([](P& p) { P::End(p.own(), 16).attention.state = 77; }), "a portal has state 77");
  EXPECT_EQ(fault([](P& p) { P::End(p.peer(), 17).producer.lane = 63; }),
            "a peer's lane has 2^63 bytes");
}

TEST(InspectionTest, RefusesInAFewLinesHoweverMuchIsWrong) {
  FakeProcess process;
  for (uint32_t i = 0; i < RouteEndsInPage(0); ++i) {
    FakeProcess::End(process.own(), i).attention.state = 5;
  }
  const Inspection inspection = Inspect(process);
  EXPECT_LT(inspection.faults.size(), 20u);
  EXPECT_TRUE(HasFault(inspection, "and 48 more"));
}

// Any byte may be anything: nothing outside is read, and there is an end.
TEST(InspectionTest, SurvivesEveryFlippedByte) {
  for (size_t piece = 0; piece < 3; ++piece) {
    for (uint64_t at = 0; at < kPageOffset + 24 * sizeof(RouteEndBlock); ++at) {
      for (const auto flip : {std::byte{1}, std::byte{0x80}, std::byte{0xff}}) {
        static FakeProcess process;
        FakeProcess::Piece& damaged = process.pieces()[piece];
        if (at >= damaged.num_bytes) continue;
        damaged.bytes[at] ^= flip;
        const Inspection inspection = Inspect(process);
        damaged.bytes[at] ^= flip;
        ASSERT_EQ(process.reads_outside(), 0u) << "byte " << at << " of piece " << piece;
        ASSERT_LE(inspection.nodes.size(), 1u);
      }
    }
  }
}

TEST(InspectionTest, WhatGoesAwayMeanwhileIsLeftOut) {
  class Going final : public ProcessMemory {
   public:
    explicit Going(size_t reads) : left_(reads) {}
    std::vector<Region> Regions() const override { return process_.Regions(); }
    bool Read(uint64_t address, void* data, size_t num_bytes) const override {
      return left_-- > 0 && process_.Read(address, data, num_bytes);
    }

   private:
    const FakeProcess process_;
    mutable int64_t left_;
  };
  for (size_t reads = 0; reads < 20; ++reads) {
    const Inspection inspection = Inspect(Going(reads));
    EXPECT_EQ(inspection.nodes.size(), reads < 2 ? 0u : 1u);
    // A link may be there still without its node, and be odd for that.
    if (reads >= 2) {
      EXPECT_TRUE(inspection.faults.empty()) << reads << ": " << inspection.faults[0];
    }
  }
}

}  // namespace
}  // namespace ringway::cmd
