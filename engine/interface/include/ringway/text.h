// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Kinds of parameters of the IDL that have no counterpart among those of
// L4Re. On the wire they are arrays.

#ifndef RINGWAY_TEXT_H_
#define RINGWAY_TEXT_H_

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "ringway/array_traits.h"

namespace ringway {
inline namespace api {

// Text of at most kMax characters and their NUL. As `Text<>` it goes in, from a
// `const char*` to one; as `Out<Text<>>` it comes back, to an `Array<char>` with
// room for the NUL as well.
template <size_t kMax = kNoMaximum>
struct Text;

// As `Private<Array<const T>>`: the handler sees a copy, which the client cannot
// change any more, whatever the size of the message.
template <class T>
struct Private;

template <class T, size_t kMax>
struct Param<Private<Array<const T, kMax>>> : Param<Array<const T, kMax>> {
  static constexpr bool kNeedsPrivate = true;
};

template <size_t kMax>
struct Param<Text<kMax>> : Param<String<>> {
  using Base = Param<String<>>;
  using Client = const char*;
  using Server = const char*;
  using State = Base::State;

  template <size_t kIndex, class Sink>
  static void PutIn(Sink& sink, Client& client) {
    if (!client) {
      if constexpr (Sink::kWrites) sink.Fail(-RW_EINVAL);
      return;
    }
    PutArray(sink, client, std::strlen(client) + 1, kMax + 1);
  }
  template <size_t kIndex>
  static void GetIn(Reader& reader, State& state) {
    Base::GetIn<kIndex>(reader, state);
    if (state.value.length > kMax + 1) reader.Fail(-RW_EMSGTOOLONG);
  }
  static int64_t Bind(State& state, Client& client) {
    if (!client) return -RW_EINVAL;
    state.value = String<>(client);
    return state.value.length > kMax + 1 ? -RW_EMSGTOOLONG : RW_EOK;
  }
  static Server Arg(State& state) { return state.value.data; }
};

template <size_t kMax>
struct Param<Out<Text<kMax>>> : Param<Array<char, kMax + 1>&> {
  using Base = Param<Array<char, kMax + 1>&>;
  using typename Base::Client;
  using typename Base::State;

  static int64_t Admit(const State& state, Client client) {
    return state.value.length == 0 ? -RW_EMSGTOOSHORT : Base::Admit(state, client);
  }
  static void Commit(State& state, Client client) {
    Base::Commit(state, client);
    client.data[client.length - 1] = '\0';
  }
};

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_TEXT_H_
