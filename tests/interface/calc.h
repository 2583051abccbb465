// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// A small interface and its server, for tests of calls.

#ifndef TESTS_INTERFACE_CALC_H_
#define TESTS_INTERFACE_CALC_H_

#include "ringway/interface.h"
#include "ringway/server.h"

namespace ringway::testing {

struct Calc : Interface<Calc> {
  static constexpr InterfaceId kId = IdOf("ringway.test.Calc");
  using Add = Method<Calc, "add", long(int, int, int&)>;
  using Neg = Method<Calc, "neg", long(uint32_t, uint32_t*)>;
  using Divide = Method<Calc, "divide", long(int, int, int&)>;
  using Reset = Method<Calc, "reset", long(int), SendOnly>;
  using Rpcs = ringway::Rpcs<Add, Neg, Divide, Reset>;
};

class CalcServer : public Server<CalcServer, Calc> {
 public:
  long Handle(Calc::Add, CallContext&, int a, int b, int& sum) {
    sum = a + b;
    return ++calls;
  }
  long Handle(Calc::Neg, CallContext&, uint32_t a, uint32_t& result) {
    result = -a;
    return 0;
  }
  long Handle(Calc::Divide, CallContext&, int a, int b, int& quotient) {
    quotient = 77;  // not to be seen by the caller if this fails
    if (b == 0) return -RW_EINVAL;
    quotient = a / b;
    return 0;
  }
  long Handle(Calc::Reset, CallContext&, int to) {
    calls = to;
    return -RW_EIO;
  }

  int calls = 0;
};

}  // namespace ringway::testing

#endif  // TESTS_INTERFACE_CALC_H_
