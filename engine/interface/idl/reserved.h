// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_INTERFACE_IDL_RESERVED_H_
#define ENGINE_INTERFACE_IDL_RESERVED_H_

#include <string>
#include <string_view>

namespace ringway::idl {

// Why the generated C and C++ cannot have this name; empty if they can.
std::string WhyReserved(std::string_view name);

// Members of the generated C++ classes, which no operation may be called like.
bool IsGeneratedMember(std::string_view name);

}  // namespace ringway::idl

#endif  // ENGINE_INTERFACE_IDL_RESERVED_H_
