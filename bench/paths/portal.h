// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The subject: portals of two nodes, one in each process, over Ringway's Linux driver.

#ifndef BENCH_PATHS_PORTAL_H_
#define BENCH_PATHS_PORTAL_H_

#include <stddef.h>
#include <stdint.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "bench/harness/channel.h"
#include "bench/harness/cpu.h"
#include "bench/harness/fail.h"
#include "bench/harness/payload.h"
#include "ipcz/ipcz.h"
#include "ringway/ringway.h"
#include "shm/unique_fd.h"

namespace ringway::bench {

// Both tables; fails if the library does not give them.
const IpczAPI& Ipcz();
const RingwayExtensions& RingwayApi();

// A node on Ringway's Linux driver, and its initial portal to the node at the other end of a
// transport. ConnectTo() returns once both sides have connected; one of them is the broker.
IpczHandle MakeNode(bool broker);
IpczHandle ConnectTo(IpczHandle node, UniqueFd transport, bool broker);

// A node and one of its portals, closed with it.
class PortalEnd {
 public:
  // Connects through a descriptor of PortalFds, and returns once both sides have.
  PortalEnd(UniqueFd transport, Side side);
  PortalEnd(PortalEnd&& other) noexcept;
  ~PortalEnd();

  IpczHandle node() const { return node_; }
  IpczHandle portal() const { return portal_; }

 private:
  IpczHandle node_ = IPCZ_INVALID_HANDLE;
  IpczHandle portal_ = IPCZ_INVALID_HANDLE;
};

// The two ends of a transport as descriptors, made before the roles are forked: no driver handle
// crosses the fork. Each is taken once, by its role.
class PortalFds {
 public:
  PortalFds();
  UniqueFd Take(Side side) { return std::move(fds_[Index(side)]); }

 private:
  std::array<UniqueFd, 2> fds_;
};

enum class PortalWait { kPoll, kPark, kAdaptive };

// Waits until a parcel may be there.
template <PortalWait kWait>
void WaitForParcel(IpczHandle portal) {
  if constexpr (kWait == PortalWait::kPoll) {
    Spin();
  } else {
    RingwayWaitItem item = {.portal = portal,
                            .wanted = RINGWAY_WAIT_READABLE,
                            .satisfied = 0,
                            .max_remote_parcels = SIZE_MAX,
                            .max_remote_bytes = SIZE_MAX};
    const RingwayWaitMode mode = kWait == PortalWait::kPark ? RINGWAY_WAIT_MODE_PARK : 0;
    Require(RingwayApi().Wait(&item, 1, mode, RINGWAY_NO_DEADLINE), "Wait");
  }
}

// Repeats a call that takes a parcel until there was one.
template <PortalWait kWait, typename Call>
void TakeParcel(IpczHandle portal, const char* name, Call call) {
  IpczResult result;
  while ((result = call()) == IPCZ_RESULT_UNAVAILABLE) WaitForParcel<kWait>(portal);
  Require(result, name);
}

// Repeats a call that puts a parcel until the limits let it.
template <typename Call>
void PutParcel(const char* name, Call call) {
  IpczResult result;
  while ((result = call()) == IPCZ_RESULT_RESOURCE_EXHAUSTED) SpinUntilRoom();
  Require(result, name);
}

// ipcz queues have no end of their own, so a flood brings its own limit: as many messages as the
// rings and queues beside it hold.
template <size_t kBytes>
inline constexpr IpczPutLimits kFloodLimits = {
    .size = sizeof(IpczPutLimits),
    .max_queued_parcels = std::clamp<size_t>((size_t{256} << 10) / kBytes, 8, 4096),
    .max_queued_bytes = SIZE_MAX};

template <size_t kBytes>
inline constexpr IpczPutOptions kFloodPut = {.size = sizeof(IpczPutOptions),
                                             .limits = &kFloodLimits<kBytes>};
template <size_t kBytes>
inline constexpr IpczBeginPutOptions kFloodBeginPut = {.size = sizeof(IpczBeginPutOptions),
                                                       .limits = &kFloodLimits<kBytes>};

// Put and Get.
template <size_t kBytes, PortalWait kWait, bool kLimited>
class PortalCopy {
 public:
  static constexpr bool kInPlace = false;

  explicit PortalCopy(IpczHandle portal) : portal_(portal) {}

  template <typename Write>
  void Send(Write write) {
    std::byte* source = buffers_.source().data();
    write(source);
    PutParcel("Put", [&] {
      return ipcz_.Put(portal_, source, kBytes, nullptr, 0, IPCZ_NO_FLAGS,
                       kLimited ? &kFloodPut<kBytes> : nullptr);
    });
  }

