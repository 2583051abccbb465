// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_LINK_LINK_MEMORY_H_
#define ENGINE_LINK_LINK_MEMORY_H_

#include <atomic>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "engine/link/driver_port.h"
#include "engine/route/out_memory.h"
#include "ring/base/lock.h"
#include "shm/block_placer.h"
#include "shm/segment_layout.h"

namespace ringway {

// The segments of a link that this side writes. Lanes, pages of route ends and
// payloads up to 1 MiB lie in shared segments whose sizes double; a larger
// payload has a segment of its own, which is kept for a later one of its size
// up to a budget and given back beyond it. A few of them take turns, even where
// one would do: it costs most to write what the peer has just read.
class LinkMemory final : public OutMemory {
 public:
  // Tells the peer of a new segment (consuming `memory`) or of one that is
  // gone. No locks are held.
  class Announcer {
   public:
    virtual IpczResult AnnounceSegment(uint32_t segment, uint64_t bytes,
                                       IpczDriverHandle memory) = 0;
    virtual void WithdrawSegment(uint32_t segment) = 0;
    // Whether memory for a segment can come from elsewhere, and asks for it.
    virtual bool CanBorrow() const = 0;
    virtual void Borrow(uint32_t segment, uint64_t bytes) = 0;
    // Before anything can name the segment that is going to be borrowed.
    virtual void CountBorrowed() = 0;

   protected:
    ~Announcer() = default;
  };

  // `borrows`: segments are private until memory for them comes from elsewhere.
  LinkMemory(Ref<DriverPort> driver, uint64_t bytes_max, bool borrows);
  ~LinkMemory() override;

  // Makes segment 0 and gives its memory object, to be sent with the first
  // message; 0 if it is to be borrowed. To be called once, before any other call.
  IpczResult Start(IpczDriverHandle* memory);
  // Until this, and after SetAnnouncer(nullptr), Provide() fails.
  void SetAnnouncer(Announcer* announcer);

  // OutMemory:
  bool Allocate(uint64_t bytes, OutBlock* block) override;
  void Free(const OutBlock& block) override;
  IpczResult Provide(uint64_t bytes) override;
  bool may_provide() override;
  bool stays() const override { return !borrows(); }
  bool AllocateCopy(const void* data, uint64_t bytes, OutBlock* block) override;

  bool borrows() const { return borrows_.load(std::memory_order_relaxed); }  // asked before use
  void SetBorrows() { borrows_.store(true, std::memory_order_relaxed); }
  // The size of a segment that is private; 0: there is none, or it is not.
  uint64_t PrivateBytes(uint32_t segment) const;
  // Moves a private segment. Under the locks of all who use it, who must go by
  // `moved` from then on. False if it is not needed any more.
  bool MoveSegment(uint32_t segment, const DriverPort::OwnMemory& own, MovedMemory* moved);
  // The peer has been told of one that moved: from now on it may be given back.
  void SetAnnounced(uint32_t segment);

  // This side's route end `index`, all zero on first use; null: Provide(a
  // page's bytes) and try again.
  RouteEndBlock* RouteEnd(uint32_t index, uint64_t* bytes_needed);
  // Makes it in memory that nobody else sees, as the peer cannot be told of any. False: no memory.
  bool MakePrivateRouteEnd(uint32_t index);

  // What is shown of the link in segment 0.
  LinkLine& link_line() { return *link_line_; }

  uint64_t segments() const;
  uint64_t segment_bytes() const;

 private:
  static constexpr uint64_t kHeaderBytes = 4096;
  struct FreeBytes {
    void operator()(std::byte* bytes) const { std::free(bytes); }
  };
  using PrivateMemory = std::unique_ptr<std::byte, FreeBytes>;
  struct Segment {
    DriverPort::OwnMemory own = {};
    uint64_t bytes;
    bool for_one_block = false;          // instead of being cut into blocks
    bool used = false;                   // for one
    PrivateMemory is_private = nullptr;  // what `own` lies in as long as nobody has lent us any
    bool announced = true;               // or will be before anyone hears of it; once lent, not yet
    uint64_t usable() const { return bytes - kHeaderBytes; }
  };
  static constexpr uint64_t kFirstSegmentBytes = 128 * 1024;
  static constexpr uint64_t kSharedSegmentBytesMax = 8 << 20;
  static constexpr uint64_t kOwnSegmentFrom = 1 << 20;  // payloads with a segment of their own
  static constexpr uint64_t kIdleBytesMax = 64 << 20;   // of such segments, kept for reuse
  static constexpr ptrdiff_t kTakeTurns = 4;            // as many, of up to so many bytes each
  static constexpr uint64_t kTakeTurnsBytesMax = 4 << 20;

  IpczResult AddSegment(uint64_t bytes, uint32_t* id, IpczDriverHandle* memory);
  static PrivateMemory MakePrivate(uint64_t bytes, std::byte** start);
  bool AllocateLocked(uint64_t bytes, OutBlock* block);
  bool AllocateIdle(uint64_t bytes, OutBlock* block);
  bool SettleForIdle(uint64_t bytes);
  IpczResult ProvideSegment(uint64_t bytes, bool own);
  void FreeLocked(const OutBlock& block);
  void DropExcess();
  SegmentHeader* Header(const Segment& segment) {
    return reinterpret_cast<SegmentHeader*>(segment.own.address);
  }

  const Ref<DriverPort> driver_;
  const uint64_t bytes_max_;

  mutable SpinLock mutex_;  // nothing is waited for, nor told to anyone, under it
  Announcer* announcer_ = nullptr;
  std::unordered_map<uint32_t, Segment> segments_;
  uint32_t next_segment_ = 0;
  uint64_t bytes_ = 0;
  uint64_t next_shared_bytes_ = kFirstSegmentBytes;
  BlockPlacer placer_;
  std::multimap<uint64_t, uint32_t> idle_;  // own segments without a payload, by usable bytes
  uint64_t idle_bytes_ = 0;
  bool take_turns_ = true;
  RouteEndBlock* pages_[kRoutePages] = {};
  uint64_t number_ = 0;            // of the link; a number nobody else can guess
  LinkLine* link_line_ = nullptr;  // as long as segment 0, which is never given back
  std::atomic<bool> borrows_;
  std::vector<PrivateMemory> left_;  // of ends for which the link has no peer
};

}  // namespace ringway

#endif  // ENGINE_LINK_LINK_MEMORY_H_
