// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_NODE_LOANS_H_
#define ENGINE_NODE_LOANS_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>

#include "engine/base/ref.h"
#include "ipcz/ipcz.h"

namespace ringway {

class Link;

// What a node has asked its allocation delegate for. No locks held by callers.
class Loans {
 public:
  // Whom memory is for: a segment of that link or, if the node at its other end
  // has us as its delegate in turn, what that has asked for under a number.
  struct Borrower {
    Ref<Link> link;
    uint64_t number = 0;
    bool is_peer = false;
    void Give(IpczDriverHandle memory, uint64_t bytes) const;  // 0: there is none
  };

  // Whether the node has all its memory allocated elsewhere, and whether it still can.
  bool borrows() const { return borrows_.load(std::memory_order_relaxed); }  // asked before use
  bool can_borrow() const;

  // A link to a delegate is about to be made; it is there, or was not made.
  void Expect();
  void SetDelegate(Ref<Link> delegate);
  void NoDelegate();

  void Borrow(const Borrower& borrower, uint64_t bytes);
  // False if nobody has asked for that.
  bool OnProvided(Link& from, uint64_t id, IpczDriverHandle memory);
  void OnLinkEnded(Link& link);

 private:
  struct Loan {
    Borrower borrower;
    uint64_t bytes = 0;
  };

  mutable std::mutex mutex_;
  std::atomic<bool> borrows_{false};
  uint32_t expected_ = 0;
  Ref<Link> delegate_;
  std::map<uint64_t, Loan> loans_;
  uint64_t next_id_ = 1;
};

}  // namespace ringway

#endif  // ENGINE_NODE_LOANS_H_
