// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#ifndef DRIVER_LINUX_TEST_SUPPORT_H_
#define DRIVER_LINUX_TEST_SUPPORT_H_

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "driver_linux/driver.h"
#include "driver_linux/reactor.h"
#include "ipcz/ipcz.h"
#include "ringway/driver_extension.h"
#include "ringway/driver_linux.h"

namespace ringway::driver::testing {

inline const IpczDriver& Driver() { return GetTable().base; }
inline const RingwayDriverExtension& Extension() { return GetTable().extension; }

inline IpczResult Close(IpczDriverHandle handle) { return Driver().Close(handle, 0, nullptr); }

RingwayDriverStatistics Statistics();

// Waits up to five seconds. False if `condition` never became true.
bool Eventually(const std::function<bool()>& condition);

// The engine's side of one transport: remembers what its handler was told.
class Engine {
 public:
  struct Message {
    std::string data;
    std::vector<IpczDriverHandle> handles;
  };

  Engine() = default;
  explicit Engine(IpczDriverHandle transport) : transport_(transport) {}
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Deactivates, waits for the end, and closes the transport and all handles that were received.
  ~Engine();

  IpczDriverHandle transport() const { return transport_; }
  void set_transport(IpczDriverHandle transport) { transport_ = transport; }

  IpczResult Activate();
  IpczResult Send(std::string_view data, std::vector<IpczDriverHandle> handles = {});
  IpczResult Deactivate() { return Driver().DeactivateTransport(transport_, 0, nullptr); }

  // The transport is somebody else's business from now on.
  IpczDriverHandle Release();

  // What to do with each message, on the reactor's thread. The result is the handler's.
  void set_on_message(std::function<IpczResult(const Message&)> on_message) {
    on_message_ = std::move(on_message);
  }
  void set_on_error(std::function<void()> on_error) { on_error_ = std::move(on_error); }
  void set_on_deactivated(std::function<void()> function) { on_deactivated_ = std::move(function); }

  // Each waits up to a limit. The next message comes off the front.
  bool WaitForMessage(Message* message, std::chrono::seconds limit = std::chrono::seconds(20));
  bool WaitForError(std::chrono::milliseconds limit = std::chrono::seconds(5));
  bool WaitForDeactivated();

  size_t error_count() const;
  size_t deactivated_count() const;
  size_t call_after_end_count() const;

 private:
  static IpczResult OnActivity(IpczHandle engine, const void* data, size_t num_bytes,
                               const IpczDriverHandle* handles, size_t num_handles,
                               IpczTransportActivityFlags flags, const void* options);
  IpczResult OnActivity(Message message, IpczTransportActivityFlags flags);

  IpczDriverHandle transport_ = IPCZ_INVALID_DRIVER_HANDLE;
  std::function<IpczResult(const Message&)> on_message_;
  std::function<void()> on_error_;
  std::function<void()> on_deactivated_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool activated_ = false;
  std::vector<Message> messages_;
  size_t next_message_ = 0;
  size_t error_count_ = 0;
  size_t deactivated_count_ = 0;
  size_t call_after_end_count_ = 0;
};

// Two connected transports of this process.
struct Pair {
  Pair();
  Engine first;
  Engine second;
};

// `num_bytes` that differ from each other and for each seed.
std::string Pattern(size_t num_bytes, uint64_t seed);

// Wraps one end of a new pipe, whose other end is closed, as a file.
IpczDriverHandle MakeFile();

// A file that reads `text`, and what it reads. ReadFile() consumes the handle.
IpczDriverHandle MakeFileWith(std::string_view text);
std::string ReadFile(IpczDriverHandle file);

// Serializes `object` for `transport`, which must work and consumes it.
Engine::Message Serialize(IpczDriverHandle object, IpczDriverHandle transport);
IpczResult Deserialize(const Engine::Message& message, IpczDriverHandle transport,
                       IpczDriverHandle* object);

// The data of the next message, which must come. Its handles are closed.
std::string NextData(Engine* engine);

// What a test must leave as it found it.
struct Footprint {
  size_t descriptors;
  size_t threads;
  size_t memfd_mappings;

  bool IsWithin(const Footprint& other) const {
    return descriptors <= other.descriptors && threads <= other.threads &&
           memfd_mappings <= other.memfd_mappings;
  }
};
Footprint MeasureFootprint();

// For tests of transports: checks that each leaves neither descriptor nor thread nor mapping
// behind, and that the reactor worked with the back end it was meant to.
class TransportFixture : public ::testing::Test {
 protected:
  // Messages go through channels from the first on, where the back end has them.
  explicit TransportFixture(BackEnd choice);
  ~TransportFixture() override;

 private:
  const BackEnd choice_;
  Footprint before_;
  uint64_t messages_before_;
};

// From now on these system calls fail with `error` in all threads of this process.
void RefuseSystemCalls(std::initializer_list<int> system_calls, int error);

// Gives up root's right to any number of descriptors in flight. (In a sandbox that lets nobody
// change, root does not have it anyway.)
void BecomeNobody();

// Has the next activation start the reactor anew, with this choice.
void UseReactor(BackEnd choice);

// All back ends, RINGWAY_DRIVER_BACK_END_* of each, and its name in tests.
inline constexpr BackEnd kBackEnds[] = {BackEnd::kEpoll, BackEnd::kIoUring, BackEnd::kIoUringFutex,
                                        BackEnd::kFutex, BackEnd::kSocket};
uint64_t NumberOf(BackEnd back_end);
std::string NameOf(const ::testing::TestParamInfo<BackEnd>& info);

// Runs `body` in a forked child and gives its exit status; -1 if it did not exit by itself. Checks
// inside `body` report through what it returns.
int RunInChild(const std::function<int()>& body);

}  // namespace ringway::driver::testing

#endif  // DRIVER_LINUX_TEST_SUPPORT_H_
