// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "ringway/inbox.h"

#include <chrono>
#include <utility>

namespace ringway {
inline namespace api {

// Receives for the inbox, one message at a time.
class Inbox::Gate final : public Served {
 public:
  explicit Gate(Inbox& inbox) : Served(&kNoMethods, this), inbox_(inbox) {}

  bool Take(Delivery& delivery) override {
    // Other messages of its client are to be received meanwhile.
    if (!delivery.request.MakePrivate()) {
      if (delivery.reply) static_cast<void>(delivery.reply.Send(-RW_ENOMEM));
      return true;
    }
    arrived_ = Envelope::Of(delivery, inbox_.held_);
    return true;
  }
  bool has_arrived() const { return static_cast<bool>(arrived_); }
  Envelope TakeArrived() { return std::move(arrived_); }

 private:
  static constexpr ObjectTable kNoMethods = {};
  Inbox& inbox_;
  Envelope arrived_;  // guarded by receiving_
};

Inbox::Inbox(const Node& node)
    : held_(std::make_shared<std::atomic<size_t>>(0)),
      gate_(std::make_unique<Gate>(*this)),
      loop_(std::make_unique<Loop>(node)) {}

Inbox::~Inbox() = default;

void Inbox::Admit(Portal portal, Admission admission) {
  loop_->Serve(std::move(portal), *gate_, std::move(admission));
}

Result<Portal> Inbox::Open(Admission admission) {
  return loop_->Open(*gate_, std::move(admission));
}

int64_t Inbox::Register(const Names& names, const Offer& offer, Registered* registered) {
  return names.Register(*loop_, *gate_, offer, registered);
}

int64_t Inbox::Receive(Envelope* message, Deadline deadline) {
  std::unique_lock lock(receiving_, std::defer_lock);
  if (deadline.ns() == RINGWAY_NO_DEADLINE) {
    lock.lock();
  } else {
    const std::chrono::steady_clock::time_point end{std::chrono::nanoseconds(deadline.ns())};
    if (!lock.try_lock_until(end)) return -RW_ETIMEDOUT;
  }
  if (!loop_) return -RW_ECANCELED;
  while (!gate_->has_arrived()) {
    const int64_t status = loop_->RunSome(deadline, 1);
    if (status < 0) return status;
  }
  *message = gate_->TakeArrived();
  return RW_EOK;
}

void Inbox::Stop() { loop_->Stop(); }

int64_t Inbox::Destroy() {
  std::unique_lock lock(receiving_, std::try_to_lock);
  if (!lock || *held_ != 0) return -RW_EBUSY;
  loop_.reset();
  return RW_EOK;
}

}  // namespace api
}  // namespace ringway
