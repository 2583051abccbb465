// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Objects with C++ handlers, checked at compile time.
//
//   class CalcServer : public ringway::Server<CalcServer, Calc> {
//    public:
//     long Handle(Calc::Add, ringway::CallContext&, int a, int b, int& sum);
//   };

#ifndef RINGWAY_SERVER_H_
#define RINGWAY_SERVER_H_

#include <array>
#include <tuple>
#include <type_traits>
#include <utility>

#include "ringway/call.h"
#include "ringway/interface.h"
#include "ringway/served.h"

namespace ringway {
inline namespace api {

// Calls the handler of the method M, in the object Impl. `Listed` is the method
// as its interface lists it, which knows what the handler is called. `self` is a
// Self, which Impl is or derives from; handlers without a state have none.
template <class Impl, class Listed, class Self = Impl>
class Thunk {
 public:
  using M = typename Listed::MethodType;

  static int64_t Wire(void* self, CallContext& context, Invocation& invocation) {
    return WireWith(self, context, invocation, IndicesOf<M>());
  }

  static int64_t Local(void* self, CallContext& context, StatesOf<M>& states) {
    return Run(self, context, states, IndicesOf<M>());
  }
  static constexpr typename LocalCallOf<M>::Function kLocal = &Local;

 private:
  template <size_t... kI>
  static constexpr bool DirectAreLast(std::index_sequence<kI...>) {
    [[maybe_unused]] bool direct_in = false;  // without parameters, it is
    [[maybe_unused]] bool direct_out = false;
    bool last = true;
    ((last = last && !(direct_in && ParamAt<M, kI>::kIn) && !(direct_out && ParamAt<M, kI>::kOut),
      direct_in = direct_in || ParamAt<M, kI>::kDirectIn,
      direct_out = direct_out || ParamAt<M, kI>::kDirectOut),
     ...);
    return last;
  }
  static_assert(DirectAreLast(IndicesOf<M>()),
                "an ArrayRef is the last parameter of its direction, and the only one");

  template <size_t... kI>
  static int64_t Run(void* self, CallContext& context, StatesOf<M>& states,
                     std::index_sequence<kI...>) {
    if constexpr (std::is_empty_v<Impl>) {
      Impl stateless;
      return Listed::Invoke(stateless, context, ParamAt<M, kI>::Arg(std::get<kI>(states))...);
    } else {
      return Listed::Invoke(*static_cast<Impl*>(static_cast<Self*>(self)), context,
                            ParamAt<M, kI>::Arg(std::get<kI>(states))...);
    }
  }

  template <size_t... kI>
  static int64_t WireWith(void* self, CallContext& context, Invocation& invocation,
                          std::index_sequence<kI...> indices) {
    if constexpr ((ParamAt<M, kI>::kNeedsPrivate || ...)) {
      if (!invocation.request.MakePrivate()) return -RW_ENOMEM;
    }
    StatesOf<M> states;
    Reader reader(&invocation.request, sizeof(RequestHeader), invocation.presence);
    (ParamAt<M, kI>::template GetIn<kI>(reader, std::get<kI>(states)), ...);
    const int64_t bad = reader.Finish();
    if (bad != RW_EOK) return bad;

    Sizer plan(sizeof(ReplyHeader));
    (ParamAt<M, kI>::Plan(plan, std::get<kI>(states)), ...);
    if (plan.at() > kReplyBytesMax) return -RW_EMSGTOOLONG;
    const int64_t reserved = invocation.reply.Reserve(invocation.reply_portal, plan.at());
    if (reserved != RW_EOK) return reserved;
    (ParamAt<M, kI>::Place(invocation.reply, std::get<kI>(states)), ...);

    const int64_t status = Run(self, context, states, indices);
    if (status < 0) return status;
    Writer writer(&invocation.reply, sizeof(ReplyHeader));
    (ParamAt<M, kI>::template PutOut<kI>(writer, std::get<kI>(states)), ...);
    invocation.reply_bytes = writer.at();
    invocation.reply_presence = writer.presence();
    return writer.status() == RW_EOK ? status : writer.status();
  }
};

template <class Impl, class Self, class... Ms>
constexpr std::array<MethodEntry, sizeof...(Ms)> MethodsOf(Rpcs<Ms...>) {
  return {MethodEntry{kOpcodeOf<Ms>, Ms::kOptions.rights, &Thunk<Impl, Ms, Self>::Wire,
                      &kTypeMark<typename Ms::MethodType>, &Thunk<Impl, Ms, Self>::kLocal}...};
}

// The table of one interface, as Impl implements it.
template <class Impl, class I, class Self = Impl>
inline constexpr auto kMethods = MethodsOf<Impl, Self>(typename I::Rpcs());

// An interface, then its bases, depth first, each once.
template <class Seen, class... Todo>
struct Flatten {
  using List = Seen;
};
template <class... Seen, class I, class... Todo>
struct Flatten<TypeList<Seen...>, I, Todo...> {
  template <class... Bases>
  static auto Next(TypeList<Bases...>) {
    if constexpr ((std::is_same_v<I, Seen> || ...)) {
      return typename Flatten<TypeList<Seen...>, Todo...>::List();
    } else {
      return typename Flatten<TypeList<Seen..., I>, Bases..., Todo...>::List();
    }
  }
  using List = decltype(Next(typename I::BaseList()));
};

template <class... Is>
constexpr bool IdsDiffer(TypeList<Is...>) {
  const std::array<InterfaceId, sizeof...(Is)> ids = {Is::kId...};
  for (size_t i = 0; i < ids.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (ids[i] == ids[j] && ids[i]) return false;
    }
  }
  return true;
}

template <class... Is>
constexpr bool MethodsHaveIds(TypeList<Is...>) {
  return ((Is::Rpcs::kCount == 0 || Is::kId) && ...);
}

template <class Impl, class... Is>
constexpr auto TablesOf(TypeList<Is...>) {
  constexpr size_t kCount = (size_t{0} + ... + size_t{bool(Is::kId)});
  std::array<InterfaceTable, kCount> tables = {};
  size_t at = 0;
  (
      [&] {
        if constexpr (bool(Is::kId)) {
          tables[at++] = {Is::kId, kMethods<Impl, Is, Served>};
        }
      }(),
      ...);
  return tables;
}

template <class Impl, class I>
struct ServerTable {
  using All = typename Flatten<TypeList<>, I>::List;
  static_assert(IdsDiffer(All()), "two of the interfaces have the same id");
  static_assert(MethodsHaveIds(All()), "an interface with methods needs a kId");
  static constexpr auto kInterfaces = TablesOf<Impl>(All());
  static constexpr ObjectTable kTable = {kInterfaces};
};

// The base of an object with the interface I, whose class is Impl.
template <class Impl, class I>
class Server : public Served {
 public:
  // Not yet an Impl, which it is to be when it is called.
  Server() : Served(&ServerTable<Impl, I>::kTable, static_cast<Served*>(this)) {}

