// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/reactor.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "driver_linux/process.h"
#include "driver_linux/test_support.h"

// Part of UBSan, which opens a pipe to look at memory.
extern "C" __attribute__((weak)) void __ubsan_handle_type_mismatch_v1();

namespace ringway::driver::testing {
namespace {

rlim_t DescriptorsOfSanitizers() { return &__ubsan_handle_type_mismatch_v1 != nullptr ? 2 : 0; }

class Client final : public ReactorClient {
 public:
  void OnWork() override { on_work(); }
  void OnReady(uint32_t source, uint32_t events) override { on_ready(source, events); }

  std::function<void()> on_work = [] {};
  std::function<void(uint32_t, uint32_t)> on_ready = [](uint32_t, uint32_t) {};
};

class ReactorTest : public TransportFixture, public ::testing::WithParamInterface<BackEnd> {
 protected:
  ReactorTest() : TransportFixture(GetParam()) {}

  // Runs `work` on the reactor's thread, and then detaches its client.
  void Run(std::function<void()> work) {
    auto client = std::make_shared<Client>();
    std::atomic<bool> done{false};
    client->on_work = [&] {
      work();
      reactor_.Detach();
      done = true;
    };
    ASSERT_EQ(reactor_.Attach(client).number, 0);
    ASSERT_TRUE(Eventually([&] { return done.load(); }));
  }

