// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Messages that only brokers may send, or only to brokers, or only when asked:
// from a client that is none, and from another broker that lies. And those about
// memory and routes that name what is not theirs.

#include "tests/hostile/attack.h"

namespace ringway::testing {
namespace {

using Peer = HostilePeer;

class BrokerAttackTest : public AttackTest<Attack> {};
class DelegateAttackTest : public AttackTest<Attack> {};

TEST_P(BrokerAttackTest, HarmsNothingElse) { MakeAttack(GetParam(), true); }
TEST_P(DelegateAttackTest, HarmsNothingElse) { MakeAttack(GetParam(), false); }

constexpr uint64_t kNobody[2] = {0xdead, 0xbeef};

void SendIntroduction(Peer& peer, MessageType type, const uint64_t (&name)[2], uint32_t flags) {
  std::vector<HostileObject> objects;
  if (type == MessageType::kIntroduce) objects.push_back(FileObject(peer.segment().fd()));
  peer.Send(type, IntroductionBody{{name[0], name[1]}, flags, 0}, objects);
}

void AskForManyNodes(Peer& peer) {
  for (uint64_t i = 0; i < 20'000 && !peer.ended(); ++i) {
    SendIntroduction(peer, MessageType::kRequestIntroduction, {i, 1}, 0);
  }
}

SeekBody SearchOf(const uint64_t (&seeker)[2], const uint64_t (&wanted)[2], uint32_t brokers = 1) {
  static uint64_t next_id = 1;
  return {{next_id++, 7}, {seeker[0], seeker[1]}, {wanted[0], wanted[1]}, brokers, 0};
}

RelayBody RelayOf(const Peer& peer, MessageType type) {
  RelayBody body = {};
  body.source[0] = peer.GoodConnect().name[0];
  body.destination[0] = peer.victims_connect().name[0];
  body.destination[1] = peer.victims_connect().name[1];
  body.link = peer.victims_connect().link;
  body.type = static_cast<uint32_t>(type);
  return body;
}

void RelayAs(Peer& peer, const uint64_t (&source)[2]) {
  RelayBody body = RelayOf(peer, MessageType::kObjects);
  body.source[0] = source[0];
  body.source[1] = source[1];
  peer.Send(MessageType::kRelay, body, {FileObject(peer.segment().fd())});
}

void SendRoute(Peer& peer, MessageType type, uint64_t edge, uint64_t key = 1,
               const Announced& announced = {}) {
  peer.Send(type, RouteBody{edge, announced, {key, key}, {kNobody[0], kNobody[1]}});
}

const Attack kOfAClient[] = {
    {"SeeksLikeABroker", Outcome::kBreaks,
     [](Peer& p) { p.Send(MessageType::kSeek, SearchOf(kNobody, kNobody)); }},
    {"FindsLikeABroker", Outcome::kBreaks,
     [](Peer& p) {
       p.Send(MessageType::kFound, FoundBody{{1, 7}});
     }},
    {"SaysThatThereIsNoIntroduction", Outcome::kBreaks,
     [](Peer& p) { SendIntroduction(p, MessageType::kNoIntroduction, kNobody, 0); }},
    {"SaysThatANodeIsLost", Outcome::kBreaks,
     [](Peer& p) {
       SendIntroduction(p, MessageType::kNoIntroduction, kNobody, kIntroductionLost);
     }},
    {"IntroducesLikeABroker", Outcome::kBreaks,
     [](Peer& p) { SendIntroduction(p, MessageType::kIntroduce, kNobody, 0); }},
    {"IntroducesABroker", Outcome::kBreaks,
     [](Peer& p) { SendIntroduction(p, MessageType::kIntroduce, kNobody, kIntroducesBroker); }},
    {"IntroducesWithAllFlags", Outcome::kBreaks,
     [](Peer& p) { SendIntroduction(p, MessageType::kIntroduce, kNobody, ~0u); }},
    {"IntroducesAClientByAFile", Outcome::kHarmless,
     [](Peer& p) { SendIntroduction(p, MessageType::kIntroduce, kNobody, kIntroducesToBroker); }},
    {"AsksForManyNodes", Outcome::kHarmless, &AskForManyNodes},
    {"AsksForItselfAndTheVictim", Outcome::kHarmless,
     [](Peer& p) {
       for (int i = 0; i < 40; ++i) {
         SendIntroduction(p, MessageType::kRequestIntroduction, p.GoodConnect().name, 0);
         SendIntroduction(p, MessageType::kRequestIntroduction, p.victims_connect().name, 0);
       }
     }},
    {"RelaysInAnothersName", Outcome::kBreaks, [](Peer& p) { RelayAs(p, kNobody); }},
    {"RelaysInTheVictimsName", Outcome::kBreaks,
     [](Peer& p) { RelayAs(p, p.victims_connect().name); }},
    {"RelaysWhatIsNeverRelayed", Outcome::kBreaks,
     [](Peer& p) { p.Send(MessageType::kRelay, RelayOf(p, MessageType::kFreed)); }},
    {"RelaysARelay", Outcome::kBreaks,
     [](Peer& p) { p.Send(MessageType::kRelay, RelayOf(p, MessageType::kRelay)); }},
    {"RelaysToNobody", Outcome::kHarmless,
     [](Peer& p) {
       RelayBody body = RelayOf(p, MessageType::kObjects);
       body.destination[0] = kNobody[0];
       for (int i = 0; i < 100; ++i) {
         p.Send(MessageType::kRelay, body, {FileObject(p.segment().fd())});
       }
     }},
    {"RelaysForALinkThatIsNone", Outcome::kHarmless,
     [](Peer& p) {
       RelayBody body = RelayOf(p, MessageType::kObjects);
       body.link = ~uint64_t{0};
       p.Send(MessageType::kRelay, body, {FileObject(p.segment().fd())});
     }},
    {"RelaysForTheLinkOfAnother", Outcome::kHarmless,
     [](Peer& p) {
       RelayBody body = RelayOf(p, MessageType::kDropSegment);
       for (body.link = 0; body.link < p.victims_connect().link; ++body.link) {
         p.Send(MessageType::kRelay, body);
       }
     }},
    {"SaysThatSomethingWasNotRelayed", Outcome::kBreaks,
     [](Peer& p) { p.Send(MessageType::kNotRelayed, RelayOf(p, MessageType::kObjects)); }},
    {"AsksForMemoryWithoutHavingSaidSo", Outcome::kBreaks,
     [](Peer& p) {
       p.Send(MessageType::kRequestMemory, MemoryBody{1, 4096});
     }},
    {"ProvidesMemoryUnasked", Outcome::kBreaks,
     [](Peer& p) {
       p.Send(MessageType::kProvideMemory, MemoryBody{1, 4096}, {p.GoodMemory()});
     }},
    {"ProvidesNoMemoryUnasked", Outcome::kBreaks,
     [](Peer& p) {
       p.Send(MessageType::kProvideMemory, MemoryBody{1, 4096});
     }},
};

const Attack kOfABroker[] = {
    {"SeeksInTheVictimsName", Outcome::kBreaks,
     [](Peer& p) { p.Send(MessageType::kSeek, SearchOf(p.victims_connect().name, kNobody)); },
     VictimRole::kMeetsABroker},
    {"SeeksNobodyAgainAndAgain", Outcome::kHarmless,
     [](Peer& p) {
       for (uint64_t i = 0; i < 10'000 && !p.ended(); ++i) {
         p.Send(MessageType::kSeek, SearchOf({i, 3}, {i, 5}));
       }
     },
     VictimRole::kMeetsABroker},
    {"SeeksTheVictimAndItself", Outcome::kHarmless,
     [](Peer& p) {
       p.Send(MessageType::kSeek, SearchOf(kNobody, p.victims_connect().name));
       p.Send(MessageType::kSeek, SearchOf(kNobody, p.GoodConnect().name));
       p.Send(MessageType::kSeek, SearchOf(p.GoodConnect().name, p.GoodConnect().name));
     },
     VictimRole::kMeetsABroker},
    {"SeeksUnderOneId", Outcome::kHarmless,
     [](Peer& p) {
       const SeekBody body = SearchOf(kNobody, {1, 2});
       for (int i = 0; i < 10; ++i) p.Send(MessageType::kSeek, body);
     },
     VictimRole::kMeetsABroker},
    {"SeeksPastAllBrokers", Outcome::kHarmless,
     [](Peer& p) {
       for (const uint32_t brokers : {16u, 17u, ~0u}) {
         p.Send(MessageType::kSeek, SearchOf(kNobody, {1, 2}, brokers));
       }
     },
     VictimRole::kMeetsABroker},
    {"FindsWhatNobodySought", Outcome::kBreaks,
     [](Peer& p) {
       p.Send(MessageType::kFound, FoundBody{{1, 2}}, {FileObject(p.segment().fd())});
     },
     VictimRole::kMeetsABroker},
    {"FindsNothingThatSomebodySought", Outcome::kBreaks,
     [](Peer& p) {
       p.Send(MessageType::kFound, FoundBody{{1, 2}});
     },
     VictimRole::kMeetsABroker},
    {"IntroducesByAFile", Outcome::kHarmless,
     [](Peer& p) { SendIntroduction(p, MessageType::kIntroduce, kNobody, 0); },
     VictimRole::kMeetsABroker},
    {"IntroducesAClientOfTheVictims", Outcome::kBreaks,
     [](Peer& p) { SendIntroduction(p, MessageType::kIntroduce, kNobody, kIntroducesToBroker); },
     VictimRole::kMeetsABroker},
    {"AsksLikeAClient", Outcome::kBreaks, &AskForManyNodes, VictimRole::kMeetsABroker},
    {"LosesNodesThatItNeverFound", Outcome::kHarmless,
     [](Peer& p) {
       SendIntroduction(p, MessageType::kNoIntroduction, kNobody, kIntroductionLost);
       SendIntroduction(p, MessageType::kNoIntroduction, p.victims_connect().name,
                        kIntroductionLost);
       SendIntroduction(p, MessageType::kNoIntroduction, kNobody, 0);
     },
     VictimRole::kMeetsABroker},
    {"RelaysInTheNameOfTheVictim", Outcome::kBreaks,
     [](Peer& p) { RelayAs(p, p.victims_connect().name); }, VictimRole::kMeetsABroker},
    {"RelaysForNodesThatAreNone", Outcome::kHarmless,
     [](Peer& p) {
       RelayBody body = RelayOf(p, MessageType::kObjects);
       body.source[0] = body.destination[0] = kNobody[0];
       for (const uint32_t brokers : {0u, 16u, ~0u}) {
         body.brokers = brokers;
         p.Send(MessageType::kRelay, body, {FileObject(p.segment().fd())});
         p.Send(MessageType::kNotRelayed, body);
       }
     },
     VictimRole::kMeetsABroker},
};

const Attack kOfRoutes[] = {
    {"FreesMoreThanAMessageCarries", Outcome::kBreaks,
     [](Peer& p) {
       p.Send(MessageType::kFreed, FreedBody{FreedBody::kMax + 1, 0, {}, {}});
     }},
    {"FreesACountWithoutEnd", Outcome::kBreaks,
     [](Peer& p) {
       p.Send(MessageType::kFreed, FreedBody{~0u, 0, {}, {}});
     }},
    {"FreesNothingWithAllFlags", Outcome::kHarmless,
     [](Peer& p) {
       for (int i = 0; i < 1000; ++i) p.Send(MessageType::kFreed, FreedBody{0, ~0u, {}, {}});
     }},
    {"FreesOneOfManyThatIsNot", Outcome::kBreaks,
     [](Peer& p) {
       p.Send(MessageType::kFreed, FreedBody{4, 0, {}, {17, 19, 21, 18}});
     }},
    {"FreesAfterSegmentsThatNeverCome", Outcome::kHarmless,
     [](Peer& p) {
       p.Send(MessageType::kFreed, FreedBody{1, 0, {100, 0}, {17}});
     }},
    {"MovesAfterBatchesThatNeverCome", Outcome::kBreaks,
     [](Peer& p) {
       for (int i = 0; i < 70'000 && !p.ended(); ++i) {
         SendRoute(p, MessageType::kPoke, 0, 0, {0, 1u << 30});
       }
     }},
    {"AttachesToNobody", Outcome::kHarmless,
     [](Peer& p) { SendRoute(p, MessageType::kAttach, 17); }},
    {"AttachesTwice", Outcome::kBreaks,
     [](Peer& p) {
       for (int i = 0; i < 2; ++i) SendRoute(p, MessageType::kAttach, 17);
     }},
    {"AttachesToAnInitialPortal", Outcome::kBreaks,
     [](Peer& p) { SendRoute(p, MessageType::kAttach, 0); }},
    {"AttachesToANumberOfTheVictims", Outcome::kBreaks,
     [](Peer& p) { SendRoute(p, MessageType::kAttach, 18); }},
    {"AttachesBeyondAllNumbers", Outcome::kBreaks,
     [](Peer& p) { SendRoute(p, MessageType::kAttach, (uint64_t{1} << 32) + 17); }},
    {"AttachesWithAnotherKeyThanItSaid", Outcome::kAnything,
     [](Peer& p) {
       SendRoute(p, MessageType::kExpect, 0, 5);
       SendRoute(p, MessageType::kAttach, 17, 6);
     }},
    {"CancelsAndBreaksWhatNobodyAwaits", Outcome::kHarmless,
     [](Peer& p) {
       for (const uint64_t edge : {uint64_t{0}, uint64_t{1}, uint64_t{99}, ~uint64_t{0}}) {
         for (const MessageType type :
              {MessageType::kCancel, MessageType::kBroken, MessageType::kTok,
               MessageType::kExpectOk, MessageType::kExpectNo, MessageType::kBypassNo}) {
           SendRoute(p, type, edge);
         }
       }
     }},
    {"BypassesToNobody", Outcome::kHarmless,
     [](Peer& p) { SendRoute(p, MessageType::kBypass, 0); }},
};

void ConnectAsBorrower(Peer& peer) {
  ConnectBody body = peer.GoodConnect();
  body.flags |= kConnectToDelegate;
  peer.Send(MessageType::kConnect, body, {peer.GoodMemory()});
}

template <uint64_t bytes>
void Borrow(Peer& peer) {
  ConnectAsBorrower(peer);
  peer.Send(MessageType::kRequestMemory, MemoryBody{1, bytes});
}

const Attack kOfABorrower[] = {
    {"BorrowsNothing", Outcome::kBreaks, &Borrow<0>},
    {"BorrowsTwoGibibytes", Outcome::kBreaks, &Borrow<uint64_t{2} << 30>},
    {"BorrowsBeyondAllNumbers", Outcome::kBreaks, &Borrow<~uint64_t{0}>},
    {"BorrowsUnderOneNumber", Outcome::kHarmless,
     [](Peer& p) {
       ConnectAsBorrower(p);
       for (int i = 0; i < 100; ++i) p.Send(MessageType::kRequestMemory, MemoryBody{1, 4096});
     }},
};

INSTANTIATE_TEST_SUITE_P(Client, BrokerAttackTest, ::testing::ValuesIn(kOfAClient), NameOf<Attack>);
INSTANTIATE_TEST_SUITE_P(Broker, BrokerAttackTest, ::testing::ValuesIn(kOfABroker), NameOf<Attack>);
INSTANTIATE_TEST_SUITE_P(Routes, BrokerAttackTest, ::testing::ValuesIn(kOfRoutes), NameOf<Attack>);
INSTANTIATE_TEST_SUITE_P(Borrower, DelegateAttackTest, ::testing::ValuesIn(kOfABorrower),
                         NameOf<Attack>);

}  // namespace
}  // namespace ringway::testing
