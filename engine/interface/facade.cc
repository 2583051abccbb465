// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "ringway/facade.h"

#include <algorithm>

namespace ringway {
inline namespace api {

void AllowList::Allow(const MethodKey& from, Target to, const MethodKey& as) {
  passages_.insert_or_assign(from, Passage{std::move(to), as});
}

Target AllowList::Route(MethodKey& key) const {
  const auto found = passages_.find(key);
  if (found == passages_.end()) return Target();
  key = found->second.as;
  return found->second.to;
}

Facade::Facade() : Served(&table_, this) {}

void Facade::Allow(const MethodKey& from, Target to, const MethodKey& as) {
  list_.Allow(from, std::move(to), as);
  const auto is_known = [&](const InterfaceTable& table) { return table.id == from.interface; };
  if (std::none_of(interfaces_.begin(), interfaces_.end(), is_known)) {
    interfaces_.push_back({from.interface, {}});
  }
  table_ = {interfaces_};
}

}  // namespace api
}  // namespace ringway
