// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Graphs of objects. An endpoint is a member of an object. What the object sends through it goes to
// the endpoint's destination: another endpoint, of this process, or through a portal, of another
// one. What others send to the endpoint is handled by its object, as its descriptor says; what the
// object does not handle passes through: on to the destination of another endpoint of the object.
//
//   class XorFilter : public ringway::RefCounted {
//    public:
//     XorFilter();
//     long Deliver(ringway::ArrayRef<const std::byte> data, const ringway::XferMetadata& metadata);
//     ringway::Endpoint xfer;  // XorFilter::XorFilter() : xfer(kXfer), backend(kBackend) {}
//     ringway::Endpoint backend;
//   };
//
// Lives of objects: each plug into an endpoint is a reference to its object, and so is each portal
// that the endpoint is served on. Threads: the objects of a graph belong to the thread that runs
// their loop. A handler that waits for another process lets the loop go on, so that others may
// call back; another thread that calls waits for it.

#ifndef RINGWAY_ENDPOINT_H_
#define RINGWAY_ENDPOINT_H_

#include <bit>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>

#include "ringway/descriptor.h"
#include "ringway/loop.h"

namespace ringway {
inline namespace api {

// What endpoints tell each other.
struct Intf : Interface<Intf> {
  static constexpr InterfaceId kId = kIntfId;
  // The sender is about to be unplugged, for a reason: 0 or an error. An endpoint that does not
  // handle this restarts.
  using Close = Method<Intf, "close", void(int64_t), Opcode<kIntfClose>, SendOnly>;
  using Rpcs = ringway::Rpcs<Close>;
};

// What an endpoint does itself, whatever its descriptor has: this never passes through.
struct Plugging : Interface<Plugging> {
  static constexpr InterfaceId kId = IdOf("ringway.Plugging");
  // The right to change where an endpoint's messages go.
  static constexpr Rights kRight = Rights{1} << 31;
  // Plugs the receiver into this endpoint; with true, which is also the one that sends this.
  using Plug = Method<Plugging, "plug", long(Cap<Plugging>, bool), NeedsRights<kRight>>;
  // The receiver is to go on with this peer instead. One that does not handle this restarts, plugs
  // itself and the peer into each other, and closes itself if that fails.
  using Redirect = Method<Plugging, "redirect", void(Cap<Plugging>), SendOnly, NeedsRights<kRight>>;
  // The sender is not plugged into the receiver any more.
  using Leave = Method<Plugging, "leave", void(), SendOnly>;
  using Rpcs = ringway::Rpcs<Plug, Redirect, Leave>;
};

class Endpoint final : public Served {
 public:
  // Part of the object that `descriptor` says, which counts the references if it is RefCounted.
  explicit Endpoint(const Descriptor& descriptor);
  // The references are counted elsewhere; null: nowhere.
  Endpoint(const Descriptor& descriptor, RefCounted* counter);
  ~Endpoint() override;

  // Where everything goes that is not to go anywhere. It handles nothing.
  static Endpoint& Null();

  // Messages go to `destination` from now on. One way: see PlugPlug().
  void Plug(Endpoint& destination);
  // They go to what `destination` is, in this process or another one. `loop`, which outlives this,
  // reads the replies and closes this with -RW_ECONNRESET when the other process ends. -RW_EBUSY:
  // the capability is shared.
  int64_t Plug(Loop& loop, Cap<Plugging> destination);
  void Unplug();

  // Both ways. What is behind a capability is asked to plug itself into this one, which `loop`
  // serves: 0, or an error, and this is unplugged.
  void PlugPlug(Endpoint& other);
  int64_t PlugPlug(Loop& loop, Cap<Plugging> other);

  // Puts a filter with these two endpoints between this one and its destination.
  int64_t Insert(Endpoint& upper, Endpoint& lower);

  // Messages to this endpoint are not handled any more, nor do they pass through.
  void Nullify();
  // Handles messages again as at the start.
  void Reinit();
  // Tells the destination the reason, 0 or an error, and nothing else.
  void Close(int64_t reason);
  // Nullifies this, unplugs it, and then closes what was its destination.
  void Shutdown(int64_t reason);
  // The same, and it can be plugged again.
  void Restart(int64_t reason);

  // Sends a message to the destination; without one, or where nobody handles it, its default.
  template <class M, class... Args>
  auto Call(Args&&... args) {
    return to<typename M::Interface>().template Call<M>(std::forward<Args>(args)...);
  }
  // The destination, as something that has the interface I.
  template <class I>
  Cap<I> to() const {
    return Cap<I>(destination());
  }
  // Empty: the null endpoint.
  Target destination() const;
  // As something to be called, or to be sent to another process. A reference.
  template <class I>
  Cap<I> cap() const {
    return Cap<I>(target());
  }

  std::shared_ptr<ServedSlot> Reference() const override;
  Target PassThrough() const override;
  bool ChannelEnded(ReplyChannel& channel) override;
  bool is_reentrant() const override { return true; }

 private:
  friend struct EndpointHandlers;
  Endpoint(const Descriptor& descriptor, EndpointOwner owner);

  void PlugInto(Target target, Loop* loop, std::shared_ptr<ReplyChannel> back = nullptr);
  int64_t PlugPlug(Target target, Loop* loop);
  void Ended(const Connection* connection);
  static void SendClose(const Target& target, int64_t reason);

  const Descriptor& descriptor_;
  RefCounted* const counter_;
  mutable std::mutex mutex_;
  Target destination_;
  std::weak_ptr<ReplyChannel> back_;  // what the destination's messages come through, if remote
};

// The same for several endpoints of one object: none of them handles anything once the first of
// their destinations hears of it.
void ShutdownAll(int64_t reason, std::initializer_list<Endpoint*> endpoints);
void RestartAll(int64_t reason, std::initializer_list<Endpoint*> endpoints);

// Handlers that do not look at the object but at the endpoint, which is that of the context.
struct EndpointHandlers {
  long Handle(Plugging::Plug, CallContext& context, Cap<Plugging> peer, bool is_sender);
  long Handle(Plugging::Redirect, CallContext& context, Cap<Plugging> peer);
  long Handle(Plugging::Leave, CallContext& context);
  long Handle(Intf::Close, CallContext& context, int64_t reason);
};

template <class M>
inline constexpr Operation kEndpointOperation = {
    M::Interface::kId,
    {kOpcodeOf<M>, M::kOptions.rights, &Thunk<EndpointHandlers, M>::Wire, &kTypeMark<M>,
     &Thunk<EndpointHandlers, M>::kLocal},
    nullptr};
// What every endpoint has, and what it has when nothing behind it takes that.
inline constexpr Operation kOfEndpoints[] = {kEndpointOperation<Plugging::Plug>,
                                             kEndpointOperation<Plugging::Redirect>,
                                             kEndpointOperation<Plugging::Leave>};
inline constexpr InterfaceTable kDefaultsOfEndpoints[] = {
    {Intf::kId, kMethods<EndpointHandlers, Intf>}};

template <class Member>
struct MemberOf;
template <class T>
struct MemberOf<Endpoint T::*> {
  using Object = T;
};

// The object that has `endpoint` as its member kMember.
template <auto kMember>
EndpointOwner OwnerOf(Endpoint* endpoint) {
  using Object = typename MemberOf<decltype(kMember)>::Object;
  // GCC's and clang's ABI: a pointer to a data member is its offset.
  const auto offset = std::bit_cast<ptrdiff_t>(kMember);
  auto* object = reinterpret_cast<Object*>(reinterpret_cast<std::byte*>(endpoint) - offset);
  if constexpr (std::is_base_of_v<RefCounted, Object>) {
    return {object, object};
  } else {
    return {object, nullptr};
  }
}

// Which endpoint of the object gets what is not handled.
template <auto kMember>
Endpoint* SiblingIn(void* object) {
  using Object = typename MemberOf<decltype(kMember)>::Object;
  return &(static_cast<Object*>(object)->*kMember);
}

template <class Object>
constexpr bool AllOf(std::span<const Operation> operations) {
  return std::all_of(operations.begin(), operations.end(), [](const Operation& operation) {
    return !operation.id || operation.object == &kTypeMark<Object>;
  });
}

template <const auto& kOperations>
inline constexpr OperationTables<std::size(kOperations) + std::size(kOfEndpoints)> kOperationTables(
    kOperations, kOfEndpoints);
template <const auto& kOperations>
inline constexpr ObjectTable kEndpointTable = {kOperationTables<kOperations>.tables(),
                                               kDefaultsOfEndpoints};

// Pass-through is none, or another endpoint of the same object.
template <auto kMember, auto kPassThrough>
constexpr auto PassThroughOf() -> Endpoint* (*)(void*) {
  if constexpr (std::is_null_pointer_v<decltype(kPassThrough)>) {
    return nullptr;
  } else {
    static_assert(std::is_same_v<decltype(kPassThrough), decltype(kMember)>,
                  "messages pass through to an endpoint of the same object");
    return &SiblingIn<kPassThrough>;
  }
}

// The endpoint kMember of its class.
template <auto kMember, const auto& kOperations, auto kPassThrough = nullptr>
inline constexpr Descriptor kDescriptor = [] {
  static_assert(AllOf<typename MemberOf<decltype(kMember)>::Object>(kOperations),
                "an operation is one of another class");
  return Descriptor{kEndpointTable<kOperations>, &OwnerOf<kMember>,
                    PassThroughOf<kMember, kPassThrough>()};
}();

// An endpoint that is no member of anything: its handlers get the endpoint itself.
template <const auto& kOperations>
inline constexpr Descriptor kPureDescriptor = [] {
  static_assert(AllOf<Endpoint>(kOperations), "an operation is one of another class");
  return Descriptor{kEndpointTable<kOperations>,
                    [](Endpoint* endpoint) {
                      return EndpointOwner{endpoint, nullptr};
                    },
                    nullptr};
}();

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_ENDPOINT_H_
