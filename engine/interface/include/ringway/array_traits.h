// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Param<> of arrays, text and handles. On the wire an array is its number of
// elements (32 bits), then these.

#ifndef RINGWAY_ARRAY_TRAITS_H_
#define RINGWAY_ARRAY_TRAITS_H_

#include <memory>
#include <new>
#include <utility>

#include "ringway/param_traits.h"

namespace ringway {
inline namespace api {

template <class Sink, class T>
void PutArray(Sink& sink, const T* data, size_t count, size_t max) {
  if constexpr (Sink::kWrites) {
    if (count > max) return sink.Fail(-RW_EMSGTOOLONG);
  }
  sink.Value(static_cast<uint32_t>(count));
  sink.Elements(data, std::min(count, max));
}

// The elements where they are in the message.
template <class T>
ArrayRef<T> GetArray(Reader& reader, size_t max) {
  const auto count = reader.Value<uint32_t>();
  if (count > max) reader.Fail(-RW_EMSGTOOLONG);
  auto* data = reader.Elements<std::remove_const_t<T>>(count);
  // A reply is the caller's own; only for it T may be no const.
  return {const_cast<T*>(data), data ? count : 0};
}

// From a client's Array, or its Filling.
template <class T, class ClientType, size_t kMax>
struct ParamArrayIn : ParamBase {
  using Client = ClientType;
  using Server = ArrayRef<const T>;
  using State = ValueState<ArrayRef<const T>>;
  static constexpr bool kIn = true;
  template <class Arg>
  static constexpr bool kTakes = kIsFillingOf<Arg, T>;

  template <size_t kIndex, class Sink, class From>
  static void PutIn(Sink& sink, From& client) {
    if constexpr (kTakes<From>) {
      if constexpr (Sink::kWrites) {
        if (client.size() > kMax) return sink.Fail(-RW_EMSGTOOLONG);
      }
      sink.Value(static_cast<uint32_t>(client.size()));
      sink.template Fill<T>(std::min(client.size(), kMax), client.write());
    } else {
      PutArray(sink, client.data, client.length, kMax);
    }
  }
  template <size_t kIndex>
  static void GetIn(Reader& reader, State& state) {
    state.value = GetArray<const T>(reader, kMax);
  }
  template <class From>
  static int64_t Bind(State& state, From& client) {
    if (client.size() > kMax) return -RW_EMSGTOOLONG;
    if constexpr (kTakes<From>) {
      const int64_t status = client.Hold();
      if (status != RW_EOK) return status;
    }
    const ClientType elements = client;
    state.value = {elements.data, elements.length};
    return RW_EOK;
  }
  static Server Arg(State& state) { return state.value; }
};

template <class T, size_t kMax>
struct Param<Array<const T, kMax>> : ParamArrayIn<T, Array<const T, kMax>, kMax> {};
template <class T, size_t kMax>
struct Param<ArrayRef<const T, kMax>> : ParamArrayIn<T, Array<const T, kMax>, kMax> {
  static constexpr bool kDirectIn = true;
};

template <class T, size_t kMax>
struct Param<ArrayInBuf<T, kMax>> : ParamArrayIn<T, Array<const T>, kMax> {
  using Base = ParamArrayIn<T, Array<const T>, kMax>;
  using Server = const ArrayInBuf<T, kMax>&;
  using State = ArrayInBuf<T, kMax>;

  template <size_t kIndex>
  static void GetIn(Reader& reader, State& state) {
    const ArrayRef<const T> from = GetArray<const T>(reader, kMax);
    if (from.length <= kMax) Copy(state, from.data, from.length);
  }
  template <class From>
  static int64_t Bind(State& state, From& client) {
    typename Base::State elements;
    const int64_t status = Base::Bind(elements, client);
    if (status == RW_EOK) Copy(state, elements.value.data, elements.value.length);
    return status;
  }
  static Server Arg(State& state) { return state; }

 private:
  static void Copy(State& state, const T* from, size_t count) {
    std::copy_n(from, count, state.data.begin());
    state.length = count;
  }
};

template <class T>
struct ArrayOutState {
  ArrayRef<T> value;
  size_t capacity = 0;
  size_t offset = 0;  // of its memory in the reply
};

// Common to arrays that come back: memory for `capacity` elements in the reply,
// which the handler fills.
template <class T>
struct ParamArrayOut : ParamBase {
  using State = ArrayOutState<T>;
  using Server = ArrayRef<T>&;
  static constexpr bool kOut = true;

  static void Plan(Sizer& plan, State& state) {
    plan.Value(uint32_t{});
    plan.AlignFor<T>(state.capacity);
    state.offset = plan.at();
    plan.Elements(static_cast<const T*>(nullptr), state.capacity);
  }
  static void Place(OutgoingMessage& reply, State& state) {
    state.value = {reinterpret_cast<T*>(reply.data() + state.offset), 0, state.capacity};
  }
  static void SetOut(State& state, ArrayRef<T> value) {
    state.capacity = value.length;
    state.value = std::move(value);
  }
  template <size_t kIndex, class Sink>
  static void PutOut(Sink& sink, State& state) {
    PutArray(sink, state.value.data, state.value.length, state.capacity);
  }
  template <size_t kIndex>
  static void GetOut(Reader& reader, State& state) {
    state.value = GetArray<T>(reader, kNoMaximum);
  }
  static Server Arg(State& state) { return state.value; }
};

// Into the caller's memory, whose size goes in with the request.
template <class T, size_t kMax>
struct Param<Array<T, kMax>&> : ParamArrayOut<T> {
  using Client = Array<T, kMax>&;
  using State = ArrayOutState<T>;
  static constexpr bool kIn = true;

  template <size_t kIndex, class Sink>
  static void PutIn(Sink& sink, Client client) {
    sink.Value(static_cast<uint32_t>(std::min(client.length, kMax)));
  }
  template <size_t kIndex>
  static void GetIn(Reader& reader, State& state) {
    state.capacity = reader.Value<uint32_t>();
    // Memory for it is made before the handler says how much it needs.
    if (state.capacity > std::min(kMax, kReplyBytesMax / sizeof(T))) reader.Fail(-RW_EMSGTOOLONG);
  }
  static int64_t Bind(State& state, Client client) {
    state.capacity = std::min(client.length, kMax);
    state.value = {client.data, 0, state.capacity};
    return RW_EOK;
  }
  static int64_t Admit(const State& state, Client client) {
    return state.value.length > client.length ? -RW_EMSGTOOLONG : RW_EOK;
  }
  static void Commit(State& state, Client client) {
    if (state.value.data != client.data) {
      std::copy_n(state.value.data, state.value.length, client.data);
    }
    client.length = state.value.length;
  }
};

// As large as a small message, if nothing else is said.
template <class T, size_t kMax>
inline constexpr size_t kArrayRefMax = kMax != kNoMaximum ? kMax
                                                          : (kMessageInlineBytes - 64) / sizeof(T);

// In the reply itself.
template <class T, size_t kMax>
struct Param<ArrayRef<T, kMax>&> : ParamArrayOut<T> {
  using Client = ArrayRef<T, kMax>&;
  using State = ArrayOutState<T>;
  static constexpr bool kDirectOut = true;

  template <size_t kIndex>
  static void GetIn(Reader&, State& state) {
    state.capacity = kArrayRefMax<T, kMax>;
  }
  static int64_t Bind(State& state, Client client) {
    // There is no message, so there is memory of its own.
    auto hold = std::make_shared<std::unique_ptr<T[]>>(new (std::nothrow) T[kArrayRefMax<T, kMax>]);
    if (!*hold) return -RW_ENOMEM;
    state.capacity = kArrayRefMax<T, kMax>;
    state.value = {hold->get(), 0, state.capacity};
    client.hold = std::shared_ptr<ReplyHold>(hold, nullptr);
    return RW_EOK;
  }
  static int64_t Admit(const State& state, const ArrayRef<T, kMax>&) {
    return state.value.length > kArrayRefMax<T, kMax> ? -RW_EMSGTOOLONG : RW_EOK;
  }
  static void Commit(State& state, Client client) {
    client.data = state.value.data;
    client.length = state.value.length;
  }
};

template <class T, size_t kMax>
struct Param<Opt<ArrayRef<T, kMax>&>> : Param<ArrayRef<T, kMax>&> {
  using Base = Param<ArrayRef<T, kMax>&>;
  using Client = ArrayRef<T, kMax>&;
  using Server = Opt<ArrayRef<T>>&;
  struct State : ArrayOutState<T> {
    Opt<ArrayRef<T>> optional;
  };
  static void SetOut(State& state, Opt<ArrayRef<T>> value) {
    state.capacity = value.value().length;
    state.optional = std::move(value);
  }

  template <size_t kIndex, class Sink>
  static void PutOut(Sink& sink, State& state) {
    if (!state.optional.is_set()) return;
    sink.Present(kIndex);
    PutArray(sink, state.optional.value().data, state.optional.value().length, state.capacity);
  }
  template <size_t kIndex>
  static void GetOut(Reader& reader, State& state) {
    if (reader.IsPresent(kIndex)) state.optional = GetArray<T>(reader, kNoMaximum);
  }
  static int64_t Admit(const State& state, const ArrayRef<T, kMax>&) {
    const bool fits = state.optional.value().length <= kArrayRefMax<T, kMax>;
    return state.optional.is_set() && !fits ? -RW_EMSGTOOLONG : RW_EOK;
  }
  static void Commit(State& state, Client client) {
    if (!state.optional.is_set()) return;
    client.data = state.optional.value().data;
    client.length = state.optional.value().length;
  }
  // The memory is there before the handler says whether it uses it.
  static Server Arg(State& state) {
    state.optional = Opt<ArrayRef<T>>::Unset(state.value);
    return state.optional;
  }
};

template <class Char>
struct Param<String<Char>> : ParamBase {
  using Client = String<Char>;
  using Server = String<Char>;
  struct State {
    String<Char> value = {nullptr, 0};
    std::unique_ptr<Char[]> copy = nullptr;
  };
  static constexpr bool kIn = true;
  static constexpr bool kNeedsPrivate = true;

  template <size_t kIndex, class Sink>
  static void PutIn(Sink& sink, Client& client) {
    PutArray(sink, client.data, client.length, kNoMaximum);
  }
  template <size_t kIndex>
  static void GetIn(Reader& reader, State& state) {
    const ArrayRef<const Char> text = GetArray<const Char>(reader, kNoMaximum);
    if (text.length == 0) return reader.Fail(-RW_EMSGTOOSHORT);
    // The message is our own copy, so that the sender sees nothing of this.
    const_cast<Char&>(text.data[text.length - 1]) = 0;
    state.value = {text.data, text.length};
  }
  static int64_t Bind(State& state, Client& client) {
    if (client.length == 0) return -RW_EMSGTOOSHORT;
    state.value = client;
    if (client.data[client.length - 1] == 0) return RW_EOK;
    state.copy.reset(new (std::nothrow) Char[client.length]);
    if (!state.copy) return -RW_ENOMEM;
    std::copy_n(client.data, client.length - 1, state.copy.get());
    state.copy[client.length - 1] = 0;
    state.value.data = state.copy.get();
    return RW_EOK;
  }
  static Server Arg(State& state) { return state.value; }
};

// Handles of any kind: portals and boxes. One that is not there is no handle
// for what comes back, and an error for what goes in.
template <class Sink>
void PutHandle(Sink& sink, Handle&& handle) {
  sink.Value(uint32_t{handle ? 1u : 0u});
  if (handle) sink.Attach(std::move(handle));
}

inline Handle GetHandle(Reader& reader) {
  const auto count = reader.Value<uint32_t>();
  if (count > 1) reader.Fail(-RW_EPROTO);
  return count == 1 ? reader.TakeHandle() : Handle();
}

template <>
struct Param<Handle> : ParamBase {
  using Client = Handle;
  using Server = Handle;
  using State = ValueState<Handle>;
  static constexpr bool kIn = true;

  template <size_t kIndex, class Sink>
  static void PutIn(Sink& sink, Client& client) {
    if constexpr (Sink::kWrites) {
      if (!client) return sink.Fail(-RW_EMSGMISSARG);
    }
    PutHandle(sink, std::move(client));
  }
  template <size_t kIndex>
  static void GetIn(Reader& reader, State& state) {
    state.value = GetHandle(reader);
    if (!state.value) reader.Fail(-RW_EMSGMISSARG);
  }
  static int64_t Bind(State& state, Client& client) {
    state.value = std::move(client);
    return state.value ? RW_EOK : -RW_EMSGMISSARG;
  }
  static Server Arg(State& state) { return std::move(state.value); }
};

template <>
struct Param<Out<Handle>> : ParamBase {
  using Client = Handle&;
  using Server = Handle&;
  using State = ValueState<Handle>;
  static constexpr bool kOut = true;

  static void Plan(Sizer& plan, State&) { plan.Value(uint32_t{}); }
  template <size_t kIndex, class Sink>
  static void PutOut(Sink& sink, State& state) {
    PutHandle(sink, std::move(state.value));
  }
  template <size_t kIndex>
  static void GetOut(Reader& reader, State& state) {
    state.value = GetHandle(reader);
  }
  static void Commit(State& state, Client client) { client = std::move(state.value); }
  static Server Arg(State& state) { return state.value; }
};

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_ARRAY_TRAITS_H_
