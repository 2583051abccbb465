// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef TESTS_HOSTILE_HOSTILE_PEER_H_
#define TESTS_HOSTILE_HOSTILE_PEER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "driver_linux/object_layout.h"
#include "driver_linux/transport_layout.h"
#include "engine/link/message_layout.h"
#include "engine/route/record_layout.h"
#include "ipcz/ipcz.h"
#include "ring/ring_layout.h"
#include "shm/segment_layout.h"

// A peer that speaks the protocol of links word by word (docs/protocol.md), and
// therefore need not speak it well. It has the driver's transports and nothing of
// the engine but the layouts.

namespace ringway::testing {

// Memory of this side, as it is given to the other.
class HostileSegment {
 public:
  // Seals of memory that only this side can write, that nobody can resize.
  static const int kGoodSeals;

  // A memfd of `num_bytes` with the header of segment `id`.
  HostileSegment(uint32_t id, uint64_t num_bytes, int seals = kGoodSeals);
  ~HostileSegment();
  HostileSegment(const HostileSegment&) = delete;
  HostileSegment& operator=(const HostileSegment&) = delete;

  int fd() const { return fd_; }
  uint64_t num_bytes() const { return num_bytes_; }
  SegmentHeader& header() { return *reinterpret_cast<SegmentHeader*>(address_); }
  std::byte* At(uint64_t offset) { return address_ + offset; }
  std::atomic<uint64_t>& Word(uint64_t offset) {
    return *reinterpret_cast<std::atomic<uint64_t>*>(At(offset));
  }

 private:
  const uint64_t num_bytes_;
  int fd_ = -1;
  std::byte* address_ = nullptr;
};

// An object of a message: its bytes and what travels beside them.
struct HostileObject {
  std::string bytes;
  std::vector<int> fds;  // duplicated when sent
};

// What the driver makes of a memory object, and of any descriptor.
HostileObject MemoryObject(int fd, uint64_t num_bytes);
HostileObject FileObject(int fd);

template <class T>
std::string BytesOf(const T& value) {
  return std::string(reinterpret_cast<const char*>(&value), sizeof(value));
}

// The bytes of a well-formed message.
std::string MessageOf(uint32_t type, std::string_view body,
                      const std::vector<HostileObject>& objects = {});

class HostilePeer {
 public:
  // Where things lie in segment 0.
  static constexpr uint64_t kSegmentBytes = 128 * 1024;
  static constexpr uint64_t kPageAt = 4096;
  static constexpr uint32_t kLog2LaneBytes = 12;
  static constexpr uint64_t kLaneAt[2] = {32768, 40960};
  static constexpr uint64_t kBlockAt = 65536;

  explicit HostilePeer(IpczDriverHandle transport);
  // Closes the transport, if that was not done.
  ~HostilePeer();
  HostilePeer(const HostilePeer&) = delete;
  HostilePeer& operator=(const HostilePeer&) = delete;
  void Close();

  // Transmits `bytes` with duplicates of `fds`.
  void Send(std::string_view bytes, const std::vector<int>& fds = {});
  void Send(uint32_t type, std::string_view body, const std::vector<HostileObject>& objects = {});
  template <class Body>
  void Send(MessageType type, const Body& body, const std::vector<HostileObject>& objects = {}) {
    Send(static_cast<uint32_t>(type), BytesOf(body), objects);
  }

  // Connects as another broker, not as a client.
  void PoseAsBroker() { role_ = kConnectIsBroker | kConnectToBroker; }

  // An honest Connect, for attacks that change some of it.
  ConnectBody GoodConnect() const;
  HostileObject GoodMemory();
  void ConnectHonestly() { Send(MessageType::kConnect, GoodConnect(), {GoodMemory()}); }
  void AddSegment(HostileSegment& segment, uint32_t id);

  // The other side's Connect has come; its segment 0 is mapped.
  bool WaitForConnect();
  // What it said of itself.
  const ConnectBody& victims_connect() const { return victims_connect_; }
  // The transport has ended, at the latest after some seconds.
  bool WaitForEnd();
  bool ended() const { return ended_; }

  HostileSegment& segment() { return segment_; }
  // This side's block of an initial portal.
  RouteEndBlock& end(uint32_t sublink);
  // The other side's, which can only be read.
  const RouteEndBlock& victims_end(uint32_t sublink) const;

  // --- Lanes. Lane 0 and 1 are those of the initial portals.
  static uint64_t LaneWord(int lane);
  // A word of the segment that names no lane of an honest peer.
  static uint64_t Word(uint32_t segment, uint64_t offset, uint32_t log2_capacity) {
    return LaneRef{segment, offset, log2_capacity}.Pack();
  }
  // Tells the other side of lane `lane`.
  void StartLane(int lane);
  // Writes a record as it is given and steps over `step` bytes; the next header is zeroed.
  void PutRecord(int lane, uint64_t header, uint64_t second, std::string_view body, uint64_t step);
  // An honest parcel.
  void PutParcel(int lane, std::string_view text);
  // A data record whose body says what it says of handles.
  void PutHandles(int lane, RecordSecond second, const HandlesHeader& header,
                  const std::vector<HandleDescriptor>& descriptors);
  // A descriptor of a portal with the sublink that the other side will have.
  static HandleDescriptor DescribePortal(uint32_t sublink);
  void Ready(uint32_t sublink) { Send(MessageType::kReady, ReadyBody{sublink, 0}); }
  // Positions in the lane, which the attack may move.
  uint64_t position[2] = {0, 0};

 private:
  static IpczResult IPCZ_API OnActivity(IpczHandle context, const void* data, size_t num_bytes,
                                        const IpczDriverHandle* handles, size_t num_handles,
                                        IpczTransportActivityFlags flags, const void* options);
  void OnConnect(std::string_view message, int fd);

  const IpczDriverHandle transport_;
  HostileSegment segment_{0, kSegmentBytes};
  uint32_t role_ = kConnectToBroker;
  ConnectBody victims_connect_ = {};
  const std::byte* victims_memory_ = nullptr;
  uint64_t victims_bytes_ = 0;
  std::atomic<bool> connected_{false};
  std::atomic<bool> ended_{false};
  std::atomic<bool> deactivated_{false};
  bool closed_ = false;
};

}  // namespace ringway::testing

#endif  // TESTS_HOSTILE_HOSTILE_PEER_H_
