// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_LINK_MESSAGE_H_
#define ENGINE_LINK_MESSAGE_H_

#include <cstring>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

#include "engine/link/driver_port.h"
#include "engine/link/message_layout.h"

namespace ringway {

// Builds a message: header and body, then objects.
class MessageBuilder {
 public:
  template <class Body>
  MessageBuilder(MessageType type, const Body& body) {
    static_assert(std::is_trivially_copyable_v<Body>);
    Append(MessageHeader{static_cast<uint32_t>(type), 0});
    Append(body);
  }

  // Serializes `object` for `transport`. Consumes it if the result is OK.
  IpczResult AddObject(const DriverPort& driver, IpczDriverHandle transport,
                       IpczDriverHandle object);

  // Turns the objects added so far back into driver objects, into `objects`,
  // for a caller who cannot send them after all.
  void TakeBack(const DriverPort& driver, IpczDriverHandle transport,
                std::vector<IpczDriverHandle>* objects);

  // The finished message; the handles belong to whoever transmits it.
  std::vector<std::byte> Finish();
  const std::vector<IpczDriverHandle>& handles() const { return handles_; }

 private:
  template <class T>
  void Append(const T& value) {
    const size_t at = bytes_.size();
    bytes_.resize(at + sizeof(value));
    std::memcpy(bytes_.data() + at, &value, sizeof(value));
  }

  std::vector<std::byte> bytes_;
  std::vector<ObjectHeader> objects_;
  std::vector<std::byte> object_bytes_;
  std::vector<IpczDriverHandle> handles_;
};

// A message as received: bounded, with its objects told apart. Driver handles
// that are not deserialized are closed with it.
class Message {
 public:
  Message(std::span<const std::byte> bytes, std::span<const IpczDriverHandle> handles,
          Ref<DriverPort> driver);
  ~Message();
  Message(Message&& other) = default;
  Message(const Message&) = delete;

  // False if the bytes are no message, whatever they are.
  bool Parse();

  MessageType type() const { return type_; }
  size_t objects() const { return objects_.size(); }

  // The body; Parse() has checked that its size is that of the type.
  template <class Body>
  Body body() const {
    Body body;
    std::memcpy(&body, bytes_.data() + sizeof(MessageHeader), sizeof(body));
    return body;
  }

  // Deserializes object `index`; 0 if the driver refuses it.
  IpczDriverHandle TakeObject(size_t index, IpczDriverHandle transport);

 private:
  struct Object {
    size_t first_byte;
    size_t bytes;
    size_t first_handle;
    size_t handles;
  };

  std::vector<std::byte> bytes_;
  std::vector<IpczDriverHandle> handles_;  // 0 once taken
  Ref<DriverPort> driver_;
  MessageType type_{};
  std::vector<Object> objects_;
};

}  // namespace ringway

#endif  // ENGINE_LINK_MESSAGE_H_
