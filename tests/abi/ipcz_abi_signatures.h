// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

// Every function of the ABI as a type, spelled without the header's typedefs, so that a typedef
// that changes its meaning is found out here.

#ifndef TESTS_ABI_IPCZ_ABI_SIGNATURES_H_
#define TESTS_ABI_IPCZ_ABI_SIGNATURES_H_

#include <ipcz/ipcz.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef int RwAbiTransportActivityHandler(uintptr_t, const void*, size_t, const uintptr_t*, size_t,
                                          uint32_t, const void*);

typedef int RwAbiDriverClose(uintptr_t, uint32_t, const void*);
typedef int RwAbiDriverSerialize(uintptr_t, uintptr_t, uint32_t, const void*, void*, size_t*,
                                 uintptr_t*, size_t*);
typedef int RwAbiDriverDeserialize(const void*, size_t, const uintptr_t*, size_t, uintptr_t,
                                   uint32_t, const void*, uintptr_t*);
typedef int RwAbiDriverCreateTransports(uintptr_t, uintptr_t, uint32_t, const void*, uintptr_t*,
                                        uintptr_t*);
typedef int RwAbiDriverActivateTransport(uintptr_t, uintptr_t, RwAbiTransportActivityHandler*,
                                         uint32_t, const void*);
typedef int RwAbiDriverDeactivateTransport(uintptr_t, uint32_t, const void*);
typedef int RwAbiDriverTransmit(uintptr_t, const void*, size_t, const uintptr_t*, size_t, uint32_t,
                                const void*);
typedef int RwAbiDriverReportBadTransportActivity(uintptr_t, uintptr_t, uint32_t, const void*);
typedef int RwAbiDriverAllocateSharedMemory(size_t, uint32_t, const void*, uintptr_t*);
typedef int RwAbiDriverGetSharedMemoryInfo(uintptr_t, uint32_t, const void*,
                                           struct IpczSharedMemoryInfo*);
typedef int RwAbiDriverDuplicateSharedMemory(uintptr_t, uint32_t, const void*, uintptr_t*);
typedef int RwAbiDriverMapSharedMemory(uintptr_t, uint32_t, const void*, void**, uintptr_t*);
typedef int RwAbiDriverGenerateRandomBytes(size_t, uint32_t, const void*, void*);

typedef int RwAbiApiClose(uintptr_t, uint32_t, const void*);
typedef int RwAbiApiCreateNode(const struct IpczDriver*, uintptr_t, uint32_t, const void*,
                               uintptr_t*);
typedef int RwAbiApiConnectNode(uintptr_t, uintptr_t, size_t, uint32_t, const void*, uintptr_t*);
typedef int RwAbiApiOpenPortals(uintptr_t, uint32_t, const void*, uintptr_t*, uintptr_t*);
typedef int RwAbiApiMergePortals(uintptr_t, uintptr_t, uint32_t, const void*);
typedef int RwAbiApiQueryPortalStatus(uintptr_t, uint32_t, const void*, struct IpczPortalStatus*);
typedef int RwAbiApiPut(uintptr_t, const void*, size_t, const uintptr_t*, size_t, uint32_t,
                        const struct IpczPutOptions*);
typedef int RwAbiApiBeginPut(uintptr_t, uint32_t, const struct IpczBeginPutOptions*, size_t*,
                             void**);
typedef int RwAbiApiEndPut(uintptr_t, size_t, const uintptr_t*, size_t, uint32_t, const void*);
typedef int RwAbiApiGet(uintptr_t, uint32_t, const void*, void*, size_t*, uintptr_t*, size_t*,
                        uintptr_t*);
typedef int RwAbiApiBeginGet(uintptr_t, uint32_t, const void*, const void**, size_t*, size_t*);
typedef int RwAbiApiEndGet(uintptr_t, size_t, size_t, uint32_t, const void*, uintptr_t*,
                           uintptr_t*);
typedef int RwAbiApiTrap(uintptr_t, const struct IpczTrapConditions*,
                         void (*)(const struct IpczTrapEvent*), uintptr_t, uint32_t, const void*,
                         uint32_t*, struct IpczPortalStatus*);
typedef int RwAbiApiReject(uintptr_t, uintptr_t, uint32_t, const void*);
typedef int RwAbiApiBox(uintptr_t, uintptr_t, uint32_t, const void*, uintptr_t*);
typedef int RwAbiApiUnbox(uintptr_t, uint32_t, const void*, uintptr_t*);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // TESTS_ABI_IPCZ_ABI_SIGNATURES_H_
