// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/cmd/live_process.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "engine/cmd/failure.h"

namespace ringway::cmd {

namespace {

constexpr char kName[] = "/memfd:ringway (deleted)";  // as shm/memfd.cc calls all of it

std::string FileOf(pid_t pid, const char* file) {
  return "/proc/" + std::to_string(pid) + "/" + file;
}

// Adds the regions of a process with our name. False, with errno: it cannot be read.
bool ReadRegions(pid_t pid, std::vector<ProcessMemory::Region>* regions) {
  std::ifstream maps(FileOf(pid, "maps"));
  if (!maps) return false;
  for (std::string line; std::getline(maps, line);) {
    if (line.find(kName) == std::string::npos) continue;
    uint64_t first;
    uint64_t end;
    uint64_t inode;
    char access[5];
    int name_at = 0;
    if (std::sscanf(line.c_str(), "%" SCNx64 "-%" SCNx64 " %4s %*x %*s %" SCNu64 " %n", &first,
                    &end, access, &inode, &name_at) != 4) {
      continue;
    }
    if (line.compare(static_cast<size_t>(name_at), std::string::npos, kName) != 0) continue;
    regions->push_back({first, end - first, access[1] == 'w', inode});
  }
  return true;
}

// What the process calls itself, without what a terminal would take for more than text.
std::string NameOfProcess(pid_t pid) {
  std::ifstream file(FileOf(pid, "comm"));
  std::string name;
  std::getline(file, name);
  const auto is_control = [](char c) { return std::iscntrl(static_cast<unsigned char>(c)) != 0; };
  std::replace_if(name.begin(), name.end(), is_control, '?');
  return name;
}

}  // namespace

LiveProcess::LiveProcess(pid_t pid)
    : pid_(pid), what_("inspect " + std::to_string(pid)), name_(NameOfProcess(pid)) {
  if (access(("/proc/" + std::to_string(pid)).c_str(), F_OK) != 0) {
    Fail(what_, "there is no such process", "look with ps");
  }
  // Holds on to this very process, whoever gets its number next.
  memory_ = open(FileOf(pid, "mem").c_str(), O_RDONLY | O_CLOEXEC);
  std::vector<Region> regions;
  if (memory_ >= 0 && ReadRegions(pid, &regions)) return;
  if (errno == EACCES || errno == EPERM) {
    Fail(what_, "its memory is not ours to read",
         "be its user or root; kernel.yama.ptrace_scope must be 0 for a user");
  }
  Fail(what_, std::strerror(errno), "has it ended?");
}

LiveProcess::~LiveProcess() { close(memory_); }

std::vector<ProcessMemory::Region> LiveProcess::Regions() const {
  std::vector<Region> regions;
  ReadRegions(pid_, &regions);
  return regions;
}

bool LiveProcess::Read(uint64_t address, void* data, size_t num_bytes) const {
  auto* to = static_cast<char*>(data);
  while (num_bytes != 0) {
    const ssize_t count = pread64(memory_, to, num_bytes, static_cast<off64_t>(address));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    to += count;
    address += static_cast<uint64_t>(count);
    num_bytes -= static_cast<size_t>(count);
  }
  return true;
}

std::map<uint64_t, Writer> FindWriters(const std::set<uint64_t>& inodes) {
  std::map<uint64_t, Writer> writers;
  std::error_code error;  // processes end meanwhile, and most are not ours
  std::filesystem::directory_iterator each("/proc", error);
  for (; !error && each != std::filesystem::directory_iterator(); each.increment(error)) {
    const std::string folder = each->path().filename();
    pid_t pid = 0;
    const auto parsed = std::from_chars(folder.data(), folder.data() + folder.size(), pid);
    if (parsed.ec != std::errc() || parsed.ptr != folder.data() + folder.size()) continue;
    std::vector<ProcessMemory::Region> regions;
    ReadRegions(pid, &regions);
    for (const ProcessMemory::Region& region : regions) {
      if (region.writable && inodes.contains(region.inode)) {
        writers.try_emplace(region.inode, Writer{pid, NameOfProcess(pid)});
      }
    }
  }
  return writers;
}

}  // namespace ringway::cmd
