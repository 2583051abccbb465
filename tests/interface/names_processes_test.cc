// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Names among processes that are killed (rows D3 and D10 of docs/interfaces.md).

#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "ringway/facade.h"
#include "ringway/inbox.h"
#include "ringway/messenger.h"
#include "tests/interface/calc.h"
#include "tests/interface/names_host.h"
#include "tests/support/ipcz_test.h"

namespace ringway::testing {
namespace {

constexpr uint64_t kSecondNs = 1'000'000'000;
constexpr uint32_t kLimit = 10;
constexpr size_t kProcesses = 200;
constexpr size_t kClientsEach = 5;
constexpr size_t kKills = RW_NAMES_KILLS;

// Indices of a page's values.
constexpr size_t kNow = 0;   // connections the server has
constexpr size_t kMost = 1;  // that it ever had
constexpr size_t kRefused = 2;
constexpr size_t kWrong = 3;

enum Phase : uint32_t { kStarted = 1, kReady };

void Pause(int milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

// Counts the connections as long as the server has them.
bool CountConnection(SharedPage& page, Admission& admission) {
  const uint64_t now = ++page.value[kNow];
  if (now > page.value[kMost]) page.value[kMost] = now;
  admission.lease = std::shared_ptr<void>(
      nullptr, [&page, counted = admission.lease](void*) { --page.value[kNow]; });
  return true;
}

RW_CHILD(LimitedServer) {
  Node node = MakeNode();
  const Names names = JoinOrDie(node, child.transport);
  Loop loop(node);
  CalcServer calc;
  Registered registered;
  SharedPage& page = *child.page;
  const auto admit = [&](Admission& admission) { return CountConnection(page, admission); };
  if (names.Register(loop, calc, {.name = "calc", .limit = kLimit, .admit = admit}, &registered) !=
      RW_EOK) {
    return 1;
  }
  page.phase = kReady;
  while (page.stop == 0) loop.RunOnce(Deadline::In(kSecondNs / 20));
  return 0;
}

// Several clients, each of which connects, calls, and leaves at some time.
RW_CHILD(Clients) {
  Node node = MakeNode();
  const Names names = JoinOrDie(node, child.transport);
  std::vector<Cap<Calc>> clients(kClientsEach);
  std::mt19937 random(static_cast<uint32_t>(child.number(0)));
  SharedPage& page = *child.page;
  page.phase = kReady;
  while (page.stop == 0) {
    for (Cap<Calc>& client : clients) {
      if (client) {
        if (random() % 2 == 0) client = Cap<Calc>();
        continue;
      }
      const int64_t status = names.TryConnect("calc", &client);
      if (status == -RW_EUSERS) ++page.value[kRefused];
      if (status != RW_EOK && status != -RW_EUSERS) ++page.value[kWrong];
      int sum = 0;
      if (!client) continue;
      if (client.Call<Calc::Add>(1, 2, sum) > 0 && sum == 3) {
        ++page.got;
      } else {
        ++page.value[kWrong];
      }
    }
    Pause(static_cast<int>(random() % 1000));
  }
  return 0;
}

class NamesProcessesTest : public ::testing::Test {
 protected:
  // The host has several descriptors for each process.
  static void SetUpTestSuite() {
    rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) std::abort();
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  std::unique_ptr<Process> StartClients(size_t seed) {
    return host_.Start("Clients", {std::to_string(seed)});
  }
  void Count(Process& process) {
    connected_ += process.page().got;
    refused_ += process.page().value[kRefused];
    wrong_ += process.page().value[kWrong];
  }

  NamesHost host_;
  uint64_t connected_ = 0;
  uint64_t refused_ = 0;
  uint64_t wrong_ = 0;
};

TEST_F(NamesProcessesTest, AThousandClientsOfWhomSomeAreKilledNeverExceedTheLimit) {
  const auto server = host_.Start("LimitedServer");
  ASSERT_TRUE(server->ReachesPhase(kReady));
  std::vector<std::unique_ptr<Process>> processes;
  size_t seed = 0;
  while (processes.size() < kProcesses) processes.push_back(StartClients(++seed));
  for (const auto& process : processes) ASSERT_TRUE(process->ReachesPhase(kReady, 120));
  std::mt19937 random(1);
  for (size_t i = 0; i < kKills; ++i) {
    std::unique_ptr<Process>& victim = processes[random() % processes.size()];
    victim->Signal(SIGKILL);
    victim->Wait();
    Count(*victim);
    victim = StartClients(++seed);
    Pause(5);
    ASSERT_LE(server->page().value[kMost], kLimit);
  }
  // The slots have gone round several times, and those that came last have had their turn.
  EXPECT_TRUE(Eventually(
      [&] {
        uint64_t connected = connected_;
        for (const auto& process : processes) connected += process->page().got;
        return connected >= 5 * kLimit && processes.back()->page().value[kRefused] > 0;
      },
      120));
  for (const auto& process : processes) process->page().stop = 1;
  for (const auto& process : processes) {
    EXPECT_EQ(process->Wait(120), 0);
    Count(*process);
  }
  EXPECT_EQ(server->page().value[kMost], kLimit);
  EXPECT_GT(refused_, kProcesses);
  EXPECT_EQ(wrong_, 0u);
  // Neither those that left nor those that died still count.
  EXPECT_TRUE(Eventually([&] { return server->page().value[kNow] == 0; }));
  Node node = MakeNode();
  const Names names = host_.Join(node, 1);
  std::vector<Cap<Calc>> all(kLimit + 1);
  for (size_t i = 0; i < kLimit; ++i) {
    EXPECT_TRUE(Eventually([&] { return names.TryConnect("calc", &all[i]) == RW_EOK; }));
  }
  EXPECT_EQ(names.TryConnect("calc", &all[kLimit]), -RW_EUSERS);
  server->page().stop = 1;
  EXPECT_EQ(server->Wait(), 0);
}

// Receives and does not answer.
RW_CHILD(SilentServer) {
  Node node = MakeNode();
  const Names names = JoinOrDie(node, child.transport);
  Inbox inbox(node);
  Registered registered;
  if (inbox.Register(names, {.name = "silent", .limit = 1}, &registered) != RW_EOK) return 1;
  child.page->phase = kReady;
  std::vector<Envelope> held;
  for (Envelope message; inbox.Receive(&message) == RW_EOK; ++child.page->got) {
    held.push_back(std::move(message));
  }
  return 0;
}

TEST_F(NamesProcessesTest, AKilledServerIsAnErrorForItsCallersAndItsNameIsFree) {
  auto server = host_.Start("SilentServer");
  ASSERT_TRUE(server->ReachesPhase(kReady));
  Node node = MakeNode();
  const Names names = host_.Join(node, 1);
  Portal portal;
  ASSERT_EQ(names.ConnectPortal("silent", &portal), RW_EOK);
  const Messenger client(std::move(portal));
  std::vector<std::byte> bytes(100'000, std::byte{1});
  std::span<std::byte> span = bytes;
  int64_t asked = 0;
  int64_t lent = 0;
  std::thread asks([&] { asked = client.Ask(1, {}).status; });
  std::thread lends([&] { lent = client.LendMutable(1, span); });
  ASSERT_TRUE(Eventually([&] { return server->page().got == 2; }));
  const auto start = std::chrono::steady_clock::now();
  server->Signal(SIGKILL);
  asks.join();
  lends.join();
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  EXPECT_EQ(asked, -RW_ECONNRESET);
  EXPECT_EQ(lent, -RW_ECONNRESET);
  EXPECT_EQ(span.size(), 100'000u);  // it is ours again, as it was
  EXPECT_EQ(client.SendScalar(1, {}), -RW_ECONNRESET);
  // Its slot and its name went with it. Who waits, waits for the next one.
  std::thread waits([&] {
    int64_t status = -RW_EUSERS;  // until the host has noticed
    while (status == -RW_EUSERS) {
      status = names.ConnectPortal("silent", &portal, Deadline::In(60 * kSecondNs));
    }
    EXPECT_EQ(status, RW_EOK);
  });
  EXPECT_TRUE(Eventually([&] {
    server = host_.Start("SilentServer");
    return Eventually([&] { return server->page().phase == kReady || server->Wait(0) >= 0; }) &&
           server->page().phase == kReady;
  }));
  waits.join();
  EXPECT_EQ(Messenger(std::move(portal)).SendScalar(1, {}), RW_EOK);
}

// Says who called, and through whom; holds what was lent.
RW_CHILD(PrivateServer) {
  Node node = MakeNode();
  const Names names = JoinOrDie(node, child.transport);
  Inbox inbox(node);
  Registered registered;
  const auto admit = [](Admission& admission) { return admission.may_forward = true; };
  if (inbox.Register(names, {.name = "private", .limit = 1, .admit = admit}, &registered) !=
      RW_EOK) {
    return 1;
  }
  std::vector<Envelope> held;
  for (Envelope message; inbox.Receive(&message) == RW_EOK; ++child.page->got) {
    const CallChain& caller = message.caller();
    if (message.kind() == kKindLendMut) {
      held.push_back(std::move(message));
    } else if (caller.forwarders().size() == 1) {
      message.ReturnWords({{static_cast<uint64_t>(caller.origin().pid),
                            static_cast<uint64_t>(caller.forwarders()[0].pid)}});
    }
  }
  return 0;
}

TEST_F(NamesProcessesTest, AMessageThatWasForwardedToAKilledServerIsAnError) {
  const auto server = host_.Start("PrivateServer");
  Joined front(host_, 1111);
  Joined back(host_, 2222);
  Portal portal;
  ASSERT_EQ(front.names.ConnectPortal("private", &portal, Deadline::In(60 * kSecondNs)), RW_EOK);
  Facade facade;
  facade.Allow({kMessagesId, 1}, Target(std::move(portal)), {kMessagesId, 9});
  Registered registered;
  ASSERT_EQ(front.names.Register(front.loop, facade, {.name = "public"}, &registered), RW_EOK);
  ASSERT_EQ(back.names.ConnectPortal("public", &portal), RW_EOK);
  const Messenger client(std::move(portal));
  const Messenger::Answer answer = client.Ask(1, {});
  ASSERT_EQ(answer.num_words, 2u);
  EXPECT_EQ(answer.words[0], 2222u);
  EXPECT_EQ(answer.words[1], 1111u);
  std::vector<std::byte> bytes(100'000);
  std::span<std::byte> span = bytes;
  int64_t lent = 0;
  std::thread lends([&] { lent = client.LendMutable(1, span); });
  EXPECT_TRUE(Eventually([&] { return server->page().got == 2; }));
  server->Signal(SIGKILL);
  lends.join();
  EXPECT_EQ(lent, -RW_ECONNRESET);
  EXPECT_TRUE(Eventually([&] { return client.Ask(1, {}).status == -RW_ECONNRESET; }));
  EXPECT_EQ(client.Ask(2, {}).status, -RW_ENOSYS);
  front.Stop();
}

TEST_F(NamesProcessesTest, AStoppedServerIsConnectedToAndCallsEndAtTheirDeadline) {
  const auto server = host_.Start("SilentServer");
  ASSERT_TRUE(server->ReachesPhase(kReady));
  server->Signal(SIGSTOP);
  Node node = MakeNode();
  const Names names = host_.Join(node, 1);
  Portal portal;
  ASSERT_EQ(names.ConnectPortal("silent", &portal), RW_EOK);
  const Messenger client(std::move(portal));
  EXPECT_EQ(client.Ask(1, {}, Deadline::In(kSecondNs / 20)).status, -RW_ETIMEDOUT);
  server->Signal(SIGCONT);
  EXPECT_TRUE(Eventually([&] { return server->page().got == 1; }));
}

// The command as the host.
class NamesCommandTest : public ::testing::Test {
 protected:
  NamesCommandTest() {
    std::string path = "engine/cmd/ringway";
    std::string action = "names";
    char* arguments[] = {path.data(), action.data(), socket_.data(), nullptr};
    if (posix_spawn(&pid_, path.c_str(), nullptr, nullptr, arguments, environ) != 0) std::abort();
  }
  ~NamesCommandTest() override {
    Kill();
    unlink(socket_.c_str());
    rmdir(folder_.c_str());
  }
  void Kill() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  static std::string MakeFolder() {
    std::string folder = "/tmp/ringway-names-test-XXXXXX";
    if (!mkdtemp(folder.data())) std::abort();
    return folder;
  }

  // Several tests may run at once, each with the same process numbers.
  const std::string folder_ = MakeFolder();
  std::string socket_ = folder_ + "/names";
  pid_t pid_ = -1;
};

Names JoinCommand(Node& node, const std::string& socket) {
  IpczDriverHandle transport;
  if (RingwayLinuxConnect(socket.c_str(), 60 * kSecondNs, &transport, nullptr) != IPCZ_RESULT_OK) {
    std::abort();
  }
  return JoinOrDie(node, transport);
}

RW_CHILD(CommandsServer) {
  Node node = MakeNode();
  const Names names = JoinCommand(node, child.arguments.at(0));
  Loop loop(node);
  CalcServer calc;
  Registered registered;
  const auto admit = [&](Admission& admission) {
    child.page->got = static_cast<uint64_t>(admission.identity.pid);
    return true;
  };
  if (names.Register(loop, calc, {.name = "calc", .admit = admit}, &registered) != RW_EOK) return 1;
  while (child.page->stop == 0) loop.RunOnce(Deadline::In(kSecondNs / 20));
  return 0;
}

TEST_F(NamesCommandTest, HostsNamesAndConnectionsOutliveIt) {
  Process::Options options;
  options.arguments = {socket_};
  options.with_transport = false;
  Process server("CommandsServer", options);
  Node node = MakeNode();
  const Names names = JoinCommand(node, socket_);
  Cap<Calc> calc;
  Identity who = {};
  ASSERT_EQ(names.Connect("calc", &calc, Deadline::In(60 * kSecondNs), &who), RW_EOK);
  EXPECT_EQ(who.pid, server.pid());
  EXPECT_EQ(who.uid, getuid());
  int sum = 0;
  ASSERT_EQ(calc.Call<Calc::Add>(1, 2, sum), 1);
  EXPECT_EQ(server.page().got, static_cast<uint64_t>(getpid()));
  // Until the two are linked to each other.
  EXPECT_TRUE(Eventually([&] {
    RingwayPortalCounters counters = {};
    counters.size = sizeof(counters);
    Extensions().QueryPortalCounters(calc.target().remote()->portal(), &counters);
    return calc.Call<Calc::Add>(1, 2, sum) > 0 && counters.route == RINGWAY_ROUTE_DIRECT;
  }));
  Kill();
  for (int i = 0; i < 100; ++i) ASSERT_GT(calc.Call<Calc::Add>(1, 2, sum), 0);
  EXPECT_TRUE(Eventually([&] { return names.TryConnect("calc", &calc) == -RW_ECONNRESET; }));
  server.page().stop = 1;
  EXPECT_EQ(server.Wait(), 0);
}

}  // namespace
}  // namespace ringway::testing
