// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

// The rows of ipcz_abi_list.h, in whichever language includes this, which must have defined
// RW_ABI_ALIGNOF(type) for a struct of ipcz. Included once, by a source file.

#ifndef TESTS_ABI_IPCZ_ABI_TABLE_H_
#define TESTS_ABI_IPCZ_ABI_TABLE_H_

#include <ipcz/ipcz.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/abi/abi_rows.h"
#include "tests/abi/ipcz_abi_list.h"
#include "tests/abi/ipcz_abi_signatures.h"

#define RW_ABI_STRING_OF(text) #text
#define RW_ABI_STRING(macro) RW_ABI_STRING_OF(macro)

struct IPCZ_ALIGN(64) RwAbiAligned64 {
  char byte;
};

struct IPCZ_ALIGN(8) RwAbiAligned8 {
  char byte;
};

struct RwAbiAlignedMember {
  char byte;
  struct RwAbiAligned8 member;
};

#define RW_ABI_ROW_VALUE(name, type, value) {#name, (uint64_t)(name), value},
#define RW_ABI_ROW_FLAG(name, bit) {#name, (uint64_t)(name), (uint64_t)1 << (bit)},
#define RW_ABI_ROW_TYPEDEF(name, type, size) {"sizeof_" #name, sizeof(name), size},
#define RW_ABI_ROW_STRUCT(name, size, alignment) \
  {"sizeof_" #name, sizeof(struct name), size}, {"alignof_" #name, RW_ABI_ALIGNOF(name), alignment},
#define RW_ABI_ROW_FIELD(name, field, offset, type) \
  {"offsetof_" #name "_" #field, offsetof(struct name, field), offset},
#define RW_ABI_ROW_EXPRESSION(id, expression, value) {#id, (uint64_t)(expression), value},

static const struct RwAbiRow kRwAbiRows[] = {
    RW_ABI_VALUES(RW_ABI_ROW_VALUE)            //
    RW_ABI_FLAGS(RW_ABI_ROW_FLAG)              //
    RW_ABI_TYPEDEFS(RW_ABI_ROW_TYPEDEF)        //
    RW_ABI_STRUCTS(RW_ABI_ROW_STRUCT)          //
    RW_ABI_DATA_FIELDS(RW_ABI_ROW_FIELD)       //
    RW_ABI_DRIVER_FIELDS(RW_ABI_ROW_FIELD)     //
    RW_ABI_API_FIELDS(RW_ABI_ROW_FIELD)        //
    RW_ABI_EXPRESSIONS(RW_ABI_ROW_EXPRESSION)  //
};

#endif  // TESTS_ABI_IPCZ_ABI_TABLE_H_
