// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "ringway/loop.h"

#include <algorithm>

#include "ringway/errors.h"

namespace ringway {
inline namespace api {

namespace {

// Requests that one portal gets handled before the next one has its turn.
constexpr size_t kBurst = 16;
// With so few portals it is cheaper to look into each than to ask which.
constexpr size_t kFewPortals = 4;

}  // namespace

// A portal that is served. It lives as long as a reply that goes back on it.
class Loop::Endpoint final : public ReplyChannel {
 public:
  Endpoint(Portal portal, const Served& object, Admission admission, const Loop& loop)
      : portal_(std::move(portal)),
        slot_(object.slot()),
        admission_(std::move(admission)),
        node_(loop.node_) {}

  IpczHandle portal() const override { return portal_.get(); }
  IpczHandle node() const override { return node_.node; }
  int64_t Send(OutgoingMessage& message, size_t num_bytes) override {
    return message.Send(portal_.get(), num_bytes);
  }

  // 0; -RW_EAGAIN when nothing is there; another error when the portal is done with.
  int64_t HandleOne() {
    IncomingMessage request;
    request.set_home(node_);
    const IpczResult received = request.Receive(portal_.get());
    if (received != IPCZ_RESULT_OK) return ErrorOf(received);
    return Dispatch(slot_, admission_, *this, node_.node, request) ? RW_EOK : -RW_EPROTO;
  }
  // Replies may keep this, but nothing comes from there any more.
  void End() { admission_.lease.reset(); }

 private:
  Portal portal_;
  std::shared_ptr<ServedSlot> slot_;
  Admission admission_;
  NodeAndDriver node_;

  friend class Loop;
};

Loop::Loop(NodeAndDriver node, RingwayWaitMode mode) : node_(node), mode_(mode) {
  IpczHandle wake = IPCZ_INVALID_HANDLE;
  IpczHandle woken = IPCZ_INVALID_HANDLE;
  // Without them, waiting says what is wrong with the node.
  Ipcz().OpenPortals(node_.node, IPCZ_NO_FLAGS, nullptr, &wake, &woken);
  wake_ = Portal(wake);
  woken_ = Portal(woken);
  items_.push_back(WaitForParcel(woken_));
}

Loop::~Loop() {
  for (const std::shared_ptr<Endpoint>& endpoint : endpoints_) endpoint->End();
  for (const std::shared_ptr<Endpoint>& endpoint : fresh_) endpoint->End();
}

void Loop::Serve(Portal portal, Served& object, Admission admission) {
  object.loop_ = this;
  Add(std::make_shared<Endpoint>(std::move(portal), object, std::move(admission), *this));
}

Result<Portal> Loop::Open(Served& object, Admission admission) {
  IpczHandle ours = IPCZ_INVALID_HANDLE;
  IpczHandle theirs = IPCZ_INVALID_HANDLE;
  const IpczResult result = Ipcz().OpenPortals(node_.node, IPCZ_NO_FLAGS, nullptr, &ours, &theirs);
  if (result != IPCZ_RESULT_OK) return Result<Portal>::Failure(result);
  Serve(Portal(ours), object, std::move(admission));
  return Portal(theirs);
}

void Loop::AddEndpoint(std::string name, Portal portal) {
  std::lock_guard lock(mutex_);
  named_.insert_or_assign(std::move(name), std::move(portal));
}

int64_t Loop::ServeNamed(const std::string& name, Served& object, Rights rights) {
  Portal portal;
  {
    std::lock_guard lock(mutex_);
    const auto found = named_.find(name);
    if (found == named_.end()) return -RW_ENOENT;
    portal = std::move(found->second);
    named_.erase(found);
  }
  Serve(std::move(portal), object, rights);
  return RW_EOK;
}

void Loop::Unregister(Served& object) {
  // The portals stay, so that what was sent before is answered.
  object.slot_->object = nullptr;
  object.slot_ = std::make_shared<ServedSlot>();
  object.slot_->object = &object;
  object.loop_ = nullptr;
}

void Loop::AddTimeout(Deadline deadline, std::function<void()> action) {
  {
    std::lock_guard lock(mutex_);
    timeouts_.emplace(deadline.ns(), std::move(action));
  }
  Wake();
}

void Loop::Add(std::shared_ptr<Endpoint> endpoint) {
  {
    std::lock_guard lock(mutex_);
    fresh_.push_back(std::move(endpoint));
  }
  Wake();
}

void Loop::Wake() {
  // One parcel that was not read yet is enough.
  const IpczPutLimits limits = {sizeof(limits), 1, SIZE_MAX};
  static_cast<void>(wake_.Put({}, {}, &limits));
}

void Loop::Admit() {
  static_cast<void>(woken_.Get());
  std::lock_guard lock(mutex_);
  for (std::shared_ptr<Endpoint>& endpoint : fresh_) {
    items_.insert(items_.end() - 1,
                  {endpoint->portal(), RINGWAY_WAIT_READABLE, 0, SIZE_MAX, SIZE_MAX});
    endpoints_.push_back(std::move(endpoint));
  }
  fresh_.clear();
}

int64_t Loop::Drain(Endpoint& endpoint, size_t max_requests) {
  const size_t most = std::min(kBurst, max_requests);
  for (size_t count = 0; count < most; ++count) {
    const int64_t status = endpoint.HandleOne();
    if (status == -RW_EAGAIN) return static_cast<int64_t>(count);
    if (status != RW_EOK) return status;
  }
  return static_cast<int64_t>(most);
}

void Loop::Forget(size_t index) {
  endpoints_.erase(endpoints_.begin() + static_cast<ptrdiff_t>(index));
  items_.erase(items_.begin() + static_cast<ptrdiff_t>(index));
}

// Looks into those portals that an item calls readable or closed, from where it stopped before.
int64_t Loop::Sweep(size_t max_requests) {
  size_t handled = 0;
  for (size_t left = endpoints_.size(); left != 0 && handled < max_requests; --left) {
    if (turn_ >= endpoints_.size()) turn_ = 0;
    if (items_[turn_].satisfied == 0) {
      ++turn_;
      continue;
    }
    const std::shared_ptr<Endpoint> endpoint = endpoints_[turn_];
    const int64_t status = Drain(*endpoint, max_requests - handled);
    if (status >= 0) {
      handled += static_cast<size_t>(status);
      ++turn_;
      continue;
    }
    if (hooks_.portal_ended) hooks_.portal_ended(endpoint->portal(), status);
    endpoint->End();
    Forget(turn_);
  }
  return static_cast<int64_t>(handled);
}

int64_t Loop::Wait(Deadline deadline) {
  if (hooks_.before_wait) hooks_.before_wait();
  {
    std::lock_guard lock(mutex_);
    if (!timeouts_.empty())
      deadline = Deadline::At(std::min(deadline.ns(), timeouts_.begin()->first));
  }
  return ErrorOf(WaitAny(items_, deadline, mode_));
}

void Loop::RunTimeouts() {
  for (;;) {
    std::function<void()> action;
    {
      std::lock_guard lock(mutex_);
      const auto first = timeouts_.begin();
      if (first == timeouts_.end() || !Deadline::At(first->first).HasPassed()) return;
      action = std::move(first->second);
      timeouts_.erase(first);
    }
    action();
  }
}

int64_t Loop::RunSome(Deadline deadline, size_t max_requests) {
  Admit();
  for (;;) {
    if (stopped_.load()) return -RW_ECANCELED;
    if (endpoints_.size() <= kFewPortals) {
      for (RingwayWaitItem& item : items_) item.satisfied = RINGWAY_WAIT_READABLE;
      const int64_t handled = Sweep(max_requests);
      if (handled != 0) return handled;
    }
    const int64_t waited = Wait(deadline);
    if (waited != RW_EOK && waited != -RW_ETIMEDOUT) return waited;
    RunTimeouts();
    if (waited == RW_EOK) {
      if (items_.back().satisfied != 0) Admit();
      const int64_t handled = Sweep(max_requests);
      if (handled != 0) return handled;
    }
    if (deadline.HasPassed()) return -RW_ETIMEDOUT;
  }
}

void Loop::Run() {
  for (;;) {
    const int64_t status = RunOnce(Deadline::Never());
    if (status < 0) return;
  }
}

void Loop::Stop() {
  stopped_ = true;
  Wake();
}

}  // namespace api
}  // namespace ringway
