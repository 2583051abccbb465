// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Streams between endpoints, and the filter of the examples (rows A6, A10 and A11 of
// docs/interfaces.md).

#include "ringway/xfer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <string>

#include "docs/examples/xor_filter.h"
#include "ringway/job.h"
#include "ringway/meta.h"
#include "tests/interface/calc.h"
#include "tests/interface/graph.h"

namespace ringway::testing {
namespace {

std::span<const std::byte> Bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

// Keeps what is delivered, in its order, and echoes it if it is told to.
class Stream : public Tracked {
 public:
  Stream();
  long Take(ArrayRef<const std::byte> data, const XferMetadata& with) {
    if (refusal != RW_EOK) return refusal;
    metadata = with;
    const int64_t in_order = CheckXferOrder(with, data.size(), &position);
    if (in_order != RW_EOK) return in_order;
    got.append(reinterpret_cast<const char*>(data.data), data.size());
    return echoes ? Deliver(end, {data.data, data.size()}) : RW_EOK;
  }
  long Window(uint64_t& bytes) { return bytes = 100 - got.size(), refusal; }
  long AllocBuffer(uint64_t, uint64_t& headroom) { return headroom = wanted, RW_EOK; }
  void WindowChanged() { ++changes; }
  void Close(int64_t why) {
    reason = why;
    end.Shutdown(why);
  }

  bool echoes = false;
  int64_t refusal = RW_EOK;
  uint64_t wanted = 16;
  uint64_t position = 0;
  std::string got;
  XferMetadata metadata;
  std::atomic<int> changes = 0;
  std::atomic<int64_t> reason = 1;
  Endpoint end;

