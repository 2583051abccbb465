// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Methods, and lists of them, as types.

#ifndef RINGWAY_METHOD_H_
#define RINGWAY_METHOD_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "ringway/array_traits.h"
#include "ringway/errors.h"
#include "ringway/served.h"

namespace ringway {
inline namespace api {

// Text as a template argument.
template <size_t kLength>
struct MethodName {
  consteval MethodName(const char (&name)[kLength]) { std::copy_n(name, kLength, text); }
  constexpr std::string_view view() const { return {text, kLength - 1}; }
  char text[kLength];
};

// What may follow the signature of a method.
template <uint32_t kNumber>
struct Opcode {};
// The rights that the caller's portal must have.
template <Rights kRights>
struct NeedsRights {};
// No reply is ever sent.
struct SendOnly {};
// How long a call waits, unless its caller says.
template <uint64_t kNs>
struct Timeout {};
// What is called, on the caller's side and with its arguments, when the object
// has no such method, nor anything behind it, or when there is no object.
template <auto kFunction>
struct Default {};

inline constexpr uint32_t kNextOpcode = UINT32_MAX;

// What a list of options says.
struct MethodOptions {
  uint32_t opcode = kNextOpcode;
  Rights rights = 0;
  bool send_only = false;
  uint64_t timeout_ns = RINGWAY_NO_DEADLINE;
};
template <uint32_t kNumber>
constexpr void Apply(MethodOptions& options, Opcode<kNumber>) {
  static_assert(kNumber != kNextOpcode, "this number stands for the next one");
  options.opcode = kNumber;
}
template <Rights kRights>
constexpr void Apply(MethodOptions& options, NeedsRights<kRights>) {
  options.rights = kRights;
}
constexpr void Apply(MethodOptions& options, SendOnly) { options.send_only = true; }
template <uint64_t kNs>
constexpr void Apply(MethodOptions& options, Timeout<kNs>) {
  options.timeout_ns = kNs;
}
template <auto kFunction>
constexpr void Apply(MethodOptions&, Default<kFunction>) {}

template <class Option>
struct DefaultOf {
  static constexpr bool kThere = false;
};
template <auto kFunction>
struct DefaultOf<Default<kFunction>> {
  static constexpr bool kThere = true;
  template <class... Args>
  static int64_t Run(Args&&... args) {
    return kFunction(std::forward<Args>(args)...);
  }
};

// What a call answers in full. As a declared return type it tells errors of
// the server from those on the way to it.
struct Tag {
  int64_t status = 0;
  bool from_transport = false;
  bool unhandled = false;  // there was no handler for it

  bool ok() const { return status >= 0; }
};

// The answer as the declared type R.
template <class R>
R AnswerAs(const Tag& tag) {
  if constexpr (std::is_void_v<R>) {
    return;
  } else if constexpr (std::is_same_v<R, Tag>) {
    return tag;
  } else {
    static_assert(std::is_integral_v<R> && std::is_signed_v<R>,
                  "a method returns a signed integer, Tag, or void");
    const bool fits =
        tag.status >= std::numeric_limits<R>::min() && tag.status <= std::numeric_limits<R>::max();
    return static_cast<R>(fits ? tag.status : -RW_EMSGERRRANGE);
  }
}

template <class T>
class Cap;
class Object;

struct StartedCall;

template <class M, class... Clients>
Tag CallMethod(const Object& object, Clients... args);
template <class M, class... Clients>
std::shared_ptr<StartedCall> StartMethod(const Object& object, Clients... args);

// A method of the interface I. Handlers are `long Handle(M, CallContext&, ...)`
// in the server; the macros of ringway/compat.h look for `op_name` instead.
template <class I, MethodName kMethodName, class Signature, class... Options>
struct Method;

template <class I, MethodName kMethodName, class R, class... Ps, class... Options>
struct Method<I, kMethodName, R(Ps...), Options...> {
  using MethodType = Method;
  using Interface = I;
  using Return = R;
  using Params = std::tuple<Param<Ps>...>;
  static constexpr std::string_view kName = kMethodName.view();
  static constexpr MethodOptions kOptions = [] {
    MethodOptions options;
    (Apply(options, Options()), ...);
    return options;
  }();
  static_assert(sizeof...(Ps) <= 32, "there are 32 presence bits");

  static R call(const Cap<I>& cap, typename Param<Ps>::Client... args);
  static R CallOn(const Object& object, typename Param<Ps>::Client... args) {
    return AnswerAs<R>(CallMethod<Method, typename Param<Ps>::Client&...>(object, args...));
  }

  // With a Fill() in place of an array.
  template <class... Args>
  requires(Param<Ps>::template kTakes<std::remove_cvref_t<Args>> || ...) static R
      CallOn(const Object& object, Args&&... args) {
    return AnswerAs<R>(
        CallMethod<Method, ClientOf<Param<Ps>, Args>...>(object, std::forward<Args>(args)...));
  }
  template <class... Args>
  static std::shared_ptr<StartedCall> StartOn(const Object& object, Args&&... args) {
    static_assert(sizeof...(Args) == sizeof...(Ps), "not the parameters of this method");
    static_assert(!kOptions.send_only, "Call() does not wait for a SendOnly method either");
    return StartMethod<Method, ClientOf<Param<Ps>, Args>...>(object, std::forward<Args>(args)...);
  }

  static constexpr bool kHasDefault = (DefaultOf<Options>::kThere || ...);
  template <class... Args>
  static int64_t RunDefault(Args&&... args) {
    int64_t status = -RW_ENOSYS;
    (
        [&] {
          if constexpr (DefaultOf<Options>::kThere) {
            status = DefaultOf<Options>::Run(std::forward<Args>(args)...);
          }
        }(),
        ...);
    return status;
  }

  template <class Impl, class... Args>
  static int64_t Invoke(Impl& impl, Args&&... args) {
    static_assert(
        requires { impl.Handle(Method(), std::forward<Args>(args)...); },
        "the server has no Handle() for this method that takes these parameters");
    return impl.Handle(Method(), std::forward<Args>(args)...);
  }
};

// The methods of an interface, in the order of their opcodes: from 0, or from
// the last explicit one.
template <class... Ms>
struct Rpcs {
  static constexpr size_t kCount = sizeof...(Ms);
  static constexpr std::array<uint32_t, kCount> kExplicit = {Ms::kOptions.opcode...};
  static constexpr std::array<uint32_t, kCount> kOpcodes = [] {
    std::array<uint32_t, kCount> opcodes = kExplicit;
    uint32_t next = 0;
    for (uint32_t& opcode : opcodes) {
      if (opcode == kNextOpcode) opcode = next;
      next = opcode + 1;
    }
    return opcodes;
  }();
  static constexpr bool kAscending = [] {
    for (size_t i = 1; i < kCount; ++i) {
      if (kOpcodes[i] <= kOpcodes[i - 1]) return false;
    }
    return true;
  }();
  static_assert(kAscending, "an explicit opcode goes back");

  template <class M>
  static constexpr uint32_t OpcodeOf() {
    constexpr std::array<bool, kCount> same = {
        std::is_same_v<typename Ms::MethodType, typename M::MethodType>...};
    static_assert(std::count(same.begin(), same.end(), true) == 1,
                  "the method is not listed in the Rpcs of its interface, or twice");
    return kOpcodes[static_cast<size_t>(std::find(same.begin(), same.end(), true) - same.begin())];
  }
};

template <class M>
inline constexpr uint32_t kOpcodeOf = M::Interface::Rpcs::template OpcodeOf<M>();

template <class M>
inline constexpr MethodKey kKeyOf = {M::Interface::kId, kOpcodeOf<M>};

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_METHOD_H_
