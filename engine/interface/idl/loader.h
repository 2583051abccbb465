// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_INTERFACE_IDL_LOADER_H_
#define ENGINE_INTERFACE_IDL_LOADER_H_

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "engine/interface/idl/syntax.h"

namespace ringway::idl {

// Reads a file and all that it imports, each once.
class Loader {
 public:
  // Imports are looked for beside the file that imports them, then in `folders`.
  Loader(std::vector<std::string> folders, Diagnostics* diagnostics)
      : folders_(std::move(folders)), diagnostics_(diagnostics) {}

  // Null, and an error in words, if it cannot be read. Other mistakes are in the diagnostics.
  const File* Load(const std::string& path, std::string* why);

  // What was read, a file after those that it imports.
  const std::vector<const File*>& files() const { return files_; }

 private:
  const File* Read(const std::string& path, const std::string& key, std::string* why);
  const File* Find(const File& from, const Name& path);
  bool IsCycle(const std::string& key, const Name& path);

  std::vector<std::string> folders_;
  Diagnostics* diagnostics_;
  std::deque<File> storage_;
  std::map<std::string, const File*> read_;                // by the path without links
  std::vector<std::pair<std::string, const File*>> open_;  // whose imports are being read
  std::vector<const File*> files_;
};

}  // namespace ringway::idl

#endif  // ENGINE_INTERFACE_IDL_LOADER_H_
