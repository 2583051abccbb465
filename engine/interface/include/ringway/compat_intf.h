// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The spellings of iPXE over endpoints: rows of tables and descriptors as macros, verbs as
// functions on pointers. A message `name` is a function that sends it and a type `name_t`, its
// method: as the macros of ringway/compat.h make both.

#ifndef RINGWAY_COMPAT_INTF_H_
#define RINGWAY_COMPAT_INTF_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <type_traits>
#include <utility>

#include "ringway/endpoint.h"
#include "ringway/job.h"
#include "ringway/xfer.h"

// The object is given as a type or, as in iPXE's documentation, as a pointer to one.
#define RW_INTF_OBJECT(object) std::remove_pointer_t<object>

// Rows of a table, which is `static constexpr ringway::Operation name[] = {...}`.
#define RW_INTF_OP(message, object, handler)                                          \
  ([] {                                                                               \
    static_assert(std::is_same_v<RW_INTF_OBJECT(object),                              \
                                 ::ringway::HandlerType<decltype(&handler)>::Object>, \
                  "the handler is one of another object");                            \
    return ::ringway::kOperation<message##_t, &handler>;                              \
  }())
#define RW_UNUSED_INTF_OP(message) ::ringway::kUnusedOperation

// Descriptors: `static constexpr const ringway::Descriptor& name = RW_INTF_DESC(...)`.
#define RW_INTF_DESC(object, interface, operations) \
  (::ringway::kDescriptor<&RW_INTF_OBJECT(object)::interface, operations>)
#define RW_INTF_DESC_PASSTHRU(object, interface, operations, passthru)    \
  (::ringway::kDescriptor<&RW_INTF_OBJECT(object)::interface, operations, \
                          &RW_INTF_OBJECT(object)::passthru>)
#define RW_INTF_DESC_PURE(operations) (::ringway::kPureDescriptor<operations>)

namespace ringway {
inline namespace api {

inline void intf_plug(Endpoint* endpoint, Endpoint* destination) { endpoint->Plug(*destination); }
inline void intf_plug_plug(Endpoint* a, Endpoint* b) { a->PlugPlug(*b); }
inline void intf_unplug(Endpoint* endpoint) { endpoint->Unplug(); }
inline int64_t intf_insert(Endpoint* endpoint, Endpoint* upper, Endpoint* lower) {
  return endpoint->Insert(*upper, *lower);
}
inline void intf_nullify(Endpoint* endpoint) { endpoint->Nullify(); }
inline void intf_reinit(Endpoint* endpoint) { endpoint->Reinit(); }
inline void intf_shutdown(Endpoint* endpoint, int64_t reason) { endpoint->Shutdown(reason); }
inline void intf_restart(Endpoint* endpoint, int64_t reason) { endpoint->Restart(reason); }
template <class... Endpoints>
void intfs_shutdown(int64_t reason, Endpoints*... endpoints) {
  ShutdownAll(reason, {endpoints...});
}
template <class... Endpoints>
void intfs_restart(int64_t reason, Endpoints*... endpoints) {
  RestartAll(reason, {endpoints...});
}

inline void ref_get(RefCounted* object) { object->Hold(); }
inline void ref_put(RefCounted* object) { object->Drop(); }

using intf_close_t = Intf::Close;
inline void intf_close(Endpoint* endpoint, int64_t reason) { endpoint->Close(reason); }

using xfer_deliver_t = Xfer::Deliver;
inline int64_t xfer_deliver(Endpoint* endpoint, XferBuffer buffer, const XferMetadata& metadata) {
  return Deliver(*endpoint, std::move(buffer), metadata);
}
inline int64_t xfer_deliver_iob(Endpoint* endpoint, XferBuffer buffer) {
  return Deliver(*endpoint, std::move(buffer));
}
inline int64_t xfer_deliver_raw_meta(Endpoint* endpoint, const void* data, size_t length,
                                     const XferMetadata& metadata) {
  return Deliver(*endpoint, std::span(static_cast<const std::byte*>(data), length), metadata);
}
inline int64_t xfer_deliver_raw(Endpoint* endpoint, const void* data, size_t length) {
  return xfer_deliver_raw_meta(endpoint, data, length, {});
}
using xfer_window_t = Xfer::Window;
inline uint64_t xfer_window(Endpoint* endpoint) { return Window(*endpoint); }
using xfer_window_changed_t = Xfer::WindowChanged;
inline void xfer_window_changed(Endpoint* endpoint) { endpoint->Call<Xfer::WindowChanged>(); }
using xfer_alloc_iob_t = Xfer::AllocBuffer;
inline XferBuffer xfer_alloc_iob(Endpoint* endpoint, size_t length) {
  return AllocXferBuffer(*endpoint, length);
}
using xfer_vredirect_t = Plugging::Redirect;
inline void xfer_vredirect(Endpoint* endpoint, Endpoint* peer) {
  endpoint->Call<Plugging::Redirect>(peer->cap<Plugging>());
}
inline int64_t xfer_seek(Endpoint* endpoint, int64_t offset) { return Seek(*endpoint, offset); }

using job_progress_t = Job::Progress;
inline int64_t job_progress(Endpoint* endpoint, JobProgress* progress) {
  return endpoint->Call<Job::Progress>(*progress);
}

}  // namespace api
}  // namespace ringway

#endif  // RINGWAY_COMPAT_INTF_H_
