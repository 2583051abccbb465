// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "ringway/loop.h"

#include <algorithm>
#include <utility>

#include "ringway/errors.h"

namespace ringway {
inline namespace api {

namespace {

// Requests that one portal gets handled before the next one has its turn.
constexpr size_t kBurst = 16;
// With so few portals it is cheaper to look into each than to ask which.
constexpr size_t kFewPortals = 4;
// A loop that polls so few looks this often before it looks for anything else.
constexpr int kLooks = 256;
// Handlers that wait within each other, each with some KiB of stack.
constexpr int kDepthMax = 64;

}  // namespace

// A portal that is read.
class Loop::Source {
 public:
  virtual ~Source() = default;
  virtual IpczHandle portal() const = 0;
  // 0; -RW_EAGAIN when nothing is there; another error when the portal is done with.
  virtual int64_t HandleOne() = 0;
  // The peer is gone. How many calls may have ended by that.
  virtual int64_t Ended() { return 0; }
  virtual void LoopEnds() {}

  // For Loop::Hold.
  int holds = 0;
  std::shared_ptr<Source> forgotten;
};

// Keeps a source that is looked into, even if a handler lets the loop go on, which may forget it.
class Loop::Hold {
 public:
  explicit Hold(Source* source) : source_(source) { ++source_->holds; }
  ~Hold() {
    if (--source_->holds != 0) return;
    const std::shared_ptr<Source> last = std::move(source_->forgotten);
  }
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;
  Source& operator*() const { return *source_; }
  Source* operator->() const { return source_; }
  Source* get() const { return source_; }

 private:
  Source* const source_;
};

// A portal that is served. It lives as long as a reply that goes back on it.
class Loop::Endpoint final : public Source, public ReplyChannel {
 public:
  Endpoint(Portal portal, const Served& object, Admission admission, const Loop& loop)
      : portal_(std::move(portal)),
        slot_(object.Reference()),
        admission_(std::move(admission)),
        node_(loop.node_) {}

  IpczHandle portal() const override { return portal_.get(); }
  IpczHandle node() const override { return node_.node; }
  int64_t Send(OutgoingMessage& message, size_t num_bytes) override {
    return message.Send(portal_.get(), num_bytes);
  }

  int64_t HandleOne() override {
    IncomingMessage request;
    const IpczResult received = request.Receive(portal_.get());
    if (received != IPCZ_RESULT_OK) return ErrorOf(received);
    request.set_home(node_);
    return Dispatch(slot_, admission_, *this, node_.node, request) ? RW_EOK : -RW_EPROTO;
  }
  int64_t Ended() override {
    // Replies may keep this, but nothing comes from there any more.
    admission_.lease.reset();
    // Others than who asked for it may be ending just now, on another thread.
    if (!is_watched()) return 0;
    Served* object = slot_->object.load();
    return object && object->ChannelEnded(*this) ? 1 : 0;
  }
  void LoopEnds() override { admission_.lease.reset(); }

 private:
  Portal portal_;
  std::shared_ptr<ServedSlot> slot_;
  Admission admission_;
  NodeAndDriver node_;
};

// A portal whose replies are read.
class Loop::Replies final : public Source {
 public:
  Replies(std::shared_ptr<Connection> connection, std::function<void()> ended)
      : connection_(std::move(connection)), ended_(std::move(ended)) {}

  IpczHandle portal() const override { return connection_->portal(); }
  int64_t HandleOne() override { return connection_->ReadOne(); }
  int64_t Ended() override {
    connection_->ReadBy(nullptr, -RW_ECONNRESET);
    if (ended_) ended_();
    return 1;
  }
  void LoopEnds() override { connection_->ReadBy(nullptr, -RW_ECANCELED); }

 private:
  std::shared_ptr<Connection> connection_;
  std::function<void()> ended_;
};

Loop::Loop(NodeAndDriver node, RingwayWaitMode mode)
    : node_(node), mode_(mode), slot_(std::make_shared<LoopSlot>()) {
  slot_->loop = this;
  IpczHandle wake = IPCZ_INVALID_HANDLE;
  IpczHandle woken = IPCZ_INVALID_HANDLE;
  // Without them, waiting says what is wrong with the node.
  Ipcz().OpenPortals(node_.node, IPCZ_NO_FLAGS, nullptr, &wake, &woken);
  wake_ = Portal(wake);
  woken_ = Portal(woken);
  items_.push_back(WaitForParcel(woken_));
}

Loop::~Loop() {
  slot_->loop = nullptr;
  // An object that ends with its last portal still uses the loop.
  Admit();
  for (const std::shared_ptr<Source>& source : std::exchange(sources_, {})) source->LoopEnds();
}

std::shared_ptr<Loop::Endpoint> Loop::ServePortal(Portal portal, Served& object,
                                                  Admission admission) {
  Host(object);
  auto endpoint =
      std::make_shared<Endpoint>(std::move(portal), object, std::move(admission), *this);
  Add(endpoint);
  return endpoint;
}

void Loop::Serve(Portal portal, Served& object, Admission admission) {
  ServePortal(std::move(portal), object, std::move(admission));
}

void Loop::Host(Served& object) { object.SetLoop(slot_); }

Result<Portal> Loop::Open(Served& object, Admission admission,
                          std::shared_ptr<ReplyChannel>* channel) {
  IpczHandle ours = IPCZ_INVALID_HANDLE;
  IpczHandle theirs = IPCZ_INVALID_HANDLE;
  const IpczResult result = Ipcz().OpenPortals(node_.node, IPCZ_NO_FLAGS, nullptr, &ours, &theirs);
  if (result != IPCZ_RESULT_OK) return Result<Portal>::Failure(result);
  const auto served = ServePortal(Portal(ours), object, std::move(admission));
  if (channel) *channel = served;
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
  object.SetLoop(nullptr);
}

void Loop::AddTimeout(Deadline deadline, std::function<void()> action) {
  {
    std::lock_guard lock(mutex_);
    timeouts_.emplace(deadline.ns(), std::move(action));
    has_timeouts_.store(true, std::memory_order_relaxed);
  }
  Wake();
}

void Loop::ReadReplies(std::shared_ptr<Connection> connection, std::function<void()> ended) {
  connection->ReadBy(this);
  Add(std::make_shared<Replies>(std::move(connection), std::move(ended)));
}

void Loop::StopReading(Connection& connection, int64_t status) {
  connection.ReadBy(nullptr, status);
  const auto forget = [this, portal = connection.portal()] {
    Admit();
    Forget([portal](const Source& source) { return source.portal() == portal; });
  };
  const std::unique_lock running(running_, std::try_to_lock);
  running ? forget() : AddTimeout(Deadline::Now(), forget);
}

void Loop::Add(std::shared_ptr<Source> source) {
  {
    std::lock_guard lock(mutex_);
    fresh_.push_back(std::move(source));
    has_fresh_ = true;
  }
  Wake();
}

void Loop::Wake() {
  // One parcel that was not read yet is enough.
  const IpczPutLimits limits = {sizeof(limits), 1, SIZE_MAX};
  static_cast<void>(wake_.Put({}, {}, &limits));
}

void Loop::Admit() {
  if (!has_fresh_.load()) [[likely]]
    return;
  std::lock_guard lock(mutex_);
  has_fresh_ = false;
  for (std::shared_ptr<Source>& source : fresh_) {
    items_.insert(items_.end() - 1,
                  {source->portal(), RINGWAY_WAIT_READABLE, 0, SIZE_MAX, SIZE_MAX});
    sources_.push_back(std::move(source));
  }
  fresh_.clear();
}

int64_t Loop::Drain(Source& source, size_t max_requests) {
  const size_t most = std::min(kBurst, max_requests);
  for (size_t count = 0; count < most; ++count) {
    const int64_t status = source.HandleOne();
    if (status == -RW_EAGAIN) return static_cast<int64_t>(count);
    if (status != RW_EOK) return status;
  }
  return static_cast<int64_t>(most);
}

bool Loop::Forget(const std::function<bool(const Source&)>& is_wanted) {
  const auto found = std::find_if(sources_.begin(), sources_.end(),
                                  [&](const auto& source) { return is_wanted(*source); });
  if (found == sources_.end()) return false;
  items_.erase(items_.begin() + (found - sources_.begin()));
  // What it keeps may end now, and then uses the loop.
  std::shared_ptr<Source> source = std::move(*found);
  sources_.erase(found);
  Source* const at = source.get();
  if (at->holds != 0) at->forgotten = std::move(source);
  return true;
}

// Looks into those portals that an item calls readable or closed, from where it stopped before.
// Handlers may let the loop go on meanwhile: then some are looked into twice, and others later.
int64_t Loop::Sweep(size_t max_requests) {
  size_t handled = 0;
  for (size_t left = sources_.size(); left != 0 && handled < max_requests; --left) {
    if (sources_.empty()) break;
    if (turn_ >= sources_.size()) turn_ = 0;
    if (items_[turn_].satisfied == 0) {
      ++turn_;
      continue;
    }
    const Hold source(sources_[turn_].get());
    const int64_t status = Drain(*source, max_requests - handled);
    if (status >= 0) {
      handled += static_cast<size_t>(status);
      ++turn_;
      continue;
    }
    // Else a handler has let the loop go on, which has met this end already.
    if (!Forget([&](const Source& other) { return &other == source.get(); })) continue;
    if (hooks_.portal_ended) hooks_.portal_ended(source->portal(), status);
    handled += static_cast<size_t>(source->Ended());
  }
  return static_cast<int64_t>(handled);
}

int64_t Loop::SweepAll(size_t max_requests) {
  for (RingwayWaitItem& item : items_) item.satisfied = RINGWAY_WAIT_READABLE;
  return Sweep(max_requests);
}

bool Loop::Polls() const {
  return mode_ == RINGWAY_WAIT_MODE_POLL && sources_.size() <= kFewPortals;
}

int64_t Loop::Wait(Deadline deadline) {
  if (hooks_.before_wait) hooks_.before_wait();
  {
    std::lock_guard lock(mutex_);
    if (!timeouts_.empty())
      deadline = Deadline::At(std::min(deadline.ns(), timeouts_.begin()->first));
  }
  return ErrorOf(WaitAny(items_, Polls() ? Deadline::Now() : deadline, mode_));
}

int64_t Loop::RunTimeouts() {
  // Who adds one wakes the loop, which then looks again.
  for (int64_t count = 0;; ++count) {
    if (!has_timeouts_.load(std::memory_order_relaxed)) return count;
    std::function<void()> action;
    {
      std::lock_guard lock(mutex_);
      const auto first = timeouts_.begin();
      has_timeouts_.store(first != timeouts_.end(), std::memory_order_relaxed);
      if (first == timeouts_.end() || !Deadline::At(first->first).HasPassed()) return count;
      action = std::move(first->second);
      timeouts_.erase(first);
    }
    action();
  }
}

int64_t Loop::RunSome(Deadline deadline, size_t max_requests) {
  const std::lock_guard running(running_);
  return Turn(deadline, max_requests);
}

int64_t Loop::RunIfFree(Deadline deadline) {
  const std::unique_lock running(running_, std::try_to_lock);
  if (!running) return -RW_EBUSY;
  if (depth_ == kDepthMax) return -RW_ELOOP;
  ++depth_;
  const int64_t status = Turn(deadline, SIZE_MAX);
  --depth_;
  return status;
}

int64_t Loop::Turn(Deadline deadline, size_t max_requests) {
  Admit();
  for (;;) {
    if (stopped_.load()) return -RW_ECANCELED;
    if (sources_.size() <= kFewPortals) {
      for (int looks = Polls() ? kLooks : 1; looks != 0; --looks) {
        const int64_t handled = SweepAll(max_requests);
        if (handled != 0) return handled + RunTimeouts();
      }
    }
    // Handlers that let the loop go on may have taken the parcel by which Stop() wakes it.
    if (stopped_.load()) return -RW_ECANCELED;
    const int64_t waited = Wait(deadline);
    if (waited != RW_EOK && waited != -RW_ETIMEDOUT) {
      // One of them is no portal, and ends when it is looked into.
      const size_t before = sources_.size();
      const int64_t handled = SweepAll(max_requests);
      if (handled != 0) return handled;
      if (sources_.size() == before) return waited;
      continue;
    }
    int64_t handled = RunTimeouts();
    if (waited == RW_EOK) {
      if (items_.back().satisfied != 0) static_cast<void>(woken_.Get());
      Admit();
      handled += Sweep(max_requests);
    }
    if (handled != 0) return handled;
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
