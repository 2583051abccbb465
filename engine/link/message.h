// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_LINK_MESSAGE_H_
#define ENGINE_LINK_MESSAGE_H_

#include <cstring>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

#include "engine/base/small_vector.h"
#include "engine/link/driver_port.h"
#include "engine/link/message_layout.h"
#include "engine/route/edge_token.h"

namespace ringway {

// Builds a message: header and body, then objects.
class MessageBuilder {
 public:
  template <class Body>
  MessageBuilder(MessageType type, const Body& body) : type_(type) {
    static_assert(std::is_trivially_copyable_v<Body>);
    Append(MessageHeader{static_cast<uint32_t>(type), 0});
    Append(body);
  }

  MessageType type() const { return type_; }

  // Serializes `object` for `transport`, the same for all. Consumes it if the
  // result is OK.
  IpczResult AddObject(const DriverPort& driver, IpczDriverHandle transport,
                       IpczDriverHandle object);

  // Turns the objects added so far back into driver objects, into `objects`,
  // for a caller who cannot send them after all.
  void TakeBack(const DriverPort& driver, std::vector<IpczDriverHandle>* objects);

  // Closes the objects of a message that is not sent.
  void Drop(const DriverPort& driver);

  // Whether the message takes the way through the broker, its objects being
  // serialized for the link to it; and the message that then goes there.
  bool relayed() const { return relayed_; }
  void SetRelayed() { relayed_ = true; }
  MessageBuilder Relay(RelayBody body);

  // The finished message; the handles belong to whoever transmits it.
  std::span<const std::byte> Finish();
  const std::vector<IpczDriverHandle>& handles() const { return handles_; }

 private:
  template <class T>
  void Append(const T& value) {
    const size_t at = bytes_.size();
    bytes_.resize(at + sizeof(value));
    std::memcpy(bytes_.data() + at, &value, sizeof(value));
  }

  // Those of most messages: a wake, a step of a route that moves.
  SmallVector<std::byte, 64> bytes_;
  std::vector<ObjectHeader> objects_;
  std::vector<std::byte> object_bytes_;
  std::vector<IpczDriverHandle> handles_;
  IpczDriverHandle transport_ = IPCZ_INVALID_DRIVER_HANDLE;  // the objects are serialized for it
  MessageType type_;
  bool relayed_ = false;
};

// A message as received: bounded, with its objects told apart. Driver handles
// that are not deserialized are closed with it.
class Message {
 public:
  Message(std::span<const std::byte> bytes, std::span<const IpczDriverHandle> handles,
          Ref<DriverPort> driver);
  // One that has come through our broker, with its objects.
  Message(const RelayBody& body, std::vector<IpczDriverHandle> objects, Ref<DriverPort> driver);
  ~Message();
  Message(Message&& other) = default;
  Message(const Message&) = delete;

  // False if the bytes are no message, whatever they are.
  bool Parse();

  MessageType type() const { return type_; }
  size_t objects() const { return relayed_ ? handles_.size() : objects_.size(); }
  bool relayed() const { return relayed_; }
  const Key& source() const { return source_; }  // of a relayed one

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

  SmallVector<std::byte, 64> bytes_;
  std::vector<IpczDriverHandle> handles_;  // 0 once taken; of a relayed one, the objects
  Ref<DriverPort> driver_;
  bool relayed_ = false;
  Key source_ = {};
  MessageType type_{};
  std::vector<Object> objects_;
};

}  // namespace ringway

#endif  // ENGINE_LINK_MESSAGE_H_
