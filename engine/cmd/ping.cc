// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/cmd/ping.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "engine/cmd/api.h"
#include "engine/cmd/latency.h"
#include "engine/cmd/stats.h"

namespace ringway::cmd {

namespace {

constexpr size_t kWarmUpMax = 1000;
constexpr uint64_t kReplyPatienceNs = 10'000'000'000;
// What a pinger may leave unread: it sends one parcel at a time.
constexpr size_t kQueuedParcelsMax = 16;

class Pinger {
 public:
  Pinger(Session& session, const Options& options)
      : session_(session),
        wait_mode_(options.wait_mode),
        ping_(options.size_bytes),
        pong_(options.size_bytes) {}

  // Nanoseconds.
  uint64_t RoundTrip() {
    // So that a reply to an earlier one, or part of one, is found out.
    ++sequence_;
    const size_t marked = std::min(sizeof(sequence_), ping_.size());
    std::memcpy(ping_.data(), &sequence_, marked);
    std::memcpy(ping_.data() + ping_.size() - marked, &sequence_, marked);
    const uint64_t start_ns = NowNs();
    const IpczResult result =
        Ipcz().Put(session_.data(), ping_.data(), ping_.size(), nullptr, 0, IPCZ_NO_FLAGS, nullptr);
    if (result == IPCZ_RESULT_NOT_FOUND) Fail(session_.what(), session_.WhyPeerLeft());
    if (result == IPCZ_RESULT_RESOURCE_EXHAUSTED) {
      Fail(session_.what(), "no shared memory for the ping", "free some memory, or lower --size");
    }
    if (result != IPCZ_RESULT_OK) FailCall("send a ping", result);
    const size_t num_bytes = Receive(start_ns + kReplyPatienceNs);
    const uint64_t end_ns = NowNs();
    if (num_bytes != ping_.size() || std::memcmp(pong_.data(), ping_.data(), marked) != 0 ||
        std::memcmp(pong_.data() + num_bytes - marked, ping_.data() + num_bytes - marked, marked) !=
            0) {
      Fail(session_.what(), "the reply is not what was sent",
           "this is a fault in Ringway; please report it");
    }
    return end_ns - start_ns;
  }

 private:
  size_t Receive(uint64_t deadline_ns) {
    if (!WaitFor(session_.data(), RINGWAY_WAIT_READABLE, wait_mode_, deadline_ns)) {
      Fail(session_.what(), "no reply within 10 seconds", "is the listener stopped?");
    }
    size_t num_bytes = pong_.size();
    const IpczResult result = Ipcz().Get(session_.data(), IPCZ_NO_FLAGS, nullptr, pong_.data(),
                                         &num_bytes, nullptr, nullptr, nullptr);
    if (result == IPCZ_RESULT_NOT_FOUND) Fail(session_.what(), session_.WhyPeerLeft());
    return result == IPCZ_RESULT_OK ? num_bytes : 0;
  }

