// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/cmd/listener.h"

#include <pthread.h>
#include <sys/stat.h>

#include "engine/cmd/failure.h"

namespace ringway::cmd {

namespace {

// Ignored by default, so of no use to anybody else.
constexpr int kWakeWatcher = SIGURG;

Failure ExplainListen(const std::string& name, IpczResult result) {
  struct stat status;
  switch (result) {
    case IPCZ_RESULT_ALREADY_EXISTS:
      if (name[0] != '@' && lstat(name.c_str(), &status) == 0 && !S_ISSOCK(status.st_mode)) {
        return {"a file of that name is there, and it is no socket",
                "remove it, or choose another name"};
      }
      return {"the name is in use", "end the process that listens there, or choose another name"};
    case IPCZ_RESULT_PERMISSION_DENIED:
      return {"permission denied", "choose a name in a folder that you may write to"};
    case IPCZ_RESULT_NOT_FOUND:
      return {"there is no such folder", "create it, or choose another name"};
    case IPCZ_RESULT_RESOURCE_EXHAUSTED:
      return {"no descriptors or no memory left", "see 'ulimit -n' and the free space"};
    default:
      return {std::string("the driver answered ") + NameOf(result), "choose another name"};
  }
}

}  // namespace

Listener::Listener(const std::string& what, const std::string& name) : what_(what) {
  const IpczResult result = RingwayLinuxListen(name.c_str(), &listener_);
  if (result != IPCZ_RESULT_OK) Fail(what_, ExplainListen(name, result));
  sigemptyset(&signals_);
  sigaddset(&signals_, kWakeWatcher);
  for (const int signal : {SIGHUP, SIGINT, SIGTERM}) {
    struct sigaction before;
    const bool ignored =
        sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_IGN;  // nohup
    if (!ignored) sigaddset(&signals_, signal);
  }
  pthread_sigmask(SIG_BLOCK, &signals_, &signals_before_);
  watcher_ = std::thread(&Listener::WatchSignals, this);
}

Listener::~Listener() { Close(); }

IpczDriverHandle Listener::Accept() {
  IpczDriverHandle transport = IPCZ_INVALID_DRIVER_HANDLE;
  const IpczResult result = Accept(&transport, nullptr);
  if (result == IPCZ_RESULT_OK) return transport;
  Close();
  Fail(what_, ExplainListen("@", result));
}

IpczResult Listener::Accept(IpczDriverHandle* transport, RingwayLinuxCredentials* credentials) {
  const IpczResult result = RingwayLinuxAccept(listener_, UINT64_MAX, transport, credentials);
  if (result == IPCZ_RESULT_CANCELLED) Close();  // there was a signal, so this does not return
  return result;
}

void Listener::Close() {
  if (!listener_) return;
  closing_ = true;
  pthread_kill(watcher_.native_handle(), kWakeWatcher);
  watcher_.join();
  RingwayLinuxCloseListener(listener_);
  listener_ = nullptr;
  if (signal_ != 0) raise(signal_);  // delivered below, as if it had come now
  pthread_sigmask(SIG_SETMASK, &signals_before_, nullptr);
}

void Listener::WatchSignals() {
  while (!closing_) {
    int signal = 0;
    if (sigwait(&signals_, &signal) != 0 || signal == kWakeWatcher) continue;
    signal_ = signal;
    RingwayLinuxStopListening(listener_);
  }
}

}  // namespace ringway::cmd
