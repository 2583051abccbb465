// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// A client in C++: client_cc ./names NAME

#include <cstdio>

#include "docs/examples/calculator/calc_counter_client.h"
#include "docs/examples/calculator/join.h"

namespace {

constexpr uint64_t kConnectTimeoutNs = 10'000'000'000;

void Show(const char* what, long status, const int& result) {
  if (status == RW_EOK) {
    std::printf("%s = %d\n", what, result);
  } else {
    std::printf("%s: error %ld\n", what, status);
  }
}

// It knows nothing of counters, nor of where the object is.
void Calculate(Calc& calc) {
  int result = 0;
  Show("2 + 3", calc.add(2, 3, &result), result);
  Show("2 - 3", calc.subtract(2, 3, &result), result);
  Show("6 * 7", calc.multiply(6, 7, &result), result);
  Show("7 / 0", calc.divide(7, 0, &result), result);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s ENDPOINT NAME\n", argv[0]);
    return 2;
  }
  client_CalcCounter obj;
  long status = JoinNames(argv[1]);
  if (status == RW_EOK) {
    status = ringway::NamesInUse()->Connect(argv[2], &obj.capability(),
                                            ringway::Deadline::In(kConnectTimeoutNs));
  }
  if (status != RW_EOK) {
    std::fprintf(stderr, "%s: no server '%s': error %ld\n", argv[0], argv[2], status);
    return 1;
  }
  Calculate(obj);
  int result = 0;
  Show("counter", obj.increment(&result), result);
  return 0;
}
