// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

// The ABI of ipcz on LP64, each fact once. ipcz_abi_c99.c and ipcz_abi_cxx11.cc
// expand these lists into assertions, and into the tables abi_test.cc reports.
//
// Numbers are literal on purpose: a list that computed them the way the header
// does would repeat the header's mistakes.

#ifndef TESTS_ABI_IPCZ_ABI_LIST_H_
#define TESTS_ABI_IPCZ_ABI_LIST_H_

// VALUE(name, type, value): a constant, its exact type and its value.
#define RW_ABI_VALUES(VALUE)                     \
  VALUE(IPCZ_RESULT_OK, int, 0)                  \
  VALUE(IPCZ_RESULT_CANCELLED, int, 1)           \
  VALUE(IPCZ_RESULT_UNKNOWN, int, 2)             \
  VALUE(IPCZ_RESULT_INVALID_ARGUMENT, int, 3)    \
  VALUE(IPCZ_RESULT_DEADLINE_EXCEEDED, int, 4)   \
  VALUE(IPCZ_RESULT_NOT_FOUND, int, 5)           \
  VALUE(IPCZ_RESULT_ALREADY_EXISTS, int, 6)      \
  VALUE(IPCZ_RESULT_PERMISSION_DENIED, int, 7)   \
  VALUE(IPCZ_RESULT_RESOURCE_EXHAUSTED, int, 8)  \
  VALUE(IPCZ_RESULT_FAILED_PRECONDITION, int, 9) \
  VALUE(IPCZ_RESULT_ABORTED, int, 10)            \
  VALUE(IPCZ_RESULT_OUT_OF_RANGE, int, 11)       \
  VALUE(IPCZ_RESULT_UNIMPLEMENTED, int, 12)      \
  VALUE(IPCZ_RESULT_INTERNAL, int, 13)           \
  VALUE(IPCZ_RESULT_UNAVAILABLE, int, 14)        \
  VALUE(IPCZ_RESULT_DATA_LOSS, int, 15)          \
  VALUE(IPCZ_NO_FLAGS, uint32_t, 0)              \
  VALUE(IPCZ_INVALID_HANDLE, uintptr_t, 0)       \
  VALUE(IPCZ_INVALID_DRIVER_HANDLE, uintptr_t, 0)

// FLAG(name, bit): a uint32_t of which only this bit is set.
#define RW_ABI_FLAGS(FLAG)                          \
  FLAG(IPCZ_TRANSPORT_ACTIVITY_ERROR, 0)            \
  FLAG(IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED, 1)      \
  FLAG(IPCZ_CREATE_NODE_AS_BROKER, 0)               \
  FLAG(IPCZ_CONNECT_NODE_TO_BROKER, 0)              \
  FLAG(IPCZ_CONNECT_NODE_INHERIT_BROKER, 1)         \
  FLAG(IPCZ_CONNECT_NODE_SHARE_BROKER, 2)           \
  FLAG(IPCZ_CONNECT_NODE_TO_ALLOCATION_DELEGATE, 3) \
  FLAG(IPCZ_BEGIN_PUT_ALLOW_PARTIAL, 0)             \
  FLAG(IPCZ_END_PUT_ABORT, 0)                       \
  FLAG(IPCZ_GET_PARTIAL, 0)                         \
  FLAG(IPCZ_END_GET_ABORT, 0)                       \
  FLAG(IPCZ_UNBOX_PEEK, 0)                          \
  FLAG(IPCZ_PORTAL_STATUS_PEER_CLOSED, 0)           \
  FLAG(IPCZ_PORTAL_STATUS_DEAD, 1)                  \
  FLAG(IPCZ_TRAP_REMOVED, 0)                        \
  FLAG(IPCZ_TRAP_PEER_CLOSED, 1)                    \
  FLAG(IPCZ_TRAP_DEAD, 2)                           \
  FLAG(IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS, 3)        \
  FLAG(IPCZ_TRAP_ABOVE_MIN_LOCAL_BYTES, 4)          \
  FLAG(IPCZ_TRAP_BELOW_MAX_REMOTE_PARCELS, 5)       \
  FLAG(IPCZ_TRAP_BELOW_MAX_REMOTE_BYTES, 6)         \
  FLAG(IPCZ_TRAP_NEW_LOCAL_PARCEL, 7)               \
  FLAG(IPCZ_TRAP_CONSUMED_REMOTE_PARCEL, 8)

