// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef RING_PUBLISHER_FENCE_H_
#define RING_PUBLISHER_FENCE_H_

#include <atomic>
#include <cstdint>

#include "ring/base/fence.h"

namespace ringway {

// What keeps a publisher's record before its look at the sleeper's wake word
// (docs/protocol.md, "Waking"). A fence of its own; or none, once it has published
// for a while with nobody asleep, and sleepers then issue a process-wide barrier.
// Which of the two it is, the publisher says in a word of its own memory, `omits`.
//
// So neither side pays where it would pay often: who is woken all the time costs
// the publisher some nanoseconds each time, and not the sleeper microseconds.
template <class Fences, uint32_t kFencesAfterWake>
class BasicPublisherFence {
 public:
  // After publishing, before WakeMemory::Look(). `may_omit`: whether sleepers have
  // such a barrier.
  template <class Word>
  void Pass(Word& omits, bool may_omit) {
    if (left_ == 0) [[likely]] {
      Fences::Compiler();
    } else {
      PassFenced(omits, may_omit);
    }
  }

  // A sleeper was answered: it will sleep again.
  template <class Word>
  void OnAnswer(Word& omits) {
    if (left_ == 0) {
#if defined(RW_MUTANT_FENCES_AGAIN_RELAXED)
      omits.store(0, std::memory_order_relaxed);
#else
      // [wake.omits] Pairs with OmitsFence(): what was published without a fence
      // is visible to who sees this.
      omits.store(0, std::memory_order_release);
#endif
    }
    left_ = kFencesAfterWake;
  }

 private:
  template <class Word>
  [[gnu::noinline]] void PassFenced(Word& omits, bool may_omit) {
    if (left_ == 1 && may_omit) {
      // [wake.omits] Pairs with OmitsFence(). The fence below orders it before all
      // looks that are not fenced themselves.
      omits.store(1, std::memory_order_release);
#if defined(RW_MUTANT_OMITS_UNFENCED)
      left_ = 0;
      return;
#endif
    }
    Fences::Full();
    if (left_ > 1 || may_omit) --left_;
  }

  uint32_t left_ = kFencesAfterWake;  // fences until there are none; 0: there are none
};

// For a sleeper that has armed and passed a fence: whether its barrier must do what
// the publisher's fence would.
template <class Word>
bool OmitsFence(const Word& omits) {
  return omits.load(std::memory_order_acquire) != 0;  // [wake.omits]
}

struct ProcessorFences {
  static void Full() { FullFence(); }
  static void Compiler() { CompilerFence(); }
};
using PublisherFence = BasicPublisherFence<ProcessorFences, 64>;

}  // namespace ringway

#endif  // RING_PUBLISHER_FENCE_H_
