// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

// The ABI, asserted in C++11. This file compiling is the test; abi_test.cc makes it visible.

#if __cplusplus != 201103L
#error "Compile this as C++11."
#endif

#include <ipcz/ipcz.h>

#include <type_traits>

#define RW_ABI_ALIGNOF(name) alignof(struct name)

#include "tests/abi/ipcz_abi_table.h"

#define RW_ABI_CHECK_VALUE(name, type, number)                  \
  static_assert((name) == (number), #name " must be " #number); \
  static_assert(std::is_same<decltype(name), type>::value, #name " must be " #type);
#define RW_ABI_CHECK_FLAG(name, bit)                                         \
  static_assert((name) == uint64_t{1} << (bit), #name " must be bit " #bit); \
  static_assert(std::is_same<decltype(name), uint32_t>::value, #name " must be uint32_t");
#define RW_ABI_CHECK_TYPEDEF(name, type, size)                               \
  static_assert(sizeof(name) == (size), #name " must take " #size " bytes"); \
  static_assert(std::is_same<name, type>::value, #name " must be " #type);
#define RW_ABI_CHECK_STRUCT(name, size, alignment)                                             \
  static_assert(sizeof(struct name) == (size), #name " must take " #size " bytes");            \
  static_assert(alignof(struct name) == (alignment), #name " must be aligned to " #alignment); \
  static_assert(std::is_standard_layout<struct name>::value, #name " must have C's layout");   \
  static_assert(std::is_trivial<struct name>::value, #name " must be trivial");
#define RW_ABI_CHECK_FIELD(name, field, offset, type)             \
  static_assert(offsetof(struct name, field) == (offset),         \
                #name "::" #field " must be at " #offset);        \
  static_assert(std::is_same<decltype(name::field), type>::value, \
                #name "::" #field " must be " #type);
#define RW_ABI_CHECK_EXPRESSION(id, expression, value) \
  static_assert((expression) == (value), #expression " must be " #value);

RW_ABI_VALUES(RW_ABI_CHECK_VALUE)
RW_ABI_FLAGS(RW_ABI_CHECK_FLAG)
RW_ABI_TYPEDEFS(RW_ABI_CHECK_TYPEDEF)
RW_ABI_STRUCTS(RW_ABI_CHECK_STRUCT)
RW_ABI_DATA_FIELDS(RW_ABI_CHECK_FIELD)
RW_ABI_DRIVER_FIELDS(RW_ABI_CHECK_FIELD)
RW_ABI_API_FIELDS(RW_ABI_CHECK_FIELD)
RW_ABI_EXPRESSIONS(RW_ABI_CHECK_EXPRESSION)

static_assert(std::is_same<decltype(&IpczGetAPI), IpczGetAPIFn>::value,
              "IpczGetAPI must be an IpczGetAPIFn");
static_assert(std::is_same<decltype(IPCZ_FLAG_BIT(4)), uint32_t>::value,
              "IPCZ_FLAG_BIT must be uint32_t");

struct RwAbiTable RwAbiTableCxx11(void) {
  return RwAbiTable{kRwAbiRows, sizeof(kRwAbiRows) / sizeof(kRwAbiRows[0])};
}
