// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace ringway::bench {

ParsedArguments ParseArguments(std::vector<std::string> words) {
  ParsedArguments parsed;
  Arguments& wanted = parsed.arguments;
  std::string only;
  CLI::App app("Sends a file tree through portals, then measures them beside their rivals.",
               "bench/run");
  app.add_option(
         "TREE", wanted.tree,
         "The folder or file to send first; /usr/share/doc, but nothing with --quick or --only")
      ->check(CLI::ExistingPath);
  app.add_flag("--quick", wanted.quick, "Measure only, without 64 KiB, in less than 100 s");
  app.add_option("--json", wanted.json, "Write what was measured to this file as well");
  app.add_option("--only", only,
                 "Measure the cases in whose name this regular expression is found");
  app.add_option("--rounds", wanted.rounds, "Turns that each case gets")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--seconds", wanted.seconds, "How long to measure, all in all")
      ->check(CLI::Range(1, 86400));
  app.add_flag("--list", wanted.list, "Print the names of the cases and end");
  std::reverse(words.begin(), words.end());  // as CLI11 takes them
  try {
    app.parse(words);
    if (wanted.tree.empty() && !wanted.quick && only.empty()) wanted.tree = "/usr/share/doc";
    wanted.named = !only.empty();
    wanted.only = std::regex(only, std::regex::ECMAScript | std::regex::optimize);
  } catch (const CLI::CallForHelp&) {
    parsed.help = app.help();
  } catch (const CLI::ParseError& error) {
    parsed.error = std::string(error.what()) + " (--help shows what there is)";
  } catch (const std::regex_error&) {
    parsed.error = "--only: '" + only + "' is no regular expression (try 'roundtrip/.*/bytes:8$')";
  }
  return parsed;
}

}  // namespace ringway::bench
