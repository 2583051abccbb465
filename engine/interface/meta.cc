// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "ringway/meta.h"

#include "ringway/loop.h"
#include "ringway/server.h"

namespace ringway {
inline namespace api {

namespace {

// The object asked is that of the context, so that all objects share one table.
struct MetaHandler {
  long Handle(Meta::NumInterfaces, CallContext& context) {
    return static_cast<long>(context.object().table().interfaces.size());
  }
  long Handle(Meta::InterfaceAt, CallContext& context, uint32_t index, InterfaceId& id) {
    const auto interfaces = context.object().table().interfaces;
    if (index >= interfaces.size()) return -RW_ERANGE;
    id = interfaces[index].id;
    return RW_EOK;
  }
  long Handle(Meta::Supports, CallContext& context, InterfaceId id) {
    for (const InterfaceTable& table : context.object().table().interfaces) {
      if (table.id == id) return 1;
    }
    return 0;
  }
  long Handle(Meta::Clone, CallContext& context, Rights rights, ringway::Handle& portal) {
    if ((rights & ~context.rights()) != 0) return -RW_EPERM;
    Loop* loop = context.object().loop();
    if (!loop) return -RW_EINVAL;
    Admission admission = context.admission();
    admission.rights = rights;
    Result<Portal> opened = loop->Open(context.object(), std::move(admission));
    if (!opened) return ErrorOf(opened.result());
    portal.Reset(opened->Release());
    return RW_EOK;
  }
};

}  // namespace

const MethodEntry* MetaMethod(uint32_t opcode) {
  static constexpr InterfaceTable kTable = {kMetaId, kMethods<MetaHandler, Meta>};
  return kTable.Find(opcode);
}

}  // namespace api
}  // namespace ringway
