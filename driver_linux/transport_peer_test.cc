// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

// Transports between processes, and when the kernel runs out of something.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "driver_linux/test_support.h"
#include "shm/unique_fd.h"

namespace ringway::driver::testing {
namespace {

using std::chrono::milliseconds;

class TransportPeerTest : public TransportFixture, public ::testing::WithParamInterface<BackEnd> {
 protected:
  TransportPeerTest() : TransportFixture(GetParam()) {}
};

// The peer is a process of its own, which started with one descriptor and nothing else.
class PeerProcess {
 public:
  // `body` runs in the child with the activated engine.
  explicit PeerProcess(Engine* near, const std::function<int(Engine*)>& body) {
    IpczDriverHandle transports[2];
    EXPECT_EQ(RingwayLinuxCreateTransportPair(&transports[0], &transports[1]), IPCZ_RESULT_OK);
    near->set_transport(transports[0]);
    int fd;
    EXPECT_EQ(RingwayLinuxTransportToFd(transports[1], &fd), IPCZ_RESULT_OK);
    pid_ = fork();
    if (pid_ == 0) {
      // As a launcher does before exec.
      dup2(fd, 3);
      close_range(4, ~0u, 0);
      IpczDriverHandle transport;
      if (RingwayLinuxTransportFromFd(3, &transport) != IPCZ_RESULT_OK) _exit(100);
      auto* engine = new Engine(transport);
      if (engine->Activate() != IPCZ_RESULT_OK) _exit(101);
      _exit(body(engine));
    }
    close(fd);
  }
  ~PeerProcess() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

  void Kill() { kill(pid_, SIGKILL); }
  void Continue() { kill(pid_, SIGCONT); }

