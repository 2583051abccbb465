// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/test_support.h"

#include <dirent.h>
#include <fcntl.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <thread>
#include <utility>

#include "driver_linux/process.h"

// Tests fork while the reactor runs, and the child starts one of its own.
extern "C" const char* __tsan_default_options() { return "die_after_fork=0"; }

namespace ringway::driver::testing {

RingwayDriverStatistics Statistics() {
  RingwayDriverStatistics statistics = {};
  statistics.size = sizeof(statistics);
  Extension().QueryStatistics(&statistics);
  return statistics;
}

bool Eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

Engine::~Engine() {
  if (activated_) {
    Deactivate();
    WaitForDeactivated();
  }
  if (transport_ != IPCZ_INVALID_DRIVER_HANDLE) Close(transport_);
  for (size_t i = next_message_; i < messages_.size(); ++i) {
    for (const IpczDriverHandle handle : messages_[i].handles) Close(handle);
  }
}

IpczResult Engine::Activate() {
  const auto handle = reinterpret_cast<IpczHandle>(this);
  const IpczResult result =
      Driver().ActivateTransport(transport_, handle, &Engine::OnActivity, 0, nullptr);
  activated_ |= result == IPCZ_RESULT_OK;
  return result;
}

IpczResult Engine::Send(std::string_view data, std::vector<IpczDriverHandle> handles) {
  return Driver().Transmit(transport_, data.data(), data.size(), handles.data(), handles.size(), 0,
                           nullptr);
}

IpczDriverHandle Engine::Release() { return std::exchange(transport_, IPCZ_INVALID_DRIVER_HANDLE); }

IpczResult Engine::OnActivity(IpczHandle engine, const void* data, size_t num_bytes,
                              const IpczDriverHandle* handles, size_t num_handles,
                              IpczTransportActivityFlags flags, const void*) {
  Message message;
  if (num_bytes > 0) message.data.assign(static_cast<const char*>(data), num_bytes);
  message.handles.assign(handles, handles + num_handles);
  return reinterpret_cast<Engine*>(engine)->OnActivity(std::move(message), flags);
}

IpczResult Engine::OnActivity(Message message, IpczTransportActivityFlags flags) {
  IpczResult result = IPCZ_RESULT_OK;
  if (flags == IPCZ_NO_FLAGS && on_message_) result = on_message_(message);
  if (flags == IPCZ_TRANSPORT_ACTIVITY_ERROR && on_error_) on_error_();
  if (flags == IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED && on_deactivated_) on_deactivated_();
  std::lock_guard lock(mutex_);
  if (deactivated_count_ > 0) ++call_after_end_count_;
  if (flags == IPCZ_NO_FLAGS) messages_.push_back(std::move(message));
  if (flags == IPCZ_TRANSPORT_ACTIVITY_ERROR) ++error_count_;
  if (flags == IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED) ++deactivated_count_;
  changed_.notify_all();
  return result;
}

bool Engine::WaitForMessage(Message* message, std::chrono::seconds limit) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, limit, [&] { return next_message_ < messages_.size(); })) {
    return false;
  }
  *message = std::move(messages_[next_message_++]);
  return true;
}

bool Engine::WaitForError(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [&] { return error_count_ > 0; });
}

bool Engine::WaitForDeactivated() {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds(5), [&] { return deactivated_count_ > 0; });
}

size_t Engine::error_count() const {
  std::lock_guard lock(mutex_);
  return error_count_;
}

size_t Engine::deactivated_count() const {
  std::lock_guard lock(mutex_);
  return deactivated_count_;
}

size_t Engine::call_after_end_count() const {
  std::lock_guard lock(mutex_);
  return call_after_end_count_;
}

Pair::Pair() {
  IpczDriverHandle transports[2] = {};
  RingwayLinuxCreateTransportPair(&transports[0], &transports[1]);
  first.set_transport(transports[0]);
  second.set_transport(transports[1]);
}

std::string Pattern(size_t num_bytes, uint64_t seed) {
  std::string bytes(num_bytes, '\0');
  uint64_t state = seed * 0x9E3779B97F4A7C15 + 1;
  for (size_t i = 0; i + 8 <= num_bytes; i += 8) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    std::memcpy(bytes.data() + i, &state, 8);
  }
  return bytes;
}

IpczDriverHandle MakeFile() { return MakeFileWith(""); }

IpczDriverHandle MakeFileWith(std::string_view text) {
  int fds[2];
  IpczDriverHandle file = IPCZ_INVALID_DRIVER_HANDLE;
  if (pipe2(fds, O_CLOEXEC) != 0) return file;
  [[maybe_unused]] const ssize_t written = write(fds[1], text.data(), text.size());
  close(fds[1]);
  if (RingwayLinuxWrapFd(fds[0], &file) != IPCZ_RESULT_OK) close(fds[0]);
  return file;
}

