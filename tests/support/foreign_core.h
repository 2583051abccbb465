// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef TESTS_SUPPORT_FOREIGN_CORE_H_
#define TESTS_SUPPORT_FOREIGN_CORE_H_

#include <semaphore.h>

#include <cstddef>
#include <functional>
#include <utility>

#include "ipcz/ipcz.h"

namespace ringway::testing {

// The least that a core of the original's kind does with a driver: each parcel
// is one Transmit(), and parcels are dispatched on the driver's thread, in its
// activity handler. One link, between whoever has the transport's two ends.
class ForeignCore {
 public:
  using OnParcel = std::function<void(const std::byte* data, size_t num_bytes)>;

  ForeignCore(const IpczDriver* driver, IpczDriverHandle transport)
      : driver_(driver), transport_(transport) {
    sem_init(&deactivated_, 0, 0);
  }
  ForeignCore(const ForeignCore&) = delete;
  ForeignCore& operator=(const ForeignCore&) = delete;

  ~ForeignCore() {
    if (is_active_) {
      driver_->DeactivateTransport(transport_, IPCZ_NO_FLAGS, nullptr);
      while (sem_wait(&deactivated_) != 0) {
      }
    }
    driver_->Close(transport_, IPCZ_NO_FLAGS, nullptr);
    sem_destroy(&deactivated_);
  }

  // `on_error` is called when the link has ended.
  IpczResult Activate(OnParcel on_parcel, std::function<void()> on_error) {
    on_parcel_ = std::move(on_parcel);
    on_error_ = std::move(on_error);
    const IpczResult result = driver_->ActivateTransport(
        transport_, reinterpret_cast<IpczHandle>(this), &OnActivity, IPCZ_NO_FLAGS, nullptr);
    is_active_ = result == IPCZ_RESULT_OK;
    return result;
  }

  IpczResult Put(const void* data, size_t num_bytes) {
    return driver_->Transmit(transport_, data, num_bytes, nullptr, 0, IPCZ_NO_FLAGS, nullptr);
  }

 private:
  static IpczResult IPCZ_API OnActivity(IpczHandle context, const void* data, size_t num_bytes,
                                        const IpczDriverHandle*, size_t,
                                        IpczTransportActivityFlags flags, const void*) {
    auto* core = reinterpret_cast<ForeignCore*>(context);
    if ((flags & IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED) != 0) {
      sem_post(&core->deactivated_);
    } else if ((flags & IPCZ_TRANSPORT_ACTIVITY_ERROR) != 0) {
      core->on_error_();
    } else {
      core->on_parcel_(static_cast<const std::byte*>(data), num_bytes);
    }
    return IPCZ_RESULT_OK;
  }

  const IpczDriver* const driver_;
  const IpczDriverHandle transport_;
  bool is_active_ = false;
  sem_t deactivated_;
  OnParcel on_parcel_;
  std::function<void()> on_error_;
};

}  // namespace ringway::testing

#endif  // TESTS_SUPPORT_FOREIGN_CORE_H_
