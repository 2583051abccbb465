// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef TESTS_MODEL_SPIN_H_
#define TESTS_MODEL_SPIN_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <ostream>
#include <sstream>
#include <string>

namespace ringway::model {

// One build of a model: the macros that it takes are named there.
struct SpinCase {
  const char* name;
  const char* macros;
};
inline void PrintTo(const SpinCase& each, std::ostream* out) { *out << each.macros; }
inline std::string SpinCaseName(const testing::TestParamInfo<SpinCase>& info) {
  return info.param.name;
}

struct SpinResult {
  bool complete = false;  // every state was visited, or an error ended the search
  int errors = -1;
  uint64_t states = 0;
  std::string error;
};

// Number that stands before or behind `words` in `text`; -1 if they are not there.
inline double NumberAt(const std::string& text, const std::string& words, bool before) {
  const size_t at = text.find(words);
  if (at == std::string::npos) return -1;
  const size_t from = before ? text.find_last_of("\n;", at) + 1 : at + words.size();
  return std::strtod(text.c_str() + from, nullptr);
}

// Translates `model`.pml, compiles the verifier with `flags` and lets it visit every state.
inline SpinResult RunSpin(const std::string& model, const SpinCase& each, const char* flags) {
  SpinResult result;
  const char* scratch = std::getenv("TEST_TMPDIR");
  const std::string directory = std::string(scratch ? scratch : "/tmp") + "/" + each.name;
  const std::string command =
      "rm -rf " + directory + " && mkdir -p " + directory + " && cp tests/model/" + model +
      "*.pml " + directory + " && cd " + directory + " && spin -a " + each.macros + " " + model +
      ".pml && gcc -w -DSAFETY -DVECTORSZ=2048 " + flags + " -o pan pan.c && ./pan -m100000";
  const int status = std::system(("(" + command + ") >" + directory + ".log 2>&1").c_str());
  std::stringstream text;
  text << std::ifstream(directory + ".log").rdbuf();
  const std::string log = text.str();
  EXPECT_EQ(status, 0) << log;

  result.errors = static_cast<int>(NumberAt(log, "errors:", false));
  result.states = static_cast<uint64_t>(NumberAt(log, "states, stored", true));
  result.complete = log.find("Search not completed") == std::string::npos &&
                    log.find("max search depth too small") == std::string::npos;
  const size_t error = log.find("pan:1: ");
  if (error != std::string::npos) {
    result.error = log.substr(error + 7, log.find('\n', error) - error - 7);
  }
  EXPECT_GE(result.errors, 0) << log;
  std::printf("%-26s %9lu states, errors: %d %s (%s)\n", each.name, result.states, result.errors,
              result.error.c_str(), each.macros);
  return result;
}

class SpinTest : public testing::TestWithParam<SpinCase> {
 protected:
  // No state is wrong, and nobody waits for ever, whatever the order.
  void ExpectSound(const char* model, const char* flags) {
    const SpinResult result = RunSpin(model, GetParam(), flags);
    EXPECT_TRUE(result.complete);
    EXPECT_EQ(result.errors, 0) << result.error;
    EXPECT_GT(result.states, 1000u);
  }
  void ExpectCaught(const char* model) {
    const SpinResult result = RunSpin(model, GetParam(), "-O0");
    EXPECT_GT(result.errors, 0) << GetParam().name << " survives";
    EXPECT_NE(result.error, "");
  }
};

}  // namespace ringway::model

#endif  // TESTS_MODEL_SPIN_H_
