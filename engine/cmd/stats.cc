// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/cmd/stats.h"

#include <unistd.h>

#include <algorithm>
#include <cinttypes>
#include <cstdarg>
#include <cstdio>
#include <string>

#include "engine/cmd/api.h"
#include "ringway/driver_extension.h"
#include "ringway/driver_linux.h"

namespace ringway::cmd {

namespace {

// Adds one line. To be written in one go, since the peer may print on the same terminal.
[[gnu::format(printf, 2, 3)]] void AddLine(std::string* text, const char* format, ...) {
  constexpr size_t kLineBytesMax = 512;
  char line[kLineBytesMax];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(line, sizeof(line), format, arguments);
  va_end(arguments);
  *text += std::string("ringway: ") + line + "\n";
}

void AddDirection(std::string* text, const char* direction, const StreamCounts& counts) {
  constexpr double kSecondsMin = 1e-9;
  constexpr double kMegabyte = 1e6;
  const double seconds = std::max(counts.seconds(), kSecondsMin);
  AddLine(text, "%s %" PRIu64 " bytes in %.3f s (%.1f MB/s), %" PRIu64 " parcels", direction,
          counts.bytes(), seconds, static_cast<double>(counts.bytes()) / seconds / kMegabyte,
          counts.parcels());
}

const char* NameOfReactor(uint64_t back_end) {
  switch (back_end) {
    case RINGWAY_REACTOR_EPOLL:
      return "epoll";
    case RINGWAY_REACTOR_IO_URING:
      return "io_uring";
    default:
      return "none";
  }
}

// What the engine and the driver had to do for this session.
void AddSystem(std::string* text, const Session& session, const RingwayNodeCounters& node) {
  RingwayPortalCounters portal = {};
  portal.size = sizeof(portal);
  Ringway().QueryPortalCounters(session.data(), &portal);
  RingwayDriverStatistics driver = {};
  driver.size = sizeof(driver);
  if (const auto* extension = RingwayFindDriverExtension(RingwayLinuxDriver())) {
    extension->QueryStatistics(&driver);
  }
  AddLine(text,
          "woke the peer %" PRIu64 " times, slept %" PRIu64 " times, grew %" PRIu64
          " lanes (now %" PRIu64 " bytes out, %" PRIu64 " in)",
          portal.wakes_sent, driver.word_waits, portal.lanes_grown, portal.lane_bytes_out,
          portal.lane_bytes_in);
  AddLine(text,
          "%" PRIu64 " segments with %" PRIu64 " bytes, %" PRIu64 " messages out, %" PRIu64
          " in, %" PRIu64 " system calls for them, reactor %s",
          node.segments, node.segment_bytes, driver.messages_sent, driver.messages_received,
          driver.system_calls, NameOfReactor(driver.reactor_back_end));
}

void Print(const std::string& text) {
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace

StreamCounts::StreamCounts() : started_ns_(NowNs()) {}

void StreamCounts::Add(uint64_t num_bytes) {
  bytes_ += num_bytes;
  ++parcels_;
}

void StreamCounts::Finish() { finished_ns_ = NowNs(); }

double StreamCounts::seconds() const {
  constexpr double kSecondNs = 1e9;
  const uint64_t until_ns = finished() ? finished_ns_.load() : NowNs();
  return static_cast<double>(until_ns - started_ns_) / kSecondNs;
}

RingwayNodeCounters ReadNodeCounters(const Session& session) {
  RingwayNodeCounters counters = {};
  counters.size = sizeof(counters);
  Ringway().QueryNodeCounters(session.node(), &counters);
  return counters;
}

void PrintStreamStats(const Session& session, const RingwayNodeCounters& node,
                      const StreamCounts& sent, const StreamCounts& received) {
  std::string text;
  AddDirection(&text, "sent", sent);
  AddDirection(&text, "received", received);
  AddSystem(&text, session, node);
  Print(text);
}

void PrintPingStats(const Session& session, const RingwayNodeCounters& node) {
  std::string text;
  AddSystem(&text, session, node);
  Print(text);
}

}  // namespace ringway::cmd
