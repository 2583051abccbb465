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

// A call that was started and is not over: the reply to come, and what is known before.
struct StartedCall : ReplyHold {
  StartedCall() { slot.waiter.stays = true; }
  StartedCall(const StartedCall&) = delete;
  StartedCall& operator=(const StartedCall&) = delete;
  virtual ~StartedCall() {
    if (is_sent) connection->Forget(&slot.waiter);
  }
  // Waits for the rest. `self` is this.
  virtual Tag Finish(const std::shared_ptr<StartedCall>& self) = 0;

  Tag Send(const Target& to, OutgoingMessage& request, size_t num_bytes);
  // An error, or there is a reply, unless is_bound. If it still is_sent it can be waited for again.
  Tag Await();

  CallOptions options;
  ReplySlot slot = {&message};
  Tag tag;                // of what is not waited for
  bool is_sent = false;   // ... until its reply is there: through the connection
  bool is_bound = false;  // the handler ran, and left its outputs in the states
  std::shared_ptr<LocalReplyChannel> channel;  // a handler of this process took the reply
};

// The parts of a call that do not depend on its method. The request has its header; a call gets
// its transaction here.
inline int64_t SendOneWay(const Target& target, OutgoingMessage& request, size_t num_bytes) {
  return request.Send(target.remote()->portal(), num_bytes);
}
Tag SendAndAwait(const Target& target, OutgoingMessage& request, size_t num_bytes,
                 const CallOptions& options, ReplySlot* slot);
// The reply of an object of this process that took it for later.
Tag AwaitLocal(LocalReplyChannel& channel, const CallOptions& options, ReplySlot* slot);
// The object has no such method, or there is no object.
Tag Unhandled(int64_t status);

// A call of a method of an object in this process, to its own table or beyond.
class LocalCall {
 public:
  LocalCall(const Object& object, const MethodKey& key, uint8_t kind, bool one_way);

