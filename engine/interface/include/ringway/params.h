// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The kinds of parameters a method may be declared with, beside plain values,
// references and pointers. docs/interfaces.md lists what each is at the client
// and at the server.

#ifndef RINGWAY_PARAMS_H_
#define RINGWAY_PARAMS_H_

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

#include "ringway/errors.h"
#include "ringway/message.h"
#include "ringway/target.h"

namespace ringway {
inline namespace api {

// Goes in with its value and comes back with the server's. T is a reference or
// a pointer.
template <class T>
struct InOut;

// A capability, or a handle, that comes back.
template <class T>
struct Out;

// No array has more elements.
inline constexpr size_t kNoMaximum = UINT32_MAX;

// Elements in memory of the caller's. As `Array<const T>` they go in; as
// `Array<T>&` they come back, and `length` is how many there is room for, then
// how many came.
template <class T, size_t kMax = kNoMaximum>
struct Array {
  Array() = default;
  Array(T* elements, size_t count) : data(elements), length(count) {}
  template <class Range>
  requires requires(Range& range) {
    { range.data() } -> std::convertible_to<T*>;
    range.size();
  }
  Array(Range&& range) : data(range.data()), length(range.size()) {}

  T& operator[](size_t i) const { return data[i]; }
  T* begin() const { return data; }
  T* end() const { return data + length; }
  size_t size() const { return length; }

  T* data = nullptr;
  size_t length = 0;
};

// An argument for a parameter of arrays that go in: `count` elements, which `write` puts where they
// are sent from, so that they are not copied. It is called with a `std::span<T>` during the call,
// once, if `count` is not beyond the parameter's maximum; again if the default of the method is to
// have them. Elements that it leaves alone are zero, or what was sent to the same process before.
// What it throws goes to the caller, and nothing is sent.
template <class T, class Write>
class Filling {
 public:
  Filling(size_t count, Write write) : count_(count), write_(std::move(write)) {}

  size_t size() const { return count_; }
  Write& write() { return write_; }

  // For a receiver without a message, in memory that lives as long as this.
  int64_t Hold() {
    if (held_) return RW_EOK;
    held_.reset(new (std::nothrow) T[count_]());
    if (!held_) return -RW_ENOMEM;
    write_(std::span<T>(held_.get(), count_));
    return RW_EOK;
  }
  template <size_t kMax>
  operator Array<const T, kMax>() const {
    return {held_.get(), count_};
  }

 private:
  size_t count_;
  Write write_;
  std::unique_ptr<T[]> held_;
};

// calls.Call<Take>(Fill<uint64_t>(1000, [&](std::span<uint64_t> to) { ... }));
template <class T, class Write>
Filling<T, Write> Fill(size_t count, Write write) {
  return {count, std::move(write)};
}

// Whether a client's argument is one, of such elements.
template <class Arg, class T>
inline constexpr bool kIsFillingOf = false;
template <class T, class Write>
inline constexpr bool kIsFillingOf<Filling<T, Write>, T> = true;

// A reply that is looked at in place.
struct ReplyHold {
  IncomingMessage message;
  std::shared_ptr<Connection> connection;  // whose portal the message may still be in

  ~ReplyHold() {
    if (connection) connection->Done(&message);
  }
};

// Elements in the message itself. A handler that returns some writes them to
// `data`, or lets it point elsewhere, and sets `length`. A caller sees them
// where the reply is, until Release() or the end of this object; a use after
// that ends the program. There is one of these in each direction at most, as
// the last parameter of it, since where it lies must be known beforehand.
//
// A handler sees elements that came in while it runs. Those of a message over
// 1 KiB are where the client wrote them, and the client could write again: who
// reads such an element twice and depends on it must copy it, or ask for
// ArrayInBuf.
template <class T, size_t kMax = kNoMaximum>
struct ArrayRef {
  T& operator[](size_t i) const {
    if (i >= length) std::abort();  // a view that is over, or an index beyond it
    return data[i];
  }
  T* begin() const { return data; }
  T* end() const { return data + length; }
  size_t size() const { return length; }
  void Release() {
    hold.reset();
    data = nullptr;
    length = 0;
  }

  T* data = nullptr;
  size_t length = 0;
  size_t capacity = 0;  // for a handler: how many `data` has room for
  std::shared_ptr<ReplyHold> hold = nullptr;
};

// Elements that go in, and are copied into memory of the server's. The client
// passes an `Array<const T>`; more than kMax are refused.
template <class T, size_t kMax>
struct ArrayInBuf {
  const T& operator[](size_t i) const { return data[i]; }
  const T* begin() const { return data.data(); }
  const T* end() const { return data.data() + length; }
  size_t size() const { return length; }

  std::array<T, kMax> data;
  size_t length = 0;
};

// A parameter that may be left out: `Opt<T>` and `Opt<const T*>` go in,
// `Opt<T&>`, `Opt<T*>` and `Opt<ArrayRef<T>&>` come back.
template <class T>
class Opt {
 public:
  Opt() = default;
  Opt(T value) : value_(std::move(value)), set_(true) {}

  // Absent, with a value that Set() will find.
  static Opt Unset(T value) {
    Opt opt(std::move(value));
    opt.set_ = false;
    return opt;
  }

  bool is_set() const { return set_; }
  // A default T if it is not set.
  const T& value() const { return value_; }
  T& Set() {
    set_ = true;
    return value_;
  }
  Opt& operator=(T value) {
    Set() = std::move(value);
    return *this;
  }

 private:
  T value_ = {};
  bool set_ = false;
};

template <class T>
class Opt<const T*> {
 public:
  Opt(const T* at = nullptr) : pointer(at) {}
  const T* pointer;
};
template <class T>
class Opt<T&>;
template <class T>
requires(!std::is_const_v<T>) class Opt<T*>;

// Text with its final NUL.
template <class Char = char>
struct String {
  String(const Char* text) : data(text), length(std::char_traits<Char>::length(text) + 1) {}
  // `count` includes the NUL. If there is none, the last character gives way to one.
  String(const Char* text, size_t count) : data(text), length(count) {}

  const Char* data;
  size_t length;
};

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_PARAMS_H_
