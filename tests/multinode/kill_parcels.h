// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef TESTS_MULTINODE_KILL_PARCELS_H_
#define TESTS_MULTINODE_KILL_PARCELS_H_

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

#include "tests/support/ipcz_test.h"

// The parcels of tests in which a process is killed: each tells its place in the
// order twice, so that half a parcel, a doubled or a lost one is recognized.

namespace ringway::testing {

inline size_t SizeOfParcel(uint64_t number) {
  uint64_t x = number * 0x9e3779b97f4a7c15;
  x ^= x >> 29;
  if (number % 251 == 0) return 16 + (size_t{1} << 20) + x % 4096;  // a segment of its own
  if (number % 31 == 0) return 16 + x % 100'000;                    // a block
  if (number % 7 == 0) return 16 + x % 16'000;
  return 16 + x % 300;
}

inline void FillParcel(uint64_t number, char* data, size_t size) {
  std::memcpy(data, &number, 8);
  std::memset(data + 8, static_cast<int>(number & 0xff), size - 16);
  const uint64_t check = ~number;
  std::memcpy(data + size - 8, &check, 8);
}

inline std::string MakeParcel(uint64_t number) {
  std::string data(SizeOfParcel(number), '\0');
  FillParcel(number, data.data(), data.size());
  return data;
}

// The number of a whole parcel; 0 if it is none.
inline uint64_t NumberOfParcel(const char* data, size_t size) {
  uint64_t number;
  uint64_t check;
  if (size < 16) return 0;
  std::memcpy(&number, data, 8);
  std::memcpy(&check, data + size - 8, 8);
  if (check != ~number || size != SizeOfParcel(number)) return 0;
  const auto fill = static_cast<char>(number & 0xff);
  return std::all_of(data + 8, data + size - 8, [&](char c) { return c == fill; }) ? number : 0;
}

// Some parcels carry a pipe from which their number can be read.
inline bool CarriesBox(uint64_t number) { return number % 13 == 0; }

inline IpczHandle BoxWithNumber(IpczHandle node, uint64_t number) {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) return IPCZ_INVALID_HANDLE;
  const bool written = write(fds[1], &number, sizeof(number)) == sizeof(number);
  close(fds[1]);
  IpczDriverHandle file = IPCZ_INVALID_DRIVER_HANDLE;
  IpczHandle box = IPCZ_INVALID_HANDLE;
  if (!written || RingwayLinuxWrapFd(fds[0], &file) != IPCZ_RESULT_OK) {
    close(fds[0]);
    return box;
  }
  if (Api().Box(node, file, IPCZ_NO_FLAGS, nullptr, &box) != IPCZ_RESULT_OK) {
    RingwayLinuxDriver()->Close(file, 0, nullptr);
  }
  return box;
}

// Consumes the box.
inline uint64_t NumberInBox(IpczHandle box) {
  IpczDriverHandle file;
  int fd;
  if (Api().Unbox(box, IPCZ_NO_FLAGS, nullptr, &file) != IPCZ_RESULT_OK) return 0;
  if (RingwayLinuxUnwrapFd(file, &fd) != IPCZ_RESULT_OK) return 0;
  uint64_t number = 0;
  if (read(fd, &number, sizeof(number)) != sizeof(number)) number = 0;
  close(fd);
  return number;
}

}  // namespace ringway::testing

#endif  // TESTS_MULTINODE_KILL_PARCELS_H_
