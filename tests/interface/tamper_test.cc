// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What a client writes into a message that is already being handled: a handler sees nothing of it,
// unless its parameter is one that is looked at in place.

#include <gtest/gtest.h>

#include <atomic>
#include <string>

#include "ringway/lend.h"
#include "ringway/server.h"
#include "ringway/text.h"
#include "tests/interface/served_node.h"
#include "tests/interface/wire.h"

namespace ringway::testing {
namespace {

// More than is copied in any case.
constexpr size_t kLength = 2 * kMessageInlineBytes;

struct Large {
  std::array<char, kLength> letters;
};

struct Watched : Interface<Watched> {
  static constexpr InterfaceId kId = IdOf("ringway.test.Watched");
  using ByString = Method<Watched, "string", long(String<>)>;
  using ByText = Method<Watched, "text", long(Text<>)>;
  using ByPrivate = Method<Watched, "private", long(Private<Array<const char>>)>;
  using ByBuffer = Method<Watched, "buffer", long(ArrayInBuf<char, kLength>)>;
  using ByReference = Method<Watched, "reference", long(const Large&)>;
  using ByLendMut = Method<Watched, "lend_mut", long(LendMut)>;
  using ByView = Method<Watched, "view", long(ArrayRef<const char>)>;
  using ByLend = Method<Watched, "lend", long(Lend)>;
  using Rpcs =
      ringway::Rpcs<ByString, ByText, ByPrivate, ByBuffer, ByReference, ByLendMut, ByView, ByLend>;
};

class WatchedServer : public Server<WatchedServer, Watched> {
 public:
  long Handle(Watched::ByString, CallContext&, String<> text) { return Look(text.data[0]); }
  long Handle(Watched::ByText, CallContext&, const char* text) { return Look(text[0]); }
  long Handle(Watched::ByPrivate, CallContext&, ArrayRef<const char> all) { return Look(all[0]); }
  long Handle(Watched::ByBuffer, CallContext&, const ArrayInBuf<char, kLength>& all) {
    return Look(all[0]);
  }
  long Handle(Watched::ByReference, CallContext&, const Large& all) { return Look(all.letters[0]); }
  long Handle(Watched::ByLendMut, CallContext&, LentBytes& lent) { return Look(lent.data[0]); }
  long Handle(Watched::ByView, CallContext&, ArrayRef<const char> all) { return Look(all[0]); }
  long Handle(Watched::ByLend, CallContext&, std::span<const std::byte> lent) {
    return Look(lent[0]);
  }

  std::atomic<int> looks = 0;
  std::atomic<int> changes = 0;

 private:
  // 1 if it is still the same once the client has written there.
  template <class Byte>
  long Look(const Byte& at) {
    const volatile Byte& now = at;
    const Byte before = now;
    const int look = ++looks;
    if (!Eventually([&] { return changes == look; })) return -RW_ETIMEDOUT;
    return before == now;
  }
};

class TamperTest : public ::testing::Test {
 protected:
  ~TamperTest() override { node_.Stop(); }

  // Sends what the call would, and then writes to where it was made.
  template <class M, class Argument>
  int64_t IsTheSame(Argument argument) {
    auto pair = local_.Pair();
    const Cap<Watched> nobody(std::move(pair.first));
    EXPECT_EQ(nobody.Until(Deadline::Now()).Call<M>(argument), -RW_ETIMEDOUT);
    const Bytes request = pair.second.Get()->bytes;
    Result<ParcelDraft> draft = client_.BeginPut(request.size());
    EXPECT_TRUE(draft);
    const std::span<std::byte> memory = draft->bytes().first(request.size());
    std::copy(request.begin(), request.end(), memory.begin());
    EXPECT_EQ(draft->Commit(request.size()), IPCZ_RESULT_OK);
    const int look = server_.changes + 1;
    EXPECT_TRUE(Eventually([&] { return server_.looks == look; }));
    for (std::byte& byte : memory.subspan(sizeof(RequestHeader))) byte = std::byte{'y'};
    server_.changes = look;
    EXPECT_EQ(client_.Wait(Deadline::In(20'000'000'000)), IPCZ_RESULT_OK);
    return StatusIn(client_.Get()->bytes);
  }

  LocalNode local_;
  ServedNode node_;
  WatchedServer server_;
  Portal client_ = node_.RawConnect(server_, Place::kOtherNode);
};

TEST_F(TamperTest, WhatIsUsedTwiceIsACopy) {
  const std::string text(kLength - 1, 'x');
  EXPECT_EQ(IsTheSame<Watched::ByString>(String<>(text.c_str())), 1);
  EXPECT_EQ(IsTheSame<Watched::ByText>(text.c_str()), 1);
  EXPECT_EQ(IsTheSame<Watched::ByPrivate>(Array<const char>(text)), 1);
  EXPECT_EQ(IsTheSame<Watched::ByBuffer>(Array<const char>(text)), 1);
  Large large;
  large.letters.fill('x');
  EXPECT_EQ(IsTheSame<Watched::ByReference>(large), 1);
  std::string lent = text;
  EXPECT_EQ(IsTheSame<Watched::ByLendMut>(std::as_writable_bytes(std::span(lent))), 1);
}

// So that the one above could fail.
TEST_F(TamperTest, WhatIsLookedAtInPlaceIsNone) {
  const std::string text(kLength, 'x');
  EXPECT_EQ(IsTheSame<Watched::ByView>(Array<const char>(text)), 0);
  EXPECT_EQ(IsTheSame<Watched::ByLend>(Lend(std::as_bytes(std::span(text)))), 0);
}

}  // namespace
}  // namespace ringway::testing
