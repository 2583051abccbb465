// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The entry points of ipcz/ipcz.h: each checks its arguments, converts them and
// makes one call.

#include "engine/link/link.h"
#include "engine/node/node.h"
#include "engine/portal/portal.h"
#include "ipcz/ipcz.h"

namespace ringway {

namespace {

// The original allows 12, and so does every program written for it.
constexpr size_t kInitialPortals = 12;
static_assert(kInitialPortals <= kInitialPortalsMax);

template <class Options>
bool TakeLimits(const Options* options, PutLimits* limits) {
  if (!options) return true;
  if (options->size < sizeof(Options)) return false;
  if (!options->limits) return true;
  if (options->limits->size < sizeof(IpczPutLimits)) return false;
  limits->parcels = options->limits->max_queued_parcels;
  limits->bytes = options->limits->max_queued_bytes;
  return true;
}

// Apart, so that Put() needs no stack of its own for parcels without handles.
[[gnu::noinline]] IpczResult PutHandles(IpczHandle portal, const void* data, size_t num_bytes,
                                        const IpczHandle* handles, size_t num_handles,
                                        PutLimits limits) {
  PutContents contents;
  contents.data = data;
  contents.num_bytes = num_bytes;
  return PortalPutHandles(portal, contents, handles, num_handles, limits);
}

bool IsGoodDriver(const IpczDriver* d) {
  return d && d->size >= sizeof(IpczDriver) && d->Close && d->Serialize && d->Deserialize &&
         d->CreateTransports && d->ActivateTransport && d->DeactivateTransport && d->Transmit &&
         d->ReportBadTransportActivity && d->AllocateSharedMemory && d->GetSharedMemoryInfo &&
         d->DuplicateSharedMemory && d->MapSharedMemory && d->GenerateRandomBytes;
}

IpczResult IPCZ_API Close(IpczHandle handle, uint32_t, const void*) {
  HandleTable& table = HandleTable::Get();
  HandleKind kind;
  if (!table.KindOf(handle, &kind)) return IPCZ_RESULT_INVALID_ARGUMENT;
  if (kind == HandleKind::kPortal) return PortalClose(handle);
  const Ref<HandleObject> object = table.Remove(handle);
  if (!object) return IPCZ_RESULT_INVALID_ARGUMENT;
  if (kind == HandleKind::kNode) static_cast<Node*>(object.get())->Shutdown();
  return IPCZ_RESULT_OK;
}

IpczResult IPCZ_API CreateNode(const IpczDriver* driver, IpczDriverHandle driver_node,
                               IpczCreateNodeFlags flags, const void* options, IpczHandle* node) {
  if (!node || !IsGoodDriver(driver) || options) return IPCZ_RESULT_INVALID_ARGUMENT;
  if ((flags & ~IPCZ_CREATE_NODE_AS_BROKER) != 0) return IPCZ_RESULT_INVALID_ARGUMENT;
  const bool broker = (flags & IPCZ_CREATE_NODE_AS_BROKER) != 0;
  const IpczHandle handle =
      HandleTable::Get().Add(MakeRef<Node>(MakeRef<DriverPort>(driver, driver_node), broker));
  if (handle == IPCZ_INVALID_HANDLE) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
  *node = handle;
  return IPCZ_RESULT_OK;
}

IpczResult IPCZ_API ConnectNode(IpczHandle node_handle, IpczDriverHandle transport,
                                size_t num_initial_portals, IpczConnectNodeFlags flags,
                                const void* options, IpczHandle* initial_portals) {
  const Ref<Node> node = HandleTable::Get().Lookup<Node>(node_handle);
  if (!node || num_initial_portals == 0 || !initial_portals || options ||
      transport == IPCZ_INVALID_DRIVER_HANDLE) {
    return IPCZ_RESULT_INVALID_ARGUMENT;
  }
  if (num_initial_portals > kInitialPortals) return IPCZ_RESULT_OUT_OF_RANGE;
  uint32_t connect_flags;
  const IpczResult checked = node->ConnectFlags(flags, &connect_flags);
  if (checked != IPCZ_RESULT_OK) return checked;
  std::vector<Ref<RouteEnd>> ends;
  const IpczResult result =
      Link::Connect(node, transport, connect_flags, num_initial_portals, &ends);
  if (result != IPCZ_RESULT_OK) {
    node->ConnectFailed(connect_flags);
    return result;
  }
  for (size_t i = 0; i < num_initial_portals; ++i) initial_portals[i] = ends[i]->Publish();
  return IPCZ_RESULT_OK;
}

IpczResult IPCZ_API OpenPortals(IpczHandle node_handle, uint32_t, const void*, IpczHandle* portal0,
                                IpczHandle* portal1) {
  const Ref<Node> node = HandleTable::Get().Lookup<Node>(node_handle);
  if (!node || !portal0 || !portal1) return IPCZ_RESULT_INVALID_ARGUMENT;
  const Ref<LocalPair> pair = MakeRef<LocalPair>(node->driver());
  Ref<RouteEnd> ends[2] = {RouteEnd::Create(node), RouteEnd::Create(node)};
  for (int side = 0; side < 2; ++side) {
    ends[side]->Bind(MakeRef<Binding>(pair, side));
    pair->SetEnd(side, ends[side]);
  }
  *portal0 = ends[0]->Publish();
  *portal1 = ends[1]->Publish();
  return IPCZ_RESULT_OK;
}

IpczResult IPCZ_API MergePortals(IpczHandle first, IpczHandle second, uint32_t flags,
                                 const void* options) {
  if (flags != IPCZ_NO_FLAGS || options) return IPCZ_RESULT_INVALID_ARGUMENT;
  return PortalMerge(first, second);
}

IpczResult IPCZ_API QueryPortalStatus(IpczHandle portal, uint32_t, const void*,
                                      IpczPortalStatus* status) {
  if (!status || status->size < sizeof(IpczPortalStatus)) return IPCZ_RESULT_INVALID_ARGUMENT;
  return PortalQueryStatus(portal, status);
}

IpczResult IPCZ_API Put(IpczHandle portal, const void* data, size_t num_bytes,
                        const IpczHandle* handles, size_t num_handles, uint32_t flags,
                        const IpczPutOptions* options) {
  PutLimits limits;
  if ((!data && num_bytes != 0) || (!handles && num_handles != 0) || flags != IPCZ_NO_FLAGS ||
      !TakeLimits(options, &limits)) [[unlikely]] {
    return IPCZ_RESULT_INVALID_ARGUMENT;
  }
  if (num_handles == 0) [[likely]]
    return PortalPut(portal, data, num_bytes, limits);
  return PutHandles(portal, data, num_bytes, handles, num_handles, limits);
}

IpczResult IPCZ_API BeginPut(IpczHandle portal, IpczBeginPutFlags flags,
                             const IpczBeginPutOptions* options, size_t* num_bytes, void** data) {
  size_t nothing = 0;
  if (!num_bytes) num_bytes = &nothing;
  PutLimits limits;
  if ((*num_bytes != 0 && !data) || (flags & ~IPCZ_BEGIN_PUT_ALLOW_PARTIAL) != 0 ||
      !TakeLimits(options, &limits)) {
    return IPCZ_RESULT_INVALID_ARGUMENT;
  }
  const bool partial = (flags & IPCZ_BEGIN_PUT_ALLOW_PARTIAL) != 0;
  return PortalBeginPut(portal, partial, limits, num_bytes, data);
}

IpczResult IPCZ_API EndPut(IpczHandle portal, size_t num_bytes_produced, const IpczHandle* handles,
                           size_t num_handles, IpczEndPutFlags flags, const void* options) {
  if ((flags & ~IPCZ_END_PUT_ABORT) != 0) return IPCZ_RESULT_INVALID_ARGUMENT;
  if ((flags & IPCZ_END_PUT_ABORT) != 0) return PortalAbortPut(portal);
  if ((!handles && num_handles != 0) || options) return IPCZ_RESULT_INVALID_ARGUMENT;
  return PortalEndPut(portal, num_bytes_produced, handles, num_handles);
}

IpczResult IPCZ_API Get(IpczHandle portal, IpczGetFlags flags, const void* options, void* data,
                        size_t* num_bytes, IpczHandle* handles, size_t* num_handles,
                        IpczHandle* validator) {
  if ((!data && num_bytes && *num_bytes != 0) || (!handles && num_handles && *num_handles != 0) ||
      (flags & ~IPCZ_GET_PARTIAL) != 0 || options) [[unlikely]] {
    return IPCZ_RESULT_INVALID_ARGUMENT;
  }
  const bool partial = (flags & IPCZ_GET_PARTIAL) != 0;
  return PortalGet(portal, partial, data, num_bytes, handles, num_handles, validator);
}

IpczResult IPCZ_API BeginGet(IpczHandle portal, uint32_t flags, const void* options,
                             const void** data, size_t* num_bytes, size_t* num_handles) {
  if (flags != IPCZ_NO_FLAGS || options) return IPCZ_RESULT_INVALID_ARGUMENT;
  return PortalBeginGet(portal, data, num_bytes, num_handles);
}

IpczResult IPCZ_API EndGet(IpczHandle portal, size_t num_bytes_consumed, size_t num_handles,
                           IpczEndGetFlags flags, const void* options, IpczHandle* handles,
                           IpczHandle* validator) {
  if ((flags & ~IPCZ_END_GET_ABORT) != 0) return IPCZ_RESULT_INVALID_ARGUMENT;
  if ((flags & IPCZ_END_GET_ABORT) != 0) return PortalAbortGet(portal);
  if ((!handles && num_handles != 0) || options) return IPCZ_RESULT_INVALID_ARGUMENT;
  return PortalEndGet(portal, num_bytes_consumed, num_handles, handles, validator);
}

IpczResult IPCZ_API Trap(IpczHandle portal, const IpczTrapConditions* conditions,
                         IpczTrapEventHandler handler, uint64_t context, uint32_t, const void*,
                         IpczTrapConditionFlags* satisfied_condition_flags,
                         IpczPortalStatus* status) {
  if (!conditions || conditions->size < sizeof(IpczTrapConditions) || !handler ||
      (status && status->size < sizeof(IpczPortalStatus))) {
    return IPCZ_RESULT_INVALID_ARGUMENT;
  }
  return PortalTrap(portal, *conditions, handler, context, satisfied_condition_flags, status);
}

IpczResult IPCZ_API Reject(IpczHandle validator_handle, uintptr_t context, uint32_t, const void*) {
  const Ref<Validator> validator = HandleTable::Get().Lookup<Validator>(validator_handle);
  if (!validator) return IPCZ_RESULT_INVALID_ARGUMENT;
  if (!validator->link()) return IPCZ_RESULT_FAILED_PRECONDITION;
  const Link& link = *validator->link();
  link.driver()->table().ReportBadTransportActivity(link.transport_for_reports(), context,
                                                    IPCZ_NO_FLAGS, nullptr);
  return IPCZ_RESULT_OK;
}

IpczResult IPCZ_API Box(IpczHandle node_handle, IpczDriverHandle driver_handle, uint32_t,
                        const void*, IpczHandle* handle) {
  const Ref<Node> node = HandleTable::Get().Lookup<Node>(node_handle);
  if (!node || driver_handle == IPCZ_INVALID_DRIVER_HANDLE || !handle) {
    return IPCZ_RESULT_INVALID_ARGUMENT;
  }
  *handle = HandleTable::Get().Add(MakeRef<ringway::Box>(node->driver(), driver_handle));
  return IPCZ_RESULT_OK;
}

IpczResult IPCZ_API Unbox(IpczHandle handle, IpczUnboxFlags flags, const void*,
                          IpczDriverHandle* driver_handle) {
  const Ref<ringway::Box> box = HandleTable::Get().Lookup<ringway::Box>(handle);
  if (!box || !driver_handle || (flags & ~IPCZ_UNBOX_PEEK) != 0) {
    return IPCZ_RESULT_INVALID_ARGUMENT;
  }
  if ((flags & IPCZ_UNBOX_PEEK) != 0) {
    *driver_handle = box->Peek();
    return IPCZ_RESULT_OK;
  }
  if (!HandleTable::Get().Remove(handle)) return IPCZ_RESULT_INVALID_ARGUMENT;
  *driver_handle = box->Take();
  return IPCZ_RESULT_OK;
}

constexpr IpczAPI kApi = {
    sizeof(IpczAPI),
    &Close,
    &CreateNode,
    &ConnectNode,
    &OpenPortals,
    &MergePortals,
    &QueryPortalStatus,
    &Put,
    &BeginPut,
    &EndPut,
    &Get,
    &BeginGet,
    &EndGet,
    &Trap,
    &Reject,
    &Box,
    &Unbox,
};

}  // namespace

}  // namespace ringway

extern "C" IpczResult IPCZ_API IpczGetAPI(IpczAPI* api) {
  if (!api || api->size < sizeof(IpczAPI)) return IPCZ_RESULT_INVALID_ARGUMENT;
  *api = ringway::kApi;
  return IPCZ_RESULT_OK;
}
