// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

// One of two processes has room for N descriptors more, for each N from none to enough: so each
// step that takes one fails in turn. Whatever fails, messages arrive whole or there is one error,
// nothing is left behind, and with descriptors again all works.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "driver_linux/process.h"
#include "driver_linux/test_support.h"

namespace ringway::driver::testing {
namespace {

constexpr rlim_t kFilesMax = 260;  // more than one message of the kernel takes
constexpr rlim_t kEnough = 300;
constexpr rlim_t kRoomForOneByOne = 28;  // up to here, and where all fit, each count is tried

// Memory is exchanged on the way, and lanes grow.
struct Step {
  size_t num_bytes;
  size_t num_files;
};
constexpr Step kSteps[] = {
    {10, 0},  {0, 0},       {10, 0}, {10, 3}, {10, 0}, {10, 1}, {10, 0},
    {10, 20}, {300'000, 0}, {10, 0}, {10, 2}, {10, 0}, {10, 0}, {2 << 20, kFilesMax},
    {10, 0}};
constexpr size_t kStepCount = std::size(kSteps);

enum Exit : int { kComplete, kRefused, kWrong };

using Files = std::vector<std::vector<IpczDriverHandle>>;  // of each step

std::string TextOf(size_t step, size_t file) { return std::to_string(step * 1000 + file); }

Files MakeFiles() {
  Files files(kStepCount);
  for (size_t step = 0; step < kStepCount; ++step) {
    for (size_t i = 0; i < kSteps[step].num_files; ++i) {
      files[step].push_back(MakeFileWith(TextOf(step, i)));
    }
  }
  return files;
}

// The next message, unless the link ends first.
bool Next(Engine* engine, Engine::Message* message) {
  constexpr auto kNoTime = std::chrono::seconds(0);
  for (int i = 0; i < 200'000 && engine->error_count() == 0; ++i) {
    if (engine->WaitForMessage(message, kNoTime)) return true;
    std::this_thread::sleep_for(std::chrono::microseconds(50));
  }
  return engine->WaitForMessage(message, kNoTime);
}

int Ended(const Engine& engine, int wrong) { return engine.error_count() == 1 ? kRefused : wrong; }

int SendAll(Engine* engine, Files files) {
  for (size_t step = 0; step < kStepCount; ++step) {
    engine->Send(Pattern(kSteps[step].num_bytes, step), std::exchange(files[step], {}));
    Engine::Message message;
    if (!Next(engine, &message)) {
      for (const auto& unsent : files) {
        for (const IpczDriverHandle file : unsent) Close(file);
      }
      return Ended(*engine, kWrong + 1);
    }
    if (message.data != std::to_string(step)) return kWrong + 2;
  }
  return kComplete;
}

int ReceiveAll(Engine* engine) {
  for (size_t step = 0; step < kStepCount; ++step) {
    Engine::Message message;
    if (!Next(engine, &message)) return Ended(*engine, kWrong + 3);
    bool is_exact = message.data == Pattern(kSteps[step].num_bytes, step) &&
                    message.handles.size() == kSteps[step].num_files;
    for (size_t i = 0; i < message.handles.size(); ++i) {
      is_exact &= ReadFile(message.handles[i]) == TextOf(step, i);
    }
    if (!is_exact) return kWrong + 4;
    engine->Send(std::to_string(step));
  }
  return kComplete;
}

int Talk(Engine* engine, bool sends, Files files) {
  const IpczResult result = engine->Activate();
  if (result != IPCZ_RESULT_OK) {
    for (const auto& unsent : files) {
      for (const IpczDriverHandle file : unsent) Close(file);
    }
    return result == IPCZ_RESULT_RESOURCE_EXHAUSTED ? kRefused : kWrong + 5;
  }
  return sends ? SendAll(engine, std::move(files)) : ReceiveAll(engine);
}

rlim_t UsedDescriptors() {
  const int next = dup(0);
  close(next);
  return static_cast<rlim_t>(next);
}

void LimitDescriptors(rlim_t count) {
  const rlimit limit = {count, kEnough * 4};
  setrlimit(RLIMIT_NOFILE, &limit);
}

// The process that lacks descriptors: its two transports are at descriptors 3 and 4.
int RunLimited(bool sends, rlim_t room) {
  for (const bool is_limited : {true, false}) {
    const size_t before = MeasureFootprint().descriptors;
    IpczDriverHandle transport;
    if (RingwayLinuxTransportFromFd(is_limited ? 3 : 4, &transport) != IPCZ_RESULT_OK) return 10;
    int result;
    {
      Files files = sends ? MakeFiles() : Files(kStepCount);
      if (is_limited) LimitDescriptors(UsedDescriptors() + room);
      Engine engine(transport);
      result = Talk(&engine, sends, std::move(files));
    }
    LimitDescriptors(kEnough * 4);
    const bool is_clean = Eventually([&] { return MeasureFootprint().descriptors < before; });
    if (!is_clean) return 11;
    if (result >= kWrong) return 20 + result;
    if (!is_limited) return result == kComplete ? kComplete : 12;
  }
  return 13;
}

struct Side {
  Engine engine;
  int fd = -1;  // of the other process
  Side() {
    IpczDriverHandle transports[2];
    EXPECT_EQ(RingwayLinuxCreateTransportPair(&transports[0], &transports[1]), IPCZ_RESULT_OK);
    engine.set_transport(transports[0]);
    EXPECT_EQ(RingwayLinuxTransportToFd(transports[1], &fd), IPCZ_RESULT_OK);
  }
};

class ExhaustionTest : public TransportFixture, public ::testing::WithParamInterface<BackEnd> {
 protected:
  ExhaustionTest() : TransportFixture(GetParam()) {}

  // How the limited transport fared.
  static int Run(bool limited_sends, rlim_t room) {
    std::array<Side, 2> sides;
    const pid_t child = fork();
    if (child == 0) {
      const int fds[] = {fcntl(sides[0].fd, F_DUPFD, 64), fcntl(sides[1].fd, F_DUPFD, 64)};
      dup2(fds[0], 3);
      dup2(fds[1], 4);
      close_range(5, ~0u, 0);
      _exit(RunLimited(limited_sends, room));
    }
    std::array<int, 2> results;
    for (Side& side : sides) close(side.fd);
    for (size_t i = 0; i < 2; ++i) {
      results[i] =
          Talk(&sides[i].engine, !limited_sends, limited_sends ? Files(kStepCount) : MakeFiles());
    }
    int status = -1;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), kComplete);
    EXPECT_EQ(results[1], kComplete);
    return results[0];
  }

