// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef BENCH_ARGUMENTS_H_
#define BENCH_ARGUMENTS_H_

#include <stddef.h>

#include <regex>
#include <string>
#include <vector>

namespace ringway::bench {

struct Arguments {
  bool quick = false;  // measurements alone, four sizes
  bool list = false;   // only print the names
  std::string json;    // where to write the JSON report; empty: nowhere
  std::regex only;     // cases whose name it is found in
  bool named = false;  // there was one
  size_t rounds = 5;
  size_t seconds = 0;  // to measure for; 0: as long as the kind of run may take
  std::string tree;    // what to send first; empty: nothing
};

// What came of the command line.
struct ParsedArguments {
  Arguments arguments;
  std::string help;   // to be printed instead of working, if not empty
  std::string error;  // one line, if not empty
};

ParsedArguments ParseArguments(std::vector<std::string> words);  // without the program's name

}  // namespace ringway::bench

#endif  // BENCH_ARGUMENTS_H_
