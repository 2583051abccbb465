// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef TESTS_DRIVER_CONFORMANCE_H_
#define TESTS_DRIVER_CONFORMANCE_H_

// What cores rely on in a driver, tested on any IpczDriver. To test one, link
// :conformance with a file that defines TestedDriver(), and, if it has transports
// to other processes, a main() that begins with RunIfChildCore().

#include <gtest/gtest.h>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "ipcz/ipcz.h"

namespace ringway::testing {

struct DriverUnderTest {
  const IpczDriver* driver;

  // Two connected transports.
  std::function<void(IpczDriverHandle*, IpczDriverHandle*)> create_pair;

  // A transport that is not active to the one descriptor that stands for it,
  // and back; each consumes its argument. Null where there is no such thing.
  std::function<int(IpczDriverHandle)> to_descriptor;
  std::function<IpczDriverHandle(int)> from_descriptor;

  // The driver of whoever allocates memory for one that cannot; null if it can.
  const IpczDriver* delegate = nullptr;

  // Two transports whose nodes may not pass objects to each other. Null where
  // there are none.
  std::function<void(IpczDriverHandle*, IpczDriverHandle*)> create_brokered_pair;
};

const DriverUnderTest& TestedDriver();

// If this process was executed by one of the tests: brings a transport up from the
// one descriptor that it has, answers what comes, and does not return.
void RunIfChildCore(int argc, char** argv);

// A core's side of one transport.
class Core {
 public:
  struct Parcel {
    std::string data;
    std::vector<IpczDriverHandle> handles;
  };

  explicit Core(IpczDriverHandle transport) : transport_(transport) {}
  ~Core();
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  // With `null_engine`, the core's own handle is 0.
  IpczResult Activate(bool null_engine = false);
  IpczResult Deactivate();
  IpczResult Send(std::string_view data, const std::vector<IpczDriverHandle>& handles = {});
  void Close();
  IpczDriverHandle Release();

  void set_on_parcel(std::function<IpczResult(const Parcel&)> on_parcel) {
    on_parcel_ = std::move(on_parcel);
  }
  void set_on_deactivated(std::function<void()> function) { on_deactivated_ = std::move(function); }

  // Each waits, up to a limit. Next() gives the next parcel.
  bool WaitNext(Parcel* parcel);
  std::string NextData();
  bool WaitForError();
  bool WaitForDeactivated();

  IpczDriverHandle transport() const { return transport_; }
  // How often the handler was called so, and what should not happen.
  size_t errors() const;
  size_t deactivations() const;
  size_t calls_after_the_end() const;
  size_t overlaps() const;

 private:
  static IpczResult IPCZ_API OnActivity(IpczHandle context, const void* data, size_t num_bytes,
                                        const IpczDriverHandle* handles, size_t num_handles,
                                        IpczTransportActivityFlags flags, const void* options);
  IpczResult OnActivity(Parcel parcel, IpczTransportActivityFlags flags);
  template <typename Condition>
  bool Await(Condition condition);

  IpczDriverHandle transport_;
  bool is_active_ = false;
  std::function<IpczResult(const Parcel&)> on_parcel_;
  std::function<void()> on_deactivated_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Parcel> parcels_;
  size_t errors_ = 0;
  size_t deactivations_ = 0;
  size_t calls_after_the_end_ = 0;
  size_t inside_ = 0;
  std::thread::id thread_;  // that is inside
  size_t overlaps_ = 0;
};

// Both sides of one connection.
struct CorePair {
  CorePair();
  explicit CorePair(std::pair<IpczDriverHandle, IpczDriverHandle> transports)
      : first(transports.first), second(transports.second) {}
  void Activate();
  Core first;
  Core second;
};

// `num_bytes` that differ for each seed.
std::string BytesOf(size_t num_bytes, uint64_t seed);

}  // namespace ringway::testing

#endif  // TESTS_DRIVER_CONFORMANCE_H_
