// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Memory as a parameter of methods: lent for the time of a call, or given away.
//
//   parameter   caller                   handler                      the bytes are
//   Lend        Lend, from a span or a   std::span<const std::byte>   shared, if they are a Memory
//               Memory                                                that is; else copied once
//   LendMut     std::span<std::byte>&    LentBytes&                   copied there and back
//   Move        Memory                   Memory                       shared, or copied once
//
// A handler looks at what was lent in place, as ArrayRef in ringway/params.h says.

#ifndef RINGWAY_LEND_H_
#define RINGWAY_LEND_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "ringway/memory.h"
#include "ringway/param_traits.h"

namespace ringway {
inline namespace api {

// Bytes that the caller leaves alone until the call is over.
struct Lend {
  Lend() = default;
  template <std::convertible_to<std::span<const std::byte>> Bytes>
  Lend(const Bytes& bytes) : view(bytes) {}
  Lend(const Memory& with) : view(with.view()), memory(&with) {}

  bool is_shared() const { return memory && memory->is_shared(); }

  std::span<const std::byte> view;
  const Memory* memory = nullptr;
};

// Declares bytes that come back as the handler left them, if the call succeeds. The caller's span
// then is as long as what came.
struct LendMut;

// Declares memory that is the receiver's from then on.
struct Move;

// Bytes that a handler may change, and of which it may send back fewer.
struct LentBytes {
  std::span<std::byte> bytes() const { return {data, length}; }
  // False: there is no room for so many.
  bool Resize(size_t num_bytes) {
    if (num_bytes > capacity) return false;
    length = num_bytes;
    return true;
  }

  std::byte* data = nullptr;
  size_t length = 0;
  size_t capacity = 0;
};

// On the wire, how the bytes come:
inline constexpr uint32_t kMemoryFollows = 0;
inline constexpr uint32_t kMemoryInBox = 1;  // the next handle

// The bytes where they are, or how many there are in the box.
template <class Sink>
void PutMemory(Sink& sink, bool in_box, std::span<const std::byte> bytes) {
  sink.Value(in_box ? kMemoryInBox : kMemoryFollows);
  sink.Value(uint32_t{0});
  sink.Value(uint64_t{bytes.size()});
  if (!in_box) sink.Elements(bytes.data(), bytes.size());
}

// Bytes in the message, or memory that came with it and that `memory` then owns.
std::span<const std::byte> GetMemory(Reader& reader, Memory* memory);
// In the message only.
std::span<const std::byte> GetBytes(Reader& reader);

template <>
struct Param<Lend> : ParamBase {
  using Client = Lend;
  using Server = std::span<const std::byte>;
  struct State {
    std::span<const std::byte> view;
    Memory memory;
  };
  static constexpr bool kIn = true;
  template <bool>
  static constexpr uint8_t kKindFor = kKindLend;

  template <size_t kIndex, class Sink>
  static void PutIn(Sink& sink, Client& client) {
    PutMemory(sink, client.is_shared(), client.view);
    if constexpr (Sink::kWrites) {
      if (!client.is_shared()) return;
      Handle box;
      const int64_t status = client.memory->Duplicate(&box);
      if (status != RW_EOK) return sink.Fail(status);
      sink.Attach(std::move(box), client.memory->home());
    }
  }
  template <size_t kIndex>
  static void GetIn(Reader& reader, State& state) {
    state.view = GetMemory(reader, &state.memory);
  }
  static int64_t Bind(State& state, Client& client) {
    state.view = client.view;
    return RW_EOK;
  }
  static Server Arg(State& state) { return state.view; }
};

template <>
struct Param<LendMut> : ParamBase {
  using Client = std::span<std::byte>&;
  using Server = LentBytes&;
  struct State {
    LentBytes value;
  };
  static constexpr bool kIn = true;
  static constexpr bool kOut = true;
  static constexpr bool kNeedsPrivate = true;
  template <bool>
  static constexpr uint8_t kKindFor = kKindLendMut;

  template <size_t kIndex, class Sink>
  static void PutIn(Sink& sink, Client client) {
    PutMemory(sink, false, client);
  }
  template <size_t kIndex>
  static void GetIn(Reader& reader, State& state) {
    SetBytes(state, GetBytes(reader));
  }
  static void Plan(Sizer& plan, State& state) {
    PutMemory(plan, false, {state.value.data, state.value.capacity});
  }
  static void SetOut(State& state, std::span<const std::byte> bytes) { SetBytes(state, bytes); }
  template <size_t kIndex, class Sink>
  static void PutOut(Sink& sink, State& state) {
    if (state.value.length > state.value.capacity) return sink.Fail(-RW_EMSGTOOLONG);
    PutMemory(sink, false, state.value.bytes());
  }
  template <size_t kIndex>
  static void GetOut(Reader& reader, State& state) {
    SetBytes(state, GetBytes(reader));
  }
  static int64_t Bind(State& state, Client client) {
    SetBytes(state, client);
    return RW_EOK;
  }
  static int64_t Admit(const State& state, const std::span<std::byte>& client) {
    return state.value.length > client.size() ? -RW_EMSGTOOLONG : RW_EOK;
  }
  static void Commit(State& state, Client client) {
    if (state.value.data != client.data()) std::ranges::copy(state.value.bytes(), client.data());
    client = client.first(state.value.length);
  }
  static Server Arg(State& state) { return state.value; }

 private:
  // Of the caller, or of a message that is our own copy.
  static void SetBytes(State& state, std::span<const std::byte> bytes) {
    state.value = {const_cast<std::byte*>(bytes.data()), bytes.size(), bytes.size()};
  }
};

template <>
struct Param<Move> : ParamBase {
  using Client = Memory;
  using Server = Memory;
  using State = ValueState<Memory>;
  static constexpr bool kIn = true;
  template <bool kOneWay>
  static constexpr uint8_t kKindFor = kOneWay ? kKindMove : 0;

  template <size_t kIndex, class Sink>
  static void PutIn(Sink& sink, Client& client) {
    PutMemory(sink, client.is_shared(), client.view());
    // It is the receiver's now, or nobody's.
    if constexpr (Sink::kWrites) {
      if (client.is_shared()) sink.Attach(std::move(client).IntoBox(), client.home());
      client.Reset();
    }
  }
  template <size_t kIndex>
  static void GetIn(Reader& reader, State& state) {
    const std::span<const std::byte> bytes = GetMemory(reader, &state.value);
    if (state.value.is_shared()) return;
    Result<Memory> copy = Memory::CopyOf(bytes);
    if (!copy) return reader.Fail(-RW_ENOMEM);
    state.value = *std::move(copy);
  }
  static int64_t Bind(State& state, Client& client) {
    state.value = std::move(client);
    return RW_EOK;
  }
  static Server Arg(State& state) { return std::move(state.value); }
};

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_LEND_H_
