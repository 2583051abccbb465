// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The clients and servers of reports.h in C++, and those in C made usable by
// the same tests.

#ifndef TESTS_INTERFACE_IDL_PARTIES_H_
#define TESTS_INTERFACE_IDL_PARTIES_H_

#include <climits>
#include <memory>
#include <string>
#include <utility>

#include "tests/interface/idl/reports.h"
#include "tests/interface/served_node.h"

namespace ringway::testing {

enum class Language { kC, kCpp };

class server_Calc : public ::Calc {
 public:
  long add(int left, int right, int* result) override { return *result = left + right, RW_EOK; }
  long subtract(int left, int right, int* result) override {
    return *result = left - right, RW_EOK;
  }
  long multiply(int left, int right, int* result) override {
    return *result = left * right, RW_EOK;
  }
  long divide(int numerator, int denominator, int* result) override {
    if (denominator == 0 || (denominator == -1 && numerator == INT_MIN)) return -RW_EINVAL;
    return *result = numerator / denominator, RW_EOK;
  }
};

class server_Counter : public ::Counter {
 public:
  long increment(int* result) override {
    counter = counter + 1;
    *result = counter;
    return RW_EOK;
  }
  int counter = 0;
};

// All operations, flat.
class server_CalcCounter : public ::CalcCounter {
 public:
  long add(int left, int right, int* result) override { return calc_.add(left, right, result); }
  long subtract(int left, int right, int* result) override {
    return calc_.subtract(left, right, result);
  }
  long multiply(int left, int right, int* result) override {
    return calc_.multiply(left, right, result);
  }
  long divide(int numerator, int denominator, int* result) override {
    return calc_.divide(numerator, denominator, result);
  }
  long increment(int* result) override { return counter_.increment(result); }

 private:
  server_Calc calc_;
  server_Counter counter_;
};

class server_Kinds : public ::test::idl::Kinds {
 public:
  long numbers(bool flag, char letter, int8_t tiny, uint16_t small, int64_t large, double real,
               int32_t* changed, float* half) override;
  long greet(const char* name, const char* title, std::string* greeting) override;
  long twice(std::span<const int32_t> values, std::span<const uint8_t> few, Array<int32_t>* doubled,
             Array<uint16_t, 8>* widened) override;
  long exchange(Handle given, Handle* back) override;
  long tell(const char* what) override;
  long guarded(int* answer) override;
  long slow() override { return RW_EOK; }

  std::string told;
};

void UseCalc(::Calc& calc, CalcReport* report);
void UseCounter(::Counter& counter, CounterReport* report);
void UseKinds(::test::idl::Kinds& kinds, Node& node, KindsReport* report);

// A capability of C to whatever is behind one of C++.
template <class I>
std::unique_ptr<RingwayCap> InC(const Cap<I>& cap) {
  return std::unique_ptr<RingwayCap>(new RingwayCap{Cap<idl::Anything>(cap.target())});
}

}  // namespace ringway::testing

#endif  // TESTS_INTERFACE_IDL_PARTIES_H_