// TYPEDEF(name, type, size): what a typedef stands for, and its size in bytes.
#define RW_ABI_TYPEDEFS(TYPEDEF)                                          \
  TYPEDEF(IpczHandle, uintptr_t, 8)                                       \
  TYPEDEF(IpczResult, int, 4)                                             \
  TYPEDEF(IpczDriverHandle, uintptr_t, 8)                                 \
  TYPEDEF(IpczTransportActivityFlags, uint32_t, 4)                        \
  TYPEDEF(IpczCreateNodeFlags, uint32_t, 4)                               \
  TYPEDEF(IpczConnectNodeFlags, uint32_t, 4)                              \
  TYPEDEF(IpczBeginPutFlags, uint32_t, 4)                                 \
  TYPEDEF(IpczEndPutFlags, uint32_t, 4)                                   \
  TYPEDEF(IpczGetFlags, uint32_t, 4)                                      \
  TYPEDEF(IpczEndGetFlags, uint32_t, 4)                                   \
  TYPEDEF(IpczUnboxFlags, uint32_t, 4)                                    \
  TYPEDEF(IpczPortalStatusFlags, uint32_t, 4)                             \
  TYPEDEF(IpczTrapConditionFlags, uint32_t, 4)                            \
  TYPEDEF(IpczTrapEventHandler, void (*)(const struct IpczTrapEvent*), 8) \
  TYPEDEF(IpczGetAPIFn, int (*)(struct IpczAPI*), 8)                      \
  TYPEDEF(IpczTransportActivityHandler, RwAbiTransportActivityHandler*, 8)

// STRUCT(name, size, alignment): of a struct, in bytes.
#define RW_ABI_STRUCTS(STRUCT)        \
  STRUCT(IpczSharedMemoryInfo, 16, 8) \
  STRUCT(IpczDriver, 112, 8)          \
  STRUCT(IpczPutLimits, 24, 8)        \
  STRUCT(IpczPutOptions, 16, 8)       \
  STRUCT(IpczBeginPutOptions, 16, 8)  \
  STRUCT(IpczPortalStatus, 48, 8)     \
  STRUCT(IpczTrapConditions, 48, 8)   \
  STRUCT(IpczTrapEvent, 32, 8)        \
  STRUCT(IpczAPI, 136, 8)

