// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef TESTS_SUPPORT_NODE_PROCESS_H_
#define TESTS_SUPPORT_NODE_PROCESS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "tests/support/ipcz_test.h"
#include "tests/support/node_calls.h"
#include "tests/support/node_messages.h"
#include "tests/support/process.h"

// Nodes in processes of their own, for bodies that are written for nodes of this
// one. Api() and Extensions() look at the first handle of each call. If it is of
// such a node, the call is made in its process, by a thread that belongs to the
// calling one; handlers of traps that run on that thread there run on the calling
// thread here, before the call returns, and others on a thread of the process's
// own. Handles of other processes are handles that the engine does not know.
//
// What is not carried: peeking into boxes; the data of a two-phase call is
// copied, and a transport or object that such a node refuses is gone.

namespace ringway::testing {

// A process, on the Linux driver. At its end it must have left nothing open.
class NodeProcess {
 public:
  // How long it waits for that.
  explicit NodeProcess(int patience_seconds = 20);
  ~NodeProcess();
  NodeProcess(const NodeProcess&) = delete;
  NodeProcess& operator=(const NodeProcess&) = delete;

  IpczHandle CreateNode(IpczCreateNodeFlags flags);
  void Signal(int signal) { process_.Signal(signal); }

 private:
  friend NodeProcess* ProcessFor(const NodeCall& call, const uint64_t* arguments);
  friend IpczResult CallIn(NodeProcess& process, size_t call, const uint64_t* arguments);

  NodeProcess(std::pair<std::shared_ptr<Connection>, int> control, int patience_seconds);

  // The calling thread's.
  std::shared_ptr<Connection> MyConnection();
  std::shared_ptr<Connection> Connect();
  void RunHandlers(std::shared_ptr<Connection> connection);

  IpczHandle ToTheirs(IpczHandle ours) const;
  IpczHandle ToOurs(IpczHandle theirs) const;
  void Encode(const Parameter& parameter, const uint64_t* arguments, size_t index,
              Message* request);
  void Decode(const Parameter& parameter, const uint64_t* arguments, size_t index, Message* reply);
  void EncodeArray(const void* data, size_t num_bytes, size_t stride, Message* request) const;

  const uint64_t number_;  // of all processes
  const IpczHandle tag_;   // of its handles here
  std::shared_ptr<Connection> control_;
  Process process_;
  std::mutex mutex_;
  std::map<IpczHandle, std::string> puts_;  // two-phase calls in progress
  std::map<IpczHandle, std::string> views_;
  std::thread handlers_;
};

}  // namespace ringway::testing

#endif  // TESTS_SUPPORT_NODE_PROCESS_H_
