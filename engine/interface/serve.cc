// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "ringway/serve.h"

#include <mutex>
#include <utility>
#include <vector>

#include "ringway/errors.h"
#include "ringway/loop.h"

namespace ringway {
inline namespace api {

namespace {

// Of this process.
struct Serving {
  std::mutex mutex;
  NodeAndDriver node = {};
  std::shared_ptr<const Names> names;
  std::vector<Loop*> loops;
};

Serving& Here() {
  // Never destroyed: threads may serve to the end of the process.
  static Serving& serving = *new Serving();
  return serving;
}

// A loop that StopServing() finds.
class NamedLoop {
 public:
  explicit NamedLoop(NodeAndDriver node) : loop_(node) {
    std::lock_guard lock(Here().mutex);
    Here().loops.push_back(&loop_);
  }
  ~NamedLoop() {
    std::lock_guard lock(Here().mutex);
    std::erase(Here().loops, &loop_);
  }
  Loop& loop() { return loop_; }

 private:
  Loop loop_;
};

}  // namespace

void UseNames(NodeAndDriver node, Names names) {
  std::shared_ptr<const Names> shared;
  if (names) shared = std::make_shared<const Names>(std::move(names));
  std::lock_guard lock(Here().mutex);
  Here().node = node;
  Here().names.swap(shared);
}

std::shared_ptr<const Names> NamesInUse() {
  std::lock_guard lock(Here().mutex);
  return Here().names;
}

int64_t ServeNamed(Served& object, const std::string& name) {
  std::unique_lock lock(Here().mutex);
  const std::shared_ptr<const Names> names = Here().names;
  const NodeAndDriver node = Here().node;
  lock.unlock();
  if (!names) return -RW_ENOENT;
  NamedLoop named(node);
  Registered registered;
  const int64_t status = names->Register(named.loop(), object, {.name = name}, &registered);
  if (status != RW_EOK) return status;
  named.loop().Run();
  return RW_EOK;
}

void StopServing() {
  std::lock_guard lock(Here().mutex);
  for (Loop* loop : Here().loops) loop->Stop();
}

}  // namespace api
}  // namespace ringway
