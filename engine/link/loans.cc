// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Memory that another node allocates for this one: a segment is private until it
// comes, and then moves there. docs/protocol.md, "Borrowed memory".

#include <algorithm>

#include "engine/link/link.h"
#include "engine/node/node.h"
#include "engine/route/route_end.h"

namespace ringway {

namespace {

constexpr uint64_t kLoanBytesMax = (uint64_t{1} << 30) + (1 << 20);

// The locks of several ends, under the node's transfer_mutex.
class AllLocked {
 public:
  explicit AllLocked(std::vector<Ref<RouteEnd>> ends) : ends_(std::move(ends)) {
    for (const Ref<RouteEnd>& end : ends_) {
      end->put.lock.lock();
      end->get.lock.lock();
    }
  }
  AllLocked(const AllLocked&) = delete;
  AllLocked& operator=(const AllLocked&) = delete;
  ~AllLocked() {
    for (const Ref<RouteEnd>& end : ends_) {
      end->get.lock.unlock();
      end->put.lock.unlock();
    }
  }
  const std::vector<Ref<RouteEnd>>& ends() const { return ends_; }

 private:
  const std::vector<Ref<RouteEnd>> ends_;
};

}  // namespace

bool Link::CanBorrow() const { return node_->loans().can_borrow(); }

void Link::Borrow(uint32_t segment, uint64_t bytes) {
  node_->loans().Borrow({Ref<Link>(this), segment, false}, bytes);
}

void Link::CountBorrowed() {
  announced_segments_.fetch_add(1, std::memory_order_relaxed);  // a count
}

void Link::AskForLoan(uint64_t id, uint64_t bytes) {
  static_cast<void>(Send(MessageBuilder(MessageType::kRequestMemory, MemoryBody{id, bytes})));
}

void Link::Lend(uint64_t id, uint64_t bytes, IpczDriverHandle memory) {
  MessageBuilder message(MessageType::kProvideMemory, MemoryBody{id, bytes});
  if (memory != IPCZ_INVALID_DRIVER_HANDLE && AddObject(&message, memory) != IPCZ_RESULT_OK) {
    driver_->Close(memory);
  }
  static_cast<void>(Send(std::move(message)));
}

bool Link::OnMemoryMessage(Message& message) {
  const auto body = message.body<MemoryBody>();
  if (message.type() == MessageType::kRequestMemory) {
    if ((peer_flags_ & kConnectToDelegate) == 0 || body.bytes == 0 || body.bytes > kLoanBytesMax) {
      Break("a request for memory that is not its to make");
      return false;
    }
    if (node_->loans().borrows()) {
      node_->loans().Borrow({Ref<Link>(this), body.id, true}, body.bytes);
    } else {
      Lend(body.id, body.bytes, driver_->AllocateLoan(body.bytes));
    }
    return true;
  }
  const IpczDriverHandle memory =
      message.objects() == 0 ? IPCZ_INVALID_DRIVER_HANDLE : message.TakeObject(0, transport_);
  if (node_->loans().OnProvided(*this, body.id, memory)) return true;
  driver_->Close(memory);
  Break("memory that nobody asked it for");
  return false;
}

// False: other ends have come meanwhile.
bool Link::MoveSegment(uint32_t segment, const DriverPort::OwnMemory& own, bool* moved) {
  const auto distinct = [this] {
    std::vector<Ref<RouteEnd>> ends = Ends();
    const auto before = [](const auto& a, const auto& b) { return a.get() < b.get(); };
    std::sort(ends.begin(), ends.end(), before);
    ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
    return ends;
  };
  const AllLocked locked(distinct());
  std::lock_guard entering(entering_mutex_);
  if (distinct() != locked.ends()) return false;
  std::lock_guard lock(mutex_);
  MovedMemory range;
  *moved = state_ != State::kDown && memory_->MoveSegment(segment, own, &range);
  if (!*moved) return true;
  sublinks_.ForEach([&](Sublink& sublink) {
    if (sublink.binding) sublink.binding->MoveOwn(range);
  });
  for (const Ref<RouteEnd>& end : locked.ends()) end->put.Move(range);
  return true;
}

void Link::TakeLoan(uint32_t segment, IpczDriverHandle memory) {
  const uint64_t bytes = memory_->PrivateBytes(segment);
  if (bytes == 0) return driver_->Close(memory);  // it is not needed any more
  DriverPort::OwnMemory own;
  if (memory == IPCZ_INVALID_DRIVER_HANDLE ||
      driver_->TakeLoan(memory, bytes, &own) != IPCZ_RESULT_OK) {
    Log(RINGWAY_LOG_ERROR, "link ended: its memory was to be allocated elsewhere, and was not");
    return Down();
  }
  bool moved = false;
  {
    std::lock_guard one_at_a_time(node_->transfer_mutex());
    while (!MoveSegment(segment, own, &moved)) continue;
  }
  if (!moved) {
    driver_->Close(own.memory);
    return driver_->Close(own.mapping);
  }
  if (SendSegment(segment, bytes, own.memory, true) != IPCZ_RESULT_OK) return Down();
  memory_->SetAnnounced(segment);
}

}  // namespace ringway
