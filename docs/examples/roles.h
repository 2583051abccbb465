// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Several processes from one program: it starts itself again for each of its roles.

#ifndef DOCS_EXAMPLES_ROLES_H_
#define DOCS_EXAMPLES_ROLES_H_

#include <sys/types.h>

#include <atomic>
#include <functional>
#include <map>
#include <string>

#include "ringway/loop.h"
#include "ringway/portal.h"
#include "ringway/ref_counted.h"

namespace ringway::examples {

// Ends the program with a line on stderr.
[[noreturn]] void Fail(const char* what);
// Prints at once, so that the lines of several processes keep their order.
[[gnu::format(printf, 1, 2)]] void Say(const char* format, ...);

// The first process, to which the others are linked.
Node MakeFirstNode();

// A process that was started: it is waited for at the end of this.
class Role {
 public:
  // This program anew, with `name` as its argument.
  Role(Node& node, const char* name);
  Role(const Role&) = delete;
  Role& operator=(const Role&) = delete;
  ~Role();

  // Our portal to it.
  Portal portal;

 private:
  pid_t pid_;
};

// In such a process: has something served on the other end of that portal, and runs the loop until
// the last object of the process ended, or there is nobody who could make one.
int RunRole(const std::function<void(Loop&, Portal)>& serve);

// Does what the program's only argument names: "one" and "three", for its users, or a role.
int Main(int argc, char** argv, const std::map<std::string, int (*)()>& parts);

// An object of an example. `none_left` is called when the last one of the process ended.
class Counted : public RefCounted {
 public:
  static inline std::function<void()> none_left;
  static int count() { return count_; }

 protected:
  Counted() { ++count_; }
  ~Counted() override {
    if (--count_ == 0 && none_left) none_left();
  }

 private:
  static inline std::atomic<int> count_ = 0;
};

}  // namespace ringway::examples

#endif  // DOCS_EXAMPLES_ROLES_H_