std::string ReadFile(IpczDriverHandle file) {
  int fd;
  if (RingwayLinuxUnwrapFd(file, &fd) != IPCZ_RESULT_OK) return "not a file";
  std::string text(4096, '\0');
  const ssize_t count = read(fd, text.data(), text.size());
  close(fd);
  text.resize(count < 0 ? 0 : static_cast<size_t>(count));
  return text;
}

Engine::Message Serialize(IpczDriverHandle object, IpczDriverHandle transport) {
  Engine::Message message;
  size_t num_bytes = 0;
  size_t num_handles = 0;
  if (Driver().Serialize(object, transport, 0, nullptr, nullptr, &num_bytes, nullptr,
                         &num_handles) != IPCZ_RESULT_RESOURCE_EXHAUSTED) {
    return message;
  }
  message.data.resize(num_bytes);
  message.handles.resize(num_handles);
  if (Driver().Serialize(object, transport, 0, nullptr, message.data.data(), &num_bytes,
                         message.handles.data(), &num_handles) != IPCZ_RESULT_OK) {
    return {};
  }
  return message;
}

IpczResult Deserialize(const Engine::Message& message, IpczDriverHandle transport,
                       IpczDriverHandle* object) {
  return Driver().Deserialize(message.data.data(), message.data.size(), message.handles.data(),
                              message.handles.size(), transport, 0, nullptr, object);
}

namespace {

size_t CountEntries(const char* folder) {
  size_t count = 0;
  DIR* directory = opendir(folder);
  while (const dirent* entry = readdir(directory)) count += entry->d_name[0] != '.';
  closedir(directory);
  return count;
}

}  // namespace

Footprint MeasureFootprint() {
  Footprint footprint = {CountEntries("/proc/self/fd"), CountEntries("/proc/self/task"), 0};
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    footprint.memfd_mappings += line.find("/memfd:ringway") != std::string::npos;
  }
  return footprint;
}

std::string NextData(Engine* engine) {
  Engine::Message message;
  EXPECT_TRUE(engine->WaitForMessage(&message));
  for (const IpczDriverHandle handle : message.handles) Close(handle);
  return message.data;
}

TransportFixture::TransportFixture(BackEnd choice) : choice_(choice) {
  UseReactor(choice);
  CurrentProcess().options.upgrade_after = 0;
  // With the first thread, a sanitizer may start one of its own.
  std::thread([] {}).join();
  before_ = MeasureFootprint();
  messages_before_ = Statistics().messages_received;
}

TransportFixture::~TransportFixture() {
  if (Statistics().messages_received > messages_before_) {
    EXPECT_EQ(Statistics().back_end, NumberOf(choice_));
  }
  EXPECT_TRUE(Eventually([&] { return MeasureFootprint().IsWithin(before_); }));
  EXPECT_EQ(Statistics().open_transports, 0u);
}

void RefuseSystemCalls(std::initializer_list<int> system_calls, int error) {
  const scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
  for (const int system_call : system_calls) {
    seccomp_rule_add(filter, SCMP_ACT_ERRNO(static_cast<uint16_t>(error)), system_call, 0);
  }
  seccomp_load(filter);
  seccomp_release(filter);
}

void BecomeNobody() { [[maybe_unused]] const int result = setuid(65534); }

void UseReactor(BackEnd choice) {
  Eventually([&] { return CurrentProcess().reactor.Choose(choice); });
}

uint64_t NumberOf(BackEnd back_end) {
  switch (back_end) {
    case BackEnd::kSocket:
      return RINGWAY_DRIVER_BACK_END_SOCKET;
    case BackEnd::kEpoll:
      return RINGWAY_DRIVER_BACK_END_EPOLL;
    case BackEnd::kFutex:
      return RINGWAY_DRIVER_BACK_END_FUTEX;
    case BackEnd::kIoUring:
      return RINGWAY_DRIVER_BACK_END_IO_URING;
    default:
      return RINGWAY_DRIVER_BACK_END_IO_URING_FUTEX;
  }
}

std::string NameOf(const ::testing::TestParamInfo<BackEnd>& info) {
  static const char* const kNames[] = {"Auto",         "Epoll", "IoUring",
                                       "IoUringFutex", "Futex", "Socket"};
  return kNames[static_cast<size_t>(info.param)];
}

int RunInChild(const std::function<int()>& body) {
  const pid_t child = fork();
  if (child == 0) _exit(body());
  int status = 0;
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

}  // namespace ringway::driver::testing