  const Resolved& found() const { return found_; }
  CallContext& context() { return context_; }
  // Through the table's encoded form. Without a reply if that is to come through `channel`.
  Tag Encoded(OutgoingMessage& request, size_t num_bytes, ReplySlot* slot);
  // If the handler took the reply.
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
    return Reach(
        object, [&](LocalCall& call) { return Direct(call, states, options, indices, args...); },
        [&](LocalCall* call) {
          return Send(call, object.target(), states, options, indices, args...);
        });
  }

  // Run() is this and then Finish(). A handler of this process runs here.
  template <size_t... kI, class... Clients>
  static void Start(StartedCall& started, StatesOf<M>& states, const Object& object,
                    std::index_sequence<kI...> indices, Clients&... args) {
    started.options = OptionsOf(object);
    started.tag = Reach(
        object,
        [&](LocalCall& call) {
          const Tag tag = Invoke(call, states, indices, args...);
          started.channel = std::move(call.channel);
          started.is_bound = !started.channel;
          return tag;
        },
        [&](LocalCall* call) {
          const auto send = [&](const Target* to, OutgoingMessage& request, size_t num_bytes) {
            if (to) return started.Send(*to, request, num_bytes);
            const Tag tag = call->Encoded(request, num_bytes, &started.slot);
            started.channel = std::move(call->channel);
            return tag;
          };
          return EncodeFor(send, call, object.target(), indices, args...);
        });
  }
  template <size_t... kI, class... Clients>
  static Tag Finish(const std::shared_ptr<StartedCall>& started, StatesOf<M>& states,
                    std::index_sequence<kI...> indices, Clients&... args) {
    const Tag tag = started->Await();
    if (!tag.ok()) return tag;
    if (started->is_bound) return Commit(tag, states, indices, args...);
    return DecodeHeld(tag, started->slot, started, states, indices, args...);
  }

 private:
  // Where the object is: in this process and of the same declaration, or beyond an encoded message.
  template <class ToHandler, class ToMessage>
  static Tag Reach(const Object& object, const ToHandler& direct, const ToMessage& encoded) {
    if (!object.target().is_local()) return encoded(nullptr);
    LocalCall call(object, kKeyOf<M>, kKind, kOneWay);
    if (call.found().error != RW_EOK) return Unhandled(call.found().error);
    if (call.found().entry && call.found().entry->type == &kTypeMark<typename M::MethodType>) {
      return direct(call);
    }
    return encoded(&call);
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

  // The same for a reply that views in the outputs keep.
  template <size_t... kI, class... Clients>
  static Tag DecodeHeld(const Tag& tag, ReplySlot& slot, const std::shared_ptr<ReplyHold>& hold,
                        StatesOf<M>& states, std::index_sequence<kI...> indices, Clients&... args) {
    if (kHoldsReply && !hold->message.is_private()) hold->connection->KeepsView();
    const Tag decoded = Decode(tag, slot, states, indices, args...);
    if (decoded.ok()) (KeepHold<ParamAt<M, kI>>(args, hold), ...);
    return decoded;
  }

  // Runs the handler. What it answered, if it did not take the reply.
  template <size_t... kI, class... Clients>
  static Tag Invoke(LocalCall& call, StatesOf<M>& states, std::index_sequence<kI...>,
                    Clients&... args) {
    int64_t bound = RW_EOK;
    ((bound = bound != RW_EOK ? bound : ParamAt<M, kI>::Bind(std::get<kI>(states), args)), ...);
    if (bound != RW_EOK) return {bound, false};
    using Function = typename LocalCallOf<typename M::MethodType>::Function;
    const auto function = *static_cast<const Function*>(call.found().entry->local);
    const int64_t status = function(call.found().self, call.context(), states);
    if (kOneWay) return {0, false};
    return {status == -RW_ENOREPLY ? -RW_ECANCELED : status, false};
  }

  template <size_t... kI, class... Clients>
  static Tag Direct(LocalCall& call, StatesOf<M>& states, const CallOptions& options,
                    std::index_sequence<kI...> indices, Clients&... args) {
    const Tag answer = Invoke(call, states, indices, args...);
    if (!call.channel) [[likely]] {
      return kOneWay || !answer.ok() ? answer : Commit(answer, states, indices, args...);
    }
    const auto hold = std::make_shared<ReplyHold>();
    ReplySlot slot = {&hold->message};
    const Tag tag = AwaitLocal(*call.channel, options, &slot);
    return tag.ok() ? DecodeHeld(tag, slot, hold, states, indices, args...) : tag;
  }

  // Encodes the request and hands it to `send`, with where it goes: null for the table that `call`
  // found.
  template <class Sender, size_t... kI, class... Clients>
  static Tag EncodeFor(const Sender& send, LocalCall* call, const Target& target,
                       std::index_sequence<kI...> indices, Clients&... args) {
    const bool inside = call && call->found().entry;
    const Target& to = call ? call->found().behind : target;
    if (!inside && !to.remote()) return Unhandled(-RW_ENOENT);
    OutgoingMessage request;
    size_t num_bytes = 0;
    const int64_t encoded = Encode(call, inside ? IPCZ_INVALID_HANDLE : to.remote()->portal(),
                                   request, &num_bytes, indices, args...);
    if (encoded != RW_EOK) return {encoded, true};
    return send(inside ? nullptr : &to, request, num_bytes);
  }

  template <size_t... kI, class... Clients>
  static Tag Send(LocalCall* call, const Target& target, StatesOf<M>& states,
                  const CallOptions& options, std::index_sequence<kI...> indices,
                  Clients&... args) {
    if constexpr (kHoldsReply) {
      const auto hold = std::make_shared<ReplyHold>();
      ReplySlot slot = {&hold->message};
      const auto send = [&](const Target* to, OutgoingMessage& request, size_t num_bytes) {
        const Tag tag = Exchange(call, to, request, num_bytes, options, &slot);
        slot.connection = nullptr;  // `hold` does that
        if (to) hold->connection = to->remote_ref();
        return tag;
      };
      const Tag tag = EncodeFor(send, call, target, indices, args...);
      return tag.ok() ? DecodeHeld(tag, slot, hold, states, indices, args...) : tag;
    } else {
      IncomingMessage message;
      ReplySlot slot = {&message};
      const auto send = [&](const Target* to, OutgoingMessage& request, size_t num_bytes) {
        return Exchange(call, to, request, num_bytes, options, &slot);
      };
      const Tag tag = EncodeFor(send, call, target, indices, args...);
      if (kOneWay || !tag.ok()) return tag;
      return Decode(tag, slot, states, indices, args...);
    }
  }

  static Tag Exchange(LocalCall* call, const Target* to, OutgoingMessage& request, size_t num_bytes,
                      const CallOptions& options, ReplySlot* slot) {
    if (to && kOneWay) return {SendOneWay(*to, request, num_bytes), true};
    if (to) return SendAndAwait(*to, request, num_bytes, options, slot);
    const Tag tag = call->Encoded(request, num_bytes, slot);
    return call->channel ? AwaitLocal(*call->channel, options, slot) : tag;
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
    if (!tag.unhandled) return tag;
    int64_t held = RW_EOK;
    const auto hold = [&held](auto& arg) {
      if constexpr (requires { arg.Hold(); }) held = held != RW_EOK ? held : arg.Hold();
    };
    (hold(args), ...);
    return {held != RW_EOK ? held : M::RunDefault(args...), false};
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
