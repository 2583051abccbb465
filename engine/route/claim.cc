// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// How the handles of a received parcel become objects of this node.

#include <algorithm>
#include <cstring>

#include "engine/link/link.h"
#include "engine/route/route_end.h"

namespace ringway {

RouteEnd::ClaimResult RouteEnd::ClaimAttachments(const ParcelView& view, uint64_t* memory_needed) {
  if (get.front_claimed || view.handles() == 0) return ClaimResult::kOk;
  const ClaimResult result = Claim(view, memory_needed);
  if (result == ClaimResult::kPeerBroken) {
    // When the link has ended, so has what can be read: here, though more can be seen.
    get.sources[get.front.source]->EndAt(get.front.position);
  }
  return result;
}

RouteEnd::ClaimResult RouteEnd::Claim(const ParcelView& view, uint64_t* memory_needed) {
  Binding& source = *get.sources[get.front.source];
  if (source.is_local()) {
    get.front_attachments = source.batches().Take(view.batch);
    get.front_claimed = true;
    return ClaimResult::kOk;
  }
  // Left of an attempt that failed midway: there is no second one.
  if (!get.front_attachments.empty()) return ClaimResult::kPeerBroken;
  // Copied before they are looked at: the peer can still write there.
  std::vector<HandleDescriptor> descriptors(view.handles());
  std::memcpy(descriptors.data(), view.descriptors, descriptors.size() * sizeof(HandleDescriptor));
  Link& link = *source.link();
  uint32_t portals = 0;
  std::vector<uint32_t> sublinks;
  for (const HandleDescriptor& descriptor : descriptors) {
    if (descriptor.kind == kDescribesObject) continue;
    if (descriptor.kind != kDescribesPortal) return ClaimResult::kPeerBroken;
    ++portals;
    sublinks.push_back(descriptor.sublink);
    const Resolved prepared = link.PrepareAccept(descriptor.sublink, memory_needed);
    if (prepared == Resolved::kPending) return ClaimResult::kNeedsMemory;
    if (prepared == Resolved::kPeerBroken) return ClaimResult::kPeerBroken;
  }
  std::sort(sublinks.begin(), sublinks.end());
  const bool twice = std::adjacent_find(sublinks.begin(), sublinks.end()) != sublinks.end();
  if (portals != view.portals || twice) return ClaimResult::kPeerBroken;
  Attachments objects = view.objects != 0 ? source.batches().Take(view.batch) : Attachments();
  size_t next_object = 0;
  for (const HandleDescriptor& descriptor : descriptors) {
    if (descriptor.kind == kDescribesPortal) {
      Ref<RouteEnd> end = link.Accept(descriptor);
      if (!end) return ClaimResult::kPeerBroken;  // named by another record meanwhile
      get.front_attachments.push_back(std::move(end));
    } else {
      get.front_attachments.push_back(std::move(objects[next_object++]));
    }
  }
  get.front_claimed = true;
  return ClaimResult::kOk;
}

}  // namespace ringway
