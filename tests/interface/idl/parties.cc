// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "tests/interface/idl/parties.h"

#include <algorithm>
#include <cstring>

namespace ringway::testing {

long server_Kinds::numbers(bool flag, char letter, int8_t tiny, uint16_t small, int64_t large,
                           double real, int32_t* changed, float* half) {
  // Whatever the bytes of a message are: sums wrap.
  const auto added = static_cast<uint32_t>((flag ? 1 : 0) + letter + tiny + small);
  *changed =
      static_cast<int32_t>(static_cast<uint32_t>(*changed) + added + static_cast<uint32_t>(large));
  *half = static_cast<float>(real / 2);
  return RW_EOK;
}

long server_Kinds::greet(const char* name, const char* title, std::string* greeting) {
  *greeting = "Dear " + std::string(title) + " " + name;
  return RW_EOK;
}

long server_Kinds::twice(std::span<const int32_t> values, std::span<const uint8_t> few,
                         Array<int32_t>* doubled, Array<uint16_t, 8>* widened) {
  if (values.size() > doubled->length || few.size() > widened->length) return -RW_EMSGTOOLONG;
  std::transform(values.begin(), values.end(), doubled->data,
                 [](int32_t v) { return static_cast<int32_t>(2u * static_cast<uint32_t>(v)); });
  std::copy(few.begin(), few.end(), widened->data);
  doubled->length = values.size();
  widened->length = few.size();
  return RW_EOK;
}

long server_Kinds::exchange(Handle given, Handle* back) {
  *back = std::move(given);
  return RW_EOK;
}

long server_Kinds::tell(const char* what) {
  told = what;
  return RW_EOK;
}

long server_Kinds::guarded(int* answer) {
  *answer = 42;
  return RW_EOK;
}

void UseCalc(::Calc& calc, CalcReport* report) {
  *report = {};
  report->status[0] = calc.add(2, 3, &report->result[0]);
  report->status[1] = calc.subtract(2, 3, &report->result[1]);
  report->status[2] = calc.multiply(6, 7, &report->result[2]);
  report->status[3] = calc.divide(7, 2, &report->result[3]);
  report->result[4] = 77;
  report->status[4] = calc.divide(7, 0, &report->result[4]);
}

void UseCounter(::Counter& counter, CounterReport* report) {
  for (int i = 0; i < RW_COUNTER_CALLS; ++i) {
    report->status[i] = counter.increment(&report->result[i]);
  }
}

namespace {

void UseHandles(::test::idl::Kinds& kinds, Node& node, KindsReport* report) {
  auto pair = node.OpenPortals();
  if (!pair) return;
  Portal kept = std::move(pair->second);
  Handle back;
  report->exchange = kinds.exchange(Handle(pair->first.Release()), &back);
  Portal returned(back.Release());
  const std::byte sent{'x'};
  if (returned.Put({&sent, 1}) == IPCZ_RESULT_OK &&
      kept.Wait(Deadline::In(20'000'000'000)) == IPCZ_RESULT_OK) {
    report->through_handle = std::to_integer<char>(kept.Get()->bytes.at(0));
  }
  report->no_handle = kinds.exchange(Handle(), &back);
}

}  // namespace

void UseKinds(::test::idl::Kinds& kinds, Node& node, KindsReport* report) {
  *report = {};
  report->changed = 5;
  report->numbers = kinds.numbers(true, 'a', -1, 2, 3, 4.5, &report->changed, &report->half);

  std::string greeting;
  report->greet = kinds.greet("Ada", "Lady", &greeting);
  std::strncpy(report->greeting, greeting.c_str(), sizeof(report->greeting) - 1);
  report->long_name = kinds.greet("seventeen letters", "", &greeting);
  report->no_name = kinds.greet(nullptr, "", &greeting);
  // Room is made as the interface says, so there is too little for this.
  report->small_room = kinds.greet("Ada", "Countess of a very long name", &greeting);

  const int32_t values[] = {1, 2, 3};
  const uint8_t few[] = {7, 8, 9, 10, 11};
  Array<int32_t> doubled(report->doubled, 4);
  Array<uint16_t, 8> widened(report->widened, 8);
  report->twice = kinds.twice(values, {few, 2}, &doubled, &widened);
  report->doubled_count = doubled.length;
  report->widened_count = widened.length;
  int32_t room[2] = {77, 77};
  uint16_t wide_room[8];
  Array<int32_t> little(room, 2);
  Array<uint16_t, 8> wide(wide_room, 8);
  report->too_many = kinds.twice({values, 1}, few, &little, &wide);
  little.length = 2;
  wide.length = 8;
  report->little_room = kinds.twice(values, {few, 1}, &little, &wide);
  report->kept = room[0];

  UseHandles(kinds, node, report);
  report->tell = kinds.tell("told");
  report->guarded = kinds.guarded(&report->answer);
}

}  // namespace ringway::testing
