// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The least that a message through shared memory can cost: a ring whose slots say themselves that
// they are full, so that a small message moves in one cache line. With few large slots it is the
// two-copy pipeline (or, written and read in place, the one without copies) that large payloads are
// held against.

#ifndef BENCH_PATHS_SLOT_RING_H_
#define BENCH_PATHS_SLOT_RING_H_

#include <stddef.h>
#include <stdint.h>

#include <algorithm>
#include <array>
#include <atomic>

#include "bench/harness/channel.h"
#include "bench/harness/cpu.h"
#include "bench/harness/payload.h"
#include "bench/harness/shared.h"

namespace ringway::bench {

template <size_t kBytesOfMessage, size_t kSlots, size_t kSlotAlign, bool kInPlaceOrNot>
class SlotRingPath {
 public:
  static constexpr size_t kBytes = kBytesOfMessage;

 private:
  struct alignas(kSlotAlign) Slot {
    std::atomic<uint64_t> number;  // one more than the message it holds has
    alignas(kInPlaceOrNot ? 64 : 8) std::array<std::byte, kBytes> message;
  };
  struct Ring {
    alignas(64) std::atomic<uint64_t> released;  // messages the consumer is done with
    alignas(64) std::array<Slot, kSlots> slots;
  };
  using Rings = std::array<Ring, 2>;

 public:
  class End {
   public:
    static constexpr bool kInPlace = kInPlaceOrNot;

    End(Ring& out, Ring& in) : out_(out), in_(in) {}

    template <typename Write>
    void Send(Write write) {
      while (sent_ - released_ == kSlots) {
        released_ = out_.released.load(std::memory_order_acquire);
        if (sent_ - released_ == kSlots) SpinUntilRoom();
      }
      Slot& slot = out_.slots[sent_ % kSlots];
      if constexpr (kInPlace) {
        write(slot.message.data());
      } else {
        std::byte* source = buffers_.source().data();
        write(source);
        CopyMessage<kBytes>(slot.message.data(), source);
      }
      slot.number.store(++sent_, std::memory_order_release);
    }

    template <typename Read>
    void Receive(Read read) {
      const Slot& slot = in_.slots[received_ % kSlots];
      while (slot.number.load(std::memory_order_acquire) != received_ + 1) Spin();
      if constexpr (kInPlace) {
        read(slot.message.data());
      } else {
        std::byte* target = buffers_.target().data();
        CopyMessage<kBytes>(target, slot.message.data());
        read(target);
      }
      ++received_;
      if (received_ % kReleaseEvery == 0) {
        in_.released.store(received_, std::memory_order_release);
      }
    }

   private:
    static constexpr size_t kReleaseEvery = kSlots >= 32 ? kSlots / 8 : 1;

    Ring& out_;
    Ring& in_;
    uint64_t sent_ = 0;
    uint64_t released_ = 0;  // as last looked at
    uint64_t received_ = 0;
    CopyBuffers<kBytes> buffers_;
  };

  End Open(Side side) { return End((*rings_)[Index(side)], (*rings_)[Index(Other(side))]); }

 private:
  Shared<Rings> rings_;
};

// As many slots, so far apart, as measured best.
template <size_t kBytes>
using SlotRing = SlotRingPath < kBytes,
      std::clamp<size_t>((256 << 10) / kBytes, 8, 4096), kBytes<64 ? 16 : 64, false>;

template <size_t kBytes>
using CopyLimit = SlotRingPath<kBytes, 8, 64, false>;

template <size_t kBytes>
using InplaceLimit = SlotRingPath<kBytes, 8, 64, true>;

}  // namespace ringway::bench

#endif  // BENCH_PATHS_SLOT_RING_H_
