// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Transports: sending, receiving, activating, ending.

#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <thread>

#include "tests/driver/conformance.h"

namespace ringway::testing {
namespace {

constexpr char kChildMark[] = "--child-core";
constexpr int kChildDescriptor = 3;

[[noreturn]] void AnswerAsChild() {
  auto* core = new Core(TestedDriver().from_descriptor(kChildDescriptor));
  core->set_on_parcel(
      [core](const Core::Parcel& parcel) { return core->Send("re: " + parcel.data); });
  if (core->Activate() != IPCZ_RESULT_OK) _exit(1);
  _exit(core->WaitForError() ? 0 : 2);
}

TEST(TransportConformance, MessagesBeforeActivationArriveFirst) {
  CorePair pair;
  for (int i = 0; i < 50; ++i) ASSERT_EQ(pair.first.Send(std::to_string(i)), IPCZ_RESULT_OK);
  pair.Activate();
  for (int i = 50; i < 100; ++i) ASSERT_EQ(pair.first.Send(std::to_string(i)), IPCZ_RESULT_OK);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(pair.second.NextData(), std::to_string(i));
}

TEST(TransportConformance, EveryThreadsMessagesKeepTheirOrder) {
  CorePair pair;
  pair.Activate();
  constexpr int kThreads = 4;
  constexpr int kMessages = 3000;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kMessages; ++i) {
        EXPECT_EQ(
            pair.first.Send(std::string(1, static_cast<char>('a' + thread)) + std::to_string(i)),
            IPCZ_RESULT_OK);
      }
    });
  }
  int next[kThreads] = {};
  for (int i = 0; i < kThreads * kMessages; ++i) {
    const std::string data = pair.second.NextData();
    ASSERT_FALSE(data.empty());
    ASSERT_EQ(data.substr(1), std::to_string(next[data[0] - 'a']++));
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(TransportConformance, DataIsCopiedBeforeTransmitReturns) {
  CorePair pair;
  pair.Activate();
  std::string data(100, 'x');
  for (int i = 0; i < 200; ++i) {
    data.assign(100, static_cast<char>('a' + i % 26));
    ASSERT_EQ(pair.first.Send(data), IPCZ_RESULT_OK);
    data.assign(100, '!');
  }
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(pair.second.NextData(), std::string(100, static_cast<char>('a' + i % 26)));
  }
}

TEST(TransportConformance, EmptyMessagesArrive) {
  CorePair pair;
  pair.Activate();
  for (int i = 0; i < 40; ++i) ASSERT_EQ(pair.first.Send(""), IPCZ_RESULT_OK);
  ASSERT_EQ(pair.first.Send("end"), IPCZ_RESULT_OK);
  for (int i = 0; i < 40; ++i) EXPECT_EQ(pair.second.NextData(), "");
  EXPECT_EQ(pair.second.NextData(), "end");
}

TEST(TransportConformance, LargeMessagesBothWaysAtOnceAreExact) {
  CorePair pair;
  pair.Activate();
  constexpr size_t kBytes = size_t{2} << 20;
  constexpr int kMessages = 4;
  std::thread other([&] {
    for (int i = 0; i < kMessages; ++i) {
      EXPECT_EQ(pair.second.Send(BytesOf(kBytes + i, 100 + i)), IPCZ_RESULT_OK);
    }
  });
  for (int i = 0; i < kMessages; ++i) {
    EXPECT_EQ(pair.first.Send(BytesOf(kBytes + i, i)), IPCZ_RESULT_OK);
  }
  other.join();
  for (int i = 0; i < kMessages; ++i) {
    EXPECT_TRUE(pair.second.NextData() == BytesOf(kBytes + i, i)) << i;
    EXPECT_TRUE(pair.first.NextData() == BytesOf(kBytes + i, 100 + i)) << i;
  }
}

TEST(TransportConformance, HandlersMayTransmit) {
  CorePair pair;
  pair.second.set_on_parcel(
      [&](const Core::Parcel& parcel) { return pair.second.Send("re: " + parcel.data); });
  pair.Activate();
  for (int i = 0; i < 100; ++i) ASSERT_EQ(pair.first.Send(std::to_string(i)), IPCZ_RESULT_OK);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(pair.first.NextData(), "re: " + std::to_string(i));
}

TEST(TransportConformance, TheCoresHandleMayBeNull) {
  CorePair pair;
  ASSERT_EQ(pair.second.Activate(true), IPCZ_RESULT_OK);
  ASSERT_EQ(pair.first.Activate(), IPCZ_RESULT_OK);
  ASSERT_EQ(pair.first.Send("to nobody"), IPCZ_RESULT_OK);
  EXPECT_EQ(pair.second.NextData(), "to nobody");
}

