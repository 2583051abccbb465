// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Rows C1 to C11 of docs/interfaces.md: declarations, dispatch, replies, loops.

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "tests/interface/calc.h"
#include "tests/interface/external_calc.h"
#include "tests/interface/local_node.h"
#include "tests/interface/served_node.h"

namespace ringway::testing {
namespace {

class MacroServer : public Server<MacroServer, MacroCalc> {
 public:
  long op_length(CallContext&, String<> name) { return static_cast<long>(name.length); }
  long op_count(CallContext&) { return ++count; }
  long op_neg(CallContext&, uint32_t a, uint32_t& res) { return res = -a, 0; }
  long op_twice(CallContext&, int a, int& res) { return res = 2 * a, 0; }
  long op_hidden(CallContext&, int a) { return a; }
  long op_hidden_ten(CallContext&, int a) { return 10 * a; }
  long op_test(CallContext&, int arg1, const char& arg2, unsigned& ret1) {
    ret1 = static_cast<unsigned>(arg1 + arg2);
    return 0;
  }
  long op_tagged(CallContext&, int a) { return a; }
  long op_far(CallContext&, int a) { return a + 1; }
  long op_far_thirty(CallContext&, int a) { return a + 30; }
  long op_write(CallContext&, int a) { return a; }
  long op_forget(CallContext&, int a) {
    count = a;
    return -RW_EIO;
  }
  long op_small(CallContext&, long status) { return status; }
  long op_later(CallContext& context, int a, int&) {
    if (a == 0) return -RW_ENOREPLY;  // without having taken the reply
    waiting.emplace(context.TakeReply());
    argument = a;
    if (a < 0) waiting.reset();  // dropped
    return -RW_ENOREPLY;
  }
  long op_never(CallContext& context, int) {
    unanswered.emplace(context.TakeReply());
    return -RW_ENOREPLY;
  }

