// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

// The ABI, asserted in C99. This file compiling is the test; abi_test.cc makes it visible.

#if __STDC_VERSION__ != 199901L
#error "Compile this as C99."
#endif

#include <ipcz/ipcz.h>

#define RW_ABI_ALIGNOF(name) offsetof(struct RwAbiAlignOf_##name, value)

#include "tests/abi/ipcz_abi_list.h"

// C99 has no alignof: the padding after a single byte tells.
#define RW_ABI_DEFINE_ALIGNOF(name, size, alignment) \
  struct RwAbiAlignOf_##name {                       \
    char byte;                                       \
    struct name value;                               \
  };
RW_ABI_STRUCTS(RW_ABI_DEFINE_ALIGNOF)

#include "tests/abi/ipcz_abi_table.h"

// C99 has no static assertion: an array that declares itself anew with a size of -1 does not
// compile.
#define RW_ABI_ASSERT(condition) extern char rw_abi_assert[(condition) ? 1 : -1];

// Two declarations of one object do not compile unless their types are the same.
#define RW_ABI_SAME(id, type_a, type_b)          \
  extern __typeof__(type_a) rw_abi_type_of_##id; \
  extern __typeof__(type_b) rw_abi_type_of_##id;

#define RW_ABI_CHECK_VALUE(name, type, value)       \
  RW_ABI_ASSERT((uint64_t)(name) == (value))        \
  extern __typeof__(name) rw_abi_type_of_##name##_; \
  extern type rw_abi_type_of_##name##_;
#define RW_ABI_CHECK_FLAG(name, bit)                        \
  RW_ABI_ASSERT((uint64_t)(name) == ((uint64_t)1 << (bit))) \
  extern __typeof__(name) rw_abi_type_of_##name##_;         \
  extern uint32_t rw_abi_type_of_##name##_;
#define RW_ABI_CHECK_TYPEDEF(name, type, size) \
  RW_ABI_ASSERT(sizeof(name) == (size))        \
  RW_ABI_SAME(name, name, type)
#define RW_ABI_CHECK_STRUCT(name, size, alignment) \
  RW_ABI_ASSERT(sizeof(struct name) == (size))     \
  RW_ABI_ASSERT(RW_ABI_ALIGNOF(name) == (alignment))
#define RW_ABI_CHECK_FIELD(name, field, offset, type)     \
  RW_ABI_ASSERT(offsetof(struct name, field) == (offset)) \
  RW_ABI_SAME(name##_##field, ((struct name*)0)->field, type)
#define RW_ABI_CHECK_EXPRESSION(id, expression, value) RW_ABI_ASSERT((expression) == (value))

RW_ABI_VALUES(RW_ABI_CHECK_VALUE)
RW_ABI_FLAGS(RW_ABI_CHECK_FLAG)
RW_ABI_TYPEDEFS(RW_ABI_CHECK_TYPEDEF)
RW_ABI_STRUCTS(RW_ABI_CHECK_STRUCT)
RW_ABI_DATA_FIELDS(RW_ABI_CHECK_FIELD)
RW_ABI_DRIVER_FIELDS(RW_ABI_CHECK_FIELD)
RW_ABI_API_FIELDS(RW_ABI_CHECK_FIELD)
RW_ABI_EXPRESSIONS(RW_ABI_CHECK_EXPRESSION)

RW_ABI_SAME(IpczGetAPI, &IpczGetAPI, IpczGetAPIFn)
RW_ABI_SAME(FlagBit, IPCZ_FLAG_BIT(4), uint32_t)

struct RwAbiTable RwAbiTableC99(void) {
  const struct RwAbiTable table = {kRwAbiRows, sizeof(kRwAbiRows) / sizeof(kRwAbiRows[0])};
  return table;
}
