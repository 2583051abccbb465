// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/cmd/inspection.h"

#include <algorithm>
#include <memory>
#include <type_traits>

#include "engine/node/node_layout.h"
#include "engine/route/record_layout.h"
#include "shm/segment_layout.h"

namespace ringway::cmd {

namespace {

using Region = ProcessMemory::Region;

constexpr std::memory_order kCopied = std::memory_order_relaxed;  // nobody else has the copy
constexpr size_t kFaultsMax = 16;
constexpr uint32_t kInitialPortalsMax = 16;

// A copy of something shared. Atomics cannot be copied, their bytes can.
template <typename T>
class Copy {
 public:
  static_assert(std::is_trivially_destructible_v<T>);
  explicit Copy(size_t count = 1) : items_(std::make_unique<T[]>(count)), count_(count) {}
  bool Load(const ProcessMemory& memory, uint64_t address) {
    return memory.Read(address, static_cast<void*>(items_.get()), count_ * sizeof(T));
  }
  const T* operator->() const { return items_.get(); }
  const T& operator[](size_t i) const { return items_[i]; }

 private:
  std::unique_ptr<T[]> items_;
  size_t count_;
};

// The segments of one side of a link, by id.
using Segments = std::map<uint32_t, Region>;

uint64_t PositiveDifference(uint64_t more, uint64_t less) { return more > less ? more - less : 0; }

class Decoder {
 public:
  explicit Decoder(const ProcessMemory& memory) : memory_(memory) {}

  Inspection Run() {
    for (const Region& region : memory_.Regions()) LookAt(region);
    for (const auto& [number, segments] : own_) {
      if (segments.contains(0)) AddLink(number, segments);
    }
    const auto by_name = [](const NodeView& a, const NodeView& b) { return a.name < b.name; };
    std::sort(result_.nodes.begin(), result_.nodes.end(), by_name);
    if (faults_ > kFaultsMax) {
      result_.faults.push_back("and " + std::to_string(faults_ - kFaultsMax) + " more");
    }
    return std::move(result_);
  }

 private:
  void Fault(const std::string& what) {
    if (++faults_ <= kFaultsMax) result_.faults.push_back(what);
  }

  // Memory that has none of our magic words is the application's, or gone by now.
  void LookAt(const Region& region) {
    uint64_t magic = 0;
    if (region.num_bytes < sizeof(NodePage)) return;
    if (!memory_.Read(region.address, &magic, sizeof(magic))) return;
    if (magic == kNodeMagic && region.writable) AddNode(region);
    if (magic == kSegmentMagic) AddSegment(region);
  }

  bool VersionFits(uint32_t version, const char* what) {
    if (version == kLayoutVersion) return true;
    Fault(std::string(what) + " has layout version " + std::to_string(version) +
          ", and this command reads " + std::to_string(kLayoutVersion));
    return false;
  }

  void AddNode(const Region& region) {
    Copy<NodePage> page;
    if (!page.Load(memory_, region.address)) return;
    if (!VersionFits(page->layout_version, "a node")) return;
    NodeView node;
    node.name = {page->name[0], page->name[1]};
    if (Find(node.name)) return Fault("two nodes have one name");
    node.broker = (page->flags & kNodeIsBroker) != 0;
    node.portals = page->portals.load(kCopied);
    node.relays = page->relays.load(kCopied);
    node.messages_sent = page->messages_sent.load(kCopied);
    node.messages_received = page->messages_received.load(kCopied);
    node.links_refused = page->links_refused.load(kCopied);
    node.links_broken = page->links_broken.load(kCopied);
    result_.nodes.push_back(std::move(node));
  }

  void AddSegment(const Region& region) {
    Copy<SegmentHeader> header;
    if (region.num_bytes < sizeof(SegmentHeader)) return;
    if (!header.Load(memory_, region.address)) return;
    const char* const whose = region.writable ? "a segment" : "a segment of a peer";
    if (!VersionFits(header->layout_version, whose)) return;
    const Region used = {region.address, header->bytes, region.writable, region.inode};
    if (header->bytes < sizeof(SegmentHeader) || header->bytes > region.num_bytes ||
        header->segment > LaneRef::kSegmentMax || header->link == 0) {
      return Fault(std::string(whose) + " has a header that cannot be");
    }
    Segments& segments = (region.writable ? own_ : peers_)[header->link];
    if (!segments.emplace(header->segment, used).second) {
      Fault(std::string(whose) + " has the number of another one");
    }
  }

  NodeView* Find(const NodeName& name) {
    const auto found = std::find_if(result_.nodes.begin(), result_.nodes.end(),
                                    [&](const NodeView& node) { return node.name == name; });
    return found == result_.nodes.end() ? nullptr : &*found;
  }

  static SegmentsView Sum(const Segments& segments) {
    SegmentsView view;
    for (const auto& [id, region] : segments) {
      ++view.count;
      view.bytes += region.num_bytes;
      if (id == 0) view.first_inode = region.inode;
    }
    return view;
  }

