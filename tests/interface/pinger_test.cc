// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The pinger of the examples (row A12 of docs/interfaces.md).

#include "docs/examples/pinger.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/interface/graph.h"

namespace ringway::testing {
namespace {

using examples::MakePinger;
using examples::Pinger;

constexpr uint64_t kLong = 3'600'000'000'000;

class Echo : public Tracked {
 public:
  Echo();
  long Take(ArrayRef<const std::byte> data, const XferMetadata&) {
    return ++pings == silent_at ? RW_EOK : Deliver(xfer, {data.data, data.size()});
  }
  void Close(int64_t why) {
    reason = why;
    xfer.Shutdown(why);
  }
  std::atomic<int> pings = 0;
  int silent_at = 0;
  std::atomic<int64_t> reason = 1;
  Endpoint xfer;

 private:
  void Unplug() override { xfer.Unplug(); }
};
constexpr Operation kEcho[] = {kOperation<Xfer::Deliver, &Echo::Take>,
                               kOperation<Intf::Close, &Echo::Close>};
Echo::Echo() : xfer(kDescriptor<&Echo::xfer, kEcho>) {}

class PingerTest : public GraphTest {
 protected:
  int64_t Make(const Pinger::Options& options) {
    return MakePinger(
        loop_, parent_->left.cap<Plugging>(), CapTo(echo_->xfer), options,
        [this](uint32_t sequence, int64_t status) { results_.emplace_back(sequence, status); });
  }

  std::vector<std::pair<uint32_t, int64_t>> results_;
  const Ref<Person> parent_ = MakeRef<Person>(1);
  const Ref<Echo> echo_ = MakeRef<Echo>();
};
INSTANTIATE_TEST_SUITE_P(, PingerTest, RW_NEAR_AND_FAR, NearOrFar);

TEST_P(PingerTest, ATimeoutOfZeroIsAnError) {
  EXPECT_EQ(Make({0, 64, 1}), -RW_EINVAL);
  EXPECT_FALSE(parent_->left.destination());
}

TEST_P(PingerTest, ClosingTheJobClosesTheTransferToo) {
  ASSERT_EQ(Make({kLong, 64, 2}), 0);
  JobProgress progress;
  EXPECT_EQ(parent_->left.Call<Job::Progress>(progress), 0);
  EXPECT_EQ(progress.completed, 1u);
  EXPECT_EQ(progress.total, 2u);
  parent_->left.Shutdown(-RW_ECANCELED);
  EXPECT_TRUE(Until([&] { return echo_->reason == -RW_ECANCELED; }));
}

TEST_P(PingerTest, ClosingTheTransferClosesTheJob) {
  ASSERT_EQ(Make({kLong, 64, 2}), 0);
  echo_->xfer.Shutdown(-RW_EIO);
  EXPECT_TRUE(Until([&] { return parent_->reason == -RW_EIO; }));
}

TEST_P(PingerTest, TellsWhatBecameOfEachPing) {
  echo_->silent_at = 2;
  ASSERT_EQ(Make({100'000'000, 64, 3}), 0);
  EXPECT_TRUE(Until([&] { return parent_->closed == 1; }));
  using Results = std::vector<std::pair<uint32_t, int64_t>>;
  EXPECT_EQ(results_, (Results{{1, 0}, {2, -RW_ETIMEDOUT}, {3, 0}}));
  EXPECT_EQ(parent_->reason, 0);
}

TEST_P(PingerTest, NoAnswerAtAllIsTheResultOfTheJob) {
  echo_->silent_at = 1;
  ASSERT_EQ(Make({1'000'000, 64, 1}), 0);
  EXPECT_TRUE(Until([&] { return parent_->closed == 1; }));
  EXPECT_EQ(parent_->reason, -RW_ETIMEDOUT);
}

}  // namespace
}  // namespace ringway::testing