 private:
  void Unplug() override { end.Unplug(); }
};
constexpr Operation kStream[] = {
    kOperation<Xfer::Deliver, &Stream::Take>,
    kOperation<Xfer::Window, &Stream::Window>,
    kOperation<Xfer::AllocBuffer, &Stream::AllocBuffer>,
    kOperation<Xfer::WindowChanged, &Stream::WindowChanged>,
    kOperation<Intf::Close, &Stream::Close>,
};
Stream::Stream() : end(kDescriptor<&Stream::end, kStream>) {}

class XferTest : public GraphTest {
 protected:
  const Ref<Stream> here_ = MakeRef<Stream>();
  const Ref<Stream> there_ = MakeRef<Stream>();
};
INSTANTIATE_TEST_SUITE_P(, XferTest, RW_NEAR_AND_FAR, NearOrFar);

// A6
TEST_P(XferTest, AFilterChangesWhatIsDeliveredAndNothingElse) {
  there_->echoes = true;
  ASSERT_EQ(examples::MakeXorFilter(loop_, here_->end.cap<Plugging>(), CapTo(there_->end), 0x20),
            0);
  EXPECT_EQ(Deliver(here_->end, Bytes("Hello")), 0);
  EXPECT_EQ(there_->got, "hELLO");
  EXPECT_EQ(here_->got, "Hello");
  EXPECT_EQ(Window(here_->end), 95u);
  here_->end.Shutdown(-RW_EIO);
  EXPECT_TRUE(Until([&] { return there_->reason == -RW_EIO; }));
}

// A6
TEST_P(XferTest, AFilterThatCannotBePluggedInLeavesNothing) {
  CalcServer calc;
  EXPECT_LT(examples::MakeXorFilter(loop_, CapTo(here_->end),
                                    CapReinterpretCast<Plugging>(calc.cap()), 1),
            0);
  EXPECT_TRUE(Until([&] { return here_->reason == -RW_EBADPROTO; }));
  EXPECT_TRUE(Until([&] { return here_->references() == 0; }));
}

// A11
TEST_P(XferTest, DeliveriesOfAnySizeArriveWithTheirMetadata) {
  Plug(here_->end, there_->end);
  XferMetadata metadata;
  metadata.flags = kXferOver | kXferFinal | kXferCommandStatus | kXferResponse;
  metadata.device = 3;
  metadata.source = {4, {127, 0, 0, 1}};
  metadata.destination.length = 28;
  metadata.destination.bytes[27] = 9;
  std::string all;
  for (const size_t size : {1, 0, 1000, 100'000}) {
    const std::string text(size, static_cast<char>('a' + size % 7));
    ASSERT_EQ(Deliver(here_->end, Bytes(text), metadata), 0);
    all += text;
  }
  EXPECT_EQ(there_->got, all);
  EXPECT_EQ(there_->metadata.flags, metadata.flags);
  EXPECT_EQ(there_->metadata.device, 3u);
  EXPECT_EQ(there_->metadata.source.bytes[3], 1);
  EXPECT_EQ(there_->metadata.destination.bytes[27], 9);
}

// A11
TEST_P(XferTest, AnAddressIsNoLongerThanThereAreBytes) {
  Plug(here_->end, there_->end);
  XferMetadata metadata;
  metadata.source.length = 16;
  metadata.source.bytes.fill(9);
  metadata.destination.length = UINT32_MAX;
  ASSERT_EQ(Deliver(here_->end, Bytes("x"), metadata), RW_EOK);
  const XferMetadata& got = there_->metadata;
  EXPECT_EQ(got.source.view().size(), 16u);
  EXPECT_EQ(got.source.view()[15], 9);
  EXPECT_EQ(got.destination.view().size(), got.destination.bytes.size());
}

TEST_P(XferTest, OrderIsCheckedAndASeekIsADeliveryOfNothing) {
  Plug(here_->end, there_->end);
  ASSERT_EQ(Deliver(here_->end, Bytes("abc")), 0);
  XferMetadata at;
  at.flags = kXferAbsolute;
  at.offset = 5;
  EXPECT_EQ(Deliver(here_->end, Bytes("xyz"), at), -RW_EPROTO);
  at.offset = 3;
  EXPECT_EQ(Deliver(here_->end, Bytes("def"), at), 0);
  at.flags = 0;
  at.offset = -1;
  EXPECT_EQ(Deliver(here_->end, Bytes("ghi"), at), -RW_EPROTO);
  EXPECT_EQ(Seek(here_->end, 1000), 0);
  EXPECT_EQ(there_->metadata.flags, kXferAbsolute);
  EXPECT_EQ(there_->metadata.offset, 1000);
  EXPECT_EQ(there_->got, "abcdef");
  EXPECT_EQ(there_->position, 6u);
}

// A11
TEST_P(XferTest, BuffersHaveTheRoomThatTheReceiverWants) {
  Plug(here_->end, there_->end);
  XferBuffer buffer = AllocXferBuffer(here_->end, 3);
  ASSERT_TRUE(buffer);
  EXPECT_EQ(buffer.headroom(), 16u);
  ASSERT_EQ(buffer.Push(17), nullptr);
  std::byte* header = buffer.Push(2);
  ASSERT_EQ(header, buffer.bytes().data());
  std::copy_n(Bytes("h:abc").begin(), 5, header);
  EXPECT_FALSE(buffer.Pull(6));
  EXPECT_TRUE(buffer.Pull(1));
  EXPECT_EQ(Deliver(here_->end, std::move(buffer)), 0);
  EXPECT_FALSE(buffer);
  EXPECT_EQ(there_->got, ":abc");
  EXPECT_FALSE(AllocXferBuffer(here_->end, SIZE_MAX - 10));
  there_->wanted = kHeadroomMax + 1;
  EXPECT_FALSE(AllocXferBuffer(here_->end, 3));
}

// A11
TEST_P(XferTest, ADeliveryThatFailsConsumesItsBuffer) {
  Plug(here_->end, there_->end);
  there_->position = 7;
  XferMetadata start;
  start.flags = kXferAbsolute;
  XferBuffer buffer(0, 5000);
  EXPECT_EQ(Deliver(here_->end, std::move(buffer), start), -RW_EPROTO);
  EXPECT_FALSE(buffer);
}

// A11: the window says how much may be delivered, and who changes it tells.
TEST_P(XferTest, TheWindowIsWhatTheReceiverSays) {
  PlugPlug(here_->end, there_->end);
  EXPECT_EQ(Window(here_->end), 100u);
  ASSERT_EQ(Deliver(here_->end, Bytes("0123456789")), 0);
  EXPECT_EQ(Window(here_->end), 90u);
  here_->end.Call<Xfer::WindowChanged>();
  EXPECT_TRUE(Until([&] { return there_->changes == 1; }));
}

// A10
TEST_P(XferTest, WhatNobodyHandlesHasItsDefault) {
  const auto filter = MakeRef<Transparent>();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Deliver(here_->end, Bytes("x")), -RW_EPIPE);
    EXPECT_EQ(Window(here_->end), UINT64_MAX);
    here_->end.Call<Xfer::WindowChanged>();
    XferBuffer buffer = AllocXferBuffer(here_->end, 10);
    EXPECT_EQ(buffer.headroom(), 0u);
    EXPECT_EQ(buffer.bytes().size(), 10u);
    JobProgress progress = {1, 2};
    EXPECT_EQ(here_->end.Call<Job::Progress>(progress), 0);
    EXPECT_EQ(progress.total, 0u);
    // Then at an endpoint without handlers, and at the end of a pass-through.
    if (i == 0) Plug(here_->end, MakeRef<Person>(1)->right);
    if (i == 1) Plug(here_->end, filter->upper);
  }
}

// A10: an error of a handler is that, whatever its number.
TEST_P(XferTest, WhatAHandlerRefusesHasNoDefault) {
  for (const int64_t status : {-RW_ENOENT, -RW_ENOSYS, -RW_EBADPROTO}) {
    there_->refusal = status;
    Plug(here_->end, there_->end);
    EXPECT_EQ(Window(here_->end), 0u);
    EXPECT_EQ(Deliver(here_->end, Bytes("x")), status);
  }
}

// A10
TEST_P(XferTest, AnEndpointGoesOnWithThePeerItIsRedirectedTo) {
  const auto other = MakeRef<Stream>();
  PlugPlug(here_->end, there_->end);
  loop_.Host(other->end);
  here_->end.Call<Plugging::Redirect>(other->end.cap<Plugging>());
  // The one that was redirected left us, and told itself and its new peer that windows changed.
  EXPECT_TRUE(Until([&] { return here_->reason == 0; }));
  EXPECT_TRUE(Until([&] { return there_->changes == 1 && other->changes == 1; }));
  EXPECT_EQ(Deliver(other->end, Bytes("hello")), 0);
  EXPECT_EQ(there_->got, "hello");
}

// A10
TEST_P(XferTest, ARedirectionThatFailsCloses) {
  CalcServer calc;
  loop_.Host(calc);
  PlugPlug(here_->end, there_->end);
  here_->end.Call<Plugging::Redirect>(CapReinterpretCast<Plugging>(calc.cap()));
  EXPECT_TRUE(Until([&] { return there_->reason != 1; }));
  EXPECT_EQ(there_->reason, -RW_EBADPROTO);
}

// A10: a redirection is for the endpoint it is sent to, never for one behind it.
TEST_P(XferTest, ARedirectionDoesNotPassThrough) {
  const auto filter = MakeRef<Transparent>();
  filter->lower.Plug(there_->end);
  PlugPlug(here_->end, filter->upper);
  const auto other = MakeRef<Stream>();
  loop_.Host(other->end);
  here_->end.Call<Plugging::Redirect>(other->end.cap<Plugging>());
  EXPECT_TRUE(Until([&] { return other->changes == 1; }));
  EXPECT_EQ(Deliver(other->end, Bytes("hello")), 0);
  EXPECT_EQ(there_->got, "hello");
}

}  // namespace
}  // namespace ringway::testing
