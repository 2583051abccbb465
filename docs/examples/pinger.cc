// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "docs/examples/pinger.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace ringway::examples {

namespace {

constexpr Operation kJobOperations[] = {
    kOperation<Job::Progress, &Pinger::Progress>,
    kOperation<Intf::Close, &Pinger::Close>,
};
constexpr Operation kXferOperations[] = {
    kOperation<Xfer::Deliver, &Pinger::Deliver>,
    kOperation<Intf::Close, &Pinger::Close>,
};
constexpr const Descriptor& kJob = kDescriptor<&Pinger::job, kJobOperations>;
constexpr const Descriptor& kXfer = kDescriptor<&Pinger::xfer, kXferOperations>;

}  // namespace

Pinger::Pinger(Loop& loop, const Options& options, PingResult result)
    : job(kJob), xfer(kXfer), loop_(loop), options_(options), result_(std::move(result)) {}

void Pinger::Start() { Send(); }

// A ping is its sequence number, and a pattern.
void Pinger::Send() {
  const size_t bytes = std::max(options_.bytes, sizeof(sequence_));
  XferBuffer ping = AllocXferBuffer(xfer, bytes);
  if (!ping) return Close(-RW_ENOMEM);
  ++sequence_;
  pending_ = true;
  std::fill(ping.bytes().begin(), ping.bytes().end(), std::byte{0x5a});
  std::memcpy(ping.bytes().data(), &sequence_, sizeof(sequence_));
  loop_.AddTimeout(Deadline::In(options_.timeout_ns), [self = Ref<Pinger>::To(*this)] {
    if (!self->closed_) self->Expired();
  });
  const int64_t status = ringway::Deliver(xfer, std::move(ping));
  if (status < 0) Close(status);
}

void Pinger::Expired() {
  if (pending_) result_(sequence_, -RW_ETIMEDOUT);
  if (sequence_ < options_.count) return Send();
  Close(answered_ != 0 ? RW_EOK : -RW_ETIMEDOUT);
}

long Pinger::Deliver(ArrayRef<const std::byte> data, const XferMetadata&) {
  uint32_t sequence = 0;
  if (data.size() < sizeof(sequence)) return -RW_EINVAL;
  std::memcpy(&sequence, data.data, sizeof(sequence));
  // Late, or twice.
  if (!pending_ || sequence != sequence_) return -RW_EINVAL;
  pending_ = false;
  ++answered_;
  result_(sequence, RW_EOK);
  return RW_EOK;
}

long Pinger::Progress(JobProgress& progress) {
  progress = {sequence_, options_.count};
  return RW_EOK;
}

void Pinger::Close(int64_t reason) {
  closed_ = true;
  ShutdownAll(reason, {&xfer, &job});
}

int64_t MakePinger(Loop& loop, Cap<Plugging> job, Cap<Plugging> xfer,
                   const Pinger::Options& options, PingResult result) {
  if (options.timeout_ns == 0) return -RW_EINVAL;
  const Ref<Pinger> pinger = MakeRef<Pinger>(loop, options, std::move(result));
  if (!pinger) return -RW_ENOMEM;
  int64_t status = pinger->xfer.PlugPlug(loop, std::move(xfer));
  if (status == RW_EOK) status = pinger->job.PlugPlug(loop, std::move(job));
  if (status != RW_EOK) {
    pinger->Close(status);
    return status;
  }
  pinger->Start();
  return RW_EOK;
}

}  // namespace ringway::examples
