// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "tests/hostile/attack.h"

#include <signal.h>
#include <unistd.h>

#include <memory>

#include "tests/support/modes.h"
#include "tests/support/process.h"

namespace ringway::testing {

namespace {

// The process under attack, and the honest node of this one.
class Target {
 public:
  Target() : process_("Victim", {}) {
    Api().CreateNode(RingwayLinuxDriver(), 0, IPCZ_NO_FLAGS, nullptr, &node_);
    Api().ConnectNode(node_, process_.TakeTransport(), 2, IPCZ_CONNECT_NODE_TO_BROKER, nullptr,
                      honest_);
    // The first session is between honest sides; the victim compares with it.
    HostilePeer peer(Begin(VictimRole::kUses));
    EXPECT_TRUE(peer.WaitForConnect());
    peer.ConnectHonestly();
    peer.Close();
    EXPECT_TRUE(Finish());
  }
  ~Target() {
    if (!IsReady()) process_.Signal(SIGKILL);
    for (const IpczHandle portal : honest_) Close(portal);
    EXPECT_EQ(process_.Wait(), 0) << "the victim's end";
    Close(node_);
  }

  // Has the victim connect to the transport's other end.
  IpczDriverHandle Begin(VictimRole role) {
    SharedPage& page = process_.page();
    page.value[kClosed] = page.value[kGot] = page.value[kGot + 1] = page.value[kHandles] = 0;
    ++session_;
    IpczDriverHandle ours;
    IpczDriverHandle theirs;
    RingwayLinuxCreateTransportPair(&ours, &theirs);
    IpczHandle box;
    Api().Box(node_, theirs, 0, nullptr, &box);
    EXPECT_EQ(Put(honest_[1], std::to_string(static_cast<uint64_t>(role)), {box}), IPCZ_RESULT_OK);
    return ours;
  }
  bool Finish() {
    process_.page().value[kStop] = session_;
    return Eventually(
        [&] {
          CloseSentOn();
          return value(kFinished) == session_;
        },
        60);
  }

  bool Lives() { return process_.Wait(0) == -1; }
  // It lives, and the last session is over.
  bool IsReady() { return Lives() && value(kFinished) == session_; }
  bool EchoesOverTheOtherLink() {
    const std::string text = "still there " + std::to_string(session_);
    return Put(honest_[0], text) == IPCZ_RESULT_OK && WaitGet(honest_[0]).data == text;
  }
  uint64_t value(size_t index) { return process_.page().value[index].load(); }
  bool Becomes(size_t index, uint64_t wanted) {
    return Eventually([&] { return (value(index) & wanted) == wanted; });
  }

 private:
  // Portals that the victim sent to the honest node.
  void CloseSentOn() {
    for (Parcel parcel = Get(honest_[1]); parcel.result == IPCZ_RESULT_OK;
         parcel = Get(honest_[1])) {
      for (const IpczHandle portal : parcel.handles) Close(portal);
    }
  }

  Process process_;
  IpczHandle node_ = 0;
  IpczHandle honest_[2] = {};
  uint64_t session_ = 0;
};

std::unique_ptr<Target> target;

// Portal 1 of the victim takes a parcel as if nothing had happened.
bool GoesOn(HostilePeer& peer) {
  const uint64_t before = target->value(kGot + 1);
  if (peer.position[1] == 0) peer.StartLane(1);
  peer.PutParcel(1, "all is well");
  peer.Ready(1);
  return Eventually([&] { return target->value(kGot + 1) == before + 1; });
}

void ExpectOutcome(const Attack& attack, HostilePeer& peer) {
  const uint64_t both = UsesOne(attack.role) ? 2 : 3;
  switch (attack.outcome) {
    case Outcome::kBreaks:
    case Outcome::kRefused:
    case Outcome::kEnds:
      EXPECT_TRUE(target->Becomes(kClosed, both)) << "the portals' peers are not closed";
      EXPECT_TRUE(peer.WaitForEnd()) << "the transport is still there";
      return;
    case Outcome::kHarmless:
      EXPECT_TRUE(GoesOn(peer));
      EXPECT_EQ(target->value(kClosed), 0u);
      EXPECT_FALSE(peer.ended());
      return;
    case Outcome::kClosesOne:
      EXPECT_TRUE(target->Becomes(kClosed, 1));
      EXPECT_TRUE(GoesOn(peer));
      EXPECT_EQ(target->value(kClosed), 1u);
      EXPECT_FALSE(peer.ended());
      return;
    case Outcome::kAnything:
    case Outcome::kGrows:
      return;
  }
}

// What must hold after every session.
void ExpectNothingIsLeft(bool may_grow = false) {
  ASSERT_TRUE(target->Lives());
  EXPECT_TRUE(target->EchoesOverTheOtherLink());
  if (may_grow) return;
  EXPECT_EQ(target->value(kLeft), 0u) << "something of the link is left";
}

// A victim that is fit for the next attack.
void RestoreTarget() {
  if (!target->IsReady()) target = std::make_unique<Target>();
}

void MakeAttackOnce(const Attack& attack, bool connected, bool may_grow) {
  RestoreTarget();
  const uint64_t broken = target->value(kBroken);
  const uint64_t refused = target->value(kRefused);
  {
    HostilePeer peer(target->Begin(attack.role));
    ASSERT_TRUE(peer.WaitForConnect());
    if (attack.role == VictimRole::kMeetsABroker) peer.PoseAsBroker();
    if (connected) peer.ConnectHonestly();
    attack.make(peer);
    ExpectOutcome(attack, peer);
    EXPECT_TRUE(target->EchoesOverTheOtherLink());
    peer.Close();
    const uint64_t both = UsesOne(attack.role) ? 2 : 3;
    EXPECT_TRUE(target->Becomes(kClosed, both)) << "after the end of the transport";
    EXPECT_TRUE(target->Finish()) << "the victim does not return";
  }
  ExpectNothingIsLeft(may_grow);
  if (attack.outcome >= Outcome::kAnything || attack.outcome == Outcome::kEnds) return;
  const bool breaks = attack.outcome == Outcome::kBreaks;
  EXPECT_EQ(target->value(kBroken) - broken, breaks ? 1u : 0u);
  if (attack.outcome == Outcome::kRefused) {
    EXPECT_EQ(target->value(kRefused), refused + 1);
  }
}

}  // namespace

void StartVictim() { target = std::make_unique<Target>(); }
void EndVictim() { target.reset(); }

void MakeAttack(const Attack& attack, bool connected) {
  const bool grows = attack.outcome == Outcome::kGrows;
  if (grows) MakeAttackOnce(attack, connected, true);
  MakeAttackOnce(attack, connected, false);
}

void MakeAttack(const SocketAttack& attack) {
  RestoreTarget();
  int socket;
  ASSERT_EQ(RingwayLinuxTransportToFd(target->Begin(VictimRole::kUses), &socket), IPCZ_RESULT_OK);
  attack.make(socket);
  EXPECT_TRUE(target->EchoesOverTheOtherLink());
  close(socket);
  EXPECT_TRUE(target->Becomes(kClosed, 3)) << "after the end of the socket";
  EXPECT_TRUE(target->Finish()) << "the victim does not return";
  ExpectNothingIsLeft();
}

}  // namespace ringway::testing
