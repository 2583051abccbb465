// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/endpoint.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "driver_linux/test_support.h"

namespace ringway::driver::testing {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;

class EndpointTest : public ::testing::TestWithParam<bool> {
 protected:
  EndpointTest() {
    char folder[] = "/tmp/rwXXXXXX";
    folder_ = mkdtemp(folder);
    name_ = GetParam() ? "@" + folder_ : folder_ + "/socket";
  }
  ~EndpointTest() override { EXPECT_EQ(rmdir(folder_.c_str()), 0) << "something was left there"; }

  std::string folder_;
  std::string name_;
};

TEST_P(EndpointTest, ConnectsAndTellsWhoItIs) {
  RingwayLinuxListener* listener;
  ASSERT_EQ(RingwayLinuxListen(name_.c_str(), &listener), IPCZ_RESULT_OK);
  Engine client, server;
  IpczDriverHandle transport;
  RingwayLinuxCredentials credentials = {sizeof(credentials), 0, 0, 0};
  ASSERT_EQ(RingwayLinuxConnect(name_.c_str(), 0, &transport, &credentials), IPCZ_RESULT_OK);
  client.set_transport(transport);
  EXPECT_EQ(credentials.pid, getpid());
  EXPECT_EQ(credentials.uid, getuid());
  ASSERT_EQ(RingwayLinuxAccept(listener, kSecond, &transport, &credentials), IPCZ_RESULT_OK);
  server.set_transport(transport);
  EXPECT_EQ(credentials.gid, getgid());
  ASSERT_EQ(client.Activate(), IPCZ_RESULT_OK);
  ASSERT_EQ(server.Activate(), IPCZ_RESULT_OK);
  ASSERT_EQ(client.Send("hi"), IPCZ_RESULT_OK);
  Engine::Message message;
  ASSERT_TRUE(server.WaitForMessage(&message));
  EXPECT_EQ(message.data, "hi");
  RingwayLinuxCloseListener(listener);
}

TEST_P(EndpointTest, RefusesANameInUse) {
  RingwayLinuxListener* listener;
  RingwayLinuxListener* second;
  ASSERT_EQ(RingwayLinuxListen(name_.c_str(), &listener), IPCZ_RESULT_OK);
  EXPECT_EQ(RingwayLinuxListen(name_.c_str(), &second), IPCZ_RESULT_ALREADY_EXISTS);
  RingwayLinuxCloseListener(listener);
  ASSERT_EQ(RingwayLinuxListen(name_.c_str(), &second), IPCZ_RESULT_OK);
  RingwayLinuxCloseListener(second);
}

TEST_P(EndpointTest, TellsTwoProcessesWhoTheOtherIs) {
  RingwayLinuxListener* listener;
  ASSERT_EQ(RingwayLinuxListen(name_.c_str(), &listener), IPCZ_RESULT_OK);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child == 0) {
    RingwayLinuxCredentials credentials = {sizeof(credentials), 0, 0, 0};
    IpczDriverHandle transport;
    if (RingwayLinuxConnect(name_.c_str(), 0, &transport, &credentials) != IPCZ_RESULT_OK) {
      _exit(1);
    }
    _exit(credentials.pid == parent ? 0 : 2);
  }
  RingwayLinuxCredentials credentials = {sizeof(credentials), 0, 0, 0};
  IpczDriverHandle transport;
  ASSERT_EQ(RingwayLinuxAccept(listener, 20 * kSecond, &transport, &credentials), IPCZ_RESULT_OK);
  EXPECT_EQ(credentials.pid, child);
  EXPECT_EQ(credentials.uid, getuid());
  int status;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  Close(transport);
  RingwayLinuxCloseListener(listener);
}

TEST_P(EndpointTest, ConnectWaitsForAListener) {
  IpczDriverHandle transport;
  EXPECT_EQ(RingwayLinuxConnect(name_.c_str(), 0, &transport, nullptr), IPCZ_RESULT_NOT_FOUND);
  EXPECT_EQ(RingwayLinuxConnect(name_.c_str(), kSecond / 50, &transport, nullptr),
            IPCZ_RESULT_NOT_FOUND);
  RingwayLinuxListener* listener = nullptr;
  std::thread late([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_EQ(RingwayLinuxListen(name_.c_str(), &listener), IPCZ_RESULT_OK);
  });
  EXPECT_EQ(RingwayLinuxConnect(name_.c_str(), UINT64_MAX, &transport, nullptr), IPCZ_RESULT_OK);
  late.join();
  Close(transport);
  RingwayLinuxCloseListener(listener);
}

