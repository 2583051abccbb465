// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The ipcz API as C++ values: each handle has one owner, parcels are spans, and
// calls answer with results. Threads: as ipcz/ipcz.h says; closing or moving an
// object while another thread uses it is the caller's mistake.

#ifndef RINGWAY_PORTAL_H_
#define RINGWAY_PORTAL_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "ipcz/ipcz.h"
#include "ringway/result.h"
#include "ringway/ringway.h"

namespace ringway {
inline namespace api {

// The two tables of the C API.
IpczAPI LoadIpcz();
RingwayExtensions LoadExtensions();
inline const IpczAPI& Ipcz() {
  static const IpczAPI table = LoadIpcz();
  return table;
}
inline const RingwayExtensions& Extensions() {
  static const RingwayExtensions table = LoadExtensions();
  return table;
}

// Owns one handle: a node, a portal, or a box.
class Handle {
 public:
  Handle() = default;
  explicit Handle(IpczHandle handle) : handle_(handle) {}
  Handle(Handle&& other) noexcept : handle_(other.Release()) {}
  Handle& operator=(Handle&& other) noexcept {
    if (this != &other) Reset(other.Release());
    return *this;
  }
  ~Handle() { Reset(); }

  explicit operator bool() const { return handle_ != IPCZ_INVALID_HANDLE; }
  IpczHandle get() const { return handle_; }
  [[nodiscard]] IpczHandle Release() { return std::exchange(handle_, IPCZ_INVALID_HANDLE); }
  void Reset(IpczHandle handle = IPCZ_INVALID_HANDLE);

 private:
  IpczHandle handle_ = IPCZ_INVALID_HANDLE;
};

// A parcel that is still in its portal: its bytes where they are, which the
// process that sent it may change as long as the view lives. The parcel is
// taken when the view ends, or left where it is after Abort(). Until then
// nothing else can be got from the portal. The portal outlives the view.
class ParcelView {
 public:
  ParcelView(ParcelView&& other) noexcept;
  ParcelView& operator=(ParcelView&&) = delete;
  ~ParcelView();

  std::span<const std::byte> bytes() const { return bytes_; }
  size_t num_handles() const { return num_handles_; }

  // Takes the parcel out, with its handles.
  Result<std::vector<Handle>> Take();
  void Abort();

 private:
  friend class Portal;
  ParcelView(IpczHandle portal, std::span<const std::byte> bytes, size_t num_handles)
      : portal_(portal), bytes_(bytes), num_handles_(num_handles) {}

  IpczHandle portal_;
  std::span<const std::byte> bytes_;
  size_t num_handles_;
};

// Memory of a portal that a parcel is being written into. Nothing is sent
// unless Commit() is called. The portal outlives this.
class ParcelDraft {
 public:
  ParcelDraft(ParcelDraft&& other) noexcept;
  ParcelDraft& operator=(ParcelDraft&&) = delete;
  ~ParcelDraft();

  std::span<std::byte> bytes() const { return bytes_; }

  // Sends the first `num_bytes`. After a failure the draft is still there, and
  // the handles are still the caller's.
  IpczResult Commit(size_t num_bytes, std::span<Handle> handles = {});

 private:
  friend class Portal;
  ParcelDraft(IpczHandle portal, std::span<std::byte> bytes) : portal_(portal), bytes_(bytes) {}

  IpczHandle portal_;
  std::span<std::byte> bytes_;
};

struct Parcel {
  std::vector<std::byte> bytes;
  std::vector<Handle> handles;
};

class Portal {
 public:
  Portal() = default;
  explicit Portal(IpczHandle portal) : handle_(portal) {}

  explicit operator bool() const { return static_cast<bool>(handle_); }
  IpczHandle get() const { return handle_.get(); }
  [[nodiscard]] IpczHandle Release() { return handle_.Release(); }
  void Close() { handle_.Reset(); }

  // Sends a parcel. The handles are taken on OK, and only then.
  IpczResult Put(std::span<const std::byte> bytes, std::span<Handle> handles = {},
                 const IpczPutLimits* limits = nullptr);
  // Memory for a parcel of `num_bytes`, sent by ParcelDraft::Commit().
  Result<ParcelDraft> BeginPut(size_t num_bytes, const IpczPutLimits* limits = nullptr);

  // The next parcel, copied out. UNAVAILABLE: there is none now; NOT_FOUND:
  // there will never be one again.
  Result<Parcel> Get();
  // The next parcel, in place.
  Result<ParcelView> BeginGet();

  // Waits until a parcel can be got, or the peer is closed: OK, and Get() will
  // say which. DEADLINE_EXCEEDED.
  IpczResult Wait(Deadline deadline, RingwayWaitMode mode = 0) const;

  Result<IpczPortalStatus> Status() const;

 private:
  Handle handle_;
};

inline RingwayWaitItem WaitForParcel(const Portal& portal) {
  return {portal.get(), RINGWAY_WAIT_READABLE, 0, SIZE_MAX, SIZE_MAX};
}
// For the peer's queue to hold less than `max_remote_bytes`.
inline RingwayWaitItem WaitForRoom(const Portal& portal, size_t max_remote_bytes) {
  return {portal.get(), RINGWAY_WAIT_WRITABLE, 0, SIZE_MAX, max_remote_bytes};
}

// Waits until one of `items` is satisfied: OK, and `satisfied` of the items
// says which; DEADLINE_EXCEEDED; CANCELLED when a portal was closed meanwhile.
IpczResult WaitAny(std::span<RingwayWaitItem> items, Deadline deadline, RingwayWaitMode mode = 0);

// A node for those who only use it.
struct NodeAndDriver {
  IpczHandle node = IPCZ_INVALID_HANDLE;
  const IpczDriver* driver = nullptr;
};

class Node {
 public:
  Node() = default;
  // Takes a node that was made with `driver`.
  Node(IpczHandle node, const IpczDriver* driver) : handle_(node), driver_(driver) {}

  // `driver` must live as long as the process; RingwayLinuxDriver() does.
  static Result<Node> Create(const IpczDriver* driver, IpczCreateNodeFlags flags = IPCZ_NO_FLAGS);

  explicit operator bool() const { return static_cast<bool>(handle_); }
  IpczHandle get() const { return handle_.get(); }
  const IpczDriver* driver() const { return driver_; }
  NodeAndDriver ref() const { return {get(), driver_}; }
  void Close() { handle_.Reset(); }

  // Links this node to another one. Takes the transport on success.
  Result<std::vector<Portal>> Connect(IpczDriverHandle transport, size_t num_portals,
                                      IpczConnectNodeFlags flags = IPCZ_NO_FLAGS);
  Result<std::pair<Portal, Portal>> OpenPortals();

  // Wraps an object of the driver, so that parcels can carry it. Takes it on success.
  Result<Handle> Box(IpczDriverHandle object);

 private:
  Handle handle_;
  const IpczDriver* driver_ = nullptr;
};

// Takes the driver's object out of a box. The box is left as it was on failure.
Result<IpczDriverHandle> Unbox(Handle& box);

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_PORTAL_H_
