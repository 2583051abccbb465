// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "tests/support/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <utility>

#include "ringway/driver_linux.h"
#include "tests/support/back_end.h"
#include "tests/support/ipcz_test.h"

namespace ringway::testing {

namespace {

constexpr char kMark[] = "--ringway-child";
constexpr int kPageFd = 10;
constexpr int kTransportFd = 11;
constexpr int kExtraFd = 12;
constexpr int kWrongBackEnd = 99;  // a child's status

std::map<std::string, ChildBody>& Bodies() {
  static std::map<std::string, ChildBody> bodies;
  return bodies;
}

[[noreturn]] void Die(const char* what) {
  std::perror(what);
  std::abort();
}

SharedPage* MapPage(int fd) {
  void* page = mmap(nullptr, sizeof(SharedPage), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (page == MAP_FAILED) Die("mmap");
  return static_cast<SharedPage*>(page);
}

size_t CountEntries(const char* folder) {
  size_t count = 0;
  DIR* directory = opendir(folder);
  if (!directory) Die(folder);
  while (const dirent* entry = readdir(directory)) count += entry->d_name[0] != '.';
  closedir(directory);
  return count;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

ChildRegistration::ChildRegistration(const char* name, ChildBody body) { Bodies()[name] = body; }

Process::Process(const char* body, Options options) {
  // Above the places that the child gets, so that no place is taken before its turn.
  const int page_at = memfd_create("page-of-a-test", MFD_CLOEXEC);
  const int page_fd = fcntl(page_at, F_DUPFD_CLOEXEC, 64);
  close(page_at);
  if (page_fd < 0 || ftruncate(page_fd, sizeof(SharedPage)) != 0) Die("memfd");
  page_ = MapPage(page_fd);
  int transport_fd = -1;
  if (options.with_transport) {
    IpczDriverHandle theirs;
    if (RingwayLinuxCreateTransportPair(&transport_, &theirs) != IPCZ_RESULT_OK ||
        RingwayLinuxTransportToFd(theirs, &transport_fd) != IPCZ_RESULT_OK) {
      Die("transport");
    }
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const auto give = [&](int* fd, int at) {
    if (*fd < 0) return;
    const int moved = fcntl(*fd, F_DUPFD_CLOEXEC, 64);
    close(*fd);
    *fd = moved;
    posix_spawn_file_actions_adddup2(&actions, moved, at);
  };
  posix_spawn_file_actions_adddup2(&actions, page_fd, kPageFd);
  give(&transport_fd, kTransportFd);
  give(&options.fd, kExtraFd);

  std::vector<std::string> arguments = {"/proc/self/exe", kMark, body,
                                        transport_fd >= 0 ? "1" : "0", options.fd >= 0 ? "1" : "0"};
  arguments.insert(arguments.end(), options.arguments.begin(), options.arguments.end());
  std::vector<std::string> environment = std::move(options.environment);
  for (char** variable = environ; *variable; ++variable) environment.push_back(*variable);
  const int error = posix_spawn(&pid_, "/proc/self/exe", &actions, nullptr,
                                Pointers(arguments).data(), Pointers(environment).data());
  if (error != 0) Die("posix_spawn");
  posix_spawn_file_actions_destroy(&actions);
  close(page_fd);
  if (transport_fd >= 0) close(transport_fd);
  if (options.fd >= 0) close(options.fd);
}

Process::~Process() {
  if (!reaped_) {
    Signal(SIGKILL);
    Wait();
  }
  if (transport_ != IPCZ_INVALID_DRIVER_HANDLE) RingwayLinuxDriver()->Close(transport_, 0, nullptr);
  munmap(page_, sizeof(SharedPage));
}

IpczDriverHandle Process::TakeTransport() {
  return std::exchange(transport_, IPCZ_INVALID_DRIVER_HANDLE);
}

void Process::Signal(int signal) {
  if (!reaped_) kill(pid_, signal);
}

int Process::Wait(double seconds) {
  if (reaped_) return status_;
  int status = 0;
  const bool ended = Eventually([&] { return waitpid(pid_, &status, WNOHANG) == pid_; }, seconds);
  if (!ended) return -1;
  reaped_ = true;
  status_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return status_;
}

bool Process::ReachesPhase(uint32_t phase, double seconds) {
  return Eventually([&] { return page_->phase.load() >= phase; }, seconds);
}

int CountOf(const char* variable, int usually) {
  const char* told = std::getenv(variable);
  const char* divisor = std::getenv("RW_DIVIDE_COUNTS");
  return (told == nullptr ? usually : std::atoi(told)) / (divisor ? std::atoi(divisor) : 1);
}

void RunIfChild(int argc, char** argv) {
  if (argc < 5 || std::strcmp(argv[1], kMark) != 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const auto body = Bodies().find(argv[2]);
  if (body == Bodies().end()) Die("no such body");
  ChildContext context = {};
  context.page = MapPage(kPageFd);
  close(kPageFd);
  if (argv[3][0] == '1') {
    fcntl(kTransportFd, F_SETFD, FD_CLOEXEC);
    if (RingwayLinuxTransportFromFd(kTransportFd, &context.transport) != IPCZ_RESULT_OK) {
      Die("transport");
    }
  }
  context.fd = argv[4][0] == '1' ? kExtraFd : -1;
  if (context.fd >= 0) fcntl(kExtraFd, F_SETFD, FD_CLOEXEC);
  context.arguments.assign(argv + 5, argv + argc);
  int result = body->second(context);
  if (result == 0 && !IsOnExpectedBackEnd()) result = kWrongBackEnd;
  if (result == 0) AwaitClosed();
  std::exit(result);
}

Footprint MeasureFootprint() {
  Footprint footprint = {CountEntries("/proc/self/fd"), CountEntries("/proc/self/task"), 0};
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    footprint.memfd_mappings += line.find("/memfd:") != std::string::npos;
  }
  return footprint;
}

bool ReturnsTo(const Footprint& before) {
  return Eventually([&] {
    const Footprint now = MeasureFootprint();
    return now.descriptors <= before.descriptors && now.threads <= before.threads &&
           now.memfd_mappings <= before.memfd_mappings;
  });
}

std::string Describe(const Footprint& footprint) {
  return std::to_string(footprint.descriptors) + " descriptors, " +
         std::to_string(footprint.threads) + " threads, " +
         std::to_string(footprint.memfd_mappings) + " mappings";
}

}  // namespace ringway::testing
