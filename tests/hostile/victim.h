// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef TESTS_HOSTILE_VICTIM_H_
#define TESTS_HOSTILE_VICTIM_H_

#include <cstddef>
#include <cstdint>

namespace ringway::testing {

// The process that is attacked. It has a link to an honest node, over which it
// echoes what comes on portal 0 and takes orders on portal 1: a parcel with a
// transport in a box, to whose other end it connects with two initial portals.
// It uses those until it is told to stop, then closes them and looks whether
// anything of them is left.

// What it does with the attacked portals.
enum class VictimRole : uint64_t {
  kUses,     // puts, gets in all ways, waits, has traps, asks for the status
  kSinks,    // closes portal 0 at once and uses portal 1
  kSends,    // as the first, and sends portals through portal 0
  kMerges,   // as the first, but portal 0 is merged with one of a pair, whose other one it uses
  kSendsOn,  // sends portal 0 on to the honest node and uses portal 1
  kMeetsABroker,  // as the first, and takes the other side for another broker
};

// Whether it uses portal 1 alone.
constexpr bool UsesOne(VictimRole role) {
  return role == VictimRole::kSinks || role == VictimRole::kSendsOn;
}

// Places in SharedPage::value. Sessions count from 1.
inline constexpr size_t kStop = 0;      // the session to be stopped, set by the test
inline constexpr size_t kFinished = 1;  // the last session that is over
inline constexpr size_t kClosed = 2;    // bit i: portal i has seen its peer closed
inline constexpr size_t kGot = 3;       // parcels that portal 0 got; portal 1: the next place
inline constexpr size_t kHandles = 5;   // handles that came in them
inline constexpr size_t kLeft = 6;      // 1: something was left after the last session
inline constexpr size_t kBroken = 7;    // RingwayNodeCounters::links_broken
inline constexpr size_t kRefused = 8;   // RingwayNodeCounters::links_refused

}  // namespace ringway::testing

#endif  // TESTS_HOSTILE_VICTIM_H_
