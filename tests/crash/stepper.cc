// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "tests/crash/stepper.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

#include "tests/crash/recovery.h"

namespace ringway::crash {
namespace {

[[noreturn]] void Die(const char* what) {
  std::perror(what);
  std::abort();
}

// Both processes on one processor: each step is a switch from one to the other and back.
void StayOnThisProcessor() {
  cpu_set_t here;
  CPU_ZERO(&here);
  CPU_SET(sched_getcpu(), &here);
  sched_setaffinity(0, sizeof(here), &here);
}

class Child {
 public:
  Child(void (*script)(World*, uint64_t), World* world, uint64_t seed) : pid_(fork()) {
    if (pid_ < 0) Die("fork");
    if (pid_ == 0) {
      ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
      std::raise(SIGSTOP);
      script(world, seed);
      _exit(0);
    }
    stopped_ = Wait() && WSTOPSIG(status_) == SIGSTOP;
    ptrace(PTRACE_SETOPTIONS, pid_, nullptr, PTRACE_O_EXITKILL);
  }
  ~Child() {
    kill(pid_, SIGKILL);
    while (waitpid(pid_, &status_, 0) == pid_ && WIFSTOPPED(status_)) continue;
  }

  // Lets the child run to its next trap, or one instruction. False if it did not get there.
  bool Continue() { return Resume(PTRACE_CONT); }
  bool StepOne() { return Resume(PTRACE_SINGLESTEP); }

  std::string HowItEnded() const {
    if (WIFSTOPPED(status_)) return std::string("signal: ") + strsignal(WSTOPSIG(status_));
    return "exited";
  }

 private:
  bool Resume(__ptrace_request how) {
    if (!stopped_ || ptrace(how, pid_, nullptr, nullptr) != 0) return false;
    stopped_ = Wait() && WSTOPSIG(status_) == SIGTRAP;
    return stopped_;
  }
  bool Wait() { return waitpid(pid_, &status_, 0) == pid_ && WIFSTOPPED(status_); }

  const pid_t pid_;
  int status_ = 0;
  bool stopped_ = false;
};

class Observer {
 public:
  Observer(const World* world, StepResult* result) : world_(world), result_(result) {}

  void Look(bool done) {
    const bool same = std::memcmp(&last_, &world_->image, sizeof(last_)) == 0;
    if (same && !done) return;
    if (!same) ++result_->distinct;
    std::memcpy(&last_, &world_->image, sizeof(last_));
    const std::string error = Check(*reinterpret_cast<const Image*>(&last_), world_->plan, done);
    if (error.empty()) return;
    ++result_->bad;
    result_->first_bad = std::string(Told(world_->plan.operation)) + ", image " +
                         std::to_string(result_->images) + ": " + error;
  }

 private:
  const World* const world_;
  StepResult* const result_;
  alignas(Image) std::byte last_[sizeof(Image)] = {};
};

}  // namespace

StepResult Step(void (*script)(World*, uint64_t), uint64_t seed, uint64_t images) {
  void* memory =
      mmap(nullptr, sizeof(World), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) Die("mmap");
  World* world = new (memory) World();
  StayOnThisProcessor();

  StepResult result;
  Child child(script, world, seed);
  Observer observer(world, &result);
  while (result.bad == 0 && result.images < images && child.Continue()) {
    ++result.operations;
    while (result.bad == 0 && Told(world->plan.stepping) != 0 && child.StepOne()) {
      ++result.images;
      observer.Look(Told(world->plan.stepping) == 0);
    }
    if (result.bad == 0 && Told(world->plan.stepping) != 0) break;  // it died in the operation
  }
  if (result.bad == 0 && result.images < images) {
    ++result.bad;
    result.first_bad = std::string(Told(world->plan.operation)) + ": the script " +
                       child.HowItEnded() + " after " + std::to_string(result.images) + " images";
  }
  result.padded = Told(world->plan.padded);
  result.grown = Told(world->plan.grown);
  result.answered = Told(world->plan.answered);
  result.ended = Told(world->plan.ended);
  return result;
}

void EnterOperation(World* world, const char* name) {
  Tell(world->plan.operation, name);
  Tell(world->plan.stepping, 1u);
#if defined(__x86_64__)
  asm volatile("int3" ::: "memory");
#else
  std::raise(SIGTRAP);  // the way out of it is stepped too
#endif
}

void LeaveOperation(World* world) { Tell(world->plan.stepping, 0u); }

}  // namespace ringway::crash
