// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include <ringway/ringway.h>

#include "tests/abi/alone_ringway.inc"

struct RwAbiTable RwAloneRingwayC99(void) {
  return Table();
}