  void AddLink(uint64_t number, const Segments& own) {
    Copy<SegmentHeader> header;
    if (!header.Load(memory_, own.at(0).address)) return;
    const LinkLine& line = header->link_line;
    LinkView link;
    link.number = number;
    link.state = line.state.load(kCopied);
    link.connect_flags = line.connect_flags;
    if (link.state < kLinkConnecting || link.state > kLinkDown) {
      return Fault("a link has state " + std::to_string(link.state));
    }
    link.peer = {line.peer_node[0].load(kCopied), line.peer_node[1].load(kCopied)};
    link.own = Sum(own);
    static const Segments kNone;
    const auto found = peers_.find(line.peer_link.load(kCopied));
    const Segments& peers = found == peers_.end() ? kNone : found->second;
    link.peers = Sum(peers);
    Copy<SegmentHeader> peer_header;
    if (peers.contains(0) && !peer_header.Load(memory_, peers.at(0).address)) return;
    for (uint32_t page = 0; page < kRoutePages; ++page) {
      AddPage(page, header->route_pages[page].load(kCopied), own,
              peer_header->route_pages[page].load(kCopied), peers, &link);
    }
    NodeView* node = Find({line.node[0], line.node[1]});
    if (!node) return Fault("a link belongs to no node");
    node->links.push_back(std::move(link));
  }

  // Where a page of route ends is; none if it is not made yet.
  std::optional<uint64_t> PlaceOf(uint64_t word, uint32_t page, const Segments& segments,
                                  const char* whose) {
    if (word == 0) return {};
    const LaneRef place = LaneRef::Unpack(word);
    const uint64_t bytes = uint64_t{RouteEndsInPage(page)} * sizeof(RouteEndBlock);
    const auto found = segments.find(place.segment);
    if (found != segments.end() && place.offset >= sizeof(SegmentHeader) &&
        place.offset <= found->second.num_bytes &&
        bytes <= found->second.num_bytes - place.offset) {
      return found->second.address + place.offset;
    }
    Fault(std::string(whose) + " page of portals lies nowhere");
    return {};
  }

  // Portals have the same place on both sides, or change it with their neighbour.
  void AddPage(uint32_t page, uint64_t word, const Segments& own, uint64_t peer_word,
               const Segments& peers, LinkView* link) {
    const auto address = PlaceOf(word, page, own, "a");
    if (!address) return;
    const auto peer_address = PlaceOf(peer_word, page, peers, "a peer's");
    const uint32_t first = kRouteEndsFirstPage * ((1u << page) - 1);
    for (uint32_t from = 0; from < RouteEndsInPage(page); from += kRouteEndsFirstPage) {
      Copy<RouteEndBlock> blocks(kRouteEndsFirstPage);
      Copy<RouteEndBlock> peer_blocks(kRouteEndsFirstPage);
      if (!blocks.Load(memory_, *address + from * sizeof(RouteEndBlock))) return;
      if (peer_address &&
          !peer_blocks.Load(memory_, *peer_address + from * sizeof(RouteEndBlock))) {
        return;
      }
      for (uint32_t i = 0; i < kRouteEndsFirstPage; ++i) {
        const uint32_t sublink = first + from + i;
        const uint32_t peer = sublink < kInitialPortalsMax ? i : i ^ 1;
        AddRoute(sublink, blocks[i], peer_blocks[peer], link);
      }
    }
  }

  void AddRoute(uint32_t sublink, const RouteEndBlock& own, const RouteEndBlock& peer,
                LinkView* link) {
    const uint32_t state = own.attention.state.load(kCopied);
    const uint32_t peer_state = peer.attention.state.load(kCopied);
    if (state == kRouteUnused) return;
    if (state > kRouteClosed) return Fault("a portal has state " + std::to_string(state));
    RouteView route;
    route.sublink = sublink;
    route.closed = state == kRouteClosed;
    route.peer_closed = link->state == kLinkDown || peer_state == kRouteClosed;
    route.relay = own.attention.hops.load(kCopied) != 0;
    route.hops = peer.attention.hops.load(kCopied);
    route.out = Direction(own.producer, peer.consumer, "a");
    route.in = Direction(peer.producer, own.consumer, "a peer's");
    link->routes.push_back(route);
  }

  DirectionView Direction(const ProducerLine& producer, const ConsumerLine& consumer,
                          const char* whose) {
    DirectionView view;
    view.parcels = producer.parcels.load(kCopied);
    view.bytes = producer.bytes.load(kCopied);
    view.queued_parcels = PositiveDifference(view.parcels, consumer.parcels.load(kCopied));
    view.queued_bytes = PositiveDifference(view.bytes, consumer.bytes.load(kCopied));
    const uint64_t lane = producer.lane.load(kCopied);
    const uint32_t log2 = LaneRef::Unpack(lane).log2_capacity;
    view.lane_bytes = lane == 0 ? 0 : uint64_t{1} << log2;
    if (lane != 0 && (view.lane_bytes < kLaneBytesMin || view.lane_bytes > kLaneBytesMax)) {
      Fault(std::string(whose) + " lane has 2^" + std::to_string(log2) + " bytes");
      view.lane_bytes = 0;
    }
    return view;
  }

  const ProcessMemory& memory_;
  Inspection result_;
  size_t faults_ = 0;
  std::map<uint64_t, Segments> own_;  // by the link's number
  std::map<uint64_t, Segments> peers_;
};

}  // namespace

Inspection Inspect(const ProcessMemory& memory) { return Decoder(memory).Run(); }

}  // namespace ringway::cmd
