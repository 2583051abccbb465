// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/interface/idl/loader.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>

#include "engine/interface/idl/parser.h"

namespace ringway::idl {

namespace {

constexpr size_t kFileBytesMax = size_t{16} << 20;

// The same for all paths that lead to one file.
std::string KeyOf(const std::string& path) {
  std::error_code ignored;
  const std::filesystem::path canonical = std::filesystem::canonical(path, ignored);
  return canonical.empty() ? path : canonical.string();
}

bool Exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

bool ReadAll(const std::string& path, std::string* text, std::string* why) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             &std::fclose);
  bool good = file != nullptr;
  char buffer[65536];
  while (good && text->size() <= kFileBytesMax) {
    const size_t count = std::fread(buffer, 1, sizeof(buffer), file.get());
    text->append(buffer, count);
    good = std::ferror(file.get()) == 0;
    if (count == 0) break;
  }
  if (!good) {
    *why = std::strerror(errno);
  } else if (text->size() > kFileBytesMax) {
    *why = "it has more than 16 MiB";
  }
  return why->empty();
}

}  // namespace

const File* Loader::Load(const std::string& path, std::string* why) {
  return Read(path, KeyOf(path), why);
}

const File* Loader::Read(const std::string& path, const std::string& key, std::string* why) {
  const auto known = read_.find(key);
  if (known != read_.end()) return known->second;
  File& file = storage_.emplace_back();
  file.path = path;
  if (!ReadAll(path, &file.source, why)) return nullptr;
  Parser(&file, diagnostics_).Run();
  read_[key] = &file;
  open_.emplace_back(key, &file);
  for (Import& wanted : file.imports) {
    for (const Import& other : file.imports) {
      if (&other == &wanted) break;
      if (other.path.text != wanted.path.text) continue;
      diagnostics_->Error(wanted.path.at, "'" + wanted.path.text + "' is imported twice");
    }
    wanted.file = Find(file, wanted.path);
  }
  open_.pop_back();
  files_.push_back(&file);
  return &file;
}

bool Loader::IsCycle(const std::string& key, const Name& path) {
  const auto first = std::find_if(open_.begin(), open_.end(),
                                  [&](const auto& entry) { return entry.first == key; });
  if (first == open_.end()) return false;
  std::string words = "these files import each other: ";
  for (auto entry = first; entry != open_.end(); ++entry) words += entry->second->path + " -> ";
  diagnostics_->Error(path.at, words + first->second->path);
  return true;
}

const File* Loader::Find(const File& from, const Name& path) {
  const std::filesystem::path relative(path.text);
  if (relative.is_absolute() || relative.extension() != ".idl" || relative.stem().empty()) {
    diagnostics_->Error(path.at, "'" + path.text + "' is no relative path of an .idl file");
    return nullptr;
  }
  std::vector<std::filesystem::path> candidates = {std::filesystem::path(from.path).parent_path() /
                                                   relative};
  for (const std::string& folder : folders_) {
    candidates.push_back(std::filesystem::path(folder) / relative);
  }
  std::string looked_at;
  for (const std::filesystem::path& candidate : candidates) {
    const std::string found = candidate.string();
    if (!Exists(found)) {
      looked_at += (looked_at.empty() ? "" : ", ") + found;
      continue;
    }
    const std::string key = KeyOf(found);
    if (IsCycle(key, path)) return nullptr;
    std::string why;
    const File* file = Read(found, key, &why);
    if (!file) diagnostics_->Error(path.at, "cannot read '" + found + "': " + why);
    return file;
  }
  diagnostics_->Error(path.at, "there is no '" + path.text + "': looked for " + looked_at);
  return nullptr;
}

}  // namespace ringway::idl
