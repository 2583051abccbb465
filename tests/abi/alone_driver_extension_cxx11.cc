// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include <ringway/driver_extension.h>

#include "tests/abi/alone_driver_extension.inc"

struct RwAbiTable RwAloneDriverExtensionCxx11(void) {
  return Table();
}
