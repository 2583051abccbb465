// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Calls that are not waited for at once:
//
//   std::deque<ringway::Pending<Store::Read>> reads;
//   for (Block& block : blocks) {
//     reads.push_back(store.Start<Store::Read>(block.number, block.data));
//   }
//   for (; !reads.empty(); reads.pop_front()) status = reads.front().Wait();
//
// Any number may be under way on one capability, with other calls of any thread between them, and
// they are waited for in any order. A thread that waits reads the replies to the others as well;
// while nobody waits, replies stay where they arrived.

#ifndef RINGWAY_PENDING_H_
#define RINGWAY_PENDING_H_

#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

#include "ringway/call.h"

namespace ringway {
inline namespace api {

// A call of the method M that Cap::Start() made. Dropped without Wait(), its reply is dropped when
// it comes. It may outlive the capability; the variables for the outputs outlive this.
//
// An object of this process has handled the call when Start() returns, unless it took the reply
// for later. Arguments that are pointers need to be good until Start() returns; until Wait() if the
// method has a default, which runs there.
template <class M>
class Pending {
 public:
  Pending() = default;
  explicit Pending(std::shared_ptr<StartedCall> call) : call_(std::move(call)) {}
  Pending(Pending&&) noexcept = default;
  Pending& operator=(Pending&&) noexcept = default;

  // False: there is nothing to wait for (any more).
  explicit operator bool() const { return call_ != nullptr; }

  // Waits and answers as Call() would, with the deadline and in the wait mode that the capability
  // had, and writes the outputs. Errors at sending are answered here as well. One thread at a time.
  // -RW_EBUSY while an ArrayRef keeps the portal and the reply is not there: once that is released,
  // this can be waited for again. -RW_EINVAL: there is nothing to wait for.
  typename M::Return Wait() {
    if (!call_) return AnswerAs<typename M::Return>({-RW_EINVAL, true});
    const Tag tag = call_->Finish(call_);
    if (!call_->is_sent) call_.reset();
    return AnswerAs<typename M::Return>(tag);
  }

 private:
  std::shared_ptr<StartedCall> call_;  // shared with views of its reply
};

// With its arguments; constants among them are copied.
template <class M, class... Clients>
class StartedCallOf final : public StartedCall {
 public:
  StartedCallOf(const Object& object, Clients... args) : args_(std::forward<Clients>(args)...) {
    std::apply(
        [&](auto&... each) { Caller<M>::Start(*this, states_, object, IndicesOf<M>(), each...); },
        args_);
  }

  Tag Finish(const std::shared_ptr<StartedCall>& self) override {
    return std::apply(
        [&](auto&... each) {
          return AnswerOf<M>(Caller<M>::Finish(self, states_, IndicesOf<M>(), each...), each...);
        },
        args_);
  }

 private:
  template <class T>
  struct Kept {
    using Type = T;
  };
  template <class T>
  struct Kept<const T&> {
    using Type = T;
  };

  StatesOf<M> states_;
  std::tuple<typename Kept<Clients>::Type...> args_;
};

template <class M, class... Clients>
std::shared_ptr<StartedCall> StartMethod(const Object& object, Clients... args) {
  return std::make_shared<StartedCallOf<M, Clients...>>(object, std::forward<Clients>(args)...);
}

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_PENDING_H_
