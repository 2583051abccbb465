// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/options.h"

#include <cstdlib>
#include <string_view>

namespace ringway::driver {
namespace {

std::string_view Variable(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? std::string_view() : std::string_view(text);
}

BackEnd BackEndNamed(std::string_view name) {
  if (name == "epoll") return BackEnd::kEpoll;
  if (name == "io_uring") return BackEnd::kIoUring;
  if (name == "io_uring_futex") return BackEnd::kIoUringFutex;
  if (name == "futex") return BackEnd::kFutex;
  if (name == "socket") return BackEnd::kSocket;
  return BackEnd::kAuto;
}

}  // namespace

Options::Options() {
  const std::string_view name = Variable("RINGWAY_DRIVER_BACK_END");
  back_end = BackEndNamed(name.empty() ? Variable("RINGWAY_REACTOR") : name);
  const std::string_view spin_us = Variable("RINGWAY_DRIVER_SPIN_US");
  if (spin_us == "always") {
    spin_ns = SpinBudget::kAlways;
  } else if (!spin_us.empty()) {
    spin_ns = std::strtoul(spin_us.data(), nullptr, 10) * 1000;
  }
  const std::string_view sqpoll_ms = Variable("RINGWAY_DRIVER_SQPOLL_MS");
  if (!sqpoll_ms.empty()) {
    sqpoll_idle_ms = static_cast<uint32_t>(std::strtoul(sqpoll_ms.data(), nullptr, 10));
  }
}

Options::Options(const Options& parent)
    : back_end(parent.back_end.load()),
      spin_ns(parent.spin_ns.load()),
      sqpoll_idle_ms(parent.sqpoll_idle_ms.load()),
      upgrade_after(parent.upgrade_after.load()),
      is_memory_refused(parent.is_memory_refused.load()) {}

}  // namespace ringway::driver
