// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef TESTS_SUPPORT_NODE_CALLS_H_
#define TESTS_SUPPORT_NODE_CALLS_H_

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "ipcz/ipcz.h"
#include "ringway/ringway.h"

// The calls of the API that can be made in the process of a node (node_process.h),
// and what their parameters are, so that one piece of code carries them all.

namespace ringway::testing {

enum class ParameterKind {
  kValue,
  kDriver,   // the Linux driver of the process
  kHandle,   // as all handles, one of the process, or none that it knows
  kArray,    // copied in
  kInOut,    // copied in and out
  kOut,      // an array, copied out when the call succeeds
  kHandles,  // an array of them
  kHandlesOut,
  kItems,      // of Wait()
  kParcels,    // of PutMany()
  kOptions,    // with limits
  kTransport,  // as a descriptor; it, and an object, is consumed in any case
  kObject,     // likewise
  kObjectOut,
  kHandler,  // of a trap
  kContext,
  kBuffer,    // of BeginPut(): the caller gets one of its own
  kProduced,  // how much of that EndPut() sends
  kView,      // of BeginGet(): the caller gets a copy
};

// How many elements an array has.
enum class Counted { kOnce, kByArgument, kByPointer };

struct Parameter {
  ParameterKind kind = ParameterKind::kValue;
  size_t width = 1;  // of an element
  Counted counted = Counted::kOnce;
  size_t count_at = 0;  // which argument says so
};

// Whether a reply has bytes, or their absence, for such a parameter.
bool ReturnsBytes(ParameterKind kind);
size_t CountOf(const Parameter& parameter, const uint64_t* arguments);

struct NodeCall {
  std::vector<Parameter> parameters;
  IpczResult (*execute)(const uint64_t* arguments);
};
constexpr size_t kArgumentsMax = 8;

const std::vector<NodeCall>& NodeCalls();

// The engine of this process, whatever Api() and Extensions() are.
template <typename Table>
const Table& Engine();

// The process that a call is for, and the call in it. No process: here.
class NodeProcess;
NodeProcess* ProcessFor(const NodeCall& call, const uint64_t* arguments);
IpczResult CallIn(NodeProcess& process, size_t call, const uint64_t* arguments);

// An entry of a table.
template <auto kMember>
struct Entry;

template <typename Table, typename... Arguments, IpczResult (*Table::*kMember)(Arguments...)>
struct Entry<kMember> {
  static inline size_t number = 0;  // of NodeCalls()

  static IpczResult IPCZ_API Call(Arguments... arguments) {
    const uint64_t raw[] = {ToRaw(arguments)...};
    NodeProcess* const process = ProcessFor(NodeCalls()[number], raw);
    return process ? CallIn(*process, number, raw) : (Engine<Table>().*kMember)(arguments...);
  }
  static IpczResult Execute(const uint64_t* raw) {
    return Execute(raw, std::index_sequence_for<Arguments...>());
  }

 private:
  template <size_t... kIndex>
  static IpczResult Execute(const uint64_t* raw, std::index_sequence<kIndex...>) {
    return (Engine<Table>().*kMember)(FromRaw<Arguments>(raw[kIndex])...);
  }
  template <typename T>
  static uint64_t ToRaw(T argument) {
    if constexpr (std::is_pointer_v<T>) {
      return reinterpret_cast<uint64_t>(argument);
    } else {
      return argument;
    }
  }
  template <typename T>
  static T FromRaw(uint64_t raw) {
    if constexpr (std::is_pointer_v<T>) {
      return reinterpret_cast<T>(raw);
    } else {
      return static_cast<T>(raw);
    }
  }
};

}  // namespace ringway::testing

#endif  // TESTS_SUPPORT_NODE_CALLS_H_
