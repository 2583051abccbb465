// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Interfaces as types, and capabilities to objects that have them.
//
//   struct Calc : ringway::Interface<Calc> {
//     static constexpr ringway::InterfaceId kId = ringway::IdOf("example.Calc");
//     using Add = ringway::Method<Calc, "add", long(int, int, int&)>;
//     using Rpcs = ringway::Rpcs<Add>;
//   };
//   ringway::Cap<Calc> calc(std::move(portal));
//   calc.Call<Calc::Add>(2, 3, sum);

#ifndef RINGWAY_INTERFACE_H_
#define RINGWAY_INTERFACE_H_

#include <cstdint>
#include <type_traits>
#include <utility>

#include "ringway/call.h"
#include "ringway/interface_id.h"
#include "ringway/method.h"
#include "ringway/object.h"
#include "ringway/pending.h"

namespace ringway {
inline namespace api {

template <class... Ts>
struct TypeList {};

// The base of an interface, which also has the methods of `Bases`. An interface
// with methods of its own has a kId and a list Rpcs; it has no data members.
template <class Derived, class... Bases>
struct Interface : virtual Object, Bases... {
  using Class = Derived;
  using BaseList = TypeList<Bases...>;
  using Rpcs = ringway::Rpcs<>;
  static constexpr InterfaceId kId = {};

  Interface() = default;
  // A Cap is assigned, and its interface has one Object by many ways.
  Interface& operator=(const Interface&) = delete;
};

// A capability to an object with the interface T: how a client has it. To be
// moved; Share() makes another one to the same object.
template <class T>
class Cap {
 public:
  Cap() = default;
  explicit Cap(Portal portal) : Cap(Target(std::move(portal))) {}
  explicit Cap(Target target) { object().target_ = std::move(target); }
  Cap(Cap&& other) noexcept { *this = std::move(other); }
  Cap& operator=(Cap&& other) noexcept {
    object().Take(other.object());
    return *this;
  }
  template <class Derived>
  requires(std::is_base_of_v<T, Derived> && !std::is_same_v<T, Derived>) Cap(Cap<Derived> other) {
    object().Take(other.object());
  }

  explicit operator bool() const { return static_cast<bool>(target()); }
  const Target& target() const { return object_.Object::target_; }
  Target TakeTarget() { return std::move(object().target_); }
  const T* operator->() const { return &object_; }
  const T& operator*() const { return object_; }

  template <class M, class... Args>
  auto Call(Args&&... args) const {
    static_assert(std::is_base_of_v<typename M::Interface, T>, "not a method of this interface");
    return M::CallOn(object_, std::forward<Args>(args)...);
  }

  // The same without waiting for the reply: Pending::Wait() does that.
  template <class M, class... Args>
  Pending<M> Start(Args&&... args) const {
    static_assert(std::is_base_of_v<typename M::Interface, T>, "not a method of this interface");
    return Pending<M>(M::StartOn(object_, std::forward<Args>(args)...));
  }

  // Calls that other threads make at the same time are answered in any order.
  Cap Share() const { return As<T>(); }
  // The same by another interface, without asking whether the object has it: ringway/meta.h.
  template <class U>
  Cap<U> As() const {
    Cap<U> other;
    other.object().options_ = object_.Object::options_;
    other.object().target_ = target();
    other.object().send_rights_ = object_.Object::send_rights_;
    return other;
  }
  // The same object, for calls that end at `deadline`: cap.Until(d)->add(...).
  Cap Until(Deadline deadline) const {
    Cap other = Share();
    other.object().options_.deadline = deadline;
    return other;
  }
  void set_wait_mode(RingwayWaitMode mode) { object().options_.mode = mode; }
  // Whoever this is sent to gets these rights at most.
  Cap WithRights(Rights rights) && {
    object().send_rights_ &= rights;
    return std::move(*this);
  }
  Rights send_rights() const { return object_.Object::send_rights_; }

 private:
  template <class U>
  friend class Cap;
  Object& object() { return object_; }

  T object_;
};

template <class I, MethodName kMethodName, class R, class... Ps, class... Options>
R Method<I, kMethodName, R(Ps...), Options...>::call(const Cap<I>& cap,
                                                     typename Param<Ps>::Client... args) {
  return AnswerAs<R>(CallMethod<Method, typename Param<Ps>::Client&...>(*cap, args...));
}

// Turns a capability into a portal to send. Remote ones whose rights are to be
// fewer are cloned by their server, which has until `deadline` for it.
int64_t CapIntoPortal(Target target, Rights rights, Deadline deadline, Handle* portal);
template <class T>
int64_t CapIntoPortal(Cap<T>& cap, Handle* portal) {
  const Rights rights = cap.send_rights();
  const Deadline deadline = cap->options().deadline;
  return CapIntoPortal(cap.TakeTarget(), rights, deadline, portal);
}

// Capabilities go in, and come back, as portals.
template <class T>
struct Param<Cap<T>> : ParamBase {
  using Client = Cap<T>;
  using Server = Cap<T>;
  using State = ValueState<Cap<T>>;
  static constexpr bool kIn = true;

  template <size_t kIndex, class Sink>
  static void PutIn(Sink& sink, Client& client) {
    Handle portal;
    if constexpr (Sink::kWrites) {
      if (!client) return sink.Fail(-RW_EMSGMISSARG);
      const int64_t status = CapIntoPortal(client, &portal);
      if (status != RW_EOK) return sink.Fail(status);
    }
    PutHandle(sink, std::move(portal));
  }
  template <size_t kIndex>
  static void GetIn(Reader& reader, State& state) {
    state.value = Cap<T>(Portal(GetHandle(reader).Release()));
    if (!state.value || state.value.target().remote()->portal() == IPCZ_INVALID_HANDLE) {
      reader.Fail(-RW_EMSGMISSARG);
    }
  }
  static int64_t Bind(State& state, Client& client) {
    state.value = std::move(client);
    return state.value ? RW_EOK : -RW_EMSGMISSARG;
  }
  static Server Arg(State& state) { return std::move(state.value); }
};

template <class T>
struct Param<Out<Cap<T>>> : ParamBase {
  using Client = Cap<T>&;
  using Server = Cap<T>&;
  using State = ValueState<Cap<T>>;
  static constexpr bool kOut = true;

  static void Plan(Sizer& plan, State&) { plan.Value(uint32_t{}); }
  template <size_t kIndex, class Sink>
  static void PutOut(Sink& sink, State& state) {
    Handle portal;
    if (state.value) {
      const int64_t status = CapIntoPortal(state.value, &portal);
      if (status != RW_EOK) return sink.Fail(status);
    }
    PutHandle(sink, std::move(portal));
  }
  template <size_t kIndex>
  static void GetOut(Reader& reader, State& state) {
    Handle portal = GetHandle(reader);
    if (portal) state.value = Cap<T>(Portal(portal.Release()));
  }
  static void Commit(State& state, Client client) { client = std::move(state.value); }
  static Server Arg(State& state) { return state.value; }
};

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_INTERFACE_H_
