// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What an endpoint is in its object: where it lies there, which messages the object handles on it,
// and which endpoint of the object takes those it does not handle.
//
//   constexpr ringway::Operation kXferOperations[] = {
//       ringway::kOperation<ringway::Xfer::Deliver, &XorFilter::Deliver>,
//   };
//   constexpr const ringway::Descriptor& kXfer =
//       ringway::kDescriptor<&XorFilter::xfer, kXferOperations, &XorFilter::backend>;

#ifndef RINGWAY_DESCRIPTOR_H_
#define RINGWAY_DESCRIPTOR_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>

#include "ringway/ref_counted.h"
#include "ringway/server.h"

namespace ringway {
inline namespace api {

class Endpoint;

// One message that an object handles on one of its endpoints. `object` is unique for its class.
struct Operation {
  InterfaceId id = {};
  MethodEntry entry = {};
  const void* object = nullptr;
};

// A row of a table that handles nothing, and a table of it.
inline constexpr Operation kUnusedOperation = {};
inline constexpr Operation kNoOperations[] = {kUnusedOperation};

// The class of the object, and the parameters, of `R T::handler(...)` and of `R handler(T*, ...)`.
template <class Handler>
struct HandlerType;
template <class R, class T, class... Args>
struct HandlerType<R (T::*)(Args...)> {
  using Object = T;
  using Return = R;
  using Parameters = TypeList<Args...>;
};
template <class R, class T, class... Args>
struct HandlerType<R (*)(T*, Args...)> : HandlerType<R (T::*)(Args...)> {};

// What a handler of a method takes: these, or a CallContext& and these.
template <class Params>
struct HandlerParameters;
template <class... Params>
struct HandlerParameters<std::tuple<Params...>> {
  using Plain = TypeList<typename Params::Server...>;
  using WithContext = TypeList<CallContext&, typename Params::Server...>;
};

// The handler, as Thunk<> calls it.
template <class M, auto kHandler>
struct HandlerCall {
  using MethodType = typename M::MethodType;
  using Type = HandlerType<std::remove_const_t<decltype(kHandler)>>;
  using Expected = HandlerParameters<typename MethodType::Params>;
  static constexpr bool kWithContext =
      std::is_same_v<typename Type::Parameters, typename Expected::WithContext>;
  static_assert(kWithContext || std::is_same_v<typename Type::Parameters, typename Expected::Plain>,
                "the handler does not take the parameters of this method");
  static_assert(std::is_integral_v<typename Type::Return> || std::is_void_v<typename Type::Return>,
                "a handler returns a status, or nothing");

  template <class... Args>
  static int64_t Invoke(typename Type::Object& object, CallContext& context, Args&&... args) {
    const auto call = [&]() -> decltype(auto) {
      if constexpr (kWithContext) {
        return std::invoke(kHandler, &object, context, std::forward<Args>(args)...);
      } else {
        return std::invoke(kHandler, &object, std::forward<Args>(args)...);
      }
    };
    if constexpr (std::is_void_v<typename Type::Return>) {
      return call(), RW_EOK;
    } else {
      return call();
    }
  }
};

template <class M, class Call>
constexpr Operation MakeOperation() {
  using Object = typename Call::Type::Object;
  using CallThunk = Thunk<Object, Call>;
  return {M::Interface::kId,
          {kOpcodeOf<M>, M::MethodType::kOptions.rights, &CallThunk::Wire,
           &kTypeMark<typename M::MethodType>, &CallThunk::kLocal},
          &kTypeMark<Object>};
}
template <class M, auto kHandler>
inline constexpr Operation kOperation = MakeOperation<M, HandlerCall<M, kHandler>>();

// Not to be called in a constant expression: then the program does not compile.
void AnOperationIsListedTwice();

// Tables of methods: `own`, and those of `common` that are not among them. The tables point into
// this, which therefore is not to be copied.
template <size_t kCount>
class OperationTables {
 public:
  constexpr OperationTables(std::span<const Operation> own, std::span<const Operation> common) {
    std::array<Operation, kCount> sorted = {};
    auto end = sorted.begin();
    for (const Operation& operation : own) {
      if (operation.id) *end++ = operation;
    }
    const auto own_end = end;
    for (const Operation& operation : common) {
      if (std::find_if(sorted.begin(), own_end, Is(operation)) == own_end) *end++ = operation;
    }
    std::sort(sorted.begin(), end, [](const Operation& a, const Operation& b) {
      return a.id != b.id ? a.id < b.id : a.entry.opcode < b.entry.opcode;
    });
    size_t first = 0;
    for (auto at = sorted.begin(); at != end; ++at) {
      const auto next = at + 1;
      if (next != end && Is(*at)(*next)) AnOperationIsListedTwice();
      const auto index = static_cast<size_t>(at - sorted.begin());
      entries_[index] = at->entry;
      if (next != end && next->id == at->id) continue;
      tables_[num_tables_++] = {at->id, {&entries_[first], index + 1 - first}};
      first = index + 1;
    }
  }
  OperationTables(const OperationTables&) = delete;
  OperationTables& operator=(const OperationTables&) = delete;

  constexpr std::span<const InterfaceTable> tables() const { return {tables_.data(), num_tables_}; }

 private:
  static constexpr auto Is(const Operation& operation) {
    return [&operation](const Operation& other) {
      return operation.id == other.id && operation.entry.opcode == other.entry.opcode;
    };
  }

  std::array<MethodEntry, kCount> entries_ = {};
  std::array<InterfaceTable, kCount> tables_ = {};
  size_t num_tables_ = 0;
};

// The object that an endpoint is part of, and where it counts its references, if it does.
struct EndpointOwner {
  void* object;
  RefCounted* counter;
};

struct Descriptor {
  ObjectTable table;
  EndpointOwner (*owner)(Endpoint* endpoint);
  // The endpoint whose destination gets what is not handled; null: there is none.
  Endpoint* (*pass_through)(void* object);
};

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_DESCRIPTOR_H_
