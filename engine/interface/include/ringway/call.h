// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// A call, from the caller's arguments to its outputs: through a portal, or
// straight to an object of this process.

#ifndef RINGWAY_CALL_H_
#define RINGWAY_CALL_H_

#include <algorithm>
#include <cstring>
#include <memory>
#include <tuple>
#include <utility>

#include "ringway/method.h"
#include "ringway/object.h"

namespace ringway {
inline namespace api {

// Unique per method in a process: two declarations of one method are different
// types, and then talk by messages.
template <class M>
inline constexpr char kTypeMark = 0;

// What a MethodEntry::local of the method M is.
template <class M>
struct LocalCallOf;
template <class I, MethodName kName, class R, class... Ps, class... Options>
struct LocalCallOf<Method<I, kName, R(Ps...), Options...>> {
  using States = std::tuple<typename Param<Ps>::State...>;
  using Function = int64_t (*)(void* self, CallContext& context, States& states);
  using Indices = std::index_sequence_for<Ps...>;
};

template <class M>
using StatesOf = typename LocalCallOf<typename M::MethodType>::States;
template <class M>
using IndicesOf = typename LocalCallOf<typename M::MethodType>::Indices;
template <class M, size_t kIndex>
using ParamAt = std::tuple_element_t<kIndex, typename M::Params>;

// A reply, until its outputs are copied.
struct ReplySlot {
  IncomingMessage* message;
  Connection* connection = nullptr;
  Connection::Waiter waiter = {};
  uint32_t presence = 0;

  ~ReplySlot() {
    if (connection) connection->Done(message);
  }
};

// The parts of a call that do not depend on its method. The request has its header; a call gets
// its transaction here.
inline int64_t SendOneWay(const Target& target, OutgoingMessage& request, size_t num_bytes) {
  return request.Send(target.remote()->portal(), num_bytes);
}
Tag SendAndAwait(const Target& target, OutgoingMessage& request, size_t num_bytes,
                 const CallOptions& options, ReplySlot* slot);
// Reads the header. `from_transport` if the reply is none.
Tag ReadReply(ReplySlot* slot);
// The object has no such method, or there is no object.
Tag Unhandled(int64_t status);

// A call of a method of an object in this process, to its own table or beyond.
class LocalCall {
 public:
  LocalCall(const Object& object, const MethodKey& key, uint8_t kind, bool one_way);

  const Resolved& found() const { return found_; }
  CallContext& context() { return context_; }
  // What the handler answered, or the later reply if it took that.
  Tag Finish(int64_t status, const CallOptions& options, ReplySlot* slot);
  // Through the table's encoded form.
  Tag Encoded(OutgoingMessage& request, size_t num_bytes, const CallOptions& options,
              ReplySlot* slot);
  std::shared_ptr<LocalReplyChannel> channel;

 private:
  static Resolved Find(Served* object, const MethodKey& key);
  Resolved found_;
  CallContext context_;
};

template <class M>
class Caller {
 public:
  static constexpr bool kHoldsReply = []<size_t... kI>(std::index_sequence<kI...>) {
    return (ParamAt<M, kI>::kDirectOut || ...);
  }
  (IndicesOf<M>());
  static constexpr bool kOneWay = M::kOptions.send_only;
  // Memory that is lent or moved makes a message one of another kind.
  static constexpr uint8_t kKind = []<size_t... kI>(std::index_sequence<kI...>) {
    const uint8_t plain = kOneWay ? kKindOneWay : kKindCall;
    return std::max({plain, ParamAt<M, kI>::template kKindFor<kOneWay>...});
  }
  (IndicesOf<M>());
  static_assert(kOneWay == !WantsReply(kKind), "what is lent comes back: with a reply");

  static CallOptions OptionsOf(const Object& object) {
    CallOptions options = object.options();
    if (M::kOptions.timeout_ns != RINGWAY_NO_DEADLINE &&
        options.deadline.ns() == RINGWAY_NO_DEADLINE) {
      options.deadline = Deadline::In(M::kOptions.timeout_ns);
    }
    return options;
  }

  template <size_t... kI, class... Clients>
  static Tag Run(const Object& object, std::index_sequence<kI...> indices, Clients&... args) {
    StatesOf<M> states;
    const CallOptions options = OptionsOf(object);
    if (object.target().is_local()) {
      LocalCall call(object, kKeyOf<M>, kKind, kOneWay);
      if (call.found().error != RW_EOK) return Unhandled(call.found().error);
      if (call.found().entry && call.found().entry->type == &kTypeMark<typename M::MethodType>) {
        return Direct(call, states, options, indices, args...);
      }
      return Send(&call, object.target(), states, options, indices, args...);
    }
    return Send(nullptr, object.target(), states, options, indices, args...);
  }

  template <size_t... kI, class... Clients>
  static Sizer SizeOf(std::index_sequence<kI...>, Clients&... args) {
    Sizer sizer(sizeof(RequestHeader));
    (ParamAt<M, kI>::template PutIn<kI>(sizer, args), ...);
    return sizer;
  }

  // Writes the request, a large one in memory of `portal`.
  template <size_t... kI, class... Clients>
  static int64_t Encode(LocalCall* call, IpczHandle portal, OutgoingMessage& request,
                        size_t* num_bytes, std::index_sequence<kI...> indices, Clients&... args) {
    const int64_t reserved = request.Reserve(portal, SizeOf(indices, args...).at());
    if (reserved != RW_EOK) return reserved;
    Writer writer(&request, sizeof(RequestHeader));
    (ParamAt<M, kI>::template PutIn<kI>(writer, args), ...);
    if (writer.status() != RW_EOK) return writer.status();
    RequestHeader header = {kMessageVersion,
                            kKind,
                            static_cast<uint8_t>(request.num_handles()),
                            call ? call->found().hops : uint8_t{0},
                            0,
                            0,
                            writer.presence(),
                            0,
                            0};
    SetKey(&header, call ? call->found().key : kKeyOf<M>);
    StoreHeader(request.data(), header);
    *num_bytes = writer.at();
    return RW_EOK;
  }

  template <size_t... kI, class... Clients>
  static Tag Decode(const Tag& tag, ReplySlot& slot, StatesOf<M>& states,
                    std::index_sequence<kI...> indices, Clients&... args) {
    Reader reader(slot.message, sizeof(ReplyHeader), slot.presence);
    (ParamAt<M, kI>::template GetOut<kI>(reader, std::get<kI>(states)), ...);
    const int64_t bad = reader.Finish();
    if (bad != RW_EOK) return {bad, true};
    return Commit(tag, states, indices, args...);
  }

 private:
  template <size_t... kI, class... Clients>
  static Tag Direct(LocalCall& call, StatesOf<M>& states, const CallOptions& options,
                    std::index_sequence<kI...> indices, Clients&... args) {
    int64_t bound = RW_EOK;
    ((bound = bound != RW_EOK ? bound : ParamAt<M, kI>::Bind(std::get<kI>(states), args)), ...);
    if (bound != RW_EOK) return {bound, false};
    using Function = typename LocalCallOf<typename M::MethodType>::Function;
    const auto function = *static_cast<const Function*>(call.found().entry->local);
    const int64_t status = function(call.found().self, call.context(), states);
    if (!call.channel) [[likely]] {
      if (kOneWay) return {0, false};
      if (status < 0) return {status == -RW_ENOREPLY ? -RW_ECANCELED : status, false};
      return Commit({status, false}, states, indices, args...);
    }
    IncomingMessage message;
    ReplySlot slot = {&message};
    const Tag tag = call.Finish(status, options, &slot);
    if (!tag.ok()) return tag;
    return Decode(tag, slot, states, indices, args...);
  }

  template <size_t... kI, class... Clients>
  static Tag Send(LocalCall* call, const Target& target, StatesOf<M>& states,
                  const CallOptions& options, std::index_sequence<kI...> indices,
                  Clients&... args) {
    const bool inside = call && call->found().entry;
    const Target& to = call && !inside ? call->found().behind : target;
    if (!inside && !to.remote()) return Unhandled(-RW_ENOENT);
    OutgoingMessage request;
    size_t num_bytes = 0;
    const int64_t encoded = Encode(call, inside ? IPCZ_INVALID_HANDLE : to.remote()->portal(),
                                   request, &num_bytes, indices, args...);
    if (encoded != RW_EOK) return {encoded, true};
    if constexpr (kHoldsReply) {
      auto hold = std::make_shared<ReplyHold>();
      ReplySlot slot = {&hold->message};
      const Tag tag = Exchange(call, inside, to, request, num_bytes, options, &slot);
      slot.connection = nullptr;  // `hold` does that
      hold->connection = to.remote_ref();
      if (!tag.ok()) return tag;
      if (!hold->message.is_private()) hold->connection->KeepsView();
      const Tag decoded = Decode(tag, slot, states, indices, args...);
      if (decoded.ok()) (KeepHold<ParamAt<M, kI>>(args, hold), ...);
      return decoded;
    } else {
      IncomingMessage message;
      ReplySlot slot = {&message};
      const Tag tag = Exchange(call, inside, to, request, num_bytes, options, &slot);
      if (kOneWay || !tag.ok()) return tag;
      return Decode(tag, slot, states, indices, args...);
    }
  }

  static Tag Exchange(LocalCall* call, bool inside, const Target& to, OutgoingMessage& request,
                      size_t num_bytes, const CallOptions& options, ReplySlot* slot) {
    if (inside) return call->Encoded(request, num_bytes, options, slot);
    if (kOneWay) return {SendOneWay(to, request, num_bytes), true};
    return SendAndAwait(to, request, num_bytes, options, slot);
  }

  template <class P, class Client>
  static void KeepHold(Client& client, const std::shared_ptr<ReplyHold>& hold) {
    if constexpr (P::kDirectOut) client.hold = hold;
  }

  template <size_t... kI, class... Clients>
  static Tag Commit(const Tag& tag, StatesOf<M>& states, std::index_sequence<kI...>,
                    Clients&... args) {
    int64_t status = RW_EOK;
    ((status = status != RW_EOK ? status : ParamAt<M, kI>::Admit(std::get<kI>(states), args)), ...);
    if (status != RW_EOK) return {status, false};
    (ParamAt<M, kI>::Commit(std::get<kI>(states), args), ...);
    return tag;
  }
};

// What the caller gets: `tag`, or what the default of the method answers.
template <class M, class... Clients>
Tag AnswerOf(const Tag& tag, Clients&... args) {
  if constexpr (M::kHasDefault) {
    if (tag.unhandled) return {M::RunDefault(args...), false};
  }
  return tag;
}

template <class M, class... Clients>
Tag CallMethod(const Object& object, Clients... args) {
  return AnswerOf<M>(Caller<M>::Run(object, IndicesOf<M>(), args...), args...);
}

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_CALL_H_
