// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef TESTS_SUPPORT_PROCESS_H_
#define TESTS_SUPPORT_PROCESS_H_

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "ipcz/ipcz.h"

// Processes for tests. A child is the test's own binary, executed anew, so that
// it begins without threads and without state; it runs a body that was
// registered by RW_CHILD. The binary's main() is that of process_main.

namespace ringway::testing {

// What parent and child share: counters that outlive a killed child.
struct SharedPage {
  std::atomic<uint32_t> phase;  // how far the child has come; a body says what it means
  std::atomic<uint32_t> stop;   // nonzero: the child is to end
  std::atomic<uint64_t> committed;
  std::atomic<uint64_t> got;
  std::atomic<uint64_t> value[64];
};

// What a child's body gets.
struct ChildContext {
  IpczDriverHandle transport;  // to the parent; 0 if it gave none
  int fd;                      // of the parent's choice; -1 if it gave none
  SharedPage* page;
  std::vector<std::string> arguments;

  uint64_t number(size_t index) const { return std::stoull(arguments.at(index)); }
};

using ChildBody = int (*)(ChildContext& context);

struct ChildRegistration {
  ChildRegistration(const char* name, ChildBody body);
};

// Defines a body: RW_CHILD(Echo) { ... return 0; }. Its result is the exit status.
#define RW_CHILD(name)                                                                \
  static int name(::ringway::testing::ChildContext& child);                           \
  static const ::ringway::testing::ChildRegistration name##Registration(#name, name); \
  static int name([[maybe_unused]] ::ringway::testing::ChildContext& child)

class Process {
 public:
  struct Options {
    std::vector<std::string> arguments;
    int fd = -1;                           // given to the child, closed here
    bool with_transport = true;            // *transport() is the end that stays here
    std::vector<std::string> environment;  // "NAME=value", added
  };

  Process(const char* body, Options options);
  // Kills and reaps the child, if that was not done.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  SharedPage& page() { return *page_; }

  // The parent's end of the transport, which is the caller's from now on.
  IpczDriverHandle TakeTransport();

  void Signal(int signal);
  // Exit status; 128 + the signal if one ended it; -1 if it is still there after `seconds`.
  int Wait(double seconds = 30);
  // The child's phase has become `phase` or more.
  bool ReachesPhase(uint32_t phase, double seconds = 30);

 private:
  pid_t pid_ = -1;
  bool reaped_ = false;
  int status_ = -1;
  SharedPage* page_ = nullptr;
  IpczDriverHandle transport_ = IPCZ_INVALID_DRIVER_HANDLE;
};

// How often a test does something: `usually`, or what its variable says, divided by
// RW_DIVIDE_COUNTS where that costs much.
int CountOf(const char* variable, int usually);

// For main(): runs the child's body if this process is a child, and then does
// not return.
void RunIfChild(int argc, char** argv);

// What a test must leave as it found it.
struct Footprint {
  size_t descriptors;
  size_t threads;
  size_t memfd_mappings;
  bool operator==(const Footprint&) const = default;
};
Footprint MeasureFootprint();
// Nothing is left beyond `before`, at the latest after some seconds.
bool ReturnsTo(const Footprint& before);
std::string Describe(const Footprint& footprint);

}  // namespace ringway::testing

#endif  // TESTS_SUPPORT_PROCESS_H_
