// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#ifndef DRIVER_LINUX_TRANSPORT_H_
#define DRIVER_LINUX_TRANSPORT_H_

#include <sys/types.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "driver_linux/channel.h"
#include "driver_linux/frame_reader.h"
#include "driver_linux/object.h"
#include "driver_linux/reactor.h"
#include "driver_linux/send_queue.h"
#include "ipcz/ipcz.h"
#include "ring/wake.h"
#include "shm/unique_fd.h"

namespace ringway::driver {

// One end of a connection over a Unix stream socket. Once both ends are active and have something
// to say they exchange memory, and messages then go through that (channel.h); the socket carries
// their descriptors, wakes those who sleep, and tells of the end.
//
// Anyone may transmit at any time, also before the activation: the socket holds what it can, the
// rest is queued here and moves along with the endpoint. From the activation on, the reactor's
// thread alone reads, calls the handler, and closes the socket. So handler calls exclude each other
// by themselves, and deactivating never waits. What was transmitted before a Close() is still sent,
// as far as the peer takes it within a while.
class Transport final : public Object,
                        public ReactorClient,
                        public std::enable_shared_from_this<Transport> {
 public:
  static constexpr Kind kKind = Kind::kTransport;

  // What an endpoint is while nobody has activated it.
  struct Endpoint {
    UniqueFd socket;
    SendQueue pending;
  };
  struct EndpointSize {
    size_t num_bytes = 0;        // of all pending chunks, less what was sent of them
    size_t num_descriptors = 0;  // of all pending chunks
    size_t num_chunks = 0;
  };

  Transport() : Transport(Endpoint()) {}
  explicit Transport(Endpoint endpoint);

  // For a transport that was made without one.
  void AdoptSocket(UniqueFd socket);

  IpczResult Activate(IpczHandle engine_handle, IpczTransportActivityHandler handler);
  IpczResult Deactivate();
  IpczResult Transmit(std::span<const std::byte> payload, std::vector<UniqueFd> descriptors);

  // Sends what it can and says what is left. FAILED_PRECONDITION once it was activated.
  IpczResult Measure(EndpointSize* size);

  // Takes the endpoint out, if it is no larger than that. Transmissions fail from then on.
  IpczResult TakeEndpoint(const EndpointSize& size_max, Endpoint* endpoint);

  void OnHandleClosed() override;

  void OnWork() override;
  void OnReady(uint32_t source, uint32_t events) override;
  bool OnPoll() override;
  void OnArm() override;
  bool OnLook() override;

 private:
  using Outcome = SendQueue::Outcome;

  enum class State {
    kNew,       // not activated
    kActive,    // the reactor has it
    kStopping,  // the reactor will say DEACTIVATED
    kStopped,   // it did, and is perhaps still sending
    kGone,      // taken out
  };
  enum Source : uint32_t { kSocket, kPeerProcess, kAnswered };

  // What is read from one transport before the others have their turn, and what is read at most
  // from one whose peer is dead: more than it can have left can only come from someone who is not.
  static constexpr size_t kTurnBytesMax = size_t{1} << 20;
  static constexpr size_t kDrainBytesMax = size_t{64} << 20;

  // With the lock held.
  bool TakesMessages() const { return state_ == State::kNew || state_ == State::kActive; }
  void SayHello(bool active);
  void Account(Outcome outcome, bool was_idle);
  Outcome SendOverSocket(std::span<const std::byte> payload, std::vector<UniqueFd> descriptors);
  void CountForUpgrade(size_t num_bytes);
  bool HasUnsent() const { return !queue_.empty() || (channel_ && !channel_->pending.empty()); }
  Outcome BreakSending();

  // Likewise, of the channel that is open.
  Outcome SendOverChannel(std::span<const std::byte> payload, std::vector<UniqueFd> descriptors);
  Outcome FlushLocked();
  Outcome FlushPending();
  Outcome OfferLane();
  void LookForSleepers(const std::atomic<uint64_t>& word, WakeMemory* memory);
  void WakePeer();
  EndpointSize MeasureLocked() const;
  void CloseSocketLocked();

  // On the reactor's thread.
  bool IsActive();
  bool WatchSocket(uint32_t events);
  void UnwatchAll();
  void Flush();
  void RetryLater();
  void ReadAvailable(size_t num_bytes_max, bool until_end);
  bool ReadFrames(pid_t sender);
  bool TakeFrame(FrameReader::Frame* frame, pid_t sender);
  bool Deliver(std::span<const std::byte> payload, std::vector<UniqueFd> descriptors);
  void End(const std::string& reason);
  void WatchPeer(pid_t pid);
  void Fail(const std::string& reason);
  void Stop();
  void Linger(bool peer_is_gone);
  Outcome FlushQueue(bool* has_unsent);

  // Likewise, of the channel.
  void Upgrade();
  bool OfferMemory();
  bool TakeOffer(FrameReader::Frame* frame);
  bool TakeAnswer(bool yes);
  bool TakeSwitch();
  bool TakeHandles(std::vector<UniqueFd> descriptors);
  bool TakeLane(UniqueFd memory, const ChannelOffer& offer);
  void Answer(bool yes);
  void RefuseChannel();
  void OpenChannelIfReady();
  bool ReadChannel(size_t num_bytes_max);
  void ReleaseRead();
  bool IsReadingChannel() const { return channel_ && channel_->is_reading && !has_failed_; }
  void Disarm();

  std::mutex mutex_;
  // Written under the lock. Who reads it without learns of a change a little later.
  std::atomic<State> state_{State::kNew};
  bool send_broken_ = false;  // nothing more can be sent, now or later
  bool hello_sent_ = false;
  SendQueue queue_;
  UniqueFd socket_;  // replaced only under the lock; the reactor's thread may read it without
  IpczHandle engine_handle_ = IPCZ_INVALID_HANDLE;
  IpczTransportActivityHandler handler_ = nullptr;
  uint32_t until_upgrade_ = 0;         // messages to send before there is a channel
  std::unique_ptr<Channel> channel_;   // made and dropped under the lock by the reactor's thread
  std::atomic<bool> is_stuck_{false};  // messages wait for room in the lane

  // Of the reactor's thread.
  FrameReader reader_;
  UniqueFd peer_process_;  // a pidfd
  uint64_t socket_token_ = 0;
  uint64_t peer_token_ = 0;
  uint64_t answered_token_ = 0;
  uint32_t watched_events_ = 0;
  bool peer_is_gone_ = false;
  bool has_failed_ = false;
  bool peer_is_active_ = false;
  bool channel_refused_ = false;  // by either side, or it was tried in vain: none any more
  Reactor::Clock::time_point retry_time_;
  Reactor::Clock::time_point linger_deadline_;
};

}  // namespace ringway::driver

#endif  // DRIVER_LINUX_TRANSPORT_H_
