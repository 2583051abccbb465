// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef TESTS_INTERFACE_INBOX_NODE_H_
#define TESTS_INTERFACE_INBOX_NODE_H_

#include <cstdlib>
#include <functional>
#include <numeric>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "ringway/inbox.h"
#include "ringway/messenger.h"
#include "tests/interface/served_node.h"

namespace ringway::testing {

inline std::vector<std::byte> SomeBytes(size_t num_bytes, uint8_t first = 1) {
  std::vector<std::byte> bytes(num_bytes);
  for (size_t i = 0; i < num_bytes; ++i) bytes[i] = static_cast<std::byte>(first + i);
  return bytes;
}

inline uint64_t SumOf(std::span<const std::byte> bytes) {
  return std::accumulate(bytes.begin(), bytes.end(), uint64_t{0}, [](uint64_t sum, std::byte byte) {
    return sum + std::to_integer<uint64_t>(byte);
  });
}

inline bool Equal(std::span<const std::byte> a, std::span<const std::byte> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

// An inbox, and a messenger at `place`. Replies come from threads of the test.
class InboxNode {
 public:
  InboxNode() : inbox(served.node()) {}

  Messenger Connect(Place place, Admission admission = {}) {
    if (place == Place::kSameNode) return Messenger(*inbox.Open(std::move(admission)));
    auto [here, there] = served.TakeLink();
    inbox.Admit(std::move(here), std::move(admission));
    return Messenger(std::move(there));
  }
  Node& ClientNode(Place place) {
    return place == Place::kSameNode ? served.node() : served.neighbour();
  }
  // The next message, which must come.
  Envelope Next() {
    Envelope message;
    if (inbox.Receive(&message, Deadline::In(20'000'000'000)) != RW_EOK) std::abort();
    return message;
  }

  ServedNode served;
  Inbox inbox;
};

// Calls on a thread of its own, and waits for that at the latest when this ends.
class Meanwhile {
 public:
  explicit Meanwhile(std::function<void()> what) : thread_(std::move(what)) {}
  ~Meanwhile() { Join(); }
  void Join() {
    if (thread_.joinable()) thread_.join();
  }

 private:
  std::thread thread_;
};

}  // namespace ringway::testing

#endif  // TESTS_INTERFACE_INBOX_NODE_H_
