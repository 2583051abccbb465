// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// A method for each kind of parameter, and its server.

#ifndef TESTS_INTERFACE_KINDS_H_
#define TESTS_INTERFACE_KINDS_H_

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <numeric>
#include <string>
#include <type_traits>

#include "tests/interface/calc.h"

namespace ringway::testing {

struct Point {
  int64_t x;
  int64_t y;
  bool operator==(const Point&) const = default;
};

inline constexpr size_t kMax = 8;
inline constexpr size_t kRefMax = 100'000;

struct Kinds : Interface<Kinds> {
  static constexpr InterfaceId kId = IdOf("ringway.test.Kinds");
  using Values = Method<Kinds, "values", long(bool, char, double, Point, Point&)>;
  using ConstRef = Method<Kinds, "const_ref", long(const Point&, Point&)>;
  using ConstPointer = Method<Kinds, "const_pointer", long(const char*, char&)>;
  using OutRef = Method<Kinds, "out_ref", long(int, int&)>;
  using OutPointer = Method<Kinds, "out_pointer", long(int, int*)>;
  using InOutRef = Method<Kinds, "in_out_ref", long(InOut<int&>)>;
  using InOutPointer = Method<Kinds, "in_out_pointer", long(InOut<int*>)>;
  using CapIn = Method<Kinds, "cap_in", long(Cap<Calc>, int&)>;
  using CapOut = Method<Kinds, "cap_out", long(int, Out<Cap<Calc>>)>;
  using ArrayIn = Method<Kinds, "array_in", long(Array<const int, kMax>, Array<const char>, int&)>;
  using ArrayBuf = Method<Kinds, "array_buf", long(ArrayInBuf<int, kMax>, int&)>;
  using ArrayOut = Method<Kinds, "array_out", long(int, Array<int>&, Array<char>&, int&)>;
  using RefIn = Method<Kinds, "ref_in", long(int, ArrayRef<const int>, int&)>;
  using RefOut = Method<Kinds, "ref_out", long(int, ArrayRef<int, kRefMax>&)>;
  using OptIn = Method<Kinds, "opt_in", long(int, Opt<int>, Opt<const int*>, int, Array<int>&)>;
  using OptOut = Method<Kinds, "opt_out", long(int, Opt<int&>, Opt<int*>, int&)>;
  using OptRef = Method<Kinds, "opt_ref", long(int, Opt<ArrayRef<int>&>)>;
  using Text = Method<Kinds, "text", long(String<>, Array<char>&)>;
  using Rpcs = ringway::Rpcs<Values, ConstRef, ConstPointer, OutRef, OutPointer, InOutRef,
                             InOutPointer, CapIn, CapOut, ArrayIn, ArrayBuf, ArrayOut, RefIn,
                             RefOut, OptIn, OptOut, OptRef, Text>;
};

class KindsServer : public Server<KindsServer, Kinds> {
 public:
  long Handle(Kinds::Values, CallContext&, bool a, char b, double c, Point d, Point& out) {
    out = {Sum(d.x, int64_t{a} + b), Sum(d.y, static_cast<int64_t>(c))};
    return 0;
  }
  long Handle(Kinds::ConstRef, CallContext&, const Point& in, Point& out) {
    out = in;
    return 0;
  }
  long Handle(Kinds::ConstPointer, CallContext&, const char& in, char& out) {
    out = in;
    return 0;
  }
  long Handle(Kinds::OutRef, CallContext&, int status, int& out) {
    out = 42;
    return status;
  }
  long Handle(Kinds::OutPointer, CallContext&, int status, int& out) {
    out = 42;
    return status;
  }
  long Handle(Kinds::InOutRef, CallContext&, int& value) { return value = Sum(value, 1), 0; }
  long Handle(Kinds::InOutPointer, CallContext&, int& value) { return value = Sum(value, 1), 0; }
  long Handle(Kinds::CapIn, CallContext&, Cap<Calc> calc, int& sum) {
    return calc.Call<Calc::Add>(20, 3, sum);
  }
  long Handle(Kinds::CapOut, CallContext&, int what, Cap<Calc>& out) {
    if (what != 0) out = calc_.cap();
    return what == 2 ? -RW_EIO : 0;
  }
  long Handle(Kinds::ArrayIn, CallContext&, ArrayRef<const int> in, ArrayRef<const char> text,
              int& sum) {
    sum = SumOf(in);
    return static_cast<long>(in.size() * 100 + text.size());
  }
  long Handle(Kinds::ArrayBuf, CallContext&, const ArrayInBuf<int, kMax>& in, int& sum) {
    sum = SumOf(in);
    return static_cast<long>(in.size());
  }
  long Handle(Kinds::ArrayOut, CallContext&, int count, ArrayRef<int>& out, ArrayRef<char>& text,
              int& after) {
    static constexpr char kOwn[] = "own storage";
    if (!Fill(out, count)) return -RW_EMSGTOOLONG;
    text.data = const_cast<char*>(kOwn);
    text.length = sizeof(kOwn);
    after = 7;
    return 0;
  }
  long Handle(Kinds::RefIn, CallContext&, int factor, ArrayRef<const int> in, int& sum) {
    ++ref_in_calls;
    sum = static_cast<int>(static_cast<unsigned>(factor) * static_cast<unsigned>(SumOf(in)));
    return static_cast<long>(in.size());
  }
  long Handle(Kinds::RefOut, CallContext&, int count, ArrayRef<int>& out) {
    // Too many are the layer's to refuse.
    if (!Fill(out, count)) out.length = static_cast<size_t>(count);
    return 0;
  }
  long Handle(Kinds::OptIn, CallContext&, int a, int b, int c, int d, ArrayRef<int>& out) {
    const std::array<int, 4> all = {a, b, c, d};
    if (out.capacity < all.size()) return -RW_EMSGTOOLONG;
    std::copy(all.begin(), all.end(), out.data);
    out.length = all.size();
    return 0;
  }
  long Handle(Kinds::OptOut, CallContext&, int which, Opt<int>& a, Opt<int>& b, int& c) {
    if ((which & 1) != 0) a = 10;
    if ((which & 2) != 0) b = 20;
    c = 30;
    return 0;
  }
  long Handle(Kinds::OptRef, CallContext&, int count, Opt<ArrayRef<int>>& out) {
    if (count < 0) return 0;
    ArrayRef<int>& array = out.Set();
    if (!Fill(array, count)) return -RW_EMSGTOOLONG;
    return 0;
  }
  long Handle(Kinds::Text, CallContext&, String<> in, ArrayRef<char>& out) {
    const size_t length = std::string(in.data).size();
    if (length > out.capacity) return -RW_EMSGTOOLONG;
    out.length = length;
    std::copy_n(in.data, out.length, out.data);
    return static_cast<long>(in.length);
  }

  CalcServer calc_;
  std::atomic<int> ref_in_calls = 0;

 private:
  // Whatever the bytes of a message are: they wrap.
  template <class T>
  static T Sum(T a, T b) {
    using Unsigned = std::make_unsigned_t<T>;
    return static_cast<T>(static_cast<Unsigned>(a) + static_cast<Unsigned>(b));
  }
  template <class Range>
  static int SumOf(const Range& range) {
    return static_cast<int>(std::accumulate(range.begin(), range.end(), 0u));
  }
  static bool Fill(ArrayRef<int>& out, int count) {
    if (static_cast<size_t>(count) > out.capacity) return false;
    std::iota(out.data, out.data + count, 0);
    out.length = static_cast<size_t>(count);
    return true;
  }
};

}  // namespace ringway::testing

#endif  // TESTS_INTERFACE_KINDS_H_
