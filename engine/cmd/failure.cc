// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/cmd/failure.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <utility>

#include "engine/cmd/api.h"

namespace ringway::cmd {

namespace {

struct LinkError {
  std::mutex mutex;
  std::string text;
};

LinkError& LastLinkError() {
  static LinkError* const error = new LinkError;  // outlives the reactor's thread
  return *error;
}

void IPCZ_API OnLog(int severity, const char* text, void*) {
  if (severity < RINGWAY_LOG_ERROR) return;
  LinkError& error = LastLinkError();
  const std::lock_guard lock(error.mutex);
  error.text = text;
}

}  // namespace

void Fail(const std::string& what, const std::string& why, const std::string& what_to_try,
          int exit_status) {
  static std::atomic_flag failing;
  while (failing.test_and_set()) pause();
  std::string line = "ringway: " + what + ": " + why;
  if (!what_to_try.empty()) line += " (" + what_to_try + ")";
  std::replace(line.begin(), line.end(), '\n', ' ');
  line += '\n';
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
  _exit(exit_status);
}

void Fail(const std::string& what, const Failure& failure) {
  Fail(what, failure.why, failure.what_to_try);
}

void FailCall(const std::string& what, IpczResult result) {
  Fail(what, std::string("the engine answered ") + NameOf(result),
       "this is a fault in Ringway; please report it");
}

const char* NameOf(IpczResult result) {
  static constexpr std::array<const char*, 16> kNames = {
      "OK",
      "CANCELLED",
      "UNKNOWN",
      "INVALID_ARGUMENT",
      "DEADLINE_EXCEEDED",
      "NOT_FOUND",
      "ALREADY_EXISTS",
      "PERMISSION_DENIED",
      "RESOURCE_EXHAUSTED",
      "FAILED_PRECONDITION",
      "ABORTED",
      "OUT_OF_RANGE",
      "UNIMPLEMENTED",
      "INTERNAL",
      "UNAVAILABLE",
      "DATA_LOSS",
  };
  const auto index = static_cast<size_t>(result);
  return index < kNames.size() ? kNames[index] : "an unknown result";
}

void RememberLinkErrors() { Ringway().SetLogHandler(&OnLog, nullptr); }

std::string TakeLinkError() {
  LinkError& error = LastLinkError();
  const std::lock_guard lock(error.mutex);
  return std::exchange(error.text, std::string());
}

}  // namespace ringway::cmd
