// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#ifndef DRIVER_LINUX_OBJECT_LAYOUT_H_
#define DRIVER_LINUX_OBJECT_LAYOUT_H_

#include <cstddef>
#include <cstdint>

namespace ringway::driver {

// What Serialize() makes of an object, for Deserialize() of another process. kWireVersion counts
// changes.
//
//   memory     SerializedObject                                        1 descriptor
//   file       SerializedObject                                        1 descriptor
//   transport  SerializedObject | SerializedChunk[n] | their bytes     1 descriptor and those of
//   the chunks
//
// Chunks are what was transmitted but did not fit into the socket before the endpoint was sent
// away.

inline constexpr uint32_t kObjectMagic = 0x424f5752;  // "RWOB"

inline constexpr uint16_t kSerializedTransport = 1;
inline constexpr uint16_t kSerializedMemory = 2;
inline constexpr uint16_t kSerializedFile = 3;
inline constexpr uint16_t kSerializedLoan = 4;  // memory that its receiver will own

struct SerializedObject {
  uint32_t magic;
  uint16_t version;
  uint16_t type;
  uint64_t num_bytes;    // of a memory's region or a loan's; 0 for others
  uint32_t chunk_count;  // of a transport; 0 for others
  uint32_t reserved;     // 0
};
static_assert(offsetof(SerializedObject, magic) == 0);
static_assert(offsetof(SerializedObject, version) == 4);
static_assert(offsetof(SerializedObject, type) == 6);
static_assert(offsetof(SerializedObject, num_bytes) == 8);
static_assert(offsetof(SerializedObject, chunk_count) == 16);
static_assert(offsetof(SerializedObject, reserved) == 20);
static_assert(sizeof(SerializedObject) == 24);

struct SerializedChunk {
  uint64_t num_bytes;         // at least 1
  uint32_t descriptor_count;  // at most kDescriptorsPerBatch
  uint32_t reserved;          // 0
};
static_assert(offsetof(SerializedChunk, num_bytes) == 0);
static_assert(offsetof(SerializedChunk, descriptor_count) == 8);
static_assert(offsetof(SerializedChunk, reserved) == 12);
static_assert(sizeof(SerializedChunk) == 16);

}  // namespace ringway::driver

#endif  // DRIVER_LINUX_OBJECT_LAYOUT_H_
