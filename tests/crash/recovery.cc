// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "tests/crash/recovery.h"

#include <cstring>

#include "ring/lane_reader.h"
#include "ring/wake.h"

namespace ringway::crash {
namespace {

// The lane that `head` lies in; -1 if none was published.
int UseOf(const Image& image, const Plan& plan, uint64_t head) {
  const int uses = Told(plan.uses);
  if (image.producer.attention.first_lane.load(std::memory_order_relaxed) == 0) return -1;
  for (int i = uses - 1; i >= 0 && i >= uses - Image::kLanes; --i) {
    if (static_cast<int64_t>(head - plan.use[i].base) >= 0) return i;
  }
  return -1;
}

std::string CheckParcel(const LaneMemory& memory, const LaneRecord& record, uint64_t number) {
  const std::string which = "parcel " + std::to_string(number);
  if (record.second != number) return which + ": another one stands there";
  if (record.header.bytes != RecordBytes(number)) return which + ": length";
  if (record.header.flags != (number & 1)) return which + ": flags";
  for (uint64_t i = 0; i != PayloadWords(number); ++i) {
    uint64_t word;
    std::memcpy(&word, memory.At(record.offset + kRecordPrefixBytes + i * 8), 8);
    if (word != PayloadWord(number, i)) return which + ": payload word " + std::to_string(i);
  }
  return "";
}

}  // namespace

Recovered Recover(const Image& image, const Plan& plan, uint64_t oldest) {
  Recovered found;
  uint64_t position = image.consumer.consumer.head.load(std::memory_order_acquire);
  int use = UseOf(image, plan, position);
  if (use < 0) return found;
  LaneReader reader(image.memory(plan.use[use].lane), plan.use[use].base);
  for (int steps = 0; steps != 256; ++steps) {
    LaneRecord record;
    const PeekResult result = reader.Peek(&position, &record);
    if (result == PeekResult::kEmpty) return found;
    if (result == PeekResult::kPeerBroken) found.error = "a record that cannot be";
    if (!found.error.empty()) return found;
    position = record.end();
    switch (record.header.kind) {
      case RecordKind::kData:
        found.error = CheckParcel(reader.memory(), record, oldest + found.count++);
        break;
      case RecordKind::kClosed:
        found.closed = true;
        return found;
      case RecordKind::kGrow:
        if (++use >= Told(plan.uses) || plan.use[use].base != position ||
            record.second != Image::RefOf(plan.use[use].lane).Pack()) {
          found.error = "a lane that is not the next one";
          return found;
        }
        reader = LaneReader(image.memory(plan.use[use].lane), position);
        break;
      default:
        found.error = "a record that nobody wrote";
        return found;
    }
  }
  found.error = "records without end";
  return found;
}

namespace {

std::string CheckParcels(const Image& image, const Plan& plan, bool done) {
  const uint64_t next = Told(plan.next);
  const uint64_t oldest = Told(plan.oldest);
  const uint64_t aside = Told(plan.publishing) != 0 ? Told(plan.aside) : 0;
  // The consumer counts what it takes before it gives the place back.
  const uint64_t consumed = image.consumer.consumer.parcels.load(std::memory_order_relaxed);
  if (consumed != oldest && (Told(plan.releasing) == 0 || consumed != oldest + 1)) {
    return "count of what was consumed";
  }
  const uint64_t head = image.consumer.consumer.head.load(std::memory_order_relaxed);
  const bool released = head != Told(plan.head_before);
  if (released && Told(plan.releasing) == 0) return "released before it was read";
  if (released && consumed != oldest + 1) return "released before it was counted";
  const Recovered found = Recover(image, plan, oldest + (released ? 1 : 0));
  if (!found.error.empty()) return found.error;
  const uint64_t end = oldest + (released ? 1 : 0) + found.count;
  if (end != next && end != next + aside) {
    return "parcels up to " + std::to_string(end) + ", of " + std::to_string(next) + " and " +
           std::to_string(aside);
  }
  if (found.closed && Told(plan.closed) == 0) {
    if (Told(plan.closing) == 0) return "closed too early";
    if (end != next + Told(plan.aside)) return "closed before the last parcel";
  }
  if (!found.closed && Told(plan.closed) != 0) return "not closed any more";
  const uint64_t counted = image.producer.producer.parcels.load(std::memory_order_relaxed);
  if (counted < end || counted > next + Told(plan.aside)) return "count of what was put";
  if (done && end != next) return "a parcel less than was put";
  return "";
}

std::string CheckWakes(const Image& image, const Plan& plan, bool done) {
  const AttentionLine& line = image.consumer.attention;
  const uint64_t word = line.readers.load(std::memory_order_relaxed);
  const uint64_t before = Told(plan.readers_before);
  const uint64_t after = Told(plan.readers_after);
  if (word != after && (done || word != before)) return "wake word";
  const uint32_t traps = GenerationOf(word, WakeHalf::kTraps);
  if (IsArmed(traps) && traps == GenerationOf(after, WakeHalf::kTraps) &&
      line.trap_parcels.load(std::memory_order_relaxed) != Told(plan.trap_parcels)) {
    return "armed with a threshold of before";
  }
  const uint32_t answered =
      image.producer.producer.readers_answered.load(std::memory_order_relaxed);
  if (answered == Told(plan.answered_before)) return "";
  if (answered != GenerationOf(before, WakeHalf::kParked)) return "an answer nobody asked for";
  if (!done && Told(plan.publishing) == 0) return "an answer before the parcel";
  return "";
}

}  // namespace

std::string Check(const Image& image, const Plan& plan, bool done) {
  const std::string parcels = CheckParcels(image, plan, done);
  return !parcels.empty() ? parcels : CheckWakes(image, plan, done);
}

}  // namespace ringway::crash
