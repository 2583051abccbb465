// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The bytes of messages by number, of memory and of names: that they stay what
// they are, and that no others do harm. golden_messages.txt has them.

#include <fcntl.h>
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <map>
#include <random>

#include "ringway/driver_extension.h"
#include "ringway/name_service.h"
#include "tests/interface/calc.h"
#include "tests/interface/inbox_node.h"
#include "tests/interface/local_node.h"
#include "tests/interface/wire.h"

namespace ringway::testing {
namespace {

constexpr uint64_t kLongNs = 20'000'000'000;
constexpr ServerId kServer = {0x0123456789abcdef, 0xfedcba9876543210};
constexpr uint32_t kNumber = 7;  // of all messages

template <class T>
Bytes With(Bytes bytes, size_t offset, T value) {
  std::memcpy(bytes.data() + offset, &value, sizeof(value));
  return bytes;
}

class MessagesWireTest : public ::testing::Test {
 protected:
  // Sends one message each, into a portal that nobody answers on.
  const std::map<std::string, std::function<void(Target)>> senders_ = {
      {"scalar",
       [](Target to) {
         Messenger(to).SendScalar(kNumber, {1, 2, 3, 4});
       }},
      {"ask",
       [](Target to) {
         Messenger(to).Ask(kNumber, {1, 2, 3, 4}, Deadline::Now());
       }},
      {"lend", [](Target to) { Messenger(to).LendMemory(kNumber, SomeBytes(5), Deadline::Now()); }},
      {"lend_mut",
       [](Target to) {
         Bytes bytes = SomeBytes(5);
         std::span<std::byte> span = bytes;
         Messenger(to).LendMutable(kNumber, span, Deadline::Now());
       }},
      {"move",
       [](Target to) {
         Memory memory = *Memory::CopyOf(SomeBytes(5));
         Messenger(to).MoveMemory(kNumber, memory);
       }},
      {"register",
       [this](Target to) {
         Cap<Registration> registration;
         Cap<NameDirectory>(to)
             .Until(Deadline::Now())
             .Call<NameDirectory::Register>("name", kServer, 10u,
                                            Cap<Connector>(local_.Pair().first), registration);
       }},
      {"connect",
       [](Target to) {
         Handle portal;
         Identity server = {};
         Cap<NameDirectory>(to)
             .Until(Deadline::Now())
             .Call<NameDirectory::Connect>("name", kServer, uint64_t{0}, portal, server);
       }},
      {"all_taken",
       [](Target to) {
         Cap<NameDirectory>(to).Until(Deadline::Now()).Call<NameDirectory::AllTaken>();
       }},
      {"connector",
       [this](Target to) {
         const Identity client = {1, 2, 3, 4, 0};
         Cap<Connector>(to).Call<Connector::Connect>(Handle(local_.Pair().first.Release()), client,
                                                     uint64_t{5});
       }},
      {"ended", [](Target to) { Cap<Registration>(to).Call<Registration::Ended>(uint64_t{5}); }},
  };

  Bytes Sent(const std::string& name) {
    auto pair = local_.Pair();
    senders_.at(name)(Target(std::move(pair.first)));
    return pair.second.Get()->bytes;
  }

  // The status of the answer; 1: the portal was closed.
  int64_t Ask(Portal& portal, const Bytes& bytes) {
    const Bytes reply = Exchange(node_.served.node(), portal, bytes);
    return reply.size() < sizeof(ReplyHeader) ? 1 : StatusIn(reply);
  }
  // What the inbox makes of the memory in that message.
  int64_t Looked(const Bytes& bytes, std::vector<Handle> handles = {}) {
    Portal portal = *node_.inbox.Open();
    EXPECT_EQ(portal.Put(bytes, handles), IPCZ_RESULT_OK);
    Envelope message;
    if (node_.inbox.Receive(&message, Deadline::Now()) != RW_EOK) return 1;
    Envelope::View view;
    return message.Look(&view);
  }
  // A message with memory in the box.
  int64_t LookedInto(const char* name, IpczDriverHandle object, uint64_t num_bytes) {
    std::vector<Handle> handles;
    handles.push_back(*node_.served.node().Box(object));
    Bytes bytes = Prefix(Sent(name), sizeof(RequestHeader) + 16);
    bytes = With(bytes, offsetof(RequestHeader, attachments), uint8_t{1});
    bytes = With(bytes, sizeof(RequestHeader), kMemoryInBox);
    bytes = With(bytes, sizeof(RequestHeader) + 8, num_bytes);
    return Looked(bytes, std::move(handles));
  }

