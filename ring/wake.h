// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The handshake of sleeping and waking (docs/protocol.md, "Waking"). Whoever is
// about to wait makes a generation odd in its own memory, has everybody's
// stores ordered, and looks once more. Whoever publishes looks at that
// generation afterwards, and answers each odd one once.

#ifndef RING_WAKE_H_
#define RING_WAKE_H_

#include <atomic>
#include <cstdint>

#include "ring/base/fence.h"

namespace ringway {

// Who waits: the halves of a wake word.
enum class WakeHalf : uint32_t { kParked = 0, kTraps = 1 };

inline constexpr uint32_t GenerationOf(uint64_t word, WakeHalf half) {
  return static_cast<uint32_t>(word >> 32 * static_cast<uint32_t>(half));
}

inline constexpr bool IsArmed(uint32_t generation) { return (generation & 1) != 0; }

inline constexpr uint64_t WithGeneration(uint64_t word, WakeHalf half, uint32_t generation) {
  const uint32_t shift = 32 * static_cast<uint32_t>(half);
  return (word & ~(uint64_t{0xffffffff} << shift)) | uint64_t{generation} << shift;
}

// --- The side that waits. Calls for one wake word are serialized by its owner.

// Makes the generation of `half` odd and new. Thresholds were stored before.
// The caller then calls the barrier that fits the peer (FullFence() or a
// process-wide one) and looks again before it sleeps.
template <class Word>
uint32_t Arm(Word& word, WakeHalf half) {
  const uint64_t before = word.load(std::memory_order_relaxed);  // only we write it
#if defined(RW_MUTANT_BOOLEAN)
  const uint32_t generation = 1;
#else
  const uint32_t generation = (GenerationOf(before, half) + 1) | 1;
#endif
#if defined(RW_MUTANT_ARM_RELAXED)
  word.store(WithGeneration(before, half, generation), std::memory_order_relaxed);
#else
  // [wake.armed] Pairs with WakeMemory::Look(): thresholds become visible
  // before the generation that stands for them.
  word.store(WithGeneration(before, half, generation), std::memory_order_release);
#endif
  return generation;
}

template <class Word>
void Disarm(Word& word, WakeHalf half) {
  const uint64_t before = word.load(std::memory_order_relaxed);  // only we write it
  const uint32_t generation = GenerationOf(before, half);
  if (!IsArmed(generation)) return;
#if defined(RW_MUTANT_DISARM_RELAXED)
  word.store(WithGeneration(before, half, generation + 1), std::memory_order_relaxed);
#else
  // [wake.armed] As in Arm(), for the other half: it may be armed, and a publisher
  // may see its generation here first.
  word.store(WithGeneration(before, half, generation + 1), std::memory_order_release);
#endif
}

// --- The side that publishes. Lives in its private memory.

class WakeMemory {
 public:
  // To be called after publishing and after a fence (FullFence(), or
  // CompilerFence() if the peer's barrier reaches us). True if some half of
  // `word` may want an answer, `*seen` then holds the word.
  template <class Word>
  bool Look(const Word& word, uint64_t* seen) const {
    // [wake.armed] Pairs with Arm(), which see.
    const uint64_t now = word.load(std::memory_order_acquire);
    if (now == quiet_) [[likely]]
      return false;
    *seen = now;
    return true;
  }

  // As !Look(), for callers who then have someone else look again.
  template <class Word>
  bool IsQuiet(const Word& word) const {
    return word.load(std::memory_order_relaxed) == quiet_;  // nothing is read because of it
  }

  // Whether `half` of a word that Look() gave is armed and was not answered.
  bool Wants(uint64_t seen, WakeHalf half) const {
    const uint32_t generation = GenerationOf(seen, half);
    return IsArmed(generation) && generation != GenerationOf(answered_, half);
  }

  // To be called when `half` of `seen` gets its wake.
  void Answer(uint64_t seen, WakeHalf half) {
    answered_ = WithGeneration(answered_, half, GenerationOf(seen, half));
  }

  // To be called with the word from Look() once every half of it that wants
  // and should get a wake was answered: the same word needs no second look,
  // unless a half still wants one (its threshold is not met).
  void Settle(uint64_t seen) {
#if defined(RW_MUTANT_SETTLE_EARLY)
    quiet_ = seen;
#endif
    if (!Wants(seen, WakeHalf::kParked) && !Wants(seen, WakeHalf::kTraps)) quiet_ = seen;
  }

 private:
  uint64_t quiet_ = 0;     // a word that needs nothing
  uint64_t answered_ = 0;  // generations that got their wake
};

}  // namespace ringway

#endif  // RING_WAKE_H_
