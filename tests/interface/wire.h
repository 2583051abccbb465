// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Messages as bytes, for tests of what they are and of those that cannot be.

#ifndef TESTS_INTERFACE_WIRE_H_
#define TESTS_INTERFACE_WIRE_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <map>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "ringway/message_layout.h"
#include "tests/interface/local_node.h"

namespace ringway::testing {

using Bytes = std::vector<std::byte>;

inline std::string Hex(const Bytes& bytes) {
  std::string hex;
  for (const std::byte byte : bytes) {
    hex += "0123456789abcdef"[std::to_integer<int>(byte >> 4)];
    hex += "0123456789abcdef"[std::to_integer<int>(byte & std::byte{15})];
  }
  return hex;
}

// The bytes of messages by their names, as a file of lines `name hex` has them.
inline std::map<std::string, std::string> ReadGolden(const char* path) {
  std::ifstream file(path);
  std::map<std::string, std::string> golden;
  for (std::string name, hex; file >> name >> hex;) golden[name] = hex;
  return golden;
}

inline Bytes Prefix(const Bytes& bytes, size_t size) {
  return Bytes(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size));
}

// What the server answers to that; nothing if it closes the portal.
inline Bytes Exchange(Portal& portal, const Bytes& request, std::span<Handle> handles = {}) {
  EXPECT_EQ(portal.Put(request, handles), IPCZ_RESULT_OK);
  EXPECT_EQ(portal.Wait(Deadline::In(20'000'000'000)), IPCZ_RESULT_OK);
  auto reply = portal.Get();
  return reply ? reply->bytes : Bytes();
}

// The same with as many portals of that node as the message says it has.
inline Bytes Exchange(Node& node, Portal& portal, const Bytes& request) {
  const size_t at = offsetof(RequestHeader, attachments);
  const size_t count = request.size() > at ? std::to_integer<size_t>(request[at]) : 0;
  std::vector<Handle> handles;
  for (size_t i = 0; i < std::min(count, kAttachmentsMax); ++i) {
    handles.emplace_back(node.OpenPortals()->first.Release());
  }
  return Exchange(portal, request, handles);
}

inline int64_t StatusIn(const Bytes& reply) {
  ReplyHeader header = {};
  if (reply.size() < sizeof(header)) return 0;
  std::memcpy(&header, reply.data(), sizeof(header));
  return header.status;
}

// What `call`, given the client's portal, makes of that reply.
template <class Call>
long Answered(LocalNode& node, const Call& call, const Bytes& reply) {
  auto pair = node.Pair();
  Portal& far = pair.second;
  std::thread server([&] {
    ASSERT_EQ(far.Wait(Deadline::In(20'000'000'000)), IPCZ_RESULT_OK);
    static_cast<void>(far.Get());
    ASSERT_EQ(far.Put(reply), IPCZ_RESULT_OK);
    far.Close();
  });
  const long status = call(std::move(pair.first));
  server.join();
  return status;
}

}  // namespace ringway::testing

#endif  // TESTS_INTERFACE_WIRE_H_
