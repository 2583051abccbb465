// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Putting parcels that carry handles. What can fail comes first and can be
// undone: portals get their handles back, boxes their objects. Objects are
// transmitted before the record that needs them is published.

#include <algorithm>
#include <cstring>

#include "engine/node/node.h"
#include "engine/portal/portal.h"
#include "engine/route/transfer.h"
#include "engine/route/waiter.h"

namespace ringway {

namespace {

class HandlesPut {
 public:
  HandlesPut(IpczHandle portal, const PutContents& contents, const IpczHandle* handles,
             size_t num_handles, const PutLimits& limits)
      : portal_(portal),
        contents_(contents),
        handles_(handles, handles + num_handles),
        limits_(limits) {}
  HandlesPut(RouteEnd& through, const PutContents& contents, const Attachments& attachments,
             const PutLimits& limits)
      : portal_(IPCZ_INVALID_HANDLE),
        contents_(contents),
        limits_(limits),
        through_(&through),
        attachments_(attachments) {}

  IpczResult Run();
  IpczResult RunForward();

 private:
  bool MayTravel(Box& box) const;
  bool Collect();
  void Restore();
  void Finish();
  IpczResult PutLocal();
  IpczResult PutRemote();
  IpczResult PutPrepared();
  IpczResult SetMemoryAside();
  IpczResult Commit();
  void FreeSpare();

