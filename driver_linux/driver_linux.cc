// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "ringway/driver_linux.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "driver_linux/driver.h"
#include "driver_linux/endpoint.h"
#include "driver_linux/memory_objects.h"
#include "driver_linux/process.h"
#include "driver_linux/results.h"
#include "driver_linux/serialization.h"
#include "driver_linux/transport.h"

using ringway::OsResult;
using ringway::UniqueFd;
using ringway::driver::BackEnd;
using ringway::driver::ConnectTo;
using ringway::driver::CurrentProcess;
using ringway::driver::File;
using ringway::driver::GuardAbi;
using ringway::driver::Listener;
using ringway::driver::PeerCredentials;
using ringway::driver::Reactor;
using ringway::driver::ToIpczResult;
using ringway::driver::Transport;

struct RingwayLinuxListener {
  Listener listener;
};

namespace {

IpczResult InsertTransport(UniqueFd socket, IpczDriverHandle* transport) {
  return CurrentProcess().registry.Insert(
      std::make_shared<Transport>(Transport::Endpoint{std::move(socket), {}}), transport);
}

bool IsOpen(int fd) { return fd >= 0 && fcntl(fd, F_GETFD) >= 0; }

bool IsValid(const RingwayLinuxCredentials* credentials) {
  return credentials == nullptr || credentials->size >= sizeof(RingwayLinuxCredentials);
}

// By RINGWAY_DRIVER_BACK_END_*.
constexpr std::array<BackEnd, 6> kBackEnds = {BackEnd::kAuto,    BackEnd::kSocket,
                                              BackEnd::kEpoll,   BackEnd::kFutex,
                                              BackEnd::kIoUring, BackEnd::kIoUringFutex};

// Hands out a connection that was made through a name.
IpczResult GiveConnection(OsResult<UniqueFd> socket, IpczDriverHandle* transport,
                          RingwayLinuxCredentials* credentials) {
  if (!socket.ok()) return ToIpczResult(socket.error());
  if (credentials != nullptr) {
    const ucred peer = PeerCredentials(socket->get());
    credentials->pid = peer.pid;
    credentials->uid = peer.uid;
    credentials->gid = peer.gid;
  }
  return InsertTransport(std::move(*socket), transport);
}

}  // namespace

const IpczDriver* IPCZ_API RingwayLinuxDriver(void) { return &ringway::driver::GetTable().base; }

IpczResult IPCZ_API RingwayLinuxCreateTransportPair(IpczDriverHandle* first,
                                                    IpczDriverHandle* second) {
  if (first == nullptr || second == nullptr) return IPCZ_RESULT_INVALID_ARGUMENT;
  return GuardAbi([&] { return ringway::driver::CreateTransportPair(first, second); });
}

IpczResult IPCZ_API RingwayLinuxTransportToFd(IpczDriverHandle transport, int* fd) {
  if (fd == nullptr) return IPCZ_RESULT_INVALID_ARGUMENT;
  return GuardAbi([&] {
    ringway::driver::Registry& registry = CurrentProcess().registry;
    const std::shared_ptr<Transport> object = registry.Find<Transport>(transport);
    if (!object) return registry.Refusal(transport);
    Transport::EndpointSize pending;
    IpczResult result = object->Measure(&pending);
    if (result != IPCZ_RESULT_OK) return result;
    // What is still to be sent has no place in a descriptor.
    Transport::Endpoint endpoint;
    result = object->TakeEndpoint({}, &endpoint);
    if (result != IPCZ_RESULT_OK) return result;
    registry.Take(transport);
    *fd = endpoint.socket.Release();
    return IPCZ_RESULT_OK;
  });
}

IpczResult IPCZ_API RingwayLinuxTransportFromFd(int fd, IpczDriverHandle* transport) {
  if (transport == nullptr || !IsOpen(fd)) return IPCZ_RESULT_INVALID_ARGUMENT;
  return GuardAbi([&] {
    if (!ringway::driver::IsTransportSocket(fd)) return IPCZ_RESULT_INVALID_ARGUMENT;
    const auto object = std::make_shared<Transport>();
    const IpczResult result = CurrentProcess().registry.Insert(object, transport);
    if (result != IPCZ_RESULT_OK) return result;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    object->AdoptSocket(UniqueFd(fd));
    return IPCZ_RESULT_OK;
  });
}

IpczResult IPCZ_API RingwayLinuxWrapFd(int fd, IpczDriverHandle* file) {
  if (file == nullptr || !IsOpen(fd)) return IPCZ_RESULT_INVALID_ARGUMENT;
  return GuardAbi([&] {
    const auto object = std::make_shared<File>(UniqueFd());
    const IpczResult result = CurrentProcess().registry.Insert(object, file);
    if (result != IPCZ_RESULT_OK) return result;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    object->AdoptFd(UniqueFd(fd));
    return IPCZ_RESULT_OK;
  });
}

