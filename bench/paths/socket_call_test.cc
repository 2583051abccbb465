// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What goes wrong; bench_smoke_test has the calls that do not.

#include "bench/paths/socket_call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "bench/harness/fail.h"
#include "bench/harness/roles.h"

namespace ringway::bench {
namespace {

struct Library {
  const SocketCall& call;
  KernelWait wait;
  std::string says;
};

class SocketCallTest : public testing::TestWithParam<Library> {};

TEST_P(SocketCallTest, FailsOnceTheConnectionHasEnded) {
  const Library& library = GetParam();
  StreamFds ends;
  const Role call = [&] {
    const UniqueFd socket = ends.Take(Side::kFirst);
    library.call.use(socket, library.wait, [&](const AddCall& add) {
      if (add(1, 2) != 3) Fail("the sum is wrong");
      ShutDown(socket);
      add(3, 4);
    });
  };
  const Role serve = [&] {
    library.call.serve(ends.Take(Side::kSecond), library.wait);
    Meet();
  };
  EXPECT_THAT(RunRoles({call, serve}, 60'000'000'000),
              testing::StartsWith("process 0: " + library.says));
}

INSTANTIATE_TEST_SUITE_P(Libraries, SocketCallTest,
                         testing::Values(Library{kCapnpCall, KernelWait::kPark, "Cap'n Proto: "},
                                         Library{kCapnpCall, KernelWait::kPoll, "Cap'n Proto: "},
                                         Library{kSdBusCall, KernelWait::kPark, "sd-bus: "},
                                         Library{kSdBusCall, KernelWait::kPoll, "sd-bus: "}));

}  // namespace
}  // namespace ringway::bench
