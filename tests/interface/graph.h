// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Objects with endpoints, and where their peers may be.

#ifndef TESTS_INTERFACE_GRAPH_H_
#define TESTS_INTERFACE_GRAPH_H_

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "ringway/endpoint.h"
#include "tests/interface/served_node.h"

namespace ringway::testing {

struct Named : Interface<Named> {
  static constexpr InterfaceId kId = IdOf("ringway.test.Named");
  using Name = Method<Named, "name", long()>;
  // Answers a - 1, after a call back with that while it is more than 0.
  using Count = Method<Named, "count", long(long)>;
  using Rpcs = ringway::Rpcs<Name, Count>;
};

// An object of a test, which unplugs what is left in its end: a ring of references would stay.
class Tracked : public RefCounted {
 public:
  static void UnplugAll() {
    std::vector<Ref<Tracked>> left;
    {
      std::lock_guard lock(mutex);
      for (Tracked* object : objects) left.push_back(Ref<Tracked>::To(*object));
    }
    for (const Ref<Tracked>& object : left) object->Unplug();
  }
  static int alive() {
    std::lock_guard lock(mutex);
    return static_cast<int>(objects.size());
  }

 protected:
  Tracked() {
    std::lock_guard lock(mutex);
    objects.insert(this);
  }
  ~Tracked() override {
    std::lock_guard lock(mutex);
    objects.erase(this);
  }
  virtual void Unplug() = 0;

 private:
  static inline std::mutex mutex;
  static inline std::set<Tracked*> objects;
};

// Handles all of Named on `left`, and nothing on `right`, where messages from `left` pass through.
class Person : public Tracked {
 public:
  explicit Person(long name);

  long Name() { return name_; }
  long Count(CallContext&, long a) {
    if (a > 0) return left.Call<Named::Count>(a - 1);
    return a;
  }
  void Close(int64_t why) {
    ++closed;
    reason = why;
    if (on_close) on_close();
    if (ends) ShutdownAll(why, {&left, &right});
  }

  std::atomic<int> closed = 0;
  std::atomic<int64_t> reason = 1;
  std::function<void()> on_close;
  std::atomic<bool> ends = true;
  Endpoint left;
  Endpoint right;

 private:
  void Unplug() override {
    left.Unplug();
    right.Unplug();
  }
  const long name_;
};

inline constexpr Operation kLeftOperations[] = {
    kOperation<Named::Name, &Person::Name>,
    kOperation<Named::Count, &Person::Count>,
    kOperation<Intf::Close, &Person::Close>,
};
inline constexpr Operation kRightOperations[] = {kOperation<Intf::Close, &Person::Close>};

inline Person::Person(long name)
    : left(kDescriptor<&Person::left, kLeftOperations, &Person::right>),
      right(kDescriptor<&Person::right, kRightOperations>),
      name_(name) {}

// Handles nothing; what comes in on one side goes on to the other's destination.
class Transparent : public Tracked {
 public:
  Transparent();
  Endpoint upper;
  Endpoint lower;

 private:
  void Unplug() override {
    upper.Unplug();
    lower.Unplug();
  }
};
inline Transparent::Transparent()
    : upper(kDescriptor<&Transparent::upper, kNoOperations, &Transparent::lower>),
      lower(kDescriptor<&Transparent::lower, kNoOperations, &Transparent::upper>) {}

// Two nodes. The loop of one runs on a thread; that of the other, where a test makes its calls,
// runs while they wait.
class GraphTest : public ::testing::TestWithParam<bool> {
 protected:
  ~GraphTest() override {
    nodes_.Stop();
    Tracked::UnplugAll();
  }
  static bool Far() { return GetParam(); }

  // A capability for use here to an endpoint that is on the other side if Far().
  Cap<Plugging> CapTo(Endpoint& there) {
    if (!Far()) return there.cap<Plugging>();
    auto [far, near] = nodes_.TakeLink();
    nodes_.loop().Serve(std::move(far), there);
    return Cap<Plugging>(std::move(near));
  }
  // Both ways, or only from here to there.
  void PlugPlug(Endpoint& here, Endpoint& there) {
    ASSERT_EQ(here.PlugPlug(loop_, CapTo(there)), 0);
  }
  void Plug(Endpoint& here, Endpoint& there) { ASSERT_EQ(here.Plug(loop_, CapTo(there)), 0); }
  // Lets this side go on until something is so.
  bool Until(const std::function<bool()>& condition) {
    return Eventually([&] {
      if (condition()) return true;
      static_cast<void>(loop_.RunOnce(Deadline::In(1'000'000)));
      return condition();
    });
  }

  ServedNode nodes_;
  Loop loop_{nodes_.neighbour()};
};

#define RW_NEAR_AND_FAR ::testing::Bool()
inline std::string NearOrFar(const ::testing::TestParamInfo<bool>& far) {
  return far.param ? "Far" : "Near";
}

}  // namespace ringway::testing

#endif  // TESTS_INTERFACE_GRAPH_H_