// FIELD(struct, field, offset, type): where a field lies, in bytes, and its exact type. A function
// type has its name from ipcz_abi_signatures.h.
#define RW_ABI_DATA_FIELDS(FIELD)                                    \
  FIELD(IpczSharedMemoryInfo, size, 0, size_t)                       \
  FIELD(IpczSharedMemoryInfo, region_num_bytes, 8, size_t)           \
  FIELD(IpczPutLimits, size, 0, size_t)                              \
  FIELD(IpczPutLimits, max_queued_parcels, 8, size_t)                \
  FIELD(IpczPutLimits, max_queued_bytes, 16, size_t)                 \
  FIELD(IpczPutOptions, size, 0, size_t)                             \
  FIELD(IpczPutOptions, limits, 8, const struct IpczPutLimits*)      \
  FIELD(IpczBeginPutOptions, size, 0, size_t)                        \
  FIELD(IpczBeginPutOptions, limits, 8, const struct IpczPutLimits*) \
  FIELD(IpczPortalStatus, size, 0, size_t)                           \
  FIELD(IpczPortalStatus, flags, 8, uint32_t)                        \
  FIELD(IpczPortalStatus, num_local_parcels, 16, size_t)             \
  FIELD(IpczPortalStatus, num_local_bytes, 24, size_t)               \
  FIELD(IpczPortalStatus, num_remote_parcels, 32, size_t)            \
  FIELD(IpczPortalStatus, num_remote_bytes, 40, size_t)              \
  FIELD(IpczTrapConditions, size, 0, size_t)                         \
  FIELD(IpczTrapConditions, flags, 8, uint32_t)                      \
  FIELD(IpczTrapConditions, min_local_parcels, 16, size_t)           \
  FIELD(IpczTrapConditions, min_local_bytes, 24, size_t)             \
  FIELD(IpczTrapConditions, max_remote_parcels, 32, size_t)          \
  FIELD(IpczTrapConditions, max_remote_bytes, 40, size_t)            \
  FIELD(IpczTrapEvent, size, 0, size_t)                              \
  FIELD(IpczTrapEvent, context, 8, uintptr_t)                        \
  FIELD(IpczTrapEvent, condition_flags, 16, uint32_t)                \
  FIELD(IpczTrapEvent, status, 24, const struct IpczPortalStatus*)

#define RW_ABI_DRIVER_FIELDS(FIELD)                                                         \
  FIELD(IpczDriver, size, 0, size_t)                                                        \
  FIELD(IpczDriver, Close, 8, RwAbiDriverClose*)                                            \
  FIELD(IpczDriver, Serialize, 16, RwAbiDriverSerialize*)                                   \
  FIELD(IpczDriver, Deserialize, 24, RwAbiDriverDeserialize*)                               \
  FIELD(IpczDriver, CreateTransports, 32, RwAbiDriverCreateTransports*)                     \
  FIELD(IpczDriver, ActivateTransport, 40, RwAbiDriverActivateTransport*)                   \
  FIELD(IpczDriver, DeactivateTransport, 48, RwAbiDriverDeactivateTransport*)               \
  FIELD(IpczDriver, Transmit, 56, RwAbiDriverTransmit*)                                     \
  FIELD(IpczDriver, ReportBadTransportActivity, 64, RwAbiDriverReportBadTransportActivity*) \
  FIELD(IpczDriver, AllocateSharedMemory, 72, RwAbiDriverAllocateSharedMemory*)             \
  FIELD(IpczDriver, GetSharedMemoryInfo, 80, RwAbiDriverGetSharedMemoryInfo*)               \
  FIELD(IpczDriver, DuplicateSharedMemory, 88, RwAbiDriverDuplicateSharedMemory*)           \
  FIELD(IpczDriver, MapSharedMemory, 96, RwAbiDriverMapSharedMemory*)                       \
  FIELD(IpczDriver, GenerateRandomBytes, 104, RwAbiDriverGenerateRandomBytes*)

#define RW_ABI_API_FIELDS(FIELD)                                    \
  FIELD(IpczAPI, size, 0, size_t)                                   \
  FIELD(IpczAPI, Close, 8, RwAbiApiClose*)                          \
  FIELD(IpczAPI, CreateNode, 16, RwAbiApiCreateNode*)               \
  FIELD(IpczAPI, ConnectNode, 24, RwAbiApiConnectNode*)             \
  FIELD(IpczAPI, OpenPortals, 32, RwAbiApiOpenPortals*)             \
  FIELD(IpczAPI, MergePortals, 40, RwAbiApiMergePortals*)           \
  FIELD(IpczAPI, QueryPortalStatus, 48, RwAbiApiQueryPortalStatus*) \
  FIELD(IpczAPI, Put, 56, RwAbiApiPut*)                             \
  FIELD(IpczAPI, BeginPut, 64, RwAbiApiBeginPut*)                   \
  FIELD(IpczAPI, EndPut, 72, RwAbiApiEndPut*)                       \
  FIELD(IpczAPI, Get, 80, RwAbiApiGet*)                             \
  FIELD(IpczAPI, BeginGet, 88, RwAbiApiBeginGet*)                   \
  FIELD(IpczAPI, EndGet, 96, RwAbiApiEndGet*)                       \
  FIELD(IpczAPI, Trap, 104, RwAbiApiTrap*)                          \
  FIELD(IpczAPI, Reject, 112, RwAbiApiReject*)                      \
  FIELD(IpczAPI, Box, 120, RwAbiApiBox*)                            \
  FIELD(IpczAPI, Unbox, 128, RwAbiApiUnbox*)

