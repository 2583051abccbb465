// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/harness/roles.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <utility>

#include "bench/harness/clock.h"
#include "bench/harness/cpu.h"
#include "bench/harness/fail.h"
#include "shm/unique_fd.h"

namespace ringway::bench {
namespace {

constexpr size_t kRolesMax = 4;
constexpr int kTickMs = 100;

// What the roles of one run and their parent share.
struct Board {
  std::atomic<size_t> arrived;  // in Meet()
  size_t roles;
  std::array<std::array<char, 256>, kRolesMax> failure_text;
};

Board* board_of_this_role = nullptr;

struct Process {
  pid_t pid;
  UniqueFd pidfd;
  bool running = true;
};

Process Start(const Role& role, size_t index, Board& board) {
  fflush(nullptr);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) FailErrno("fork");
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    signal(SIGPIPE, SIG_IGN);
    SetFailureText(board.failure_text[index].data(), board.failure_text[index].size());
    board_of_this_role = &board;
    PinToRole(index);
    role();
    _exit(0);
  }
  UniqueFd pidfd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (pidfd.get() < 0) FailErrno("pidfd_open");
  return {.pid = pid, .pidfd = std::move(pidfd)};
}

// Reaps an ended process; what was wrong with its end, or nothing.
std::string Reap(Process& process, const char* failure_text) {
  int status = 0;
  waitpid(process.pid, &status, 0);
  process.running = false;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return "";
  if (failure_text[0] != '\0') return failure_text;
  if (WIFSIGNALED(status)) return std::string("died: ") + strsignal(WTERMSIG(status));
  return "exited with status " + std::to_string(WEXITSTATUS(status));
}

// Waits until the time is over, all have ended or one has failed.
std::string Await(std::vector<Process>& processes, const Board& board, uint64_t timeout_ns,
                  const std::function<void()>& on_tick) {
  const uint64_t deadline_ns = MonotonicNs() + timeout_ns;
  std::string problems;
  size_t running = processes.size();
  while (running > 0 && problems.empty()) {
    const uint64_t now_ns = MonotonicNs();
    if (now_ns >= deadline_ns) {
      return "no end after " + std::to_string(timeout_ns / 1'000'000) + " ms";
    }
    std::vector<pollfd> ends;
    for (const Process& process : processes) {
      ends.push_back(
          {.fd = process.running ? process.pidfd.get() : -1, .events = POLLIN, .revents = 0});
    }
    const int wait_ms = static_cast<int>((deadline_ns - now_ns) / 1'000'000 + 1);
    poll(ends.data(), ends.size(), on_tick ? std::min(wait_ms, kTickMs) : wait_ms);
    for (size_t i = 0; i < processes.size(); ++i) {
      if (ends[i].revents == 0) continue;
      const std::string problem = Reap(processes[i], board.failure_text[i].data());
      --running;
      if (problem.empty()) continue;
      if (!problems.empty()) problems += "; ";
      problems += "process " + std::to_string(i) + ": " + problem;
    }
    if (on_tick) on_tick();
  }
  return problems;
}

}  // namespace

std::string RunRoles(const std::vector<Role>& roles, uint64_t timeout_ns,
                     const std::function<void()>& on_tick) {
  if (roles.size() > kRolesMax) Fail("too many roles");
  AllowedCpus();  // remembered before any role narrows its own
  NsPerTick();
  TickStep();
  const Shared<Board> board;
  board->roles = roles.size();
  std::vector<Process> processes;
  for (size_t i = 0; i < roles.size(); ++i) processes.push_back(Start(roles[i], i, *board));
  const std::string problems = Await(processes, *board, timeout_ns, on_tick);
  for (Process& process : processes) {
    if (!process.running) continue;
    kill(process.pid, SIGKILL);
    Reap(process, "");
  }
  return problems;
}

void Meet() {
  Board& board = *board_of_this_role;
  board.arrived.fetch_add(1);
  while (board.arrived.load() < board.roles) usleep(50);
}

}  // namespace ringway::bench
