// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "tests/support/socket_driver.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace ringway::testing {
namespace {

// Relaxed: nothing but the count itself is told.
std::atomic<uint64_t> system_calls{0};
void CountSystemCall() { system_calls.fetch_add(1, std::memory_order_relaxed); }

constexpr size_t kBufferBytes = size_t{64} << 10;

class Transport {
 public:
  Transport(int fd, SocketWait wait) : fd_(fd), wait_(wait) {}
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  ~Transport() {
    Deactivate();
    if (thread_.joinable()) thread_.join();
    close(fd_);
  }

  void Activate(IpczHandle engine, IpczTransportActivityHandler handler) {
    engine_ = engine;
    handler_ = handler;
    thread_ = std::thread([this] { Run(); });
  }

  // The thread sees the end of the socket.
  void Deactivate() {
    is_stopping_ = true;
    shutdown(fd_, SHUT_RDWR);
  }

  IpczResult Transmit(const void* data, size_t num_bytes) {
    uint64_t header = num_bytes;
    iovec parts[] = {{&header, sizeof(header)}, {const_cast<void*>(data), num_bytes}};
    msghdr message = {};
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    std::lock_guard lock(mutex_);
    for (size_t left = sizeof(header) + num_bytes; left > 0;) {
      CountSystemCall();
      const ssize_t sent = sendmsg(fd_, &message, MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0) return IPCZ_RESULT_UNAVAILABLE;
      left -= static_cast<size_t>(sent);
      Skip(parts, static_cast<size_t>(sent));
    }
    return IPCZ_RESULT_OK;
  }

 private:
  static void Skip(iovec (&parts)[2], size_t num_bytes) {
    for (iovec& part : parts) {
      const size_t skipped = std::min(num_bytes, part.iov_len);
      part.iov_base = static_cast<std::byte*>(part.iov_base) + skipped;
      part.iov_len -= skipped;
      num_bytes -= skipped;
    }
  }

  void Run() {
    std::vector<std::byte> buffer(kBufferBytes);
    size_t filled = 0;
    for (bool goes_on = true; goes_on;) {
      const int flags = wait_ == SocketWait::kPoll ? MSG_DONTWAIT : 0;
      CountSystemCall();
      const ssize_t count = recv(fd_, buffer.data() + filled, buffer.size() - filled, flags);
      if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (count <= 0) break;
      filled += static_cast<size_t>(count);
      goes_on = Dispatch(&buffer, &filled);
    }
    if (!is_stopping_) {
      handler_(engine_, nullptr, 0, nullptr, 0, IPCZ_TRANSPORT_ACTIVITY_ERROR, nullptr);
    }
    while (!is_stopping_) std::this_thread::yield();
    handler_(engine_, nullptr, 0, nullptr, 0, IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED, nullptr);
  }

  // Handles all messages that are complete and moves the rest to the front.
  bool Dispatch(std::vector<std::byte>* buffer, size_t* filled) {
    size_t at = 0;
    uint64_t num_bytes = 0;
    while (*filled - at >= sizeof(num_bytes)) {
      std::memcpy(&num_bytes, buffer->data() + at, sizeof(num_bytes));
      if (*filled - at - sizeof(num_bytes) < num_bytes) break;
      const std::byte* payload = buffer->data() + at + sizeof(num_bytes);
      const IpczResult result =
          handler_(engine_, payload, num_bytes, nullptr, 0, IPCZ_NO_FLAGS, nullptr);
      if (result != IPCZ_RESULT_OK) return false;
      at += sizeof(num_bytes) + num_bytes;
    }
    std::memmove(buffer->data(), buffer->data() + at, *filled - at);
    *filled -= at;
    if (*filled >= sizeof(num_bytes) && sizeof(num_bytes) + num_bytes > buffer->size()) {
      buffer->resize(sizeof(num_bytes) + num_bytes);
    }
    return true;
  }

  const int fd_;
  const SocketWait wait_;
  std::mutex mutex_;
  std::thread thread_;
  std::atomic<bool> is_stopping_{false};
  IpczHandle engine_ = IPCZ_INVALID_HANDLE;
  IpczTransportActivityHandler handler_ = nullptr;
};

Transport* TransportOf(IpczDriverHandle handle) { return reinterpret_cast<Transport*>(handle); }

IpczResult IPCZ_API CloseTransport(IpczDriverHandle transport, uint32_t, const void*) {
  delete TransportOf(transport);
  return IPCZ_RESULT_OK;
}

IpczResult IPCZ_API Activate(IpczDriverHandle transport, IpczHandle engine,
                             IpczTransportActivityHandler handler, uint32_t, const void*) {
  TransportOf(transport)->Activate(engine, handler);
  return IPCZ_RESULT_OK;
}

IpczResult IPCZ_API Deactivate(IpczDriverHandle transport, uint32_t, const void*) {
  TransportOf(transport)->Deactivate();
  return IPCZ_RESULT_OK;
}

IpczResult IPCZ_API Transmit(IpczDriverHandle transport, const void* data, size_t num_bytes,
                             const IpczDriverHandle*, size_t num_handles, uint32_t, const void*) {
  if (num_handles != 0) return IPCZ_RESULT_UNIMPLEMENTED;
  return TransportOf(transport)->Transmit(data, num_bytes);
}

}  // namespace

const IpczDriver* SocketDriver() {
  static const IpczDriver table = [] {
    IpczDriver driver = {};
    driver.size = sizeof(driver);
    driver.Close = CloseTransport;
    driver.ActivateTransport = Activate;
    driver.DeactivateTransport = Deactivate;
    driver.Transmit = Transmit;
    return driver;
  }();
  return &table;
}

uint64_t SocketSystemCalls() { return system_calls.load(std::memory_order_relaxed); }

IpczDriverHandle SocketTransportFromFd(int fd, SocketWait wait) {
  return reinterpret_cast<IpczDriverHandle>(new Transport(fd, wait));
}

}  // namespace ringway::testing
