// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

// A program can choose what stands before each function of the tables.

#define IPCZ_API_OVERRIDE __attribute__(())
#include <ipcz/ipcz.h>

#include "tests/abi/abi_rows.h"

#define STRING_OF(text) #text
#define STRING(macro) STRING_OF(macro)

const char* RwAbiOverriddenApi(void) { return STRING(IPCZ_API); }
