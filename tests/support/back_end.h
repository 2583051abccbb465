// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef TESTS_SUPPORT_BACK_END_H_
#define TESTS_SUPPORT_BACK_END_H_

#include <string>

// On which back end of the Linux driver a test runs, as variables of its target say:
//
// RINGWAY_DRIVER_BACK_END chooses what the driver starts with (and
// RINGWAY_DRIVER_SQPOLL_MS that a thread of the kernel's takes submissions).
// RW_REFUSE=CALLS,ERROR,WHEN has the kernel refuse calls (io_uring, futex_waitv,
// memfd or seals), with EPERM or ENOSYS, from the start or, midway, while the
// middle one of the tests runs, or soon after. Children inherit that.
// RW_EXPECT says which back end is then in use, which is asserted at the end, from
// the driver's statistics; children (process.h) that used the driver do so, too,
// unless they may have started before the kernel began to refuse.
//
// Whoever links :back_end has all this around all tests, and besides a connection
// that exists before the kernel begins to refuse and must live on, one made in the
// end, and a look for descriptors that stay behind. Without RW_EXPECT nothing is done.

namespace ringway::testing {

std::string BackEndInUse();

// For children. True also if none is in use, or none is expected.
bool IsOnExpectedBackEnd();

}  // namespace ringway::testing

#endif  // TESTS_SUPPORT_BACK_END_H_
