// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Many seeds of simulation.h. RW_SEED=N runs that one alone and says what it does.

#include "tests/multinode/simulation.h"

#include <gtest/gtest.h>
#include <sys/time.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace ringway::testing {
namespace {

volatile uint64_t current_seed = 0;
Simulation* volatile running = nullptr;

// Says where, before the process dies.
void OnCrash(int signal) {
  std::fprintf(stderr, "seed %llu: signal %d\n", static_cast<unsigned long long>(current_seed),
               signal);
  if (running) std::fprintf(stderr, "%s", running->Tail().c_str());
  std::_Exit(1);
}

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* const value = std::getenv(name);
  return value ? std::strtoull(value, nullptr, 10) : otherwise;
}

// A seed that takes longer hangs.
void LimitTime() {
  constexpr time_t kSeconds = 5;
  const itimerval timer = {{0, 0}, {kSeconds, 0}};
  setitimer(ITIMER_VIRTUAL, &timer, nullptr);
}

// What went wrong with that seed; empty: nothing.
std::string RunSeed(uint64_t seed, const SimulationOptions& options, bool with_tail,
                    uint64_t* deliveries) {
  for (const int signal : {SIGABRT, SIGSEGV, SIGVTALRM}) std::signal(signal, OnCrash);
  current_seed = seed;
  LimitTime();
  Simulation simulation(seed, options);
  running = &simulation;
  std::string failure = simulation.Run();
  running = nullptr;
  *deliveries += simulation.deliveries();
  if (!failure.empty() && with_tail) failure += "\n" + simulation.Tail();
  return failure;
}

TEST(SimulationTest, EverySeedKeepsItsPromises) {
  const bool alone = std::getenv("RW_SEED") != nullptr;
  const uint64_t first = alone ? FromEnvironment("RW_SEED", 0) : FromEnvironment("RW_FIRST", 1);
  const uint64_t count = alone ? 1 : FromEnvironment("RW_SEEDS", RW_SEEDS);
  const uint64_t failures_max = FromEnvironment("RW_FAILURES", 1);
  uint64_t failures = 0;
  uint64_t deliveries = 0;
  SimulationOptions options;
  options.trace = alone;
  options.deaths = FromEnvironment("RW_DEATHS", 1) != 0;
  options.merges = FromEnvironment("RW_MERGES", 1) != 0;
  options.steps = FromEnvironment("RW_STEPS", options.steps);
  for (uint64_t seed = first; seed < first + count && failures < failures_max; ++seed) {
    const std::string failure = RunSeed(seed, options, failures_max == 1 && !alone, &deliveries);
    if (failure.empty()) continue;
    ++failures;
    ADD_FAILURE() << "seed " << seed << ": " << failure;
  }
  std::printf("%llu messages delivered\n", static_cast<unsigned long long>(deliveries));
}

// Seldom ones, each of which fails without one mend: parcels behind a lost one, a gap that
// only one side sees, a search that comes back in a ring, a relay that never gets memory;
// portals that need memory here after a loss, that lie behind a cut, a parcel after the cut.
// A change of what the engine sends makes them as good as any others.
TEST(SimulationTest, SeedsThatFailedKeepTheirPromises) {
  uint64_t deliveries = 0;
  for (const uint64_t seed :
       {50126, 315589, 253542, 142919, 561419, 2961870, 4193281, 4370271, 4555280}) {
    EXPECT_EQ(RunSeed(seed, {}, true, &deliveries), "") << "seed " << seed;
  }
}

}  // namespace
}  // namespace ringway::testing