  static void FailAtEachStep(bool limited_sends) {
    size_t refused = 0;
    rlim_t room = 0;
    int result = kRefused;
    while (room <= kEnough && (room < kRoomForOneByOne || result == kRefused) && !HasFailure()) {
      SCOPED_TRACE("room for " + std::to_string(room));
      result = Run(limited_sends, room);
      EXPECT_LT(result, kWrong);
      refused += result == kRefused;
      room += room < kRoomForOneByOne || room > kFilesMax ? 1 : 50;
    }
    EXPECT_GT(refused, 0u);
    EXPECT_EQ(result, kComplete);
  }
};

TEST_P(ExhaustionTest, AReceiverWithoutDescriptorsSeesWholeMessagesOrOneError) {
  FailAtEachStep(false);
}

TEST_P(ExhaustionTest, ASenderWithoutDescriptorsSendsWholeMessagesOrSeesOneError) {
  FailAtEachStep(true);
}

// What takes descriptors in calls: each says `expected`. What was opened is added to `opened`.
int MakeOneOfEach(IpczResult expected, IpczDriverHandle memory,
                  std::vector<IpczDriverHandle>* opened) {
  IpczDriverHandle made[2];
  const auto took = [&](IpczResult result, size_t count) {
    if (result == IPCZ_RESULT_OK) opened->insert(opened->end(), made, made + count);
    return result == expected;
  };
  if (!took(RingwayLinuxCreateTransportPair(&made[0], &made[1]), 2)) return 2;
  if (!took(Driver().CreateTransports(0, 0, 0, nullptr, &made[0], &made[1]), 2)) return 3;
  if (!took(Driver().AllocateSharedMemory(65536, 0, nullptr, &made[0]), 1)) return 4;
  if (!took(Driver().DuplicateSharedMemory(memory, 0, nullptr, &made[0]), 1)) return 5;
  void* address;
  if (!took(Extension().AllocateOwnedMemory(65536, 0, nullptr, &made[0], &address, &made[1]), 2)) {
    return 6;
  }
  const std::string name = "@exhaustion-" + std::to_string(getpid());
  RingwayLinuxListener* listener = nullptr;
  if (RingwayLinuxListen(name.c_str(), &listener) != expected) return 7;
  if (listener == nullptr) {
    return RingwayLinuxConnect(name.c_str(), 0, &made[0], nullptr) == expected ? 0 : 8;
  }
  if (!took(RingwayLinuxConnect(name.c_str(), 0, &made[0], nullptr), 1)) return 9;
  LimitDescriptors(UsedDescriptors());
  if (RingwayLinuxAccept(listener, 0, &made[0], nullptr) != IPCZ_RESULT_RESOURCE_EXHAUSTED) {
    return 10;
  }
  LimitDescriptors(kEnough);
  if (!took(RingwayLinuxAccept(listener, 0, &made[0], nullptr), 1)) return 11;
  RingwayLinuxCloseListener(listener);
  return 0;
}

int CallWithAndWithoutDescriptors() {
  IpczDriverHandle memory;
  if (Driver().AllocateSharedMemory(65536, 0, nullptr, &memory) != IPCZ_RESULT_OK) return 1;
  for (const bool has_room : {false, true}) {
    const size_t before = MeasureFootprint().descriptors;
    LimitDescriptors(has_room ? kEnough : UsedDescriptors());
    std::vector<IpczDriverHandle> opened;
    const int result =
        MakeOneOfEach(has_room ? IPCZ_RESULT_OK : IPCZ_RESULT_RESOURCE_EXHAUSTED, memory, &opened);
    if (result != 0) return result;
    LimitDescriptors(kEnough);
    for (const IpczDriverHandle handle : opened) Close(handle);
    if (MeasureFootprint().descriptors != before) return 12;
  }
  return 0;
}

TEST(ExhaustedCallsTest, SaySoAndWorkAgain) {
  EXPECT_EQ(RunInChild(CallWithAndWithoutDescriptors), 0);
}

INSTANTIATE_TEST_SUITE_P(BackEnds, ExhaustionTest, ::testing::ValuesIn(kBackEnds), NameOf);

}  // namespace
}  // namespace ringway::driver::testing
