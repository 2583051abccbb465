// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// A server that answers at once, when it is told to, or on a portal of its own.

#ifndef TESTS_INTERFACE_HELD_H_
#define TESTS_INTERFACE_HELD_H_

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <utility>

#include "ringway/interface.h"
#include "ringway/server.h"
#include "tests/support/ipcz_test.h"

namespace ringway::testing {

inline constexpr size_t kViewMax = 100'000;

struct Held : Interface<Held> {
  static constexpr InterfaceId kId = IdOf("ringway.test.Held");
  using Now = Method<Held, "now", long(int, int&)>;
  using Later = Method<Held, "later", long(int, int&)>;
  using LaterView = Method<Held, "later_view", long(int, ArrayRef<int>&)>;
  using Moved = Method<Held, "moved", long(int, int&)>;
  using View = Method<Held, "view", long(int, ArrayRef<int, kViewMax>&)>;
  using Rpcs = ringway::Rpcs<Now, Later, LaterView, Moved, View>;
};

// Another declaration of the same, with a method more; within a process it is reached by messages.
struct Twin : Interface<Twin> {
  static constexpr InterfaceId kId = Held::kId;
  static int64_t SumOf(const int& factor, Array<const int> numbers, int& sum) {
    sum = factor * std::accumulate(numbers.begin(), numbers.end(), 0);
    return 7;
  }
  using Now = Method<Twin, "now", long(int, int&)>;
  using Later = Method<Twin, "later", long(int, int&)>;
  using LaterView = Method<Twin, "later_view", long(int, ArrayRef<int>&)>;
  using Missing =
      Method<Twin, "missing", long(const int&, Array<const int>, int&), Opcode<9>, Default<&SumOf>>;
  using Rpcs = ringway::Rpcs<Now, Later, LaterView, Missing>;
};

class HeldServer : public Server<HeldServer, Held> {
 public:
  long Handle(Held::Now, CallContext&, int a, int& twice) {
    twice = 2 * a;
    return a;
  }
  long Handle(Held::Later, CallContext& context, int a, int&) {
    return Keep(a, context.TakeReply());
  }
  long Handle(Held::LaterView, CallContext& context, int a, ArrayRef<int>&) {
    return Keep(a, context.TakeReply());
  }
  long Handle(Held::Moved, CallContext& context, int a, int&) {
    Reply reply = context.TakeReply();
    const uint32_t transaction = reply.transaction();
    ringway::Handle portal;
    if (reply.IntoPortal(&portal) != RW_EOK) return -RW_EINVAL;
    auto channel =
        std::make_shared<ReplyPortalChannel>(Portal(portal.Release()), IPCZ_INVALID_HANDLE);
    return Keep(a, Reply::Owning(std::move(channel), transaction));
  }
  long Handle(Held::View, CallContext&, int count, ArrayRef<int>& view) {
    view.length = static_cast<size_t>(count);
    std::iota(view.begin(), view.end(), 0);
    return 0;
  }

  // Of the call with this number, once it has arrived.
  Reply TakeKept(int a) {
    Reply reply;
    EXPECT_TRUE(Eventually([&] {
      std::lock_guard lock(mutex_);
      const auto found = kept_.find(a);
      if (found == kept_.end()) return false;
      reply = std::move(found->second);
      kept_.erase(found);
      return true;
    }));
    return reply;
  }
  void Answer(int a) { EXPECT_EQ(ReplyWith<Held::Later>(TakeKept(a), a, 2 * a), 0); }

 private:
  long Keep(int a, Reply reply) {
    std::lock_guard lock(mutex_);
    kept_.insert_or_assign(a, std::move(reply));
    return -RW_ENOREPLY;
  }

  std::mutex mutex_;
  std::map<int, Reply> kept_;
};

}  // namespace ringway::testing

#endif  // TESTS_INTERFACE_HELD_H_