  // A capability for callers in this process.
  Cap<I> cap() const { return Cap<I>(target()); }
};

// Encodes outputs that did not come from a handler.
template <class M>
class LaterReply {
 public:
  template <class... Outs>
  static int64_t Send(Reply& reply, int64_t status, Outs&&... outs) {
    if (status < 0) return reply.Send(status);
    static_assert(sizeof...(Outs) == kOutputs<>(IndicesOf<M>()), "one value for each output");
    StatesOf<M> states;
    Fill(states, IndicesOf<M>(), std::forward_as_tuple(std::forward<Outs>(outs)...));
    return SendFilled(reply, status, states, IndicesOf<M>());
  }

 private:
  template <int = 0, size_t... kI>
  static constexpr size_t kOutputs(std::index_sequence<kI...>) {
    return (size_t{0} + ... + size_t{ParamAt<M, kI>::kOut});
  }
  // How many outputs come before parameter kI.
  template <size_t kI>
  static constexpr size_t OutputIndex() {
    return kOutputs<>(std::make_index_sequence<kI>());
  }

  template <size_t... kI, class Outs>
  static void Fill(StatesOf<M>& states, std::index_sequence<kI...>, Outs&& outs) {
    (
        [&] {
          if constexpr (ParamAt<M, kI>::kOut) {
            ParamAt<M, kI>::SetOut(std::get<kI>(states),
                                   std::get<OutputIndex<kI>()>(std::forward<Outs>(outs)));
          }
        }(),
        ...);
  }

  template <size_t... kI>
  static int64_t SendFilled(Reply& reply, int64_t status, StatesOf<M>& states,
                            std::index_sequence<kI...>) {
    Sizer plan(sizeof(ReplyHeader));
    (ParamAt<M, kI>::Plan(plan, std::get<kI>(states)), ...);
    OutgoingMessage message;
    const IpczHandle portal = reply ? reply.channel()->portal() : IPCZ_INVALID_HANDLE;
    const int64_t reserved = message.Reserve(portal, plan.at());
    if (reserved != RW_EOK) return Fail(reply, reserved);
    Writer writer(&message, sizeof(ReplyHeader));
    (ParamAt<M, kI>::template PutOut<kI>(writer, std::get<kI>(states)), ...);
    if (writer.status() != RW_EOK) return Fail(reply, writer.status());
    return reply.Send(status, writer.presence(), message, writer.at());
  }
  static int64_t Fail(Reply& reply, int64_t status) {
    static_cast<void>(reply.Send(status));
    return status;
  }
};

// Answers a call of the method M later, with its outputs in their order. Each
// is given as its handler would have seen it; an array as an ArrayRef.
template <class M, class... Outs>
int64_t ReplyWith(Reply reply, int64_t status, Outs&&... outs) {
  return LaterReply<typename M::MethodType>::Send(reply, status, std::forward<Outs>(outs)...);
}

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_SERVER_H_