TEST_P(EndpointTest, AcceptGivesUpAndIsCancelled) {
  RingwayLinuxListener* listener;
  ASSERT_EQ(RingwayLinuxListen(name_.c_str(), &listener), IPCZ_RESULT_OK);
  IpczDriverHandle transport;
  EXPECT_EQ(RingwayLinuxAccept(listener, 0, &transport, nullptr), IPCZ_RESULT_DEADLINE_EXCEEDED);
  EXPECT_EQ(RingwayLinuxAccept(listener, kSecond / 50, &transport, nullptr),
            IPCZ_RESULT_DEADLINE_EXCEEDED);
  std::thread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    RingwayLinuxStopListening(listener);
  });
  EXPECT_EQ(RingwayLinuxAccept(listener, UINT64_MAX, &transport, nullptr), IPCZ_RESULT_CANCELLED);
  stopper.join();
  EXPECT_EQ(RingwayLinuxAccept(listener, UINT64_MAX, &transport, nullptr), IPCZ_RESULT_CANCELLED);
  RingwayLinuxCloseListener(listener);
}

TEST_P(EndpointTest, ManyThreadsAcceptFromManyClients) {
  constexpr int kCount = 50;
  RingwayLinuxListener* listener;
  ASSERT_EQ(RingwayLinuxListen(name_.c_str(), &listener), IPCZ_RESULT_OK);
  std::atomic<int> accepted{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      IpczDriverHandle transport;
      while (RingwayLinuxAccept(listener, UINT64_MAX, &transport, nullptr) == IPCZ_RESULT_OK) {
        Close(transport);
        ++accepted;
      }
    });
  }
  for (int i = 0; i < kCount; ++i) {
    IpczDriverHandle transport;
    EXPECT_EQ(RingwayLinuxConnect(name_.c_str(), kSecond, &transport, nullptr), IPCZ_RESULT_OK);
    Close(transport);
  }
  EXPECT_TRUE(Eventually([&] { return accepted == kCount; }));
  RingwayLinuxStopListening(listener);
  for (std::thread& thread : threads) thread.join();
  RingwayLinuxCloseListener(listener);
}

