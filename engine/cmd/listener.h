// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_CMD_LISTENER_H_
#define ENGINE_CMD_LISTENER_H_

#include <atomic>
#include <csignal>
#include <string>
#include <thread>

#include "ipcz/ipcz.h"
#include "ringway/driver_linux.h"

namespace ringway::cmd {

// Listens on a name, and does not leave a socket file behind when the user
// interrupts that.
class Listener {
 public:
  // Ends the process if that cannot be.
  Listener(const std::string& what, const std::string& name);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // The next connection. Ends the process on a signal or a failure.
  IpczDriverHandle Accept();
  // The same, but a failure is the caller's to deal with. Tells who connected.
  IpczResult Accept(IpczDriverHandle* transport, RingwayLinuxCredentials* credentials);

  // Gives up the name; if there was a signal, also the process.
  void Close();

 private:
  void WatchSignals();

  const std::string what_;
  RingwayLinuxListener* listener_ = nullptr;
  sigset_t signals_;
  sigset_t signals_before_;
  std::atomic<int> signal_ = 0;  // that came; 0: none
  std::atomic<bool> closing_ = false;
  std::thread watcher_;
};

}  // namespace ringway::cmd

#endif  // ENGINE_CMD_LISTENER_H_
