// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/cmd/file_io.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>

namespace ringway::cmd {

namespace {

constexpr int kPipeBytes = 1 << 20;  // what a user may ask for without privileges

void WaitUntilReady(int fd, short events) {
  pollfd ready = {fd, events, 0};
  poll(&ready, 1, -1);
}

}  // namespace

void PrepareStandardFiles() {
  // open() takes the lowest number that is free. Read-only, so that writing to
  // a standard output that is not there fails.
  int fd = 0;
  do {
    fd = open("/dev/null", O_RDONLY);
  } while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd > STDERR_FILENO) close(fd);
  signal(SIGPIPE, SIG_IGN);
  // Larger pipes mean fewer turns. No harm if these are none.
  fcntl(STDIN_FILENO, F_SETPIPE_SZ, kPipeBytes);
  fcntl(STDOUT_FILENO, F_SETPIPE_SZ, kPipeBytes);
}

Input::Input() : is_terminal_(isatty(STDIN_FILENO) == 1) {
  if (is_terminal_) give_up_fd_ = eventfd(0, EFD_CLOEXEC);
}

Input::~Input() {
  if (give_up_fd_ >= 0) close(give_up_fd_);
}

ptrdiff_t Input::Read(void* buffer, size_t num_bytes) {
  for (;;) {
    if (is_terminal_) {
      std::array<pollfd, 2> ready = {pollfd{give_up_fd_, POLLIN, 0},
                                     pollfd{STDIN_FILENO, POLLIN, 0}};
      if (poll(ready.data(), ready.size(), -1) < 0) continue;
      if (ready[0].revents != 0) return 0;
    }
    const ssize_t got = read(STDIN_FILENO, buffer, num_bytes);
    if (got >= 0) return got;
    if (errno == EAGAIN) {
      WaitUntilReady(STDIN_FILENO, POLLIN);
    } else if (errno != EINTR) {
      return -errno;
    }
  }
}

void Input::GiveUpTerminal() {
  if (!is_terminal_) return;
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(give_up_fd_, &one, sizeof(one));
}

int WriteAll(const void* data, size_t num_bytes) {
  const auto* at = static_cast<const char*>(data);
  while (num_bytes != 0) {
    const ssize_t written = write(STDOUT_FILENO, at, num_bytes);
    if (written >= 0) {
      at += written;
      num_bytes -= static_cast<size_t>(written);
    } else if (errno == EAGAIN) {
      WaitUntilReady(STDOUT_FILENO, POLLOUT);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

int CloseOutput() { return close(STDOUT_FILENO) == 0 || errno == EINTR ? 0 : errno; }

}  // namespace ringway::cmd
