// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

// What the assertions of one language saw at run time, for abi_test.cc to report.

#ifndef TESTS_ABI_ABI_ROWS_H_
#define TESTS_ABI_ABI_ROWS_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct RwAbiRow {
  const char* name;
  uint64_t actual;
  uint64_t expected;
};

struct RwAbiTable {
  const struct RwAbiRow* rows;
  size_t num_rows;
};

// ipcz/ipcz.h as C99 and as C++11 see it.
struct RwAbiTable RwAbiTableC99(void);
struct RwAbiTable RwAbiTableCxx11(void);

// Sizes of what a header declares that was included alone. `expected` is not used: the two
// languages are compared with each other.
struct RwAbiTable RwAloneIpczC99(void);
struct RwAbiTable RwAloneIpczCxx11(void);
struct RwAbiTable RwAloneRingwayC99(void);
struct RwAbiTable RwAloneRingwayCxx11(void);
struct RwAbiTable RwAloneDriverExtensionC99(void);
struct RwAbiTable RwAloneDriverExtensionCxx11(void);

// The IPCZ_API that results from an IPCZ_API_OVERRIDE of "__attribute__(())".
const char* RwAbiOverriddenApi(void);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // TESTS_ABI_ABI_ROWS_H_
