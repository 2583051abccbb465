// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The command ringway-idl: docs/idl.md. Reading order: options here, loader
// (lexer, parser), checker, generator (interface_header, client, server).

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "engine/interface/idl/checker.h"
#include "engine/interface/idl/generator.h"
#include "engine/interface/idl/loader.h"

namespace ringway::idl {

namespace {

constexpr int kExitFailure = 1;
constexpr int kExitUsage = 2;

struct Options {
  std::vector<std::string> files;
  std::vector<std::string> import_folders;
  std::string output_folder = ".";
  bool check = false;
};

int Fail(const std::string& what, const std::string& why, int exit_code) {
  std::fprintf(stderr, "ringway-idl: %s: %s\n", what.c_str(), why.c_str());
  return exit_code;
}

bool Write(const std::string& path, const std::string& text) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (!file) return false;
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  // What was buffered may fail only now.
  return (std::fclose(file) == 0) && written;
}

int WriteAll(const std::vector<Output>& outputs, const std::string& folder) {
  for (const Output& output : outputs) {
    const std::string path = (std::filesystem::path(folder) / output.name).string();
    if (!Write(path, output.text))
      return Fail("cannot write " + path, std::strerror(errno), kExitFailure);
  }
  return 0;
}

int Compile(const std::string& path, const Options& options) {
  Diagnostics diagnostics;
  Loader loader(options.import_folders, &diagnostics);
  std::string why;
  const File* file = loader.Load(path, &why);
  if (!file) return Fail("cannot read " + path, why, kExitFailure);
  // What does not parse cannot be judged.
  if (diagnostics.num_errors() == 0) Checker(&diagnostics).Run(loader.files());
  std::fputs(diagnostics.text().c_str(), stderr);
  if (diagnostics.num_errors() != 0) return kExitFailure;
  return options.check ? 0 : WriteAll(Generate(*file), options.output_folder);
}

std::string CheckFile(const std::string& path) {
  const std::filesystem::path name = std::filesystem::path(path).filename();
  return name.extension() == ".idl" ? "" : "'" + path + "' does not end in .idl";
}

int Run(int argc, char** argv) {
  Options options;
  CLI::App app("Compiles interface descriptions (.idl) to C and C++, for clients and for servers.",
               "ringway-idl");
  app.add_option("FILE", options.files,
                 "What to compile; calc.idl becomes calc_client.h and others")
      ->required()
      ->check(CheckFile, "");
  app.add_option("-I,--import", options.import_folders,
                 "Where imports are looked for, after the folder of the file that has them")
      ->type_name("DIR")
      ->allow_extra_args(false);
  app.add_option("-o,--output", options.output_folder, "Where the outputs go")
      ->type_name("DIR")
      ->capture_default_str();
  app.add_flag("--check", options.check, "Only look for mistakes");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::fputs(app.help().c_str(), stdout);
    return 0;
  } catch (const CLI::ParseError& error) {
    return Fail("usage", std::string(error.what()) + " (try 'ringway-idl --help')", kExitUsage);
  }
  std::set<std::string> stems;
  for (const std::string& path : options.files) {
    const std::string stem = StemOf(std::filesystem::path(path).filename().string());
    if (stems.insert(stem).second) continue;
    return Fail("usage", "two files would become " + stem + "_client.h (compile them one by one)",
                kExitUsage);
  }
  for (const std::string& path : options.files) {
    const int exit_code = Compile(path, options);
    if (exit_code != 0) return exit_code;
  }
  return 0;
}

}  // namespace

}  // namespace ringway::idl

int main(int argc, char** argv) { return ringway::idl::Run(argc, argv); }