 private:
  pid_t pid_;
};

TEST_P(TransportPeerTest, AChildWithOneDescriptorComesUp) {
  Engine near;
  PeerProcess peer(&near, [](Engine* engine) {
    Engine::Message message;
    while (engine->WaitForMessage(&message)) engine->Send(message.data, message.handles);
    return 0;
  });
  ASSERT_EQ(near.Activate(), IPCZ_RESULT_OK);
  ASSERT_EQ(near.Send("ping", {MakeFileWith("file")}), IPCZ_RESULT_OK);
  Engine::Message message;
  ASSERT_TRUE(near.WaitForMessage(&message));
  EXPECT_EQ(message.data, "ping");
  ASSERT_EQ(message.handles.size(), 1u);
  EXPECT_EQ(ReadFile(message.handles[0]), "file");
}

TEST_P(TransportPeerTest, AKilledPeerIsNoticedAtOnceAndAfterItsLastWords) {
  Engine near;
  PeerProcess peer(&near, [](Engine* engine) {
    for (int i = 0; i < 100; ++i) engine->Send(std::to_string(i));
    pause();
    return 0;
  });
  // Nothing is read before the peer is dead.
  std::this_thread::sleep_for(milliseconds(200));
  peer.Kill();
  ASSERT_EQ(near.Activate(), IPCZ_RESULT_OK);
  EXPECT_TRUE(near.WaitForError());
  for (int i = 0; i < 100; ++i) ASSERT_EQ(NextData(&near), std::to_string(i));
}

TEST_P(TransportPeerTest, AKilledPeerIsNoticedAlthoughItsChildHoldsTheSocket) {
  Engine near;
  int raw[2];
  ASSERT_EQ(pipe(raw), 0);
  {
    PeerProcess peer(&near, [](Engine* engine) {
      const pid_t child = fork();
      if (child == 0) {
        // Keeps the socket for as long as the test could possibly take.
        close_range(0, 2, 0);
        sleep(8);
        _exit(0);
      }
      engine->Send("forked");
      pause();
      return 0;
    });
    ASSERT_EQ(near.Activate(), IPCZ_RESULT_OK);
    EXPECT_EQ(NextData(&near), "forked");
    const auto start = std::chrono::steady_clock::now();
    peer.Kill();
    EXPECT_TRUE(near.WaitForError());
    const auto taken = std::chrono::steady_clock::now() - start;
    RecordProperty(
        "noticed_after_us",
        static_cast<int>(std::chrono::duration_cast<std::chrono::microseconds>(taken).count()));
  }
  close(raw[0]);
  close(raw[1]);
}

TEST_P(TransportPeerTest, WaitsPatientlyForAStoppedPeer) {
  Engine near;
  PeerProcess peer(&near, [](Engine* engine) {
    engine->Send("stopping");
    raise(SIGSTOP);
    Engine::Message message;
    engine->WaitForMessage(&message);
    engine->Send(std::to_string(message.data.size()));
    pause();
    return 0;
  });
  ASSERT_EQ(near.Activate(), IPCZ_RESULT_OK);
  EXPECT_EQ(NextData(&near), "stopping");
  ASSERT_EQ(near.Send(std::string(1 << 20, 'x')), IPCZ_RESULT_OK);
  EXPECT_FALSE(near.WaitForError(milliseconds(300)));
  peer.Continue();
  EXPECT_EQ(NextData(&near), std::to_string(1 << 20));
}

TEST_P(TransportPeerTest, LosingDescriptorsEndsTheLinkAndNothingElse) {
  EXPECT_EQ(RunInChild([] {
              Pair pair, other;
              if (pair.first.Activate() != IPCZ_RESULT_OK) return 1;
              if (pair.second.Activate() != IPCZ_RESULT_OK) return 2;
              if (other.first.Activate() != IPCZ_RESULT_OK) return 3;
              if (other.second.Activate() != IPCZ_RESULT_OK) return 4;
              std::vector<IpczDriverHandle> files;
              for (int i = 0; i < 10; ++i) files.push_back(MakeFile());
              // From here on five descriptors more are possible.
              const int next = dup(0);
              close(next);
              const rlimit limit = {static_cast<rlim_t>(next + 5), static_cast<rlim_t>(next + 5)};
              setrlimit(RLIMIT_NOFILE, &limit);
              const size_t before = MeasureFootprint().descriptors;
              std::vector<UniqueFd> kept;
              for (int i = 0; i < 3; ++i) kept.emplace_back(dup(0));
              // The message's own ten are closed once they are on their way, so hold the transport
              // up.
              std::vector<IpczDriverHandle> batch(files);
              std::atomic<bool> go{false};
              other.second.set_on_message([&](const Engine::Message&) {
                while (!go) std::this_thread::yield();
                return IPCZ_RESULT_OK;
              });
              if (other.first.Send("hold") != IPCZ_RESULT_OK) return 5;
              if (pair.first.Send("ten", batch) != IPCZ_RESULT_OK) return 6;
              std::vector<UniqueFd> fill;
              for (int fd = dup(0); fd >= 0; fd = dup(0)) fill.emplace_back(fd);
              fill.resize(fill.size() - 4);
              go = true;
              if (!pair.second.WaitForError()) return 7;
              Engine::Message message;
              if (pair.second.WaitForMessage(&message, std::chrono::seconds(0))) return 8;
              if (!other.second.WaitForMessage(&message)) return 9;
              if (other.first.Send("alive") != IPCZ_RESULT_OK) return 10;
              if (!other.second.WaitForMessage(&message)) return 11;
              fill.clear();
              kept.clear();
              return MeasureFootprint().descriptors <= before ? 0 : 12;
            }),
            0);
}

TEST_P(TransportPeerTest, TooManyDescriptorsInFlightOnlyTakeLonger) {
  EXPECT_EQ(RunInChild([] {
              const rlimit limit = {100, 100};
              setrlimit(RLIMIT_NOFILE, &limit);
              BecomeNobody();
              Pair pair;
              std::atomic<int> received{0};
              pair.second.set_on_message([&](const Engine::Message& message) {
                for (const IpczDriverHandle handle : message.handles) {
                  if (Close(handle) == IPCZ_RESULT_OK) ++received;
                }
                return IPCZ_RESULT_OK;
              });
              if (pair.first.Activate() != IPCZ_RESULT_OK) return 2;
              for (int i = 0; i < 8; ++i) {
                std::vector<IpczDriverHandle> files;
                for (int k = 0; k < 20; ++k) files.push_back(MakeFile());
                if (pair.first.Send("x", files) != IPCZ_RESULT_OK) return 3;
              }
              if (pair.second.Activate() != IPCZ_RESULT_OK) return 4;
              return Eventually([&] { return received == 160; }) ? 0 : 5;
            }),
            0);
}

INSTANTIATE_TEST_SUITE_P(BackEnds, TransportPeerTest, ::testing::ValuesIn(kBackEnds), NameOf);

}  // namespace
}  // namespace ringway::driver::testing
