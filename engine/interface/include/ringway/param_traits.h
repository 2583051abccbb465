// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// How each kind of parameter travels. For a parameter declared as P, Param<P> has
//
//   Client, Server  what the caller passes and what the handler gets
//   State           what is kept of it during the call, on either side
//   PutIn, GetIn    into the request, out of it
//   PutOut, GetOut  into the reply, out of it
//   Admit           whether the outputs fit
//   Commit          to the caller's variables, once the whole reply is known to be good
//   Bind            what PutIn and GetIn would do for an object in the same process
//   SetOut          what a later reply contains
//   Plan, Place     room in the reply, and memory there that the handler writes to directly
//
// kIndex is the parameter's place in the list, and so its presence bit.

#ifndef RINGWAY_PARAM_TRAITS_H_
#define RINGWAY_PARAM_TRAITS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "ringway/codec.h"
#include "ringway/errors.h"
#include "ringway/params.h"

namespace ringway {
inline namespace api {

// What a parameter does that has nothing to do there.
struct ParamBase {
  static constexpr bool kDirectIn = false;      // its place in the request must be known
  static constexpr bool kDirectOut = false;     // likewise in the reply
  static constexpr bool kNeedsPrivate = false;  // writes to what it read
  static constexpr bool kIn = false;
  static constexpr bool kOut = false;
  // Whether a client's argument stays what it is, instead of becoming a Client.
  template <class Arg>
  static constexpr bool kTakes = false;
  // The kind of the message that it travels in, if that is no plain one.
  template <bool kOneWay>
  static constexpr uint8_t kKindFor = 0;

  template <size_t kIndex, class Sink, class Client>
  static void PutIn(Sink&, Client&) {}
  template <size_t kIndex, class State>
  static void GetIn(Reader&, State&) {}
  template <size_t kIndex, class Sink, class State>
  static void PutOut(Sink&, State&) {}
  template <size_t kIndex, class State>
  static void GetOut(Reader&, State&) {}
  template <class State, class Client>
  static int64_t Admit(const State&, const Client&) {
    return RW_EOK;
  }
  template <class State, class Client>
  static void Commit(State&, Client&) {}
  template <class State, class Client>
  static int64_t Bind(State&, Client&) {
    return RW_EOK;
  }
  template <class State>
  static void Plan(Sizer&, State&) {}
  template <class State, class Value>
  static void SetOut(State& state, Value&& value) {
    state.value = std::forward<Value>(value);
  }
  template <class State>
  static void Place(OutgoingMessage&, State&) {}
};

// What a client's argument becomes.
template <class P, class Arg>
using ClientOf = std::conditional_t<P::template kTakes<std::remove_cvref_t<Arg>>,
                                    std::remove_cvref_t<Arg>, typename P::Client>;

template <class T>
struct ValueState {
  T value;
};

// Values that go in. `get` turns what the client passed into a T.
template <class T, class ClientType, class ServerType>
struct ParamIn : ParamBase {
  static_assert(kIsWireType<T>,
                "a parameter holds pointers, padding or a bool, or is not trivially copyable");
  using Client = ClientType;
  using Server = ServerType;
  using State = ValueState<T>;
  static constexpr bool kIn = true;

  static const T& Of(const T& client) { return client; }
  static const T& Of(const T* client) { return *client; }

  template <size_t kIndex, class Sink, class From>
  static void PutIn(Sink& sink, From& client) {
    sink.Value(Of(client));
  }
  template <size_t kIndex>
  static void GetIn(Reader& reader, State& state) {
    state.value = reader.template Value<T>();
  }
  template <class From>
  static int64_t Bind(State& state, From& client) {
    state.value = Of(client);
    return RW_EOK;
  }
  static Server Arg(State& state) { return state.value; }
};

// Values that come back.
template <class T, class ClientType>
struct ParamOut : ParamBase {
  static_assert(kIsWireType<T>,
                "a parameter holds pointers, padding or a bool, or is not trivially copyable");
  using Client = ClientType;
  using Server = T&;
  using State = ValueState<T>;
  static constexpr bool kOut = true;

  static T& Of(T& client) { return client; }
  static T& Of(T* client) { return *client; }

  static void Plan(Sizer& plan, State& state) { plan.Value(state.value); }
  template <size_t kIndex, class Sink>
  static void PutOut(Sink& sink, State& state) {
    sink.Value(state.value);
  }
  template <size_t kIndex>
  static void GetOut(Reader& reader, State& state) {
    state.value = reader.template Value<T>();
  }
  template <class To>
  static void Commit(State& state, To& client) {
    Of(client) = state.value;
  }
  static Server Arg(State& state) { return state.value; }
};

template <class T, class ClientType>
struct ParamInOut : ParamOut<T, ClientType> {
  using typename ParamOut<T, ClientType>::State;
  using ParamOut<T, ClientType>::Of;
  static constexpr bool kIn = true;

  template <size_t kIndex, class Sink, class From>
  static void PutIn(Sink& sink, From& client) {
    sink.Value(Of(client));
  }
  template <size_t kIndex>
  static void GetIn(Reader& reader, State& state) {
    state.value = reader.template Value<T>();
  }
  template <class From>
  static int64_t Bind(State& state, From& client) {
    state.value = Of(client);
    return RW_EOK;
  }
};

// Optional values that go in: absent ones are default values at the server.
template <class T, class ClientType>
struct ParamOptIn : ParamBase {
  static_assert(kIsWireType<T>,
                "a parameter holds pointers, padding or a bool, or is not trivially copyable");
  using Client = ClientType;
  using Server = T;
  using State = ValueState<T>;
  static constexpr bool kIn = true;

  static const T* Of(const Opt<T>& client) { return client.is_set() ? &client.value() : nullptr; }
  static const T* Of(const Opt<const T*>& client) { return client.pointer; }

  template <size_t kIndex, class Sink>
  static void PutIn(Sink& sink, Client& client) {
    const T* value = Of(client);
    if (!value) return;
    sink.Present(kIndex);
    sink.Value(*value);
  }
  template <size_t kIndex>
  static void GetIn(Reader& reader, State& state) {
    state.value = reader.IsPresent(kIndex) ? reader.template Value<T>() : T();
  }
  static int64_t Bind(State& state, Client& client) {
    const T* value = Of(client);
    state.value = value ? *value : T();
    return RW_EOK;
  }
  static Server Arg(State& state) { return state.value; }
};

// Optional values that come back: the client's variable is left alone if they do not.
template <class T, class ClientType>
struct ParamOptOut : ParamBase {
  static_assert(kIsWireType<T>,
                "a parameter holds pointers, padding or a bool, or is not trivially copyable");
  using Client = ClientType;
  using Server = Opt<T>&;
  using State = ValueState<Opt<T>>;
  static constexpr bool kOut = true;

  static void Plan(Sizer& plan, State& state) { plan.Value(state.value.value()); }
  template <size_t kIndex, class Sink>
  static void PutOut(Sink& sink, State& state) {
    if (!state.value.is_set()) return;
    sink.Present(kIndex);
    sink.Value(state.value.value());
  }
  template <size_t kIndex>
  static void GetOut(Reader& reader, State& state) {
    if (reader.IsPresent(kIndex)) state.value = reader.template Value<T>();
  }
  template <class To>
  static void Commit(State& state, To& client) {
    if (state.value.is_set()) ParamOut<T, ClientType>::Of(client) = state.value.value();
  }
  static Server Arg(State& state) { return state.value; }
};

// Which of these a declared type is.
template <class P>
struct Param : ParamIn<P, P, P> {};
template <class T>
struct Param<const T&> : ParamIn<T, const T&, const T&> {};
template <class T>
struct Param<const T*> : ParamIn<T, const T*, const T&> {};
template <class T>
struct Param<T&> : ParamOut<T, T&> {};
template <class T>
struct Param<T*> : ParamOut<T, T*> {};
template <class T>
struct Param<InOut<T&>> : ParamInOut<T, T&> {};
template <class T>
struct Param<InOut<T*>> : ParamInOut<T, T*> {};
template <class T>
struct Param<Opt<T>> : ParamOptIn<T, Opt<T>> {};
template <class T>
struct Param<Opt<const T*>> : ParamOptIn<T, Opt<const T*>> {};
template <class T>
struct Param<Opt<T&>> : ParamOptOut<T, T&> {};
template <class T>
requires(!std::is_const_v<T>) struct Param<Opt<T*>> : ParamOptOut<T, T*> {
};

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_PARAM_TRAITS_H_
