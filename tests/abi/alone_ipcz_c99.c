// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include <ipcz/ipcz.h>

#include "tests/abi/alone_ipcz.inc"

struct RwAbiTable RwAloneIpczC99(void) {
  return Table();
}
