// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/link/message.h"

#include <algorithm>

namespace ringway {

namespace {

// The body's size, and how many objects a message of this type may carry;
// nothing for a type that is not known.
struct Shape {
  size_t body_bytes;
  uint32_t objects_min;
  uint32_t objects_max;
};

std::optional<Shape> ShapeOf(uint32_t type) {
  switch (static_cast<MessageType>(type)) {
    case MessageType::kConnect:
      return Shape{sizeof(ConnectBody), 0, 1};
    case MessageType::kAddSegment:
      return Shape{sizeof(AddSegmentBody), 1, 1};
    case MessageType::kDropSegment:
      return Shape{sizeof(DropSegmentBody), 0, 0};
    case MessageType::kReady:
      return Shape{sizeof(ReadyBody), 0, 0};
    case MessageType::kObjects:
      return Shape{sizeof(ObjectsBody), 1, kMessageObjectsMax};
    case MessageType::kFreed:
      return Shape{sizeof(FreedBody), 0, 0};
    case MessageType::kRequestIntroduction:
    case MessageType::kNoIntroduction:
      return Shape{sizeof(IntroductionBody), 0, 0};
    case MessageType::kIntroduce:
      return Shape{sizeof(IntroductionBody), 1, 1};
    case MessageType::kRequestMemory:
      return Shape{sizeof(MemoryBody), 0, 0};
    case MessageType::kProvideMemory:
      return Shape{sizeof(MemoryBody), 0, 1};
    case MessageType::kRelay:
      return Shape{sizeof(RelayBody), 0, kMessageObjectsMax};
    case MessageType::kNotRelayed:
      return Shape{sizeof(RelayBody), 0, 0};
    case MessageType::kSeek:
      return Shape{sizeof(SeekBody), 0, 0};
    case MessageType::kFound:
      return Shape{sizeof(FoundBody), 0, 1};
    default:
      break;
  }
  const bool routing = type >= static_cast<uint32_t>(MessageType::kWant) &&
                       type <= static_cast<uint32_t>(MessageType::kPoke);
  if (routing) return Shape{sizeof(RouteBody), 0, 0};
  return std::nullopt;
}

}  // namespace

IpczResult MessageBuilder::AddObject(const DriverPort& driver, IpczDriverHandle transport,
                                     IpczDriverHandle object) {
  const size_t bytes = object_bytes_.size();
  const size_t handles = handles_.size();
  const IpczResult result = driver.Serialize(object, transport, &object_bytes_, &handles_);
  if (result != IPCZ_RESULT_OK) return result;
  objects_.push_back({static_cast<uint32_t>(object_bytes_.size() - bytes),
                      static_cast<uint32_t>(handles_.size() - handles)});
  transport_ = transport;
  return IPCZ_RESULT_OK;
}

void MessageBuilder::TakeBack(const DriverPort& driver, std::vector<IpczDriverHandle>* objects) {
  std::span<const std::byte> bytes(object_bytes_);
  std::span<const IpczDriverHandle> handles(handles_);
  for (const ObjectHeader& header : objects_) {
    IpczDriverHandle object = IPCZ_INVALID_DRIVER_HANDLE;
    // One that cannot be made again is lost to its box, which then holds nothing.
    static_cast<void>(driver.Deserialize(bytes.first(header.bytes), handles.first(header.handles),
                                         transport_, &object));
    objects->push_back(object);
    bytes = bytes.subspan(header.bytes);
    handles = handles.subspan(header.handles);
  }
  objects_.clear();
  object_bytes_.clear();
  handles_.clear();
}

void MessageBuilder::Drop(const DriverPort& driver) {
  for (const IpczDriverHandle handle : handles_) driver.Close(handle);
  handles_.clear();
}

MessageBuilder MessageBuilder::Relay(RelayBody body) {
  MessageHeader header;
  std::memcpy(&header, bytes_.data(), sizeof(header));
  body.type = header.type;
  // Only messages with a body that fits are ever relayed.
  std::memcpy(body.body, bytes_.data() + sizeof(header),
              std::min(sizeof(body.body), bytes_.size() - sizeof(header)));
  MessageBuilder relayed(MessageType::kRelay, body);
  relayed.objects_.swap(objects_);
  relayed.object_bytes_.swap(object_bytes_);
  relayed.handles_.swap(handles_);
  return relayed;
}

std::span<const std::byte> MessageBuilder::Finish() {
  MessageHeader header;
  std::memcpy(&header, bytes_.data(), sizeof(header));
  header.objects = static_cast<uint32_t>(objects_.size());
  std::memcpy(bytes_.data(), &header, sizeof(header));
  for (const ObjectHeader& object : objects_) Append(object);
  bytes_.insert(bytes_.end(), object_bytes_.begin(), object_bytes_.end());
  return {bytes_.data(), bytes_.size()};
}

Message::Message(std::span<const std::byte> bytes, std::span<const IpczDriverHandle> handles,
                 Ref<DriverPort> driver)
    : bytes_(bytes.begin(), bytes.end()),
      handles_(handles.begin(), handles.end()),
      driver_(std::move(driver)) {}

Message::Message(const RelayBody& body, std::vector<IpczDriverHandle> objects,
                 Ref<DriverPort> driver)
    : bytes_(sizeof(MessageHeader) + sizeof(body.body)),
      handles_(std::move(objects)),
      driver_(std::move(driver)),
      relayed_(true),
      source_{body.source[0], body.source[1]} {
  const MessageHeader header = {body.type, static_cast<uint32_t>(handles_.size())};
  std::memcpy(bytes_.data(), &header, sizeof(header));
  std::memcpy(bytes_.data() + sizeof(header), body.body, sizeof(body.body));
}

Message::~Message() {
  if (!driver_) return;  // moved from
  for (const IpczDriverHandle handle : handles_) driver_->Close(handle);
}

bool Message::Parse() {
  MessageHeader header;
  if (bytes_.size() < sizeof(header)) return false;
  std::memcpy(&header, bytes_.data(), sizeof(header));
  const std::optional<Shape> shape = ShapeOf(header.type);
  if (!shape || header.objects < shape->objects_min || header.objects > shape->objects_max) {
    return false;
  }
  type_ = static_cast<MessageType>(header.type);
  if (relayed_) return shape->body_bytes <= sizeof(RelayBody::body);
  size_t at = sizeof(header) + shape->body_bytes;
  if (bytes_.size() < at) return false;
  if ((bytes_.size() - at) / sizeof(ObjectHeader) < header.objects) return false;
  const std::byte* object_headers = bytes_.data() + at;
  at += header.objects * sizeof(ObjectHeader);
  size_t handle = 0;
  for (uint32_t i = 0; i < header.objects; ++i) {
    ObjectHeader object;
    std::memcpy(&object, object_headers + i * sizeof(object), sizeof(object));
    if (object.bytes > kObjectBytesMax || object.bytes > bytes_.size() - at) return false;
    if (object.handles > handles_.size() - handle) return false;
    objects_.push_back({at, object.bytes, handle, object.handles});
    at += object.bytes;
    handle += object.handles;
  }
  // All that came must be accounted for.
  return at == bytes_.size() && handle == handles_.size();
}

IpczDriverHandle Message::TakeObject(size_t index, IpczDriverHandle transport) {
  if (relayed_) return std::exchange(handles_[index], IPCZ_INVALID_DRIVER_HANDLE);
  const Object& object = objects_[index];
  std::vector<IpczDriverHandle> handles(object.handles);
  for (size_t i = 0; i < object.handles; ++i) {
    handles[i] = std::exchange(handles_[object.first_handle + i], IPCZ_INVALID_DRIVER_HANDLE);
  }
  IpczDriverHandle result = IPCZ_INVALID_DRIVER_HANDLE;
  const auto bytes = std::span<const std::byte>(bytes_.data() + object.first_byte, object.bytes);
  if (driver_->Deserialize(bytes, handles, transport, &result) != IPCZ_RESULT_OK) {
    return IPCZ_INVALID_DRIVER_HANDLE;
  }
  return result;
}

}  // namespace ringway
