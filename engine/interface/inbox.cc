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
  Envelope arrived_;  // of the thread whose Turn it is
};

Inbox::Inbox(const Node& node)
    : held_(std::make_shared<std::atomic<size_t>>(0)),
      gate_(std::make_unique<Gate>(*this)),
      loop_(std::make_shared<Loop>(node)) {}

Inbox::~Inbox() = default;

std::shared_ptr<Loop> Inbox::loop() const {
  std::lock_guard lock(mutex_);
  return loop_;
}

void Inbox::Admit(Portal portal, Admission admission) {
  const std::shared_ptr<Loop> here = loop();
  if (here) here->Serve(std::move(portal), *gate_, std::move(admission));
}

Result<Portal> Inbox::Open(Admission admission) {
  const std::shared_ptr<Loop> here = loop();
  if (!here) return Result<Portal>::Failure(IPCZ_RESULT_CANCELLED);
  return here->Open(*gate_, std::move(admission));
}

int64_t Inbox::Register(const Names& names, const Offer& offer, Registered* registered) {
  const std::shared_ptr<Loop> here = loop();
  return here ? names.Register(*here, *gate_, offer, registered) : -RW_ECANCELED;
}

// The right of one thread to run the loop, until this ends.
class Inbox::Turn {
 public:
  Turn(Inbox& inbox, Deadline deadline) : inbox_(inbox) {
    const auto is_free = [&] { return !inbox_.is_receiving_; };
    std::unique_lock lock(inbox_.mutex_);
    if (deadline.ns() == RINGWAY_NO_DEADLINE) {
      inbox_.free_.wait(lock, is_free);
    } else {
      const std::chrono::steady_clock::time_point end{std::chrono::nanoseconds(deadline.ns())};
      if (!inbox_.free_.wait_until(lock, end, is_free)) return;
    }
    inbox_.is_receiving_ = is_ours_ = true;
  }
  ~Turn() {
    if (!is_ours_) return;
    std::lock_guard lock(inbox_.mutex_);
    inbox_.is_receiving_ = false;
    inbox_.free_.notify_one();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  explicit operator bool() const { return is_ours_; }

 private:
  Inbox& inbox_;
  bool is_ours_ = false;
};

int64_t Inbox::Receive(Envelope* message, Deadline deadline) {
  const Turn turn(*this, deadline);
  if (!turn) return -RW_ETIMEDOUT;
  const std::shared_ptr<Loop> here = loop();
  if (!here) return -RW_ECANCELED;
  while (!gate_->has_arrived()) {
    const int64_t status = here->RunSome(deadline, 1);
    if (status < 0) return status;
  }
  *message = gate_->TakeArrived();
  return RW_EOK;
}

void Inbox::Stop() {
  const std::shared_ptr<Loop> here = loop();
  if (here) here->Stop();
}

int64_t Inbox::Destroy() {
  std::shared_ptr<Loop> ending;  // after the lock
  std::lock_guard lock(mutex_);
  if (is_receiving_ || *held_ != 0) return -RW_EBUSY;
  std::swap(loop_, ending);
  return RW_EOK;
}

}  // namespace api
}  // namespace ringway
