// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What every object answers about itself, and the casts that ask it.

#ifndef RINGWAY_META_H_
#define RINGWAY_META_H_

#include "ringway/interface.h"

namespace ringway {
inline namespace api {

struct Meta : Interface<Meta> {
  static constexpr InterfaceId kId = kMetaId;
  // How many interfaces the object has.
  using NumInterfaces = Method<Meta, "num_interfaces", long()>;
  // The id of one of them, from 0; -RW_ERANGE beyond the last.
  using InterfaceAt = Method<Meta, "interface", long(uint32_t, InterfaceId&)>;
  // 1 or 0.
  using Supports = Method<Meta, "supports", long(InterfaceId)>;
  // Another portal to the object, with no more rights than the caller has: -RW_EPERM.
  using Clone = Method<Meta, "clone", long(Rights, Out<Handle>)>;
  using Rpcs = ringway::Rpcs<NumInterfaces, InterfaceAt, Supports, Clone>;
};

const MethodEntry* MetaMethod(uint32_t opcode);

// 1, 0 or an error.
template <class To, class From>
long Supports(const Cap<From>& cap) {
  return cap.template As<Meta>().template Call<Meta::Supports>(To::kId);
}

// A capability to the same object by another of its interfaces; an empty one if
// it does not have that.
template <class To, class From>
Cap<To> CapDynamicCast(const Cap<From>& cap) {
  return Supports<To>(cap) == 1 ? cap.template As<To>() : Cap<To>();
}

// The same without asking.
template <class To, class From>
Cap<To> CapReinterpretCast(const Cap<From>& cap) {
  return cap.template As<To>();
}

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_META_H_
