// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/interface/idl/generator.h"

#include <filesystem>
#include <utility>

#include "engine/interface/idl/code.h"

namespace ringway::idl {

std::string StemOf(const std::string& path) {
  return std::filesystem::path(path).replace_extension().string();
}

std::vector<Output> Generate(const File& file) {
  static constexpr struct {
    const char* suffix;
    const char* languages;
    void (*generate)(const File& file, Code* code);
  } kOutputs[] = {
      {"_interface.h", "C99 and as C++20", &GenerateInterfaceHeader},
      {"_client.h", "C99 and as C++20", &GenerateClientHeader},
      {"_client.c", "C99", &GenerateClientC},
      {"_client.cc", "C++20", &GenerateClientCpp},
      {"_server.h", "C99 and as C++20", &GenerateServerHeader},
      {"_server.c", "C99", &GenerateServerC},
      {"_server.cc", "C++20", &GenerateServerCpp},
  };
  const std::string stem = StemOf(std::filesystem::path(file.path).filename().string());
  std::vector<Output> outputs;
  for (const auto& kind : kOutputs) {
    Code code(file, kind.languages);
    kind.generate(file, &code);
    outputs.push_back({stem + kind.suffix, std::move(code.text)});
  }
  return outputs;
}

}  // namespace ringway::idl