  LocalNode local_;
  InboxNode node_;
};

TEST_F(MessagesWireTest, MessagesStayWhatTheyAre) {
  auto golden = ReadGolden("tests/interface/golden_messages.txt");
  for (const auto& [name, send] : senders_) {
    EXPECT_EQ(Hex(Sent(name)), golden[name]) << name << " " << Hex(Sent(name));
  }
  EXPECT_EQ(golden.size(), senders_.size());
}

TEST_F(MessagesWireTest, RefusesMemoryThatEndsEarlyOrLate) {
  for (const char* name : {"lend", "lend_mut", "move"}) {
    const Bytes whole = Sent(name);
    EXPECT_EQ(Looked(whole), RW_EOK) << name;
    for (size_t num_bytes = 0; num_bytes < whole.size(); ++num_bytes) {
      EXPECT_NE(Looked(Prefix(whole, num_bytes)), RW_EOK) << name << num_bytes;
    }
    Bytes longer = whole;
    longer.resize(whole.size() + 1);
    EXPECT_EQ(Looked(longer), -RW_EMSGTOOLONG) << name;
  }
}

TEST_F(MessagesWireTest, RefusesMemoryThatCannotBe) {
  const size_t form = sizeof(RequestHeader);
  for (const char* name : {"lend", "lend_mut", "move"}) {
    const Bytes whole = Sent(name);
    EXPECT_EQ(Looked(With(whole, form, uint32_t{2})), -RW_EPROTO);
    EXPECT_EQ(Looked(With(whole, form + 4, uint32_t{1})), -RW_EPROTO);
    for (const uint64_t size : {uint64_t{6}, uint64_t{1} << 32, UINT64_MAX, UINT64_MAX - 50}) {
      EXPECT_EQ(Looked(With(whole, form + 8, size)), -RW_EMSGTOOSHORT) << size;
    }
    EXPECT_LT(Looked(With(whole, form, kMemoryInBox)), 0);  // there is no box
  }
}

TEST_F(MessagesWireTest, RefusesBoxesWithoutSealedMemoryOfThatSize) {
  const IpczDriver& driver = *RingwayLinuxDriver();
  const RingwayDriverExtension& extension = *RingwayFindDriverExtension(&driver);
  const auto sealed = [&] {
    IpczDriverHandle memory;
    IpczDriverHandle mapping;
    void* address;
    EXPECT_EQ(extension.AllocateOwnedMemory(1 << 16, 0, nullptr, &memory, &address, &mapping),
              IPCZ_RESULT_OK);
    driver.Close(mapping, 0, nullptr);
    return memory;
  };
  const auto writable = [&] {
    IpczDriverHandle memory;
    EXPECT_EQ(driver.AllocateSharedMemory(1 << 16, 0, nullptr, &memory), IPCZ_RESULT_OK);
    return memory;
  };
  const auto file = [] {
    IpczDriverHandle wrapped;
    EXPECT_EQ(RingwayLinuxWrapFd(open("/dev/null", O_RDWR | O_CLOEXEC), &wrapped), IPCZ_RESULT_OK);
    return wrapped;
  };
  for (const char* name : {"lend", "move"}) {
    EXPECT_EQ(LookedInto(name, sealed(), 1 << 16), RW_EOK);
    EXPECT_EQ(LookedInto(name, sealed(), 0), RW_EOK);
    EXPECT_EQ(LookedInto(name, sealed(), (1 << 16) + 1), -RW_EPROTO);
    EXPECT_EQ(LookedInto(name, sealed(), UINT64_MAX), -RW_EPROTO);
    EXPECT_EQ(LookedInto(name, writable(), 1 << 16), -RW_EPROTO);
    EXPECT_EQ(LookedInto(name, file(), 1), -RW_EPROTO);
  }
  EXPECT_EQ(LookedInto("lend_mut", sealed(), 1 << 16), -RW_EPROTO);
  // A portal is no memory either.
  Bytes bytes =
      With(Prefix(Sent("lend"), sizeof(RequestHeader) + 16), sizeof(RequestHeader), kMemoryInBox);
  bytes = With(bytes, offsetof(RequestHeader, attachments), uint8_t{1});
  std::vector<Handle> portal;
  portal.emplace_back(node_.served.node().OpenPortals()->first.Release());
  EXPECT_EQ(Looked(bytes, std::move(portal)), -RW_EPROTO);
}

// The host of names, as whoever connected to its socket may see it.
class NamesWireTest : public MessagesWireTest {
 protected:
  ~NamesWireTest() override {
    service_.Stop();
    thread_.join();
  }
  Portal Open() {
    auto pair = node_.served.node().OpenPortals();
    service_.Admit(std::move(pair->first), 1, 2, 3);
    return std::move(pair->second);
  }
  void Attack(Portal* portal, const Bytes& bytes) {
    if (!*portal || PeerClosed(portal->get())) *portal = Open();
    EXPECT_NE(Ask(*portal, bytes), RW_EOK) << Hex(bytes);
  }
  // It still works.
  void ExpectSound() {
    const Names names(Open());
    Loop loop(node_.served.node());
    CalcServer calc;
    Registered registered;
    Portal portal;
    EXPECT_EQ(names.Register(loop, calc, {.name = "sound"}, &registered), RW_EOK);
    EXPECT_EQ(names.ConnectPortal("sound", &portal), RW_EOK);
  }