  const IpczHandle portal_;  // none if this forwards
  PutContents contents_;
  const SmallVector<IpczHandle, 2> handles_;
  const PutLimits limits_;
  RouteEnd* through_ = nullptr;
  Ref<Node> node_;
  Ref<Binding> binding_;
  SmallVector<FiredTraps, 2> removed_;  // of each portal among the handles
  std::vector<Ref<Waiter>> waiters_;
  Attachments attachments_;  // in the order of the handles; portals are detached
  HandleDescriptors descriptors_;
};

bool HandlesPut::MayTravel(Box& box) const {
  const IpczDriverHandle object = box.Peek();
  return box.driver().get() == node_->driver().get() && object != IPCZ_INVALID_DRIVER_HANDLE &&
         box.driver()->IsTransmissible(object);
}

// Looks all handles up and takes the portals among them out of use. If one of
// them will not do, gives back those that were taken.
bool HandlesPut::Collect() {
  SmallVector<IpczHandle, 2> sorted = handles_;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) return false;
  const Ref<RouteEnd> opposite =
      binding_->is_local() ? binding_->pair()->End(1 - binding_->side()) : nullptr;
  HandleTable& table = HandleTable::Get();
  for (const IpczHandle handle : handles_) {
    Ref<HandleObject> object = table.Lookup(handle);
    if (!object) break;
    if (object->kind() == HandleKind::kBox) {
      if (!MayTravel(static_cast<Box&>(*object))) break;
    } else if (object->kind() == HandleKind::kPortal) {
      auto* end = static_cast<RouteEnd*>(object.get());
      if (handle == portal_ || end == opposite.get() || end->node() != node_.get()) break;
      std::scoped_lock lock(end->put.lock, end->get.lock);
      if (end->handle() != handle || end->put.two_phase || end->get.two_phase) break;
      end->Detach(&removed_.emplace_back(), &waiters_);
    } else {
      break;
    }
    attachments_.push_back(std::move(object));
  }
  if (attachments_.size() == handles_.size()) return true;
  Restore();
  return false;
}

void HandlesPut::Restore() {
  size_t portal = 0;
  for (size_t i = 0; i < attachments_.size(); ++i) {
    if (attachments_[i]->kind() != HandleKind::kPortal) continue;
    auto* end = static_cast<RouteEnd*>(attachments_[i].get());
    std::scoped_lock lock(end->put.lock, end->get.lock);
    end->SetHandle(handles_[i]);
    for (const FiredTrap& removed : removed_[portal]) end->get.traps.push_back(removed.trap);
    ++portal;
  }
  // They are still armed, but what answered them meanwhile found no trap.
  for (const Ref<HandleObject>& attachment : attachments_) {
    if (attachment->kind() == HandleKind::kPortal) {
      static_cast<RouteEnd*>(attachment.get())->Evaluate(true);
    }
  }
  removed_.clear();
  waiters_.clear();
}

// The parcel is on its way: the handles end, and so did the portals' traps.
void HandlesPut::Finish() {
  for (const IpczHandle handle : handles_) HandleTable::Get().Remove(handle);
  for (const Ref<Waiter>& waiter : waiters_) waiter->Kick();
  for (const FiredTraps& removed : removed_) RouteEnd::Fire(removed);
}

IpczResult HandlesPut::PutLocal() {
  contents_.handles = contents_.objects = static_cast<uint32_t>(attachments_.size());
  LocalPair& pair = *binding_->pair();
  for (;;) {
    uint64_t memory_needed = 0;
    RouteEnd::PutResult result;
    WakeActions actions;
    {
      std::lock_guard lock(through_->put.lock);
      if (through_->handle() != portal_) return IPCZ_RESULT_INVALID_ARGUMENT;
      if (&through_->binding() != binding_.get()) return IPCZ_RESULT_UNAVAILABLE;  // moved; again
      contents_.batch = through_->put.parcels + 1;
      result = through_->Admit(contents_.num_bytes, limits_);
      if (result == RouteEnd::PutResult::kOk) {
        // The batch is there before the record that names it.
        Attachments batch = attachments_;
        pair.batches[1 - binding_->side()].Add(contents_.batch, batch);
        result = through_->PutParcel(contents_, &memory_needed);
        if (result != RouteEnd::PutResult::kOk) {
          pair.batches[1 - binding_->side()].Take(contents_.batch);
        }
      }
      through_->put.writer.Publish();
      through_->LookAtReaders(false, &actions);
    }
    RouteEnd::Perform(actions);
    if (result != RouteEnd::PutResult::kNeedsMemory) return AsIpczResult(result);
    const IpczResult provided = binding_->memory().Provide(memory_needed);
    if (provided != IPCZ_RESULT_OK) return provided;
  }
}

// Makes sure that the record will find room whatever other threads put first,
// and that it goes where its objects go.
IpczResult HandlesPut::SetMemoryAside() {
  const uint64_t body_max = contents_.block ? sizeof(BlockName) : contents_.num_bytes;
  const uint64_t record_max = kRecordPrefixBytes + sizeof(HandlesHeader) + body_max +
                              attachments_.size() * sizeof(HandleDescriptor);
  const uint64_t lane_bytes = uint64_t{1} << Log2AtLeast(4 * record_max);
  for (;;) {
    uint64_t memory_needed = 0;
    RouteEnd::PutResult result;
    {
      std::lock_guard lock(through_->put.lock);
      if (through_->handle() != portal_) return IPCZ_RESULT_INVALID_ARGUMENT;
      if (&through_->binding() != binding_.get()) return IPCZ_RESULT_UNAVAILABLE;  // moved; again
      result = through_->Admit(contents_.num_bytes, limits_);
      if (result == RouteEnd::PutResult::kOk && through_->put.spare.bytes < lane_bytes) {
        if (through_->put.spare.address) binding_->memory().Free(through_->put.spare);
        through_->put.spare = OutBlock();
        result = through_->AllocateBlock(lane_bytes, &through_->put.spare, &memory_needed);
      }
      if (result == RouteEnd::PutResult::kOk) ++through_->put.in_progress;
    }
    if (result != RouteEnd::PutResult::kNeedsMemory) return AsIpczResult(result);
    const IpczResult provided = binding_->memory().Provide(memory_needed);
    if (provided != IPCZ_RESULT_OK) return provided;
  }
}

IpczResult HandlesPut::PutRemote() {
  OutBlock block;
  if (!contents_.block && contents_.num_bytes > kInlineBytesMax) {
    // The payload first, so that only the record is left to put.
    while (!binding_->memory().AllocateCopy(contents_.data, contents_.num_bytes, &block)) {
      const IpczResult provided = binding_->memory().Provide(contents_.num_bytes);
      if (provided != IPCZ_RESULT_OK) return provided;
    }
    contents_.block = &block;
  }
  IpczResult result = SetMemoryAside();
  const bool set_aside = result == IPCZ_RESULT_OK;
  if (set_aside) result = PutPrepared();
  bool moves = false;
  {
    std::lock_guard lock(through_->put.lock);
    if (result != IPCZ_RESULT_OK) FreeSpare();
    if (set_aside) moves = --through_->put.in_progress == 0 && through_->put.next;
  }
  if (moves) through_->FinishMove();
  if (result != IPCZ_RESULT_OK && block.address) {
    binding_->memory().Free(block);
    contents_.block = nullptr;
  }
  // Handles that are on their way stay so; see PutPrepared().
  return result == IPCZ_RESULT_CANCELLED ? IPCZ_RESULT_OK : result;
}

// CANCELLED: the link ended when the handles were gone already.
IpczResult HandlesPut::PutPrepared() {
  Link& link = *binding_->link();
  Attachments boxes;
  for (const Ref<HandleObject>& attachment : attachments_) {
    if (attachment->kind() == HandleKind::kBox) boxes.push_back(attachment);
  }
  contents_.handles = static_cast<uint32_t>(attachments_.size());
  contents_.objects = static_cast<uint32_t>(boxes.size());
  contents_.batch = boxes.empty() ? 0 : link.NextBatch();
  MessageBuilder objects(MessageType::kObjects,
                         ObjectsBody{PeerSublink(binding_->sublink()), 0, contents_.batch});
  IpczResult result = boxes.empty() ? IPCZ_RESULT_OK : link.SerializeBoxes(boxes, &objects);
  // A driver may refuse objects for a transport that has ended meanwhile.
  if (result != IPCZ_RESULT_OK) return link.down() ? IPCZ_RESULT_NOT_FOUND : result;
  Transfer transfer(link);
  HandleDescriptors moved;
  const bool portals = boxes.size() != attachments_.size();
  result = portals ? transfer.Run(attachments_, &moved) : IPCZ_RESULT_OK;
  if (result != IPCZ_RESULT_OK) {
    std::vector<IpczDriverHandle> taken_back;
    objects.TakeBack(*link.driver(), &taken_back);
    for (size_t i = 0; i < boxes.size(); ++i) {
      static_cast<Box*>(boxes[i].get())->Restore(taken_back[i]);
    }
    return result;
  }
  auto next = moved.begin();
  for (const Ref<HandleObject>& attachment : attachments_) {
    HandleDescriptor object = {};
    object.kind = kDescribesObject;
    descriptors_.push_back(attachment->kind() == HandleKind::kPortal ? *next++ : object);
  }
  contents_.descriptors = {descriptors_.data(), descriptors_.size()};
  // From here on the handles are gone, whatever happens. If the link ends now,
  // the parcel is lost with it, as one that was put a moment earlier would be. Its
  // record comes without its objects then, and hides what is put behind it.
  const bool sent = boxes.empty() || link.Send(std::move(objects)) == IPCZ_RESULT_OK;
  result = Commit();
  transfer.Announce();
  if (sent && result == IPCZ_RESULT_OK) return IPCZ_RESULT_OK;
  transfer.Abandon();
  return IPCZ_RESULT_CANCELLED;
}

// Under put.lock. Another thread's parcel may have used it.
void HandlesPut::FreeSpare() {
  if (&through_->binding() != binding_.get() || !through_->put.spare.address) return;
  binding_->memory().Free(std::exchange(through_->put.spare, OutBlock()));
}

IpczResult HandlesPut::Commit() {
  for (;;) {
    WakeActions actions;
    RouteEnd::PutResult result = RouteEnd::PutResult::kClosed;
    uint64_t memory_needed = 0;
    {
      std::lock_guard lock(through_->put.lock);
      if (through_->handle() == portal_ && &through_->binding() == binding_.get()) {
        result = through_->PutParcel(contents_, &memory_needed);
        through_->put.writer.Publish();
        through_->LookAtReaders(false, &actions);
      }
      FreeSpare();
    }
    RouteEnd::Perform(actions);
    // [route.rests] Pairs with RouteEnd::Close(): a sink that rests is told.
    FullFence();
    if (binding_->PeerClosed()) binding_->link()->SendReady(binding_->sublink());
    if (result != RouteEnd::PutResult::kNeedsMemory) return AsIpczResult(result);
    // Another thread needed what was set aside.
    if (binding_->memory().Provide(memory_needed) == IPCZ_RESULT_OK) continue;
    Log(RINGWAY_LOG_ERROR, "link ended: no memory for a parcel whose handles had been sent");
    binding_->link()->Down();
    return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  }
}

IpczResult HandlesPut::Run() {
  if (handles_.size() > kHandlesMax) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  if (contents_.num_bytes > kPayloadBytesMax) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  through_ = RouteEnd::Find(portal_);
  if (!through_) return IPCZ_RESULT_INVALID_ARGUMENT;
  for (;;) {
    {
      std::lock_guard lock(through_->put.lock);
      if (through_->handle() != portal_) return IPCZ_RESULT_INVALID_ARGUMENT;
      binding_ = through_->binding_ref();
      node_ = Ref<Node>(through_->node());
    }
    attachments_.clear();
    if (!Collect()) return IPCZ_RESULT_INVALID_ARGUMENT;
    const IpczResult result = binding_->is_local() ? PutLocal() : PutRemote();
    if (result == IPCZ_RESULT_OK) {
      Finish();
      return result;
    }
    Restore();
    if (result != IPCZ_RESULT_UNAVAILABLE) return result;
  }
}

IpczResult HandlesPut::RunForward() {
  for (;;) {
    {
      std::lock_guard lock(through_->put.lock);
      binding_ = through_->binding_ref();
    }
    descriptors_.clear();
    const IpczResult result = binding_->is_local() ? PutLocal() : PutRemote();
    if (result != IPCZ_RESULT_UNAVAILABLE) return result;
  }
}

}  // namespace

IpczResult PutAttachments(RouteEnd& through, PutContents contents, const Attachments& attachments,
                          const PutLimits& limits) {
  if (attachments.empty()) {
    return PutSlowly(&through, IPCZ_INVALID_HANDLE, contents.data, contents.num_bytes, limits);
  }
  return HandlesPut(through, contents, attachments, limits).RunForward();
}

IpczResult PortalPutHandles(IpczHandle portal, const PutContents& contents,
                            const IpczHandle* handles, size_t num_handles,
                            const PutLimits& limits) {
  return HandlesPut(portal, contents, handles, num_handles, limits).Run();
}

}  // namespace ringway
