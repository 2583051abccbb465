// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_ROUTE_EDGE_TOKEN_H_
#define ENGINE_ROUTE_EDGE_TOKEN_H_

#include <array>
#include <cstdint>
#include <mutex>

namespace ringway {

// Names a node, or an attachment that one side expects.
using Key = std::array<uint64_t, 2>;
inline Key KeyOf(const uint64_t (&words)[2]) { return {words[0], words[1]}; }

// One side's view of an edge's token, which a relay must hold to remove itself:
// of two neighbours that are relays, one does at a time (docs/protocol.md, M1).
class EdgeToken {
 public:
  enum class Answer {
    kLocked,
    kAsk,   // not here: say Want
    kWait,  // was asked for already
  };

  // Before the edge is known to anyone else.
  void Start(bool here) { here_ = here; }

  Answer Lock() {
    std::lock_guard lock(mutex_);
    if (locked_) return Answer::kWait;
    if (here_) {
      locked_ = true;
      return Answer::kLocked;
    }
    const bool ask = !asked_;
    asked_ = true;
    return ask ? Answer::kAsk : Answer::kWait;
  }

  // True: the token is to be sent.
  bool Unlock() {
    std::lock_guard lock(mutex_);
    locked_ = false;
    return Yield();
  }
  bool OnWant() {
    std::lock_guard lock(mutex_);
    wanted_ = true;
    return Yield();
  }

  void OnToken() {
    std::lock_guard lock(mutex_);
    here_ = asked_ ? true : here_;
    asked_ = false;
  }
  // Once a relay had its chance to lock what has come. True: it did not, and the
  // other side wants it back. Its Want may be here before the token, since two
  // threads of it said them.
  bool AfterToken() {
    std::lock_guard lock(mutex_);
    return Yield();
  }

 private:
  bool Yield() {
    if (!wanted_ || !here_ || locked_) return false;
    wanted_ = here_ = false;
    return true;
  }

  std::mutex mutex_;
  bool here_ = false;
  bool locked_ = false;
  bool asked_ = false;
  bool wanted_ = false;  // by the other side
};

}  // namespace ringway

#endif  // ENGINE_ROUTE_EDGE_TOKEN_H_