TEST(TransportConformance, ARefusedMessageIsAnErrorAndTheLast) {
  CorePair pair;
  pair.second.set_on_parcel([](const Core::Parcel& parcel) {
    if (parcel.data == "unknown") return IPCZ_RESULT_UNIMPLEMENTED;
    return parcel.data == "bad" ? IPCZ_RESULT_INVALID_ARGUMENT : IPCZ_RESULT_OK;
  });
  pair.Activate();
  for (const char* data : {"good", "unknown", "bad", "never"}) pair.first.Send(data);
  EXPECT_TRUE(pair.second.WaitForError());
  for (const char* data : {"good", "unknown", "bad"}) EXPECT_EQ(pair.second.NextData(), data);
  pair.second.Deactivate();
  EXPECT_TRUE(pair.second.WaitForDeactivated());
  EXPECT_EQ(pair.second.errors(), 1u);
}

TEST(TransportConformance, CloseMayComeInsideTheLastCall) {
  for (int round = 0; round < 20; ++round) {
    CorePair pair;
    const IpczDriverHandle transport = pair.first.transport();
    pair.first.set_on_deactivated([&] {
      EXPECT_EQ(TestedDriver().driver->Close(pair.first.Release(), 0, nullptr), IPCZ_RESULT_OK);
    });
    pair.Activate();
    EXPECT_EQ(TestedDriver().driver->DeactivateTransport(transport, 0, nullptr), IPCZ_RESULT_OK);
    EXPECT_TRUE(pair.first.WaitForDeactivated());
    EXPECT_TRUE(pair.second.WaitForError());
    // Its core must not deactivate it again.
    EXPECT_EQ(pair.first.deactivations(), 1u);
    EXPECT_EQ(pair.first.transport(), IPCZ_INVALID_DRIVER_HANDLE);
  }
}

TEST(TransportConformance, DeactivateMayComeFromTheHandler) {
  CorePair pair;
  pair.second.set_on_parcel([&](const Core::Parcel&) { return pair.second.Deactivate(); });
  pair.Activate();
  ASSERT_EQ(pair.first.Send("stop"), IPCZ_RESULT_OK);
  EXPECT_TRUE(pair.second.WaitForDeactivated());
  EXPECT_EQ(pair.second.errors(), 0u);
}

TEST(TransportConformance, ClosingTellsThePeerAfterAllThatWasSent) {
  for (const bool is_active : {true, false}) {
    CorePair pair;
    ASSERT_EQ(pair.second.Activate(), IPCZ_RESULT_OK);
    if (is_active) {
      ASSERT_EQ(pair.first.Activate(), IPCZ_RESULT_OK);
    }
    for (int i = 0; i < 100; ++i) ASSERT_EQ(pair.first.Send(std::to_string(i)), IPCZ_RESULT_OK);
    pair.first.Close();
    EXPECT_TRUE(pair.second.WaitForError());
    for (int i = 0; i < 100; ++i) EXPECT_EQ(pair.second.NextData(), std::to_string(i));
  }
}

// As a launcher does: a fork of a process with threads, all descriptors closed but one, and exec.
void ExpectAChildComesUp(bool executes) {
  const DriverUnderTest& tested = TestedDriver();
  if (!tested.to_descriptor) return;  // such a driver has no other processes
  CorePair pair;
  // What was transmitted goes along.
  ASSERT_EQ(pair.second.Send("from before"), IPCZ_RESULT_OK);
  const int fd = tested.to_descriptor(pair.second.Release());
  ASSERT_GE(fd, 0);
  const pid_t child = fork();
  if (child == 0) {
    dup2(fd, kChildDescriptor);
    close_range(kChildDescriptor + 1, ~0u, 0);
    if (executes) {
      execl("/proc/self/exe", "child", kChildMark, nullptr);
      _exit(3);
    }
    AnswerAsChild();
  }
  close(fd);
  ASSERT_EQ(pair.first.Activate(), IPCZ_RESULT_OK);
  EXPECT_EQ(pair.first.NextData(), "from before");
  for (int i = 0; i < 500; ++i) {
    ASSERT_EQ(pair.first.Send(std::to_string(i)), IPCZ_RESULT_OK);
    ASSERT_EQ(pair.first.NextData(), "re: " + std::to_string(i));
  }
  pair.first.Close();
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST(TransportConformance, OneDescriptorBringsATransportUpInAForkedChild) {
  ExpectAChildComesUp(false);
}

TEST(TransportConformance, OneDescriptorBringsATransportUpAfterExec) { ExpectAChildComesUp(true); }

}  // namespace

void RunIfChildCore(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], kChildMark) == 0) AnswerAsChild();
}

}  // namespace ringway::testing
