// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Something that takes its time, as its parent sees it: it is ended by Intf::Close, with its
// result.

#ifndef RINGWAY_JOB_H_
#define RINGWAY_JOB_H_

#include <cstdint>

#include "ringway/endpoint.h"

namespace ringway {
inline namespace api {

struct JobProgress {
  uint64_t completed = 0;
  uint64_t total = 0;  // 0: not known
};

struct Job : Interface<Job> {
  static constexpr InterfaceId kId = IdOf("ringway.Job");

  static int64_t Unknown(JobProgress& progress) {
    progress = {};
    return RW_EOK;
  }

  using Progress = Method<Job, "progress", long(JobProgress&), Default<&Unknown>>;
  using Rpcs = ringway::Rpcs<Progress>;
};

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_JOB_H_
