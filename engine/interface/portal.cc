// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "ringway/portal.h"

#include <array>
#include <cstdlib>
#include <ctime>

namespace ringway {
inline namespace api {

namespace {

template <class Table, class Fill>
Table Filled(Fill fill) {
  Table table = {};
  table.size = sizeof(table);
  // Only when the program is linked to an engine older than its headers.
  if (fill(&table) != IPCZ_RESULT_OK) std::abort();
  return table;
}

uint64_t NowNs() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

// The raw handles of a parcel that is about to be sent.
class RawHandles {
 public:
  explicit RawHandles(std::span<Handle> handles) : owners_(handles) {
    if (handles.size() > few_.size()) many_.resize(handles.size());
    for (size_t i = 0; i < handles.size(); ++i) data()[i] = handles[i].get();
  }
  IpczHandle* data() { return many_.empty() ? few_.data() : many_.data(); }
  // Their owners have them no longer if the parcel was sent.
  IpczResult Sent(IpczResult result) {
    if (result == IPCZ_RESULT_OK) {
      for (Handle& owner : owners_) static_cast<void>(owner.Release());
    }
    return result;
  }

 private:
  std::span<Handle> owners_;
  std::array<IpczHandle, 8> few_;
  std::vector<IpczHandle> many_;
};

}  // namespace

IpczAPI LoadIpcz() { return Filled<IpczAPI>(&IpczGetAPI); }
RingwayExtensions LoadExtensions() { return Filled<RingwayExtensions>(&RingwayGetExtensions); }

Deadline Deadline::In(uint64_t timeout_ns) {
  const uint64_t now = NowNs();
  return Deadline(timeout_ns >= RINGWAY_NO_DEADLINE - now ? RINGWAY_NO_DEADLINE : now + timeout_ns);
}

bool Deadline::HasPassed() const { return ns_ != RINGWAY_NO_DEADLINE && ns_ <= NowNs(); }

void Handle::Reset(IpczHandle handle) {
  const IpczHandle old = std::exchange(handle_, handle);
  if (old != IPCZ_INVALID_HANDLE) Ipcz().Close(old, IPCZ_NO_FLAGS, nullptr);
}

ParcelView::ParcelView(ParcelView&& other) noexcept
    : portal_(std::exchange(other.portal_, IPCZ_INVALID_HANDLE)),
      bytes_(other.bytes_),
      num_handles_(other.num_handles_) {}

ParcelView::~ParcelView() {
  // Dropping the handles closes what came with the parcel.
  if (portal_ != IPCZ_INVALID_HANDLE) static_cast<void>(Take());
}

Result<std::vector<Handle>> ParcelView::Take() {
  std::vector<IpczHandle> raw(num_handles_);
  const IpczHandle portal = std::exchange(portal_, IPCZ_INVALID_HANDLE);
  const IpczResult result =
      Ipcz().EndGet(portal, bytes_.size(), raw.size(), IPCZ_NO_FLAGS, nullptr, raw.data(), nullptr);
  if (result != IPCZ_RESULT_OK) {
    Ipcz().EndGet(portal, 0, 0, IPCZ_END_GET_ABORT, nullptr, nullptr, nullptr);
    return Result<std::vector<Handle>>::Failure(result);
  }
  std::vector<Handle> handles;
  handles.reserve(raw.size());
  for (const IpczHandle handle : raw) handles.emplace_back(handle);
  return handles;
}

void ParcelView::Abort() {
  const IpczHandle portal = std::exchange(portal_, IPCZ_INVALID_HANDLE);
  if (portal == IPCZ_INVALID_HANDLE) return;
  Ipcz().EndGet(portal, 0, 0, IPCZ_END_GET_ABORT, nullptr, nullptr, nullptr);
}

ParcelDraft::ParcelDraft(ParcelDraft&& other) noexcept
    : portal_(std::exchange(other.portal_, IPCZ_INVALID_HANDLE)), bytes_(other.bytes_) {}

ParcelDraft::~ParcelDraft() {
  if (portal_ == IPCZ_INVALID_HANDLE) return;
  Ipcz().EndPut(portal_, 0, nullptr, 0, IPCZ_END_PUT_ABORT, nullptr);
}

IpczResult ParcelDraft::Commit(size_t num_bytes, std::span<Handle> handles) {
  RawHandles raw(handles);
  const IpczResult result = raw.Sent(
      Ipcz().EndPut(portal_, num_bytes, raw.data(), handles.size(), IPCZ_NO_FLAGS, nullptr));
  if (result == IPCZ_RESULT_OK) portal_ = IPCZ_INVALID_HANDLE;
  return result;
}

IpczResult Portal::Put(std::span<const std::byte> bytes, std::span<Handle> handles,
                       const IpczPutLimits* limits) {
  RawHandles raw(handles);
  const IpczPutOptions options = {sizeof(options), limits};
  return raw.Sent(Ipcz().Put(get(), bytes.data(), bytes.size(), raw.data(), handles.size(),
                             IPCZ_NO_FLAGS, &options));
}

Result<ParcelDraft> Portal::BeginPut(size_t num_bytes, const IpczPutLimits* limits) {
  const IpczBeginPutOptions options = {sizeof(options), limits};
  void* data = nullptr;
  const IpczResult result = Ipcz().BeginPut(get(), IPCZ_NO_FLAGS, &options, &num_bytes, &data);
  if (result != IPCZ_RESULT_OK) return Result<ParcelDraft>::Failure(result);
  return ParcelDraft(get(), {static_cast<std::byte*>(data), num_bytes});
}

Result<Parcel> Portal::Get() {
  Result<ParcelView> view = BeginGet();
  if (!view) return Result<Parcel>::Failure(view.result());
  Parcel parcel;
  parcel.bytes.assign(view->bytes().begin(), view->bytes().end());
  Result<std::vector<Handle>> handles = view->Take();
  if (!handles) return Result<Parcel>::Failure(handles.result());
  parcel.handles = *std::move(handles);
  return parcel;
}

Result<ParcelView> Portal::BeginGet() {
  const void* data = nullptr;
  size_t num_bytes = 0;
  size_t num_handles = 0;
  const IpczResult result =
      Ipcz().BeginGet(get(), IPCZ_NO_FLAGS, nullptr, &data, &num_bytes, &num_handles);
  if (result != IPCZ_RESULT_OK) return Result<ParcelView>::Failure(result);
  return ParcelView(get(), {static_cast<const std::byte*>(data), num_bytes}, num_handles);
}

IpczResult Portal::Wait(Deadline deadline, RingwayWaitMode mode) const {
  RingwayWaitItem item = WaitForParcel(*this);
  return WaitAny({&item, 1}, deadline, mode);
}

Result<IpczPortalStatus> Portal::Status() const {
  IpczPortalStatus status = {};
  status.size = sizeof(status);
  const IpczResult result = Ipcz().QueryPortalStatus(get(), IPCZ_NO_FLAGS, nullptr, &status);
  if (result != IPCZ_RESULT_OK) return Result<IpczPortalStatus>::Failure(result);
  return status;
}

IpczResult WaitAny(std::span<RingwayWaitItem> items, Deadline deadline, RingwayWaitMode mode) {
  return Extensions().Wait(items.data(), items.size(), mode, deadline.ns());
}

Result<Node> Node::Create(const IpczDriver* driver, IpczCreateNodeFlags flags) {
  IpczHandle handle = IPCZ_INVALID_HANDLE;
  const IpczResult result =
      Ipcz().CreateNode(driver, IPCZ_INVALID_DRIVER_HANDLE, flags, nullptr, &handle);
  if (result != IPCZ_RESULT_OK) return Result<Node>::Failure(result);
  return Node(handle, driver);
}

Result<std::vector<Portal>> Node::Connect(IpczDriverHandle transport, size_t num_portals,
                                          IpczConnectNodeFlags flags) {
  std::vector<IpczHandle> raw(num_portals);
  const IpczResult result =
      Ipcz().ConnectNode(get(), transport, num_portals, flags, nullptr, raw.data());
  if (result != IPCZ_RESULT_OK) return Result<std::vector<Portal>>::Failure(result);
  std::vector<Portal> portals;
  portals.reserve(num_portals);
  for (const IpczHandle portal : raw) portals.emplace_back(portal);
  return portals;
}

Result<std::pair<Portal, Portal>> Node::OpenPortals() {
  IpczHandle first = IPCZ_INVALID_HANDLE;
  IpczHandle second = IPCZ_INVALID_HANDLE;
  const IpczResult result = Ipcz().OpenPortals(get(), IPCZ_NO_FLAGS, nullptr, &first, &second);
  if (result != IPCZ_RESULT_OK) return Result<std::pair<Portal, Portal>>::Failure(result);
  return std::pair(Portal(first), Portal(second));
}

Result<Handle> Node::Box(IpczDriverHandle object) {
  IpczHandle box = IPCZ_INVALID_HANDLE;
  const IpczResult result = Ipcz().Box(get(), object, IPCZ_NO_FLAGS, nullptr, &box);
  if (result != IPCZ_RESULT_OK) return Result<Handle>::Failure(result);
  return Handle(box);
}

Result<IpczDriverHandle> Unbox(Handle& box) {
  IpczDriverHandle object = IPCZ_INVALID_DRIVER_HANDLE;
  const IpczResult result = Ipcz().Unbox(box.get(), IPCZ_NO_FLAGS, nullptr, &object);
  if (result != IPCZ_RESULT_OK) return Result<IpczDriverHandle>::Failure(result);
  static_cast<void>(box.Release());
  return object;
}

}  // namespace api
}  // namespace ringway
