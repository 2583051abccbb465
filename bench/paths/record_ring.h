// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Ringway's own record ring, bare: a lane in each direction, no portals, limits, locks or waking.

#ifndef BENCH_PATHS_RECORD_RING_H_
#define BENCH_PATHS_RECORD_RING_H_

#include <stddef.h>
#include <stdint.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>

#include "bench/harness/channel.h"
#include "bench/harness/cpu.h"
#include "bench/harness/fail.h"
#include "bench/harness/payload.h"
#include "bench/harness/shared.h"
#include "ring/lane_memory.h"
#include "ring/lane_reader.h"
#include "ring/lane_writer.h"
#include "ring/ring_layout.h"

namespace ringway::bench {

template <size_t kBytesOfMessage>
class RecordRingPath {
 public:
  static constexpr size_t kBytes = kBytesOfMessage;

 private:
  static constexpr uint64_t kRecordBytes = AlignRecord(kRecordPrefixBytes + kBytes);
  static constexpr uint64_t kCapacity =
      std::bit_ceil(std::max<uint64_t>(512 << 10, 8 * kRecordBytes));

  struct Lane {
    alignas(64) std::atomic<uint64_t> head;
    alignas(64) std::array<std::byte, kCapacity> bytes;
  };
  using Lanes = std::array<Lane, 2>;

 public:
  class End {
   public:
    static constexpr bool kInPlace = false;

    End(Lane& out, Lane& in)
        : out_(out),
          in_(in),
          writer_(LaneMemory(out.bytes.data(), kCapacity), 0),
          reader_(LaneMemory(in.bytes.data(), kCapacity), 0) {}

    template <typename Write>
    void Send(Write write) {
      std::byte* source = buffers_.source().data();
      write(source);
      const auto head = [this] { return out_.head.load(std::memory_order_acquire); };
      uint64_t offset = 0;
      while (writer_.Reserve(kRecordBytes, head, &offset) != ReserveResult::kOk) SpinUntilRoom();
      CopyMessage<kBytes>(writer_.memory().At(offset + kRecordPrefixBytes), source);
      writer_.Commit(offset, kRecordBytes, RecordKind::kData, 0, kBytes);
    }

    template <typename Read>
    void Receive(Read read) {
      LaneRecord record;
      PeekResult result;
      while ((result = reader_.Peek(&position_, &record)) == PeekResult::kEmpty) Spin();
      if (result != PeekResult::kRecord || record.second != kBytes) Fail("a record is wrong");
      std::byte* target = buffers_.target().data();
      CopyMessage<kBytes>(target, reader_.memory().At(record.offset + kRecordPrefixBytes));
      position_ = record.end();
      in_.head.store(position_, std::memory_order_release);
      read(target);
    }

   private:
    Lane& out_;
    Lane& in_;
    LaneWriter writer_;
    LaneReader reader_;
    uint64_t position_ = 0;  // of the next record to read
    CopyBuffers<kBytes> buffers_;
  };

  End Open(Side side) { return End((*lanes_)[Index(side)], (*lanes_)[Index(Other(side))]); }

 private:
  Shared<Lanes> lanes_;
};

}  // namespace ringway::bench

#endif  // BENCH_PATHS_RECORD_RING_H_