IpczResult IPCZ_API RingwayLinuxUnwrapFd(IpczDriverHandle file, int* fd) {
  if (fd == nullptr) return IPCZ_RESULT_INVALID_ARGUMENT;
  return GuardAbi([&] {
    ringway::driver::Registry& registry = CurrentProcess().registry;
    const std::shared_ptr<File> object = registry.Take<File>(file);
    if (!object) return registry.Refusal(file);
    *fd = object->TakeFd().Release();
    return IPCZ_RESULT_OK;
  });
}

IpczResult IPCZ_API RingwayLinuxListen(const char* name, RingwayLinuxListener** listener) {
  if (name == nullptr || listener == nullptr) return IPCZ_RESULT_INVALID_ARGUMENT;
  return GuardAbi([&] {
    OsResult<Listener> result = Listener::Listen(name);
    if (!result.ok()) return ToIpczResult(result.error());
    *listener = new RingwayLinuxListener{std::move(*result)};
    return IPCZ_RESULT_OK;
  });
}

IpczResult IPCZ_API RingwayLinuxAccept(RingwayLinuxListener* listener, uint64_t timeout_ns,
                                       IpczDriverHandle* transport,
                                       RingwayLinuxCredentials* credentials) {
  if (listener == nullptr || transport == nullptr || !IsValid(credentials)) {
    return IPCZ_RESULT_INVALID_ARGUMENT;
  }
  return GuardAbi([&] {
    return GiveConnection(listener->listener.Accept(timeout_ns), transport, credentials);
  });
}

void IPCZ_API RingwayLinuxStopListening(RingwayLinuxListener* listener) {
  if (listener != nullptr) listener->listener.Stop();
}

void IPCZ_API RingwayLinuxCloseListener(RingwayLinuxListener* listener) { delete listener; }

IpczResult IPCZ_API RingwayLinuxConnect(const char* name, uint64_t timeout_ns,
                                        IpczDriverHandle* transport,
                                        RingwayLinuxCredentials* credentials) {
  if (name == nullptr || transport == nullptr || !IsValid(credentials)) {
    return IPCZ_RESULT_INVALID_ARGUMENT;
  }
  return GuardAbi(
      [&] { return GiveConnection(ConnectTo(name, timeout_ns), transport, credentials); });
}

IpczResult IPCZ_API RingwayLinuxSetOptions(const RingwayLinuxOptions* options) {
  if (options == nullptr || options->size < sizeof(RingwayLinuxOptions) ||
      options->back_end >= kBackEnds.size()) {
    return IPCZ_RESULT_INVALID_ARGUMENT;
  }
  return GuardAbi([&] {
    ringway::driver::Process& process = CurrentProcess();
    const bool done =
        !process.reactor.was_used() && process.reactor.Choose(kBackEnds[options->back_end]);
    if (!done) return IPCZ_RESULT_FAILED_PRECONDITION;
    process.options.spin_ns = options->spin_ns;
    process.options.upgrade_after = options->upgrade_after;
    process.options.sqpoll_idle_ms = options->sqpoll_idle_ms;
    return IPCZ_RESULT_OK;
  });
}

IpczResult IPCZ_API RingwayLinuxGetOptions(RingwayLinuxOptions* options) {
  if (options == nullptr || options->size < sizeof(RingwayLinuxOptions)) {
    return IPCZ_RESULT_INVALID_ARGUMENT;
  }
  return GuardAbi([&] {
    const ringway::driver::Options& chosen = CurrentProcess().options;
    const auto* back_end = std::find(kBackEnds.begin(), kBackEnds.end(), chosen.back_end.load());
    *options = {options->size, static_cast<uint64_t>(back_end - kBackEnds.begin()), chosen.spin_ns,
                chosen.upgrade_after, chosen.sqpoll_idle_ms};
    return IPCZ_RESULT_OK;
  });
}

IpczResult IPCZ_API RingwayLinuxChooseReactor(int reactor) {
  if (reactor < RINGWAY_LINUX_REACTOR_AUTO || reactor > RINGWAY_LINUX_REACTOR_IO_URING) {
    return IPCZ_RESULT_INVALID_ARGUMENT;
  }
  return GuardAbi([&] {
    Reactor& chosen = CurrentProcess().reactor;
    const bool done = !chosen.was_used() && chosen.Choose(static_cast<Reactor::Choice>(reactor));
    return done ? IPCZ_RESULT_OK : IPCZ_RESULT_FAILED_PRECONDITION;
  });
}

size_t IPCZ_API RingwayLinuxLastTransportError(char* text, size_t text_size) {
  size_t length = 0;
  GuardAbi([&] {
    const std::string reason = CurrentProcess().last_failure.Get();
    length = reason.size();
    if (text == nullptr || text_size == 0) return IPCZ_RESULT_OK;
    text[reason.copy(text, text_size - 1)] = '\0';
    return IPCZ_RESULT_OK;
  });
  return length;
}
