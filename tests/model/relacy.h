// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Relacy's own atomics under the production headers: the Memory of lanes, the words of wake.h,
// fences and the futex; and Explore(), which runs one scenario over all its schedules. Relacy's
// macros that take the place of std names are left out.

#ifndef TESTS_MODEL_RELACY_H_
#define TESTS_MODEL_RELACY_H_

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <relacy/atomic.hpp>
#include <relacy/atomic_fence.hpp>
#include <relacy/base.hpp>
#include <relacy/context.hpp>
#include <relacy/context_base_impl.hpp>
#include <relacy/stdlib/condition_variable.hpp>
#include <relacy/stdlib/event.hpp>
#include <relacy/stdlib/mutex.hpp>
#include <relacy/stdlib/semaphore.hpp>
#include <relacy/test_suite.hpp>
#include <relacy/var.hpp>
#include <string>

namespace ringway::model {

inline rl::memory_order RelacyOrder(std::memory_order order) {
  switch (order) {
    case std::memory_order_relaxed:
      return rl::mo_relaxed;
    case std::memory_order_consume:
      return rl::mo_consume;
    case std::memory_order_acquire:
      return rl::mo_acquire;
    case std::memory_order_release:
      return rl::mo_release;
    case std::memory_order_acq_rel:
      return rl::mo_acq_rel;
    default:
      return rl::mo_seq_cst;
  }
}

// What production code uses of std::atomic.
template <class T>
class Atomic {
 public:
  explicit Atomic(T value) { store(value, std::memory_order_relaxed); }

  T load(std::memory_order order) const { return value_.load(RelacyOrder(order), RL_INFO); }
  void store(T value, std::memory_order order) { value_.store(value, RelacyOrder(order), RL_INFO); }

  // The futex of the kernel, on this word: sleeps if it has `value`, in one step with the look at
  // it.
  void FutexWait(T value) {
    rl::context& context = rl::ctx();
    context.sched();
    T now;
    {
      rl::preemption_disabler uninterrupted(context);
      context.atomic_thread_fence_seq_cst();
      now = value_.load(rl::mo_acquire, RL_INFO);
    }
    if (now == value) value_.wait(context, false, false, RL_INFO);
  }
  void FutexWake(int threads) {
    rl::context& context = rl::ctx();
    context.sched();
    rl::preemption_disabler uninterrupted(context);
    context.atomic_thread_fence_seq_cst();
    value_.wake(context, threads, RL_INFO);
  }

 private:
  rl::atomic<T> value_;
};

inline void FullFence() { rl::ctx().atomic_thread_fence_seq_cst(); }

// membarrier(2): every thread of the processes concerned passes a full fence.
inline void ProcessWideFence() {
  rl::ctx().sched();
  rl::ctx().rl_global_fence();
}

// A checked statement of a scenario.
#define MODEL_CHECK(condition)                                                      \
  do {                                                                              \
    if (!(condition)) {                                                             \
      rl::ctx().fail_test(#condition, rl::test_result_user_assert_failed, RL_INFO); \
    }                                                                               \
  } while (false)

// Where a search of schedules ends: everything, or all that preempt a thread at most so many times.
struct Bound {
  unsigned preemptions;
};
inline constexpr Bound kEverything{~0u};
inline constexpr Bound Preemptions(unsigned count) { return {count}; }

struct Explored {
  std::string result;  // "SUCCESS", or what Relacy calls what it found
  uint64_t schedules = 0;
  bool found_bug() const { return result != "SUCCESS"; }
};

// rl::simulate() with the one scheduler that we use: without a bound it is the full search, and two
// searches less to compile for every scenario.
template <class Scenario>
rl::test_result_e Simulate(rl::test_params* params) {
  using Scheduler = rl::context_bound_scheduler<Scenario::params::thread_count>;
  params->search_type = rl::sched_bound;
  rl::ostringstream state;
  const rl::test_result_e result = rl::run_test<Scenario, Scheduler>(*params, state, false);
  params->final_state = state.str();
  return result;
}

// Explores `Scenario`. The schedule that fails is printed, unless that was expected.
template <class Scenario>
Explored Explore(const char* name, Bound bound, bool expect_bug = false) {
  struct Nowhere : std::streambuf {
    int overflow(int character) override { return character; }
  };
  static Nowhere nowhere;
  static std::ostream quiet(&nowhere);

  rl::test_params params;
  params.context_bound = bound.preemptions;
  params.execution_depth_limit = 5000;
  params.progress_stream = &quiet;
  params.output_stream = &quiet;
  const rl::test_result_e result = Simulate<Scenario>(&params);
  const Explored explored{rl::test_result_str(result), params.stop_iteration};
  if (explored.found_bug() && !expect_bug) {
    params.initial_state = params.final_state;
    params.collect_history = true;
    params.output_stream = &std::cout;
    Simulate<Scenario>(&params);
  }
  std::printf("%-28s %-18s %9lu schedules", name, explored.result.c_str(), explored.schedules);
  if (bound.preemptions == kEverything.preemptions) {
    std::printf(" (all)\n");
  } else {
    std::printf(" (all of at most %u preemptions)\n", bound.preemptions);
  }
  std::fflush(stdout);
  return explored;
}

}  // namespace ringway::model

#endif  // TESTS_MODEL_RELACY_H_