  Reactor& reactor_ = CurrentProcess().reactor;
};

TEST_P(ReactorTest, StartsWithTheFirstClientAndEndsWithTheLast) {
  for (int round = 0; round < 20; ++round) {
    std::string name(16, '\0');
    Run([&] { pthread_getname_np(pthread_self(), name.data(), name.size()); });
    EXPECT_STREQ(name.c_str(), "ringway-io");
    EXPECT_EQ(Statistics().reactor_back_end,
              (GetParam() == BackEnd::kEpoll || GetParam() == BackEnd::kFutex)
                  ? RINGWAY_REACTOR_EPOLL
                  : RINGWAY_REACTOR_IO_URING);
  }
}

TEST_P(ReactorTest, WorkThatAClientPostsItselfIsDone) {
  auto client = std::make_shared<Client>();
  std::atomic<int> count{0};
  client->on_work = [&] {
    if (++count < 100) return reactor_.Post(client);
    reactor_.Detach();
  };
  ASSERT_EQ(reactor_.Attach(client).number, 0);
  EXPECT_TRUE(Eventually([&] { return count == 100; }));
  EXPECT_TRUE(Eventually([&] { return client.use_count() == 1; }));
}

TEST_P(ReactorTest, WorkFromManyThreadsIsDone) {
  auto client = std::make_shared<Client>();
  std::atomic<int> count{0};
  client->on_work = [&] {
    if (++count == 4001) reactor_.Detach();
  };
  ASSERT_EQ(reactor_.Attach(client).number, 0);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 1000; ++k) reactor_.Post(client);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(Eventually([&] { return count == 4001; }));
}

TEST_P(ReactorTest, WatchesUntilToldOtherwise) {
  int raw[2];
  ASSERT_EQ(pipe(raw), 0);
  const UniqueFd reader(raw[0]), writer(raw[1]);
  auto client = std::make_shared<Client>();
  std::atomic<int> count{0};
  uint64_t token = 0;
  client->on_work = [&] { token = reactor_.Watch(client, 7, reader.get(), POLLIN); };
  client->on_ready = [&](uint32_t source, uint32_t events) {
    EXPECT_EQ(source, 7u);
    EXPECT_EQ(events, uint32_t{POLLIN});
    if (++count < 3) return;
    reactor_.Unwatch(token);
    reactor_.Detach();
  };
  ASSERT_EQ(reactor_.Attach(client).number, 0);
  ASSERT_EQ(write(writer.get(), "x", 1), 1);
  EXPECT_TRUE(Eventually([&] { return count == 3; }));
}

TEST_P(ReactorTest, CallsInTime) {
  auto client = std::make_shared<Client>();
  std::atomic<bool> done{false};
  const auto start = Reactor::Clock::now();
  bool is_first = true;
  client->on_work = [&] {
    if (std::exchange(is_first, false)) {
      return reactor_.CallAt(start + std::chrono::milliseconds(30), client);
    }
    EXPECT_GE(Reactor::Clock::now() - start, std::chrono::milliseconds(30));
    reactor_.Detach();
    done = true;
  };
  ASSERT_EQ(reactor_.Attach(client).number, 0);
  EXPECT_TRUE(Eventually([&] { return done.load(); }));
}

TEST_P(ReactorTest, SaysWhyItCannotStartAndStartsLater) {
  EXPECT_EQ(RunInChild([] {
              Reactor& reactor = CurrentProcess().reactor;
              rlimit limit;
              getrlimit(RLIMIT_NOFILE, &limit);
              const rlimit none = {0, limit.rlim_max};
              setrlimit(RLIMIT_NOFILE, &none);
              auto client = std::make_shared<Client>();
              std::atomic<bool> done{false};
              client->on_work = [&] {
                reactor.Detach();
                done = true;
              };
              if (reactor.Attach(client).number != EMFILE) return 1;
              if (client.use_count() != 1) return 2;
              setrlimit(RLIMIT_NOFILE, &limit);
              if (reactor.Attach(client).number != 0) return 3;
              return Eventually([&] { return done.load(); }) ? 0 : 4;
            }),
            0);
}

INSTANTIATE_TEST_SUITE_P(BackEnds, ReactorTest, ::testing::ValuesIn(kBackEnds), NameOf);

// A transport between two threads of the child, before and after io_uring fails midway.
int LoseIoUringMidway(int error, bool without_descriptors) {
  Pair pair;
  if (pair.first.Activate() != IPCZ_RESULT_OK || pair.second.Activate() != IPCZ_RESULT_OK) return 1;
  Engine::Message message;
  if (pair.first.Send("before") != IPCZ_RESULT_OK) return 2;
  if (!pair.second.WaitForMessage(&message)) return 3;
  if (Statistics().reactor_back_end != RINGWAY_REACTOR_IO_URING) return 4;
  if (without_descriptors) {
    const int next = dup(0);
    const rlim_t limit_count = static_cast<rlim_t>(next) + DescriptorsOfSanitizers();
    const rlimit limit = {limit_count, limit_count};
    close(next);
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  RefuseSystemCalls({SYS_io_uring_enter, SYS_io_uring_setup}, error);
  for (int i = 0; i < 100; ++i) {
    const std::string text = std::to_string(i);
    if (pair.first.Send(text) != IPCZ_RESULT_OK) return 5;
    if (!pair.second.WaitForMessage(&message) || message.data != text) return 6;
  }
  // It learns of that when it next sleeps.
  if (!Eventually([] { return Statistics().reactor_back_end == RINGWAY_REACTOR_EPOLL; })) return 7;
  Close(pair.first.Release());
  return pair.second.WaitForError() ? 0 : 8;
}

TEST(ReactorDowngradeTest, GoesOnWithEpollWhenIoUringIsTakenAwayMidway) {
  for (const int error : {EPERM, ENOSYS}) {
    EXPECT_EQ(RunInChild([error] { return LoseIoUringMidway(error, false); }), 0);
  }
}

TEST(ReactorDowngradeTest, HasADescriptorSparedForThat) {
  EXPECT_EQ(RunInChild([] { return LoseIoUringMidway(EPERM, true); }), 0);
}

TEST(ReactorDowngradeTest, BeginsWithEpollWhereIoUringIsRefused) {
  for (const int error : {EPERM, ENOSYS}) {
    EXPECT_EQ(RunInChild([error] {
                RefuseSystemCalls({SYS_io_uring_setup}, error);
                Pair pair;
                if (pair.first.Activate() != IPCZ_RESULT_OK) return 1;
                if (pair.second.Activate() != IPCZ_RESULT_OK) return 2;
                if (pair.first.Send("x") != IPCZ_RESULT_OK) return 3;
                Engine::Message message;
                if (!pair.second.WaitForMessage(&message)) return 4;
                return Statistics().reactor_back_end == RINGWAY_REACTOR_EPOLL ? 0 : 5;
              }),
              0);
  }
}

}  // namespace
}  // namespace ringway::driver::testing