  template <typename Read>
  void Receive(Read read) {
    std::byte* target = buffers_.target().data();
    size_t bytes = kBytes;
    TakeParcel<kWait>(portal_, "Get", [&] {
      bytes = kBytes;
      return ipcz_.Get(portal_, IPCZ_NO_FLAGS, nullptr, target, &bytes, nullptr, nullptr, nullptr);
    });
    if (bytes != kBytes) Fail("a parcel of " + std::to_string(bytes) + " bytes arrived");
    read(target);
  }

 private:
  const IpczAPI& ipcz_ = Ipcz();
  IpczHandle portal_;
  CopyBuffers<kBytes> buffers_;
};

// BeginPut and EndPut, BeginGet and EndGet.
template <size_t kBytes, PortalWait kWait, bool kLimited>
class PortalTwoPhase {
 public:
  static constexpr bool kInPlace = true;

  explicit PortalTwoPhase(IpczHandle portal) : portal_(portal) {}

  template <typename Write>
  void Send(Write write) {
    void* data = nullptr;
    PutParcel("BeginPut", [&] {
      size_t bytes = kBytes;
      return ipcz_.BeginPut(portal_, IPCZ_NO_FLAGS, kLimited ? &kFloodBeginPut<kBytes> : nullptr,
                            &bytes, &data);
    });
    write(static_cast<std::byte*>(data));
    Require(ipcz_.EndPut(portal_, kBytes, nullptr, 0, IPCZ_NO_FLAGS, nullptr), "EndPut");
  }

  template <typename Read>
  void Receive(Read read) {
    const void* data = nullptr;
    size_t bytes = 0;
    TakeParcel<kWait>(portal_, "BeginGet", [&] {
      return ipcz_.BeginGet(portal_, IPCZ_NO_FLAGS, nullptr, &data, &bytes, nullptr);
    });
    if (bytes != kBytes) Fail("a parcel of " + std::to_string(bytes) + " bytes arrived");
    read(static_cast<const std::byte*>(data));
    Require(ipcz_.EndGet(portal_, bytes, 0, IPCZ_NO_FLAGS, nullptr, nullptr, nullptr), "EndGet");
  }

 private:
  const IpczAPI& ipcz_ = Ipcz();
  IpczHandle portal_;
};

// PutMany and GetMany, 32 parcels at a time.
template <size_t kBytes, PortalWait kWait, bool kLimited>
class PortalBatch {
 public:
  static constexpr bool kInPlace = false;

  explicit PortalBatch(IpczHandle portal) : portal_(portal), target_(kBatch * kBytes) {
    for (size_t i = 0; i < kBatch; ++i) {
      parcels_[i] = {.data = sources_[i].source().data(), .num_bytes = kBytes};
    }
  }

  template <typename Write>
  void Send(Write write) {
    write(sources_[filled_].source().data());
    if (++filled_ == kBatch) Flush();
  }

  void Flush() {
    for (size_t done = 0; done < filled_;) {
      PutParcel("PutMany", [&] {
        size_t put = 0;
        const IpczResult result =
            RingwayApi().PutMany(portal_, &parcels_[done], filled_ - done, IPCZ_NO_FLAGS,
                                 kLimited ? &kFloodPut<kBytes> : nullptr, &put);
        done += put;
        return result;
      });
    }
    filled_ = 0;
  }

  template <typename Read>
  void Receive(Read read) {
    std::array<RingwayReceivedParcel, kBatch> received;
    size_t count = kBatch;
    TakeParcel<kWait>(portal_, "GetMany", [&] {
      count = kBatch;
      size_t bytes = target_.size();
      return ringway_.GetMany(portal_, IPCZ_NO_FLAGS, nullptr, target_.data(), &bytes,
                              received.data(), &count);
    });
    for (size_t i = 0; i < count; ++i) {
      if (received[i].num_bytes != kBytes) Fail("a parcel of a wrong size arrived");
      read(target_.data() + received[i].offset);
    }
  }

 private:
  static constexpr size_t kBatch = 32;

  const RingwayExtensions& ringway_ = RingwayApi();
  IpczHandle portal_;
  size_t filled_ = 0;
  std::array<CopyBuffers<kBytes>, kBatch> sources_;
  std::array<RingwayParcel, kBatch> parcels_;
  std::vector<std::byte> target_;
};

template <size_t kBytesOfMessage, template <size_t, PortalWait, bool> typename Way,
          PortalWait kWait, bool kLimited>
class PortalPath {
 public:
  static constexpr size_t kBytes = kBytesOfMessage;

  class End : private PortalEnd, public Way<kBytes, kWait, kLimited> {
   public:
    explicit End(PortalEnd end)
        : PortalEnd(std::move(end)), Way<kBytes, kWait, kLimited>(portal()) {}
  };

  End Open(Side side) { return End(PortalEnd(fds_.Take(side), side)); }

 private:
  PortalFds fds_;
};

}  // namespace ringway::bench

#endif  // BENCH_PATHS_PORTAL_H_
