// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What the generated code uses inside. Included by ringway/idl.h.

#ifndef RINGWAY_IDL_SUPPORT_H_
#define RINGWAY_IDL_SUPPORT_H_

#include <atomic>
#include <cstdint>
#include <cstring>
#include <new>
#include <string>
#include <tuple>
#include <utility>

#include "ringway/interface.h"
#include "ringway/server.h"
#include "ringway/text.h"

// In C, a pointer to one of these stands for an object that can be called.
struct RingwayServed {
  RingwayServed() = default;
  RingwayServed(const RingwayServed&) = delete;
  RingwayServed& operator=(const RingwayServed&) = delete;
  virtual ~RingwayServed() = default;
  virtual ringway::Served& object() = 0;
};

namespace ringway {
inline namespace api {
namespace idl {

// The interface of an object of which nothing is known.
struct Anything : Interface<Anything> {};

}  // namespace idl
}  // namespace api
}  // namespace ringway

struct RingwayCap {
  ringway::Cap<ringway::idl::Anything> cap;
  std::atomic<uint64_t> timeout_ns = RINGWAY_NO_DEADLINE;
};

namespace ringway {
inline namespace api {
namespace idl {

// What a call through a capability of C goes to, with the deadline it has from now on.
class CallFromC {
 public:
  explicit CallFromC(const RingwayCap* cap) : cap_(Start(*cap)) {}
  const Object& object() const { return *cap_; }

 private:
  static Cap<Anything> Start(const RingwayCap& from) {
    const uint64_t timeout_ns = from.timeout_ns;
    if (timeout_ns == RINGWAY_NO_DEADLINE) return from.cap.Share();
    return from.cap.Until(Deadline::In(timeout_ns));
  }
  const Cap<Anything> cap_;
};

// Memory for a text that comes back.
template <size_t kMax>
class TextRoom : public Array<char, kMax + 1> {
 public:
  using Room = Array<char, kMax + 1>;

  TextRoom() : Room(nullptr, 0), memory_(kMax + 1, '\0') {
    this->data = memory_.data();
    this->length = memory_.size();
  }
  TextRoom(const TextRoom&) = delete;
  TextRoom& operator=(const TextRoom&) = delete;

  bool HasEnd() const { return std::memchr(this->data, '\0', this->length) != nullptr; }
  // To its first NUL.
  void CopyTo(std::string* text) const {
    text->assign(this->data, strnlen(this->data, this->length));
  }

 private:
  std::string memory_;
};

// What a handler answers, into the room that its caller has. False: it does not fit.
inline bool PutText(const std::string& text, ArrayRef<char>* room) {
  if (text.size() >= room->capacity) return false;
  std::memcpy(room->data, text.c_str(), text.size() + 1);
  room->length = text.size() + 1;
  return true;
}
template <class T, size_t kMax>
bool PutElements(const Array<T, kMax>& elements, ArrayRef<T>* room) {
  if (elements.length > room->capacity) return false;
  room->data = elements.data;
  room->length = elements.length;
  return true;
}

// An object of C: what stands for its parts in C++, and what serves those.
template <class Server, class... Parts>
class ServedFromC final : public RingwayServed {
 public:
  template <class... Objects>
  static long Create(RingwayServed** served, const Objects&... objects) {
    *served = new (std::nothrow) ServedFromC(objects...);
    return *served ? RW_EOK : -RW_ENOMEM;
  }
  ringway::Served& object() override { return server_; }

 private:
  template <class... Objects>
  explicit ServedFromC(const Objects&... objects)
      : parts_(objects...), server_(std::get<Parts>(parts_)...) {}

  std::tuple<Parts...> parts_;
  Server server_;
};

}  // namespace idl
}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_IDL_SUPPORT_H_
