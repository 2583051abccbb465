// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "tests/driver/conformance.h"

#include <chrono>
#include <utility>

namespace ringway::testing {
namespace {

// Of a core whose own handle is 0. One at a time.
Core* null_core = nullptr;

std::pair<IpczDriverHandle, IpczDriverHandle> NewTransports() {
  std::pair<IpczDriverHandle, IpczDriverHandle> transports;
  TestedDriver().create_pair(&transports.first, &transports.second);
  return transports;
}

}  // namespace

Core::~Core() { Close(); }

void Core::Close() {
  // Its handler may have closed it already.
  if (is_active_ && transport_ != IPCZ_INVALID_DRIVER_HANDLE) {
    Deactivate();
    EXPECT_TRUE(WaitForDeactivated());
    EXPECT_EQ(deactivations(), 1u);
    EXPECT_EQ(calls_after_the_end(), 0u);
    EXPECT_EQ(overlaps(), 0u);
  }
  is_active_ = false;
  if (transport_ != IPCZ_INVALID_DRIVER_HANDLE) {
    EXPECT_EQ(TestedDriver().driver->Close(Release(), 0, nullptr), IPCZ_RESULT_OK);
  }
  for (const Parcel& parcel : parcels_) {
    for (const IpczDriverHandle handle : parcel.handles) {
      TestedDriver().driver->Close(handle, 0, nullptr);
    }
  }
  parcels_.clear();
}

IpczDriverHandle Core::Release() { return std::exchange(transport_, IPCZ_INVALID_DRIVER_HANDLE); }

IpczResult Core::Activate(bool null_engine) {
  is_active_ = true;
  if (null_engine) null_core = this;
  const auto engine = null_engine ? IPCZ_INVALID_HANDLE : reinterpret_cast<IpczHandle>(this);
  return TestedDriver().driver->ActivateTransport(transport_, engine, &OnActivity, 0, nullptr);
}

IpczResult Core::Deactivate() {
  return TestedDriver().driver->DeactivateTransport(transport_, 0, nullptr);
}

IpczResult Core::Send(std::string_view data, const std::vector<IpczDriverHandle>& handles) {
  return TestedDriver().driver->Transmit(transport_, data.data(), data.size(), handles.data(),
                                         handles.size(), 0, nullptr);
}

IpczResult Core::OnActivity(IpczHandle context, const void* data, size_t num_bytes,
                            const IpczDriverHandle* handles, size_t num_handles,
                            IpczTransportActivityFlags flags, const void*) {
  Parcel parcel;
  if (num_bytes != 0) parcel.data.assign(static_cast<const char*>(data), num_bytes);
  if (num_handles != 0) parcel.handles.assign(handles, handles + num_handles);
  Core* core = context == IPCZ_INVALID_HANDLE ? null_core : reinterpret_cast<Core*>(context);
  return core->OnActivity(std::move(parcel), flags);
}

IpczResult Core::OnActivity(Parcel parcel, IpczTransportActivityFlags flags) {
  {
    std::lock_guard lock(mutex_);
    // A synchronous driver may call it inside itself.
    if (inside_++ != 0 && thread_ != std::this_thread::get_id()) ++overlaps_;
    thread_ = std::this_thread::get_id();
    if (deactivations_ != 0) ++calls_after_the_end_;
  }
  IpczResult result = IPCZ_RESULT_OK;
  if (flags == IPCZ_NO_FLAGS && on_parcel_) result = on_parcel_(parcel);
  const bool is_last = (flags & IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED) != 0;
  if (is_last && on_deactivated_) on_deactivated_();
  std::lock_guard lock(mutex_);
  --inside_;
  if (flags == IPCZ_NO_FLAGS) parcels_.push_back(std::move(parcel));
  if ((flags & IPCZ_TRANSPORT_ACTIVITY_ERROR) != 0) ++errors_;
  if (is_last) ++deactivations_;
  changed_.notify_all();
  return result;
}

template <typename Condition>
bool Core::Await(Condition condition) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds(20), condition);
}

bool Core::WaitNext(Parcel* parcel) {
  if (!Await([&] { return !parcels_.empty(); })) return false;
  std::lock_guard lock(mutex_);
  *parcel = std::move(parcels_.front());
  parcels_.pop_front();
  return true;
}

std::string Core::NextData() {
  Parcel parcel;
  EXPECT_TRUE(WaitNext(&parcel));
  EXPECT_TRUE(parcel.handles.empty());
  return parcel.data;
}

bool Core::WaitForError() {
  return Await([&] { return errors_ != 0; });
}

bool Core::WaitForDeactivated() {
  return Await([&] { return deactivations_ != 0; });
}

size_t Core::errors() const {
  std::lock_guard lock(mutex_);
  return errors_;
}

size_t Core::deactivations() const {
  std::lock_guard lock(mutex_);
  return deactivations_;
}

size_t Core::calls_after_the_end() const {
  std::lock_guard lock(mutex_);
  return calls_after_the_end_;
}

size_t Core::overlaps() const {
  std::lock_guard lock(mutex_);
  return overlaps_;
}

CorePair::CorePair() : CorePair(NewTransports()) {}

void CorePair::Activate() {
  EXPECT_EQ(first.Activate(), IPCZ_RESULT_OK);
  EXPECT_EQ(second.Activate(), IPCZ_RESULT_OK);
}

std::string BytesOf(size_t num_bytes, uint64_t seed) {
  std::string bytes(num_bytes, '\0');
  uint64_t state = seed * 0x9e3779b97f4a7c15 + 1;
  for (char& byte : bytes) {
    state = state * 6364136223846793005 + 1442695040888963407;
    byte = static_cast<char>(state >> 56);
  }
  return bytes;
}

}  // namespace ringway::testing
