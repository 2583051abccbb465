// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/cmd/inspect.h"

#include <algorithm>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include "engine/cmd/failure.h"
#include "engine/cmd/live_process.h"
#include "engine/link/message_layout.h"
#include "shm/segment_layout.h"

namespace ringway::cmd {

namespace {

using Json = nlohmann::ordered_json;

struct Rate {
  double parcels = 0;  // a second
  double bytes = 0;
};

// Two looks at a process, and what lay between.
struct Report {
  Inspection now;
  std::map<uint64_t, Writer> writers;                         // of segments of peers, by inode
  double seconds = 0;                                         // 0: there was one look only
  std::map<std::pair<uint64_t, uint32_t>, RouteView> before;  // by link and sublink

  Rate RateOf(const LinkView& link, const RouteView& route,
              DirectionView RouteView::*direction) const {
    const auto found = before.find({link.number, route.sublink});
    if (found == before.end()) return {};
    const DirectionView& then = found->second.*direction;
    const DirectionView& now_ = route.*direction;
    // Less than before: another route by now.
    if (now_.parcels < then.parcels || now_.bytes < then.bytes) return {};
    return {static_cast<double>(now_.parcels - then.parcels) / seconds,
            static_cast<double>(now_.bytes - then.bytes) / seconds};
  }
};

std::string NameOf(const NodeName& name) {
  if (name == NodeName{}) return "unknown";
  char text[33];
  std::snprintf(text, sizeof(text), "%016" PRIx64 "%016" PRIx64, name[0], name[1]);
  return text;
}

const char* NameOfState(uint32_t state) {
  if (state == kLinkUp) return "up";
  return state == kLinkConnecting ? "connecting" : "down";
}

// How the two nodes of a link came to know each other.
const char* NameOfPeer(uint32_t connect_flags) {
  if ((connect_flags & kConnectToBroker) != 0) return "broker";
  if ((connect_flags & kConnectIsBroker) != 0) return "client";
  if ((connect_flags & kConnectInheritsBroker) != 0) return "shares its broker";
  if ((connect_flags & kConnectSharesBroker) != 0) return "inherits our broker";
  return "introduced";
}

const char* NameOfRoute(const RouteView& route) {
  if (route.relay) return "forwards";
  return route.hops == 0 ? "direct" : "relayed";
}

const char* NameOfEnds(const RouteView& route) {
  if (route.closed) return "closed";
  return route.peer_closed ? "peer closed" : "open";
}

Json JsonOf(const Report& report, const LinkView& link, const RouteView& route,
            DirectionView RouteView::*direction) {
  const DirectionView& view = route.*direction;
  Json json = {{"parcels", view.parcels},
               {"bytes", view.bytes},
               {"queued_parcels", view.queued_parcels},
               {"queued_bytes", view.queued_bytes},
               {"lane_bytes", view.lane_bytes}};
  if (report.seconds != 0) {
    const Rate rate = report.RateOf(link, route, direction);
    json["parcels_per_second"] = rate.parcels;
    json["bytes_per_second"] = rate.bytes;
  }
  return json;
}

Json JsonOf(const SegmentsView& segments) {
  return {{"count", segments.count}, {"bytes", segments.bytes}};
}

Json JsonOf(const Report& report, const LinkView& link) {
  Json json = {{"peer", NameOf(link.peer)},           {"peer_is", NameOfPeer(link.connect_flags)},
               {"state", NameOfState(link.state)},    {"segments", JsonOf(link.own)},
               {"peer_segments", JsonOf(link.peers)}, {"routes", Json::array()}};
  if (const auto found = report.writers.find(link.peers.first_inode);
      found != report.writers.end()) {
    json["peer_pid"] = found->second.pid;
    json["peer_process"] = found->second.name;
  }
  for (const RouteView& route : link.routes) {
    json["routes"].push_back({{"sublink", route.sublink},
                              {"state", NameOfEnds(route)},
                              {"route", NameOfRoute(route)},
                              {"hops", route.hops},
                              {"out", JsonOf(report, link, route, &RouteView::out)},
                              {"in", JsonOf(report, link, route, &RouteView::in)}});
  }
  return json;
}

void PrintJson(const Report& report, const Options& options, const LiveProcess& process) {
  Json json = {{"pid", options.pid},
               {"process", process.name()},
               {"seconds", report.seconds},
               {"nodes", Json::array()},
               {"faults", report.now.faults}};
  for (const NodeView& node : report.now.nodes) {
    Json links = Json::array();
    for (const LinkView& link : node.links) links.push_back(JsonOf(report, link));
    json["nodes"].push_back({{"name", NameOf(node.name)},
                             {"broker", node.broker},
                             {"portals", node.portals},
                             {"relays", node.relays},
                             {"messages_sent", node.messages_sent},
                             {"messages_received", node.messages_received},
                             {"links_refused", node.links_refused},
                             {"links_broken", node.links_broken},
                             {"links", std::move(links)}});
  }
  // The name of a program need not be UTF-8.
  std::printf("%s\n", json.dump(-1, ' ', false, Json::error_handler_t::replace).c_str());
}

void PrintDirection(const Report& report, const LinkView& link, const RouteView& route,
                    DirectionView RouteView::*direction) {
  const DirectionView& view = route.*direction;
  std::printf("  %10" PRIu64 " %12" PRIu64 " %7" PRIu64 " %10" PRIu64 " %8" PRIu64, view.parcels,
              view.bytes, view.queued_parcels, view.queued_bytes, view.lane_bytes);
  if (report.seconds == 0) return;
  const Rate rate = report.RateOf(link, route, direction);
  std::printf(" %9.0f %12.0f", rate.parcels, rate.bytes);
}

void PrintColumns(const Report& report, const char* direction) {
  std::printf("  %10s %12s %7s %10s %8s", direction, "bytes", "queued", "bytes", "lane");
  if (report.seconds != 0) std::printf(" %9s %12s", "parcels/s", "bytes/s");
}

void PrintLink(const Report& report, const LinkView& link) {
  std::printf("  link to %s (%s), %s", NameOf(link.peer).c_str(), NameOfPeer(link.connect_flags),
              NameOfState(link.state));
  if (const auto found = report.writers.find(link.peers.first_inode);
      found != report.writers.end()) {
    std::printf(", process %d %s", found->second.pid, found->second.name.c_str());
  }
  std::printf("\n    segments: %" PRIu64 " with %" PRIu64 " bytes ours, %" PRIu64 " with %" PRIu64
              " bytes the peer's\n",
              link.own.count, link.own.bytes, link.peers.count, link.peers.bytes);
  if (link.routes.empty()) return;
  std::printf("    %7s %-11s %-8s %4s", "sublink", "state", "route", "hops");
  PrintColumns(report, "put");
  PrintColumns(report, "received");
  std::printf("\n");
  for (const RouteView& route : link.routes) {
    std::printf("    %7" PRIu32 " %-11s %-8s %4" PRIu64, route.sublink, NameOfEnds(route),
                NameOfRoute(route), route.hops);
    PrintDirection(report, link, route, &RouteView::out);
    PrintDirection(report, link, route, &RouteView::in);
    std::printf("\n");
  }
}

void PrintText(const Report& report, const Options& options, const LiveProcess& process) {
  std::printf("process %d %s\n", options.pid, process.name().c_str());
  for (const NodeView& node : report.now.nodes) {
    std::printf(
        "node %s%s: %" PRIu64 " portals, %" PRIu64 " relays, %" PRIu64 " messages sent, %" PRIu64
        " received, %" PRIu64 " links refused, %" PRIu64 " broken\n",
        NameOf(node.name).c_str(), node.broker ? " (broker)" : "", node.portals, node.relays,
        node.messages_sent, node.messages_received, node.links_refused, node.links_broken);
    for (const LinkView& link : node.links) PrintLink(report, link);
  }
}

Report Look(const LiveProcess& process, double interval_s) {
  using Clock = std::chrono::steady_clock;
  Report report;
  const Clock::time_point start = Clock::now();
  report.now = Inspect(process);
  if (interval_s > 0) {
    for (const NodeView& node : report.now.nodes) {
      for (const LinkView& link : node.links) {
        for (const RouteView& route : link.routes) {
          report.before[{link.number, route.sublink}] = route;
        }
      }
    }
    std::this_thread::sleep_until(start + std::chrono::duration<double>(interval_s));
    report.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    report.now = Inspect(process);
  }
  std::set<uint64_t> inodes;
  for (const NodeView& node : report.now.nodes) {
    for (const LinkView& link : node.links) inodes.insert(link.peers.first_inode);
  }
  report.writers = FindWriters(inodes);
  return report;
}

}  // namespace

void InspectProcess(const Options& options) {
  const LiveProcess process(options.pid);
  const Report report = Look(process, options.interval_s);
  if (report.now.nodes.empty() && report.now.faults.empty()) {
    Fail(process.what(), "there is no node of Ringway in it",
         "a process shows its nodes while it has them, with the Linux driver");
  }
  if (options.json) {
    PrintJson(report, options, process);
  } else {
    PrintText(report, options, process);
  }
  if (std::fflush(stdout) != 0) {
    Fail(process.what(), "cannot write standard output", "see where it leads");
  }
  if (report.now.faults.empty()) return;
  std::string all = report.now.faults.front();
  for (size_t i = 1; i < report.now.faults.size(); ++i) all += "; " + report.now.faults[i];
  Fail(process.what(), all, "the memory is damaged, or of another version of Ringway");
}

}  // namespace ringway::cmd
