// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_CMD_LIVE_PROCESS_H_
#define ENGINE_CMD_LIVE_PROCESS_H_

#include <sys/types.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/cmd/inspection.h"

namespace ringway::cmd {

// Another process, which is not stopped, and may be. Ends ours with a message
// if it is not there, or not to be read by us.
class LiveProcess final : public ProcessMemory {
 public:
  explicit LiveProcess(pid_t pid);
  ~LiveProcess() override;
  LiveProcess(const LiveProcess&) = delete;
  LiveProcess& operator=(const LiveProcess&) = delete;

  const std::string& what() const { return what_; }  // "inspect 123"
  const std::string& name() const { return name_; }  // of the program

  std::vector<Region> Regions() const override;
  bool Read(uint64_t address, void* data, size_t num_bytes) const override;

 private:
  const pid_t pid_;
  const std::string what_;
  std::string name_;
  int memory_ = -1;
};

struct Writer {
  pid_t pid;
  std::string name;
};

// Which processes write the memory with these inodes, of those we may look at.
std::map<uint64_t, Writer> FindWriters(const std::set<uint64_t>& inodes);

}  // namespace ringway::cmd

#endif  // ENGINE_CMD_LIVE_PROCESS_H_
