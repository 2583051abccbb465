#!/usr/bin/env bash
# Installs the Debian packages that are missing; does nothing, and needs no network, when all are there.
# Sourced by tests/run and bench/run.
set -euo pipefail

# A bare environment has no HOME, and both Bazel and its disk cache live under it.
: "${HOME:=$(getent passwd "$EUID" | cut -d: -f6)}"
export HOME

# Bazel talks to its server over the loopback, which is down in a fresh network namespace (`unshare -rn`).
ip link set lo up 2>/dev/null || true

ringway_setup() {
  local packages=(
    bazel-bootstrap bazel-platforms bazel-rules-cc bazel-rules-java bazel-rules-proto bazel-skylib
    capnproto clang clang-format clang-tidy g++ git iproute2 python3 spin strace
    libbenchmark-dev libboost-dev libcapnp-dev libcli11-dev libgmock-dev libgtest-dev liburing-dev
    libseccomp-dev libsystemd-dev libxxhash-dev nlohmann-json3-dev relacy-dev
  )
  local sudo=() missing=() package present
  present=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${packages[@]}" 2>/dev/null || true)
  for package in "${packages[@]}"; do
    grep -qx "$package installed" <<<"$present" || missing+=("$package")
  done
  ((${#missing[@]})) || return 0

  ((EUID == 0)) || sudo=(sudo)
  echo "ringway: setup: installing ${missing[*]}" >&2
  "${sudo[@]}" apt-get -qq update
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq install --no-install-recommends "${missing[@]}" >/dev/null
}

ringway_setup
