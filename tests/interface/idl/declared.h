// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The interfaces of kinds.idl and of the calculator, as one would declare them by hand.

#ifndef TESTS_INTERFACE_IDL_DECLARED_H_
#define TESTS_INTERFACE_IDL_DECLARED_H_

#include "ringway/interface.h"

namespace ringway::testing {

struct DeclaredCalc : Interface<DeclaredCalc> {
  static constexpr InterfaceId kId = IdOf("Calc");
  using Add = Method<DeclaredCalc, "add", long(int, int, int&)>;
  using Subtract = Method<DeclaredCalc, "subtract", long(int, int, int&)>;
  using Multiply = Method<DeclaredCalc, "multiply", long(int, int, int&)>;
  using Divide = Method<DeclaredCalc, "divide", long(int, int, int&)>;
  using Rpcs = ringway::Rpcs<Add, Subtract, Multiply, Divide>;
};

struct DeclaredCounter : Interface<DeclaredCounter> {
  static constexpr InterfaceId kId = IdOf("Counter");
  using Increment = Method<DeclaredCounter, "increment", long(int&)>;
  using Rpcs = ringway::Rpcs<Increment>;
};

struct DeclaredKinds : Interface<DeclaredKinds> {
  static constexpr InterfaceId kId = IdOf("ringway.test.idl.Kinds");
  using Numbers =
      Method<DeclaredKinds, "numbers",
             long(bool, char, int8_t, uint16_t, int64_t, double, InOut<int32_t&>, float&)>;
  using Greet = Method<DeclaredKinds, "greet", long(String<>, String<>, Array<char>&)>;
  using Twice =
      Method<DeclaredKinds, "twice",
             long(Array<const int32_t>, Array<const uint8_t>, Array<int32_t>&, Array<uint16_t>&),
             Opcode<5>>;
  using Exchange = Method<DeclaredKinds, "exchange", long(Handle, Out<Handle>)>;
  using Tell = Method<DeclaredKinds, "tell", long(String<>), SendOnly>;
  using Guarded = Method<DeclaredKinds, "guarded", long(int&), NeedsRights<2>>;
  using Slow = Method<DeclaredKinds, "slow", long()>;
  using Rpcs = ringway::Rpcs<Numbers, Greet, Twice, Exchange, Tell, Guarded, Slow>;
};

}  // namespace ringway::testing

#endif  // TESTS_INTERFACE_IDL_DECLARED_H_
