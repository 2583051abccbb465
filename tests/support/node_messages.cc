// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "tests/support/node_messages.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace ringway::testing {

namespace {

struct Header {
  NodeMessage type;
  uint64_t num_bytes;
};

constexpr size_t kDescriptorsMax = 1;

// A message's control part.
struct Control {
  Control() {
    header.msg_control = buffer;
    header.msg_controllen = sizeof(buffer);
  }
  alignas(cmsghdr) char buffer[CMSG_SPACE(sizeof(int) * kDescriptorsMax)] = {};
  msghdr header = {};
};

bool ReceiveAll(int fd, void* data, size_t num_bytes) {
  auto* next = static_cast<char*>(data);
  while (num_bytes != 0) {
    const ssize_t count = recv(fd, next, num_bytes, MSG_WAITALL);
    if (count <= 0) return false;
    next += count;
    num_bytes -= static_cast<size_t>(count);
  }
  return true;
}

}  // namespace

void Message::AddBytes(const void* data, size_t num_bytes) {
  Add(data != nullptr);
  if (data == nullptr) return;
  Add(num_bytes);
  bytes_.append(static_cast<const char*>(data), num_bytes);
}

uint64_t Message::Take() {
  uint64_t value;
  std::memcpy(&value, bytes_.data() + taken_, sizeof(value));
  taken_ += sizeof(value);
  return value;
}

std::optional<std::string> Message::TakeBytes() {
  if (Take() == 0) return std::nullopt;
  const uint64_t num_bytes = Take();
  std::string bytes = bytes_.substr(taken_, num_bytes);
  taken_ += num_bytes;
  return bytes;
}

int Message::TakeDescriptor() {
  if (descriptors_.empty()) return -1;
  const int fd = descriptors_.back();
  descriptors_.pop_back();
  return fd;
}

Connection::~Connection() { close(fd_); }

std::pair<std::shared_ptr<Connection>, int> Connection::CreatePair() {
  int fds[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) {
    std::perror("socketpair");
    std::abort();
  }
  return {std::make_shared<Connection>(fds[0]), fds[1]};
}

bool Connection::Send(Message message) {
  Header header = {message.type_, message.bytes_.size()};
  iovec parts[2] = {{&header, sizeof(header)}, {message.bytes_.data(), message.bytes_.size()}};
  Control control;
  control.header.msg_iov = parts;
  control.header.msg_iovlen = 2;
  if (message.descriptors_.empty()) {
    control.header.msg_controllen = 0;
  } else {
    cmsghdr* const rights = CMSG_FIRSTHDR(&control.header);
    *rights = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
    std::memcpy(CMSG_DATA(rights), message.descriptors_.data(), sizeof(int));
  }
  bool sent = true;
  while (sent && parts[0].iov_len + parts[1].iov_len != 0) {
    const ssize_t count = sendmsg(fd_, &control.header, MSG_NOSIGNAL);
    sent = count > 0;
    control.header.msg_controllen = 0;
    size_t left = sent ? static_cast<size_t>(count) : 0;
    for (iovec& part : parts) {
      const size_t done = left < part.iov_len ? left : part.iov_len;
      part.iov_base = static_cast<char*>(part.iov_base) + done;
      part.iov_len -= done;
      left -= done;
    }
  }
  for (const int fd : message.descriptors_) close(fd);
  return sent;
}

bool Connection::Receive(Message* message) {
  Header header = {};
  iovec part = {&header, sizeof(header)};
  Control control;
  control.header.msg_iov = &part;
  control.header.msg_iovlen = 1;
  const ssize_t count = recvmsg(fd_, &control.header, MSG_WAITALL | MSG_CMSG_CLOEXEC);
  if (count != sizeof(header)) return false;
  *message = Message(header.type);
  if (const cmsghdr* const rights = CMSG_FIRSTHDR(&control.header)) {
    int fd;
    std::memcpy(&fd, CMSG_DATA(rights), sizeof(fd));
    message->AddDescriptor(fd);
  }
  message->bytes_.resize(header.num_bytes);
  return ReceiveAll(fd_, message->bytes_.data(), header.num_bytes);
}

void Connection::End() { shutdown(fd_, SHUT_RDWR); }

}  // namespace ringway::testing