// EXPRESSION(id, expression, value): how a macro with parameters behaves.
#define RW_ABI_EXPRESSIONS(EXPRESSION)                                                 \
  EXPRESSION(FlagBit0, IPCZ_FLAG_BIT(0), 0x1)                                          \
  EXPRESSION(FlagBit1, IPCZ_FLAG_BIT(1), 0x2)                                          \
  EXPRESSION(FlagBit7, IPCZ_FLAG_BIT(7), 0x80)                                         \
  EXPRESSION(FlagBit8, IPCZ_FLAG_BIT(8), 0x100)                                        \
  EXPRESSION(FlagBit16, IPCZ_FLAG_BIT(16), 0x10000)                                    \
  EXPRESSION(FlagBit31, IPCZ_FLAG_BIT(31), 0x80000000)                                 \
  EXPRESSION(FlagBitOfExpression, IPCZ_FLAG_BIT(3 - 1), 0x4)                           \
  EXPRESSION(FlagBitOfConditional, IPCZ_FLAG_BIT(1 ? 5 : 6), 0x20)                     \
  EXPRESSION(Aligned0To8, IPCZ_ALIGNED(0, 8), 0)                                       \
  EXPRESSION(Aligned1To8, IPCZ_ALIGNED(1, 8), 8)                                       \
  EXPRESSION(Aligned7To8, IPCZ_ALIGNED(7, 8), 8)                                       \
  EXPRESSION(Aligned8To8, IPCZ_ALIGNED(8, 8), 8)                                       \
  EXPRESSION(Aligned9To8, IPCZ_ALIGNED(9, 8), 16)                                      \
  EXPRESSION(Aligned16To8, IPCZ_ALIGNED(16, 8), 16)                                    \
  EXPRESSION(Aligned13To1, IPCZ_ALIGNED(13, 1), 13)                                    \
  EXPRESSION(Aligned4095To4096, IPCZ_ALIGNED(4095, 4096), 4096)                        \
  EXPRESSION(Aligned4097To4096, IPCZ_ALIGNED(4097, 4096), 8192)                        \
  EXPRESSION(Aligned10To12, IPCZ_ALIGNED(10, 12), 12)                                  \
  EXPRESSION(Aligned25To12, IPCZ_ALIGNED(25, 12), 36)                                  \
  EXPRESSION(AlignedSum, IPCZ_ALIGNED(1 + 8, 4 + 4), 16)                               \
  EXPRESSION(AlignedOr, IPCZ_ALIGNED(1 | 8, 1 << 3), 16)                               \
  EXPRESSION(AlignedTimesTwo, 2 * IPCZ_ALIGNED(3, 8), 16)                              \
  EXPRESSION(AlignedKeeps64Bits, IPCZ_ALIGNED((uint64_t)0x100000001, 16), 0x100000010) \
  EXPRESSION(AlignMacroSize, sizeof(struct RwAbiAligned64), 64)                        \
  EXPRESSION(AlignMacroArraySize, sizeof(struct RwAbiAligned64[3]), 192)               \
  EXPRESSION(AlignMacroOffset, offsetof(struct RwAbiAlignedMember, member), 8)         \
  EXPRESSION(ApiMacroIsEmpty, sizeof(RW_ABI_STRING(IPCZ_API)), 1)

#endif  // TESTS_ABI_IPCZ_ABI_LIST_H_