  Session& session_;
  const RingwayWaitMode wait_mode_;
  std::vector<char> ping_;
  std::vector<char> pong_;
  uint64_t sequence_ = 0;
};

void PrintJson(const Options& options, const LatencySummary& summary) {
  const nlohmann::ordered_json report = {
      {"name", options.name},
      {"count", options.count},
      {"bytes", options.size_bytes},
      {"wait", NameOfWaitMode(options.wait_mode)},
      {"unit", "ns"},
      {"min", summary.min},
      {"p50", summary.p50},
      {"p90", summary.p90},
      {"p99", summary.p99},
      {"p99.9", summary.p999},
      {"max", summary.max},
      {"mean", summary.mean},
  };
  // A name need not be UTF-8.
  constexpr auto kReplace = nlohmann::ordered_json::error_handler_t::replace;
  std::printf("%s\n", report.dump(-1, ' ', false, kReplace).c_str());
}

void PrintText(const Options& options, const LatencySummary& summary) {
  constexpr double kMicrosecondNs = 1000;
  const auto us = [](auto ns) { return static_cast<double>(ns) / kMicrosecondNs; };
  std::printf("%s: %zu round trips of %zu bytes, waiting: %s\n", options.name.c_str(),
              options.count, options.size_bytes, NameOfWaitMode(options.wait_mode));
  std::printf(
      "min %.2f  p50 %.2f  p90 %.2f  p99 %.2f  p99.9 %.2f  max %.2f  mean %.2f microseconds\n",
      us(summary.min), us(summary.p50), us(summary.p90), us(summary.p99), us(summary.p999),
      us(summary.max), us(summary.mean));
}

// Puts back one parcel. False when there is none.
bool EchoOne(Session& session) {
  const void* data = nullptr;
  size_t num_bytes = 0;
  size_t num_handles = 0;
  IpczResult result =
      Ipcz().BeginGet(session.data(), IPCZ_NO_FLAGS, nullptr, &data, &num_bytes, &num_handles);
  if (result == IPCZ_RESULT_UNAVAILABLE || result == IPCZ_RESULT_NOT_FOUND) return false;
  if (result != IPCZ_RESULT_OK) FailCall("begin to read a ping", result);
  if (num_handles != 0) {
    Fail(session.what(), "the peer sent a parcel with handles",
         "use the same Ringway on both sides");
  }
  const IpczPutLimits limits = {sizeof(limits), kQueuedParcelsMax, SIZE_MAX};
  const IpczPutOptions options = {sizeof(options), &limits};
  result = Ipcz().Put(session.data(), data, num_bytes, nullptr, 0, IPCZ_NO_FLAGS, &options);
  if (result == IPCZ_RESULT_RESOURCE_EXHAUSTED) {
    Fail(session.what(), "no room for the reply", "free some memory, or ping with a lower --size");
  }
  if (result != IPCZ_RESULT_OK && result != IPCZ_RESULT_NOT_FOUND) FailCall("reply", result);
  result = Ipcz().EndGet(session.data(), num_bytes, 0, IPCZ_NO_FLAGS, nullptr, nullptr, nullptr);
  if (result != IPCZ_RESULT_OK) FailCall("finish reading a ping", result);
  return true;
}

}  // namespace

void Ping(Session& session, const Options& options) {
  Pinger pinger(session, options);
  for (size_t i = 0; i < std::min(options.count, kWarmUpMax); ++i) pinger.RoundTrip();
  std::vector<uint64_t> samples(options.count);
  for (uint64_t& sample : samples) sample = pinger.RoundTrip();
  if (options.stats) PrintPingStats(session, ReadNodeCounters(session));
  session.Say({kFarewellDone, 0, 0});
  const LatencySummary summary = Summarize(std::move(samples));
  if (options.json) {
    PrintJson(options, summary);
  } else {
    PrintText(options, summary);
  }
  if (std::fflush(stdout) != 0) {
    Fail(session.what(), "cannot write standard output", "see where it leads");
  }
}

void Echo(Session& session, bool stats) {
  const RingwayWaitMode wait_mode = session.peer().wait_mode;
  if (wait_mode != 0 && wait_mode != RINGWAY_WAIT_MODE_POLL &&
      wait_mode != RINGWAY_WAIT_MODE_PARK) {
    Fail(session.what(), "the peer wants to wait in a way that there is not",
         "use the same Ringway on both sides");
  }
  RingwayNodeCounters node = {};
  do {
    WaitFor(session.data(), RINGWAY_WAIT_READABLE, wait_mode, RINGWAY_NO_DEADLINE);
    if (stats && node.links == 0) node = ReadNodeCounters(session);
  } while (EchoOne(session));
  if (stats) PrintPingStats(session, node);
  const std::optional<Farewell> farewell = session.TakeFarewell();
  if (!farewell) Fail(session.what(), session.WhyPeerLeft());
  if (farewell->kind != kFarewellDone) Fail(session.what(), Session::Explain(*farewell));
}

}  // namespace ringway::cmd