  NameService service_{node_.served.node()};
  std::thread thread_{[this] { service_.Run(); }};
};

TEST_F(NamesWireTest, TheHostRefusesRequestsThatEndEarlyOrLate) {
  Portal portal;
  for (const char* name : {"register", "connect", "all_taken"}) {
    const Bytes whole = Sent(name);
    for (size_t num_bytes = 0; num_bytes < whole.size(); ++num_bytes) {
      Attack(&portal, Prefix(whole, num_bytes));
    }
    Bytes longer = whole;
    longer.resize(whole.size() + 8);
    Attack(&portal, longer);
  }
  ExpectSound();
}

TEST_F(NamesWireTest, TheHostRefusesNamesThatCannotBe) {
  Portal portal;
  for (const char* name : {"register", "connect"}) {
    const Bytes whole = Sent(name);
    for (const uint32_t length : {0u, 1000u, UINT32_MAX}) {
      Attack(&portal, With(whole, sizeof(RequestHeader), length));
    }
    // What should be its NUL is a letter: it is cut. But no control character is let through.
    Attack(&portal, With(whole, sizeof(RequestHeader) + 4, '\n'));
  }
  ExpectSound();
}

TEST_F(NamesWireTest, RandomBytesDoNoHarmToTheHost) {
  std::minstd_rand random(1);
  Portal portal = Open();
  for (const char* name : {"register", "connect", "all_taken"}) {
    const Bytes whole = Sent(name);
    for (int round = 0; round < 300; ++round) {
      Bytes changed = whole;
      for (uint32_t i = 0; i <= random() % 4; ++i) {
        changed[random() % changed.size()] = std::byte(random() & 255);
      }
      // One that wants no reply, or whose server does not come, gets none.
      changed[offsetof(RequestHeader, kind)] = std::byte{kKindCall};
      if (std::string(name) == "connect") {
        changed = With(changed, changed.size() - sizeof(uint64_t), uint64_t{0});
      }
      if (Ask(portal, changed) == 1) portal = Open();
    }
  }
  ExpectSound();
}

// A server's line to the host.
TEST_F(NamesWireTest, TheHostRefusesWhatAServerMayNotSay) {
  const Bytes whole =
      With(Sent("ended"), offsetof(RequestHeader, kind), static_cast<uint8_t>(kKindCall));
  Bytes longer = whole;
  longer.resize(whole.size() + 8);
  const auto attack = [&](const Bytes& bytes) {
    const Names names(Open());
    Cap<Registration> registration;
    // The registration before has ended with its portal, as soon as the host has noticed.
    ASSERT_TRUE(Eventually([&] {
      return names.directory().Call<NameDirectory::Register>(
                 "name", kServer, 10u,
                 Cap<Connector>(std::move(node_.served.node().OpenPortals()->first)),
                 registration) == RW_EOK;
    }));
    Handle raw;
    ASSERT_EQ(registration.TakeTarget().IntoPortal(kAllRights, &raw), RW_EOK);
    Portal portal(raw.Release());
    EXPECT_NE(Ask(portal, bytes), RW_EOK) << Hex(bytes);
  };
  for (size_t num_bytes = 0; num_bytes < whole.size(); ++num_bytes) {
    attack(Prefix(whole, num_bytes));
  }
  attack(longer);
  attack(whole);  // there is no such connection
  attack(With(whole, offsetof(RequestHeader, opcode), uint32_t{9}));
  attack(With(whole, offsetof(RequestHeader, attachments), uint8_t{1}));
  ExpectSound();
}

// What a client makes of an answer.
class ReplyWireTest : public MessagesWireTest {
 protected:
  template <class Call>
  void Answered(const Bytes& reply, Call call) {
    testing::Answered(
        local_,
        [&](Portal portal) {
          call(Target(std::move(portal)));
          return 0L;
        },
        reply);
  }
  static Bytes ReplyOf(size_t num_bytes) {
    Bytes bytes(sizeof(ReplyHeader) + num_bytes);
    ReplyHeader header = {};
    header.version = kMessageVersion;
    header.kind = kKindReply;
    header.transaction = 1;
    return With(bytes, 0, header);
  }
};

TEST_F(ReplyWireTest, RefusesWordsThatCannotBe) {
  for (const size_t num_bytes : {1, 7, 9, 39, 41, 47, 48, 4000}) {
    Answered(ReplyOf(num_bytes), [&](Target to) {
      const Messenger::Answer answer = Messenger(to).Ask(1, {});
      EXPECT_EQ(answer.status, -RW_EMSGTOOLONG) << num_bytes;
      EXPECT_EQ(answer.num_words, 0u);
    });
  }
}

TEST_F(ReplyWireTest, RefusesMemoryThatCannotComeBack) {
  const Bytes before = SomeBytes(5);
  const size_t form = sizeof(ReplyHeader);
  Bytes whole = With(ReplyOf(16 + 5), form + 8, uint64_t{5});
  std::vector<Bytes> replies = {
      With(whole, form, kMemoryInBox), With(whole, form + 4, 1), With(whole, form + 8, UINT64_MAX),
      With(ReplyOf(16 + 6), form + 8, uint64_t{6})};  // more than was lent
  for (size_t num_bytes = 0; num_bytes < whole.size(); ++num_bytes) {
    replies.push_back(Prefix(whole, num_bytes));
  }
  replies.push_back(whole);
  replies.back().push_back(std::byte{0});
  for (const Bytes& reply : replies) {
    Answered(reply, [&](Target to) {
      Bytes bytes = before;
      std::span<std::byte> span = bytes;
      EXPECT_LT(Messenger(to).LendMutable(1, span), 0) << Hex(reply);
      EXPECT_EQ(bytes, before);
      EXPECT_EQ(span.size(), 5u);
    });
  }
  Answered(whole, [&](Target to) {
    Bytes bytes = before;
    std::span<std::byte> span = bytes;
    EXPECT_EQ(Messenger(to).LendMutable(1, span), RW_EOK);
    EXPECT_EQ(bytes, Bytes(5));
  });
}

}  // namespace
}  // namespace ringway::testing
