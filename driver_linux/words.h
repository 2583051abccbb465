// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#ifndef DRIVER_LINUX_WORDS_H_
#define DRIVER_LINUX_WORDS_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "ipcz/ipcz.h"
#include "ringway/driver_extension.h"

namespace ringway::driver {

// See RingwayDriverExtension. Long sleeps are cut into slices, after each of which the kernel
// compares the words anew: a peer that shares a word can move our waiter to another futex, where
// nobody wakes it.
IpczResult WaitForWords(std::span<const RingwayWord> words, uint64_t timeout_ns);
IpczResult WakeWaiters(const volatile void* address);

// The same system call without an account of it. False where the kernel refuses.
bool FutexWake(const volatile void* address);

// Sleeps once, in one system call, for up to `timeout_ns` (UINT64_MAX: for ever). Returns 0 or an
// errno; EAGAIN: one of the words has another value.
int FutexWaitAny(std::span<const RingwayWord> words, uint64_t timeout_ns);

// For tests: behave as on a kernel before 5.16, which waits for one word only.
void PretendNoFutexWaitv(bool pretend);

}  // namespace ringway::driver

#endif  // DRIVER_LINUX_WORDS_H_