  std::atomic<int> count = 0;
  std::atomic<int> argument = 0;
  std::optional<Reply> waiting;
  std::optional<Reply> unanswered;
};

class DeclarationTest : public ::testing::TestWithParam<Place> {
 protected:
  ServedNode node_;
  MacroServer server_;
  Cap<MacroCalc> calc_ = node_.Connect<MacroCalc>(server_, GetParam());
};
INSTANTIATE_TEST_SUITE_P(, DeclarationTest, RW_ALL_PLACES, PlaceName);

// An interface that has grown since the server was built.
struct LaterVersion : Interface<LaterVersion> {
  static constexpr InterfaceId kId = MacroCalc::kId;
  using More = Method<LaterVersion, "more", long(), Opcode<99>>;
  using Rpcs = ringway::Rpcs<More>;
};

// C1
TEST_P(DeclarationTest, ADerivedObjectAnswersEachBase) {
  EXPECT_EQ(calc_->length("name"), 5);
  EXPECT_EQ(calc_->count(), 1);
  const Cap<Counted> counted = calc_.Share();
  EXPECT_EQ(counted->count(), 2);
  const Cap<Named> named = calc_.Share();
  EXPECT_EQ(named->length(""), 1);
}

// C2
TEST_P(DeclarationTest, AllMacrosMakeCallsAndTypes) {
  uint32_t negated = 0;
  EXPECT_EQ(calc_->neg(7, &negated), 0);
  EXPECT_EQ(negated, uint32_t{0} - 7);
  int twice = 0;
  EXPECT_EQ(calc_->twice(4, twice), 0);
  EXPECT_EQ(twice, 8);
  EXPECT_EQ(MacroCalc::hidden_t::call(calc_, 3), 3);
  EXPECT_EQ(MacroCalc::hidden_ten_t::call(calc_, 3), 30);
  unsigned ret1 = 0;
  EXPECT_EQ(calc_->test(1, "abc", &ret1), 0);
  EXPECT_EQ(ret1, 1u + 'a');
  EXPECT_EQ(calc_->tagged(5).status, 5);
  EXPECT_EQ(MacroCalc::far_t::call(calc_, 1), 2);
  EXPECT_EQ(MacroCalc::far_thirty_t::call(calc_, 1), 31);
  uint32_t again = 0;
  EXPECT_EQ(MacroCalc::neg_t::call(calc_, 1, &again), 0);
}

// C3
TEST(RpcsTest, OpcodesCountFromZeroOrTheLastExplicitOne) {
  struct Listed : Interface<Listed> {
    using A = Method<Listed, "a", long()>;
    using B = Method<Listed, "b", long(), Opcode<5>>;
    using C = Method<Listed, "c", long()>;
    using Rpcs = ringway::Rpcs<A, B, C>;
  };
  EXPECT_EQ(kOpcodeOf<Listed::A>, 0u);
  EXPECT_EQ(kOpcodeOf<Listed::B>, 5u);
  EXPECT_EQ(kOpcodeOf<Listed::C>, 6u);
  EXPECT_EQ(kOpcodeOf<MacroCalc::twice_t>, 5u);
  EXPECT_EQ(kOpcodeOf<MacroCalc::hidden_t>, 6u);
  EXPECT_EQ(kOpcodeOf<MacroCalc::test_t>, 11u);
  EXPECT_EQ(kOpcodeOf<MacroCalc::write_t>, 31u);
}

// C4
TEST_P(DeclarationTest, UnknownInterfacesOpcodesAndMissingRightsHaveTheirCodes) {
  const Cap<Calc> other = CapReinterpretCast<Calc>(calc_);
  int sum = 0;
  EXPECT_EQ(other.Call<Calc::Add>(1, 1, sum), -RW_EBADPROTO);
  EXPECT_EQ(CapReinterpretCast<LaterVersion>(calc_).Call<LaterVersion::More>(), -RW_ENOSYS);
  EXPECT_EQ(calc_->write(3), 3);
  if (GetParam() == Place::kSameObject) return;
  const auto reader = node_.Connect<MacroCalc>(server_, GetParam(), kAllRights & ~kWrite);
  EXPECT_EQ(reader->write(3), -RW_EPERM);
  EXPECT_EQ(reader->count(), 1);
  // Rights can be given away, and not be got back.
  Handle portal;
  const Cap<Meta> meta = CapReinterpretCast<Meta>(reader);
  EXPECT_EQ(meta.Call<Meta::Clone>(kAllRights, portal), -RW_EPERM);
  EXPECT_EQ(meta.Call<Meta::Clone>(1u, portal), 0);
  const Cap<MacroCalc> clone{Portal(portal.Release())};
  EXPECT_EQ(clone->count(), 2);
  EXPECT_EQ(clone->write(3), -RW_EPERM);
}

// C6
TEST_P(DeclarationTest, AStatusThatDoesNotFitTheReturnTypeIsAnError) {
  EXPECT_EQ(calc_->small(1000), 1000);
  EXPECT_EQ(calc_->small(-1000), -1000);
  EXPECT_EQ(calc_->small(100'000), static_cast<short>(-RW_EMSGERRRANGE));
}

TEST_P(DeclarationTest, ATagTellsTheServersErrorsFromTheTransports) {
  Tag tag = calc_->tagged(-5);
  EXPECT_EQ(tag.status, -5);
  EXPECT_FALSE(tag.from_transport);
  if (GetParam() == Place::kSameObject) return;
  const Cap<MacroCalc> nobody{Portal()};
  tag = nobody->tagged(1);
  EXPECT_EQ(tag.status, -RW_EINVAL);
  EXPECT_TRUE(tag.from_transport);
}

// C7
TEST_P(DeclarationTest, SendOnlyToAFailingHandlerYieldsNoReply) {
  calc_->forget(7);
  EXPECT_EQ(calc_->count(), 8);
  if (GetParam() == Place::kSameObject) return;
  // Two messages came back if there had been a reply.
  Portal raw = node_.RawConnect(server_, GetParam());
  const IpczHandle portal = raw.get();
  const Cap<MacroCalc> fresh(std::move(raw));
  fresh->forget(1);
  EXPECT_EQ(fresh->count(), 2);
  EXPECT_EQ(Status(portal).num_local_parcels, 0u);
}

TEST_P(DeclarationTest, ACallEndsAtItsDeadlineAndALateReplyIsDropped) {
  EXPECT_EQ(calc_->never(1), -RW_ETIMEDOUT);
  int res = 0;
  EXPECT_EQ(calc_.Until(Deadline::In(1'000'000))->later(5, res), -RW_ETIMEDOUT);
  ASSERT_TRUE(Eventually([&] { return server_.argument.load() == 5; }));
  server_.unanswered->Send(0);
  EXPECT_EQ(ReplyWith<MacroCalc::later_t>(*std::move(server_.waiting), 0, 9), 0);
  EXPECT_EQ(calc_->count(), 1);
  EXPECT_EQ(res, 0);
}

// C8
TEST_P(DeclarationTest, ObjectsSayWhatTheyAre) {
  const Cap<Meta> meta = CapReinterpretCast<Meta>(calc_);
  EXPECT_EQ(meta.Call<Meta::NumInterfaces>(), 3);
  InterfaceId id;
  EXPECT_EQ(meta.Call<Meta::InterfaceAt>(0u, id), 0);
  EXPECT_EQ(id, MacroCalc::kId);
  EXPECT_EQ(meta.Call<Meta::InterfaceAt>(3u, id), -RW_ERANGE);
  EXPECT_EQ(Supports<Named>(calc_), 1);
  EXPECT_EQ(Supports<Calc>(calc_), 0);
  EXPECT_TRUE(cap_dynamic_cast<Counted>(calc_));
  EXPECT_FALSE(cap_dynamic_cast<Calc>(calc_));
}

// C8
TEST_P(DeclarationTest, ACastKeepsWhatItsCapabilityMayDoAndHowLongItWaits) {
  Cap<MacroCalc> narrow = calc_.Share().WithRights(kWrite);
  EXPECT_EQ(CapDynamicCast<Counted>(narrow).send_rights(), kWrite);
  EXPECT_EQ(CapReinterpretCast<Calc>(narrow).send_rights(), kWrite);
  // Nobody answers there.
  auto [mine, theirs] = node_.TakeLink();
  const Cap<MacroCalc> silent = Cap<MacroCalc>(std::move(mine)).Until(Deadline::In(1'000'000));
  EXPECT_EQ(Supports<Counted>(silent), -RW_ETIMEDOUT);
  EXPECT_FALSE(CapDynamicCast<Counted>(silent));
  EXPECT_EQ(CapReinterpretCast<Counted>(silent)->count(), -RW_ETIMEDOUT);
  Handle portal;
  Cap<MacroCalc> sent = silent.Share().WithRights(kWrite);
  EXPECT_EQ(CapIntoPortal(sent, &portal), -RW_ETIMEDOUT);
}

// C10
TEST_P(DeclarationTest, CallsAfterUnregisterAreErrors) {
  EXPECT_EQ(calc_->count(), 1);
  node_.loop().Unregister(server_);
  EXPECT_EQ(calc_->count(), -RW_ENOENT);
}

TEST_P(DeclarationTest, CallsAfterTheEndOfTheObjectAreErrors) {
  auto gone = std::make_unique<MacroServer>();
  const auto calc = node_.Connect<MacroCalc>(*gone, GetParam());
  EXPECT_EQ(calc->count(), 1);
  gone.reset();
  EXPECT_EQ(calc->count(), -RW_ENOENT);
}

// C11
TEST_P(DeclarationTest, AReplyMayComeLaterFromAnyThread) {
  std::thread later([&] {
    EXPECT_TRUE(Eventually([&] { return server_.argument.load() == 5; }));
    EXPECT_EQ(ReplyWith<MacroCalc::later_t>(*std::move(server_.waiting), 3, 55), 0);
    EXPECT_EQ(server_.waiting->Send(0), -RW_EINVAL);
  });
  int res = 0;
  EXPECT_EQ(calc_->later(5, res), 3);
  EXPECT_EQ(res, 55);
  later.join();
}

TEST_P(DeclarationTest, ADroppedReplyIsAnError) {
  int res = 0;
  EXPECT_EQ(calc_->later(-1, res), -RW_ECANCELED);
  EXPECT_EQ(calc_->later(0, res), -RW_ECANCELED);
  EXPECT_EQ(calc_->count(), 1);
}

}  // namespace
}  // namespace ringway::testing
