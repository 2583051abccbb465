// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/harness/progress.h"

#include <unistd.h>

#include "bench/harness/clock.h"

namespace ringway::bench {
namespace {

constexpr uint64_t kLineEveryNs = 10'000'000'000;  // where lines stay

}  // namespace

Progress::Progress(FILE* stream) : stream_(stream), terminal_(isatty(fileno(stream)) == 1) {}

void Progress::Show(double share, const std::string& what) {
  const uint64_t now_ns = MonotonicNs();
  if (!terminal_ && last_ns_ != 0 && now_ns - last_ns_ < kLineEveryNs) return;
  last_ns_ = now_ns;
  fprintf(stream_, terminal_ ? "\r\033[K%3.0f%%  %.90s" : "%3.0f%%  %s\n", share * 100,
          what.c_str());
  fflush(stream_);
  shown_ = true;
}

void Progress::Clear() {
  if (terminal_ && shown_) fputs("\r\033[K", stream_);
  fflush(stream_);
  shown_ = false;
}

}  // namespace ringway::bench
