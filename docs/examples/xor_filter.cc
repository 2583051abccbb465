// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "docs/examples/xor_filter.h"

#include <algorithm>
#include <utility>

namespace ringway::examples {

namespace {

constexpr Operation kXferOperations[] = {
    kOperation<Xfer::Deliver, &XorFilter::DeliverToBackend>,
    kOperation<Intf::Close, &XorFilter::Close>,
};
constexpr Operation kBackendOperations[] = {
    kOperation<Xfer::Deliver, &XorFilter::DeliverToXfer>,
    kOperation<Intf::Close, &XorFilter::Close>,
};
// Each is where the other's messages pass through to.
constexpr const Descriptor& kXfer =
    kDescriptor<&XorFilter::xfer, kXferOperations, &XorFilter::backend>;
constexpr const Descriptor& kBackend =
    kDescriptor<&XorFilter::backend, kBackendOperations, &XorFilter::xfer>;

}  // namespace

XorFilter::XorFilter(uint8_t constant)
    : xfer(kXfer), backend(kBackend), constant_(std::byte{constant}) {}

long XorFilter::DeliverTo(Endpoint& endpoint, ArrayRef<const std::byte> data,
                          const XferMetadata& metadata) {
  XferBuffer buffer = AllocXferBuffer(endpoint, data.size());
  if (!buffer) return -RW_ENOMEM;
  std::transform(data.begin(), data.end(), buffer.bytes().begin(),
                 [this](std::byte byte) { return byte ^ constant_; });
  return Deliver(endpoint, std::move(buffer), metadata);
}

long XorFilter::DeliverToBackend(ArrayRef<const std::byte> data, const XferMetadata& metadata) {
  return DeliverTo(backend, data, metadata);
}

long XorFilter::DeliverToXfer(ArrayRef<const std::byte> data, const XferMetadata& metadata) {
  return DeliverTo(xfer, data, metadata);
}

void XorFilter::Close(int64_t reason) { ShutdownAll(reason, {&xfer, &backend}); }

int64_t MakeXorFilter(Loop& loop, Cap<Plugging> xfer, Cap<Plugging> backend, uint8_t constant) {
  // Plugged in, the filter lives as long as it is.
  const Ref<XorFilter> filter = MakeRef<XorFilter>(constant);
  if (!filter) return -RW_ENOMEM;
  int64_t status = filter->xfer.PlugPlug(loop, std::move(xfer));
  if (status == RW_EOK) status = filter->backend.PlugPlug(loop, std::move(backend));
  if (status != RW_EOK) filter->Close(status);
  return status;
}

}  // namespace ringway::examples
