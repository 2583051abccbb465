// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The spellings of iPXE: a filter written as its documentation writes one, and every other name.

#include "ringway/compat_intf.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace ringway::testing {
namespace {

struct xor_filter : RefCounted {
  explicit xor_filter(std::byte c);
  Endpoint xfer;
  Endpoint backend;
  std::byte xor_constant;
};

int64_t xor_filter_pass(xor_filter* xfilter, Endpoint* to, ArrayRef<const std::byte> data,
                        const XferMetadata& meta) {
  XferBuffer io_buf = xfer_alloc_iob(to, data.size());
  if (!io_buf) return -RW_ENOMEM;
  std::transform(data.begin(), data.end(), io_buf.bytes().begin(),
                 [&](std::byte byte) { return byte ^ xfilter->xor_constant; });
  return xfer_deliver(to, std::move(io_buf), meta);
}
int64_t xor_filter_deliver(xor_filter* xfilter, ArrayRef<const std::byte> data,
                           const XferMetadata& meta) {
  return xor_filter_pass(xfilter, &xfilter->backend, data, meta);
}
int64_t xor_filter_deliver_back(xor_filter* xfilter, ArrayRef<const std::byte> data,
                                const XferMetadata& meta) {
  return xor_filter_pass(xfilter, &xfilter->xfer, data, meta);
}
void xor_filter_close(xor_filter* xfilter, int64_t rc) {
  intfs_shutdown(rc, &xfilter->xfer, &xfilter->backend);
}

constexpr Operation xor_xfer_operations[] = {
    RW_INTF_OP(xfer_deliver, struct xor_filter*, xor_filter_deliver),
    RW_UNUSED_INTF_OP(xfer_window),
    RW_INTF_OP(intf_close, struct xor_filter, xor_filter_close),
};
constexpr const Descriptor& xor_xfer_desc =
    RW_INTF_DESC_PASSTHRU(struct xor_filter*, xfer, xor_xfer_operations, backend);
constexpr Operation xor_backend_operations[] = {
    RW_INTF_OP(xfer_deliver, struct xor_filter*, xor_filter_deliver_back),
    RW_INTF_OP(intf_close, struct xor_filter*, xor_filter_close),
};
constexpr const Descriptor& xor_backend_desc =
    RW_INTF_DESC_PASSTHRU(struct xor_filter*, backend, xor_backend_operations, xfer);

xor_filter::xor_filter(std::byte c)
    : xfer(xor_xfer_desc, this), backend(xor_backend_desc, this), xor_constant(c) {}

int64_t make_xor_filter(Endpoint* xfer, Endpoint* backend, std::byte c) {
  auto* xfilter = new (std::nothrow) xor_filter(c);
  if (!xfilter) return -RW_ENOMEM;
  intf_plug_plug(xfer, &xfilter->xfer);
  intf_plug_plug(backend, &xfilter->backend);
  ref_put(xfilter);
  return 0;
}

struct stream : RefCounted {
  stream();
  ~stream() override { --alive; }
  static inline int alive = 0;
  Endpoint xfer;
  std::string got;
  XferMetadata meta;
  int changes = 0;
  int closed = 0;
  int64_t rc = 1;
};
int64_t stream_deliver(stream* self, ArrayRef<const std::byte> data, const XferMetadata& meta) {
  self->got.append(reinterpret_cast<const char*>(data.data), data.size());
  self->meta = meta;
  return 0;
}
int64_t stream_window(stream*, uint64_t& bytes) { return bytes = 5, 0; }
void stream_changed(stream* self) { ++self->changes; }
int64_t stream_progress(stream*, JobProgress& progress) { return progress = {1, 2}, 0; }
void stream_close(stream* self, int64_t rc) {
  ++self->closed;
  self->rc = rc;
  intf_restart(&self->xfer, rc);
}
constexpr Operation stream_operations[] = {
    RW_INTF_OP(xfer_deliver, stream, stream_deliver),
    RW_INTF_OP(xfer_window, stream, stream_window),
    RW_INTF_OP(xfer_window_changed, stream, stream_changed),
    RW_INTF_OP(job_progress, stream, stream_progress),
    RW_INTF_OP(intf_close, stream, stream_close),
};
constexpr const Descriptor& stream_desc = RW_INTF_DESC(stream, xfer, stream_operations);
stream::stream() : xfer(stream_desc) { ++alive; }

class CompatIntfTest : public ::testing::Test {
 protected:
  ~CompatIntfTest() override {
    intf_shutdown(&a_->xfer, 0);
    intf_shutdown(&b_->xfer, 0);
  }
  const Ref<stream> a_ = MakeRef<stream>();
  const Ref<stream> b_ = MakeRef<stream>();
};

TEST_F(CompatIntfTest, TheFilterOfTheDocumentation) {
  ASSERT_EQ(make_xor_filter(&a_->xfer, &b_->xfer, std::byte{0x20}), 0);
  EXPECT_EQ(xfer_deliver_raw(&a_->xfer, "Hello", 5), 0);
  EXPECT_EQ(b_->got, "hELLO");
  EXPECT_EQ(xfer_deliver_raw(&b_->xfer, "wORLD", 5), 0);
  EXPECT_EQ(a_->got, "World");
  EXPECT_EQ(xfer_window(&a_->xfer), 5u);
  intf_close(&a_->xfer, -RW_EIO);
  EXPECT_EQ(a_->rc, -RW_EIO);
  EXPECT_EQ(b_->rc, -RW_EIO);
  EXPECT_FALSE(a_->xfer.destination());
}

TEST_F(CompatIntfTest, EachMessage) {
  intf_plug_plug(&a_->xfer, &b_->xfer);
  XferMetadata meta;
  meta.device = 9;
  EXPECT_EQ(xfer_deliver_raw_meta(&a_->xfer, "x", 1, meta), 0);
  EXPECT_EQ(b_->meta.device, 9u);
  EXPECT_EQ(xfer_deliver_iob(&a_->xfer, xfer_alloc_iob(&a_->xfer, 2)), 0);
  EXPECT_EQ(b_->got.size(), 3u);
  EXPECT_EQ(xfer_seek(&a_->xfer, 7), 0);
  EXPECT_EQ(b_->meta.offset, 7);
  xfer_window_changed(&a_->xfer);
  EXPECT_EQ(b_->changes, 1);
  JobProgress progress;
  EXPECT_EQ(job_progress(&a_->xfer, &progress), 0);
  EXPECT_EQ(progress.total, 2u);
  const auto c = MakeRef<stream>();
  xfer_vredirect(&a_->xfer, &c->xfer);
  EXPECT_EQ(a_->closed, 1);
  EXPECT_EQ(xfer_deliver_raw(&c->xfer, "y", 1), 0);
  EXPECT_EQ(b_->got.back(), 'y');
  intf_shutdown(&c->xfer, 0);
}

long lone_deliver(Endpoint*, ArrayRef<const std::byte>, const XferMetadata&) { return 0; }
constexpr Operation lone_operations[] = {RW_INTF_OP(xfer_deliver, Endpoint, lone_deliver)};

TEST_F(CompatIntfTest, EachVerb) {
  Endpoint lone(RW_INTF_DESC_PURE(lone_operations));
  intf_plug(&a_->xfer, &lone);
  EXPECT_EQ(xfer_deliver_raw(&a_->xfer, "x", 1), 0);
  intf_unplug(&a_->xfer);
  EXPECT_EQ(xfer_deliver_raw(&a_->xfer, "x", 1), -RW_EPIPE);
  intf_plug_plug(&a_->xfer, &b_->xfer);
  ref_get(b_.get());
  EXPECT_EQ(b_->references(), 2);
  ref_put(b_.get());
  auto filter = MakeRef<xor_filter>(std::byte{1});
  EXPECT_EQ(intf_insert(&a_->xfer, &filter->xfer, &filter->backend), 0);
  EXPECT_EQ(xfer_deliver_raw(&a_->xfer, "b", 1), 0);
  EXPECT_EQ(b_->got, "c");
  intf_nullify(&b_->xfer);
  EXPECT_EQ(xfer_deliver_raw(&a_->xfer, "b", 1), -RW_EPIPE);
  intf_reinit(&b_->xfer);
  EXPECT_EQ(xfer_deliver_raw(&a_->xfer, "b", 1), 0);
  intfs_restart(-RW_EIO, &filter->xfer, &filter->backend);
  EXPECT_EQ(a_->rc, -RW_EIO);
  EXPECT_EQ(b_->rc, -RW_EIO);
}

}  // namespace
}  // namespace ringway::testing
