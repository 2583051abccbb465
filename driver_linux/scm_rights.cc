// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/scm_rights.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "driver_linux/process.h"

namespace ringway::driver {
namespace {

constexpr size_t kControlBytes =
    CMSG_SPACE(kDescriptorsPerBatch * sizeof(int)) + CMSG_SPACE(sizeof(ucred));

// Appends a control message of `num_bytes` to `message`, whose buffer is large enough, and returns
// where its contents go.
void* AddControl(msghdr* message, int type, size_t num_bytes) {
  auto* header = reinterpret_cast<cmsghdr*>(static_cast<std::byte*>(message->msg_control) +
                                            message->msg_controllen);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = type;
  header->cmsg_len = CMSG_LEN(num_bytes);
  message->msg_controllen += CMSG_SPACE(num_bytes);
  return CMSG_DATA(header);
}

}  // namespace

ssize_t SendWithRights(int socket, std::span<const iovec> bytes,
                       std::span<const UniqueFd> descriptors, bool credentials) {
  alignas(cmsghdr) std::array<std::byte, kControlBytes> control;
  msghdr message = {};
  message.msg_iov = const_cast<iovec*>(bytes.data());
  message.msg_iovlen = bytes.size();
  message.msg_control = control.data();
  if (!descriptors.empty()) {
    int raw[kDescriptorsPerBatch];
    for (size_t i = 0; i < descriptors.size(); ++i) raw[i] = descriptors[i].get();
    const size_t num_bytes = descriptors.size() * sizeof(int);
    std::memcpy(AddControl(&message, SCM_RIGHTS, num_bytes), raw, num_bytes);
  }
  if (credentials) {
    const ucred self = {getpid(), getuid(), getgid()};
    std::memcpy(AddControl(&message, SCM_CREDENTIALS, sizeof(self)), &self, sizeof(self));
  }
  if (message.msg_controllen == 0) message.msg_control = nullptr;
  ssize_t sent;
  do {
    CurrentProcess().statistics.system_calls.Add();
    sent = sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  // A sandbox may not let us say who we are; the message matters more.
  if (sent < 0 && errno == EPERM && credentials) {
    return SendWithRights(socket, bytes, descriptors, false);
  }
  return sent < 0 ? -errno : sent;
}

Received::~Received() {
  for (const int fd : descriptors()) {
    if (fd >= 0) close(fd);
  }
}

void Received::TakeControl(const msghdr& message) {
  truncated_ = (message.msg_flags & MSG_CTRUNC) != 0;
  auto* mutable_message = const_cast<msghdr*>(&message);
  for (const cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(mutable_message, const_cast<cmsghdr*>(header))) {
    if (header->cmsg_level != SOL_SOCKET) continue;
    const size_t num_bytes = header->cmsg_len - CMSG_LEN(0);
    if (header->cmsg_type == SCM_RIGHTS) {
      // The kernel sends at most kDescriptorsPerBatch, and the space for control messages holds no
      // more.
      const size_t space = (descriptors_.size() - descriptor_count_) * sizeof(int);
      const size_t taken = std::min(num_bytes, space);
      std::memcpy(descriptors_.data() + descriptor_count_, CMSG_DATA(header), taken);
      descriptor_count_ += taken / sizeof(int);
    } else if (header->cmsg_type == SCM_CREDENTIALS && num_bytes >= sizeof(ucred)) {
      ucred credentials;
      std::memcpy(&credentials, CMSG_DATA(header), sizeof(credentials));
      sender_ = credentials.pid;
    }
  }
}

ssize_t ReceiveWithRights(int socket, std::span<std::byte> space, Received* received) {
  alignas(cmsghdr) std::array<std::byte, kControlBytes> control;
  iovec bytes = {space.data(), space.size()};
  msghdr message = {};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  ssize_t num_bytes;
  do {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    CurrentProcess().statistics.system_calls.Add();
    num_bytes = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  } while (num_bytes < 0 && errno == EINTR);
  if (num_bytes < 0) return -errno;
  received->TakeControl(message);
  return num_bytes;
}

}  // namespace ringway::driver
