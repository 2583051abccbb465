// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The spellings of L4Re over the templates of this layer: names first, then
// macros. RW_RPC_DEF belongs into a source file, outside of all namespaces.

#ifndef RINGWAY_COMPAT_H_
#define RINGWAY_COMPAT_H_

#include "ringway/interface.h"
#include "ringway/loop.h"
#include "ringway/meta.h"
#include "ringway/server.h"

namespace ringway {
inline namespace api {

struct Kobject : Interface<Kobject> {};
template <class Derived, class... Bases>
using Kobject_t = Interface<Derived, Bases...>;

namespace Ipc {
template <class T>
using In_out = InOut<T>;
template <class T, size_t kMax = kNoMaximum>
using Array = api::Array<T, kMax>;
template <class T, size_t kMax = kNoMaximum>
using Array_ref = ArrayRef<T, kMax>;
template <class T, size_t kMax>
using Array_in_buf = ArrayInBuf<T, kMax>;
template <class T>
using Opt = api::Opt<T>;
template <class T>
using Out = api::Out<T>;
template <class T>
using Cap = api::Cap<T>;
template <class Char = char>
using String = api::String<Char>;
using Snd_fpage = Handle;
using Call = TypeList<>;
using Call_zero_send_timeout = Call;  // no sending waits for the receiver
template <Rights kRights>
using Call_t = NeedsRights<kRights>;
using Send_only = SendOnly;
}  // namespace Ipc

constexpr void Apply(MethodOptions&, Ipc::Call) {}

template <class To, class From>
Cap<To> cap_dynamic_cast(const Cap<From>& cap) {
  return CapDynamicCast<To>(cap);
}

// The stub of a method that is compiled elsewhere: declared here, and defined
// by RW_RPC_DEF.
template <class M>
struct ExternalStub;
template <class I, MethodName kName, class R, class... Ps, class... Options>
struct ExternalStub<Method<I, kName, R(Ps...), Options...>> {
  using Function = R (*)(const Object& object, typename Param<Ps>::Client... args);
  static const Function kCall;
};

}  // namespace api
}  // namespace ringway

// A method as a type `name_t`, whose handler is `op_name`. To be used within an
// interface; what follows `args` are options of Method<>.
#define RW_INLINE_RPC_NF(result, name, args, ...)                                             \
  struct name##_t : ::ringway::Method<Class, #name, result args __VA_OPT__(, ) __VA_ARGS__> { \
    template <class Impl, class... A>                                                         \
    static int64_t Invoke(Impl& impl, A&&... a) {                                             \
      static_assert(                                                                          \
          requires { impl.op_##name(std::forward<A>(a)...); },                                \
          "the server has no op_" #name "() that takes these parameters");                    \
      return impl.op_##name(std::forward<A>(a)...);                                           \
    }                                                                                         \
  }
#define RW_INLINE_RPC_NF_OP(op, result, name, args, ...) \
  RW_INLINE_RPC_NF(result, name, args, ::ringway::Opcode<(op)> __VA_OPT__(, ) __VA_ARGS__)

// The same, and a member function `name` to call it.
#define RW_INLINE_RPC(result, name, args, ...)                     \
  RW_INLINE_RPC_NF(result, name, args __VA_OPT__(, ) __VA_ARGS__); \
  template <class... A>                                            \
  result name(A&&... a) const {                                    \
    return name##_t::CallOn(*this, std::forward<A>(a)...);         \
  }                                                                \
  static_assert(true)
#define RW_INLINE_RPC_OP(op, result, name, args, ...) \
  RW_INLINE_RPC(result, name, args, ::ringway::Opcode<(op)> __VA_OPT__(, ) __VA_ARGS__)

// The same, with the stub in one source file: RW_RPC_DEF(Class::name).
#define RW_RPC_NF(result, name, args, ...)                                                    \
  struct name##_t : ::ringway::Method<Class, #name, result args __VA_OPT__(, ) __VA_ARGS__> { \
    template <class Impl, class... A>                                                         \
    static int64_t Invoke(Impl& impl, A&&... a) {                                             \
      return impl.op_##name(std::forward<A>(a)...);                                           \
    }                                                                                         \
    template <class... A>                                                                     \
    static result CallOn(const ::ringway::Object& object, A&&... a) {                         \
      return ::ringway::ExternalStub<MethodType>::kCall(object, std::forward<A>(a)...);       \
    }                                                                                         \
    template <class... A>                                                                     \
    static result call(const ::ringway::Cap<Class>& cap, A&&... a) {                          \
      return CallOn(*cap, std::forward<A>(a)...);                                             \
    }                                                                                         \
  }
#define RW_RPC_NF_OP(op, result, name, args, ...) \
  RW_RPC_NF(result, name, args, ::ringway::Opcode<(op)> __VA_OPT__(, ) __VA_ARGS__)
#define RW_RPC(result, name, args, ...)                     \
  RW_RPC_NF(result, name, args __VA_OPT__(, ) __VA_ARGS__); \
  template <class... A>                                     \
  result name(A&&... a) const {                             \
    return name##_t::CallOn(*this, std::forward<A>(a)...);  \
  }                                                         \
  static_assert(true)
#define RW_RPC_OP(op, result, name, args, ...) \
  RW_RPC(result, name, args, ::ringway::Opcode<(op)> __VA_OPT__(, ) __VA_ARGS__)
#define RW_RPC_DEF(method)                                        \
  template <>                                                     \
  const ::ringway::ExternalStub<method##_t::MethodType>::Function \
      ringway::api::ExternalStub<method##_t::MethodType>::kCall = &method##_t::MethodType::CallOn

#endif  // RINGWAY_COMPAT_H_
