// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef TESTS_SUPPORT_NODE_MESSAGES_H_
#define TESTS_SUPPORT_NODE_MESSAGES_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// What a test and the processes of its nodes (node_process.h) say to each other.

namespace ringway::testing {

enum class NodeMessage : uint64_t {
  kConnection,  // on the first connection only: here is another one, to serve
  kCall,
  kReply,
  kEvent,  // a trap went off; its handler is to be called
  kHandled,
};

class Message {
 public:
  Message() = default;
  explicit Message(NodeMessage type) : type_(type) {}

  NodeMessage type() const { return type_; }
  void Add(uint64_t value) { bytes_.append(reinterpret_cast<const char*>(&value), sizeof(value)); }
  // Null is something else than nothing.
  void AddBytes(const void* data, size_t num_bytes);
  void AddDescriptor(int fd) { descriptors_.push_back(fd); }

  // In the order in which they were added.
  uint64_t Take();
  std::optional<std::string> TakeBytes();
  int TakeDescriptor();

 private:
  friend class Connection;
  NodeMessage type_ = NodeMessage::kCall;
  std::string bytes_;
  size_t taken_ = 0;
  std::vector<int> descriptors_;  // what is sent is closed here
};

// A stream of messages, for one thread on each side.
class Connection {
 public:
  explicit Connection(int fd) : fd_(fd) {}
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // The second is for another process.
  static std::pair<std::shared_ptr<Connection>, int> CreatePair();

  // False once the other side has ended.
  bool Send(Message message);
  bool Receive(Message* message);
  // Both sides find the connection ended. From any thread.
  void End();

 private:
  const int fd_;
};

}  // namespace ringway::testing

#endif  // TESTS_SUPPORT_NODE_MESSAGES_H_
