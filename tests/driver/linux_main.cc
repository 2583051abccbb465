// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The Linux driver under the conformance suite. RINGWAY_DRIVER_BACK_END chooses
// what it starts with. RW_REFUSE=CALLS,ERROR,WHEN has the kernel refuse
// (io_uring, futex or memfd; EPERM or ENOSYS; from the start or midway), and
// RW_EXPECT says which back end is then in use, which is asserted.

#include <dirent.h>
#include <seccomp.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "ringway/driver_extension.h"
#include "ringway/driver_linux.h"
#include "tests/driver/conformance.h"

namespace ringway::testing {
namespace {

std::string Variable(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? "" : text;
}

RingwayDriverStatistics Statistics() {
  RingwayDriverStatistics statistics = {};
  statistics.size = sizeof(statistics);
  RingwayFindDriverExtension(RingwayLinuxDriver())->QueryStatistics(&statistics);
  return statistics;
}

const char* const kNames[] = {"none", "socket", "epoll", "futex", "io_uring", "io_uring_futex"};

std::string BackEnd() { return kNames[Statistics().back_end]; }

// All threads of this process, from now on.
void RefuseAsTold(const std::string& told) {
  const auto has = [&](const char* word) { return told.find(word) != std::string::npos; };
  std::vector<int> calls;
  if (has("io_uring")) calls = {425, 426, 427};  // io_uring_setup, enter, register
  if (has("memfd")) calls.push_back(SYS_memfd_create);
  const uint32_t error = has("ENOSYS") ? ENOSYS : EPERM;
  const scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  ASSERT_NE(filter, nullptr);
  ASSERT_EQ(seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1), 0);
  for (const int call : calls) {
    ASSERT_EQ(seccomp_rule_add(filter, SCMP_ACT_ERRNO(error), call, 0), 0);
  }
  ASSERT_EQ(seccomp_load(filter), 0);
  seccomp_release(filter);
}

size_t OpenDescriptors() {
  size_t count = 0;
  DIR* folder = opendir("/proc/self/fd");
  while (readdir(folder) != nullptr) ++count;
  closedir(folder);
  return count;
}

// Around all tests: a connection that exists before the kernel begins to refuse
// and must live on, and nothing that stays behind.
class LinuxDriver : public ::testing::Environment {
 public:
  void SetUp() override {
    descriptors_before_ = OpenDescriptors();
    const std::string refused = Variable("RW_REFUSE");
    const bool is_midway = refused.find("midway") != std::string::npos;
    if (!refused.empty() && !is_midway) RefuseAsTold(refused);
    kept_ = std::make_unique<CorePair>();
    kept_->Activate();
    for (int i = 0; i < 100; ++i) Exchange();
    if (!is_midway) return;
    EXPECT_EQ(BackEnd(), "io_uring_futex");
    RefuseAsTold(refused);
    for (int i = 0; i < 100; ++i) Exchange();
  }

  void TearDown() override {
    for (int i = 0; i < 100; ++i) Exchange();
    EXPECT_EQ(BackEnd(), Variable("RW_EXPECT"));
    const RingwayDriverStatistics statistics = Statistics();
    const bool has_channels = Variable("RW_EXPECT") != "socket" ||
                              Variable("RW_REFUSE").find("midway") != std::string::npos;
    EXPECT_EQ(statistics.channel_messages_sent != 0, has_channels);
    EXPECT_LE(statistics.wakes_sent, statistics.messages_sent);
    kept_.reset();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (OpenDescriptors() > descriptors_before_ && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::yield();
    }
    EXPECT_LE(OpenDescriptors(), descriptors_before_);
    EXPECT_EQ(Statistics().open_transports, 0u);
  }

 private:
  void Exchange() {
    ASSERT_EQ(kept_->first.Send("there"), IPCZ_RESULT_OK);
    ASSERT_EQ(kept_->second.NextData(), "there");
    ASSERT_EQ(kept_->second.Send("back"), IPCZ_RESULT_OK);
    ASSERT_EQ(kept_->first.NextData(), "back");
  }

  size_t descriptors_before_ = 0;
  std::unique_ptr<CorePair> kept_;
};

const auto* const kEnvironment = ::testing::AddGlobalTestEnvironment(new LinuxDriver);

}  // namespace

const DriverUnderTest& TestedDriver() {
  static const DriverUnderTest tested = {
      RingwayLinuxDriver(),
      [](IpczDriverHandle* first, IpczDriverHandle* second) {
        ASSERT_EQ(RingwayLinuxCreateTransportPair(first, second), IPCZ_RESULT_OK);
      },
      [](IpczDriverHandle transport) {
        int fd = -1;
        EXPECT_EQ(RingwayLinuxTransportToFd(transport, &fd), IPCZ_RESULT_OK);
        return fd;
      },
      [](int fd) {
        IpczDriverHandle transport = IPCZ_INVALID_DRIVER_HANDLE;
        EXPECT_EQ(RingwayLinuxTransportFromFd(fd, &transport), IPCZ_RESULT_OK);
        return transport;
      }};
  return tested;
}

}  // namespace ringway::testing
