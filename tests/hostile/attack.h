// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef TESTS_HOSTILE_ATTACK_H_
#define TESTS_HOSTILE_ATTACK_H_

#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "tests/hostile/hostile_peer.h"
#include "tests/hostile/victim.h"

// Attacks are rows of tables. After each the victim must live, its link to an
// honest node must carry parcels, and nothing of the attacked link may be left.

namespace ringway::testing {

// What an attack does to the link that it is made on.
enum class Outcome {
  kBreaks,     // the link ends, as that of a peer that breaks the protocol
  kRefused,    // the link ends, as that of a peer that is not wanted
  kEnds,       // the link ends, in one way or the other
  kHarmless,   // nothing: portal 1 goes on
  kClosesOne,  // portal 0 sees its peer closed, portal 1 goes on
  kAnything,   // depends on what the victim saw when
  kGrows,      // the same, and the first time another link may take memory that it keeps
};

struct Attack {
  const char* name;
  Outcome outcome;
  void (*make)(HostilePeer& peer);
  VictimRole role = VictimRole::kUses;
};

// One that has the bare socket. Its transport ends, with the socket or before.
struct SocketAttack {
  const char* name;
  void (*make)(int socket);
};

inline void PrintTo(const Attack& attack, std::ostream* out) { *out << attack.name; }
inline void PrintTo(const SocketAttack& attack, std::ostream* out) { *out << attack.name; }
template <class Row>
std::string NameOf(const ::testing::TestParamInfo<Row>& info) {
  return info.param.name;
}

// The victim, for all tests of a suite, and an honest node connected to it.
void StartVictim();
void EndVictim();

// Makes the attack in a session of its own; before it, the peer has connected as
// an honest one would, if `connected`.
void MakeAttack(const Attack& attack, bool connected);
void MakeAttack(const SocketAttack& attack);

template <class Row>
class AttackTest : public ::testing::TestWithParam<Row> {
 protected:
  static void SetUpTestSuite() { StartVictim(); }
  static void TearDownTestSuite() { EndVictim(); }
};

}  // namespace ringway::testing

#endif  // TESTS_HOSTILE_ATTACK_H_