TEST_P(EndpointTest, OnlyOneOfManyListens) {
  // Each time, the name is that of a listener that died, if names stay behind at all.
  for (int round = 0; round < 20; ++round) {
    EXPECT_EQ(RunInChild([&] {
                RingwayLinuxListener* dead;
                return RingwayLinuxListen(name_.c_str(), &dead);
              }),
              IPCZ_RESULT_OK);
    std::atomic<int> winners{0}, losers{0};
    std::vector<std::thread> threads;
    std::vector<RingwayLinuxListener*> listeners(4);
    for (RingwayLinuxListener*& listener : listeners) {
      threads.emplace_back([&] {
        const IpczResult result = RingwayLinuxListen(name_.c_str(), &listener);
        if (result == IPCZ_RESULT_OK) ++winners;
        if (result == IPCZ_RESULT_ALREADY_EXISTS) ++losers;
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(winners, 1);
    EXPECT_EQ(losers, 3);
    IpczDriverHandle transport;
    EXPECT_EQ(RingwayLinuxConnect(name_.c_str(), 0, &transport, nullptr), IPCZ_RESULT_OK);
    Close(transport);
    for (RingwayLinuxListener* listener : listeners) RingwayLinuxCloseListener(listener);
  }
}

TEST_P(EndpointTest, WorksAgainAfterDescriptorsRanOut) {
  EXPECT_EQ(RunInChild([&] {
              RingwayLinuxListener* listener;
              RingwayLinuxListener* second;
              IpczDriverHandle client, server;
              if (RingwayLinuxListen(name_.c_str(), &listener) != IPCZ_RESULT_OK) return 1;
              if (RingwayLinuxConnect(name_.c_str(), 0, &client, nullptr) != IPCZ_RESULT_OK)
                return 2;
              rlimit limit;
              getrlimit(RLIMIT_NOFILE, &limit);
              const int next = dup(0);
              close(next);
              const rlimit none = {static_cast<rlim_t>(next), limit.rlim_max};
              setrlimit(RLIMIT_NOFILE, &none);
              IpczDriverHandle other;
              if (RingwayLinuxAccept(listener, kSecond, &server, nullptr) !=
                      IPCZ_RESULT_RESOURCE_EXHAUSTED ||
                  RingwayLinuxConnect(name_.c_str(), 0, &other, nullptr) !=
                      IPCZ_RESULT_RESOURCE_EXHAUSTED ||
                  RingwayLinuxListen("@another", &second) != IPCZ_RESULT_RESOURCE_EXHAUSTED) {
                return 3;
              }
              setrlimit(RLIMIT_NOFILE, &limit);
              if (RingwayLinuxAccept(listener, kSecond, &server, nullptr) != IPCZ_RESULT_OK)
                return 4;
              RingwayLinuxCloseListener(listener);
              return 0;
            }),
            0);
}

INSTANTIATE_TEST_SUITE_P(Names, EndpointTest, ::testing::Bool());

class EndpointPathTest : public EndpointTest {};

TEST_P(EndpointPathTest, ReplacesAStaleSocket) {
  ASSERT_EQ(RunInChild([&] {
              RingwayLinuxListener* dead;
              return RingwayLinuxListen(name_.c_str(), &dead);
            }),
            IPCZ_RESULT_OK);
  EXPECT_EQ(access(name_.c_str(), F_OK), 0);
  IpczDriverHandle transport;
  EXPECT_EQ(RingwayLinuxConnect(name_.c_str(), 0, &transport, nullptr), IPCZ_RESULT_NOT_FOUND);
  RingwayLinuxListener* listener;
  ASSERT_EQ(RingwayLinuxListen(name_.c_str(), &listener), IPCZ_RESULT_OK);
  ASSERT_EQ(RingwayLinuxConnect(name_.c_str(), 0, &transport, nullptr), IPCZ_RESULT_OK);
  Close(transport);
  RingwayLinuxCloseListener(listener);
  EXPECT_NE(access(name_.c_str(), F_OK), 0);
}

TEST_P(EndpointPathTest, LeavesOtherFilesAlone) {
  const int fd = open(name_.c_str(), O_CREAT | O_CLOEXEC | O_RDWR, 0600);
  ASSERT_GE(fd, 0);
  close(fd);
  RingwayLinuxListener* listener;
  IpczDriverHandle transport;
  EXPECT_EQ(RingwayLinuxListen(name_.c_str(), &listener), IPCZ_RESULT_ALREADY_EXISTS);
  EXPECT_EQ(RingwayLinuxConnect(name_.c_str(), 0, &transport, nullptr), IPCZ_RESULT_NOT_FOUND);
  EXPECT_EQ(unlink(name_.c_str()), 0);
  // Nor does it remove the socket of somebody who took the name over.
  ASSERT_EQ(RingwayLinuxListen(name_.c_str(), &listener), IPCZ_RESULT_OK);
  ASSERT_EQ(unlink(name_.c_str()), 0);
  RingwayLinuxListener* successor;
  ASSERT_EQ(RingwayLinuxListen(name_.c_str(), &successor), IPCZ_RESULT_OK);
  RingwayLinuxCloseListener(listener);
  EXPECT_EQ(access(name_.c_str(), F_OK), 0);
  RingwayLinuxCloseListener(successor);
}

TEST_P(EndpointPathTest, RefusesNamesThatCannotBe) {
  RingwayLinuxListener* listener;
  IpczDriverHandle transport;
  const std::string long_path = folder_ + "/" + std::string(107 - folder_.size(), 'x');
  const std::string longest_path = long_path.substr(0, 107);
  const std::string long_abstract = "@" + std::string(107, 'x');
  for (const std::string& name : {std::string(), std::string("@"), long_path, long_abstract}) {
    EXPECT_EQ(RingwayLinuxListen(name.c_str(), &listener), IPCZ_RESULT_INVALID_ARGUMENT) << name;
    EXPECT_EQ(RingwayLinuxConnect(name.c_str(), 0, &transport, nullptr),
              IPCZ_RESULT_INVALID_ARGUMENT)
        << name;
  }
  EXPECT_EQ(RingwayLinuxListen(nullptr, &listener), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(RingwayLinuxListen((folder_ + "/no/socket").c_str(), &listener), IPCZ_RESULT_NOT_FOUND);
  RingwayLinuxCredentials old = {4, 0, 0, 0};
  EXPECT_EQ(RingwayLinuxConnect(name_.c_str(), 0, &transport, &old), IPCZ_RESULT_INVALID_ARGUMENT);
  for (const std::string& name : {longest_path, long_abstract.substr(0, 107)}) {
    ASSERT_EQ(RingwayLinuxListen(name.c_str(), &listener), IPCZ_RESULT_OK) << name;
    ASSERT_EQ(RingwayLinuxConnect(name.c_str(), 0, &transport, nullptr), IPCZ_RESULT_OK);
    Close(transport);
    RingwayLinuxCloseListener(listener);
  }
}

TEST_P(EndpointPathTest, WorksInAFolderWithALongPath) {
  // So long that even a short temporary name would not fit into a socket address.
  const std::string folder = folder_ + "/" + std::string(104 - folder_.size(), 'd');
  ASSERT_EQ(mkdir(folder.c_str(), 0700), 0);
  const std::string name = folder + "/s";
  ASSERT_EQ(name.size(), 107u);
  RingwayLinuxListener* listener;
  IpczDriverHandle transport;
  ASSERT_EQ(RingwayLinuxListen(name.c_str(), &listener), IPCZ_RESULT_OK);
  EXPECT_EQ(RingwayLinuxConnect(name.c_str(), 0, &transport, nullptr), IPCZ_RESULT_OK);
  Close(transport);
  RingwayLinuxCloseListener(listener);
  EXPECT_EQ(rmdir(folder.c_str()), 0);
}

INSTANTIATE_TEST_SUITE_P(Names, EndpointPathTest, ::testing::Values(false));

}  // namespace
}  // namespace ringway::driver::testing
