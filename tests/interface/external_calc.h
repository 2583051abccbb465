// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// All macros of ringway/compat.h, and bases.

#ifndef TESTS_INTERFACE_EXTERNAL_CALC_H_
#define TESTS_INTERFACE_EXTERNAL_CALC_H_

#include "ringway/compat.h"

namespace ringway::testing {

inline constexpr Rights kWrite = 2;

struct Named : Kobject_t<Named, Kobject> {
  static constexpr InterfaceId kId = IdOf("ringway.test.Named");
  RW_INLINE_RPC(long, length, (Ipc::String<> name));
  using Rpcs = ringway::Rpcs<length_t>;
};

struct Counted : Kobject_t<Counted, Kobject> {
  static constexpr InterfaceId kId = IdOf("ringway.test.Counted");
  RW_INLINE_RPC(long, count, ());
  using Rpcs = ringway::Rpcs<count_t>;
};

struct MacroCalc : Kobject_t<MacroCalc, Named, Counted> {
  static constexpr InterfaceId kId = IdOf("ringway.test.MacroCalc");
  RW_INLINE_RPC(int, neg, (uint32_t a, uint32_t* res));
  RW_INLINE_RPC_OP(5, long, twice, (int a, int& res));
  RW_INLINE_RPC_NF(long, hidden, (int a));
  RW_INLINE_RPC_NF_OP(10, long, hidden_ten, (int a));
  RW_RPC(long, test, (int arg1, char const* arg2, unsigned* ret1));
  RW_RPC_OP(20, Tag, tagged, (int a));
  RW_RPC_NF(long, far, (int a));
  RW_RPC_NF_OP(30, long, far_thirty, (int a));
  RW_INLINE_RPC(long, write, (int a), Ipc::Call_t<kWrite>);
  RW_INLINE_RPC(void, forget, (int a), Ipc::Send_only);
  RW_INLINE_RPC(short, small, (long status), Ipc::Call_zero_send_timeout);
  RW_INLINE_RPC(long, later, (int a, int& res));
  RW_INLINE_RPC(long, never, (int a), Timeout<20'000'000>);
  using Rpcs = ringway::Rpcs<neg_t, twice_t, hidden_t, hidden_ten_t, test_t, tagged_t, far_t,
                             far_thirty_t, write_t, forget_t, small_t, later_t, never_t>;
};

}  // namespace ringway::testing

#endif  // TESTS_INTERFACE_EXTERNAL_CALC_H_
