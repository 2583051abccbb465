// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "tests/hostile/hostile_peer.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "ringway/driver_linux.h"
#include "tests/support/ipcz_test.h"

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

namespace ringway::testing {

const int HostileSegment::kGoodSeals =
    F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL;

namespace {

// What `make` gives. What was sent and not received yet may have taken the last descriptor.
template <class Make>
int Descriptor(Make make) {
  int fd = -1;
  if (!Eventually([&] { return (fd = make()) >= 0; })) std::abort();
  return fd;
}

}  // namespace

HostileSegment::HostileSegment(uint32_t id, uint64_t num_bytes, int seals)
    : num_bytes_(num_bytes),
      fd_(Descriptor([] { return memfd_create("hostile", MFD_CLOEXEC | MFD_ALLOW_SEALING); })) {
  if (fallocate(fd_, 0, 0, static_cast<off_t>(num_bytes)) != 0) std::abort();
  void* address = mmap(nullptr, num_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0);
  if (address == MAP_FAILED) std::abort();
  address_ = static_cast<std::byte*>(address);
  if (seals != 0 && fcntl(fd_, F_ADD_SEALS, seals) != 0) std::abort();
  if (num_bytes < sizeof(SegmentHeader)) return;
  header().magic = kSegmentMagic;
  header().layout_version = kLayoutVersion;
  header().segment = id;
  header().bytes = num_bytes;
}

HostileSegment::~HostileSegment() {
  munmap(address_, num_bytes_);
  close(fd_);
}

HostileObject MemoryObject(int fd, uint64_t num_bytes) {
  const driver::SerializedObject object = {
      driver::kObjectMagic, driver::kWireVersion, driver::kSerializedMemory, num_bytes, 0, 0};
  return {BytesOf(object), {fd}};
}

HostileObject FileObject(int fd) {
  const driver::SerializedObject object = {
      driver::kObjectMagic, driver::kWireVersion, driver::kSerializedFile, 0, 0, 0};
  return {BytesOf(object), {fd}};
}

std::string MessageOf(uint32_t type, std::string_view body,
                      const std::vector<HostileObject>& objects) {
  std::string bytes = BytesOf(MessageHeader{type, static_cast<uint32_t>(objects.size())});
  bytes += body;
  for (const HostileObject& object : objects) {
    bytes += BytesOf(ObjectHeader{static_cast<uint32_t>(object.bytes.size()),
                                  static_cast<uint32_t>(object.fds.size())});
  }
  for (const HostileObject& object : objects) bytes += object.bytes;
  return bytes;
}

HostilePeer::HostilePeer(IpczDriverHandle transport) : transport_(transport) {
  segment_.header().route_pages[0].store(Word(0, kPageAt, Log2RoutePageBytes(0)));
  for (const uint32_t sublink : {0u, 1u}) end(sublink).attention.state.store(kRouteOpen);
  RingwayLinuxDriver()->ActivateTransport(transport_, reinterpret_cast<IpczHandle>(this),
                                          &OnActivity, 0, nullptr);
}

HostilePeer::~HostilePeer() {
  Close();
  if (victims_memory_) munmap(const_cast<std::byte*>(victims_memory_), victims_bytes_);
}

void HostilePeer::Close() {
  if (std::exchange(closed_, true)) return;
  RingwayLinuxDriver()->DeactivateTransport(transport_, 0, nullptr);
  Eventually([&] { return deactivated_.load(); });
  RingwayLinuxDriver()->Close(transport_, 0, nullptr);
}

void HostilePeer::Send(std::string_view bytes, const std::vector<int>& fds) {
  std::vector<IpczDriverHandle> handles(fds.size());
  for (size_t i = 0; i < fds.size(); ++i) {
    const int copy = Descriptor([&] { return fcntl(fds[i], F_DUPFD_CLOEXEC, 0); });
    if (RingwayLinuxWrapFd(copy, &handles[i]) != IPCZ_RESULT_OK) std::abort();
  }
  RingwayLinuxDriver()->Transmit(transport_, bytes.data(), bytes.size(), handles.data(),
                                 handles.size(), 0, nullptr);
}

void HostilePeer::Send(uint32_t type, std::string_view body,
                       const std::vector<HostileObject>& objects) {
  std::vector<int> fds;
  for (const HostileObject& object : objects) {
    fds.insert(fds.end(), object.fds.begin(), object.fds.end());
  }
  Send(MessageOf(type, body, objects), fds);
}

ConnectBody HostilePeer::GoodConnect() const {
  ConnectBody body = {};
  body.magic = kConnectMagic;
  body.wire_version = kWireVersion;
  body.layout_version = kLayoutVersion;
  body.name[0] = 0x1234;
  body.flags = role_ | kConnectHasBarrier;
  body.initial_portals = 2;
  body.segment_bytes = kSegmentBytes;
  return body;
}

HostileObject HostilePeer::GoodMemory() { return MemoryObject(segment_.fd(), kSegmentBytes); }

void HostilePeer::AddSegment(HostileSegment& segment, uint32_t id) {
  Send(MessageType::kAddSegment, AddSegmentBody{id, 0, segment.num_bytes()},
       {MemoryObject(segment.fd(), segment.num_bytes())});
}

bool HostilePeer::WaitForConnect() {
  return Eventually([&] { return connected_.load(); });
}

bool HostilePeer::WaitForEnd() {
  return Eventually([&] { return ended_.load(); });
}

RouteEndBlock& HostilePeer::end(uint32_t sublink) {
  return reinterpret_cast<RouteEndBlock*>(segment_.At(kPageAt))[sublink];
}

const RouteEndBlock& HostilePeer::victims_end(uint32_t sublink) const {
  const auto* header = reinterpret_cast<const SegmentHeader*>(victims_memory_);
  const LaneRef page = LaneRef::Unpack(header->route_pages[0].load());
  return reinterpret_cast<const RouteEndBlock*>(victims_memory_ + page.offset)[sublink];
}

uint64_t HostilePeer::LaneWord(int lane) { return Word(0, kLaneAt[lane], kLog2LaneBytes); }

void HostilePeer::StartLane(int lane) {
  end(static_cast<uint32_t>(lane)).attention.first_lane.store(LaneWord(lane));
}

void HostilePeer::PutRecord(int lane, uint64_t header, uint64_t second, std::string_view body,
                            uint64_t step) {
  const uint64_t mask = (uint64_t{1} << kLog2LaneBytes) - 1;
  const uint64_t at = kLaneAt[lane] + (position[lane] & mask);
  segment_.Word(at + 8).store(second);
  std::memcpy(segment_.At(at + kRecordPrefixBytes), body.data(), body.size());
  position[lane] += step;
  if (step != 0) segment_.Word(kLaneAt[lane] + (position[lane] & mask)).store(0);
  segment_.Word(at).store(header);
}

void HostilePeer::PutParcel(int lane, std::string_view text) {
  const uint64_t bytes = AlignRecord(kRecordPrefixBytes + text.size());
  PutRecord(lane, RecordHeader{static_cast<uint32_t>(bytes), RecordKind::kData, 0}.Pack(),
            RecordSecond{static_cast<uint32_t>(text.size()), 0, 0}.Pack(), text, bytes);
}

void HostilePeer::PutHandles(int lane, RecordSecond second, const HandlesHeader& header,
                             const std::vector<HandleDescriptor>& descriptors) {
  std::string body = BytesOf(header);
  for (const HandleDescriptor& descriptor : descriptors) body += BytesOf(descriptor);
  const uint64_t bytes = AlignRecord(kRecordPrefixBytes + body.size());
  PutRecord(lane,
            RecordHeader{static_cast<uint32_t>(bytes), RecordKind::kData, kRecordHasHandles}.Pack(),
            second.Pack(), body, bytes);
}

HandleDescriptor HostilePeer::DescribePortal(uint32_t sublink) {
  HandleDescriptor descriptor = {};
  descriptor.kind = kDescribesPortal;
  descriptor.sublink = sublink;
  return descriptor;
}

IpczResult IPCZ_API HostilePeer::OnActivity(IpczHandle context, const void* data, size_t num_bytes,
                                            const IpczDriverHandle* handles, size_t num_handles,
                                            IpczTransportActivityFlags flags, const void*) {
  auto* peer = reinterpret_cast<HostilePeer*>(context);
  if (flags != IPCZ_NO_FLAGS) peer->ended_ = true;
  if ((flags & IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED) != 0) peer->deactivated_ = true;
  for (size_t i = 0; i < num_handles; ++i) {
    int fd;
    if (RingwayLinuxUnwrapFd(handles[i], &fd) != IPCZ_RESULT_OK) continue;
    if (i == 0) peer->OnConnect({static_cast<const char*>(data), num_bytes}, fd);
    close(fd);
  }
  return IPCZ_RESULT_OK;
}

void HostilePeer::OnConnect(std::string_view message, int fd) {
  MessageHeader header;
  ConnectBody body;
  if (connected_ || message.size() < sizeof(header) + sizeof(body)) return;
  std::memcpy(&header, message.data(), sizeof(header));
  std::memcpy(&body, message.data() + sizeof(header), sizeof(body));
  if (header.type != static_cast<uint32_t>(MessageType::kConnect)) return;
  void* address = mmap(nullptr, body.segment_bytes, PROT_READ, MAP_SHARED, fd, 0);
  if (address == MAP_FAILED) return;
  victims_memory_ = static_cast<const std::byte*>(address);
  victims_bytes_ = body.segment_bytes;
  victims_connect_ = body;
  connected_ = true;
}

}  // namespace ringway::testing
