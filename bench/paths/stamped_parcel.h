// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Parcels of one stamp (payload.h), with or without a portal attached.

#ifndef BENCH_PATHS_STAMPED_PARCEL_H_
#define BENCH_PATHS_STAMPED_PARCEL_H_

#include <stddef.h>
#include <stdint.h>

#include <optional>
#include <string>

#include "bench/paths/portal.h"

namespace ringway::bench {

struct StampedParcel {
  uint64_t stamp = 0;
  IpczHandle portal = IPCZ_INVALID_HANDLE;
};

// No more than the limits of a flood are under way on `to`.
inline void PutStamp(IpczHandle to, uint64_t stamp, IpczHandle portal = IPCZ_INVALID_HANDLE) {
  const size_t num_handles = portal == IPCZ_INVALID_HANDLE ? 0 : 1;
  PutParcel("Put", [&] {
    return Ipcz().Put(to, &stamp, sizeof(stamp), num_handles == 0 ? nullptr : &portal, num_handles,
                      IPCZ_NO_FLAGS, &kFloodPut<8>);
  });
}

inline std::optional<StampedParcel> TryGetStamp(IpczHandle from) {
  StampedParcel parcel;
  size_t bytes = sizeof(parcel.stamp);
  size_t num_handles = 1;
  const IpczResult result = Ipcz().Get(from, IPCZ_NO_FLAGS, nullptr, &parcel.stamp, &bytes,
                                       &parcel.portal, &num_handles, nullptr);
  if (result == IPCZ_RESULT_UNAVAILABLE) return std::nullopt;
  Require(result, "Get");
  if (bytes != sizeof(parcel.stamp)) {
    Fail("a parcel of " + std::to_string(bytes) + " bytes arrived");
  }
  return parcel;
}

template <PortalWait kWait>
StampedParcel AwaitStamp(IpczHandle from) {
  for (;;) {
    if (const std::optional<StampedParcel> parcel = TryGetStamp(from)) return *parcel;
    WaitForParcel<kWait>(from);
  }
}

inline void RequireStamp(uint64_t stamp, uint64_t wanted, const char* what) {
  if (stamp == wanted) return;
  Fail(std::string(what) + " has stamp " + std::to_string(stamp & ~kMarks) + " instead of " +
       std::to_string(wanted & ~kMarks));
}

inline void ClosePortal(IpczHandle portal) {
  Require(Ipcz().Close(portal, IPCZ_NO_FLAGS, nullptr), "Close");
}

}  // namespace ringway::bench

#endif  // BENCH_PATHS_STAMPED_PARCEL_H_
